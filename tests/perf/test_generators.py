"""Tests of generators.py without a server."""

import json
import unittest

import generators


def report(conclusion):
    return json.dumps({"load": {"turns": 7}, "proof": {"conclusion": conclusion}})


class GeneratorsTest(unittest.TestCase):
    def test_counts_only_what_was_proven(self):
        self.assertEqual(generators.our_requests(report("proven")), 7)
        for conclusion in ("violated", "not_proven"):
            with self.assertRaises(ValueError):
                generators.our_requests(report(conclusion))

    def test_a_run_with_errors_does_not_count(self):
        good = ("    50%  1.00ms\n    99%  2.00ms\n  10 requests in 1.00s, 1.00KB read\n"
                "Requests/sec:  10.0\n")
        self.assertEqual(generators.wrk_requests(good), 10)
        with self.assertRaises(ValueError):
            generators.wrk_requests(good + "  Non-2xx or 3xx responses: 3\n")

    def test_ratios_are_taken_within_rounds(self):
        rounds = [{generators.WRK: {"rate": 10.0, "cpu_us": 2.0},
                   generators.OURS: {"rate": 20.0, "cpu_us": 1.0}},
                  {generators.WRK: {"rate": 30.0, "cpu_us": 2.0},
                   generators.OURS: {"rate": 30.0, "cpu_us": 2.0}}]
        self.assertEqual(generators.ratios(rounds, "rate"), [2.0, 1.0])
        self.assertEqual(generators.rows(rounds)[-1],
                         ["ratio", "1.50 (1.00-2.00)", "0.75 (0.50-1.00)"])


if __name__ == "__main__":
    unittest.main()
