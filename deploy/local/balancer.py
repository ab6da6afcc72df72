"""HAProxy with deploy/haproxy's rules and no instance: each is added and removed while it runs, over the
runtime API (management.txt of HAProxy 2.6, section 9.3)."""

import csv
import re
import socket
from typing import NamedTuple

import pair
from programs import Program, accepts

BACKEND = "instances"
ANSWER_SECONDS = 5.0
READ_BYTES = 65536


class BalancerError(Exception):
    """HAProxy did not do as it was told; says what it answered."""


class Server(NamedTuple):
    is_up: bool
    busy: int  # requests under way there, or waiting for it alone


def haproxy(port, statistics_port, directory):
    backend = directory / "instances.cfg"
    backend.write_text(f"backend {BACKEND}\n")
    command = pair.haproxy_rules(port, statistics_port, directory,
                                 f"stats socket {socket_in(directory)} mode 600 level admin")
    return Program("HAProxy", [*command, "-f", backend], directory / "haproxy.log",
                   lambda: accepts(port))


def socket_in(directory):
    return directory / "haproxy.sock"


def server_settings():
    """What default-server says, which holds for none that is added later."""
    rules = (pair.DEPLOY / "haproxy/balancer.cfg").read_text()
    [settings] = re.findall(r"^ *default-server +(.+)$", rules, re.MULTILINE)
    return settings


class Balancer:
    """`control` is the path of HAProxy's socket."""

    def __init__(self, control):
        self._control = str(control)
        self._settings = server_settings()

    def ask(self, command):
        """The answer."""
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(ANSWER_SECONDS)
                connection.connect(self._control)
                connection.sendall(f"{command}\n".encode())
                answer = b""
                while read := connection.recv(READ_BYTES):
                    answer += read
        except OSError as error:
            raise BalancerError(f"HAProxy does not answer: {error}") from None
        return answer.decode().strip()

    def _tell(self, command, expected=""):
        if (answer := self.ask(command)) != expected:
            raise BalancerError(f"{command}: {answer}")

    def add(self, name, port):
        """It gets requests from now on."""
        at = f"{BACKEND}/{name}"
        self._tell(f"add server {at} 127.0.0.1:{port} {self._settings}", "New server registered.")
        self._tell(f"enable health {at}")
        self._tell(f"enable server {at}")

    def drain(self, name):
        """It gets no new request from now on."""
        self._tell(f"set server {BACKEND}/{name} state drain")

    def remove(self, name):
        """Whether it is gone. HAProxy keeps one for as long as it has a connection there."""
        self._tell(f"set server {BACKEND}/{name} state maint")
        return self.ask(f"del server {BACKEND}/{name}") == "Server deleted."

    def servers(self):
        """{name: Server}."""
        table = self.ask(f"show stat {BACKEND} 4 -1").lstrip("# ")
        return {row["svname"]: Server(row["status"].startswith("UP"), int(row["scur"]) + int(row["qcur"]))
                for row in csv.DictReader(table.splitlines())}
