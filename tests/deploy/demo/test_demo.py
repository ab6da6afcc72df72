"""deploy/demo, for real: what it says is there is there, and nothing is left of it, however it ends.

TURNOMATIC and TURNOMATIC_BENCH name the programs, which lie in one directory."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

SOURCE_DIR = Path(__file__).resolve().parents[3]
DEMO = SOURCE_DIR / "deploy/demo/demo.py"
sys.path.insert(0, str(DEMO.parent))

import monitoring
import programs

NEEDED = ("redis-server", "haproxy", "prometheus", "prometheus-alertmanager")
PATH = os.environ.get("PATH", os.defpath) + ":/usr/sbin"
# Far beyond what it takes, for machines that have other work.
PATIENCE_SECONDS = 120.0


def processes_of(directory):
    """Pids of all that were started with it for their temporary files, or work there: Redis overwrites
    its environment with its title."""
    def has_to_do_with_it(process):
        return (str(directory).encode() in (process / "environ").read_bytes() or
                os.readlink(process / "cwd").startswith(str(directory)))

    found = []
    for process in Path("/proc").iterdir():
        with contextlib.suppress(OSError):  # it is another's, or ended while we looked
            if process.name.isdigit() and has_to_do_with_it(process):
                found.append(int(process.name))
    return found


class RunningDemo:
    """The demo with a directory of its own for all that is temporary. A context manager."""

    def __init__(self, *options, path=PATH):
        self._options, self._path = options, path
        self._lines, self._heard = [], threading.Condition()

    def __enter__(self):
        self.directory = Path(tempfile.mkdtemp())
        environment = os.environ | {"TMPDIR": str(self.directory), "PATH": self._path}
        binaries = Path(os.environ["TURNOMATIC"]).parent
        self.process = subprocess.Popen(
            [sys.executable, DEMO, "--programs", binaries, "--free-ports", *self._options],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env=environment, preexec_fn=programs.die_with_parent)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self._reader.join()
        self.process.stdout.close()
        shutil.rmtree(self.directory)

    def _read(self):
        for line in self.process.stdout:
            with self._heard:
                self._lines.append(line)
                self._heard.notify_all()

    def said(self):
        with self._heard:
            return "".join(self._lines)

    def wait_for(self, pattern):
        """Where it has said that."""
        def found():
            return re.search(pattern, "".join(self._lines))

        with self._heard:
            if not self._heard.wait_for(found, PATIENCE_SECONDS):
                raise TimeoutError(f"it did not say {pattern}: {''.join(self._lines)}")
            return found()

    def end(self, number):
        """Its exit status after that signal."""
        self.process.send_signal(number)
        return self.wait()

    def wait(self):
        status = self.process.wait(PATIENCE_SECONDS)
        self._reader.join()
        return status


@unittest.skipUnless(all(shutil.which(name, path=PATH) for name in NEEDED),
                     f"one of {NEEDED} is not installed")
@unittest.skipUnless({"TURNOMATIC", "TURNOMATIC_BENCH"} <= os.environ.keys(),
                     "TURNOMATIC and TURNOMATIC_BENCH are not set")
class DemoTest(unittest.TestCase):

    def demo(self, *options, **how):
        return self.enterContext(RunningDemo(*options, **how))

    def assert_nothing_is_left(self, demo):
        self.assertEqual(list(demo.directory.iterdir()), [])
        self.assertEqual(processes_of(demo.directory), [])

    def query(self, prometheus, expression):
        query = urllib.parse.urlencode({"query": expression})
        with programs.DIRECTLY.open(f"{prometheus}/api/v1/query?{query}", timeout=10) as answer:
            return json.load(answer)["data"]["result"]

    def test_what_it_says_is_there_and_goes_on_sigterm(self):
        demo = self.demo()
        demo.wait_for("Ctrl-C ends it")
        # Itself, and HAProxy counts twice.
        self.assertEqual(len(processes_of(demo.directory)), 9)
        shown = demo.said().partition("Take a turn")[0]
        urls = re.findall(r"http://127\.0\.0\.1:\d+[^\s]*", shown)
        self.assertEqual(len(urls), 9)
        for url in urls:
            method = "POST" if "/turno/" in url else "GET"
            with self.subTest(url), programs.DIRECTLY.open(
                    urllib.request.Request(url, method=method), timeout=10) as answer:
                self.assertEqual(answer.status, 200)
        [prometheus] = [re.match(r"http://[^/]+", url)[0] for url in urls
                        if url.endswith("/targets")]
        for job, count in (("turnomatic", 2), ("haproxy", 1), ("prometheus", 1), ("alertmanager", 1)):
            programs.wait_for(f"{count} targets of {job}", lambda: len(
                self.query(prometheus, f'up{{job="{job}"}} == 1')) == count, PATIENCE_SECONDS)
        self.assertEqual(demo.end(signal.SIGTERM), 0)
        self.assertIn("PROVEN", demo.said())
        self.assert_nothing_is_left(demo)

    def test_it_ends_by_itself_after_its_time(self):
        demo = self.demo("--seconds", "1")
        self.assertEqual(demo.wait(), 0, demo.said())
        self.assertIn("It ends after 1 s", demo.said())
        self.assertIn("all ended, nothing is left", demo.said())
        self.assert_nothing_is_left(demo)

    def test_ctrl_c_ends_it_in_the_middle_of_its_start(self):
        demo = self.demo()
        demo.wait_for("starting HAProxy")
        self.assertEqual(demo.end(signal.SIGINT), 0, demo.said())
        self.assert_nothing_is_left(demo)

    def test_what_does_not_start_is_named_with_its_last_words(self):
        with tempfile.TemporaryDirectory() as directory:
            fake = Path(directory) / "haproxy"
            fake.write_text("#!/bin/sh\necho out of marbles >&2\nexit 3\n")
            fake.chmod(0o755)
            demo = self.demo(path=f"{directory}:{PATH}")
            self.assertEqual(demo.wait(), 1)
        self.assertIn("HAProxy ended with status 3 at its start", demo.said())
        self.assertIn("out of marbles", demo.said())
        self.assert_nothing_is_left(demo)

    def test_an_instance_that_is_killed_is_started_again_and_nothing_else_is(self):
        demo = self.demo()
        instance = int(demo.wait_for(r"kill -9 (\d+)")[1])
        redis = int(demo.wait_for(r"kill -STOP (\d+)")[1])
        programs.wait_for("a long life", lambda: self.age(instance) > 6, PATIENCE_SECONDS)
        os.kill(instance, signal.SIGKILL)
        demo.wait_for(r"instance 1 ended with status -9, starting it again\n(?:.*\n)*"
                      r"instance 1 is ready again")
        os.kill(redis, signal.SIGKILL)
        self.assertEqual(demo.wait(), 1)
        self.assertIn("Redis ended with status -9", demo.said())
        self.assert_nothing_is_left(demo)

    def age(self, pid):
        """Seconds since the process started."""
        started = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
        return float(Path("/proc/uptime").read_text().split()[0]) - started / os.sysconf("SC_CLK_TCK")


class Receiver(unittest.TestCase):
    def setUp(self):
        self.told = []
        self.port = programs.free_ports({"a": 0})["a"]
        self.enterContext(monitoring.Receiver(self.port, lambda *what: self.told.append(what)))

    def post(self, body):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/pages", body, method="POST")
        with programs.DIRECTLY.open(request, timeout=10) as answer:
            return answer.status

    def test_each_alert_is_told(self):
        self.assertEqual(self.post(b'{"alerts": [{"status": "firing"}, {"status": "resolved"}]}'), 200)
        self.assertEqual(self.told, [("pages", {"status": "firing"}),
                                     ("pages", {"status": "resolved"})])

    def test_what_is_no_alert_is_refused(self):
        for body in (b"", b"[]", b"{}", b'{"alerts": 1}', b"\xff"):
            with self.subTest(body), self.assertRaises(urllib.error.HTTPError) as refused:
                self.post(body)
            self.assertEqual(refused.exception.code, 400)
            refused.exception.close()

    def test_a_port_that_is_taken_is_named(self):
        with self.assertRaisesRegex(programs.StartFailed, str(self.port)):
            monitoring.Receiver(self.port, print)


class Ports(unittest.TestCase):
    def test_the_preferred_one_is_taken_if_it_is_free(self):
        port = programs.free_ports({"a": 0})["a"]
        with socket.create_server(("127.0.0.1", port)):
            others = programs.free_ports({"a": port, "b": 0})
        self.assertNotIn(port, others.values())
        self.assertNotEqual(others["a"], others["b"])
        self.assertEqual(programs.free_ports({"a": port})["a"], port)


if __name__ == "__main__":
    unittest.main()
