"""The store stands still while the load goes on: what callers get then, what still reaches the
store, and how soon turns flow again."""

import os
import re
import signal
import socket
import time

import http_client
from contender import STORE

OPENING_SECONDS = 2  # requests reach their deadlines, and breakers open
RECOVERY_SECONDS = 20.0
LOOK_SECONDS = 0.001
TAKING_COMMANDS = ("fcall", "hincrby")


class NotRefused(Exception):
    """Not every request was refused while the store stood still."""


def calls_of(commandstats, commands=TAKING_COMMANDS):
    """How often Redis has executed any of the commands, by its INFO."""
    found = re.findall(r"^cmdstat_(\w+):calls=(\d+)", commandstats, re.MULTILINE)
    return sum(int(calls) for name, calls in found if name in commands)


def commandstats(port):
    with http_client.connect(port) as connection:
        connection.sendall(b"INFO commandstats\r\n")
        received = b""
        while b"\r\n" not in received or len(received) < expected_size(received):
            piece = connection.recv(65536)
            if not piece:
                raise http_client.BadAnswer("Redis closed the connection")
            received += piece
    return received.decode()


def expected_size(received):
    """Of a bulk string of which at least the first line is there."""
    head = received.split(b"\r\n", 1)[0]
    return len(head) + 2 + int(head[1:]) + 2


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
    before = calls_of(commandstats(server.store_port))
    os.kill(server.pids[STORE], signal.SIGSTOP)
    try:
        generate(OPENING_SECONDS)
        values = refused_only(generate(settings.duration))
    finally:
        os.kill(server.pids[STORE], signal.SIGCONT)
    values["recovery_ms"] = recovery_ms(server.port, contender.dialect)
    values["store_takes"] = calls_of(commandstats(server.store_port)) - before
    return values
