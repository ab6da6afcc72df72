#!/usr/bin/python3
"""Compares turnomatic-bench, its proof included, with wrk as a generator of load: requests a second
from one core and CPU time per request, in paired rounds against one server on another core.

Exit status: 0 measured, 1 a round went wrong, 64 usage, 69 nothing could be measured here.
"""

import json
import resource
import statistics
import sys
from pathlib import Path

sys.dont_write_bytecode = True  # the source tree stays as it was

import contender
import contenders
import measure
import process
import report
import wrk
from command_line import EXIT_UNAVAILABLE, Parser, run_as_program, say, whole

ROOT = Path(__file__).resolve().parents[2]
CONNECTIONS = 64
OURS, WRK = "turnomatic-bench", "wrk"


def our_requests(output):
    document = json.loads(output)
    if document["proof"]["conclusion"] != "proven":
        raise ValueError(f"the run was not proven: {document['proof']}")
    return document["load"]["turns"]


def wrk_requests(output):
    parsed = wrk.parse(output)
    if parsed["errors"]:
        raise ValueError("; ".join(parsed["errors"]))
    return parsed["requests"]


def generators(binary, port, seconds):
    url = f"http://127.0.0.1:{port}"
    return {WRK: (wrk.command(f"{url}/turno/bench", CONNECTIONS, seconds), wrk_requests),
            OURS: ([str(binary), "run", url, "--connections", str(CONNECTIONS), "--duration",
                    f"{seconds}s", "--json"], our_requests)}


def children_cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def drive(command, read, core, seconds):
    """Requests a second and CPU microseconds per request of one generator."""
    before = children_cpu_seconds()
    output = process.run(command, {core}, seconds + 30)
    requests = read(output)
    return {"rate": requests / seconds,
            "cpu_us": (children_cpu_seconds() - before) / requests * 1e6}


def ratios(rounds, figure):
    return [each[OURS][figure] / each[WRK][figure] for each in rounds]


def rows(rounds):
    lines = []
    for name in (WRK, OURS):
        lines.append([name, *(report.number(statistics.median(each[name][figure]
                                                              for each in rounds), digits)
                              for figure, digits in (("rate", 0), ("cpu_us", 2)))])
    found = [ratios(rounds, figure) for figure in ("rate", "cpu_us")]
    lines.append(["ratio", *(f"{statistics.median(each):.2f} ({min(each):.2f}-{max(each):.2f})"
                             for each in found)])
    return lines


def parse_arguments(arguments):
    parser = Parser(description="Compares turnomatic-bench with wrk.")
    parser.add_argument("--binaries", type=Path, default=ROOT / "build/release",
                        help="the directory with turnomatic and turnomatic-bench")
    parser.add_argument("--rounds", type=whole, default=9)
    parser.add_argument("--duration", type=whole, default=3, help="seconds a measurement (3)")
    return parser.parse_args(arguments)


def main(arguments):
    chosen = parse_arguments(arguments)
    server = contenders.Turnomatic(binary=(chosen.binaries / "turnomatic").resolve())
    binary = (chosen.binaries / OURS).resolve()
    try:
        contender.find_program(WRK, WRK)
        contender.require_binary(binary)
        server.version()
        cores = measure.two_cores()
        if cores is None:
            raise contender.Unavailable("server and generator need a core each")
        server_core, own_core = cores
        rounds = []
        with process.running(server, {server_core}) as running:
            known = generators(binary, running.port, chosen.duration)
            for number in range(chosen.rounds):
                order = sorted(known, reverse=number % 2 == 1)
                rounds.append({name: drive(*known[name], own_core, chosen.duration)
                               for name in order})
                say(f"generators {number + 1} of {chosen.rounds}")
    except contender.Unavailable as reason:
        say(f"generators: {reason}")
        return EXIT_UNAVAILABLE
    except (process.StartError, wrk.WrkError, ValueError) as error:
        say(f"generators: {error}")
        return 1
    print(f"Generators on one core, {CONNECTIONS} connections, one id, medians of "
          f"{len(rounds)} paired rounds\n")
    print(report.text_table(["generator", "requests/s", "CPU µs/request"], rows(rounds)))
    return 0


if __name__ == "__main__":
    run_as_program(main)
