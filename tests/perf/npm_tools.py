"""The load generators that come from npm: installed below the build directory, as pinned."""

import functools
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import process
from contender import Unavailable

HERE = Path(__file__).resolve().parent
FILES = ("package.json", "package-lock.json")
INSTALL_TIMEOUT_SECONDS = 180.0
# Scripts of packages would run as us; these tools do without.
INSTALL = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]


def is_current(directory):
    """Was the installation finished, and from the files that are there now?"""
    def same(name):
        done = directory / f"{name}.installed"
        return done.is_file() and done.read_bytes() == (HERE / name).read_bytes()
    return all(map(same, FILES))


def install(directory):
    """Brings the packages into `directory`, unless they are there; raises Unavailable."""
    if not shutil.which("node"):
        raise Unavailable("node is not installed (Debian package nodejs)")
    if is_current(directory):
        return
    if not shutil.which("npm"):
        raise Unavailable("npm is not installed (Debian package npm)")
    directory.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        (directory / f"{name}.installed").unlink(missing_ok=True)
        shutil.copyfile(HERE / name, directory / name)
    try:
        process.run(["npm", "--prefix", str(directory), *INSTALL], os.sched_getaffinity(0),
                    INSTALL_TIMEOUT_SECONDS)
    except process.StartError as error:
        raise Unavailable(f"npm could not install it: {error}") from None
    for name in FILES:
        shutil.copyfile(directory / name, directory / f"{name}.installed")


@dataclass(frozen=True)
class Packages:
    """What is installed in `directory`; that is tried once, when a command is first asked for."""
    directory: Path

    @functools.cached_property
    def problem(self):
        try:
            install(self.directory)
        except Unavailable as reason:
            return str(reason)
        return None

    def find(self, name):
        """The command `name` of the installed packages; raises Unavailable."""
        path = self.directory / "node_modules/.bin" / name
        if self.problem or not path.exists():
            raise Unavailable(self.problem or f"{name} is not among the installed packages")
        return str(path)
