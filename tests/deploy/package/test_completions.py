"""Completions in the shells themselves: what they offer for the beginning of a line."""

import tempfile
import unittest
from pathlib import Path

from built import (BUILD, PROGRAMS, REFERENCE, commands_of_bench, needs, options_in_help,
                   options_of, run, setUpModule)
from shells import OFFERED_BY, typed

LEVELS = {"trace", "debug", "info", "warn", "error", "off"}
FILES = {"one.toml", "two.toml"}


class WithFiles(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)
        for name in FILES:
            (self.directory / name).touch()


class Offers:
    """What every shell must offer. Of the subclasses each is one shell."""

    shell = ""

    def offered(self, *words, program="turnomatic"):
        return OFFERED_BY[self.shell](program, words, self.directory)

    def of_options(self, *words, program="turnomatic"):
        return {word for word in self.offered(*words, program=program) if word.startswith("--")}

    def assert_files(self, offered):
        self.assertTrue(FILES <= offered or offered == {"FILES"}, offered)

    def assert_no_files(self, offered):
        self.assertFalse(offered & (FILES | {"FILES"}), offered)

    def test_the_one_option_that_begins_so(self):
        self.assertEqual(self.offered("--li"), {"--listen"})

    def test_every_option(self):
        self.assertEqual(self.of_options("--"), options_of("turnomatic"))

    def test_an_option_behind_others(self):
        self.assertEqual(self.of_options("--listen", "localhost:7017", "--work"), {"--workers"})

    def test_names_of_a_choice(self):
        self.assertEqual(self.offered("--log-level", ""), LEVELS)
        self.assertEqual(self.offered("--log-level", "d"), {"debug"})

    def test_names_of_a_choice_after_an_equals_sign(self):
        self.assertEqual(self.offered("--log-level="), LEVELS)
        self.assertEqual(self.offered("--log-level=d"), {"debug"})

    def test_files_for_what_takes_a_file(self):
        for option in ("--config", "--redis-password-file", "--redis-tls-ca-file"):
            self.assert_files(self.offered(option, ""))

    def test_nothing_for_a_number(self):
        self.assertEqual(self.offered("--workers", ""), set())

    def test_commands_of_the_bench(self):
        offered = self.offered("", program="turnomatic-bench")
        self.assertEqual({word for word in offered if not word.startswith("-")},
                         set(commands_of_bench()))
        self.assertEqual(self.offered("ch", program="turnomatic-bench"), {"check"})

    def test_options_of_a_command_of_the_bench(self):
        for command in commands_of_bench():
            self.assertEqual(self.of_options(command, "--", program="turnomatic-bench"),
                             options_in_help(BUILD / "turnomatic-bench", command), command)

    def test_values_of_a_command_of_the_bench(self):
        self.assertEqual(self.offered("run", "http://localhost:7017", "--spread", "",
                                      program="turnomatic-bench"), {"round-robin", "pinned"})
        self.assert_files(self.offered("run", "--record", "", program="turnomatic-bench"))
        self.assert_files(self.offered("check", "", program="turnomatic-bench"))
        self.assert_no_files(self.offered("run", "", program="turnomatic-bench"))


TYPED = {"--li": ["--listen"],
         "--log-level=de": ["--log-level=debug"],
         "--log-level de": ["--log-level", "debug"],
         "--config on": ["--config", "one.toml"],
         "--config a": ["--config", "a file.toml"]}


class Tabs:
    """The real key in a real terminal: `lines` tells what becomes of each."""

    def test_the_key_tab_completes(self):
        (self.directory / "a file.toml").touch()
        for line, words in self.lines.items():
            self.assertEqual(typed(self.shell, "turnomatic", line, self.directory), words, line)


@needs("bash")
class Bash(Tabs, Offers, WithFiles):
    shell = "bash"

    lines = {**TYPED, "--config=on": ["--config=one.toml"]}

    def test_it_is_correct_bash(self):
        for program in PROGRAMS:
            self.assertEqual(run("bash", "-n", REFERENCE / "bash" / program), (0, ""))

    @needs("shellcheck")
    def test_shellcheck_finds_nothing(self):
        for program in PROGRAMS:
            self.assertEqual(run("shellcheck", "-s", "bash", REFERENCE / "bash" / program), (0, ""))


@needs("zsh")
class Zsh(Tabs, Offers, WithFiles):
    shell = "zsh"

    lines = TYPED

    def test_an_option_that_was_given_is_offered_again_only_if_it_may_be(self):
        offered = self.of_options("--workers", "2", "--listen", "localhost:1", "--")
        self.assertIn("--listen", offered)
        self.assertNotIn("--workers", offered)


@needs("fish")
class Fish(Offers, WithFiles):
    shell = "fish"


if __name__ == "__main__":
    unittest.main()
