"""The real binary on ports that the kernel chooses."""

import ctypes
import json
import os
import signal
import subprocess
import tempfile
import time

START_TIMEOUT_SECONDS = 10.0
STOP_TIMEOUT_SECONDS = 5.0
POLL_SECONDS = 0.005
ONE_SIGNAL_SECONDS = 0.15  # the server takes what comes sooner for the same one
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True)


class ServerFailed(Exception):
    """The server did not start, or ended as it should not."""


def die_with_parent():
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    # Ignored where a shell runs the tests in its background, and inherited.
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def poll(what, look, timeout_seconds=5.0):
    """What `look` returns, as soon as that is true."""
    deadline = time.monotonic() + timeout_seconds
    while not (found := look()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {timeout_seconds:g} s for {what}")
        time.sleep(POLL_SECONDS)
    return found


class ServerProcess:
    """A context manager: the process is gone behind it, come what may. `address` and
    `operations` are where the two listeners are."""

    def __init__(self, binary, *flags):
        self._signalled_at = 0.0
        # A file and not a pipe: a pipe that nobody reads would stop the server some day.
        self._log = tempfile.TemporaryFile("a+b")  # both of us move its position
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith("TURNOMATIC_")}
        self._process = subprocess.Popen(
            [binary, "--listen", "127.0.0.1:0", "--ops-listen", "127.0.0.1:0", "--workers", "2",
             "--log-format", "json", *flags],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self._log,
            env=environment, preexec_fn=die_with_parent)
        try:
            listening = poll("the server to listen", self._find_listening, START_TIMEOUT_SECONDS)
        except BaseException:
            self._kill()
            raise
        self.address = to_address(listening["address"])
        self.operations = to_address(listening["operations"])

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        try:
            self._stop(must_be_clean=kind is None)
        finally:
            self._kill()

    def send_signal(self, number):
        self._signalled_at = time.monotonic()
        self._process.send_signal(number)

    def log(self):
        self._log.seek(0)
        return self._log.read().decode(errors="replace")

    def _find_listening(self):
        if self._process.poll() is not None:
            raise ServerFailed(f"status {self._process.returncode}: {self.log()[-500:]}")
        complete, _, _ = self.log().rpartition("\n")
        for line in complete.splitlines():
            entry = json.loads(line)
            if entry["message"] == "listening":
                return entry
        return None

    def _stop(self, must_be_clean):
        # Not SIGKILL at once: what a sanitizer has found it says at the end.
        time.sleep(max(0.0, self._signalled_at + ONE_SIGNAL_SECONDS - time.monotonic()))
        self._process.send_signal(signal.SIGINT)
        try:
            status = self._process.wait(STOP_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            status = "none: it had to be killed"
        # A server that drains already takes SIGINT for its second signal and ends by it.
        if must_be_clean and status not in (0, -signal.SIGINT):
            raise ServerFailed(f"exit status {status}: {self.log()[-500:]}")

    def _kill(self):
        self._process.kill()
        self._process.wait()
        self._log.close()


def to_address(text):
    host, _, port = text.rpartition(":")
    return host, int(port)
