"""One measurement: a fresh server, its load, and what both cost."""

import contextlib
import os
import resource
import time
from dataclasses import dataclass
from pathlib import Path

import contenders
import http_client
import process
import procfs
import wrk

WRK_GRACE_SECONDS = 20.0
FILL_TIMEOUT_SECONDS = 180.0
SETTLE_SECONDS = 0.05  # the warm-up's connections are still being closed
SPARE_DESCRIPTORS = 500
FAILURES = (process.StartError, http_client.BadAnswer, wrk.WrkError, contenders.Unavailable,
            OSError, ValueError)


@dataclass(frozen=True)
class Settings:
    fill_binary: Path
    cores: tuple  # of the server, of the generator
    duration: int = 2  # seconds, whole ones: wrk knows no others
    warmup: int = 1
    rounds: int | None = None  # None: as the scenario says
    divisor: int = 1  # quick runs measure memory with fewer connections and counters


class Invalid(Exception):
    """The measurement took place but does not count; carries what was seen."""

    def __init__(self, reason, values):
        super().__init__(reason)
        self.values = values


def fill(settings, port, count, width):
    process.run([str(settings.fill_binary), "--port", str(port), "--count", str(count),
                 "--width", str(width)], {settings.cores[1]}, FILL_TIMEOUT_SECONDS)


def load(contender, scenario, workers, settings, seed):
    """Requests a second, latencies and CPU time per request."""
    server_cores = {settings.cores[0]} if scenario.pinned else set(settings.cores)
    generator_cores = {settings.cores[1]} if scenario.pinned else set(settings.cores)

    def generate(port, seconds):
        arguments = (*scenario.arguments, seed) if scenario.arguments else ()
        words = wrk.command(f"http://127.0.0.1:{port}{http_client.PATH}", scenario.connections,
                            seconds, len(generator_cores), scenario.script_path, arguments)
        return wrk.parse(process.run(words, generator_cores, seconds + WRK_GRACE_SECONDS))

    with process.running(contender, server_cores, workers) as (server, port):
        if scenario.fill:
            fill(settings, port, scenario.fill, scenario.width)
        generate(port, settings.warmup)
        time.sleep(SETTLE_SECONDS)
        started, before = time.monotonic(), procfs.cpu_times(server.pid)
        values = generate(port, settings.duration)
        after, ended = procfs.cpu_times(server.pid), time.monotonic()

    spent = procfs.cpu_spent(before, after)
    values["server_cores_busy"] = spent / 1e9 / (ended - started)
    values["cpu_us"] = spent / 1e3 / max(values["requests"], 1)
    if not scenario.latency:
        values |= {"p50_us": None, "p99_us": None}
    errors = values.pop("errors")
    if errors:
        raise Invalid("; ".join(errors), values)
    return values


def raise_descriptor_limit(wanted):
    """As far as we may; servers started later inherit it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise OSError(f"at most {hard} open files are allowed here, {wanted} are needed")
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def open_connections(stack, port, count):
    """`count` connections that have each taken one turn and then stay."""
    opened = []
    for number in range(count):
        source = http_client.SOURCES[number % len(http_client.SOURCES)]
        connection = stack.enter_context(http_client.connect(port, source))
        http_client.take_turn(connection)
        opened.append(connection)
    return opened


def idle(contender, scenario, workers, settings, seed):
    """Growth of resident memory per connection that is open and waits."""
    count = scenario.connections // settings.divisor
    # Servers compare their limit of connections with their limit of open files at the start.
    raise_descriptor_limit(contenders.CONNECTIONS_MAX + SPARE_DESCRIPTORS)
    with process.running(contender, {settings.cores[0]}, workers,
                         connections=contenders.CONNECTIONS_MAX) as (server, port):
        fill(settings, port, 1000, scenario.width)  # what is touched once is not per connection
        before = procfs.resident_bytes(server.pid)
        with contextlib.ExitStack() as stack:
            opened = open_connections(stack, port, count)
            after = procfs.resident_bytes(server.pid)
            closed = sum(not http_client.is_idle(connection) for connection in opened)
    return growth(before, after, count, f"{closed} connections did not stay open" if closed else "")


def counters(contender, scenario, workers, settings, seed):
    """Growth of resident memory per counter."""
    count = scenario.fill // settings.divisor
    with process.running(contender, {settings.cores[0]}, workers,
                         ids=count + 1) as (server, port):  # one more for the warm-up
        with http_client.connect(port) as connection:
            for _ in range(1000):  # the same here, with ids that are not counted again
                http_client.take_turn(connection)
        before = procfs.resident_bytes(server.pid)
        fill(settings, port, count, scenario.width)
        after = procfs.resident_bytes(server.pid)
    return growth(before, after, count, "")


def growth(before, after, count, problem):
    values = {"before_bytes": before, "after_bytes": after, "count": count,
              "bytes_each": (after - before) / count}
    if problem:
        raise Invalid(problem, values)
    return values


KINDS = {"load": load, "idle": idle, "counters": counters}


def measure(contender, scenario, workers, settings, number):
    """One raw round, valid or not: never an exception for what a server may do."""
    raw = {"round": number, "contender": contender.name, "workers": workers}
    try:
        values = KINDS[scenario.kind](contender, scenario, workers, settings, number)
        return raw | {"valid": True} | values
    except Invalid as error:
        return raw | {"valid": False, "reason": str(error)} | error.values
    except FAILURES as error:
        return raw | {"valid": False, "reason": str(error) or type(error).__name__}


def verify(contender, settings):
    """Nothing if the contender does what will be measured, else the reason why not."""
    try:
        with process.running(contender, {settings.cores[0]}) as (_, port):
            http_client.verify(port, contender.counts)
    except FAILURES as error:
        return str(error) or type(error).__name__
    return None


def two_cores():
    """The cores of server and generator, out of those that we may use."""
    allowed = sorted(os.sched_getaffinity(0))
    return tuple(allowed[:2]) if len(allowed) > 1 else None
