"""The configurations of deploy/ with the programs that read them.

TURNOMATIC names the binary; without it everything here is skipped.
"""

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request
from pathlib import Path

import packages
from containerfile import debian_packages, stages

sys.path.insert(0, str(packages.ROOT / "tests/integration"))
import server_process  # noqa: E402

DEPLOY = packages.ROOT / "deploy"
REDIS_CONFIGURATION = DEPLOY / "kubernetes/components/redis/redis.conf"
PASSWORD = "open-sesame"
# What every Debian has, and what another package of the list brings.
ALWAYS_THERE = {"libc6", "libgcc-s1"}
NO_LIBRARIES = {"ca-certificates"}


def binary():
    path = os.environ.get("TURNOMATIC", "")
    if not Path(path).is_file():
        raise unittest.SkipTest("no turnomatic: set TURNOMATIC to its path")
    return path


def environment():
    return {name: value for name, value in os.environ.items()
            if not name.startswith("TURNOMATIC")}


def free_port():
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return bound.getsockname()[1]


def get(address, path, method="GET"):
    host, port = address
    request = urllib.request.Request(f"http://{host}:{port}{path}", method=method)
    with urllib.request.urlopen(request, timeout=5) as answer:
        return answer.status, answer.read().decode()


class Configurations(unittest.TestCase):
    def test_each_file_is_accepted(self):
        files = sorted(DEPLOY.rglob("turnomatic.toml"))
        self.assertEqual([str(file.parent.relative_to(DEPLOY)) for file in files],
                         ["container", "kubernetes/base", "kubernetes/overlays/development", "pair"])
        for file in files:
            # Not --check-config, which would read the secrets.
            result = subprocess.run([binary(), "--config", file, "--print-config"],
                                    env=environment(), capture_output=True, text=True, timeout=30)
            self.assertEqual(result.returncode, 0, result.stderr)

    def test_what_kubernetes_puts_into_the_environment_does_no_harm(self):
        variables = {"TURNOMATIC_PORT": "tcp://10.0.0.11:80", "TURNOMATIC_SERVICE_HOST": "10.0.0.11",
                     "TURNOMATIC_SERVICE_PORT_TURNS": "80",
                     "TURNOMATIC_REDIS_PORT": "tcp://10.0.0.12:6379",
                     "TURNOMATIC_REDIS_SERVICE_HOST": "10.0.0.12",
                     "TURNOMATIC_OPERATIONS_SERVICE_HOST": "None"}
        result = subprocess.run([binary(), "--print-config"], env=environment() | variables,
                                capture_output=True, text=True, timeout=30)
        self.assertEqual(result.returncode, 0, result.stderr)


class Libraries(unittest.TestCase):
    def test_the_image_has_those_that_the_program_needs(self):
        needed = re.findall(r"\(NEEDED\).*\[(.+)\]", subprocess.run(
            ["readelf", "-d", binary()], capture_output=True, text=True, timeout=30).stdout)
        # A build with sanitizers needs theirs as well.
        needed = [name for name in needed if not name.startswith(("libasan", "libubsan", "libtsan"))]
        self.assertGreater(len(needed), 4)
        listed = set(debian_packages(stages()[-1]))
        owners = {owner_of(name) for name in needed} - ALWAYS_THERE
        self.assertEqual(owners, listed - NO_LIBRARIES)


def owner_of(library):
    found = subprocess.run(["dpkg-query", "--search", f"*/{library}"], capture_output=True,
                           text=True, timeout=30).stdout
    return found.partition(":")[0]


class RedisWithItsUsers:
    """Debian's Redis with the component's configuration and the users of the documents."""

    def __init__(self, directory):
        [rule] = re.findall(r"^    ACL SETUSER (turnomatic on .*)$",
                            (packages.ROOT / "docs/configuration.md").read_text(), re.MULTILINE)
        page = (packages.ROOT / "docs/deployment/kubernetes.md").read_text()
        [default] = re.findall(r"^ +(user default .*)$", page, re.MULTILINE)
        users = directory / "users.acl"
        users.write_text(f"{default}\nuser {rule.replace('>PASSWORD', f'>{PASSWORD}')}\n")
        self.port = free_port()
        self._process = subprocess.Popen(
            ["redis-server", REDIS_CONFIGURATION, "--port", str(self.port), "--bind", "127.0.0.1",
             "--dir", directory, "--aclfile", users],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            preexec_fn=server_process.die_with_parent)

    def __enter__(self):
        try:
            server_process.poll("PONG without a login", self.pongs, 10)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()

    def pongs(self):
        return self.command("PING") == "PONG"

    def command(self, *words):
        return subprocess.run(["redis-cli", "-p", str(self.port), *words], capture_output=True,
                              text=True, timeout=10).stdout.strip()


class TheStoreOfKubernetes(unittest.TestCase):
    def test_the_service_counts_there_and_nobody_else_does_anything(self):
        with tempfile.TemporaryDirectory() as name:
            directory = Path(name)
            (directory / "password").write_text(PASSWORD)
            with RedisWithItsUsers(directory) as redis, server_process.ServerProcess(
                    binary(), "--config", str(DEPLOY / "kubernetes/base/turnomatic.toml"),
                    "--redis-url", f"redis://turnomatic@127.0.0.1:{redis.port}",
                    "--redis-password-file", str(directory / "password"),
                    "--log-output", "stderr", "--drain-delay", "0ms") as server:
                self.assertIn('"turno":1}', self.first_turn(server))
                self.assertEqual(get(server.address, "/readyz")[0], 200)
                self.assertIn("NOPERM", redis.command("HGETALL", "turnomatic:{0}:store"))
                self.check_health_as_the_image_does(server)

    def first_turn(self, server):
        deadline = time.monotonic() + 10
        while True:
            try:
                return get(server.address, "/turno/grupo1", "POST")[1]
            except urllib.error.HTTPError:  # not ready yet
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def check_health_as_the_image_does(self, server):
        result = subprocess.run([DEPLOY / "container/healthcheck", str(server.operations[1])],
                                timeout=10)
        self.assertEqual(result.returncode, 0)


if __name__ == "__main__":
    unittest.main()
