"""The incident of docs/reports/postmortem-restored-snapshot.md, made again: two instances on one Redis that
is killed under load and comes back from an older snapshot, and what turnomatic-bench has to say of it."""

import contextlib
import json
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import bench
import load
import pair
import programs
import setups
from command_line import say
from contender import Unavailable
from setups import Live, Setup

RESTORES = 5
IDS, CONNECTIONS = 200, 16
BEFORE_SECONDS, LOST_SECONDS, AFTER_SECONDS = 0.4, 0.5, 1.2
POLICIES = ("skip", "halt")
STEP_ID, STEP_TURNS = "stopped", 10
LOSSES = "turnomatic_store_losses_total"
SNAPSHOT_SETUP = Setup("snapshot", "two instances on one Redis", instances=2)


class Store:
    """A Redis that can be put back to where it was saved. Its snapshots are files of its own, so it
    keeps no log of what came after them."""

    def __init__(self, port, directory):
        self._port = port
        self._program = programs.Program(
            "Redis", [pair.find("redis-server"), "--port", port, "--bind", "127.0.0.1", "--save", "",
                      "--appendonly", "no", "--dir", directory],
            directory / "redis.log", lambda: pair.pongs(port))

    def __enter__(self):
        self._program.start()
        return self

    def __exit__(self, *_):
        self._program.stop()

    def save(self):
        with programs.socket.create_connection(("127.0.0.1", self._port), 5) as connection:
            connection.sendall(b"SAVE\r\n")
            if connection.recv(64) != b"+OK\r\n":
                raise OSError("Redis did not save")

    def restore(self):
        """What it has counted since `save` is lost."""
        self._program.signal(signal.SIGKILL)
        self._program.wait(programs.STOP_SECONDS)
        self._program.start()


@contextlib.contextmanager
def two_instances(tools, policy):
    """The store, what the instances are asked by, and they themselves."""
    with contextlib.ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="turnomatic-snapshot-")))
        ports = programs.free_ports(dict.fromkeys(setups.PORTS, 0))
        store = stack.enter_context(Store(ports["redis"], directory))
        live, instances = Live(SNAPSHOT_SETUP), []
        for number in (1, 2):
            program = pair.instance(tools.server, number, ports[f"turns{number}"],
                                    ports[f"operations{number}"], ports["redis"], directory,
                                    "--redis-on-loss", policy)
            stack.enter_context(program).start()
            instances.append((program, ports[f"turns{number}"]))
            live.operations_ports.append(ports[f"operations{number}"])
        yield store, live, instances


def under_load(tools, policy, restores):
    with two_instances(tools, policy) as (store, live, instances):
        words = bench.command(tools.bench, [f"http://127.0.0.1:{port}" for _, port in instances], 300,
                              connections=CONNECTIONS, ids=IDS)
        for port in live.operations_ports:
            words += ["--ops", f"http://127.0.0.1:{port}"]
        with subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                              preexec_fn=programs.die_with_parent) as process:
            try:
                for _ in range(restores):
                    time.sleep(BEFORE_SECONDS)
                    store.save()
                    time.sleep(LOST_SECONDS)
                    store.restore()
                    time.sleep(AFTER_SECONDS)
                process.send_signal(signal.SIGINT)
                proof = json.loads(process.communicate(timeout=bench.GRACE_SECONDS)[0])["proof"]
            finally:
                process.kill()
        return {"turns": proof["turns"], "duplicates": proof["duplicates"],
                "inversions": proof["inversions"], "missing": proof["missing"],
                "unexplained": proof["unexplained"], "losses_told": int(live.metric(LOSSES))}


def take(port):
    """The number, or None where it was refused."""
    status, body = programs.get(port, f"/turno/{STEP_ID}")
    return json.loads(body)["turno"] if status == 200 else None


def step_by_step(tools, policy):
    """One instance issues turns after the snapshot and stands still while the store comes back; the other
    one, which has issued none of that id, is asked."""
    with two_instances(tools, policy) as (store, live, instances):
        (_, first), (other, second) = instances
        store.save()
        issued = [take(second) for _ in range(STEP_TURNS)]
        other.signal(signal.SIGSTOP)
        try:
            store.restore()
            end = time.monotonic() + 10
            again = []
            while len(again) < STEP_TURNS and time.monotonic() < end:
                turn = take(first)
                if turn is None:
                    time.sleep(0.05)
                else:
                    again.append(turn)
            told = int(live_metric(live, 0))
        finally:
            other.signal(signal.SIGCONT)
    return {"issued": len(issued), "twice": len(set(issued) & set(again)), "losses_told": told}


def live_metric(live, index):
    """Of the one instance that answers; the other stands still."""
    return Live(live.setup, operations_ports=[live.operations_ports[index]]).metric(LOSSES)


def reproduced(tools, restores=RESTORES, policies=POLICIES):
    found = []
    for policy in policies:
        entry = {"policy": policy, "restores": restores}
        try:
            found.append(entry | {"valid": True, "load": under_load(tools, policy, restores),
                                  "steps": step_by_step(tools, policy)})
        except (Unavailable, programs.StartFailed, *load.FAILURES, KeyError) as problem:
            found.append(entry | {"valid": False, "reason": str(problem)[:300]})
        say(f"restored snapshot, {policy}: {found[-1].get('load', found[-1].get('reason'))}")
    return found
