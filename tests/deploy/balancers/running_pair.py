"""The pair of deploy/ behind one of its balancers, for real and on free ports, and a load whose turns are
proven. TURNOMATIC and TURNOMATIC_BENCH name the programs."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

SOURCE_DIR = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(SOURCE_DIR / "deploy/demo"))

import pair
import programs

# Far beyond what anything takes, for machines that have other work.
PATIENCE_SECONDS = 60.0
IDS = 4
CONNECTIONS = 16
WORKERS = 2  # of each instance; each has a listener of its own
LOAD_SECONDS = 120
PORTS = ("redis", "balancer", "statistics", *(f"{kind}{number}" for kind in ("turns", "operations")
                                              for number in (1, 2, 3)))


def wait_for(what, look):
    return programs.wait_for(what, look, PATIENCE_SECONDS)


class Load:
    """Callers that take turns by POST until `end`."""

    def __init__(self, url):
        self._process = subprocess.Popen(
            [os.environ["TURNOMATIC_BENCH"], "run", url, "--post", "--json", "--quiet",
             "--ids", str(IDS), "--connections", str(CONNECTIONS),
             "--duration", f"{LOAD_SECONDS}s"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
            preexec_fn=programs.die_with_parent)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.communicate()

    def end(self):
        """The report."""
        self._process.send_signal(signal.SIGINT)
        return json.loads(self._process.communicate(timeout=PATIENCE_SECONDS)[0])


def failed(report):
    """Requests that brought their caller no turn."""
    return report["load"]["requests"] - report["load"]["turns"] + report["failures"]["connect"]


class RunningPair:
    """A context manager. `balancer_name` is haproxy or nginx."""

    def __init__(self, balancer_name):
        self._balancer_name = balancer_name

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            self._stack = stack
            self.directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            store = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=pair.memory())))
            self.ports = programs.free_ports(dict.fromkeys(PORTS, 0))
            self._start(pair.redis(self.ports["redis"], store))
            self.instances = [self.start_instance(number) for number in (1, 2)]
            self.balancer = self._start(self._make_balancer())
            self.url = f"http://127.0.0.1:{self.ports['balancer']}"
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_):
        self._stack.close()

    def _start(self, program):
        self._stack.enter_context(program).start()
        return program

    def _make_balancer(self):
        turns = [self.ports["turns1"], self.ports["turns2"]]
        if self._balancer_name == "nginx":
            return pair.nginx(self.ports["balancer"], turns, self.directory)
        return pair.haproxy(self.ports["balancer"], self.ports["statistics"], turns, self.directory)

    def start_instance(self, number):
        return self._start(pair.instance(
            os.environ["TURNOMATIC"], number, self.ports[f"turns{number}"],
            self.ports[f"operations{number}"], self.ports["redis"], self.directory,
            "--workers", WORKERS))

    def add_to_balancer(self, number, file, reload):
        """Gives the instance the line of the second one, with what differs, and has it read."""
        second = str(self.ports["turns2"])
        text = file.read_text()
        [line] = [line for line in text.splitlines(keepends=True) if f"127.0.0.1:{second}" in line]
        file.write_text(text.replace(line, line + line.replace("instance-2", f"instance-{number}")
                                     .replace(second, str(self.ports[f"turns{number}"]))))
        self.balancer.signal(reload)

    def load(self):
        return self._stack.enter_context(Load(self.url))

    def issued(self, number):
        """Turns that the instance has handed out since it started."""
        [turns] = re.findall(r'^turnomatic_turns_issued_total\{backend="redis"\} (\d+)$',
                             programs.get(self.ports[f"operations{number}"], "/metrics")[1],
                             re.MULTILINE)
        return int(turns)

    def wait_until_it_counts(self, number):
        """The instance gets requests from the balancer, and answers them."""
        wait_for(f"turns of instance {number}", lambda: self.issued(number) > 100)

    def taken(self):
        """Turns that were taken of all ids. Each counts from 1, so the next one tells."""
        answers = [programs.get(self.ports["balancer"], f"/turno/bench-{number}")
                   for number in range(IDS)]
        return sum(json.loads(body)["turno"] - 1 for _, body in answers)

    def last_words(self):
        return "\n".join(f"{program.name}: {program.last_words()}"
                         for program in (*self.instances, self.balancer))
