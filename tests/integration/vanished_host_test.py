#!/usr/bin/env python3
"""The host of Redis vanishes without a word: no end of a connection, no refusal, no answer any more.

    vanished_host_test.py --server PATH [unittest arguments]

Runs in network namespaces of its own, one for the service and one for the host, joined by a cable that
can be pulled. Exit status 77: this machine lets nobody have such namespaces, or has no redis-server.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

sys.dont_write_bytecode = True  # no __pycache__ in the source tree

from server_process import ServerProcess, die_with_parent, poll
from server_tests import server_and_arguments

SKIPPED = 77
SERVER = None  # set by main
INSIDE = "TEST_RUNS_IN_A_NAMESPACE"  # not TURNOMATIC_...: the program would ask what it means

HERE, THERE = "10.99.0.1", "10.99.0.2"
STALL_SECONDS = 1.0
# A look at the clock more, two connections that are cut one after the other, and a slow machine.
SLACK_SECONDS = 1.0


def run(*words):
    subprocess.run(words, check=True)


class Host:
    """Another machine on which Redis runs. A context manager."""

    def __init__(self):
        self._directory = tempfile.TemporaryDirectory()
        # Waits for its cable, so that Redis finds the address that it is to have.
        self._process = subprocess.Popen(
            ["unshare", "--net", "sh", "-c", 'read -r _ && exec "$@"', "sh",
             shutil.which("redis-server"), "--bind", THERE, "--protected-mode", "no", "--save", "",
             "--dir", self._directory.name, "--logfile", "log"],
            stdin=subprocess.PIPE, preexec_fn=die_with_parent)
        try:
            self._plug_in()
            self._process.stdin.write(b"\n")
            self._process.stdin.close()
        except BaseException:
            self._end()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._end()

    def vanish(self):
        self._there("ip", "link", "set", "there", "down")

    def come_back(self):
        self._there("ip", "link", "set", "there", "up")

    def _plug_in(self):
        own = os.readlink("/proc/self/ns/net")
        poll("a namespace of its own",
             lambda: os.readlink(f"/proc/{self._process.pid}/ns/net") != own)
        run("ip", "link", "add", "here", "type", "veth", "peer", "name", "there",
            "netns", str(self._process.pid))
        run("ip", "address", "add", HERE + "/24", "dev", "here")
        run("ip", "link", "set", "here", "up")
        self._there("ip", "address", "add", THERE + "/24", "dev", "there")
        self.come_back()

    def _there(self, *words):
        run("nsenter", "--target", str(self._process.pid), "--net", *words)

    def _end(self):
        self._process.kill()
        self._process.wait()
        # The kernel takes its time to clear a namespace away, and the cable with it.
        subprocess.run(["ip", "link", "delete", "here"], stderr=subprocess.DEVNULL, check=False)
        self._directory.cleanup()


def fetch(address, path):
    """Status and body."""
    try:
        with urllib.request.urlopen(f"http://{address[0]}:{address[1]}{path}", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read().decode()


class VanishedHost(unittest.TestCase):
    def setUp(self):
        self.host = self.enterContext(Host())
        self.server = self.enterContext(ServerProcess(
            SERVER, "--backend", "redis", "--redis-url", f"redis://{THERE}", "--drain-delay", "0ms",
            "--drain-timeout", "500ms",  # of a batch whose outcome is open nothing more is heard
            "--redis-stall-timeout", f"{STALL_SECONDS:g}s", "--redis-refresh-interval", "100ms",
            "--redis-reconnect-max", "200ms"))
        poll("turns of both workers", lambda: self.counts() and self.lanes("counting") == 2, 10)

    def counts(self):
        return fetch(self.server.address, "/turno/a")[0] == 200

    def lanes(self, state):
        wanted = f'turnomatic_store_lanes{{state="{state}"}} '
        for line in fetch(self.server.operations, "/metrics")[1].splitlines():
            if line.startswith(wanted):
                return int(float(line[len(wanted):]))
        raise KeyError(wanted)

    def seconds_until_missed(self):
        begin = time.monotonic()
        poll("both connections to be given up", lambda: self.lanes("down") == 2, 10)
        return time.monotonic() - begin

    def test_is_noticed_within_the_stall_timeout_by_a_service_without_requests(self):
        self.host.vanish()
        self.assertLess(self.seconds_until_missed(), STALL_SECONDS + SLACK_SECONDS)

    def test_is_noticed_within_the_stall_timeout_under_a_request(self):
        self.host.vanish()
        self.assertEqual(fetch(self.server.address, "/turno/a")[0], 503)
        self.assertLess(self.seconds_until_missed(), STALL_SECONDS + SLACK_SECONDS)

    def test_costs_no_turn_when_it_comes_back(self):
        before = json.loads(fetch(self.server.address, "/turno/b")[1])["turno"]
        self.host.vanish()
        self.seconds_until_missed()
        self.host.come_back()
        poll("turns again", self.counts, 10)
        self.assertEqual(json.loads(fetch(self.server.address, "/turno/b")[1])["turno"], before + 1)


def missing():
    """Why the test cannot run here, or nothing."""
    for program in ("redis-server", "unshare", "nsenter", "ip"):
        if shutil.which(program) is None:
            return f"{program} is not installed"
    tried = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--net", "sh", "-c",
         "ip link add here type veth peer name there && unshare --net true"],
        capture_output=True, text=True, check=False)
    return None if tried.returncode == 0 else f"no namespaces to be had: {tried.stderr.strip()}"


def main():
    global SERVER
    SERVER, arguments = server_and_arguments(__doc__)
    if INSIDE in os.environ:
        run("ip", "link", "set", "lo", "up")
        unittest.main(argv=arguments)
    why = missing()
    if why:
        print(why, file=sys.stderr)
        sys.exit(SKIPPED)
    os.environ[INSIDE] = "1"
    os.execvp("unshare", ["unshare", "--user", "--map-root-user", "--net", sys.executable, "-B",
                          *sys.argv])


if __name__ == "__main__":
    main()
