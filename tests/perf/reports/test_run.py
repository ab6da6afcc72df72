"""The measuring itself, quickly: every section runs, and what was written matches what was measured.
TURNOMATIC_PROGRAMS names the directory of the build."""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
EXIT_UNAVAILABLE = 69
SECTIONS = ("maximum", "rates", "tools", "unexpected", "connections", "workers", "store_floor", "snapshot")


ROLES = {"floor": {"service"}, "memory": {"service"}, "http_alone": {"service", "balancer"},
         "tcp_alone": {"service", "balancer"}, "pair_http": {"service", "store", "balancer"},
         "pair_tcp": {"service", "store", "balancer"},
         **dict.fromkeys(("redis", "redis_ids", "redis_disk", "redis_far"), {"service", "store"})}


def reports(*arguments):
    return subprocess.run([sys.executable, "-B", HERE / "reports.py", *arguments],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=500)


@unittest.skipUnless("TURNOMATIC_PROGRAMS" in os.environ, "TURNOMATIC_PROGRAMS is not set")
class QuickRunTest(unittest.TestCase):
    def test_measures_and_writes_all_of_it(self):
        with tempfile.TemporaryDirectory() as name:
            done = reports("--quick", "--programs", os.environ["TURNOMATIC_PROGRAMS"], "--output", name)
            if done.returncode == EXIT_UNAVAILABLE:
                self.skipTest(done.stdout.splitlines()[-1])
            self.assertIn(f"written to {name}", done.stdout)
            document = json.loads(Path(name, "data/measured.json").read_text())
            for section in SECTIONS:
                with self.subTest(section):
                    self.assertTrue(document[section])
                    self.assertEqual([each for each in document[section]
                                      if not each.get("valid", True)], [])
            # perf may be missing, or may not be allowed to look.
            self.assertTrue(document["profiles"])
            self.check_what_was_measured(document)
            checked = reports("--check", "--output", name)
            self.assertEqual((checked.returncode, checked.stdout), (0, ""))
            self.check_that_a_lie_is_found_out(Path(name))

    def check_what_was_measured(self, document):
        for each in document["maximum"]:
            self.assertGreater(each["rate"], 100, each["setup"])
            self.assertEqual(set(each["cpu_us"]), ROLES[each["setup"]], each["setup"])
            self.assertGreater(min(each["cpu_us"].values()), 0, each["setup"])
        # A delay of a millisecond is in each answer.
        far = [each for each in document["rates"] if each["setup"] == "redis_far"]
        self.assertGreater(min(each["p50_us"] for each in far), 1000)
        told = [each for each in document["unexpected"] if each["kind"] == "malformed"]
        self.assertEqual(set(told[0]["hostile"]["answers"]), {"400"})
        self.assertEqual({each["policy"] for each in document["snapshot"]}, {"skip", "halt"})

    def check_that_a_lie_is_found_out(self, directory):
        file = directory / "load-test.md"
        file.write_text(file.read_text().replace("| 1/1 |", "| 9/9 |", 1))
        checked = reports("--check", "--output", directory)
        self.assertEqual(checked.returncode, 1)
        self.assertIn("load-test.md is not what the data says", checked.stdout)


class CommandLineTest(unittest.TestCase):
    def test_wrong_usage(self):
        for arguments in (["--nonsense"], ["--quick", "--render"]):
            self.assertEqual(reports(*arguments).returncode, 64)

    def test_programs_that_are_not_built(self):
        with tempfile.TemporaryDirectory() as name:
            done = reports("--quick", "--programs", name)
        self.assertEqual(done.returncode, EXIT_UNAVAILABLE)
        self.assertIn("is not built", done.stdout)


if __name__ == "__main__":
    unittest.main()
