#!/usr/bin/python3
"""Measures what docs/reports tells, writes one JSON, and fills figures, tables and pictures from it.

    reports.py             measure, write data and documents (a quarter of an hour)
    reports.py --render    the documents anew from the data that is there
    reports.py --check     are the documents what the data says?

Exit status: 0 done, 1 something is not what it must be or could not be measured, 64 usage, 69 nothing could
be measured here.
"""

import json
import os
import sys
from pathlib import Path

sys.dont_write_bytecode = True  # the source tree stays as it was

import setups
from setups import ROOT, Tools, Unavailable  # setups brings the modules of tests/perf
from command_line import EXIT_UNAVAILABLE, Parser, run_as_program, say

import documents
import measuring

REPORTS = ROOT / "docs/reports"
DATA = "data/measured.json"


def parse_arguments(arguments):
    parser = Parser(description="Measures what docs/reports tells, and writes it.")
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--quick", action="store_true",
                      help="under a minute: shows that all of it runs; its figures mean nothing, and it "
                      "writes nothing unless told where")
    kind.add_argument("--render", action="store_true", help="do not measure, write the documents")
    kind.add_argument("--check", action="store_true",
                      help="do not measure or write; say which documents are not what they must be")
    parser.add_argument("--output", type=Path, metavar="DIRECTORY",
                        help="where to write instead of docs/reports")
    parser.add_argument("--programs", type=Path, metavar="DIRECTORY", default=ROOT / "build/release",
                        help="where turnomatic and turnomatic-bench are (build/release)")
    parser.add_argument("--condition", action="append", default=[], metavar="TEXT",
                        help="what a reader must know of the circumstances, for the documents; repeat it")
    return parser.parse_args(arguments)


def tools_of(chosen):
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        raise Unavailable("two cores are needed, one for the server and one for the generator")
    built = chosen.programs.resolve()
    # An executable of another build tree will do for the server, not for what only this tree has.
    found = Tools(built / "turnomatic", built / "turnomatic-bench",
                  helper(built, "floor", "tests/perf"),
                  helper(built, "delay_proxy", "tests/perf/reports"), tuple(cores[:2]))
    for program in (found.server, found.bench, found.floor, found.delay):
        if not os.access(program, os.X_OK):
            raise Unavailable(f"{program} is not built (make reports builds it)")
    for program in ("redis-server", "haproxy", "taskset"):
        try:
            setups.pair.find(program)
        except setups.programs.StartFailed as missing:
            raise Unavailable(str(missing)) from None
    return found


def helper(built, name, directory):
    return built / directory / name


def write(directory, contents):
    """{path below the directory: text}; each file whole or as it was."""
    for name, text in contents.items():
        file = directory / name
        file.parent.mkdir(parents=True, exist_ok=True)
        partial = file.with_name(f".{file.name}.partial")
        partial.write_text(text)
        partial.replace(file)


def check(directory):
    stale = documents.stale(REPORTS, directory, json.loads((directory / DATA).read_text()))
    for each in stale:
        say(f"reports: {each}")
    return 1 if stale else 0


def measured(chosen):
    plan = measuring.QUICK if chosen.quick else measuring.WHOLE
    command = "make reports" + (" REPORT_ARGS=--quick" if chosen.quick else "")
    return measuring.measure(tools_of(chosen), plan, chosen.condition, command)


def main(arguments):
    chosen = parse_arguments(arguments)
    directory = chosen.output or REPORTS
    try:
        if chosen.check:
            return check(directory)
        if chosen.render:
            document = json.loads((directory / DATA).read_text())
        else:
            document = measured(chosen)
        contents = documents.render(REPORTS, document)
        if chosen.output or not chosen.quick:
            write(directory, {DATA: json.dumps(document, indent=1) + "\n", **contents})
            say(f"written to {directory}")
    except Unavailable as reason:
        say(f"reports: {reason}")
        return EXIT_UNAVAILABLE
    except (OSError, KeyError, ValueError, measuring.bench.BenchError, documents.BadText) as problem:
        say(f"reports: {type(problem).__name__}: {problem}")
        return 1
    return 1 if documents.problems(document) else 0


if __name__ == "__main__":
    run_as_program(main)
