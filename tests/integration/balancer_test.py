#!/usr/bin/env python3
"""The configurations of deploy/haproxy and deploy/nginx do what docs/balancers.md says: a request that
was sent is never sent again, and a POST that was not goes to the next instance.

    balancer_test.py --server PATH [unittest arguments]

Exit status 77: one of the balancers is not installed. The tests of the other have run.
"""

import contextlib
import json
import socket
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

sys.dont_write_bytecode = True  # no __pycache__ in the source tree
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "deploy/demo"))

import pair
from programs import StartFailed, free_ports
from raw_http import ask, request
from server_process import ServerProcess, poll
from server_tests import server_and_arguments

SKIPPED = 77
SERVER = None  # set by main


class Quitter:
    """Is ready for all who ask, takes each other request and hangs up without an answer. A context
    manager."""

    def __init__(self):
        self.requests, self.probes = 0, 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """Refuses connections from now on. Closing alone would not wake who waits for one."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
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
                            self.probes += 1
                            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"
                                               b"Connection: close\r\n\r\n")
                        else:
                            self.requests += 1


class Balancer:
    """A balancer as deploy/ configures it, between `port` and the two servers. A context manager."""

    def __init__(self, name, servers):
        self._directory = tempfile.TemporaryDirectory()
        self._home = home = Path(self._directory.name)
        ports = free_ports({"balancer": 0, "statistics": 0})
        self.port = ports["balancer"]
        if name == "nginx":
            self._program, self._check = pair.nginx(self.port, servers, home), "-t"
        else:
            self._program = pair.haproxy(self.port, ports["statistics"], servers, home)
            self._check = "-c"

    def check(self):
        """What the program says against its configuration, instead of running it."""
        with self._directory:
            done = subprocess.run([*self._program.command, self._check], text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        wrong = done.returncode != 0 or "warn" in done.stdout.lower()
        return done.stdout if wrong else ""

    def __enter__(self):
        self._program.start()
        return self

    def __exit__(self, *_):
        self._program.stop()
        self._directory.cleanup()

    def logged(self):
        """The lines of its log that speak of a turn."""
        file = self._home / ("nginx-access.log" if self._check == "-t" else "haproxy.log")
        return [line for line in file.read_text().splitlines() if "/turno/" in line]

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
        try:
            pair.find(self.name)
        except StartFailed as missing:
            self.skipTest(str(missing))

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
        # ".." is an id like others, though nginx takes the last of these for another path.
        for method, target in (("GET", "/turno/a"), ("POST", "/turno/a"), ("GET", "/turno/..")):
            one, two = self.enterContext(Quitter()), self.enterContext(Quitter())
            balancer = self.balancer(one.port, two.port)
            with self.subTest(method=method, target=target):
                self.assertEqual(balancer.ask(method, target)[0], 502)
                self.assertEqual(one.requests + two.requests, 1)

    def test_a_post_goes_past_an_instance_that_has_just_stopped(self):
        quitter, server = self.enterContext(Quitter()), self.server()
        balancer = self.balancer(quitter.port, server.address[1])
        self.wait_until_checked(quitter)
        quitter.stop()
        taken = [balancer.ask("POST", "/turno/a") for _ in range(20)]
        self.assertEqual([status for status, _ in taken], [200] * 20)
        self.assertEqual([json.loads(body)["turno"] for _, body in taken], list(range(1, 21)))


    def test_what_goes_wrong_is_logged_and_nothing_else_is(self):
        server, quitter = self.server(), self.enterContext(Quitter())
        well = self.balancer(*[server.address[1]] * 2)
        for _ in range(3):
            well.ask("POST", "/turno/a")
        ill = self.balancer(quitter.port, quitter.port)
        ill.ask("POST", "/turno/a")
        poll("a line", ill.logged)
        [line] = ill.logged()
        self.assertIn(" 502 ", line)
        self.assertRegex(line, self.name_of_instance(quitter.port))
        self.assertEqual(well.logged(), [])


class NginxTest(BalancerTest, unittest.TestCase):
    name = "nginx"

    def name_of_instance(self, port):
        return f"to=127.0.0.1:{port} "

    def wait_until_checked(self, _):
        """It does not check."""

    def test_a_get_that_meets_an_instance_that_has_stopped_takes_no_turn(self):
        server = self.server()
        balancer = self.balancer(self.refusing_port(), server.address[1])
        statuses = [balancer.ask("GET", "/turno/a")[0] for _ in range(10)]
        self.assertIn(502, statuses)
        answer = ask(server.address, request("POST", "/turno/a"))
        self.assertEqual(json.loads(answer.body)["turno"], statuses.count(200) + 1)


class HaproxyTest(BalancerTest, unittest.TestCase):
    name = "haproxy"

    def name_of_instance(self, _):
        return "instances/instance-[12] "

    def wait_until_checked(self, quitter):
        """From then on a second passes until it notices an end, and two until it believes in it."""
        poll("a check", lambda: quitter.probes > 0)


def main():
    global SERVER
    SERVER, arguments = server_and_arguments(__doc__)
    result = unittest.main(argv=arguments, exit=False).result
    if not result.wasSuccessful():
        return 1
    return SKIPPED if result.skipped else 0


if __name__ == "__main__":
    sys.exit(main())
