"""The manual pages, as man and the programs themselves see them."""

import gzip
import os
import re
import subprocess
import tempfile
import unittest

from built import (BUILD, REFERENCE, commands_of_bench, needs, options_in_help, options_of, run,
                   setUpModule)

PAGES = ("turnomatic.1", "turnomatic.toml.5", "turnomatic-bench.1")
ENVIRONMENT = os.environ | {"LC_ALL": "C.UTF-8", "MANROFFSEQ": "", "MANWIDTH": "80"}


def formatted(page):
    """What a reader sees, in one line, without hyphenation."""
    done = subprocess.run(["man", "-l", REFERENCE / "man" / page], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=60,
                          env=ENVIRONMENT | {"MANWIDTH": "1000"})
    return done.stdout


@needs("man", "lexgrog")
class Pages(unittest.TestCase):
    def warnings_of(self, path):
        done = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", path],
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, text=True, timeout=60, env=ENVIRONMENT)
        return done.stderr

    def test_man_warns_of_nothing(self):
        for page in PAGES:
            self.assertEqual(self.warnings_of(REFERENCE / "man" / page), "", page)

    def test_man_would_warn(self):
        with tempfile.NamedTemporaryFile("w", suffix=".1") as page:
            page.write(".TH X 1\n.SH NAME\nx \\- y\n.nosuchmacro\n")
            page.flush()
            self.assertIn("nosuchmacro", self.warnings_of(page.name))

    def test_each_is_found_by_its_name(self):
        for page in PAGES:
            status, text = run("lexgrog", REFERENCE / "man" / page)
            self.assertEqual(status, 0, text)
            self.assertIn(f"\"{page.rpartition('.')[0]} - ", text)

    def test_what_is_installed_is_the_same_page(self):
        for page in PAGES:
            path = REFERENCE / "man" / page
            packed = path.with_name(page + ".gz").read_bytes()
            self.assertEqual(gzip.decompress(packed), path.read_bytes())
            # Neither a name nor a time: bytes 3 to 7 of the header (RFC 1952, 2.3).
            self.assertEqual(packed[3:8], bytes(5))

    def test_every_option_of_the_server_is_described_and_no_other(self):
        options = options_of("turnomatic")
        described = set(re.findall(r"^ +(?:-\w, )?(--[a-z][a-z-]*)", formatted("turnomatic.1"),
                                   re.MULTILINE))
        self.assertEqual(described, options)

    def test_every_option_of_the_bench_is_described(self):
        options = options_of("turnomatic-bench")
        for command in commands_of_bench():
            options |= options_in_help(BUILD / "turnomatic-bench", command)
        described = set(re.findall(r"^ +(?:-\w, )?(--[a-z][a-z-]*)",
                                   formatted("turnomatic-bench.1"), re.MULTILINE))
        self.assertEqual(described, options)

    def test_every_key_is_described_with_its_default(self):
        status, printed = run(BUILD / "turnomatic", "--print-config",
                              env={"PATH": os.environ["PATH"]})
        self.assertEqual(status, 0, printed)
        page, section, keys = formatted("turnomatic.toml.5"), "", 0
        for line in printed.splitlines():
            if match := re.fullmatch(r"\[(.+)\]", line):
                section = match[1] + "."
            elif line:
                self.assertIn(section + line.partition("  # ")[0] + "\n", page)
                keys += 1
        self.assertGreater(keys, 50)


if __name__ == "__main__":
    unittest.main()
