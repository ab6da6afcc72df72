"""The most that each chain carries, its latency at fixed rates, and what it makes of several tools."""

import subprocess
import time
from dataclasses import dataclass
from statistics import median

import bench
import programs
import setups
from command_line import say
from setups import ALL, SERVICE, Unavailable

CONNECTIONS = 256
SHARES = (10, 25, 50, 75, 90)  # of the most, in percent
SETTLE_SECONDS = 0.05
FAILURES = (bench.BenchError, Unavailable, programs.StartFailed, OSError, ValueError,
            subprocess.SubprocessError)


@dataclass(frozen=True)
class Settings:
    rounds: int
    rate_rounds: int
    seconds: float  # of a measurement
    rate_seconds: float  # of one at a fixed rate
    warmup: float
    setups: tuple = tuple(name for name in ALL if name != setups.REDIS_LIMITED)
    shares: tuple = SHARES


def raw(round_number, measure, **what):
    """One measurement with what it is of, valid or with the reason why not. A chain that does not start
    must not cost the other figures."""
    entry = {"round": round_number, **what}
    try:
        return entry | {"valid": True} | measure()
    except FAILURES as problem:
        say(f"{what}: {problem}")
        return entry | {"valid": False, "reason": (str(problem) or type(problem).__name__)[:400]}


def call(words, seconds):
    """What a program of others says; raises BenchError if it fails."""
    done = subprocess.run([str(word) for word in words], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          errors="replace", timeout=seconds, env=programs.environment(),
                          preexec_fn=programs.die_with_parent, check=False)
    if done.returncode != 0:
        raise bench.BenchError(f"{words[0]} failed: {done.stderr.strip()[-200:]}")
    return done.stdout


def generator_cores(tools, setup, both_cores=False):
    return tools.cores if both_cores or not setup.pinned else tools.cores[1:]


def drive(tools, live, seconds, *, connections=CONNECTIONS, rate=None, cores=None, proven=True):
    """Load on a chain: what came back, and the CPU time of each role for a request."""
    setup = live.setup
    words = bench.command(tools.bench, [live.url], seconds, connections=connections, ids=setup.ids,
                          rate=rate)
    before, began = live.cpu_times(), time.monotonic()
    values = bench.run(words, seconds, cores or generator_cores(tools, setup), proven=proven and setup.counts)
    spent, took = setups.cpu_us(before, live.cpu_times()), time.monotonic() - began
    values["cpu_us"] = {role: us / max(1, values["requests"]) for role, us in spent.items()}
    values["cores_busy"] = {role: us / 1e6 / took for role, us in spent.items()}
    return values


def warm(tools, live, settings, **how):
    # On a busy machine a short one may be over before the first answer.
    drive(tools, live, settings.warmup, proven=False, **how)
    time.sleep(SETTLE_SECONDS)


def rotated(items, number):
    """Another order each round: nobody always comes first, or after the same one."""
    items = list(items)
    shift = number // 2 % len(items) if items else 0
    turned = items[shift:] + items[:shift]
    return turned[::-1] if number % 2 else turned


def carried(tools, setup, settings):
    with setups.running(tools, setup) as live:
        warm(tools, live, settings)
        names = ("turnomatic_store_batch_turns_total", "turnomatic_store_batches_total")
        before = [live.metric(name) for name in names] if setup.store else None
        values = drive(tools, live, settings.seconds)
        if before:
            turns, batches = (live.metric(name) - first
                              for name, first in zip(names, before, strict=True))
            values["turns_a_batch"] = turns / batches if batches else None
    return values


def maximum(tools, settings):
    """Closed loop: each connection asks again as soon as it has its answer."""
    found = []
    for number in range(settings.rounds):
        for name in rotated(settings.setups, number):
            found.append(raw(number, lambda: carried(tools, ALL[name], settings), setup=name))
            say(f"maximum {number + 1}: {name}: {found[-1].get('rate', 0):,.0f} a second")
    return found


def median_rate(maximum_rounds, name):
    rates = [each["rate"] for each in maximum_rounds if each["valid"] and each["setup"] == name]
    return median(rates) if rates else None


def at_rates(tools, settings, name, most, number):
    """One fresh chain, the rates from the lowest to the highest."""
    found = []
    try:
        with setups.running(tools, ALL[name]) as live:
            warm(tools, live, settings)
            for share in settings.shares:
                asked = most * share / 100
                found.append(raw(number, lambda rate=asked: drive(tools, live, settings.rate_seconds,
                                                                  rate=rate),
                                 setup=name, share=share, asked=asked))
    except FAILURES as problem:
        say(f"rates: {name}: {problem}")
    return found


def rates(tools, settings, maximum_rounds):
    """Open loop: requests are due at fixed moments, and latency counts from then."""
    found = []
    for number in range(settings.rate_rounds):
        for name in rotated(settings.setups, number):
            most = median_rate(maximum_rounds, name)
            if most and ALL[name].counts and not ALL[name].balancer_alone:
                found += at_rates(tools, settings, name, most, number)
                say(f"rates {number + 1}: {name}")
    return found


def several_tools(tools, load_tools, packages, cases):
    """Each load generator of others against a fresh chain: its rate, what it counted, what was taken."""
    found = []
    for setup_name, names in cases:
        for tool in load_tools.all_tools():
            if tool.name in names:
                found.append(one_tool(tools, load_tools, packages, tool, ALL[setup_name]))
                say(f"tools: {setup_name}: {tool.name}: {found[-1]['result']}")
    return found


def taken(live):
    """Turns issued, and burned: HAProxy ends a connection by a reset, whose answer then counts as one that
    nobody got, although its caller has it (docs/balancers.md)."""
    before = None
    deadline = time.monotonic() + 2.0
    while (now := int(live.metric("turnomatic_turns_issued_total")
                      + live.metric("turnomatic_turns_burned_total"))) != before:
        before = now
        if time.monotonic() > deadline:
            break
        time.sleep(SETTLE_SECONDS)
    return now


def one_tool(tools, load_tools, packages, tool, setup):
    entry = {"setup": setup.name, "command": tool.command, "rate": None, "answered": None,
             "taken": None, "service_us": None}
    try:
        program = load_tools.program_of(tool, packages)
    except load_tools.contender.Unavailable as reason:
        return entry | {"result": f"skipped: {reason}"}
    cores = set(generator_cores(tools, setup))
    try:
        with setups.running(tools, setup) as live:
            first, before = taken(live), live.cpu_times()
            output = load_tools.process.run(
                [program, *tool.command.split()[1:], f"{live.url}/turno/grupo7"], cores,
                load_tools.TIMEOUT_SECONDS)
            spent, turns = setups.cpu_us(before, live.cpu_times()), taken(live) - first
        seen = tool.read(output)
    except (*FAILURES, load_tools.process.StartError,
            load_tools.tool_outputs.Unreadable) as problem:
        return entry | {"result": f"FAILED: {problem}"}
    wrong = load_tools.complaints(tool, seen, turns)
    return entry | {"rate": seen.rate, "answered": seen.answered, "taken": turns,
                    "service_us": spent[SERVICE] / max(1, turns),
                    "result": f"FAILED: {'; '.join(wrong)}" if wrong else "ok"}
