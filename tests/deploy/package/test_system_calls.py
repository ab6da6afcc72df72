"""SystemCallFilter of the unit against what the program does in a whole life: TLS to Redis, callers over
TCP and a unix socket, operators, reloads, a Redis that goes and comes back, a drain."""

import contextlib
import re
import socket
import subprocess
import tempfile
import unittest
from pathlib import Path

from as_the_unit import AsTheUnit
from built import Installation, needs, run, setUpModule, unit
from server_process import die_with_parent, poll
from test_installation import ask, free_socket, turn

# systemd lets these through under any list of what is allowed (systemd.exec(5), SystemCallFilter=).
ALWAYS = "@default"


def members_of(group):
    """The system calls of a group, those of the groups in it included."""
    status, text = run("systemd-analyze", "syscall-filter", "--no-pager", group)
    if status != 0:
        raise AssertionError(text)
    members = set()
    for word in re.findall(r"^ +(@?[a-z][\w-]*)$", text, re.MULTILINE):
        members |= members_of(word) if word.startswith("@") else {word}
    return members


def allowed_by(lines):
    allowed = members_of(ALWAYS)
    for line in lines:
        for word in line.removeprefix("~").split():
            members = members_of(word) if word.startswith("@") else {word}
            allowed = allowed - members if line.startswith("~") else allowed | members
    return allowed


def calls_in(trace):
    """The names of all system calls of the process and its threads, its start included."""
    return set(re.findall(r"^\d+ +(\w+)\(", trace, re.MULTILINE))


class Redis:
    """With TLS alone."""

    def __init__(self, directory, port):
        self._directory, self._port = directory, port
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-keyout", directory / "key.pem", "-out", directory / "cert.pem", "-days",
             "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
            check=True, capture_output=True, timeout=30)
        self.start()

    def start(self):
        key, certificate = self._directory / "key.pem", self._directory / "cert.pem"
        self._process = subprocess.Popen(
            ["redis-server", "--port", "0", "--tls-port", self._port, "--tls-cert-file",
             certificate, "--tls-key-file", key, "--tls-auth-clients", "no", "--bind", "127.0.0.1",
             "--appendonly", "yes", "--appendfsync", "always", "--dir", self._directory],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, preexec_fn=die_with_parent)

    def stop(self):
        self._process.kill()
        self._process.wait()


@needs("strace", "systemd-analyze", "redis-server", "openssl")
class SystemCalls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.allowed = allowed_by(unit("turnomatic.service")["Service"]["SystemCallFilter"])

    def test_all_of_a_whole_life_are_allowed(self):
        calls = self.calls_of_a_life()
        # It was the program that was seen, and not strace alone.
        self.assertLessEqual({"execve", "epoll_wait", "accept4", "connect", "exit_group"}, calls)
        self.assertEqual(calls - self.allowed, set())

    def test_the_filter_forbids_something(self):
        self.assertEqual(self.allowed & {"mount", "ptrace", "setuid", "bpf", "chroot", "reboot",
                                         "init_module", "sched_setaffinity"},
                         set())

    def calls_of_a_life(self):
        with contextlib.ExitStack() as stack:
            installation = Installation(destdir=True)
            stack.callback(installation.close)
            directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            directory.chmod(0o777)  # the socket and the trace are of another user
            addresses = []
            for _ in range(3):
                bound, address = free_socket()
                bound.close()
                addresses.append(address)
            callers, operators, store = addresses
            redis = Redis(directory, store.rpartition(":")[2])
            stack.callback(redis.stop)
            configuration = CONFIGURATION.format(
                callers=callers, operators=operators, port=store.rpartition(":")[2],
                directory=directory)
            trace = directory / "trace"
            service = stack.enter_context(AsTheUnit(
                installation, configuration, wrapper=["strace", "-f", "-qq", "-o", str(trace)]))
            self.live(service, redis, callers, operators, directory)
            return calls_in(trace.read_text())

    def live(self, service, redis, callers, operators, directory):
        service.told("READY=1")
        poll("a turn over TLS", lambda: turn(callers), 20)
        with socket.socket(socket.AF_UNIX) as caller:
            caller.settimeout(10)
            caller.connect(str(directory / "turns.sock"))
            caller.sendall(b"POST /turno/a HTTP/1.1\r\nHost: h\r\nIdempotency-Key: k\r\n\r\n")
            self.assertIn(b" 200 ", caller.recv(4096))
        for path in ("/metrics", "/health", "/degraded", "/readyz", "/livez"):
            ask(operators, path)
        ask(operators, "/metrics", **{"Accept-Encoding": "gzip"})
        redis.stop()
        poll("a turn that is refused", lambda: turn(callers) is None, 20)
        redis.start()
        poll("a turn from the Redis that is back", lambda: turn(callers), 20)
        with service.configuration.open("a") as file:
            file.write('level = "debug"\n')
        self.assertEqual(service.reload(), 0)
        service.told("RELOADING=1")
        service.told("READY=1")
        self.assertEqual(service.stop(), 0, service.log()[-1000:])


CONFIGURATION = """\
listen = ["{callers}", "unix:{directory}/turns.sock"]
ops_listen = "{operators}"
backend = "redis"
workers = 2
[drain]
delay = "0ms"
[redis]
url = "rediss://localhost:{port}"
tls_ca_file = "{directory}/cert.pem"
[log]
"""

if __name__ == "__main__":
    unittest.main()
