"""What an instance says of itself at /metrics, as Prometheus would have it: scraped in intervals, and rates
over a window of them."""

import http.client
import re
import threading
import time
from collections import deque

from autoscaler import Sample
from programs import get

SERIES = re.compile(r"^(\w+)(?:\{[^}]*\})? (\S+)$", re.MULTILINE)
CPU_SECONDS = "process_cpu_seconds_total"
TURNS = "turnomatic_turns_issued_total"


def sums(text):
    """{name: the sum of all series of that name} of the two counters."""
    totals = dict.fromkeys((CPU_SECONDS, TURNS), 0.0)
    for name, value in SERIES.findall(text):
        if name in totals:
            totals[name] += float(value)
    return totals


class History:
    """The scrapes of one instance, which is one process: its counters never fall."""

    def __init__(self, seconds):
        self._seconds = seconds
        self._scrapes = deque()  # of (when, {name: sum})

    def add(self, at, totals):
        self._scrapes.append((at, totals))
        while self._scrapes[0][0] <= at - self._seconds:
            self._scrapes.popleft()

    def rate(self, name, now):
        """A second, over what there is of the window; None where there are not two scrapes."""
        within = [scrape for scrape in self._scrapes if scrape[0] > now - self._seconds]
        if len(within) < 2:
            return None
        (start, before), (end, after) = within[0], within[-1]
        return Sample((after[name] - before[name]) / (end - start), end, self._seconds)


class Scraper:
    """Scrapes one instance until `stop`, in a thread, so that one that hangs holds up nobody."""

    def __init__(self, port, interval_seconds, window_seconds):
        self._port, self._interval = port, interval_seconds
        self._history, self._lock = History(window_seconds), threading.Lock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self):
        self._over.set()

    def _run(self):
        due = time.monotonic()
        while not self._over.wait(max(0.0, due - time.monotonic())):
            self._scrape()
            due = max(due + self._interval, time.monotonic())

    def _scrape(self):
        try:
            status, text = get(self._port, "/metrics")
        except (OSError, http.client.HTTPException):
            return  # one scrape fewer, and the rule knows what to do without
        if status == 200:
            with self._lock:
                self._history.add(time.monotonic(), sums(text))

    def rate(self, name, now):
        with self._lock:
            return self._history.rate(name, now)
