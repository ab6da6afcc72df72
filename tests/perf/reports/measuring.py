"""All that is measured, in its order, as one document."""

import datetime
import os
import re
import time
from dataclasses import dataclass, replace
from pathlib import Path

import bench
import compare
import load
import load_tools
import npm_tools
import profiling
import scaling
import setups
import snapshot
import storefloor
import unexpected
from command_line import say
from setups import HTTP, MEMORY, REDIS, ROOT

SCHEMA = 1
ALL_TOOLS = tuple(each.name for each in load_tools.all_tools())
DEBIAN_TOOLS = tuple(each.name for each in load_tools.all_tools() if each.package)


@dataclass(frozen=True)
class Plan:
    """How much of it. `quick` shows that all of it runs, and its figures mean nothing."""
    load: load.Settings
    unexpected: unexpected.Settings
    scaling: scaling.Settings
    profile_seconds: float
    profile_subjects: tuple
    restores: int
    tools: tuple  # (chain, the load generators of others)
    quick: bool


WHOLE = Plan(load.Settings(rounds=5, rate_rounds=3, seconds=1.5, rate_seconds=1.2,
                           warmup=0.5),
             unexpected.Settings(rounds=3, seconds=1.2, warmup=0.3),
             scaling.Settings(rounds=3, seconds=0.7, warmup=0.4),
             profile_seconds=3, profile_subjects=profiling.SUBJECTS, restores=snapshot.RESTORES,
             tools=((MEMORY, ALL_TOOLS), (HTTP, DEBIAN_TOOLS)), quick=False)
QUICK = Plan(replace(WHOLE.load, rounds=1, rate_rounds=1, seconds=0.5, rate_seconds=0.5,
                     warmup=0.2, shares=(25, 75)),
             unexpected.Settings(rounds=1, seconds=0.5, warmup=0.2,
                                 cases=(("malformed", REDIS), ("slow_readers", REDIS))),
             scaling.Settings(rounds=1, seconds=0.5, warmup=0.2, connections=(1, 8, 64),
                              workers=(1, 2, 4), worker_rounds=1),
             profile_seconds=1, profile_subjects=profiling.SUBJECTS[:1], restores=1,
             tools=((MEMORY, ("wrk", "ab")),), quick=True)


def machine_times():
    """(all, stolen by neighbours of this machine), in ticks since the boot."""
    fields = [int(word) for word in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
    return sum(fields[:8]), fields[7]


def versions(tools):
    """Of what takes part, as each program says it."""
    def line(*command):
        return (compare.command_output([str(word) for word in command]) or "unknown").split("\n")[0]

    def found(program, *arguments):
        try:
            return line(setups.pair.find(program), *arguments)
        except setups.programs.StartFailed:
            return "not installed"
    redis = re.search(r"v=\S+", found("redis-server", "--version"))
    return {"turnomatic": line(tools.server, "--version"),
            "Redis": redis[0][2:] if redis else "unknown",
            "HAProxy": " ".join(found("haproxy", "-v").split()[:3])}


def load_average():
    return [round(value, 2) for value in os.getloadavg()]


class Recorder:
    """The sections that were measured, and what the machine did meanwhile."""

    def __init__(self, tools, plan, conditions, said_by):
        self._began, self._times = time.monotonic(), machine_times()
        self.document = {
            "schema": SCHEMA, "quick": plan.quick, "machine": compare.machine(),
            "versions": versions(tools),
            "conditions": {"said": conditions, "load_average_before": load_average()},
            "settings": {"connections": load.CONNECTIONS, "seconds": plan.load.seconds,
                         "rate_seconds": plan.load.rate_seconds, "rounds": plan.load.rounds, "rate_rounds": plan.load.rate_rounds,
                         "unexpected_share": unexpected.SHARE,
                         "unexpected_connections": unexpected.CONNECTIONS,
                         "worker_connections": scaling.WORKER_CONNECTIONS,
                         "worker_rounds": plan.scaling.worker_rounds,
                         "scaling_rounds": plan.scaling.rounds,
                         "profile_seconds": plan.profile_seconds, "command": said_by}}

    def section(self, name, measure):
        began = time.monotonic()
        say(f"== {name}")
        self.document[name] = measure()
        self.document.setdefault("seconds", {})[name] = round(time.monotonic() - began, 1)

    def end(self):
        whole, stolen = (after - before for after, before
                         in zip(machine_times(), self._times, strict=True))
        self.document["conditions"] |= {
            "load_average_after": load_average(),
            "stolen_percent": round(100 * stolen / whole, 1) if whole else 0.0,
            "took_seconds": round(time.monotonic() - self._began),
            "ended": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")}
        return self.document


def measure(tools, plan, conditions, said_by):
    bench.raise_descriptor_limit()
    recorder = Recorder(tools, plan, conditions, said_by)
    document, section = recorder.document, recorder.section
    section("maximum", lambda: load.maximum(tools, plan.load))
    section("rates", lambda: load.rates(tools, plan.load, document["maximum"]))
    packages = npm_tools.Packages(ROOT / "build/load-tools")
    section("tools", lambda: load.several_tools(tools, load_tools, packages, plan.tools))
    most = load.median_rate(document["maximum"], REDIS)
    if most is None:
        raise load.bench.BenchError("no valid round with a local Redis")
    section("unexpected", lambda: unexpected.unexpected(tools, plan.unexpected, most))
    section("connections", lambda: scaling.connections(tools, plan.scaling))
    section("workers", lambda: scaling.workers(tools, plan.scaling))
    section("store_floor", lambda: storefloor.store_floor(tools, plan.load.rounds,
                                                          10_000 if plan.quick else 500_000))
    section("profiles", lambda: profiling.profiles(tools, plan.profile_seconds,
                                                     plan.profile_subjects))
    section("snapshot", lambda: snapshot.reproduced(tools, plan.restores))
    return recorder.end()
