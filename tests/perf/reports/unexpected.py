"""What the throughput of others makes of callers that misbehave: a steady load before, while and after."""

import contextlib
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import bench
import hostile
import load
import programs
import setups
from command_line import say
from setups import ALL, REDIS, REDIS_LIMITED, SERVICE

SHARE = 20  # of the most that the chain carries, in percent
CONNECTIONS = 64
LEAD_SECONDS = 0.3  # misbehaviour is at its height by then
BASELINE = "nobody"


@dataclass(frozen=True)
class Settings:
    rounds: int
    seconds: float
    warmup: float
    # (what they do, to which chain); the last one again with the remedy.
    cases: tuple = (*((kind, REDIS) for kind in hostile.KINDS), ("new_ids", REDIS_LIMITED))


@contextlib.contextmanager
def misbehaving(kind, port, seconds, core):
    """Yields a function that waits for their end and tells what they saw."""
    script = Path(hostile.__file__)
    words = bench.on_cores([sys.executable, "-B", script, kind, port, seconds], [core])
    with subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                          preexec_fn=programs.die_with_parent) as process:
        def end():
            return json.loads(process.communicate(timeout=seconds + bench.GRACE_SECONDS)[0])
        try:
            yield end
        finally:
            process.kill()


def resident_mb(live):
    return sum(setups.procfs.resident_bytes(pid) for pid in live.pids[SERVICE]) / 1e6


def beside(tools, live, settings, kind, rate):
    """The figures of the others while `kind` goes on."""
    how = {"connections": CONNECTIONS, "rate": rate}
    if kind == BASELINE:
        return load.drive(tools, live, settings.seconds, **how)
    whole = settings.seconds + 2 * LEAD_SECONDS
    before = resident_mb(live)
    with misbehaving(kind, live.port, whole, tools.cores[-1]) as end:
        time.sleep(LEAD_SECONDS)
        values = load.drive(tools, live, settings.seconds, **how)
        values["resident_mb"] = resident_mb(live)
        seen = end()
    return values | {"hostile": seen, "growth_mb": values["resident_mb"] - before}


def unexpected(tools, settings, most):
    """`most`: requests a second that the chain carries. Each kind has a fresh chain, and its own
    measurement without anybody just before."""
    found, rate = [], most * SHARE / 100
    for number in range(settings.rounds):
        for case in load.rotated(settings.cases, number):
            kind, name = case
            try:
                with setups.running(tools, ALL[name]) as live:
                    load.warm(tools, live, settings)
                    for which in (BASELINE, kind):
                        found.append(load.raw(
                            number, lambda k=which: beside(tools, live, settings, k, rate),
                            setup=name, kind=which, beside=kind, asked=rate))
            except load.FAILURES as problem:
                say(f"unexpected: {kind}: {problem}")
            say(f"unexpected {number + 1}: {kind}, {name}")
    return found
