"""Tests of how contenders are started, asked and left out: no servers, no sleeps."""

import json
import tempfile
import unittest
import unittest.mock
from pathlib import Path

import contender
import contenders
import http_client
import nginx
import process
import redis_store
import scenarios
import webdis
from contender import SERVICE, STORE, Place, StoreWork, Unavailable

DIRECTORY = Path("/d")


def scenario(name):
    return next(each for each in scenarios.ALL if each.name == name)


def everyone():
    return {each.name: each for each in contenders.all_contenders(Path("/t"), Path("/s"), [])}


class HttpClientTest(unittest.TestCase):
    GOOD = {"date": "now", "content-type": "application/json", "cache-control": "no-store",
            "content-length": "25"}

    def test_accepts_a_turn(self):
        self.assertEqual(http_client.check_turn(200, self.GOOD, b'{"id":"a","turno":3}', "a"), 3)

    def test_refuses_what_is_no_turn(self):
        without_date = {key: value for key, value in self.GOOD.items() if key != "date"}
        for status, fields, body in [
                (503, self.GOOD, b"{}"), (200, without_date, b'{"id":"a","turno":3}'),
                (200, self.GOOD, b"hello"), (200, self.GOOD, b'{"turno":3,"id":"a"}'),
                (200, self.GOOD, b'{"id":"a","turno":0}'),
                (200, self.GOOD, b'{"id":"a","turno":"3"}'),
                (200, self.GOOD, b'{"id":"a","turno":true}'),
                (200, self.GOOD, b'{"id":"b","turno":3}'),
                (200, self.GOOD | {"cache-control": "private"}, b'{"id":"a","turno":3}')]:
            with self.subTest(body=body, status=status), self.assertRaises(http_client.BadAnswer):
                http_client.check_turn(status, fields, body, "a")

    def test_reads_the_answers_of_webdis(self):
        self.assertEqual(http_client.check_incr(200, {}, b'{"INCR":42}', "a"), 42)
        for status, body in [(503, b'{"INCR":42}'), (200, b"[]"), (200, b'{"INCR":0}'),
                             (200, b'{"INCR":[false,"ERR"]}'), (200, b'{"GET":"42"}')]:
            with self.subTest(body), self.assertRaises(http_client.BadAnswer):
                http_client.check_incr(status, {}, body, "a")

    def test_each_dialect_has_its_own_paths(self):
        self.assertEqual(http_client.TURNS.path(), "/turno/grupo7")
        self.assertEqual(http_client.INCRS.path("x"), "/INCR/x")

    def test_reads_a_metric(self):
        page = 'turns{backend="redis"} 7\nturns_total 3\nturns 12\n'
        self.assertEqual(http_client.metric(page, "turns"), 12.0)
        with self.assertRaises(http_client.BadAnswer):
            http_client.metric(page, "turn")

    def test_reads_a_header(self):
        self.assertEqual(http_client.parse_head(b"HTTP/1.1 200 OK\r\nContent-Length: 2"),
                         (200, {"content-length": "2"}))
        for head in [b"HTTP/1.0 200 OK", b"", b"HTTP/1.1 abc"]:
            with self.subTest(head), self.assertRaises(http_client.BadAnswer):
                http_client.parse_head(head)


class CommandsTest(unittest.TestCase):
    def test_the_server_is_asked_for_more_room_only_where_it_is_needed(self):
        server = contenders.Turnomatic(binary=Path("/x/turnomatic"), arguments=["--extra"])
        part, = server.parts(Place(DIRECTORY, 1000, 1001, 1002, 2))
        self.assertEqual(part.command, [
            "/x/turnomatic", "--listen", "127.0.0.1:1000", "--ops-listen", "127.0.0.1:1001",
            "--drain-delay", "0ms", "--workers", "2", "--backend", "memory", "--extra"])
        part, = server.parts(Place(DIRECTORY, 1, 2, 3, 1, {"connections": 12000, "ids": 50}))
        self.assertEqual(part.command[-5:], ["--http-max-connections", "12000",
                                             "--memory-max-ids", "50", "--extra"])

    def test_the_server_on_redis_is_given_the_one_beside_it(self):
        with unittest.mock.patch.object(contender, "find_program", lambda name, package: name):
            store, service = everyone()[scenarios.REDIS].parts(Place(DIRECTORY, 1, 2, 6400))
        self.assertEqual((store.role, service.role), (STORE, SERVICE))
        self.assertEqual(service.command[-4:], ["--backend", "redis", "--redis-url",
                                                "redis://127.0.0.1:6400"])

    def test_what_a_store_did_comes_from_the_service_and_from_the_store(self):
        page = (f"# HELP x y\n{contenders.PACKETS} 20\n{contenders.BATCHES} 90\n"
                f"{contenders.BATCH_TURNS} 700\n")
        with (unittest.mock.patch.object(http_client, "fetch", lambda port, path: page),
              unittest.mock.patch.object(redis_store, "work", lambda port: (80, 9000))):
            work = everyone()[scenarios.REDIS].store_work(process.Running(1, 2, 3, {}))
        self.assertEqual(work, StoreWork(packets=20, ids=90, turns=700, commands=80, bytes=9000))
        self.assertIsNone(everyone()["webdis"].store_work(None))

    def test_packets_carry_what_was_done_meanwhile(self):
        before, after = StoreWork(10, 20, 100, 40, 1000), StoreWork(20, 50, 400, 80, 2500)
        self.assertEqual(after.a_packet(since=before), {
            "ids_a_packet": 3.0, "turns_a_packet": 30.0, "commands_a_packet": 4.0,
            "bytes_a_packet": 150.0})
        self.assertEqual(before.a_packet(since=before), {})

    def test_nginx_keeps_all_it_writes_in_its_own_directory(self):
        text = nginx.configuration(nginx.plain(), Place(DIRECTORY, 1234, 1, 2))
        for line in ["daemon off;", "worker_processes 1;", "access_log off;",
                     "pid /d/nginx.pid;", "error_log /d/error.log warn;",
                     "client_body_temp_path /d/client_body;", "listen 127.0.0.1:1234 "]:
            self.assertIn(line, text)

    def test_nginx_with_a_store_knows_its_port_and_keeps_connections_to_it(self):
        with unittest.mock.patch.object(nginx, "find_module", Path):
            text = nginx.configuration(nginx.lua_redis(), Place(DIRECTORY, 1, 2, 6400))
        self.assertIn('connect("127.0.0.1", 6400)', text)
        self.assertNotIn("@", text)
        self.assertIn("set_keepalive(", text)

    def test_webdis_finds_its_store_and_stays_in_the_foreground(self):
        text = json.dumps(webdis.configuration(Place(DIRECTORY, 80, 1, 6400)))
        for words in ['"http_port": 80', '"redis_port": 6400', '"threads": 1',
                      '"daemonize": false', '"logfile": "/d/webdis.log"']:
            self.assertIn(words, text)

    def test_redis_writes_nothing_to_disk_and_listens_on_loopback_only(self):
        with unittest.mock.patch.object(contender, "find_program", lambda name, package: name):
            part = redis_store.part(Place(DIRECTORY, 1, 2, 6400))
        self.assertEqual(part.role, STORE)
        command = " ".join(part.command)
        for words in ["--bind 127.0.0.1", "--port 6400", "--save  --appendonly no", "--dir /d"]:
            self.assertIn(words, command)

    def test_a_round_trip_is_the_median_that_redis_benchmark_prints(self):
        head = '"test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms"\n'
        self.assertAlmostEqual(
            redis_store.parse_round_trip_us(head + '"PING_MBULK","9","0.040","0.008","0.031"\n'),
            31.0)
        for output in ("", head, "Could not connect to Redis at 127.0.0.1:1"):
            with self.subTest(output), self.assertRaises(ValueError):
                redis_store.parse_round_trip_us(output)

    def test_a_store_starts_before_the_service_that_needs_it(self):
        with (tempfile.TemporaryDirectory() as name,
              unittest.mock.patch.object(contender, "find_program", lambda name, package: name),
              unittest.mock.patch.object(nginx, "find_module", Path)):
            for peer in ("webdis", "nginx-lua-redis"):
                parts = everyone()[peer].parts(Place(Path(name), 1, 2, 3))
                self.assertEqual([part.role for part in parts], [STORE, SERVICE], peer)


class AbsenceTest(unittest.TestCase):
    def test_what_is_not_there_is_unavailable_with_a_reason(self):
        with self.assertRaisesRegex(Unavailable, "floor is not built"):
            contenders.Floor(binary=Path("/nonexistent/floor")).version()
        with self.assertRaisesRegex(Unavailable, "libnginx-mod-http-lua"):
            nginx.find_module("no_such_module.so")

    def test_a_program_that_is_missing_is_named_with_its_package(self):
        with unittest.mock.patch("shutil.which", lambda *_, **__: None):
            for name, package in [("webdis", "webdis"), ("node", "nodejs"),
                                  ("nginx", "nginx-light")]:
                with self.subTest(name), self.assertRaisesRegex(Unavailable, package):
                    everyone()[name].version()

    def test_peers_take_part_where_they_can_be_compared(self):
        for name in ("nginx-lua-redis", "webdis", "node"):
            peer = everyone()[name]
            for each in scenarios.ALL:
                taking_part = (name in each.among if each.among
                               else each.name in ("one_id_64", "one_id_512", "many_ids"))
                self.assertEqual(peer.absence(each) is None, taking_part, (name, each.name))
            self.assertIn("one_id_64", peer.absence(scenario("post")))

    def test_a_scenario_that_names_its_contenders_has_these_and_no_others(self):
        for each in scenarios.ALL:
            if each.among:
                takes_part = [name for name, server in everyone().items()
                              if server.absence(each) is None]
                self.assertEqual(sorted(takes_part), sorted(each.among), each.name)

    def test_who_is_invited_does_not_come_by_itself(self):
        ours = everyone()[scenarios.REDIS]
        self.assertEqual(ours.absence(scenario("one_id_64")), "not compared here")
        self.assertIsNone(ours.absence(scenario("redis_one_id_256")))

    def test_the_memory_of_stores_and_collected_heaps_is_not_compared(self):
        self.assertIn("Redis", everyone()["webdis"].absence(scenario("counter_memory")))
        self.assertIn("collector", everyone()["node"].absence(scenario("idle_memory")))

    def test_all_others_take_part_unless_they_keep_no_counters(self):
        for name in ("floor", "turnomatic", "nginx", "nginx-lua"):
            each = everyone()[name]
            self.assertIsNone(each.absence(scenario("idle_memory")))
            self.assertEqual(each.absence(scenario("counter_memory")),
                             None if each.counts else "keeps no counters")


if __name__ == "__main__":
    unittest.main()
