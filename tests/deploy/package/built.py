"""What a build directory holds, and an installation of it."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests/integration"))

BUILD = Path(os.environ.get("TURNOMATIC_BUILD", ROOT / "build/release"))
REFERENCE = BUILD / "tools/reference/files"
PROGRAMS = ("turnomatic", "turnomatic-bench")
UNITS = ("turnomatic.service", "turnomatic.socket")


def needs(*programs):
    absent = [program for program in programs if not shutil.which(program)]
    return unittest.skipIf(absent, f"not installed: {', '.join(absent)}")


def setUpModule():
    if not (REFERENCE / "turnomatic.toml").exists():
        raise unittest.SkipTest("nothing built: set TURNOMATIC_BUILD to a build directory")


def run(*command, **options):
    """Status, and all that the command said."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=60, **options)
    return done.returncode, done.stdout


def options_in_help(*command):
    """The long options that a program itself lists."""
    status, text = run(*command, "--help")
    if status != 0:
        raise AssertionError(f"{command} --help: {status}: {text}")
    return set(re.findall(r"^ +(?:-\w,)?(--[a-z][a-z-]*)", text, re.MULTILINE))


def options_of(program):
    return options_in_help(BUILD / program)


def commands_of_bench():
    text = run(BUILD / "turnomatic-bench", "--help")[1]
    return re.findall(r"^  (\w+) ", text.partition("Subcommands:\n")[2], re.MULTILINE)


class Installation:
    """`cmake --install` into a directory that goes away. With a DESTDIR its prefix is /usr, without
    one the directory is the prefix."""

    def __init__(self, destdir):
        self._directory = tempfile.TemporaryDirectory()
        self.root = Path(self._directory.name)
        self.root.chmod(0o755)  # for the user of the service
        self._destdir = destdir
        self.install()

    def install(self):
        prefix = "/usr" if self._destdir else self.root
        environment = {name: value for name, value in os.environ.items() if name != "DESTDIR"}
        if self._destdir:
            environment["DESTDIR"] = str(self.root)
        status, text = run("cmake", "--install", BUILD, "--prefix", prefix, env=environment)
        if status != 0:
            raise AssertionError(text)

    def close(self):
        self._directory.cleanup()

    def files(self):
        return {str(path.relative_to(self.root)): path for path in self.root.rglob("*")
                if path.is_file()}


def settings_of(text):
    """{section: {key: [values]}} of a unit file. An empty value takes back those before it."""
    settings, section = {}, None
    for line in text.splitlines():
        if match := re.fullmatch(r"\[(\w+)\]", line):
            section = settings.setdefault(match[1], {})
        elif line and not line.startswith("#"):
            key, _, value = line.partition("=")
            section.setdefault(key, []).append(value)
    return settings


def unit(name):
    return settings_of((ROOT / "deploy/systemd" / name).read_text())
