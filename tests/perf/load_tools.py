#!/usr/bin/python3
"""Runs the load generators of others against the server, each once and shortly: do they work with
it, and do they count what it counts? docs/load-testing.md says what each is good for.

Exit status: 0 those that are installed agree with the server, 1 one of them reported failures or
another count, 64 usage, 69 none could run.
"""

import http.client
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

sys.dont_write_bytecode = True  # the source tree stays as it was

import contender
import contenders
import http_client
import npm_tools
import process
import report
import tool_outputs
from command_line import EXIT_UNAVAILABLE, Parser, names, run_as_program, say

ROOT = Path(__file__).resolve().parents[2]
COUNTER = "turnomatic_turns_issued_total"
CONNECTIONS = 64
REQUESTS = 20_480  # a multiple of the connections: hey rounds down to one
SECONDS = 2
DEPTH = 16  # of pipelining
TIMEOUT_SECONDS = 60.0
SETTLE_SECONDS_MAX = 2.0


@dataclass(frozen=True)
class Tool:
    """One command. `unseen_max` is how many turns the server may have issued beyond those that
    the tool counted: requests that were on their way when the tool had enough."""
    name: str
    command: str
    read: Callable
    package: str  # of Debian; none: it comes from npm
    unseen_max: int = 0


def all_tools():
    many, timed = f"-n {REQUESTS} -c {CONNECTIONS}", f"-c {CONNECTIONS} -d {SECONDS}"
    wrk, ab = tool_outputs.read_wrk, tool_outputs.read_ab
    h2load, loadtest = tool_outputs.read_h2load, tool_outputs.read_loadtest
    autocannon = tool_outputs.read_autocannon
    return [
        Tool("wrk", f"wrk --latency -t 1 {timed}s", wrk, "wrk", CONNECTIONS),
        Tool("ab", f"ab -l -k {many}", ab, "apache2-utils"),
        Tool("ab_close", f"ab -l {many}", ab, "apache2-utils"),
        Tool("hey", f"hey {many}", tool_outputs.read_hey, "hey"),
        Tool("h2load", f"h2load --h1 -t 1 {many}", h2load, "nghttp2-client"),
        Tool("h2load_pipelined", f"h2load --h1 -t 1 -m {DEPTH} {many}", h2load,
             "nghttp2-client"),
        Tool("loadtest", f"loadtest {many} -k", loadtest, ""),
        Tool("loadtest_close", f"loadtest {many}", loadtest, ""),
        Tool("loadtest_tcp", f"loadtest {many} --tcp", loadtest, "", CONNECTIONS),
        Tool("autocannon", f"autocannon --json {timed}", autocannon, "", CONNECTIONS),
        Tool("autocannon_pipelined", f"autocannon --json {timed} -p {DEPTH}", autocannon, "",
             CONNECTIONS * DEPTH),
    ]


def counter_value(metrics, name):
    """The sum over all series of a counter; raises ValueError if it is not there."""
    values = [float(line.split()[-1]) for line in metrics.splitlines()
              if line.startswith((f"{name} ", f"{name}{{"))]
    if not values:
        raise ValueError(f"{name} is not among the metrics")
    return int(sum(values))


def turns_issued(ops_port):
    connection = http.client.HTTPConnection("127.0.0.1", ops_port,
                                            timeout=http_client.ANSWER_TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/metrics")
        return counter_value(connection.getresponse().read().decode(), COUNTER)
    finally:
        connection.close()


def settled_turns(ops_port):
    """The count once it stands still: the server may still have requests before it."""
    deadline = time.monotonic() + SETTLE_SECONDS_MAX
    before = None
    while (now := turns_issued(ops_port)) != before and time.monotonic() < deadline:
        before = now
        time.sleep(0.05)
    return now


def complaints(tool, seen, issued):
    """What is wrong with a run, as lines; none if it is in order."""
    found = list(seen.failures)
    if seen.answered == 0:
        found.append("no request was answered")
    if not 0 <= issued - seen.answered <= tool.unseen_max:
        found.append(f"counted {seen.answered:,} answers, the server {issued:,} turns")
    return found


def program_of(tool, packages):
    name = tool.command.split()[0]
    if tool.package:
        return contender.find_program(name, tool.package)
    return packages.find(name)


def run_tool(tool, server, packages, show):
    """The row of the table and the verdict: True, False, or None for skipped."""
    try:
        program = program_of(tool, packages)
    except contender.Unavailable as reason:
        return [tool.command, *[report.NOT_KNOWN] * 3, f"skipped: {reason}"], None
    cores = os.sched_getaffinity(0)
    try:
        with process.running(server, cores, len(cores)) as running:
            url = f"http://127.0.0.1:{running.port}{server.dialect.path()}"
            before = settled_turns(running.ops_port)
            output = process.run([program, *tool.command.split()[1:], url], cores,
                                 TIMEOUT_SECONDS)
            issued = settled_turns(running.ops_port) - before
        if show:
            print(f"$ {tool.command} {url}\n{output}", flush=True)
        seen = tool.read(output)
    except (process.StartError, tool_outputs.Unreadable, http.client.HTTPException, OSError,
            ValueError) as error:
        return [tool.command, *[report.NOT_KNOWN] * 3, f"FAILED: {error}"], False
    found = complaints(tool, seen, issued)
    return [tool.command, report.number(seen.rate), report.number(seen.answered),
            report.number(issued), f"FAILED: {'; '.join(found)}" if found else "ok"], not found


def exit_status(verdicts):
    if False in verdicts:
        return 1
    return 0 if True in verdicts else EXIT_UNAVAILABLE


def parse_arguments(arguments):
    known = [tool.name for tool in all_tools()]
    parser = Parser(description="Runs other people's load generators against the server.")
    parser.add_argument("--server", type=Path, default=ROOT / "build/release/turnomatic",
                        help="the turnomatic binary")
    parser.add_argument("--tool", type=names(known), default=known, metavar="A,B",
                        help=", ".join(known))
    parser.add_argument("--npm", type=Path, default=ROOT / "build/load-tools", metavar="DIR",
                        help="where the tools from npm are installed (build/load-tools)")
    parser.add_argument("--show", action="store_true", help="print what the tools printed")
    return parser.parse_args(arguments)


def main(arguments):
    chosen = parse_arguments(arguments)
    server = contenders.Turnomatic(binary=chosen.server.resolve())
    try:
        version = server.version()
    except contender.Unavailable as reason:
        say(f"load_tools: {reason}")
        return EXIT_UNAVAILABLE
    packages = npm_tools.Packages(chosen.npm.resolve())
    rows, verdicts = [], []
    for tool in all_tools():
        if tool.name in chosen.tool:
            say(f"{tool.name}: {tool.command} URL")
            row, verdict = run_tool(tool, server, packages, chosen.show)
            rows.append(row)
            verdicts.append(verdict)
    print(f"Load generators against {version}, memory backend, a fresh server each; the URL is "
          f"{server.dialect.path()}\n")
    print(report.text_table(["command", "requests/s", "answers counted", "turns issued",
                             "result"], rows))
    return exit_status(verdicts)


if __name__ == "__main__":
    run_as_program(main)
