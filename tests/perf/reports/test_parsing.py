"""What other programs say, and what is sent to them."""

import contextlib
import io
import json
import socket
import subprocess
import tempfile
import threading
import unittest
from pathlib import Path

import setups  # brings the modules of tests/perf and deploy/demo
import bench
import hostile
import load
import profiling

PERF = """ 62.50%  | 10         |[kernel.kallsyms]  |[k] tcp_sendmsg                  |-      -
 25.00%  | 4          |turnomatic         |[.] turnomatic::http::parse_head<std::vector<int>, 3>(int) const  |-  -
 12.50%  | 2          |libc.so.6          |[.] __send                       |-      -
"""
REPORT = {"load": {"measured_s": 2.0, "overdue": 3, "generator_cpu_per_request_us": 1.5,
                   "generator_longest_stall_us": 9.0},
          "latency": {"p50_us": 1.0, "p90_us": 2.0, "p99_us": 3.0, "p99_9_us": 4.0, "max_us": 5.0},
          "answers": [{"status": 200, "count": 80}, {"status": 503, "count": 20}],
          "failures": {"connect": 1, "cut": 2}, "proof": {"conclusion": "violated"}}


class Perf(unittest.TestCase):
    def test_reads_samples_object_level_and_symbol(self):
        rows = profiling.parse(PERF)
        self.assertEqual([row[:3] for row in rows], [(10, "[kernel.kallsyms]", True),
                                                     (4, "turnomatic", False), (2, "libc.so.6", False)])

    def test_shares_are_of_all_samples(self):
        found = profiling.summary(profiling.parse(PERF), 2)
        self.assertEqual(found["groups"], {"kernel": 62.5, "libraries": 12.5, "program": 25.0})
        self.assertEqual([each["function"] for each in found["hottest"]],
                         ["tcp_sendmsg", "turnomatic::http::parse_head"])
        self.assertEqual(found["hottest_outside_kernel"][0]["in"], "turnomatic")

    def test_no_samples_are_no_profile(self):
        with self.assertRaises(profiling.NoProfile):
            profiling.summary(profiling.parse("nothing\n"))


class Bench(unittest.TestCase):
    def test_a_refusal_is_no_turn(self):
        found = bench.figures(REPORT)
        self.assertEqual((found["rate"], found["requests"], found["failures"], found["overdue"]),
                         (40.0, 100, 3, 3))

    def test_a_run_that_is_not_proven_does_not_count(self):
        words = ["echo", json.dumps(REPORT)]
        with self.assertRaisesRegex(bench.BenchError, "not proven"):
            bench.run(words, 1, [0])
        self.assertEqual(bench.run(words, 1, [0], proven=False)["rate"], 40.0)
        with self.assertRaisesRegex(bench.BenchError, "no report, status 1"):
            bench.run(["false"], 1, [0])

    def test_a_round_that_fails_says_why_and_is_kept(self):
        def fails():
            raise bench.BenchError("of course")
        with contextlib.redirect_stderr(io.StringIO()) as told:
            found = load.raw(3, fails, setup="redis")
        self.assertEqual(found, {"round": 3, "setup": "redis", "valid": False, "reason": "of course"})
        self.assertIn("of course", told.getvalue())

    def test_no_order_of_rounds_is_like_the_one_before(self):
        orders = [tuple(load.rotated("abc", number)) for number in range(6)]
        self.assertEqual({tuple(sorted(order)) for order in orders}, {("a", "b", "c")})
        self.assertGreater(len({order[0] for order in orders}), 2)


class TcpMode(unittest.TestCase):
    def test_haproxy_takes_it_without_a_word(self):
        try:
            haproxy = setups.pair.find("haproxy")
        except setups.programs.StartFailed as missing:
            self.skipTest(str(missing))
        with tempfile.TemporaryDirectory() as name:
            ports = {"balancer": 1, "statistics": 2, "turns1": 3, "turns2": 4}
            setups.haproxy(setups.ALL[setups.TCP], ports, Path(name))
            files = [word for each in ("site.cfg", "balancer.cfg", "instances.cfg")
                     for word in ("-f", f"{name}/{each}")]
            done = subprocess.run([haproxy, "-c", "-q", *files], stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True, timeout=30)
            self.assertEqual((done.returncode, done.stdout), (0, ""))
            self.assertIn("mode tcp", Path(name, "balancer.cfg").read_text())

    def test_a_passage_that_is_not_there_is_an_error(self):
        with tempfile.NamedTemporaryFile("w", suffix=".cfg") as file, self.assertRaises(ValueError):
            setups.changed(Path(file.name), {"mode http": "mode tcp"})


class Peer:
    """Accepts and answers each request head with 400, and counts what it read."""

    def __init__(self, reads=True):
        self.received, self._reads, self._listener = 0, reads, socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._listener.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with connection:
            try:
                while self._reads and (piece := connection.recv(65536)):
                    self.received += len(piece)
                    if b"\r\n\r\n" in piece:
                        connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
            except OSError:
                return


class Hostile(unittest.TestCase):
    def test_each_kind_keeps_on_and_counts_its_answers(self):
        for kind, (_, connections, *_) in hostile.KINDS.items():
            with self.subTest(kind), Peer() as peer:
                seen = hostile.misbehave(kind, peer.port, 0.4)
                self.assertGreaterEqual(seen["connects"], connections)
                if kind in ("silent", "slow_heads", "slow_readers"):
                    self.assertEqual(seen["answers"], {})
                else:
                    self.assertGreater(seen["answers"]["400"], 2)
                if kind != "silent":
                    self.assertGreater(peer.received, 0)

    def test_a_head_that_is_asked_for_one_at_a_time_waits_for_its_answer(self):
        sent = hostile.one_by_one([b"a", b"b"])
        caller = hostile.Caller(1, sent)
        caller.connects = 1
        self.assertNotEqual(sent(caller), b"")
        self.assertEqual(sent(caller), b"")
        caller.answers["400"] = 1
        self.assertNotEqual(sent(caller), b"")

    def test_wrong_arguments_are_a_usage_error(self):
        for arguments in ([], ["malformed"], ["nothing", "1", "1"], ["silent", "x", "1"]):
            with self.subTest(arguments), contextlib.redirect_stderr(io.StringIO()) as told:
                self.assertEqual(hostile.main(arguments), 64)
            self.assertIn("usage", told.getvalue())


if __name__ == "__main__":
    unittest.main()
