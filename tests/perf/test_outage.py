"""Tests of what is read from wrk while a store stands still."""

import unittest

import outage


class OutageTest(unittest.TestCase):
    def test_takes_only_a_run_in_which_all_were_refused(self):
        values = {"requests": 9, "rate": 4.5, "p50_us": 1.0, "p99_us": 2.0,
                  "errors": ["9 answers were not 2xx or 3xx"]}
        self.assertEqual(outage.refused_only(values)["p99_us"], 2.0)
        for errors in [[], ["8 answers were not 2xx or 3xx"],
                       ["socket errors: connect 1", "9 answers were not 2xx or 3xx"]]:
            with self.subTest(errors), self.assertRaises(outage.NotRefused):
                outage.refused_only(values | {"errors": errors})


if __name__ == "__main__":
    unittest.main()
