"""Starting and, above all, ending the processes of a measurement."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import contender
import http_client

START_TIMEOUT_SECONDS = 10.0
STOP_TIMEOUT_SECONDS = 5.0
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True)


class StartError(Exception):
    """A server did not start or did not answer."""


def free_ports(count):
    """Distinct ports that nobody listens on; held together until all are known."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def environment():
    """Ours, in a fixed language and without settings that would reach the server."""
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith("TURNOMATIC_")}
    return kept | {"LC_ALL": "C"}


def start(command, cores, output):
    """Starts a process on `cores` that cannot outlive us. A session of its own keeps Ctrl-C
    at the terminal for us, who then end it in order."""
    def prepare():
        os.sched_setaffinity(0, cores)
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)

    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output,
                            stderr=subprocess.STDOUT, env=environment(),
                            start_new_session=True, preexec_fn=prepare)


def stop(process):
    """Ends the process: asks first. Its group is ours alone, it has the process's id."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(STOP_TIMEOUT_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(STOP_TIMEOUT_SECONDS)


def run(command, cores, timeout_seconds):
    """Runs a process to its end; its output. Raises StartError if it fails or takes too long."""
    process = start(command, cores, subprocess.PIPE)
    try:
        output, _ = process.communicate(timeout=timeout_seconds)
    except subprocess.TimeoutExpired:
        raise StartError(f"{Path(command[0]).name} took over {timeout_seconds:g} s") from None
    finally:
        stop(process)
        process.stdout.close()
    text = output.decode(errors="replace")
    if process.returncode != 0:
        raise StartError(f"{Path(command[0]).name} failed with status {process.returncode}: "
                         f"{tail(text)}")
    return text


def tail(text, size_max=300):
    """The end of a log, on one line."""
    return " ".join(text.split())[-size_max:]


def wait_until_usable(process, probe, log):
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    problem = "no answer"
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise StartError(f"ended with status {process.returncode}: "
                             f"{tail(log.read_text(errors='replace'))}")
        try:
            return probe()
        except (OSError, http_client.BadAnswer) as error:
            problem = str(error)
        time.sleep(0.02)
    raise StartError(f"not answering within {START_TIMEOUT_SECONDS:g} s: {problem}")


@dataclass(frozen=True)
class Running:
    """A contender that answers."""
    port: int
    ops_port: int
    store_port: int
    pids: dict  # {role: pid}


def start_part(part, cores, directory, stack):
    """Starts one process of a contender; `stack` ends it. Its pid, once it can be used."""
    log = directory / f"{part.role}.log"
    with log.open("wb") as output:
        process = start(part.command, cores, output)
        stack.callback(stop, process)
    try:
        wait_until_usable(process, part.probe, log)
    except StartError as error:
        raise StartError(f"{Path(part.command[0]).name} {error}") from None
    return process.pid


@contextlib.contextmanager
def running(server, cores, workers=1, **limits):
    """A contender's processes, all fresh; they end in the reverse order of their start."""
    with (tempfile.TemporaryDirectory(prefix="turnomatic-bench-") as name,
          contextlib.ExitStack() as stack):
        place = contender.Place(Path(name), *free_ports(3), workers, limits)
        pids = {part.role: start_part(part, cores, place.directory, stack)
                for part in server.parts(place)}
        yield Running(place.port, place.ops_port, place.store_port, pids)
