"""Tests of the parts of the comparison that decide: no servers, no sleeps.

Run by ctest, or: /usr/bin/python3 -B -m unittest discover -s tests/perf
"""

import contextlib
import io
import json
import tempfile
import unittest
import unittest.mock
from pathlib import Path

import command_line
import compare
import measure
import process
import procfs
import scenarios
import summary
import wrk
from sample_results import counter_result, document, load_result, raw, redis_result

WRK_OUTPUT = """Running 2s test @ http://127.0.0.1:40001/turno/grupo7
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   311.81us  158.21us   3.69ms   92.40%
    Req/Sec   110.81k    13.71k  142.33k    72.73%
  Latency Distribution
     50%  280.00us
     75%  319.00us
     90%  422.00us
     99%    0.89ms
  120993 requests in 1.10s, 18.92MB read
Requests/sec: 109794.11
Transfer/sec:     17.17MB
"""


class WrkTest(unittest.TestCase):
    def test_reads_the_figures_of_a_clean_run(self):
        self.assertEqual(wrk.parse(WRK_OUTPUT),
                         {"requests": 120993, "rate": 109794.11, "p50_us": 280.0,
                          "p99_us": 890.0, "errors": []})

    def test_reports_socket_errors_and_refused_requests(self):
        for line, words in [
                ("  Socket errors: connect 0, read 7, write 0, timeout 2", "read 7"),
                ("  Non-2xx or 3xx responses: 12", "12 answers")]:
            with self.subTest(line):
                output = WRK_OUTPUT.replace("Requests/sec", line + "\nRequests/sec")
                self.assertIn(words, "".join(wrk.parse(output)["errors"]))

    def test_a_run_without_answers_is_an_error(self):
        output = WRK_OUTPUT.replace("120993 requests", "0 requests")
        self.assertEqual(wrk.parse(output)["errors"], ["no request was answered"])

    def test_knows_the_units_of_latency(self):
        for text, expected in [("280.00us", 280), ("0.89ms", 890), ("1.5s", 1.5e6),
                               ("2.00m", 120e6)]:
            with self.subTest(text):
                self.assertAlmostEqual(wrk.parse_latency_us(text), expected)

    def test_a_percentile_of_zero_is_not_known(self):
        self.assertIsNone(wrk.parse(WRK_OUTPUT.replace("0.89ms", "0.00us"))["p99_us"])

    def test_refuses_what_is_no_result(self):
        for output in ["", "unable to connect to 127.0.0.1:1 Connection refused",
                       WRK_OUTPUT.replace("99%", "98%"), WRK_OUTPUT.replace("0.89ms", "nan")]:
            with self.subTest(output[:40]), self.assertRaises(wrk.WrkError):
                wrk.parse(output)

    def test_puts_script_arguments_behind_a_separator(self):
        self.assertEqual(
            wrk.command("http://h/", 64, 2, script="a.lua", arguments=(16, 0)),
            ["wrk", "--latency", "-t1", "-c64", "-d2s", "-s", "a.lua", "http://h/", "--",
             "16", "0"])


class ProcfsTest(unittest.TestCase):
    def test_finds_the_parent_behind_any_command_name(self):
        for name in ["nginx", "a b", "a) S 9 (b"]:
            with self.subTest(name):
                self.assertEqual(procfs.parse_stat_parent(f"12 ({name}) S 7 12 12 0 -1"), 7)

    def test_a_tree_holds_children_of_children_and_nobody_else(self):
        parents = {1: 0, 5: 1, 6: 5, 7: 5, 8: 7, 9: 1}
        self.assertEqual(procfs.descendants(5, parents), [5, 6, 7, 8])

    def test_schedstat_begins_with_the_time_on_the_cpu(self):
        self.assertEqual(procfs.parse_schedstat("206515873 109384 26\n"), 206515873)

    def test_time_spent_is_summed_over_threads_old_and_new(self):
        self.assertEqual(procfs.cpu_spent({1: 100, 2: 50}, {1: 160, 2: 50, 3: 7}), 67)

    def test_a_thread_that_ended_spoils_the_sum(self):
        with self.assertRaises(ValueError):
            procfs.cpu_spent({1: 100, 2: 50}, {1: 160})

    def test_processes_of_a_contender_are_summed_and_told_apart(self):
        before = {"service": {1: 1_000_000, 2: 0}, "store": {7: 5_000_000}}
        after = {"service": {1: 9_000_000, 2: 1_000_000}, "store": {7: 8_000_000, 8: 500_000}}
        self.assertEqual(measure.cpu_figures(before, after, 1000),
                         {"cpu_us": 12.5, "service_cpu_us": 9.0, "store_cpu_us": 3.5})

    def test_a_contender_of_one_process_has_no_store(self):
        self.assertEqual(measure.cpu_figures({"service": {1: 0}}, {"service": {1: 5000}}, 1),
                         {"cpu_us": 5.0, "service_cpu_us": 5.0, "store_cpu_us": None})

    def test_a_thread_that_ended_in_the_store_spoils_the_sum_too(self):
        with self.assertRaises(ValueError):
            measure.cpu_figures({"service": {1: 0}, "store": {7: 5}},
                                {"service": {1: 9}, "store": {8: 5}}, 1)

    def test_resident_memory_is_in_bytes(self):
        self.assertEqual(procfs.parse_resident("VmPeak:  9 kB\nVmRSS:\t    132 kB\n"), 135168)
        with self.assertRaises(ValueError):
            procfs.parse_resident("Name: kthreadd\n")


class ScheduleTest(unittest.TestCase):
    def test_everyone_takes_every_place_equally_often(self):
        names = ["a", "b", "c", "d"]
        rounds = [scenarios.schedule(names, (1,), number) for number in range(8)]
        for place in range(4):
            taken = [each[place][0] for each in rounds]
            self.assertEqual({name: taken.count(name) for name in names},
                             dict.fromkeys(names, 2))

    def test_worker_counts_of_a_contender_stay_adjacent(self):
        for number in range(6):
            order = scenarios.schedule(["a", "b", "c"], (1, 2), number)
            self.assertEqual(len(set(order)), 6)
            for first, second in zip(order[::2], order[1::2]):
                self.assertEqual(first[0], second[0])

    def test_scenario_names_are_unique_and_scripts_exist(self):
        self.assertEqual(len({each.name for each in scenarios.ALL}), len(scenarios.ALL))
        for each in scenarios.ALL:
            self.assertTrue(each.script_path is None or each.script_path.is_file(), each.name)

    def test_every_target_names_a_scenario_and_who_takes_part_in_it(self):
        known = {each.name: each for each in scenarios.ALL}
        for name, server, *_ in summary.TARGETS:
            among = known[name].among
            self.assertTrue(server in among if among else server == summary.SERVER, name)

    def test_ids_and_connections_on_redis_are_all_combined(self):
        combined = {(each.connections, each.fill or 1) for each in scenarios.ALL
                    if each.kind != "counters" and each.among and not each.ping}
        self.assertEqual(combined, {(connections, ids) for connections in (64, 256, 1000)
                                    for ids in (1, 1000, 100_000)})


class SummaryTest(unittest.TestCase):
    def test_ratios_are_taken_within_a_round(self):
        # The machine was twice as slow in round 1: the medians alone would say 0.6 to 1.2.
        rounds = [raw(0, "floor", 4.0), raw(0, "x", 4.4), raw(1, "floor", 8.0),
                  raw(1, "x", 8.4), raw(2, "floor", 4.0), raw(2, "x", 4.8)]
        ratio = summary.paired_ratio(rounds, ("x", 1), ("floor", 1))
        self.assertAlmostEqual(ratio["median"], 1.10)
        self.assertAlmostEqual(ratio["least"], 1.05)
        self.assertAlmostEqual(ratio["greatest"], 1.20)
        self.assertEqual(ratio["pairs"], 3)

    def test_an_invalid_round_makes_no_pair(self):
        rounds = [raw(0, "floor", 4.0), raw(0, "x", 9.0, valid=False), raw(1, "x", 5.0)]
        self.assertIsNone(summary.paired_ratio(rounds, ("x", 1), ("floor", 1)))

    def test_invalid_rounds_are_counted_and_left_out_of_the_medians(self):
        row = summary.row("turnomatic", 1, load_result()["rounds"], "load")
        self.assertEqual((row["rounds"], row["rounds_valid"]), (3, 2))
        self.assertAlmostEqual(row["cpu_us"], 5.32)
        self.assertEqual(row["reasons"], ["socket errors: read 3"])

    def test_a_latency_is_compared_with_the_floor_and_a_round_trip_to_the_store(self):
        rounds = [raw(0, "floor", 4.0) | {"p50_us": 30.0},
                  raw(0, "x", 9.0) | {"p50_us": 72.0, "ping_us": 30.0},
                  raw(1, "floor", 4.0) | {"p50_us": 30.0}, raw(1, "x", 9.0)]
        ratio = summary.round_trip_ratio(rounds, ("x", 1), ("floor", 1))
        self.assertEqual((ratio["median"], ratio["pairs"]), (1.2, 1))
        self.assertIsNone(summary.round_trip_ratio(rounds, ("floor", 1), ("floor", 1)))

    def test_a_figure_that_is_not_known_has_no_median(self):
        rounds = [raw(0, "x", 4.0) | {"p99_us": None}, raw(1, "x", 4.0) | {"p99_us": 800.0}]
        self.assertEqual(summary.row("x", 1, rounds, "load")["p99_us"], 800.0)
        self.assertIsNone(summary.row("x", 1, rounds[:1], "load")["p99_us"])

    def test_two_workers_are_compared_with_one_and_with_a_floor_of_two(self):
        rounds = [raw(0, "floor", 4.0), raw(0, "floor", 5.0, workers=2), raw(0, "x", 4.4),
                  raw(0, "x", 5.5, workers=2)]
        row = summary.row("x", 2, rounds, "load")
        self.assertAlmostEqual(row["ratio_to_floor"]["median"], 1.10)
        self.assertAlmostEqual(row["ratio_to_one_worker"]["median"], 1.25)

    def test_a_skipped_contender_keeps_its_row_and_reason(self):
        row = summary.find_row([load_result()], scenarios.HEADLINE, "nginx", 1)
        self.assertEqual(row["skipped"], "not installed <yet>")

    def test_targets_are_met_missed_or_not_measured(self):
        verdicts = {each["scenario"]: each["verdict"]
                    for each in summary.verdicts([load_result(), counter_result()])}
        self.assertEqual(verdicts[scenarios.HEADLINE], "met")
        self.assertEqual(verdicts["counter_memory"], "met")
        self.assertEqual(verdicts["idle_memory"], "not measured")
        self.assertEqual(summary.verdicts([load_result()], quick=True)[0]["verdict"],
                         "too quick to tell")
        dear = load_result()
        summary.find_row([dear], scenarios.HEADLINE, "turnomatic", 1)["ratio_to_floor"] = {
            "median": 1.11}
        self.assertEqual(summary.verdicts([dear])[0]["verdict"], "missed")

    def test_invalid_rounds_and_missing_servers_are_problems_other_skips_are_not(self):
        examined = {"floor": {"skipped": None}, "turnomatic": {"skipped": "not built"},
                    "nginx": {"skipped": "not installed"}}
        lines = summary.problems([load_result(), counter_result()], examined,
                                 ("floor", "turnomatic"))
        self.assertEqual(len(lines), 2)
        self.assertIn("not built", lines[0])
        self.assertIn("1 of 3 rounds of turnomatic", lines[1])


    def test_a_store_is_held_against_the_floor_without_and_against_webdis_with_its_cpu(self):
        verdicts = {(each["scenario"], each["limit"]): each
                    for each in summary.verdicts([redis_result()])}
        of_floor = verdicts[scenarios.REDIS_ONE_ID, 1.30]
        self.assertEqual((of_floor["value"], of_floor["verdict"]), (1.5, "missed"))
        of_webdis = verdicts[scenarios.REDIS_ONE_ID, 0.45]
        self.assertEqual((of_webdis["value"], of_webdis["floor"]), (0.4, 0.2))
        self.assertEqual(of_webdis["verdict"], "met")
        self.assertEqual(verdicts[scenarios.REDIS_MANY_IDS, 1.50]["verdict"], "not measured")


class CommandLineTest(unittest.TestCase):
    def test_only_a_whole_run_of_floor_and_server_replaces_the_documents(self):
        documents, elsewhere = compare.ROOT / "docs/benchmarks", Path("/elsewhere")
        for arguments, skipped, expected in [
                ([], None, documents), (["--rounds", "11"], None, documents),
                ([], "nginx", documents), ([], "turnomatic", None), ([], "floor", None),
                (["--quick"], None, None), (["--rounds", "1"], None, None),
                (["--contenders", "floor"], None, None),
                (["--scenario", "one_id_64"], None, None),
                (["--quick", "--output", "/elsewhere"], "floor", elsewhere)]:
            with self.subTest(arguments=arguments, skipped=skipped):
                examined = {name: {"skipped": "why" if name == skipped else None}
                            for name in ("floor", "turnomatic", "nginx")}
                chosen = compare.parse_arguments(arguments)
                self.assertEqual(compare.output_directory(chosen, examined), expected)

    def test_a_bad_argument_is_a_usage_error(self):
        for arguments in [["--contenders", "apache"], ["--scenario", ""], ["--rounds", "0"],
                          ["--duration", "0.5"], ["--unknown"]]:
            with self.subTest(arguments), contextlib.redirect_stderr(io.StringIO()):
                with self.assertRaises(SystemExit) as ended:
                    compare.parse_arguments(arguments)
                self.assertEqual(ended.exception.code, command_line.EXIT_USAGE)

    def test_writes_all_three_files_and_no_others(self):
        with tempfile.TemporaryDirectory() as name:
            compare.write(Path(name), document([load_result()]))
            self.assertEqual(sorted(each.name for each in Path(name).iterdir()),
                             ["latest.json", "latest.md", "latest.svg"])
            read = json.loads((Path(name) / "latest.json").read_text())
            self.assertEqual(len(read["scenarios"][0]["rounds"]), 6)

    def test_settings_of_the_environment_do_not_reach_the_server(self):
        with unittest.mock.patch.dict("os.environ", {"TURNOMATIC_WORKERS": "9", "HOME": "/h"}):
            passed_on = process.environment()
        self.assertNotIn("TURNOMATIC_WORKERS", passed_on)
        self.assertEqual(passed_on["HOME"], "/h")


if __name__ == "__main__":
    unittest.main()
