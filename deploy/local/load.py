"""A load that rises and falls: one run of turnomatic-bench after the other, each recorded, and all of them
proven as one."""

import json
import re
import signal
import subprocess
from typing import NamedTuple

from programs import Program, get

IDS = 20
ID_PREFIX = "autoscale-"
CONNECTIONS = 64
CHECK_SECONDS = 120.0
PROVEN, VIOLATED = 0, 1


class Step(NamedTuple):
    rate: int  # requests a second
    seconds: int


class LoadFailed(Exception):
    """The generator did not do what it was asked for."""


def read_steps(text):
    """Of "500x20,1000x30": 500 requests a second for 20 s, and so on."""
    steps = []
    for each in text.split(","):
        if not (match := re.fullmatch(r"(\d{1,6})x(\d{1,4})", each.strip())):
            raise ValueError(f"no step of load: {each!r}; write RATExSECONDS")
        steps.append(Step(int(match[1]), int(match[2])))
        if 0 in steps[-1]:
            raise ValueError(f"no step of load: {each!r}; neither may be 0")
    return steps


class Load:
    """The steps in their order; a context manager. `look` starts the next one when one is over."""

    def __init__(self, bench, url, steps, directory):
        self._bench, self._url, self._steps, self._directory = bench, url, steps, directory
        self._running = None
        self.begun = []  # when each step began

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._running:
            self._running.stop()

    def look(self, now):
        """Whether there is more to come."""
        if self._running and (status := self._running.ended()) is None:
            return True
        if self._running and status not in (PROVEN, VIOLATED):
            raise LoadFailed(f"turnomatic-bench ended with status {status}\n"
                             f"{self._running.last_words()}")
        number = len(self.begun)
        if number == len(self._steps):
            return False
        self.begun.append(now)
        self._running = self._program(number)
        self._running.launch()
        return True

    def _program(self, number):
        step = self._steps[number]
        return Program(f"step {number + 1} of the load", [
            self._bench, "run", self._url, "--post", "--rate", step.rate, "--ids", IDS,
            "--id-prefix", ID_PREFIX, "--connections", CONNECTIONS, "--duration", f"{step.seconds}s",
            "--json", "--quiet", "--record", self._recording(number)],
            self._directory / f"step-{number}.json", lambda: True, signal.SIGINT)

    def _recording(self, number):
        return self._directory / f"step-{number}.rec"

    def reports(self):
        texts = [(self._directory / f"step-{number}.json").read_text()
                 for number in range(len(self.begun))]
        try:
            return [json.loads(text) for text in texts]
        except ValueError:
            raise LoadFailed("turnomatic-bench has no report:\n" + "\n".join(texts)) from None

    def prove(self):
        """The proof over the recordings of all steps."""
        done = subprocess.run(
            [self._bench, "check", "--json", *map(self._recording, range(len(self.begun)))],
            capture_output=True, text=True, timeout=CHECK_SECONDS, check=False)
        if done.returncode not in (PROVEN, VIOLATED):
            raise LoadFailed(f"turnomatic-bench check: {done.stderr}")
        return json.loads(done.stdout)["proof"]


def taken(port):
    """Turns that were taken of all ids. Each counts from 1, so the next one tells."""
    return sum(json.loads(get(port, f"/turno/{ID_PREFIX}{number}")[1])["turno"] - 1
               for number in range(IDS))
