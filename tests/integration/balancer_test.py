#!/usr/bin/env python3
"""The configurations of docs/balancers.md do what it says they do: a request that was sent is never
sent again, and a POST that was not goes to the next instance.

    balancer_test.py --server PATH [unittest arguments]

Exit status 77: one of the balancers is not installed. The tests of the other have run.
"""

import argparse
import contextlib
import json
import re
import socket
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

sys.dont_write_bytecode = True  # no __pycache__ in the source tree

from raw_http import ask, request
from server_process import ServerProcess, die_with_parent, poll

SKIPPED = 77
PAGE = (Path(__file__).resolve().parents[2] / "docs/balancers.md").read_text()
PROGRAMS = {"nginx": "/usr/sbin/nginx", "haproxy": "/usr/sbin/haproxy"}
START_TIMEOUT_SECONDS = 10.0
SERVER = None  # set by main


def block(language):
    """The one block of the page in that language."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return found


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Quitter:
    """Takes each request, and hangs up without an answer. A context manager."""

    def __init__(self):
        self.requests = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._listener.close()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                with connection, contextlib.suppress(OSError):
                    connection.settimeout(5)
                    received = b""
                    while b"\r\n\r\n" not in received:
                        piece = connection.recv(65536)
                        if not piece:
                            break
                        received += piece
                    else:
                        if b"/readyz" in received.split(b"\r\n", 1)[0]:
                            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"
                                               b"Connection: close\r\n\r\n")
                        else:
                            self.requests += 1


class Balancer:
    """A program with its block of the page, between `port` and the two servers. A context
    manager."""

    def __init__(self, name, servers):
        self.port = free_port()
        self._directory = tempfile.TemporaryDirectory()
        text = block(name)
        for documented, port in zip(("8080" if name == "nginx" else "8081", "7017", "7027"),
                                    (self.port, *servers)):
            text = text.replace(f"127.0.0.1:{documented}", f"127.0.0.1:{port}")
        home = Path(self._directory.name)
        self._file = home / "configuration"
        if name == "nginx":
            paths = "".join(f"{kind}_temp_path {home}/{kind};" for kind in
                            ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
            text = (f"daemon off; master_process off; pid {home}/pid; error_log {home}/log;\n"
                    f"events {{}}\nhttp {{ access_log off; {paths}\n{text} }}\n")
            self._arguments = ["-p", str(home), "-e", f"{home}/log", "-c", str(self._file)]
            self._check = ["-t"]
        else:
            self._arguments = ["-f", str(self._file)]
            self._check = ["-c"]
        self._file.write_text(text)
        self._program = PROGRAMS[name]

    def check(self):
        """What the program says against its configuration, instead of running it."""
        with self._directory:
            done = subprocess.run([self._program, *self._check, *self._arguments], text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        wrong = done.returncode != 0 or "warn" in done.stdout.lower()
        return done.stdout if wrong else ""

    def __enter__(self):
        self._process = subprocess.Popen(
            [self._program, *self._arguments], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=die_with_parent)
        poll("the balancer to listen", self._listens, START_TIMEOUT_SECONDS)
        return self

    def __exit__(self, *_):
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._directory.cleanup()

    def _listens(self):
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        return False

    def ask(self, method, target):
        """The status and the body of the answer."""
        connection = socket.create_connection(("127.0.0.1", self.port), 10)
        with connection, connection.makefile("rb") as answer:
            connection.sendall(request(method, target, ["Host: h", "Connection: close"]))
            whole = answer.read()
        return int(whole.split(b" ", 2)[1]), whole.split(b"\r\n\r\n", 1)[1]


class BalancerTest:
    """What both must do."""

    def setUp(self):
        if not Path(PROGRAMS[self.name]).exists():
            self.skipTest(f"no {self.name}")

    def balancer(self, *servers):
        return self.enterContext(Balancer(self.name, servers))

    def server(self):
        return self.enterContext(ServerProcess(SERVER))

    def refusing_port(self):
        """Of an instance that has stopped. Nobody else can have the port for as long."""
        held = self.enterContext(socket.socket())
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]

    def test_its_configuration_is_accepted_without_a_warning(self):
        self.assertEqual(Balancer(self.name, (7017, 7027)).check(), "")

    def test_turns_come_through_whatever_the_method_and_the_escapes(self):
        balancer = self.balancer(*[self.server().address[1]] * 2)
        self.assertEqual(balancer.ask("POST", "/turno/%67rupo7?x=%2F"),
                         (200, b'{"id":"grupo7","turno":1}'))
        self.assertEqual(balancer.ask("GET", "/turno/%67rupo7"), (200, b'{"id":"grupo7","turno":2}'))
        self.assertEqual(balancer.ask("HEAD", "/turno/a")[0], 405)
        self.assertEqual(balancer.ask("GET", "/turno/a%2Fb")[0], 400)

    def test_a_request_that_was_sent_is_never_sent_again(self):
        for method in ("GET", "POST"):
            one, two = self.enterContext(Quitter()), self.enterContext(Quitter())
            balancer = self.balancer(one.port, two.port)
            with self.subTest(method):
                self.assertEqual(balancer.ask(method, "/turno/a")[0], 502)
                self.assertEqual(one.requests + two.requests, 1)

    def test_a_post_goes_past_an_instance_that_has_stopped(self):
        server = self.server()
        balancer = self.balancer(self.refusing_port(), server.address[1])
        taken = [balancer.ask("POST", "/turno/a") for _ in range(20)]
        self.assertEqual([status for status, _ in taken], [200] * 20)
        self.assertEqual([json.loads(body)["turno"] for _, body in taken], list(range(1, 21)))


class NginxTest(BalancerTest, unittest.TestCase):
    name = "nginx"

    def test_a_get_that_meets_an_instance_that_has_stopped_takes_no_turn(self):
        server = self.server()
        balancer = self.balancer(self.refusing_port(), server.address[1])
        statuses = [balancer.ask("GET", "/turno/a")[0] for _ in range(10)]
        self.assertIn(502, statuses)
        answer = ask(server.address, request("POST", "/turno/a"))
        self.assertEqual(json.loads(answer.body)["turno"], statuses.count(200) + 1)


class HaproxyTest(BalancerTest, unittest.TestCase):
    name = "haproxy"


def main():
    global SERVER
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--server", required=True, type=Path)
    known, others = parser.parse_known_args()
    SERVER = known.server.resolve()
    result = unittest.main(argv=[sys.argv[0], *others], exit=False).result
    if not result.wasSuccessful():
        return 1
    return SKIPPED if result.skipped else 0


if __name__ == "__main__":
    sys.exit(main())
