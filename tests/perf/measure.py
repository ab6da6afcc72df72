"""One measurement: a fresh server, its load, and what both cost."""

import contextlib
import os
import resource
import time
from dataclasses import dataclass
from pathlib import Path

import http_client
import outage
import process
import procfs
import redis_store
import wrk
from contender import CONNECTIONS_MAX, SERVICE, STORE, Unavailable

WRK_GRACE_SECONDS = 20.0
FILL_TIMEOUT_SECONDS = 180.0
SETTLE_SECONDS = 0.05  # the warm-up's connections are still being closed
SPARE_DESCRIPTORS = 500
FAILURES = (process.StartError, http_client.BadAnswer, wrk.WrkError, Unavailable,
            outage.NotRefused, OSError, ValueError)


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


def fill(settings, contender, port, count, width):
    process.run([str(settings.fill_binary), "--port", str(port), "--count", str(count),
                 "--width", str(width), "--prefix", contender.dialect.prefix],
                {settings.cores[1]}, FILL_TIMEOUT_SECONDS)


def cpu_times(server):
    """{role: CPU times of that process and those below it}"""
    return {role: procfs.cpu_times(pid) for role, pid in server.pids.items()}


def cpu_figures(before, after, requests):
    """CPU time per request: all of it, and what each role has of it; None for no such role."""
    spent_us = {role: procfs.cpu_spent(before[role], after[role]) / 1e3 / max(requests, 1)
                for role in before}
    return {"cpu_us": sum(spent_us.values()), "service_cpu_us": spent_us[SERVICE],
            "store_cpu_us": spent_us.get(STORE)}


def generator(contender, scenario, settings, seed):
    """(port, seconds) -> what wrk found in so many seconds of the scenario's load."""
    cores = {settings.cores[1]} if scenario.pinned else set(settings.cores)

    def generate(port, seconds):
        arguments = (*scenario.arguments, seed) if scenario.arguments else ()
        url = f"http://127.0.0.1:{port}{contender.dialect.path()}"
        words = wrk.command(url, scenario.connections, seconds, len(cores),
                            scenario.script_path, arguments)
        return wrk.parse(process.run(words, cores, seconds + WRK_GRACE_SECONDS))

    return generate


def load(contender, scenario, workers, settings, seed):
    """Requests a second, latencies, CPU time per request, what a packet to the store carries."""
    server_cores = {settings.cores[0]} if scenario.pinned else set(settings.cores)
    generate = generator(contender, scenario, settings, seed)
    with process.running(contender, server_cores, workers) as server:
        if scenario.fill:
            fill(settings, contender, server.port, scenario.fill, scenario.width)
        generate(server.port, settings.warmup)
        time.sleep(SETTLE_SECONDS)
        work = contender.store_work(server)
        started, before = time.monotonic(), cpu_times(server)
        values = generate(server.port, settings.duration)
        after, ended = cpu_times(server), time.monotonic()
        if work:
            values |= contender.store_work(server).a_packet(since=work)
        values["ping_us"] = (redis_store.round_trip_us(server.store_port, settings.cores[0])
                             if scenario.ping and STORE in server.pids else None)

    values |= cpu_figures(before, after, values["requests"])
    values["server_cores_busy"] = values["cpu_us"] * values["requests"] / 1e6 / (ended - started)
    if not scenario.latency:
        values |= {"p50_us": None, "p99_us": None}
    errors = values.pop("errors")
    if errors:
        raise Invalid("; ".join(errors), values)
    return values


def stands_still(contender, scenario, workers, settings, seed):
    """What callers get while the store stands still, and how soon turns flow again."""
    generate = generator(contender, scenario, settings, seed)
    with process.running(contender, {settings.cores[0]}, workers) as server:
        return outage.measure(contender, server, lambda seconds: generate(server.port, seconds),
                              settings)


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
    raise_descriptor_limit(CONNECTIONS_MAX + SPARE_DESCRIPTORS)
    with process.running(contender, {settings.cores[0]}, workers,
                         connections=CONNECTIONS_MAX) as server:
        # What is touched once is not per connection.
        fill(settings, contender, server.port, 1000, scenario.width)
        before = contender.memory_bytes(server)
        with contextlib.ExitStack() as stack:
            opened = open_connections(stack, server.port, count)
            after = contender.memory_bytes(server)
            closed = sum(not http_client.is_idle(connection) for connection in opened)
    return growth(before, after, count, f"{closed} connections did not stay open" if closed else "")


def counters(contender, scenario, workers, settings, seed):
    """Growth of memory per counter."""
    count = scenario.fill // settings.divisor
    with process.running(contender, {settings.cores[0]}, workers,
                         ids=count + 1) as server:  # one more for the warm-up
        with http_client.connect(server.port) as connection:
            for _ in range(1000):  # the same here, with ids that are not counted again
                http_client.take_turn(connection)
        before = contender.memory_bytes(server)
        fill(settings, contender, server.port, count, scenario.width)
        after = contender.memory_bytes(server)
    return growth(before, after, count, "")


def growth(before, after, count, problem):
    values = {"before_bytes": before, "after_bytes": after, "count": count,
              "bytes_each": (after - before) / count}
    if problem:
        raise Invalid(problem, values)
    return values


KINDS = {"load": load, "outage": stands_still, "idle": idle, "counters": counters}


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
        with process.running(contender, {settings.cores[0]}) as server:
            http_client.verify(server.port, contender.counts, contender.dialect)
    except FAILURES as error:
        return str(error) or type(error).__name__
    return None


def two_cores():
    """The cores of server and generator, out of those that we may use."""
    allowed = sorted(os.sched_getaffinity(0))
    return tuple(allowed[:2]) if len(allowed) > 1 else None
