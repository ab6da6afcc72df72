"""The store stands still while the load goes on: what callers get then, what still reaches the
store, and how soon turns flow again."""

import os
import signal
import socket
import time

import http_client
import redis_store
from contender import STORE

OPENING_SECONDS = 2  # requests reach their deadlines, and breakers open
RECOVERY_SECONDS = 20.0
LOOK_SECONDS = 0.001


class NotRefused(Exception):
    """Not every request was refused while the store stood still."""


def takes(port):
    """How many commands the store has executed that may take turns. Those with which a lane enters
    the store and refreshes its record are among them, a few a second."""
    return redis_store.calls_of(redis_store.info(port)).get(redis_store.SCRIPT_COMMAND, 0)


def refused_only(values):
    """The figures of a run in which every answer was a refusal, as it must be."""
    words = [f"{values['requests']} answers were not 2xx or 3xx"]
    if values["errors"] != words:
        raise NotRefused("; ".join(values["errors"]) or "turns were answered")
    return {name: values[name] for name in ("requests", "rate", "p50_us", "p99_us")}


def takes_a_turn(port, dialect):
    try:
        with http_client.connect(port) as connection:
            http_client.take_turn(connection, dialect=dialect)
    except (http_client.BadAnswer, socket.timeout):
        return False
    return True


def recovery_ms(port, dialect):
    """From now until a request gets a turn."""
    begin = time.monotonic()
    while time.monotonic() < begin + RECOVERY_SECONDS:
        if takes_a_turn(port, dialect):
            return (time.monotonic() - begin) * 1e3
        time.sleep(LOOK_SECONDS)
    raise NotRefused(f"no turn within {RECOVERY_SECONDS:g} s after the store had returned")


def measure(contender, server, generate, settings):
    """`generate(seconds)` makes load and gives wrk's figures."""
    generate(settings.warmup)
    before = takes(server.store_port)
    os.kill(server.pids[STORE], signal.SIGSTOP)
    try:
        generate(OPENING_SECONDS)
        values = refused_only(generate(settings.duration))
    finally:
        os.kill(server.pids[STORE], signal.SIGCONT)
    values["recovery_ms"] = recovery_ms(server.port, contender.dialect)
    values["store_takes"] = takes(server.store_port) - before
    return values
