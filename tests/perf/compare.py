#!/usr/bin/python3
"""Compares the server with the floor and with its peers. docs/benchmarks/README.md is its manual.

Exit status: 0 measured, 1 the floor or the server was not measured or a round was invalid,
64 usage, 69 nothing could be measured here.
"""

import datetime
import json
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

sys.dont_write_bytecode = True  # the source tree stays as it was

import chart
import contenders
import measure
import report
import scenarios
import summary
from command_line import EXIT_UNAVAILABLE, Parser, names, run_as_program, say, whole
from contender import Unavailable

ROOT = Path(__file__).resolve().parents[2]
REQUIRED = (summary.FLOOR, summary.SERVER)
QUICK_DIVISOR = 20


def parse_arguments(arguments):
    known_contenders = [each.name for each in contenders.all_contenders(Path(), Path(), [])]
    known_scenarios = [each.name for each in scenarios.ALL]
    parser = Parser(description="Compares the server with the floor and with its peers.")
    parser.add_argument("--server", type=Path, default=ROOT / "build/release/turnomatic",
                        help="the turnomatic binary")
    parser.add_argument("--server-arg", action="append", default=[], metavar="ARG",
                        help="one more argument for turnomatic (repeat it; --server-arg=--flag)")
    parser.add_argument("--tools", type=Path, default=ROOT / "build/release/tests/perf",
                        help="the directory with floor and fill_counters")
    parser.add_argument("--contenders", type=names(known_contenders), default=known_contenders,
                        metavar="A,B", help=", ".join(known_contenders))
    parser.add_argument("--scenario", type=names(known_scenarios), default=known_scenarios,
                        metavar="A,B", help=", ".join(known_scenarios))
    parser.add_argument("--rounds", type=whole,
                        help=f"rounds of each scenario ({scenarios.ROUNDS_HEADLINE} of the "
                        f"first, {scenarios.ROUNDS} of the others)")
    parser.add_argument("--duration", type=whole, help="seconds a measurement (2)")
    parser.add_argument("--warmup", type=whole, help="seconds of load before it (1)")
    parser.add_argument("--quick", action="store_true",
                        help="2 rounds of 1 s and less memory: shows that all of it runs")
    parser.add_argument("--verify", action="store_true",
                        help="only check that every contender answers as it must")
    parser.add_argument("--output", type=Path,
                        help="directory for latest.json, .md and .svg (docs/benchmarks for a "
                        "whole run; a quick or partial one writes nothing unless told where)")
    chosen = parser.parse_args(arguments)
    chosen.whole = (not chosen.quick and chosen.contenders == known_contenders
                    and chosen.scenario == known_scenarios
                    and (chosen.rounds or scenarios.ROUNDS) >= scenarios.ROUNDS)
    return chosen


def output_directory(chosen, examined):
    """Where to write, or None: only a whole run in which floor and server took part may replace
    the documents without being told to."""
    complete = chosen.whole and not any(examined[name]["skipped"] for name in REQUIRED)
    return chosen.output or (ROOT / "docs/benchmarks" if complete else None)


def settings_of(chosen, cores):
    return measure.Settings(
        fill_binary=chosen.tools.resolve() / "fill_counters",
        cores=cores,
        duration=chosen.duration or (1 if chosen.quick else 2),
        warmup=chosen.warmup or 1,
        rounds=chosen.rounds or (2 if chosen.quick else None),
        divisor=QUICK_DIVISOR if chosen.quick else 1)


def command_output(command):
    try:
        return subprocess.run(command, cwd=ROOT, capture_output=True, timeout=10,
                              check=True).stdout.decode().strip()
    except (OSError, subprocess.SubprocessError):
        return None


def revision():
    commit = command_output(["git", "rev-parse", "--short=12", "HEAD"])
    if commit is None:
        return "unknown"
    # The results of an earlier run are no change of what is measured.
    changes = command_output(["git", "--no-optional-locks", "status", "--porcelain", "--", ".",
                              ":!docs/benchmarks", ":!docs/reports"])
    return commit + ("-dirty" if changes else "")


def machine():
    cpu_lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.split(":", 1)[1].strip() for line in cpu_lines
              if line.startswith("model name")]
    return {"cpu": models[0] if models else platform.machine(), "cores": os.cpu_count(),
            "kernel": platform.release(),
            "system": platform.freedesktop_os_release().get("PRETTY_NAME", "Linux"),
            "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
            "revision": revision()}


def examine(candidates, settings):
    """{name: {title, version, skipped}}: who can take part, and why the others cannot."""
    found = {}
    for contender in candidates:
        version, reason = None, None
        try:
            version = contender.version()
        except Unavailable as error:
            reason = str(error)
        reason = reason or measure.verify(contender, settings)
        found[contender.name] = {"title": contender.title, "version": version,
                                 "skipped": reason}
        say(f"{contender.name}: {reason or 'answers as it must'}")
    return found


def run_scenario(scenario, candidates, examined, settings):
    skipped = {name: each["skipped"] for name, each in examined.items() if each["skipped"]}
    absent = {each.name: each.absence(scenario) for each in candidates}
    skipped = {name: reason for name, reason in absent.items() if reason} | skipped
    takes_part = [each for each in candidates if each.name not in skipped]
    rounds = []
    for number in range(settings.rounds or scenario.rounds if takes_part else 0):
        for contender, workers in scenarios.schedule(takes_part, scenario.workers, number):
            raw = measure.measure(contender, scenario, workers, settings, number)
            rounds.append(raw)
            say(f"{scenario.name} {number + 1}: {progress(raw)}")
    return summary.scenario_result(scenario, skipped, [each.name for each in candidates], rounds)


def progress(raw):
    what = f"{raw['contender']}, {raw['workers']} worker(s): "
    if not raw["valid"]:
        return what + f"INVALID, {raw['reason']}"
    if "recovery_ms" in raw:
        return what + (f"{raw['rate']:,.0f} refusals a second, p99 {raw['p99_us']:.0f} µs, first "
                       f"turn after {raw['recovery_ms']:.1f} ms")
    if "cpu_us" in raw:
        return what + f"{raw['cpu_us']:.2f} µs of CPU a request, {raw['rate']:,.0f} a second"
    return what + f"{raw['bytes_each']:.1f} bytes each"


def write(directory, document):
    """All three files or, if anything fails before, none."""
    contents = {"latest.json": json.dumps(document, indent=1) + "\n",
                "latest.md": report.markdown(document), "latest.svg": chart.svg(document)}
    directory.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        partial = directory / f".{name}.partial"
        partial.write_text(content)
        partial.replace(directory / name)


def compare(chosen, settings, candidates, examined):
    facts = machine()  # before the run: the revision that was measured
    results = [run_scenario(scenario, candidates, examined, settings)
               for scenario in scenarios.ALL if scenario.name in chosen.scenario]
    document = {
        "schema": 1,
        "machine": facts,
        "settings": {"duration_seconds": settings.duration, "warmup_seconds": settings.warmup,
                     "rounds": settings.rounds, "quick": chosen.quick,
                     "divisor": settings.divisor,
                     "server_arguments": chosen.server_arg},
        "contenders": examined,
        "targets": summary.verdicts(results, chosen.quick),
        "problems": summary.problems(results, examined, REQUIRED),
        "scenarios": results,
    }
    print(report.text(document), end="")
    directory = output_directory(chosen, examined)
    if directory:
        write(directory, document)
        say(f"written to {directory}/latest.json, latest.md and latest.svg")
    return 1 if document["problems"] else 0


def main(arguments):
    chosen = parse_arguments(arguments)
    cores = measure.two_cores()
    if cores is None:
        say("compare: needs two cores, one for the server and one for the load generator")
        return EXIT_UNAVAILABLE
    if not shutil.which("wrk"):
        say("compare: wrk is not installed (Debian package wrk)")
        return EXIT_UNAVAILABLE
    settings = settings_of(chosen, cores)
    if not settings.fill_binary.is_file():
        say(f"compare: {settings.fill_binary} is not built (make build)")
        return EXIT_UNAVAILABLE
    candidates = [each for each in contenders.all_contenders(
        chosen.tools.resolve(), chosen.server.resolve(), chosen.server_arg)
        if each.name in chosen.contenders]
    examined = examine(candidates, settings)
    if chosen.verify:
        return int(any(examined[name]["skipped"] for name in REQUIRED if name in examined))
    return compare(chosen, settings, candidates, examined)


if __name__ == "__main__":
    run_as_program(main)
