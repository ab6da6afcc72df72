"""The units, as systemd and the configuration see them. No systemd needs to run."""

import os
import re
import tempfile
import tomllib
import unittest
from pathlib import Path

from built import ROOT, UNITS, Installation, needs, run, setUpModule, unit

EXPOSURE_MAX = "15"  # 1.5, as systemd-analyze wants it
FOR_A_LOG_THAT_IS_STUCK = 3


def seconds(duration):
    number, unit_of_time = re.fullmatch(r"(\d+)(ms|s|min|m|h)", duration).groups()
    return int(number) * {"ms": 0.001, "s": 1, "m": 60, "min": 60, "h": 3600}[unit_of_time]


def defaults():
    return tomllib.loads((ROOT / "config/turnomatic.toml").read_text())


@needs("systemd-analyze", "man")
class Analyzed(unittest.TestCase):
    """With a prefix of their own, so that what they start is there."""

    @classmethod
    def setUpClass(cls):
        cls.installation = Installation(destdir=False)
        cls.directory = cls.installation.root / "lib/systemd/system"

    @classmethod
    def tearDownClass(cls):
        cls.installation.close()

    def verify(self, directory):
        # It looks up the manual pages too.
        return run("systemd-analyze", "verify", *(directory / name for name in UNITS),
                   env=os.environ | {"MANPATH": f"{self.installation.root}/share/man",
                                     "SYSTEMD_LOG_LEVEL": "warning"})

    def changed(self, change):
        """A copy of the units, with one of them changed."""
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        for name in UNITS:
            text = (self.directory / name).read_text()
            (Path(directory.name) / name).write_text(change(text))
        return Path(directory.name)

    def exposure(self, path):
        return run("systemd-analyze", "security", "--offline=true",
                   f"--threshold={EXPOSURE_MAX}", "--no-pager", path)

    def test_verify_finds_nothing(self):
        self.assertEqual(self.verify(self.directory), (0, ""))

    def test_verify_would_find_something(self):
        for old, new in (("turnomatic --config", "turnomatic2 --config"),
                         ("RestartSec=2s", "RestartSec=2x"), ("man:turnomatic(1)", "man:turno(1)"),
                         ("Backlog=", "Backlogs=")):
            said = self.verify(self.changed(lambda text: text.replace(old, new)))
            self.assertNotEqual(said, (0, ""), new)

    def test_a_drop_in_for_secrets_is_right(self):
        directory = self.changed(lambda text: text)
        (directory / "turnomatic.service.d").mkdir()
        (directory / "turnomatic.service.d/secrets.conf").write_text(
            (ROOT / "deploy/systemd/secrets.conf").read_text())
        self.assertEqual(self.verify(directory), (0, ""))

    def test_exposure_is_at_most_1_5(self):
        status, text = self.exposure(self.directory / "turnomatic.service")
        self.assertEqual(status, 0, text)

    def test_exposure_would_be_too_much(self):
        weaker = self.changed(lambda text: re.sub(r"^User=.*\n|^RestrictAddress.*\n", "", text,
                                                  flags=re.MULTILINE))
        self.assertNotEqual(self.exposure(weaker / "turnomatic.service")[0], 0)


class Service(unittest.TestCase):
    def setUp(self):
        self.unit = unit("turnomatic.service")
        self.service = {key: values[-1] for key, values in self.unit["Service"].items()}

    def test_a_stop_has_the_time_that_a_drain_may_take(self):
        drain = defaults()["drain"]
        longest = seconds(drain["delay"]) + seconds(drain["timeout"]) + FOR_A_LOG_THAT_IS_STUCK
        self.assertGreater(seconds(self.service["TimeoutStopSec"]), longest)

    def test_descriptors_suffice_for_the_connections(self):
        # Some of them are not connections of callers.
        self.assertGreater(int(self.service["LimitNOFILE"]),
                           defaults()["http"]["max_connections"] + 1000)

    def test_what_does_not_heal_is_not_tried_again(self):
        page = (ROOT / "docs/configuration.md").read_text()
        named = {int(match[1]) for match in re.finditer(r"^\| (\d+) \(`EX_(?:USAGE|CONFIG)`\)", page,
                                                        re.MULTILINE)}
        self.assertEqual({int(code) for code in self.service["RestartPreventExitStatus"].split()},
                         named)

    def test_it_starts_with_the_file_that_is_installed(self):
        self.assertEqual(self.service["ExecStart"],
                         "/usr/bin/turnomatic --config /etc/turnomatic/turnomatic.toml")
        self.assertEqual(self.unit["Service"]["ExecReload"][0],
                         self.service["ExecStart"] + " --check-config")

    def test_the_user_is_the_one_that_is_made(self):
        made = (ROOT / "deploy/systemd/sysusers.conf").read_text().splitlines()[-1].split()
        self.assertEqual(made[:2], ["u", self.service["User"]])
        self.assertEqual(self.service["Group"], self.service["User"])

    def test_credentials_are_those_of_the_drop_in(self):
        given = {value.partition(":")[0] for value in self.unit["Service"]["LoadCredential"]}
        drop_in = unit("secrets.conf")["Service"]["Environment"]
        self.assertEqual({value.partition("%d/")[2] for value in drop_in}, given)


class Socket(unittest.TestCase):
    def test_it_listens_where_the_default_does(self):
        [where] = defaults()["listen"]
        host, _, port = where.rpartition(":")
        self.assertEqual(host, "localhost")
        socket = unit("turnomatic.socket")["Socket"]
        self.assertEqual(socket["ListenStream"], [f"127.0.0.1:{port}", f"[::1]:{port}"])
        self.assertEqual(int(socket["Backlog"][0]), defaults()["http"]["backlog"])

    def test_its_name_is_not_that_of_operators_sockets(self):
        self.assertNotIn("FileDescriptorName", unit("turnomatic.socket")["Socket"])


if __name__ == "__main__":
    unittest.main()
