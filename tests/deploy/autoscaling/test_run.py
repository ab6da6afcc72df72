"""deploy/local/autoscale.py, for real, with a load that rises and falls once and a rule that is thirty times
faster. TURNOMATIC and TURNOMATIC_BENCH name the programs, which lie in one directory."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import paths
from test_fleet import NEEDED, is_missing

import programs
import verdict

PATIENCE_SECONDS = 240.0
# Far from every number at which the rule decides otherwise, for machines that have other work: a third of
# what one instance should carry, more than all that there may be, a third again.
STEPS = "30x7,450x11,30x24"
RULE = ("--turns-per-instance", "100", "--faster", "30", "--most", "3")
PATH = os.environ.get("PATH", os.defpath) + ":/usr/sbin"


def processes_of(directory):
    """Pids of all that were started with it for their temporary files."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if str(directory).encode() in (process / "environ").read_bytes():
                found.append(process.name)
        except OSError:
            pass  # it is another's, or ended while we looked
    return found


@unittest.skipIf(any(map(is_missing, NEEDED)), f"one of {NEEDED} is not installed")
@unittest.skipUnless({"TURNOMATIC", "TURNOMATIC_BENCH"} <= os.environ.keys(),
                     "TURNOMATIC and TURNOMATIC_BENCH are not set")
class RunTest(unittest.TestCase):
    def setUp(self):
        self.directory = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.report = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def run_of(self, *options):
        process = subprocess.Popen(
            [sys.executable, paths.LOCAL / "autoscale.py", "--programs",
             Path(os.environ["TURNOMATIC"]).parent, "--report", self.report, *options],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env=os.environ | {"TMPDIR": str(self.directory), "PATH": PATH},
            preexec_fn=programs.die_with_parent)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def assert_nothing_is_left(self):
        self.assertEqual(list(self.directory.iterdir()), [])
        self.assertEqual(processes_of(self.directory), [])

    def test_instances_follow_the_load_and_nobody_notices(self):
        run = self.run_of("--steps", STEPS, *RULE)
        said, _ = run.communicate(timeout=PATIENCE_SECONDS)
        self.assertEqual(run.returncode, 0, said)
        document = json.loads((self.report / "autoscaling.json").read_text())
        result = document["result"]
        self.assertEqual((result["failed"], result["violations"], result["missing"], result["burned"],
                          result["flaps"], result["proof"]), (0, 0, 0, 0, 0, "proven"), said)
        # All that were asked for, and each was there.
        self.assertEqual(result["requests"] + result["overdue"], sum(
            step["rate"] * seconds for step, seconds in zip(document["steps"], (7, 11, 24))))
        self.assert_out_and_in_again(document)
        self.assertEqual([end["status"] for end in document["ends"]], [0, 0])
        self.assertIn("100 (there 75000)", said)
        self.assertIn("everything takes a 30th of the time", said)
        self.assertTrue((self.report / "autoscaling.svg").read_text().startswith("<svg "))
        self.assert_nothing_is_left()

    def assert_out_and_in_again(self, document):
        """Out to all that there may be while the load is high, and in one by one afterwards."""
        begun = [step["at_s"] for step in document["steps"]]
        changes = [(verdict.step_at(begun, change["at_s"]), change["from"], change["to"])
                   for change in document["changes"]]
        self.assertEqual(changes[-2:], [(2, 3, 2), (2, 2, 1)], changes)
        # At once, or by way of two.
        self.assertIn(changes[:-2], ([(1, 1, 3)], [(1, 1, 2), (1, 2, 3)]))

    def test_one_that_is_ended_early_shows_nothing_and_leaves_nothing(self):
        run = self.run_of("--steps", "100x60", *RULE)
        for line in run.stdout:
            if "load: 100" in line:
                break
        run.send_signal(signal.SIGINT)
        self.assertIn("nothing is shown", run.communicate(timeout=PATIENCE_SECONDS)[0])
        self.assertEqual(run.returncode, 1)
        self.assertEqual(list(self.report.iterdir()), [])
        self.assert_nothing_is_left()

    def test_options_that_make_no_sense_are_named(self):
        for options in (("--steps", "100"), ("--least", "0"), ("--least", "4", "--most", "3"),
                        ("--most", "0"), ("--faster", "0"), ("--turns-per-instance", "0"),
                        ("--processors-per-instance", "nan")):
            run = self.run_of(*options)
            said, _ = run.communicate(timeout=PATIENCE_SECONDS)
            self.assertEqual(run.returncode, 2, said)
            self.assertTrue(re.search(rf"error: .*{options[0]}", said), said)


if __name__ == "__main__":
    unittest.main()
