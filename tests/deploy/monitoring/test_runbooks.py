"""docs/runbooks and docs/monitoring.md: each alert has its page and its row, each page its alert, and
what a page tells somebody to look at or to set exists."""

import re
import tomllib
import unittest

from metrics import SOURCE_DIR, Catalogue
from tools import alerts, recorded_names

RUNBOOKS = sorted((SOURCE_DIR / "docs/runbooks").glob("*.md"))
HEADINGS = ["Meaning", "Impact", "Diagnosis", "Mitigation"]
SECTION = re.compile(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
ROW = re.compile(r"^\| \[(\w+)\]\(runbooks/(\w+)\.md\) \| (\w+) \|", re.MULTILINE)
METRIC = re.compile(r"(?<![\w:.-])((?:turnomatic|http|process)_[a-z_]+)(?![\w:.])")
RECORDED = re.compile(r"(?<![\w:])([a-z_]+:[a-z_]+:\w+)")
KEY = re.compile(r"`([a-z]+\.[a-z_]+)`")
NO_KEYS = re.compile(r"\.(?:md|yml|json|service|toml|max)$")


def configuration_keys():
    with open(SOURCE_DIR / "config/turnomatic.toml", "rb") as file:
        sections = tomllib.load(file)
    return {f"{section}.{key}" for section, values in sections.items()
            if isinstance(values, dict) for key in values}


class RunbooksTest(unittest.TestCase):
    names = {alert["alert"] for alert in alerts()}

    def test_every_alert_has_one_and_every_one_has_an_alert(self):
        self.assertEqual({path.stem for path in RUNBOOKS}, self.names)

    def test_each_has_its_four_parts(self):
        for path in RUNBOOKS:
            with self.subTest(path.name):
                text = path.read_text()
                self.assertTrue(text.startswith(f"# {path.stem}\n"))
                sections = SECTION.findall(text)
                self.assertEqual([name for name, _ in sections], HEADINGS)
                for name, content in sections:
                    self.assertGreater(len(content.split()), 8, name)

    def test_each_names_only_metrics_that_exist(self):
        catalogue = Catalogue()
        for path in RUNBOOKS:
            text = path.read_text()
            for name in METRIC.findall(text):
                known = name in catalogue.documented or catalogue.labels_of(name) is not None
                self.assertTrue(known, f"{path.name}: {name}")
            for name in RECORDED.findall(text):
                self.assertIn(name, recorded_names(), path.name)

    def test_each_names_only_keys_that_exist(self):
        keys = configuration_keys()
        self.assertIn("http.max_connections", keys)
        for path in RUNBOOKS:
            for key in KEY.findall(path.read_text()):
                if not NO_KEYS.search(key):
                    self.assertIn(key, keys, path.name)


class MonitoringPageTest(unittest.TestCase):

    def test_has_a_row_for_every_alert_with_its_severity(self):
        page = (SOURCE_DIR / "docs/monitoring.md").read_text()
        rows = ROW.findall(page)
        self.assertEqual([name for name, link, _ in rows if name != link], [])
        self.assertEqual({name: severity for name, _, severity in rows},
                         {alert["alert"]: alert["labels"]["severity"] for alert in alerts()})
        self.assertEqual(len(rows), len(alerts()))


if __name__ == "__main__":
    unittest.main()
