"""Tests of the tables and the chart: no servers, no sleeps."""

import unittest
import xml.etree.ElementTree as ElementTree

import chart
import report
import scenarios
import summary
from sample_results import (counter_result, document, load_result, raw, redis_result,
                            store_result)


class ReportTest(unittest.TestCase):
    def test_columns_of_the_text_line_up(self):
        table = report.text_table(["name", "µs"], [["a", "1.00"], ["long name", "12.00"]])
        self.assertEqual(table.splitlines(),
                         ["  name          µs", "  a           1.00", "  long name  12.00"])

    def test_markdown_escapes_what_would_split_a_cell(self):
        self.assertEqual(report.markdown_table(["a", "b"], [["x|y", "1"]]),
                         "| a | b |\n|---|---:|\n| x\\|y | 1 |")

    def test_both_tables_say_who_was_skipped_and_why(self):
        for render in (report.text, report.markdown):
            with self.subTest(render.__name__):
                output = render(document([load_result(), counter_result()]))
                self.assertIn("nginx: skipped, not installed <yet>", output)
                self.assertIn("floor: skipped, keeps no counters", output)
                self.assertIn("1.07 (1.04-1.10)", output)
                self.assertIn("96.5", output)

    def test_the_cpu_of_stores_has_columns_where_there_is_a_store(self):
        self.assertNotIn("store", report.headings(load_result()))
        table = report.text_table(report.headings(store_result()),
                                  report.rows_and_notes(store_result())[0])
        self.assertRegex(table, r"CPU µs/request +service +store +ratio")
        self.assertRegex(table, r"floor .* 4\.00 +4\.00 +- +1\.00")
        self.assertRegex(table, r"webdis .* 12\.00 +9\.50 +2\.50 +3\.00")

    def test_turns_a_packet_and_the_ratios_of_a_store_have_columns(self):
        result = redis_result()
        self.assertNotIn("PING µs", report.headings(result))
        table = report.text_table(report.headings(result), report.rows_and_notes(result)[0])
        self.assertRegex(table, r"store +turns/packet +ratio to floor +service to floor +ratio to w")
        self.assertRegex(table, r"turnomatic-redis .* 8\.00 +6\.00 +2\.00 +25\.5 +2\.00 .* +1\.50")

    def test_rows_have_as_many_cells_as_headings(self):
        workers = next(each for each in scenarios.ALL if each.name == "workers")
        rounds = [raw(0, "floor", 4.0), raw(0, "floor", 4.1, workers=2)]
        pairs = summary.scenario_result(workers, {}, ["floor", "turnomatic"], rounds)
        for result in (load_result(), store_result(), redis_result(), counter_result(), pairs):
            for cells in report.rows_and_notes(result)[0]:
                self.assertEqual(len(cells), len(report.headings(result)), result["name"])

    def test_a_quick_run_says_so_everywhere(self):
        quick = document([load_result()], quick=True)
        for render in (report.text, report.markdown, chart.svg):
            with self.subTest(render.__name__):
                self.assertIn("QUICK RUN", render(quick))


class ChartTest(unittest.TestCase):
    SVG = "{http://www.w3.org/2000/svg}"

    def draw(self, results, skipped=()):
        drawn = document(results)
        for name in skipped:
            drawn["contenders"][name]["skipped"] = "why"
        return ElementTree.fromstring(chart.svg(drawn))

    def of_class(self, root, tag, kind):
        return [each for each in root.iter(self.SVG + tag) if each.get("class") == kind]

    def test_is_well_formed_and_marks_the_targets(self):
        root = self.draw([load_result(), counter_result()], skipped=["nginx"])
        self.assertEqual(root.tag, self.SVG + "svg")
        self.assertEqual(len(self.of_class(root, "line", "target")), 2)
        self.assertEqual(len(self.of_class(root, "rect", "first")), 1)
        words = [each.text for each in root.iter(self.SVG + "text")]
        self.assertIn("1.07", words)
        self.assertIn("not installed <yet>", words)

    def test_a_bar_ends_at_the_edge_and_says_so(self):
        rounds = [raw(0, "floor", 1.0), raw(0, "turnomatic", 15.0)]
        result = summary.scenario_result(scenarios.ALL[0], {}, ["floor", "turnomatic"], rounds)
        root = self.draw([result])
        bar = self.of_class(root, "rect", "first")[0]
        self.assertLessEqual(chart.LEFT + float(bar.get("width")), chart.WIDTH - chart.RIGHT)
        self.assertIn("15.00 (off the scale)", [each.text for each in root.iter()])

    def test_who_takes_no_part_by_design_gets_no_bar(self):
        words = [each.text for each in self.draw([load_result()]).iter(self.SVG + "text")]
        self.assertNotIn("nginx", words)
        self.assertIn("turnomatic", words)

    def test_a_scenario_that_is_not_charted_is_left_out(self):
        scenario = next(each for each in scenarios.ALL if not each.charted)
        result = summary.scenario_result(scenario, {}, ["floor", scenarios.REDIS],
                                         [raw(0, "floor", 4.0), raw(0, scenarios.REDIS, 5.0)])
        self.assertNotIn(scenario.title, [each.text for each in self.draw([result]).iter()])
        self.assertEqual(len(self.of_class(self.draw([redis_result()]), "rect", "first")), 1)

    def test_draws_even_when_nothing_was_measured(self):
        nothing = summary.scenario_result(scenarios.ALL[0], {}, ["floor", "turnomatic"], [])
        self.assertIn("no valid round",
                      [each.text for each in self.draw([nothing]).iter(self.SVG + "text")])
        self.draw([])


if __name__ == "__main__":
    unittest.main()
