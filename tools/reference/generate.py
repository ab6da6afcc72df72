#!/usr/bin/python3
"""Writes the manual pages, the completions and the configuration file that is installed.

    generate.py --configuration FILE --output DIRECTORY SERVER_JSON BENCH_JSON
"""

import argparse
import gzip
import re
import shutil
from pathlib import Path

import bash_completion
import fish_completion
import manual_pages
import zsh_completion
from command_lines import read_bench, read_server

HEADER = """\
# The configuration of turnomatic. What is commented out is the default: take the # off what you
# change, and leave the rest, so that a later version may come with better defaults.
#
# `turnomatic --config FILE --check-config` finds mistakes, `systemctl reload turnomatic` applies what
# is "live", the rest needs `systemctl restart turnomatic`. A variable of the environment beats this
# file. turnomatic.toml(5) describes every key.
"""


def commented_out(configuration):
    """The shipped file with every key a comment. Otherwise a file that somebody has changed would hold
    on to all defaults of its day, and name keys that a later version does not know any more."""
    body = configuration.partition("\n\n")[2]
    return HEADER + "\n" + re.sub(r"^(?=\w+ = )", "#", body, flags=re.MULTILINE)


def files_of(server, bench, configuration):
    """{path: text}."""
    files = {"man/turnomatic.1": manual_pages.of_server(server),
             "man/turnomatic.toml.5": manual_pages.of_configuration(server),
             "man/turnomatic-bench.1": manual_pages.of_bench(bench),
             "turnomatic.toml": commented_out(configuration)}
    for program in (server, bench):
        files[f"bash/{program.name}"] = bash_completion.of(program)
        files[f"zsh/_{program.name}"] = zsh_completion.of(program)
        files[f"fish/{program.name}.fish"] = fish_completion.of(program)
    return files


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--configuration", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("server", type=Path)
    parser.add_argument("bench", type=Path)
    order = parser.parse_args()
    files = files_of(read_server(order.server), read_bench(order.bench),
                     order.configuration.read_text())
    shutil.rmtree(order.output, ignore_errors=True)
    for name, text in files.items():
        path = order.output / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        if path.parent.name == "man":
            # As Debian wants them, and the same bytes at any time.
            path.with_name(path.name + ".gz").write_bytes(
                gzip.compress(text.encode(), compresslevel=9, mtime=0))


if __name__ == "__main__":
    main()
