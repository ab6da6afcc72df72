"""Tests of how the load generators are read and judged: no servers, no tools."""

import json
import tempfile
import unittest
import unittest.mock
from pathlib import Path

import load_tools
import npm_tools
import tool_outputs
from contender import Unavailable
from test_compare import WRK_OUTPUT
from tool_outputs import Seen

AB = """Document Length:        Variable

Concurrency Level:      64
Time taken for tests:   0.286 seconds
Complete requests:      20480
Failed requests:        0
Keep-Alive requests:    20480
Total transferred:      3740000 bytes
Requests per second:    69879.74 [#/sec] (mean)
Time per request:       0.916 [ms] (mean)
"""
HEY = """
Summary:
  Total:\t0.7487 secs
  Requests/sec:\t26671.5824

Response time histogram:
  0.000 [1]\t|
  0.002 [10858]\t|####

Status code distribution:
  [200]\t20480 responses

"""
H2LOAD = """finished in 318.17ms, 62860.27 req/s, 9.77MB/s
requests: 20480 total, 20480 started, 20480 done, 20480 succeeded, 0 failed, 0 errored, 0 timeout
status codes: 20480 2xx, 0 3xx, 0 4xx, 0 5xx
"""
LOADTEST = """
Max requests:        20480
Completed requests:  20480
Total errors:        0
Total time:          1.75 s
Effective rps:       11429
"""
AUTOCANNON = {"errors": 0, "timeouts": 0, "non2xx": 0, "resets": 0, "mismatches": 0, "2xx": 70917,
              "requests": {"average": 35468, "sent": 70981}}


def autocannon(**changes):
    return f"a warning\n{json.dumps(AUTOCANNON | changes)}\n"


class OutputsTest(unittest.TestCase):
    def test_reads_clean_runs(self):
        for read, output, expected in [
                (tool_outputs.read_wrk, WRK_OUTPUT, Seen(120993, 109794.11)),
                (tool_outputs.read_ab, AB, Seen(20480, 69879.74)),
                (tool_outputs.read_hey, HEY, Seen(20480, 26671.5824)),
                (tool_outputs.read_h2load, H2LOAD, Seen(20480, 62860.27)),
                (tool_outputs.read_loadtest, LOADTEST, Seen(20480, 11429)),
                (tool_outputs.read_autocannon, autocannon(), Seen(70917, 35468))]:
            with self.subTest(read.__name__):
                self.assertEqual(read(output), expected)

    def test_sees_what_failed(self):
        ab_refused = AB + "Non-2xx responses:      80\n"
        hey_error = HEY + "Error distribution:\n  [64]\tGet \"http://h\": connection refused\n"
        for read, output, answered, failure in [
                (tool_outputs.read_wrk,
                 WRK_OUTPUT.replace("Requests/sec", "  Non-2xx or 3xx responses: 12\nRequests/sec"),
                 120993, "12 answers were not 2xx or 3xx"),
                (tool_outputs.read_ab, ab_refused, 20400, "80 not 2xx"),
                (tool_outputs.read_ab, AB.replace("Failed requests:        0",
                                                  "Failed requests:        7"), 20480, "7 failed"),
                (tool_outputs.read_hey, HEY.replace("[200]", "[503]"), 0, "20480 not 2xx"),
                (tool_outputs.read_hey, hey_error, 20480, "64 errors"),
                (tool_outputs.read_h2load, H2LOAD.replace("0 errored", "5 errored"), 20480,
                 "5 errored"),
                (tool_outputs.read_loadtest, LOADTEST.replace("errors:        0",
                                                              "errors:        30"), 20450,
                 "30 errors"),
                (tool_outputs.read_autocannon, autocannon(timeouts=3), 70917, "3 timed out")]:
            with self.subTest(failure):
                seen = read(output)
                self.assertEqual((seen.answered, seen.failures), (answered, [failure]))

    def test_refuses_what_is_no_result(self):
        for tool in load_tools.all_tools():
            for output in ["", "connect: Connection refused\n", "{\"2xx\": \n"]:
                with self.subTest(tool=tool.name, output=output):
                    with self.assertRaises(tool_outputs.Unreadable):
                        tool.read(output)
        with self.assertRaises(tool_outputs.Unreadable):
            tool_outputs.read_autocannon("{\"2xx\": 5}\n")


class JudgementTest(unittest.TestCase):
    def tool(self, unseen_max):
        return load_tools.Tool("x", "x", None, "x", unseen_max)

    def test_counts_agree_up_to_the_requests_that_were_on_their_way(self):
        for issued, unseen_max, good in [(100, 0, True), (101, 0, False), (99, 0, False),
                                         (164, 64, True), (165, 64, False), (99, 64, False)]:
            with self.subTest(issued=issued, unseen_max=unseen_max):
                found = load_tools.complaints(self.tool(unseen_max), Seen(100, 1.0), issued)
                self.assertEqual(found == [], good)

    def test_failures_and_silence_are_complaints(self):
        self.assertEqual(load_tools.complaints(self.tool(0), Seen(1, 1.0, ["3 errors"]), 1),
                         ["3 errors"])
        self.assertEqual(load_tools.complaints(self.tool(0), Seen(0, 0.0), 0),
                         ["no request was answered"])

    def test_a_missing_tool_is_skipped_with_the_reason(self):
        tool = next(each for each in load_tools.all_tools() if each.name == "hey")
        with unittest.mock.patch("shutil.which", lambda *_, **__: None):
            row, verdict = load_tools.run_tool(tool, None, None, False)
        self.assertIsNone(verdict)
        self.assertRegex(row[-1], "skipped: hey is not installed .*package hey")

    def test_the_exit_status_tells_failed_from_skipped(self):
        for verdicts, status in [([True, None], 0), ([True, False], 1), ([False], 1),
                                 ([None, None], 69), ([True], 0)]:
            with self.subTest(verdicts):
                self.assertEqual(load_tools.exit_status(verdicts), status)

    def test_a_counter_is_summed_over_its_series(self):
        metrics = ("# TYPE a_total counter\na_total{shard=\"0\"} 3\na_total{shard=\"1\"} 4\n"
                   "a_total_other 9\nb_total 1.5e+06\n")
        self.assertEqual(load_tools.counter_value(metrics, "a_total"), 7)
        self.assertEqual(load_tools.counter_value(metrics, "b_total"), 1_500_000)
        with self.assertRaises(ValueError):
            load_tools.counter_value(metrics, "c_total")

    def test_hey_can_divide_the_requests_among_the_connections(self):
        self.assertEqual(load_tools.REQUESTS % load_tools.CONNECTIONS, 0)


class NpmTest(unittest.TestCase):
    def test_every_version_is_pinned_and_no_registry_is_named(self):
        wanted = json.loads((npm_tools.HERE / "package.json").read_text())["dependencies"]
        locked = json.loads((npm_tools.HERE / "package-lock.json").read_text())["packages"]
        for name, version in wanted.items():
            self.assertEqual(locked[f"node_modules/{name}"]["version"], version)
        for path, package in locked.items():
            self.assertNotIn("resolved", package, path)
            self.assertTrue(path == "" or "integrity" in package, path)

    def test_an_installation_is_current_only_when_finished_with_these_files(self):
        with tempfile.TemporaryDirectory() as name:
            directory = Path(name)
            self.assertFalse(npm_tools.is_current(directory))
            for file in npm_tools.FILES:
                (directory / f"{file}.installed").write_bytes((npm_tools.HERE / file).read_bytes())
            self.assertTrue(npm_tools.is_current(directory))
            (directory / f"{npm_tools.FILES[1]}.installed").write_text("{}")
            self.assertFalse(npm_tools.is_current(directory))

    def test_without_node_its_tools_are_unavailable(self):
        with unittest.mock.patch("shutil.which", lambda *_, **__: None):
            with self.assertRaisesRegex(Unavailable, "nodejs"):
                npm_tools.Packages(Path("/n")).find("loadtest")

    def test_an_installation_that_failed_is_not_tried_again_for_every_tool(self):
        tries = []

        def fail(directory):
            tries.append(directory)
            raise Unavailable("no network")

        packages = npm_tools.Packages(Path("/n"))
        with unittest.mock.patch.object(npm_tools, "install", fail):
            for name in ("loadtest", "autocannon"):
                with self.assertRaisesRegex(Unavailable, "no network"):
                    packages.find(name)
        self.assertEqual(tries, [Path("/n")])


if __name__ == "__main__":
    unittest.main()
