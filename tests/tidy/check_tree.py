#!/usr/bin/python3
"""Checks what a reviewer should not have to say: layers, sizes, names, links.

Runs from anywhere; prints file:line: message. Exit status: 0 nothing found, 1 something found.
"""

import sys
from pathlib import Path

sys.dont_write_bytecode = True  # the source tree stays as it was

import bench_rooms
import class_size
import dead_names
import documents
import layers
import operator_names
import source_tree
import sources
import texts

ROOT = Path(__file__).resolve().parents[2]
CHECKS = (layers.CHECKS + bench_rooms.CHECKS + sources.CHECKS + texts.CHECKS + documents.CHECKS +
          operator_names.CHECKS + dead_names.CHECKS + class_size.CHECKS)


def findings_of(tree):
    return sorted(finding for check in CHECKS for finding in check(tree))


def main():
    tree = source_tree.read_tree(ROOT)
    if "CMakeLists.txt" not in tree:
        print("check_tree: no source tree here", file=sys.stderr)
        return 1
    try:
        findings = findings_of(tree)
    except FileNotFoundError as error:
        print(f"check_tree: needs {error.filename}, of the package universal-ctags",
              file=sys.stderr)
        return 1
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
