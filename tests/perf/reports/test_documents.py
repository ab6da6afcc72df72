"""docs/reports: documents and pictures are what data, texts and diagrams say, and no figure was typed."""

import json
import re
import shutil
import subprocess
import tempfile
import tomllib
import unittest
from pathlib import Path

import setups  # brings the modules of tests/perf and deploy/demo
import diagrams
import documents
from setups import ROOT

REPORTS = ROOT / "docs/reports"
DOCUMENT = json.loads((REPORTS / "data/measured.json").read_text())
TEXTS = sorted((REPORTS / "text").glob("*.md.in"))
HISTORY = tomllib.loads((REPORTS / "data/history.toml").read_text())["done"]
FIGURE = re.compile(r"\d+\.\d+|\d{2,}")


def plain(text):
    """Without line breaks, which a quotation may cross."""
    return " ".join(text.split())


class Documents(unittest.TestCase):
    def test_documents_and_pictures_are_what_their_sources_say(self):
        self.assertEqual(documents.stale(REPORTS, REPORTS, DOCUMENT), [])

    def test_they_are_of_a_whole_run(self):
        self.assertFalse(DOCUMENT["quick"])
        self.assertEqual(documents.problems(DOCUMENT), [])

    def test_no_figure_was_typed(self):
        self.assertGreaterEqual(len(TEXTS), 3)
        for text in TEXTS:
            with self.subTest(text.name):
                self.assertEqual(documents.by_hand(text.read_text()), [])

    def test_a_typed_figure_would_be_seen(self):
        for text in ("it takes 4.2 µs", "120,000 requests/s", "after 3 ms."):
            self.assertEqual(len(documents.by_hand(text)), 1, text)
        for text in ("`sleep 5 ms`", "{{cpu redis store}} µs", "99.9 %", "two cores, 256 ids"):
            self.assertEqual(documents.by_hand(text), [], text)

    def test_every_text_becomes_a_document_and_every_picture_is_shown(self):
        shown = set()
        for file in REPORTS.glob("*.md"):
            shown |= set(re.findall(r"\]\((pictures/[\w-]+\.svg)\)", file.read_text()))
        drawn = {f"pictures/{file.name}" for file in (REPORTS / "pictures").glob("*")}
        self.assertEqual(shown, drawn)
        listed = (REPORTS / "README.md").read_text()
        for file in REPORTS.glob("*.md"):
            if file.name != "README.md":
                self.assertIn(f"]({file.name})", listed)

    def test_every_figure_that_can_be_asked_for_is(self):
        asked = {match.split()[0] for text in TEXTS
                 for match in documents.PLACEHOLDER.findall(text.read_text())}
        self.assertEqual(set(documents.FIGURES) - asked, set())

    def test_what_nobody_knows_is_an_error(self):
        context = documents.read_context(REPORTS, DOCUMENT)
        for text in ("{{nonsense}}", "{{cpu}}", "{{setting x}}", "{{arithmetic 99}}"):
            with self.subTest(text), self.assertRaises(documents.BadText):
                documents.filled(text, context)


class Changes(unittest.TestCase):
    """What would be forgotten is found out."""

    def setUp(self):
        self.directory = Path(self.enterContext(tempfile.TemporaryDirectory()), "reports")
        shutil.copytree(REPORTS, self.directory)

    def stale(self, document=DOCUMENT):
        return " ".join(documents.stale(self.directory, self.directory, document))

    def test_another_measurement(self):
        document = json.loads(json.dumps(DOCUMENT))
        for each in document["maximum"]:
            if each["valid"]:
                each["cpu_us"]["service"] *= 2
        found = self.stale(document)
        for name in ("load-test.md", "scalability.md", "pictures/cost.svg"):
            self.assertIn(f"{name} is not what the data says", found)

    def test_another_assumption(self):
        file = self.directory / "data/assumptions.toml"
        file.write_text(file.read_text().replace("price_vcpu_hour = ", "price_vcpu_hour = 1"))
        self.assertIn("scalability.md is not", self.stale())

    def test_a_document_that_was_edited(self):
        file = self.directory / "postmortem-restored-snapshot.md"
        file.write_text(file.read_text() + "All is well.\n")
        self.assertIn("postmortem-restored-snapshot.md is not", self.stale())

    def test_a_diagram_whose_source_changed(self):
        file = self.directory / "diagrams/loss.dot"
        file.write_text(file.read_text().replace("counting", "dreaming"))
        self.assertIn("loss.svg was drawn from another loss.dot", self.stale())

    def test_a_picture_without_a_source(self):
        (self.directory / "diagrams/chain.dot").unlink()
        self.assertIn("chain.svg has no source any more", self.stale())

    @unittest.skipUnless(shutil.which("dot"), "graphviz is not installed")
    def test_a_diagram_that_was_edited(self):
        file = self.directory / "pictures/request.svg"
        file.write_text(file.read_text().replace("bytes arrive", "bytes depart"))
        self.assertIn("request.svg does not show what request.dot says", self.stale())

    @unittest.skipUnless(shutil.which("dot"), "graphviz is not installed")
    def test_a_diagram_that_is_none(self):
        (self.directory / "diagrams/chain.dot").write_text("digraph {")
        with self.assertRaises(diagrams.BadDiagram):
            diagrams.rendered(self.directory)


class History(unittest.TestCase):
    """What earlier optimisations gained is what those say who measured it."""

    @classmethod
    def setUpClass(cls):
        cls.messages = {}
        done = subprocess.run(["git", "-C", ROOT, "log", "--format=%s%x01%b%x00"],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for message in done.stdout.split("\0"):
            subject, _, body = message.strip().partition("\x01")
            cls.messages[subject] = plain(body)

    def text_of(self, source):
        if source.startswith("docs/"):
            return plain((ROOT / source).read_text())
        if source not in self.messages:
            self.skipTest("the history of the sources is not here")
        return self.messages[source]

    def test_each_source_says_what_is_quoted(self):
        self.assertGreater(len(HISTORY), 5)
        for each in HISTORY:
            with self.subTest(each["what"]):
                text = self.text_of(each["source"])
                self.assertIn(plain(each["quote"]), text)
                for figure in FIGURE.findall(each["before"]):
                    self.assertIn(figure, text)

    def test_the_figures_stand_in_what_is_quoted(self):
        for each in HISTORY:
            for figure in FIGURE.findall(each["after"]):
                self.assertIn(figure, each["quote"], each["what"])


class Postmortem(unittest.TestCase):
    TEXT = (REPORTS / "postmortem-restored-snapshot.md").read_text()

    def test_has_what_a_postmortem_needs(self):
        headings = re.findall(r"^## (.*)$", self.TEXT, re.MULTILINE)
        for heading in ("Summary", "Timeline", "Detection", "Cause", "Why the tests missed it", "Plan"):
            self.assertIn(heading, headings)

    def test_every_action_has_an_owner_and_an_end(self):
        rows = re.findall(r"^\| \d+ \|(.*)\|$", self.TEXT, re.MULTILINE)
        self.assertGreater(len(rows), 4)
        for row in rows:
            action, owner, done = (cell.strip() for cell in row.split("|"))
            self.assertTrue(action and done)
            self.assertRegex(owner, r"^\w+( \w+)?$")


if __name__ == "__main__":
    unittest.main()
