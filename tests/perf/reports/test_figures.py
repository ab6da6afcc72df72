"""Summaries, tables and pictures of rounds that are made up."""

import unittest
from xml.etree import ElementTree

import setups  # brings the modules of tests/perf and deploy/demo
import documents
import pictures
import plots
import summaries
import tables
from setups import FLOOR, MEMORY, REDIS

SVG = "{http://www.w3.org/2000/svg}"


def round_of(number, name, rate, service_us, **more):
    return {"round": number, "setup": name, "valid": True, "rate": rate, "p50_us": 100.0,
            "p99_us": 900.0, "cpu_us": {"service": service_us}, **more}


def three_rounds():
    return [round_of(0, FLOOR, 100.0, 4.0), round_of(0, MEMORY, 90.0, 5.0),
            round_of(1, FLOOR, 50.0, 8.0), round_of(1, MEMORY, 45.0, 8.8),
            round_of(2, FLOOR, 80.0, 5.0),
            {"round": 2, "setup": MEMORY, "valid": False, "reason": "the machine fell asleep"}]


class Summaries(unittest.TestCase):
    def test_a_spread_is_the_median_and_the_ends(self):
        self.assertEqual(summaries.spread([3.0, 1.0, 2.0], 1), "2.0 (1.0-3.0)")
        self.assertEqual(summaries.spread([1234.5]), "1,234")
        self.assertEqual(summaries.spread([]), "-")

    def test_milliseconds_have_the_digits_that_they_deserve(self):
        self.assertEqual(summaries.ms([123.0]), "0.12")
        self.assertEqual(summaries.ms([45678.0]), "46")
        self.assertEqual(summaries.ms([]), "-")

    def test_ratios_are_within_a_round_and_of_valid_ones(self):
        found = summaries.paired(three_rounds(), MEMORY, FLOOR, "cpu_us", "service")
        self.assertEqual([round(each, 2) for each in found], [1.25, 1.1])

    def test_capacity_of_workers_is_their_number_over_the_growth_of_cost(self):
        rounds = [{"round": number, "setup": MEMORY, "valid": True, "workers": count,
                   "cpu_us": {"service": us}}
                  for number in (0, 1) for count, us in ((1, 4.0), (2, 5.0))]
        self.assertEqual(summaries.worker_points({"workers": rounds}, MEMORY), [(1, 1.0), (2, 1.6)])

    def test_a_chain_without_a_valid_round_has_no_cost(self):
        with self.assertRaises(ValueError):
            summaries.cost_of({"maximum": three_rounds()}, REDIS)


class Tables(unittest.TestCase):
    def test_an_invalid_round_is_counted_and_listed(self):
        document = {"maximum": three_rounds(), "tools": []}
        self.assertIn("| 2/3 |", tables.maximum(document))
        self.assertEqual(documents.problems(document), ["maximum: the machine fell asleep"])

    def test_a_tool_that_failed_is_a_problem_and_one_that_is_missing_is_none(self):
        tool = {"setup": MEMORY, "command": "ab", "rate": None, "answered": None, "taken": None,
                "service_us": None}
        document = {"tools": [tool | {"result": "FAILED: 3 failed"}, tool | {"result": "skipped: x"}]}
        self.assertEqual(documents.problems(document), ["tools: ab: FAILED: 3 failed"])
        self.assertIn("skipped: x", tables.tools(document))

    def test_others_are_compared_with_what_they_asked_for(self):
        def of(kind, rate, **more):
            return round_of(0, REDIS, rate, 4.0, kind=kind, beside="malformed", asked=200.0, failures=0,
                            **more)
        table = tables.unexpected({"unexpected": [
            of("nobody", 200.0), of("malformed", 50.0, growth_mb=1.0,
                                    hostile={"answers": {"400": 7}})]})
        self.assertIn("| 16 | 25 |", table)
        self.assertIn("| 400: 7 |", table)

    def test_a_profile_that_was_not_taken_says_why(self):
        self.assertEqual(tables.profile({"valid": False, "reason": "no perf"}), "Not taken: no perf.")


class Plots(unittest.TestCase):
    def parts(self, svg, tag, kind):
        return [each for each in ElementTree.fromstring(svg).iter(SVG + tag)
                if kind in (each.get("class") or "").split()]

    def test_points_and_lines_lie_within_the_axes(self):
        svg = plots.lines("<title>", "caption", "x", "y",
                          [plots.Series("a", [(1, 3.0), (64, 9000.0)], ((1, 1.0, 5.0),)),
                           plots.Series("b", [(8, 20.0)], hue=3)], log_x=True, log_y=True)
        circles = [each for each in ElementTree.fromstring(svg).iter(SVG + "circle")]
        self.assertEqual(len(circles), 3)
        for each in circles:
            self.assertTrue(plots.LEFT <= float(each.get("cx")) <= plots.WIDTH - plots.RIGHT)
            self.assertTrue(plots.TOP <= float(each.get("cy")) <= plots.HEIGHT - plots.BOTTOM)
        self.assertEqual(len(self.parts(svg, "polyline", "curve")), 1)
        self.assertEqual(len(self.parts(svg, "line", "span")), 1)
        self.assertEqual(len(self.parts(svg, "circle", "fill3")), 1)

    def test_a_bar_is_as_long_as_its_parts(self):
        svg = plots.bars("t", "c", [("one", {"a": 2.0, "b": 1.0}), ("two", {"a": 6.0})], ("a", "b"), "µs")
        widths = [float(each.get("width")) for kind in ("fill0", "fill1")
                  for each in self.parts(svg, "rect", kind) if each.get("height") == str(plots.BAR)]
        self.assertEqual(len(widths), 3)
        self.assertAlmostEqual(widths[1] / widths[0], 3.0, delta=0.02)
        self.assertAlmostEqual(widths[2] / widths[0], 0.5, delta=0.02)
        self.assertIn("3.0 µs", [each.text for each in ElementTree.fromstring(svg).iter()])

    def test_nothing_measured_is_a_picture_that_says_so(self):
        self.assertIn("nothing was measured", plots.lines("t", "c", "x", "y", []))
        ElementTree.fromstring(plots.bars("t", "c", [], ("a",), "µs"))

    def test_steps_are_round(self):
        self.assertEqual([plots.nice_step(span) for span in (6, 100, 0.31)], [1, 20, 0.1])
        self.assertEqual([plots.nice_end(value) for value in (94, 7.3)], [100, 8])
        self.assertEqual([plots.short(value) for value in (20000, 1500000, 0.5)], ["20k", "1.5M", "0.5"])

    def test_a_quick_run_says_so(self):
        document = {"quick": True, "machine": {"cpu": "c", "cores": 2, "date": "2026-01-01T00:00:00"}}
        self.assertIn("QUICK RUN", pictures.caption(document))
        self.assertNotIn("QUICK RUN", pictures.caption(document | {"quick": False}))


if __name__ == "__main__":
    unittest.main()
