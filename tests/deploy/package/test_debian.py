"""deploy/debian: what the packages say about themselves, without building them."""

import re
import subprocess
import unittest

from built import ROOT, needs, run, unit

CHANGELOG = ROOT / "deploy/debian/changelog"
SCRIPTS = ("postinst", "postrm", "prerm")
ORDER = ("--version", "0.2.0-3", "--contact", "A B <a@b.example>", "--epoch", "1795819246")

TWO_SECTIONS = """\
# Changelog

Some words.

## Unreleased

- One thing, told in words that need more than the one line of eighty characters that they may have.
- `--another` thing.

## 0.1.0 - 2026-11-27

- The first.
"""

DEBIAN = """\
turnomatic (0.2.0-3) bookworm; urgency=medium

  * One thing, told in words that need more than the one line of eighty
    characters that they may have.
  * `--another` thing.

 -- A B <a@b.example>  Fri, 27 Nov 2026 22:40:46 +0000

turnomatic (0.1.0-1) bookworm; urgency=medium

  * The first.

 -- A B <a@b.example>  Fri, 27 Nov 2026 00:00:00 +0000
"""


def changelog_of(text):
    done = subprocess.run([CHANGELOG, *ORDER, "/dev/stdin"], input=text, capture_output=True,
                          text=True, timeout=30)
    return done.returncode, done.stdout, done.stderr


class Changelog(unittest.TestCase):
    def test_each_section_is_an_entry(self):
        self.assertEqual(changelog_of(TWO_SECTIONS), (0, DEBIAN, ""))

    def test_nothing_unreleased_is_no_entry(self):
        status, said, _ = changelog_of("## Unreleased\n\n## 0.1.0 - 2026-11-27\n\n- The first.\n")
        self.assertEqual(status, 0)
        self.assertTrue(said.startswith("turnomatic (0.1.0-1)"), said)

    def test_a_heading_without_a_date_is_an_error(self):
        status, _, error = changelog_of("## 0.1.0\n\n- The first.\n")
        self.assertEqual(status, 1)
        self.assertIn("neither Unreleased nor VERSION - DATE: 0.1.0", error)

    def test_no_section_is_an_error(self):
        self.assertEqual(changelog_of("# Changelog\n")[0], 1)

    @needs("dpkg-parsechangelog")
    def test_debian_reads_that_of_the_tree(self):
        status, said = run(CHANGELOG, *ORDER, ROOT / "CHANGELOG.md")
        self.assertEqual(status, 0, said)
        done = subprocess.run(["dpkg-parsechangelog", "-l", "-", "-S", "Changes"], input=said,
                              capture_output=True, text=True, timeout=30)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        items = len(re.findall("^- ", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE))
        self.assertEqual(len(re.findall(r"^ +\* ", done.stdout, re.MULTILINE)), items)


class Package(unittest.TestCase):
    def test_the_file_that_the_unit_reads_is_the_conffile(self):
        [start] = unit("turnomatic.service")["Service"]["ExecStart"]
        self.assertEqual((ROOT / "deploy/debian/conffiles").read_text().split(),
                         [start.partition(" --config ")[2]])

    @needs("systemd-analyze")
    def test_the_document_says_how_confined_the_unit_is(self):
        text = run("systemd-analyze", "security", "--offline=true", "--no-pager",
                   ROOT / "deploy/systemd/turnomatic.service")[1]
        level = re.search(r"exposure level for turnomatic.service: ([\d.]+)", text)[1]
        self.assertIn(f"says {level}, on a scale",
                      (ROOT / "docs/deployment/debian.md").read_text())


class MaintainerScripts(unittest.TestCase):
    def test_an_error_ends_each_of_them(self):
        for name in SCRIPTS:
            text = (ROOT / "deploy/debian" / name).read_text()
            self.assertTrue(text.startswith("#!/bin/sh\n"), name)
            self.assertIn("\nset -e\n", text, name)

    @needs("dash")
    def test_they_are_plain_shell(self):
        for name in SCRIPTS:
            self.assertEqual(run("dash", "-n", ROOT / "deploy/debian" / name), (0, ""))


if __name__ == "__main__":
    unittest.main()
