"""Tests of what is read from Redis."""

import unittest
import unittest.mock

import http_client
import redis_store

LINES = """$123
# Memory\r
used_memory:1048576\r
used_memory_human:1.00M\r
# Stats\r
total_net_input_bytes:4096\r
# Commandstats\r
cmdstat_evalsha:calls=123,usec=900,usec_per_call=7.50,rejected_calls=0,failed_calls=0\r
cmdstat_hmget:calls=120,usec=90,usec_per_call=0.50,rejected_calls=0,failed_calls=0\r
cmdstat_hset:calls=3,usec=2,usec_per_call=0.66,rejected_calls=0,failed_calls=0\r
cmdstat_script|load:calls=7,usec=9,usec_per_call=0.11,rejected_calls=0,failed_calls=0\r
cmdstat_info:calls=77,usec=9,usec_per_call=0.11,rejected_calls=0,failed_calls=0\r
"""


class RedisStoreTest(unittest.TestCase):
    def test_calls_are_counted_by_command(self):
        calls = redis_store.calls_of(LINES)
        self.assertEqual((calls["evalsha"], calls["script|load"]), (123, 7))
        self.assertEqual(redis_store.calls_of("# Commandstats\n"), {})

    def test_a_number_is_that_of_its_whole_name(self):
        self.assertEqual(redis_store.number_of(LINES, "used_memory"), 1048576)
        with self.assertRaises(http_client.BadAnswer):
            redis_store.number_of(LINES, "memory")

    def test_work_is_what_the_scripts_called(self):
        with unittest.mock.patch.object(redis_store, "info", lambda port: LINES):
            self.assertEqual(redis_store.work(1), (130, 4096))
            self.assertEqual(redis_store.used_memory(1), 1048576)

    def test_a_bulk_string_is_read_to_its_end(self):
        self.assertEqual(redis_store.expected_size(b"$5\r\nhel"), 11)


if __name__ == "__main__":
    unittest.main()
