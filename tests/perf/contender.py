"""What a contender is: a server that is compared, made of one process or of several."""

import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

import http_client
import procfs

# The roles of a contender's processes. The service speaks HTTP; a store keeps its counters.
SERVICE, STORE = "service", "store"
CONNECTIONS_MAX = 12000  # what each must be able to hold open


class Unavailable(Exception):
    """This contender cannot run here; the text says why."""


@dataclass(frozen=True)
class Place:
    """Where a fresh contender runs: a directory and ports of its own."""
    directory: Path
    port: int
    ops_port: int
    store_port: int
    workers: int = 1
    limits: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Part:
    """One process of a contender."""
    role: str
    command: list
    probe: Callable  # (); raises OSError or BadAnswer until the process can be used


@dataclass(frozen=True)
class StoreWork:
    """What a store was asked for, in so many packets, and what it cost it."""
    packets: float
    ids: float
    turns: float
    commands: float  # that the scripts of the packets called
    bytes: float  # that it received

    def a_packet(self, since):
        """{figure: average of the packets since then}; empty if there was none."""
        packets = self.packets - since.packets
        if packets <= 0:
            return {}
        return {f"{name}_a_packet": (getattr(self, name) - getattr(since, name)) / packets
                for name in ("ids", "turns", "commands", "bytes")}


@dataclass(frozen=True, kw_only=True)
class Contender:
    """Base of all. `parts(place)` gives its processes in the order in which they start."""
    name: str
    title: str
    counts: bool = True  # keeps a counter per id
    dialect: http_client.Dialect = http_client.TURNS
    only: tuple = ()  # the scenarios it takes part in; none named: all
    memory: str = ""  # why its memory is not compared
    invited: bool = False  # takes part where a scenario names it, nowhere else

    def absence(self, scenario):
        """Why it takes no part in `scenario`, where it could be started; None if it does."""
        if scenario.among or self.invited:
            return None if self.name in scenario.among else "not compared here"
        if scenario.kind == "counters" and not self.counts:
            return "keeps no counters"
        if scenario.kind != "load" and self.memory:
            return self.memory
        if self.only and scenario.name not in self.only:
            return f"compared in {', '.join(self.only)} only"
        return None

    def store_work(self, running):
        """A StoreWork so far; None if nobody tells."""
        return None

    def memory_bytes(self, running):
        """Where the counters are."""
        return sum(map(procfs.resident_bytes, running.pids.values()))

    def service(self, place, command):
        """The part that is asked for turns."""
        def probe():
            with http_client.connect(place.port) as connection:
                http_client.take_turn(connection, dialect=self.dialect)
        return Part(SERVICE, command, probe)


def require_binary(path):
    if not path.is_file():
        raise Unavailable(f"{path.name} is not built (make build)")


def find_program(name, package):
    """Debian keeps some servers where only root looks for programs."""
    binary = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if not binary:
        raise Unavailable(f"{name} is not installed (Debian package {package})")
    return binary


def find_file(directories, name, package):
    for directory in directories:
        if (directory / name).is_file():
            return directory / name
    raise Unavailable(f"{name} is not installed (Debian package {package})")


def first_line(command):
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(str(error)) from None
    lines = done.stdout.decode(errors="replace").strip().splitlines()
    return lines[0] if lines else "unknown"
