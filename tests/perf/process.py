"""Starting and, above all, ending the processes of a measurement."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

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


def wait_until_answering(process, port, log):
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    problem = "no answer"
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise StartError(f"ended with status {process.returncode}: "
                             f"{tail(log.read_text(errors='replace'))}")
        try:
            with http_client.connect(port) as connection:
                http_client.take_turn(connection)
                return
        except (OSError, http_client.BadAnswer) as error:
            problem = str(error)
        time.sleep(0.02)
    raise StartError(f"not answering within {START_TIMEOUT_SECONDS:g} s: {problem}")


@contextlib.contextmanager
def running(contender, cores, workers=1, **limits):
    """A fresh server process that answers: yields (process, port)."""
    with tempfile.TemporaryDirectory(prefix="turnomatic-bench-") as name:
        directory = Path(name)
        port, ops_port = free_ports(2)
        command = contender.command(directory, port, ops_port, workers, limits)
        log = directory / "output.log"
        process = None
        try:
            with log.open("wb") as output:
                process = start(command, cores, output)
            wait_until_answering(process, port, log)
            yield process, port
        finally:
            if process:
                stop(process)
