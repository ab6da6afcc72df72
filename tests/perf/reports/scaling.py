"""Throughput against connections and against workers: the points of the fitted model."""

from dataclasses import dataclass

import load
import setups
from command_line import say
from setups import ALL, FLOOR, MEMORY, REDIS

CONNECTIONS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
WORKERS = (1, 2, 4)
WORKER_CONNECTIONS = 64


@dataclass(frozen=True)
class Settings:
    rounds: int
    seconds: float
    warmup: float
    connections: tuple = CONNECTIONS
    workers: tuple = WORKERS
    worker_rounds: int = 4


def connections(tools, settings):
    """One core for the server, one for the generator, one worker."""
    found = []
    for number in range(settings.rounds):
        for name in load.rotated((MEMORY, REDIS), number):
            try:
                with setups.running(tools, ALL[name]) as live:
                    load.warm(tools, live, settings)
                    for count in load.rotated(settings.connections, number):
                        found.append(load.raw(
                            number, lambda n=count: load.drive(tools, live, settings.seconds,
                                                               connections=n),
                            setup=name, connections=count))
            except load.FAILURES as problem:
                say(f"connections: {name}: {problem}")
            say(f"connections {number + 1}: {name}")
    return found


def with_workers(tools, setup, count, settings):
    how = {"connections": WORKER_CONNECTIONS, "cores": tools.cores}
    with setups.running(tools, setup, workers=count, both_cores=True) as live:
        load.warm(tools, live, settings, **how)
        return load.drive(tools, live, settings.seconds, **how)


def workers(tools, settings):
    """Server and generator on both cores: only CPU time per request means anything then. What workers
    do not share they cannot cost each other, which the floor shows: its workers share nothing."""
    found = []
    pairs = [(name, count) for name in (FLOOR, MEMORY, REDIS) for count in settings.workers]
    for number in range(settings.worker_rounds):
        for name, count in load.rotated(pairs, number):
            found.append(load.raw(
                number, lambda: with_workers(tools, ALL[name], count, settings),
                setup=name, workers=count))
        say(f"workers {number + 1} of {settings.worker_rounds}")
    return found
