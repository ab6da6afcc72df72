"""Programs in the background: started, waited for and, above all, ended. For the demo and for tests."""

import ctypes
import http.client
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

START_SECONDS = 30.0
STOP_SECONDS = 10.0
POLL_SECONDS = 0.02
LOG_LINES = 15
PR_SET_PDEATHSIG = 1
# A proxy of the environment is for other machines.
DIRECTLY = urllib.request.build_opener(urllib.request.ProxyHandler({}))
LIBC = ctypes.CDLL(None, use_errno=True)


class StartFailed(Exception):
    """A program did not start; says which, why, and what it said last."""


class Interrupted(Exception):
    """Somebody wants the end before a program was up."""


def free_ports(preferred):
    """{name: port} of 127.0.0.1 that nobody has: the preferred one of each name if it is free. Held
    together until all are known, so that they are distinct."""
    held, ports = [], {}
    try:
        for name, port in preferred.items():
            held.append(socket.socket())
            try:
                held[-1].bind(("127.0.0.1", port))
            except OSError:
                held[-1].bind(("127.0.0.1", 0))
            ports[name] = held[-1].getsockname()[1]
    finally:
        for each in held:
            each.close()
    return ports


def get(port, path):
    """The status of the answer and its body."""
    try:
        with DIRECTLY.open(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read().decode()


def answers(port, path):
    """Whether a GET of it is answered with 200."""
    try:
        return get(port, path)[0] == 200
    except (OSError, http.client.HTTPException):
        return False


def accepts(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def wait_for(what, look, seconds):
    """What `look` returns, as soon as that is true."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds:g} s for {what}")
        time.sleep(POLL_SECONDS)
    return found


def environment():
    """Ours, without what would configure an instance."""
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith("TURNOMATIC_")}
    return kept | {"LC_ALL": "C"}


def die_with_parent():
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    # Ignored where a shell runs us in its background, inherited, and then no end_signal.
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Program:
    """One program. As a context manager it is gone at the end, come what may. `is_up()` tells whether
    it can be used; `log` is the file of all that it says; `end_signal` asks for its end."""

    def __init__(self, name, command, log, is_up, end_signal=signal.SIGTERM):
        self.name, self.log = name, log
        self.command = [str(each) for each in command]
        self._is_up, self._end_signal = is_up, end_signal
        self._process = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    @property
    def pid(self):
        return self._process.pid

    def launch(self):
        """Returns at once; `is_up` tells when it can be used. May be called again after its end."""
        with self.log.open("ab") as output:
            # A session of its own: Ctrl-C at the terminal is for us, who end everything in order.
            try:
                self._process = subprocess.Popen(
                    self.command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                    env=environment(), start_new_session=True, preexec_fn=die_with_parent)
            except OSError as error:
                raise StartFailed(f"{self.name} cannot be started: {error}") from None

    def is_up(self):
        return self._is_up()

    def start(self, interrupted=lambda: False):
        """Returns when it is up."""
        self.launch()
        deadline = time.monotonic() + START_SECONDS
        while not self.is_up():
            if interrupted():
                raise Interrupted(self.name)
            if (status := self.ended()) is not None:
                raise StartFailed(f"{self.name} ended with status {status} at its start\n"
                                  f"{self.last_words()}")
            if time.monotonic() > deadline:
                raise StartFailed(f"{self.name} does not answer after {START_SECONDS:g} s\n"
                                  f"{self.last_words()}")
            time.sleep(POLL_SECONDS)

    def ended(self):
        """Its exit status; None while it runs."""
        return self._process.poll()

    def signal(self, number):
        self._process.send_signal(number)

    def wait(self, seconds):
        return self._process.wait(seconds)

    def stop(self):
        """Asks for its end, and then sees to it. Its exit status; None if it was never started."""
        if self._process is None:
            return None
        if self.ended() is None:
            self.signal(self._end_signal)
            try:
                self.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                pass
        if self.ended() is None:
            # The whole group, which is its alone: it has the program's id.
            os.killpg(self.pid, signal.SIGKILL)
            self.wait(STOP_SECONDS)
        return self.ended()

    def last_words(self):
        """The end of its log."""
        lines = self.log.read_text(errors="replace").splitlines()[-LOG_LINES:]
        return "\n".join(["its log ends with:", *(f"    {line}" for line in lines)] if lines
                         else ["its log is empty"])
