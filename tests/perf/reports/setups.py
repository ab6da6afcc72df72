"""The chains that are measured: what is started for each, where it runs and how it is asked."""

import contextlib
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "deploy/demo"), str(ROOT / "tests/perf")]

import pair
import procfs
import programs
from contender import Unavailable

SERVICE, STORE, BALANCER = "service", "store", "balancer"
ROLES = (SERVICE, STORE, BALANCER)
FLOOR, MEMORY, REDIS, REDIS_IDS = "floor", "memory", "redis", "redis_ids"
REDIS_DISK, REDIS_FAR, HTTP, TCP = "redis_disk", "redis_far", "pair_http", "pair_tcp"
REDIS_LIMITED, HTTP_ALONE, TCP_ALONE = "redis_limited", "http_alone", "tcp_alone"
MANY_IDS = 1000
FAR_US = 500  # each way
SETTLE_LOOKS, SETTLE_LOOK_SECONDS, SETTLE_SECONDS_MAX = 3, 0.05, 5.0
PORTS = ("redis", "balancer", "statistics", *(f"{kind}{number}" for kind in ("turns", "operations")
                                              for number in (1, 2)))
# What makes HAProxy pass bytes on instead of requests. All else stays as deploy/haproxy has it.
TCP_CHANGES = {"    mode http\n    log global\n    option httplog\n":
               "    mode tcp\n    log global\n    option tcplog\n",
               "    option idle-close-on-response\n": "",
               "    timeout http-request 5s\n": "",
               "frontend statistics\n": "frontend statistics\n    mode http\n"}


@dataclass(frozen=True)
class Setup:
    name: str
    title: str
    instances: int = 1
    balancer: str = ""  # HAProxy's mode
    store: bool = True
    on_disk: bool = False  # the store's directory; otherwise in memory, as disks are not the subject
    far_us: int = 0  # what a byte takes on its way to the store, and on its way back
    ids: int = 1
    counts: bool = True
    flags: tuple = ()  # of the instances
    balancer_alone: bool = False  # it has a core for itself, all others the other one

    @property
    def pinned(self):
        """The generator has a core of its own, or one with less than what is measured. A pair has both."""
        return self.instances == 1


ALL = {each.name: each for each in (
    Setup(FLOOR, "floor (bare epoll loop)", store=False, counts=False),
    Setup(MEMORY, "counters in memory", store=False),
    Setup(REDIS, "local Redis, one id"),
    Setup(REDIS_IDS, f"local Redis, {MANY_IDS:,} ids", ids=MANY_IDS),
    Setup(REDIS_DISK, "local Redis on the disk, one id", on_disk=True),
    Setup(REDIS_FAR, f"remote Redis, {2 * FAR_US / 1000:g} ms away, one id", far_us=FAR_US),
    Setup(HTTP, "pair behind HAProxy, http mode", instances=2, balancer="http"),
    Setup(TCP, "pair behind HAProxy, tcp mode", instances=2, balancer="tcp"),
    Setup(HTTP_ALONE, "HAProxy alone on a core, http mode", balancer="http", store=False,
          balancer_alone=True),
    Setup(TCP_ALONE, "HAProxy alone on a core, tcp mode", balancer="tcp", store=False,
          balancer_alone=True),
    Setup(REDIS_LIMITED, "local Redis, new ids limited",
          flags=("--new-ids-rate-per-address", "6000", "--new-ids-burst-per-address", "1000")))}


@dataclass(frozen=True)
class Tools:
    """The programs that were built, and the cores: (of the service, of the generator)."""
    server: Path
    bench: Path
    floor: Path
    delay: Path
    cores: tuple


@dataclass
class Live:
    """A chain that answers."""
    setup: Setup
    url: str = ""
    port: int = 0
    operations_ports: list = field(default_factory=list)
    pids: dict = field(default_factory=dict)  # {role: [pid]}

    def cpu_times(self):
        return {role: [procfs.cpu_times(pid) for pid in pids] for role, pids in self.pids.items()}

    def metric(self, name):
        """The sum over all series of all instances. One that is not there has another name by now."""
        pages = [programs.get(port, "/metrics")[1] for port in self.operations_ports]
        found = [float(line.split()[-1]) for page in pages for line in page.splitlines()
                 if line.startswith((f"{name} ", f"{name}{{"))]
        if not found:
            raise ValueError(f"{name} is not among the metrics")
        return sum(found)


def settle(live):
    """Until no thread comes or goes: HAProxy's master ends some of its own after it accepts already."""
    deadline, calm, before = time.monotonic() + SETTLE_SECONDS_MAX, 0, None
    while calm < SETTLE_LOOKS and time.monotonic() < deadline:
        now = {thread for each in live.cpu_times().values() for times in each for thread in times}
        calm = calm + 1 if now == before else 0
        before = now
        time.sleep(SETTLE_LOOK_SECONDS)


def cpu_us(before, after):
    """{role: microseconds on a CPU between the two}"""
    return {role: sum(procfs.cpu_spent(*each) for each in zip(before[role], after[role], strict=True))
            / 1e3 for role in before}


def changed(path, replacements):
    """Replaces whole passages of a file; each must be there."""
    text = path.read_text()
    for old, new in replacements.items():
        if old not in text:
            raise ValueError(f"{path.name} has no {old!r}")
        text = text.replace(old, new)
    path.write_text(text)


def haproxy(setup, ports, directory):
    # Where there is one instance, both of its lines lead there.
    program = pair.haproxy(ports["balancer"], ports["statistics"],
                           [ports["turns1"], ports[f"turns{setup.instances}"]], directory)
    if setup.balancer == "tcp":
        changed(directory / "balancer.cfg", TCP_CHANGES)
    return program


def delay_proxy(tools, setup, redis_port, directory):
    log = directory / "delay.log"
    return programs.Program("the delaying proxy", [tools.delay, redis_port, setup.far_us], log,
                            lambda: log.read_text().endswith("\n"))


class Starter:
    """Starts the programs of one chain, each on the cores of its role."""

    def __init__(self, tools, setup, stack, cores):
        self.tools, self.setup, self.live = tools, setup, Live(setup)
        self._stack, self._cores = stack, cores
        self.directory = self.new_directory()

    def new_directory(self, parent=None):
        return Path(self._stack.enter_context(
            tempfile.TemporaryDirectory(prefix="turnomatic-reports-", dir=parent)))

    def run(self, program, role, cores=None):
        program.command = ["taskset", "-c", ",".join(map(str, cores or self._cores)),
                           *program.command]
        self._stack.enter_context(program).start()
        if role:
            self.live.pids.setdefault(role, []).append(program.pid)
        return program

    def store(self, port):
        """The port at which the instances reach it."""
        where = None if self.setup.on_disk else pair.memory()
        self.run(pair.redis(port, self.new_directory(where)), STORE)
        if not self.setup.far_us:
            return port
        # Part of the way, so it runs beside the generator.
        way = self.run(delay_proxy(self.tools, self.setup, port, self.directory), None,
                       self.tools.cores[1:])
        return int(way.log.read_text())

    def instance(self, number, ports, store_port, workers):
        where = [] if self.setup.store else ["--backend", "memory"]
        self.run(pair.instance(self.tools.server, number, ports[f"turns{number}"],
                               ports[f"operations{number}"], store_port, self.directory,
                               "--workers", workers, *where, *self.setup.flags), SERVICE)
        self.live.operations_ports.append(ports[f"operations{number}"])

    def floor(self, port, workers):
        self.run(programs.Program(FLOOR, [self.tools.floor, "--port", port, "--workers", workers],
                                  self.directory / "floor.log", lambda: programs.accepts(port)),
                 SERVICE)


@contextlib.contextmanager
def running(tools, setup, workers=1, both_cores=False):
    """The chain, all of it fresh. With `both_cores` nothing has a core of its own."""
    cores = tools.cores[:1] if setup.pinned and not both_cores else tools.cores
    if setup.balancer_alone:
        cores = tools.cores[1:]
    with contextlib.ExitStack() as stack:
        starter = Starter(tools, setup, stack, cores)
        ports = programs.free_ports(dict.fromkeys(PORTS, 0))
        live, live.port = starter.live, ports["turns1"]
        try:
            if not setup.counts:
                starter.floor(live.port, workers)
            else:
                store_port = starter.store(ports["redis"]) if setup.store else ports["redis"]
                for number in range(1, setup.instances + 1):
                    starter.instance(number, ports, store_port, workers)
            if setup.balancer:
                starter.run(haproxy(setup, ports, starter.directory), BALANCER,
                            tools.cores[:1] if setup.balancer_alone else None)
                live.port = ports["balancer"]
        except programs.StartFailed as problem:
            raise Unavailable(str(problem)) from None
        live.url = f"http://127.0.0.1:{live.port}"
        settle(live)
        yield live
