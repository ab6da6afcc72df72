"""scripts/rename-metric: one command renames a metric wherever it is named, and nothing else."""

import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from metrics import SOURCE_DIR

ROWS = """\
| `t_turns_total` | counter | none | Turns. |
| `t_turns_total_seconds` | gauge | none | Another. |
| `t_time_seconds` | histogram | none | Time. |
| `t_time_seconds_count_limit` | gauge | none | Another. |
"""
FILES = {
    "docs/metrics.md": ROWS,
    "src/a.cpp": 'counter("t_turns_total"); gauge("t_turns_total_seconds"); gauge("xt_turns_total");\n',
    "rules.yml": "record: job:t_turns:rate5m\nexpr: rate(t_turns_total{a=\"b\"}[5m]) + t_turns\n",
    "histogram.yml": "t_time_seconds_bucket + t_time_seconds_count_limit - t_time_seconds_sum\n",
    "CHANGELOG.md": "- `t_turns_total` is new.\n",
    "docs/adr/0001-a.md": "t_turns_total\n",
    ".gitignore": "/build/\n",
    "build/a": "t_turns_total\n",
}


class RenameMetricTest(unittest.TestCase):

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = Path(directory.name)
        for path, text in FILES.items():
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            (self.root / path).write_text(text)
        (self.root / "scripts").mkdir()
        shutil.copy(SOURCE_DIR / "scripts/rename-metric", self.root / "scripts")
        # A hook that runs the tests has set variables that name its own repository.
        self.environment = {name: value for name, value in os.environ.items()
                            if not name.startswith("GIT_")}
        subprocess.run(["git", "init", "-q", self.root], env=self.environment, check=True)

    def rename(self, *arguments):
        done = subprocess.run([self.root / "scripts/rename-metric", *arguments],
                              stderr=subprocess.PIPE, text=True, env=self.environment)
        return done.returncode, done.stderr

    def changed(self):
        texts = {path: (self.root / path).read_text() for path in FILES}
        return {path: text for path, text in texts.items() if text != FILES[path]}

    def test_renames_whole_words_and_the_recorded_series(self):
        status, said = self.rename("t_turns_total", "t_numbers_total")
        self.assertEqual(status, 0, said)
        self.assertEqual(self.changed(), {
            "docs/metrics.md": ROWS.replace("`t_turns_total`", "`t_numbers_total`"),
            "src/a.cpp": 'counter("t_numbers_total"); gauge("t_turns_total_seconds"); '
                         'gauge("xt_turns_total");\n',
            "rules.yml": 'record: job:t_numbers:rate5m\n'
                         'expr: rate(t_numbers_total{a="b"}[5m]) + t_turns\n'})
        for line in ("docs/metrics.md: 1\n", "src/a.cpp: 1\n", "rules.yml: 2\n"):
            self.assertIn(line, said)
        self.assertNotIn("CHANGELOG.md: 1", said)

    def test_renames_all_series_of_a_histogram(self):
        status, said = self.rename("t_time_seconds", "t_wait_seconds")
        self.assertEqual(status, 0, said)
        self.assertEqual(self.changed(), {
            "docs/metrics.md": ROWS.replace("`t_time_seconds`", "`t_wait_seconds`"),
            "histogram.yml":
                "t_wait_seconds_bucket + t_time_seconds_count_limit - t_wait_seconds_sum\n"})

    def test_there_and_back_changes_nothing(self):
        self.rename("t_turns_total", "t_numbers_total")
        self.rename("t_numbers_total", "t_turns_total")
        self.assertEqual(self.changed(), {})

    def test_refuses_what_would_spoil_names(self):
        for arguments in [(), ("t_turns_total",), ("t_nothing_total", "t_b_total"),
                          ("t_turns_total", "t_turns_total"), ("t_turns_total", "t_turns"),
                          ("t_time_seconds", "t_time_total"), ("t_turns_total", "T-turns_total"),
                          ("t_turns_total", "t_turns_total", "t_b_total"), (".*", "t_b_total")]:
            with self.subTest(arguments):
                status, said = self.rename(*arguments)
                self.assertEqual(status, 64)
                self.assertTrue(said.startswith("rename-metric: "))
        self.assertEqual(self.changed(), {})


class RealTreeTest(unittest.TestCase):
    """On a copy of the tree, so that a way of writing a name that the script does not know is found."""

    def test_no_trace_of_the_old_name_is_left(self):
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith("GIT_")}
        with tempfile.TemporaryDirectory() as directory:
            root = Path(directory)
            for part in ("deploy", "docs", "scripts", "src/telemetry", "tests/deploy",
                         "tests/unit/telemetry"):
                shutil.copytree(SOURCE_DIR / part, root / part)
            subprocess.run(["git", "init", "-q", root], env=environment, check=True)
            for old, new in [("turnomatic_turns_burned_total", "turnomatic_renamed_total"),
                             ("http_request_duration_seconds", "http_renamed_seconds")]:
                subprocess.run([root / "scripts/rename-metric", old, new], env=environment,
                               check=True, stderr=subprocess.DEVNULL)
                left = subprocess.run(
                    ["git", "grep", "--no-index", "-lwE", f"{old}(_bucket|_sum|_count)?", "--", ".",
                     ":!docs/adr", ":!docs/benchmarks"],
                    cwd=root, env=environment, stdout=subprocess.PIPE, text=True).stdout
                self.assertEqual(left, "")
            # The rules and the dashboard still hold against the documents.
            for module in ("test_rules.RulesTest", "test_dashboard.DashboardTest",
                           "test_runbooks.RunbooksTest.test_each_names_only_metrics_that_exist"):
                done = subprocess.run(["/usr/bin/python3", "-B", "-m", "unittest", module],
                                      cwd=root / "tests/deploy/monitoring", stderr=subprocess.PIPE,
                                      text=True)
                self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    unittest.main()
