"""What measures, what makes the load, what judges and what draws, each by itself."""

import json
import re
import unittest
import xml.etree.ElementTree

import paths

import load
import picture
import sampling
import verdict

REPORTS = paths.SOURCE_DIR / "docs/reports"
PAGE = paths.SOURCE_DIR / "docs/deployment/autoscaling.md"


class SamplingTest(unittest.TestCase):
    def test_counters_are_summed_over_their_labels(self):
        text = ('# TYPE turnomatic_turns_issued_total counter\n'
                'turnomatic_turns_issued_total{backend="redis"} 40\n'
                'turnomatic_turns_issued_total{backend="memory"} 2\n'
                'turnomatic_turns_issued_totally 7\nprocess_cpu_seconds_total 1.25\n')
        self.assertEqual(sampling.sums(text), {sampling.TURNS: 42, sampling.CPU_SECONDS: 1.25})

    def test_both_are_metrics_of_turnomatic(self):
        documented = (paths.SOURCE_DIR / "docs/metrics.md").read_text()
        for name in (sampling.TURNS, sampling.CPU_SECONDS):
            self.assertIn(f"| `{name}` | counter |", documented)

    def history(self, *scrapes):
        history = sampling.History(60)
        for at, value in scrapes:
            history.add(at, {"x": value})
        return history

    def test_a_rate_is_taken_over_what_there_is_of_the_window(self):
        self.assertEqual(self.history((0, 0), (15, 300), (30, 300)).rate("x", 31), (10.0, 30, 60))

    def test_what_is_older_than_the_window_does_not_count(self):
        self.assertEqual(self.history((0, 0), (30, 9000), (60, 9030), (89, 9059)).rate("x", 90).value, 1.0)

    def test_one_scrape_is_no_rate(self):
        self.assertIsNone(self.history((0, 5)).rate("x", 1))

    def test_scrapes_that_stopped_are_no_rate(self):
        self.assertIsNone(self.history((0, 5), (15, 6)).rate("x", 80))


class StepsTest(unittest.TestCase):
    def test_they_are_read_in_their_order(self):
        self.assertEqual(load.read_steps("500x20, 1000x5"), [(500, 20), (1000, 5)])

    def test_what_is_no_step_is_an_error(self):
        for text in ("", "500", "500x", "x20", "500x20,", "0x5", "5x0", "-1x5", "1.5x5"):
            with self.subTest(text), self.assertRaises(ValueError):
                load.read_steps(text)


class VerdictTest(unittest.TestCase):
    GOOD = {"failed": 0, "violations": 0, "missing": 0, "unknown_outcomes": 0, "burned": 0, "flaps": 0,
            "proof": "proven"}
    LOAD = {"requests": 1000, "overdue": 10}

    def test_what_follows_the_load_is_no_flapping(self):
        changes = [(11, 1, 3), (14, 3, 4), (25, 4, 3), (28, 3, 1), (31, 1, 2)]
        self.assertEqual(verdict.flaps(changes, [0, 10, 20, 30]), 0)

    def test_each_turn_within_a_step_is_one_flap(self):
        changes = [(11, 1, 3), (14, 3, 2), (16, 2, 3), (25, 3, 2)]
        self.assertEqual(verdict.flaps(changes, [0, 10, 20]), 2)

    def test_a_run_that_was_good_has_no_complaints(self):
        self.assertEqual(verdict.complaints(self.GOOD | self.LOAD), [])

    def test_whatever_was_not_is_a_complaint(self):
        for name in self.GOOD:
            wrong = self.GOOD | self.LOAD | {name: "not_proven" if name == "proof" else 1}
            with self.subTest(name):
                self.assertEqual(len(verdict.complaints(wrong)), 1)

    def test_requests_that_found_no_connection_are_a_complaint(self):
        self.assertEqual(verdict.complaints(self.GOOD | self.LOAD | {"overdue": 11}),
                         ["11 requests were due and never sent"])

    def test_requests_that_brought_no_turn_have_failed(self):
        reports = [{"load": {"requests": 100, "turns": 97}, "failures": {"connect": 1, "tls": 0}},
                   {"load": {"requests": 50, "turns": 50}, "failures": {"connect": 0, "tls": 0}}]
        self.assertEqual(verdict.failed_requests(reports), 4)


class PictureTest(unittest.TestCase):
    DOCUMENT = {
        "caption": "a <rule> & more", "outcome": "nothing failed", "seconds": 30,
        "rule": {"tolerance": 0.1, "metrics": {"cpu": 0.5, "turns": 100}},
        "steps": [{"at_s": 0, "ended_s": 30, "rate": 200}],
        "load": [{"at_s": at, "turns_per_s": 200, "p50_us": 300, "p99_us": 5000} for at in (1, 2, 3)],
        "samples": [{"at_s": 1, "recommended": None, "desired": 1, "ready": 1,
                     "measured": {"cpu": None, "turns": None}},
                    {"at_s": 2, "recommended": 2, "desired": 2, "ready": 1,
                     "measured": {"cpu": 0.1, "turns": 200.0}}]}

    def test_it_is_a_picture_whatever_is_missing(self):
        for document in (self.DOCUMENT, self.DOCUMENT | {"load": [], "samples": []}):
            root = xml.etree.ElementTree.fromstring(picture.svg(document))
            self.assertEqual(root.tag, "{http://www.w3.org/2000/svg}svg")
            words = "".join(root.itertext())
            self.assertIn("a <rule> & more", words)
            self.assertIn("Instances", words)

    def test_nothing_is_drawn_outside(self):
        drawn = picture.svg(self.DOCUMENT)
        [height] = re.findall(r'<svg [^>]*height="(\d+)"', drawn)
        for x in re.findall(r' x\d?="([-\d.]+)"', drawn):
            self.assertTrue(0 <= float(x) <= picture.WIDTH)
        for y in re.findall(r' y\d?="([-\d.]+)"', drawn):
            self.assertTrue(0 <= float(y) <= float(height))

    def test_ticks_are_round(self):
        self.assertEqual(picture.ticks_over(2300), [0, 1000, 2000, 3000])
        self.assertEqual(picture.ticks_over(5), [0, 2, 4, 6])
        self.assertEqual(picture.ticks_over(0), [0, picture.nice_step(0, 4)])
        self.assertEqual(picture.ticks_within(272), [0, 50, 100, 150, 200, 250])
        self.assertEqual(picture.decades_over(0.1, 40), [0.1, 1, 10, 100])


class ReportTest(unittest.TestCase):
    """The run that the documents tell of."""

    def setUp(self):
        self.document = json.loads((REPORTS / "autoscaling.json").read_text())

    def test_it_has_shown_what_was_promised(self):
        result = self.document["result"]
        self.assertEqual(verdict.complaints(result), [])
        self.assertEqual((result["least"], result["last"]), (1, 1))
        self.assertGreaterEqual(result["most"], 4)

    def test_the_picture_is_made_of_it(self):
        self.assertEqual((REPORTS / "autoscaling.svg").read_text(), picture.svg(self.document))

    def test_the_page_tells_of_it(self):
        page = " ".join(PAGE.read_text().split())
        result = self.document["result"]
        for words in (f"{result['requests']:,} requests", f"{result['turns']:,} turns",
                      f"{result['changes']} changes", f"never sent | {result['overdue']},",
                      f"{result['least']} to {result['most']} instances"):
            self.assertIn(words, page)


if __name__ == "__main__":
    unittest.main()
