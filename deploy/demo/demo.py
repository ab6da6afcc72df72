#!/usr/bin/python3
"""The whole chain on the loopback of this machine: Redis, two instances, HAProxy, Prometheus, Alertmanager
and a modest load, with the files of deploy/. Ends on Ctrl-C, SIGTERM or after a while, and leaves nothing.

Exit status: 0 ended as told, 1 something did not start, ended by itself or gave out a wrong turn.
"""

import argparse
import signal
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True  # no __pycache__ in the source tree

import monitoring
import pair
from ensemble import Ensemble, programs_in, say
from programs import Interrupted, Program, StartFailed, answers, free_ports, get

# The documented ones; where somebody has one already, another is taken.
PORTS = {"turns": 8080, "statistics": 8404, "instance 1": 7017, "instance 2": 7027,
         "operations 1": 7018, "operations 2": 7028, "redis": 6379, "prometheus": 9090,
         "alertmanager": 9093, "receiver": 9099}
NUMBERS = (1, 2)
CONNECTIONS, IDS = 8, 20
LOOK_SECONDS = 0.1
# An instance that ends sooner than that after its start will not get better by another one.
SHORT_LIFE_SECONDS = 5.0


def tell_of_alert(receiver, alert):
    say(f"alert for {receiver}: {alert['status']}: {alert['labels'].get('alertname')}")


class Demo(Ensemble):

    def __init__(self, options):
        super().__init__()
        self._options = options
        self._started = {}  # {program: when}

    def start(self):
        options = self._options
        self._directory = Path(self._stack.enter_context(
            tempfile.TemporaryDirectory(prefix="turnomatic-demo-")))
        self.ports = ports = free_ports(dict.fromkeys(PORTS, 0) if options.free_ports else PORTS)
        self.redis = self.run(pair.redis(ports["redis"], self._directory))
        self.instances = [self.run(pair.instance(
            options.programs / "turnomatic", number, ports[f"instance {number}"],
            ports[f"operations {number}"], ports["redis"], self._directory)) for number in NUMBERS]
        self.run(pair.haproxy(ports["turns"], ports["statistics"],
                              [ports[f"instance {number}"] for number in NUMBERS], self._directory))
        self._stack.enter_context(monitoring.Receiver(ports["receiver"], tell_of_alert))
        self.run(monitoring.alertmanager(ports["alertmanager"], ports["receiver"], self._directory))
        self.run(monitoring.prometheus(ports["prometheus"], ports["alertmanager"],
                                       [ports[f"operations {number}"] for number in NUMBERS],
                                       ports["statistics"], self._directory))
        self.load = self.run(self._make_load())

    def run(self, program):
        super().run(program)
        self._started[program] = time.monotonic()
        return program

    def _make_load(self):
        options, ports = self._options, self.ports
        return Program("the load", [
            options.programs / "turnomatic-bench", "run", f"http://127.0.0.1:{ports['turns']}",
            "--post", "--rate", options.rate, "--connections", CONNECTIONS, "--ids", IDS,
            "--id-prefix", "demo-", "--zipf", "1", "--duration", "8760h", "--quiet"],
            self._directory / "load.log", self._turns_flow, signal.SIGINT)

    def _turns_flow(self):
        for number in NUMBERS:
            _, metrics = get(self.ports[f"operations {number}"], "/metrics")
            if 'turnomatic_turns_issued_total{backend="redis"} 0\n' not in metrics:
                return True
        return False

    def say_where(self):
        at = {name: f"http://127.0.0.1:{port}" for name, port in self.ports.items()}
        # Debian's package has the former pages alone.
        pages = at["prometheus"] + (
            "" if answers(self.ports["prometheus"], "/targets") else "/classic")
        say(f"""
    turns                 {at["turns"]}/turno/grupo1
    HAProxy's statistics  {at["statistics"]}/
    instance 1            {at["operations 1"]}/health  {at["operations 1"]}/metrics
    instance 2            {at["operations 2"]}/health  {at["operations 2"]}/metrics
    Prometheus            {pages}/targets  {pages}/alerts
    Alertmanager          {at["alertmanager"]}/api/v2/alerts
    Redis                 127.0.0.1:{self.ports["redis"]}
    logs                  {self._directory}

Take a turn:              curl -X POST {at["turns"]}/turno/grupo1
Kill instance 1:          kill -9 {self.instances[0].pid}    (it is started again)
Stop Redis for a while:   kill -STOP {self.redis.pid}; sleep 120; kill -CONT {self.redis.pid}    (an alert)
{"Ctrl-C ends it." if not self._options.seconds else
 f"It ends after {self._options.seconds:g} s, or by Ctrl-C."}
""")

    def watch(self):
        """Until somebody wants the end or the time is over."""
        end = time.monotonic() + (self._options.seconds or float("inf"))
        while not self.is_over() and time.monotonic() < end:
            for program in self._started:
                if (status := program.ended()) is not None:
                    self._revive(program, status)
            time.sleep(LOOK_SECONDS)

    def _revive(self, program, status):
        """An instance is started again, as systemd does. Nothing else may end."""
        lived = time.monotonic() - self._started[program]
        if program not in self.instances or lived < SHORT_LIFE_SECONDS:
            raise StartFailed(f"{program.name} ended with status {status}\n{program.last_words()}")
        say(f"{program.name} ended with status {status}, starting it again")
        program.start(self.is_over)
        self._started[program] = time.monotonic()
        say(f"{program.name} is ready again, process {program.pid}")

    def end_load(self):
        """Whether no wrong turn was given out."""
        violated = self.load.stop() == 1
        say(self.load.last_words() if violated else
            next((line for line in self.load.log.read_text().splitlines() if "PROVEN" in line),
                 "the load was too short to prove anything"))
        return not violated


def read_options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--programs", type=Path, metavar="DIRECTORY",
                        default=pair.DEPLOY.parent / "build/release",
                        help="where turnomatic and turnomatic-bench are (build/release)")
    parser.add_argument("--seconds", type=float, default=0, help="end after so long; 0: never (0)")
    parser.add_argument("--rate", type=float, default=200, help="turns a second (200)")
    parser.add_argument("--free-ports", action="store_true",
                        help="take free ports instead of the documented ones")
    options = parser.parse_args()
    if not 0 <= options.seconds < float("inf"):
        parser.error("--seconds: a number from 0 on")
    if not 1 <= options.rate <= 100000:
        parser.error("--rate: 1 to 100000")
    options.programs = programs_in(options.programs, parser)
    return options


def main():
    options = read_options()
    status = 0
    try:
        with Demo(options) as demo:
            demo.end_on_signals()
            demo.start()
            demo.say_where()
            demo.watch()
            say("ending")
            status = 0 if demo.end_load() else 1
    except Interrupted as program:
        say(f"ended while {program} was starting")
    except StartFailed as problem:
        say(f"demo: {problem}")
        return 1
    say("all ended, nothing is left")
    return status


if __name__ == "__main__":
    sys.exit(main())
