#!/usr/bin/python3
"""The packages from the built file to the purge, in a machine with a systemd of its own.

    make package-test

Needs root, namespaces, and a mirror of Debian (DEBIAN_MIRROR) the first time. The tests are steps of one
story: each goes on where the one before it has ended, and the first that fails ends it.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

from built import ROOT, run
from machine import CACHE, Machine, base_system

# What the machine has besides what the packages depend on.
TOOLS = {"systemd-sysv", "dbus", "curl", "redis-server"}
PASSWORD, TOKEN = "open-sesame", "let-me-in"
CONFIGURATION = "/etc/turnomatic/turnomatic.toml"
NAMES = ("turnomatic", "turnomatic-bench")


def build(release):
    """The packages of that release by name, kept where the next build leaves them alone."""
    subprocess.run([ROOT / "scripts/package", release], check=True, timeout=1800)
    kept = CACHE / f"release-{release}"
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(ROOT / "build/packages", kept)
    found = {name: list(kept.glob(f"{name}_*.deb")) for name in NAMES}
    return {name: path for name, [path] in found.items()}


def with_another_conffile(path):
    """The same package with release 3, which ships a configuration that has changed."""
    with tempfile.TemporaryDirectory() as name:
        tree = Path(name) / "tree"
        subprocess.run(["dpkg-deb", "-R", path, tree], check=True, timeout=60)
        control = tree / "DEBIAN/control"
        control.write_text(re.sub(r"^(Version: .*)-2$", r"\1-3", control.read_text(),
                                  flags=re.MULTILINE))
        with (tree / CONFIGURATION.lstrip("/")).open("a") as file:
            file.write("# news\n")
        repacked = CACHE / "turnomatic-3.deb"
        subprocess.run(["dpkg-deb", "--root-owner-group", "-b", tree, repacked], check=True,
                       stdout=subprocess.DEVNULL, timeout=60)
    return repacked


def field(path, name):
    status, text = run("dpkg-deb", "-f", path, name)
    assert status == 0, text
    return text.strip()


def depends(path):
    """Names of the packages; of alternatives the first."""
    return {re.match(r"[a-z0-9.+-]+", one.strip())[0] for one in field(path, "Depends").split(",")}


class BuiltPackages(unittest.TestCase):
    def test_1_packed_again_they_have_the_same_bytes(self):
        # The programs are not compiled again, which would take minutes.
        before = {name: path.read_bytes() for name, path in first.items()}
        for name, path in build("1").items():
            self.assertEqual(path.read_bytes(), before[name], name)

    def test_2_lintian_finds_nothing(self):
        status, text = run("lintian", "--fail-on=error,warning", "--allow-root", *first.values())
        self.assertEqual((status, text), (0, ""))

    def test_3_what_they_depend_on_was_found_out(self):
        self.assertLessEqual({"libc6", "libssl3", "libhiredis0.14", "libsystemd0"},
                             depends(first["turnomatic"]))
        self.assertNotIn("libhiredis0.14", depends(first["turnomatic-bench"]))

    def test_4_it_installs_and_purges_where_no_systemd_runs(self):
        with Machine(archive) as machine:
            shutil.copy(first["turnomatic"], machine.root / "opt/one.deb")
            said = machine.run("dpkg -i /opt/one.deb && turnomatic --version")
            self.assertIn("turnomatic 0.", said)
            self.assertIn("turnomatic:", (machine.root / "etc/passwd").read_text())
            wanted = machine.root / "etc/systemd/system/multi-user.target.wants"
            self.assertTrue((wanted / "turnomatic.service").is_symlink())
            machine.run("dpkg --purge turnomatic")
            self.assertNotIn("turnomatic:", (machine.root / "etc/passwd").read_text())
            self.assertFalse((wanted / "turnomatic.service").is_symlink())


class Life(unittest.TestCase):
    """On one machine, from the first installation to the purge."""

    @classmethod
    def setUpClass(cls):
        cls.machine = cls.enterClassContext(Machine(archive))
        for name, paths in (("one", first), ("two", second)):
            (cls.machine.root / name).mkdir()
            for path in paths.values():
                shutil.copy(path, cls.machine.root / name)
        cls.machine.boot()

    def setUp(self):
        self.run_there = self.machine.run

    def is_active(self, name="turnomatic.service"):
        return self.run_there(f"systemctl is-active {name} || true").strip() == "active"

    def main_pid(self):
        return int(self.run_there("systemctl show -P MainPID turnomatic"))

    def turn(self):
        said = self.run_there("curl -sf -X POST http://localhost:7017/turno/a || true")
        return int(said.rpartition(":")[2].rstrip("}")) if said else None

    def wait_for(self, what, look, seconds=20.0):
        deadline = time.monotonic() + seconds
        while not (found := look()):
            if time.monotonic() > deadline:
                self.fail(f"waited for {what}: {self.run_there('journalctl -n 30 --no-pager')}")
            time.sleep(0.2)
        return found

    def change(self, key, value):
        """Takes a key of the installed configuration into use."""
        file = self.machine.root / CONFIGURATION.lstrip("/")
        text, count = re.subn(rf"^#?{key} = .*", f"{key} = {value}", file.read_text(),
                              flags=re.MULTILINE)
        self.assertEqual(count, 1)
        file.write_text(text)

    def test_10_installed_it_serves(self):
        self.run_there("dpkg -i /one/*.deb")
        self.assertTrue(self.is_active())
        self.assertFalse(self.is_active("turnomatic.socket"))
        self.assertEqual(self.run_there("systemctl is-enabled turnomatic.service").strip(),
                         "enabled")
        self.assertEqual(self.run_there("systemctl is-enabled turnomatic.socket || true").strip(),
                         "disabled")
        self.assertEqual([self.turn(), self.turn()], [1, 2])

    def test_11_it_is_confined(self):
        said = self.run_there(f"cat /proc/{self.main_pid()}/status; id -u turnomatic; "
                              "getent passwd turnomatic")
        status = dict(re.findall(r"^(\w+):\t(.*)", said, re.MULTILINE))
        uid = re.search(r"^(\d+)$", said, re.MULTILINE)[1]
        self.assertEqual(set(status["Uid"].split()), {uid})
        self.assertNotEqual(uid, "0")
        self.assertIn("/usr/sbin/nologin", said)
        self.assertEqual((status["Seccomp"], status["NoNewPrivs"]), ("2", "1"))
        self.assertEqual({int(status[name], 16) for name in ("CapEff", "CapBnd", "CapPrm")}, {0})
        self.run_there("systemd-analyze security --threshold=15 turnomatic.service >/dev/null")

    def test_12_metrics_are_whole_within_the_confinement(self):
        said = self.run_there("curl -s http://localhost:7018/metrics; date +'now %s'")
        started = float(re.search(r"^process_start_time_seconds (.*)", said, re.MULTILINE)[1])
        now = float(re.search(r"^now (.*)", said, re.MULTILINE)[1])
        self.assertTrue(now - 60 < started <= now, (started, now))
        self.assertGreater(int(re.search(r"^process_open_fds (\d+)", said, re.MULTILINE)[1]), 10)

    def test_13_a_reload_applies_a_change_and_refuses_a_mistake(self):
        self.change("level", '"loud"')
        self.assertIn("failed", self.run_there("systemctl reload turnomatic 2>&1 || true"))
        self.assertEqual(self.turn(), 3)
        self.change("level", '"debug"')
        self.run_there("systemctl reload turnomatic")
        self.wait_for("the reload", lambda: '"changed":"log.level"' in self.run_there(
            "journalctl -u turnomatic --no-pager -o cat"))
        self.assertEqual(self.turn(), 4)

    def test_14_it_is_started_again_when_it_dies_or_hangs(self):
        killed = self.main_pid()
        self.run_there(f"kill -KILL {killed}")
        self.wait_for("the next process", lambda: self.main_pid() not in (0, killed) and self.turn())
        self.run_there("mkdir -p /run/systemd/system/turnomatic.service.d && "
                       "printf '[Service]\\nWatchdogSec=2s\\nTimeoutAbortSec=1s\\n' "
                       "> /run/systemd/system/turnomatic.service.d/soon.conf && "
                       "systemctl daemon-reload && systemctl restart turnomatic")
        stopped = self.main_pid()
        self.run_there(f"kill -STOP {stopped}")
        self.wait_for("the watchdog", lambda: self.main_pid() not in (0, stopped) and self.turn())
        self.run_there("rm -r /run/systemd/system/turnomatic.service.d && systemctl daemon-reload && "
                       "systemctl restart turnomatic")

    def test_20_secrets_are_credentials(self):
        self.run_there(
            f"printf 'requirepass {PASSWORD}\\nappendonly yes\\nappendfsync always\\n' "
            ">> /etc/redis/redis.conf && systemctl restart redis-server && "
            "mkdir -p -m 700 /etc/credstore && umask 077 && "
            f"printf '{PASSWORD}\\n' > /etc/credstore/turnomatic.redis-password && "
            f"printf '{TOKEN}\\n' > /etc/credstore/turnomatic.admin-token && umask 022 && "
            "mkdir -p /etc/systemd/system/turnomatic.service.d && "
            "cp /usr/share/doc/turnomatic/examples/secrets.conf "
            "/etc/systemd/system/turnomatic.service.d/")
        self.change("backend", '"redis"')
        self.run_there("systemctl daemon-reload && systemctl restart turnomatic")
        self.assertEqual(self.wait_for("a turn from Redis", self.turn), 1)
        self.assertIn(" 401 ", self.run_there("curl -si http://localhost:7018/admin/counters"))
        self.assertIn(" 200 ", self.run_there(
            f"curl -si -H 'Authorization: Bearer {TOKEN}' http://localhost:7018/admin/counters"))

    def test_21_the_socket_starts_it(self):
        self.run_there("systemctl stop turnomatic.service && "
                       "systemctl enable --now turnomatic.socket")
        self.assertFalse(self.is_active())
        self.assertEqual(self.wait_for("a turn", self.turn), 2)
        self.assertTrue(self.is_active())

    def test_30_an_upgrade_loses_no_turn_and_refuses_nobody(self):
        before = self.main_pid()
        load = self.machine.start(
            "exec timeout 60 turnomatic-bench run http://127.0.0.1:7017 --ops http://127.0.0.1:7018 "
            "--post --close --connections 16 --rate 200 --duration 20s --id up --quiet --json")
        time.sleep(3)
        said = self.run_there("dpkg -i /two/*.deb")
        self.assertNotIn("onfiguration file", said)
        text, _ = load.communicate(timeout=90)
        self.assertEqual(load.returncode, 0, text)
        report = json.loads(text)
        self.assertEqual([answer["status"] for answer in report["answers"]], [200], report)
        self.assertEqual(sum(report["failures"].values()), 0, report)
        self.assertEqual((report["proof"]["conclusion"], report["proof"]["missing"],
                          report["proof"]["burned"]), ("proven", 0, 0), report)
        print(f"{report['load']['turns']} turns, the slowest in "
              f"{report['latency']['max_us'] / 1000:.0f} ms", end=" ... ", file=sys.stderr)
        self.assertTrue(self.is_active() and self.is_active("turnomatic.socket"))
        self.assertNotEqual(self.main_pid(), before)
        self.assertIn("-2", self.run_there("dpkg-query -W -f '${Version}' turnomatic"))

    def test_31_an_upgrade_keeps_what_the_administrator_has_changed(self):
        text = (self.machine.root / CONFIGURATION.lstrip("/")).read_text()
        self.assertIn('\nbackend = "redis"\n', text)
        self.assertIn("loaded active", self.run_there(
            "systemctl list-units --no-pager --plain turnomatic.socket | tr -s ' '"))
        self.run_there("systemctl disable --now turnomatic.service turnomatic.socket && "
                       "dpkg -i /two/*.deb")
        self.assertFalse(self.is_active())
        self.assertEqual(self.run_there(
            "systemctl is-enabled turnomatic.service turnomatic.socket || true").split(),
            ["disabled", "disabled"])
        self.run_there("systemctl enable --now turnomatic.service")
        self.wait_for("a turn", self.turn)

    def test_32_a_configuration_that_both_sides_have_changed_stays(self):
        file = self.machine.root / CONFIGURATION.lstrip("/")
        before = file.read_text()
        shutil.copy(with_another_conffile(second["turnomatic"]), self.machine.root / "two/three")
        self.run_there("dpkg --force-confdef --force-confold -i /two/three")
        self.assertIn("-3", self.run_there("dpkg-query -W -f '${Version}' turnomatic"))
        self.assertEqual(file.read_text(), before)
        self.assertIn("# news", file.with_name("turnomatic.toml.dpkg-dist").read_text())
        self.wait_for("a turn", self.turn)

    def test_40_removed_it_keeps_its_configuration(self):
        self.run_there("dpkg --remove turnomatic turnomatic-bench")
        self.assertFalse(self.is_active())
        self.assertIsNone(self.turn())
        self.assertTrue((self.machine.root / CONFIGURATION.lstrip("/")).exists())
        # The third: dpkg remembers which configuration was shipped last, and asks about another.
        self.run_there("dpkg -i /two/three /two/turnomatic-bench*.deb")
        self.assertGreater(self.wait_for("a turn", self.turn), 2)

    def test_41_purged_it_leaves_nothing(self):
        # What this story, and not the package, has put there.
        self.run_there("rm -r /etc/credstore /etc/systemd/system/turnomatic.service.d")
        self.run_there("dpkg --purge turnomatic turnomatic-bench")
        self.assertFalse(self.is_active())
        self.assertEqual(self.run_there(
            "find / -xdev -path /proc -prune -o -path /one -prune -o -path /two -prune "
            "-o -iname '*turnomatic*' -print"), "")
        self.assertEqual(self.run_there("grep -l turnomatic /etc/passwd /etc/group /etc/shadow "
                                        "/var/lib/dpkg/status || true"), "")
        self.assertNotIn("turnomatic", self.run_there(
            "systemctl list-units --all --no-pager --plain --no-legend"))


if __name__ == "__main__":
    if os.geteuid() != 0:
        sys.exit("package_test: needs root")
    first, second = build("1"), build("2")
    archive = base_system(TOOLS | depends(first["turnomatic"]) | depends(first["turnomatic-bench"]))
    unittest.main(failfast=True, verbosity=2)
