"""deploy/grafana/turnomatic.json: it is what its source writes, promtool can read every expression, and
every metric, label and value that one asks for exists."""

import itertools
import json
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import yaml

from metrics import SOURCE_DIR, Catalogue
from tools import alerts, needs, recorded_names, run

GRAFANA_DIR = SOURCE_DIR / "deploy/grafana"
DASHBOARD = json.loads((GRAFANA_DIR / "turnomatic.json").read_text())
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
LABEL_VALUES = re.compile(r"label_values\((.*), (\w+)\)")
# What Grafana puts in before it asks. Values of labels become such as exist.
VARIABLES = {"__rate_interval": "5m", "__range": "1h", "job": "turnomatic", "instance": ".*",
             "shard": "0"}
COLUMNS = 24


def filled(expression):
    return re.sub(r"\$(\w+)", lambda match: VARIABLES[match[1]], expression)


def expressions():
    """Where each stands, and what it asks for."""
    for panel in PANELS:
        for target in panel["targets"]:
            yield panel["title"], filled(target["expr"])
    for each in DASHBOARD["annotations"]["list"]:
        yield each["name"], filled(each["expr"])
    for each in DASHBOARD["templating"]["list"]:
        if each["type"] == "query":
            yield each["name"], filled(LABEL_VALUES.fullmatch(each["definition"])[1])


class DashboardTest(unittest.TestCase):
    catalogue = Catalogue(recorded_names())

    def test_is_what_its_source_writes(self):
        done = subprocess.run([sys.executable, "-B", GRAFANA_DIR / "dashboard.py", "--check"],
                              stderr=subprocess.PIPE, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    @needs("promtool")
    def test_every_expression_is_one(self):
        rules = [{"record": f"expression:{number}:of", "expr": expression}
                 for number, (_, expression) in enumerate(expressions())]
        self.assertGreater(len(rules), 60)
        with tempfile.TemporaryDirectory() as directory:
            file = Path(directory, "rules.yml")
            file.write_text(yaml.safe_dump({"groups": [{"name": "all", "rules": rules}]}))
            status, said = run("promtool", "check", "rules", file)
        self.assertEqual(status, 0, said)

    def test_every_metric_and_label_exists(self):
        for where, expression in expressions():
            with self.subTest(where):
                self.assertEqual(self.catalogue.problems_of(expression), [])

    def test_every_label_in_a_text_exists(self):
        for panel in PANELS:
            for target in panel["targets"]:
                for label in re.findall(r"{{(\w+)}}", target["legendFormat"]):
                    self.assertIn(label, self.catalogue.label_names, panel["title"])

    def test_every_panel_says_what_it_shows_and_in_which_unit(self):
        titles = [panel["title"] for panel in PANELS]
        for panel in PANELS:
            with self.subTest(panel["title"]):
                self.assertTrue(panel["description"].endswith("."))
                self.assertTrue(panel["fieldConfig"]["defaults"]["unit"])
        rows = [panel["title"] for panel in DASHBOARD["panels"] if panel["type"] == "row"]
        self.assertEqual(len(rows), len(set(rows)))
        self.assertGreater(len(set(titles)), 40)

    def test_failed_turns_turn_red_where_they_page(self):
        [page] = [alert["expr"] for alert in alerts()
                  if alert["alert"] == "TurnomaticErrorBudgetBurnFast"]
        rate, objective = re.search(r"ratio_rate1h > ([\d.]+) \* ([\d.]+)", page).groups()
        [panel] = [panel for panel in PANELS
                   if (panel["type"], panel["title"]) == ("stat", "Failed turns")]
        steps = panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
        base, yellow, red = (step["value"] for step in steps)
        self.assertEqual((base, yellow), (None, float(objective)))
        self.assertAlmostEqual(red, float(rate) * float(objective))

    def test_every_series_comes_from_the_source_that_was_chosen(self):
        chosen = {"type": "prometheus", "uid": "${datasource}"}
        asking = [*PANELS, *itertools.chain(*(panel["targets"] for panel in PANELS)),
                  *DASHBOARD["annotations"]["list"],
                  *(each for each in DASHBOARD["templating"]["list"] if each["type"] == "query")]
        for each in asking:
            self.assertEqual(each["datasource"], chosen)
        self.assertEqual(DASHBOARD["templating"]["list"][0]["name"], "datasource")

    def test_panels_fit_and_do_not_overlap(self):
        taken = {}
        for panel in DASHBOARD["panels"]:
            at = panel["gridPos"]
            self.assertLessEqual(at["x"] + at["w"], COLUMNS)
            for place in itertools.product(range(at["x"], at["x"] + at["w"]),
                                           range(at["y"], at["y"] + at["h"])):
                self.assertNotIn(place, taken, panel["title"])
                taken[place] = panel["title"]

    def test_panels_and_queries_are_told_apart(self):
        numbers = [panel["id"] for panel in DASHBOARD["panels"]]
        self.assertEqual(len(numbers), len(set(numbers)))
        for panel in PANELS:
            letters = [target["refId"] for target in panel["targets"]]
            self.assertEqual(len(letters), len(set(letters)))


if __name__ == "__main__":
    unittest.main()
