"""Tests of what is read from Redis and from wrk while a store stands still."""

import unittest

import outage

STATS = """$123
# Commandstats
cmdstat_fcall:calls=120,usec=900,usec_per_call=7.50,rejected_calls=0,failed_calls=0
cmdstat_hincrby:calls=3,usec=2,usec_per_call=0.66,rejected_calls=0,failed_calls=0
cmdstat_ping:calls=77,usec=9,usec_per_call=0.11,rejected_calls=0,failed_calls=0
"""


class OutageTest(unittest.TestCase):
    def test_counts_the_commands_that_take_turns(self):
        self.assertEqual(outage.calls_of(STATS), 123)
        self.assertEqual(outage.calls_of("# Commandstats\n"), 0)

    def test_reads_a_bulk_string_to_its_end(self):
        self.assertEqual(outage.expected_size(b"$5\r\nhel"), 11)

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
