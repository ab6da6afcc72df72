"""deploy/prometheus: promtool finds nothing, every alert fires when it should and is silent when it
should, and every metric and label that a rule asks for exists."""

import re
import unittest

from metrics import Catalogue
from tools import (PROMETHEUS_DIR, RULE_FILES, RULE_TEST_FILES, alerts, load, needs, recorded_names,
                   rules, run, tested_alerts)

RECORDED_NAME = re.compile(r"[a-z_]+:[a-z_]+:[a-z0-9_]+")


@needs("promtool")
class PromtoolTest(unittest.TestCase):

    def test_finds_nothing_in_the_configuration(self):
        status, said = run("promtool", "check", "config", PROMETHEUS_DIR / "prometheus.yml")
        self.assertEqual(status, 0, said)
        self.assertIn(f"{len(RULE_FILES)} rule files found", said)

    def test_finds_nothing_in_the_rules(self):
        status, said = run("promtool", "check", "rules", "--lint=all", "--lint-fatal", *RULE_FILES)
        self.assertEqual(status, 0, said)

    def test_sees_every_alert_fire_and_stay_silent_as_it_should(self):
        status, said = run("promtool", "test", "rules", *RULE_TEST_FILES)
        self.assertEqual(status, 0, said)


class RulesTest(unittest.TestCase):
    catalogue = Catalogue(recorded_names())

    def test_every_alert_is_tested_both_ways(self):
        fired = {name for name, expected in tested_alerts() if expected}
        silent = {name for name, expected in tested_alerts() if not expected}
        names = {alert["alert"] for alert in alerts()}
        self.assertGreater(len(names), 20)
        self.assertEqual(names - fired, set())
        self.assertEqual(names - silent, set())

    def test_every_metric_and_label_exists(self):
        for rule in rules():
            with self.subTest(rule.get("alert") or rule["record"]):
                self.assertEqual(self.catalogue.problems_of(rule["expr"]), [])

    def test_every_label_in_a_text_exists(self):
        for alert in alerts():
            for label in re.findall(r"\$labels\.(\w+)", " ".join(alert["annotations"].values())):
                self.assertIn(label, self.catalogue.label_names, alert["alert"])

    def test_names_are_unique(self):
        for names in ([rule.get("alert") or rule["record"] for rule in rules()],
                      [group["name"] for path in RULE_FILES for group in load(path)["groups"]]):
            self.assertEqual(len(names), len(set(names)), names)

    def test_recorded_series_are_named_by_level_metric_and_operation(self):
        for name in recorded_names():
            self.assertRegex(name, RECORDED_NAME)

    def test_every_recorded_series_is_used(self):
        used = " ".join(rule["expr"] for rule in rules())
        used += (PROMETHEUS_DIR.parent / "grafana/turnomatic.json").read_text()
        for name in recorded_names():
            self.assertRegex(used, rf"(?<![\w:]){name}(?![\w:])")

    def test_every_alert_says_what_it_must(self):
        for alert in alerts():
            with self.subTest(alert["alert"]):
                self.assertRegex(alert["alert"], r"Turnomatic[A-Z]\w+")
                self.assertIn(alert["labels"]["severity"], ("page", "ticket"))
                self.assertLessEqual(set(alert["labels"]), {"severity", "action"})
                self.assertEqual(set(alert["annotations"]),
                                 {"summary", "description", "runbook_url"})
                self.assertNotIn("{{", alert["annotations"]["summary"])
                self.assertEqual(alert["annotations"]["runbook_url"],
                                 f"docs/runbooks/{alert['alert']}.md")

    def test_what_may_mean_duplicates_pages_at_once(self):
        for alert in alerts():
            if re.search("StoreLo|Behind|Unheard", alert["alert"]):
                self.assertEqual((alert["labels"]["severity"], alert.get("for")), ("page", None))


if __name__ == "__main__":
    unittest.main()
