"""The command line of tests that are told which server to start."""

import argparse
import sys
from pathlib import Path


def server_and_arguments(description):
    """The binary that --server names, and what is left, for unittest.main."""
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument("--server", required=True, type=Path)
    known, others = parser.parse_known_args()
    return known.server.resolve(), [sys.argv[0], *others]
