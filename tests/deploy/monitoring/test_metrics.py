"""The checker itself: it finds what is wrong, and it finds nothing in what is right."""

import unittest

from metrics import Catalogue, documented_metrics, latency_bounds
from promql import Matcher, references_of


class PromqlTest(unittest.TestCase):

    def test_selectors_are_found_between_functions_keywords_and_numbers(self):
        found = references_of('sum by (job) (rate(a_total{x="1", y=~"2|3"}[5m])) / 2e3'
                              ' and on (job, z) b > bool 1 unless c offset 5m or absent(d)')
        self.assertEqual([each.name for each in found.selectors], ["a_total", "b", "c", "d"])
        self.assertEqual(found.selectors[0].matchers,
                         (Matcher("x", "=", "1"), Matcher("y", "=~", "2|3")))
        self.assertEqual(found.labels, {"job", "z"})

    def test_an_aggregation_may_name_its_labels_last(self):
        found = references_of("sum(a) by (b) / ignoring (c) group_left () d")
        self.assertEqual([each.name for each in found.selectors], ["a", "d"])
        self.assertEqual(found.labels, {"b", "c"})

    def test_names_in_texts_and_comments_are_no_metrics(self):
        found = references_of('a{x="b{c}"} # d\n + e')
        self.assertEqual([each.name for each in found.selectors], ["a", "e"])

    def test_a_selector_must_name_its_metric(self):
        with self.assertRaises(ValueError):
            references_of('{__name__="a"}')


class CatalogueTest(unittest.TestCase):
    catalogue = Catalogue(recorded=["job:a:rate5m"])

    def test_the_document_is_read(self):
        page = ("| `a_total` | counter | `x`: 1, 2; `y`: b | Text. |\n"
                "| `b_info` | gauge | `v`, `w`: of the running build | Text. |\n"
                "| `c` | gauge | none | Text. |\n")
        self.assertEqual(documented_metrics(page), {
            "a_total": ("counter", {"x": ["1", "2"], "y": ["b"]}),
            "b_info": ("gauge", {"v": None, "w": None}),
            "c": ("gauge", {})})
        self.assertGreater(len(self.catalogue.documented), 30)

    def test_the_bounds_are_read(self):
        self.assertEqual(latency_bounds("latency_bounds{std::chrono::microseconds{2'500}, "
                                        "std::chrono::seconds{1}};"), {0.0025, 1.0})
        self.assertIn(0.05, self.catalogue.bounds)

    def test_what_is_right_passes(self):
        for expression in [
                'rate(http_requests_total{job="x", route="turn", code=~"5..|429"}[5m])',
                'http_request_duration_seconds_bucket{route="turn", le="0.05"}',
                "sum by (job) (turnomatic_ready)", "job:a:rate5m", 'up{job="turnomatic"}']:
            self.assertEqual(self.catalogue.problems_of(expression), [], expression)

    def test_what_is_wrong_is_found(self):
        for expression, problem in [
                ("turnomatic_nothing", "no metric turnomatic_nothing"),
                ("job:b:rate5m", "no metric job:b:rate5m"),
                ("http_request_duration_seconds", "no metric http_request_duration_seconds"),
                ("turnomatic_ready_count", "no metric turnomatic_ready_count"),
                ("sum by (colour) (turnomatic_ready)", "no label colour"),
                ('turnomatic_ready{shard="0"}', "turnomatic_ready: no label shard"),
                ('http_requests_total{route="turns"}',
                 "http_requests_total: route is never turns"),
                ('http_requests_total{code=~"5..|600"}', "http_requests_total: code is never 600"),
                ('http_request_duration_seconds_bucket{le="0.06"}',
                 "http_request_duration_seconds_bucket: no bucket 0.06")]:
            self.assertEqual(self.catalogue.problems_of(expression), [problem])


if __name__ == "__main__":
    unittest.main()
