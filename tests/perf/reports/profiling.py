"""Where the CPU time of a process goes: perf with the clock of the CPU, which needs no hardware counters."""

import re
import shutil
import threading

import load
import setups
from command_line import say
from contender import Unavailable
from setups import ALL, BALANCER, HTTP, MEMORY, REDIS_IDS, SERVICE, STORE

HERTZ = 997  # no multiple of what the kernel does by the clock
ROWS = 12
# (chain, role): the service alone, the service on Redis, Redis itself, the balancer.
SUBJECTS = ((MEMORY, SERVICE), (REDIS_IDS, SERVICE), (REDIS_IDS, STORE), (HTTP, BALANCER))
LINE = re.compile(r"^\s*([0-9.]+)%\s*\|\s*(\d+)\s*\|([^|]*)\|\s*\[([.k])\]\s*([^|]*?)\s*(?:\|.*)?$")
DURING_SECONDS = 0.3  # the load is at its height by then


class NoProfile(Exception):
    """perf is not here, or may not look, or saw nothing."""


def find_perf():
    found = shutil.which("perf")
    if not found:
        raise NoProfile("perf is not installed (Debian package linux-perf)")
    return found


def parse(text):
    """[(samples, object, is kernel, symbol)] of a report with columns apart by |."""
    found = []
    for line in text.splitlines():
        if match := LINE.match(line):
            _, samples, dso, level, symbol = match.groups()
            found.append((int(samples), dso.strip(), level == "k", symbol))
    return found


def summary(rows, count=ROWS):
    """Shares in percent: by kernel, libraries and the program itself, and the hottest functions."""
    total = sum(samples for samples, *_ in rows)
    if not total:
        raise NoProfile("no samples")

    def share(samples):
        return 100 * samples / total

    def kind(dso, is_kernel):
        if is_kernel:
            return "kernel"
        return "libraries" if ".so" in dso else "program"

    groups = dict.fromkeys(("kernel", "libraries", "program"), 0.0)
    for samples, dso, is_kernel, _ in rows:
        groups[kind(dso, is_kernel)] += share(samples)
    hottest = sorted(rows, key=lambda row: (-row[0], row[3]))[:count]
    own = sorted((row for row in rows if not row[2]), key=lambda row: (-row[0], row[3]))[:count]
    return {"samples": total, "groups": groups,
            "hottest": [named(row, share) for row in hottest],
            "hottest_outside_kernel": [named(row, share) for row in own]}


def named(row, share):
    samples, dso, is_kernel, symbol = row
    return {"percent": share(samples), "in": "kernel" if is_kernel else dso,
            "function": shorten(symbol)}


def shorten(symbol, size_max=90):
    """Without template arguments, which make names of a screen's width."""
    before = None
    while before != symbol:
        before, symbol = symbol, re.sub(r"<[^<>]*>", "", symbol)
    symbol = re.sub(r"\(.*\)( const)?$", "", symbol)
    return symbol if len(symbol) <= size_max else symbol[:size_max - 1] + "…"


def record(perf, live, role, seconds):
    pids = ",".join(str(pid) for each in live.pids[role] for pid in setups.procfs.process_tree(each))
    with setups.tempfile.TemporaryDirectory() as directory:
        file = f"{directory}/perf.data"
        load.call([perf, "record", "-q", "-e", "cpu-clock", "-F", HERTZ, "-o", file, "-p", pids,
                   "--", "sleep", seconds], seconds + 30)
        return load.call([perf, "report", "-i", file, "--stdio", "--no-children", "-q", "-s",
                          "dso,symbol", "-F", "overhead,sample,dso,symbol", "-t", "|"], 120)


def profile(tools, name, role, seconds):
    perf = find_perf()
    with setups.running(tools, ALL[name]) as live:
        # The load of another thread, so that all of the profile lies within it.
        loads = []
        whole = seconds + 2 * DURING_SECONDS
        thread = threading.Thread(
            target=lambda: loads.append(load.drive(tools, live, whole)), daemon=True)
        thread.start()
        thread.join(DURING_SECONDS)
        text = record(perf, live, role, seconds)
        thread.join(whole + load.bench.GRACE_SECONDS)
        if not loads:
            raise NoProfile("the load failed")
    return summary(parse(text)) | {"rate": loads[0]["rate"]}


def profiles(tools, seconds, subjects=SUBJECTS):
    found = []
    for name, role in subjects:
        entry = {"setup": name, "role": role}
        try:
            found.append(entry | {"valid": True} | profile(tools, name, role, seconds))
        except (NoProfile, Unavailable, *load.FAILURES) as problem:
            found.append(entry | {"valid": False, "reason": str(problem)[:300]})
        say(f"profile: {name}, {role}: {found[-1].get('reason', 'done')}")
    return found
