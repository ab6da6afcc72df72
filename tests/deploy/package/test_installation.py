"""`cmake --install`, and what it has installed: started as systemd would start it."""

import contextlib
import json
import os
import re
import socket
import subprocess
import tempfile
import unittest
import urllib.error
import urllib.request
from pathlib import Path

from as_the_unit import AsTheUnit
from built import ROOT, UNITS, Installation, needs, run, setUpModule
from server_process import die_with_parent, poll

EVERYWHERE = {
    "bin/turnomatic", "bin/turnomatic-bench",
    "lib/systemd/system/turnomatic.service", "lib/systemd/system/turnomatic.socket",
    "lib/sysusers.d/turnomatic.conf",
    "share/bash-completion/completions/turnomatic",
    "share/bash-completion/completions/turnomatic-bench",
    "share/doc/turnomatic/examples/secrets.conf",
    "share/fish/vendor_completions.d/turnomatic.fish",
    "share/fish/vendor_completions.d/turnomatic-bench.fish",
    "share/man/man1/turnomatic.1.gz", "share/man/man1/turnomatic-bench.1.gz",
    "share/man/man5/turnomatic.toml.5.gz",
    "share/zsh/vendor-completions/_turnomatic", "share/zsh/vendor-completions/_turnomatic-bench",
}
PASSWORD, TOKEN = "open-sesame", "let-me-in"


def free_socket():
    bound = socket.create_server(("127.0.0.1", 0))
    return bound, "127.0.0.1:%d" % bound.getsockname()[1]


def ask(address, path, method="GET", **headers):
    request = urllib.request.Request(f"http://{address}{path}", method=method, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode(errors="replace")
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def turn(address, name="grupo1"):
    status, body = ask(address, f"/turno/{name}", "POST")
    return json.loads(body)["turno"] if status == 200 else None


class Installed(unittest.TestCase):
    destdir = True

    @classmethod
    def setUpClass(cls):
        cls.installation = Installation(cls.destdir)

    @classmethod
    def tearDownClass(cls):
        cls.installation.close()


class WithDestdir(Installed):
    def test_everything_is_there_and_nothing_else(self):
        self.assertEqual(set(self.installation.files()),
                         {f"usr/{path}" for path in EVERYWHERE} | {
                             "etc/turnomatic/turnomatic.toml"})

    def test_nobody_but_root_may_write_and_everybody_may_read(self):
        for name, path in self.installation.files().items():
            wanted = 0o755 if "/bin/" in name else 0o644
            self.assertEqual(path.stat().st_mode & 0o777, wanted, name)

    def test_units_are_those_of_the_tree(self):
        for name in UNITS:
            self.assertEqual((self.installation.root / "usr/lib/systemd/system" / name).read_text(),
                             (ROOT / "deploy/systemd" / name).read_text())

    def test_a_configuration_that_somebody_has_changed_stays(self):
        file = self.installation.root / "etc/turnomatic/turnomatic.toml"
        before = file.read_text()
        self.addCleanup(file.write_text, before)
        file.write_text("workers = 1\n")
        self.installation.install()
        self.assertEqual(file.read_text(), "workers = 1\n")

    def test_the_configuration_says_nothing_but_has_every_key(self):
        text = (self.installation.root / "etc/turnomatic/turnomatic.toml").read_text()
        program = self.installation.root / "usr/bin/turnomatic"

        def printed(*flags):
            status, said = run(program, *flags, "--print-config", env={"PATH": os.environ["PATH"]})
            self.assertEqual(status, 0, said)
            return said

        file = self.installation.root / "etc/turnomatic/turnomatic.toml"
        self.assertEqual(printed("--config", file), printed())
        # All of it taken into use is the same, from the file.
        with tempfile.NamedTemporaryFile("w", suffix=".toml") as used:
            used.write(re.sub(r"^#(?=\w+ = )", "", text, flags=re.MULTILINE))
            used.flush()
            said = printed("--config", used.name)
        self.assertNotIn("# default", said)
        self.assertEqual(re.sub(r"  # .*", "", said), re.sub(r"  # .*", "", printed()))


class WithPrefix(Installed):
    destdir = False

    def test_everything_is_below_it(self):
        self.assertEqual(set(self.installation.files()), EVERYWHERE | {
            "etc/turnomatic/turnomatic.toml"})

    def test_units_name_what_is_below_it(self):
        for name in UNITS:
            text = (self.installation.root / "lib/systemd/system" / name).read_text()
            for path in re.findall(r"^Exec\w+=.*", text, re.MULTILINE):
                for word in path.partition("=")[2].split():
                    if word.startswith("/") and word != "/bin/sh":
                        self.assertTrue(word.startswith(str(self.installation.root)), word)


class AsAService(Installed):
    def addresses(self):
        """Two that were free a moment ago."""
        with contextlib.ExitStack() as stack:
            found = []
            for _ in range(2):
                bound, address = free_socket()
                stack.enter_context(bound)
                found.append(address)
        return found

    def configuration(self, **changes):
        """The installed file with keys taken into use."""
        text = self.pristine
        for key, value in changes.items():
            text, count = re.subn(rf"^#{key} = .*", f"{key} = {json.dumps(value)}", text,
                                  flags=re.MULTILINE)
            self.assertEqual(count, 1, key)
        return text

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pristine = (cls.installation.root / "etc/turnomatic/turnomatic.toml").read_text()

    def test_it_is_ready_reloads_and_stops_as_systemd_is_told(self):
        callers, operators = self.addresses()
        settings = {"listen": [callers], "ops_listen": operators, "delay": "0ms"}
        with AsTheUnit(self.installation, self.configuration(**settings)) as service:
            self.assertIn(callers, service.told("READY=1"))
            self.assertEqual(turn(callers), 1)
            service.told("WATCHDOG=1")
            service.configuration.write_text(self.configuration(**settings, level="debug"))
            self.assertEqual(service.reload(), 0)
            service.told("RELOADING=1")
            service.told("READY=1")
            self.assertEqual(service.stop(), 0)
            service.told("STOPPING=1")
            # The log is written by a thread of its own, and whole when the process has ended.
            self.assertIn('"changed":"log.level"', service.log())

    def test_a_mistake_fails_the_reload_and_changes_nothing(self):
        callers, operators = self.addresses()
        settings = {"listen": [callers], "ops_listen": operators, "delay": "0ms"}
        with AsTheUnit(self.installation, self.configuration(**settings)) as service:
            service.told("READY=1")
            service.configuration.write_text(self.configuration(**settings, level="loud"))
            self.assertEqual(service.reload(), 78)
            self.assertEqual(turn(callers), 1)
            self.assertEqual(service.stop(), 0)
            self.assertIn("log.level", service.log())
            self.assertNotIn("reload", service.log())

    def test_it_serves_the_socket_that_it_inherits(self):
        # The address of `listen` is taken: the start fails unless the socket takes its place.
        unused, elsewhere = free_socket()
        inherited, callers = free_socket()
        _, operators = self.addresses()
        settings = {"listen": [elsewhere], "ops_listen": operators, "delay": "0ms"}
        with unused, inherited:
            for generation in range(2):
                with AsTheUnit(self.installation, self.configuration(**settings),
                               sockets=[("turnomatic.socket", inherited)]) as service:
                    self.assertIn(callers, service.told("READY=1"), generation)
                    self.assertEqual(turn(callers), 1)
                    self.assertEqual(ask(operators, "/livez")[0], 200)
                    self.assertEqual(service.stop(), 0)
                # Between two generations a caller waits, and is not refused.
                socket.create_connection(inherited.getsockname(), timeout=5).close()

    @needs("redis-server")
    def test_secrets_come_as_credentials(self):
        callers, operators = self.addresses()
        with contextlib.ExitStack() as stack:
            directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            directory.chmod(0o755)
            redis = self.start_redis(stack, directory)
            (directory / "redis-password").write_text(PASSWORD)
            (directory / "admin-token").write_text(TOKEN)
            drop_in = (self.installation.root /
                       "usr/share/doc/turnomatic/examples/secrets.conf").read_text()
            variables = dict(re.findall(r"^Environment=(\w+)=(.*)", drop_in, re.MULTILINE))
            service = stack.enter_context(AsTheUnit(
                self.installation,
                self.configuration(listen=[callers], ops_listen=operators, delay="0ms",
                                   backend="redis", url=f"redis://{redis}"),
                environment={name: value.replace("%d", str(directory))
                             for name, value in variables.items()}))
            service.told("READY=1")
            self.assertEqual(poll("a turn from Redis", lambda: turn(callers), 10), 1)
            self.assertEqual(ask(operators, "/admin/counters")[0], 401)
            self.assertEqual(ask(operators, "/admin/counters",
                                 Authorization=f"Bearer {TOKEN}")[0], 200)

    def start_redis(self, stack, directory):
        _, address = self.addresses()
        process = subprocess.Popen(
            ["redis-server", "--port", address.rpartition(":")[2], "--bind", "127.0.0.1", "--save",
             "", "--requirepass", PASSWORD, "--dir", directory],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, preexec_fn=die_with_parent)
        stack.callback(process.wait)
        stack.callback(process.kill)
        return address


if __name__ == "__main__":
    unittest.main()
