"""The program, started as systemd would start the unit: its command line, its user, its limits, a socket
for notifications, sockets and credentials handed over. What is different: the paths are below the
DESTDIR, and nothing is hidden from the process."""

import contextlib
import os
import resource
import shlex
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from built import unit
from server_process import die_with_parent

TIMEOUT_SECONDS = 20.0
NOBODY = 65534
FIRST_INHERITED = 3


class AsTheUnit:
    """A context manager. `configuration` takes the place of the installed file."""

    def __init__(self, installation, configuration, environment=(), sockets=(), wrapper=()):
        self._installation = installation
        self._service = unit("turnomatic.service")["Service"]
        self.configuration = installation.root / "etc/turnomatic/turnomatic.toml"
        self.configuration.write_text(configuration)
        self._environment = dict(environment)
        self._sockets = list(sockets)
        self._wrapper = list(wrapper)

    def __enter__(self):
        self._directory = tempfile.TemporaryDirectory()
        os.chmod(self._directory.name, 0o755)
        self._manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        where = Path(self._directory.name) / "notify"
        self._manager.bind(str(where))
        where.chmod(0o777)
        self._manager.settimeout(TIMEOUT_SECONDS)
        self._log = tempfile.TemporaryFile("a+")
        self._start(where)
        return self

    def __exit__(self, *_):
        # What is traced outlives its tracer.
        with contextlib.suppress(OSError, IndexError):
            os.kill(self._main_pid(), signal.SIGKILL)
        self._process.kill()
        self._process.wait()
        self._manager.close()
        self._log.close()
        self._directory.cleanup()

    def _start(self, notifications):
        variables = {"NOTIFY_SOCKET": str(notifications), "WATCHDOG_USEC": "1000000"}
        if self._sockets:
            variables |= {"LISTEN_FDS": str(len(self._sockets)), "LISTEN_FDNAMES": ":".join(
                name for name, _ in self._sockets)}
        root = os.geteuid() == 0
        # A shell knows the number of the process that it becomes.
        self._process = subprocess.Popen(
            ["/bin/sh", "-c", 'export LISTEN_PID=$$; exec "$@"', "sh", *self._wrapper,
             *self._command("ExecStart", 0)],
            stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log, cwd="/",
            env={"PATH": "/usr/bin:/bin", **variables, **self._environment},
            pass_fds=range(FIRST_INHERITED, FIRST_INHERITED + len(self._sockets)),
            preexec_fn=self._prepare,
            **({"user": NOBODY, "group": NOBODY, "extra_groups": []} if root else {}))

    def _prepare(self):
        die_with_parent()
        os.umask(int(self._service["UMask"][0], 8))
        # Where the machine grants less, systemd takes that.
        limit = min(int(self._service["LimitNOFILE"][0]), resource.getrlimit(resource.RLIMIT_NOFILE)[1])
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
        for at, (_, each) in enumerate(self._sockets):
            os.dup2(each.fileno(), FIRST_INHERITED + at, inheritable=True)

    def _command(self, setting, at):
        """A command of the unit, with its paths below the DESTDIR."""
        root = self._installation.root
        return [f"{root}{word}" if word.startswith(("/usr/bin/", "/etc/turnomatic/")) else
                word.replace("$MAINPID", str(self._main_pid() if setting != "ExecStart" else ""))
                for word in shlex.split(self._service[setting][at])]

    def _main_pid(self):
        """A tracer is the parent of what it traces."""
        if not self._wrapper:
            return self._process.pid
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        return int(children.read_text().split()[0])

    def told(self, text):
        """Waits until systemd is told so; returns the whole message."""
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while time.monotonic() < deadline:
            message = self._manager.recv(4096).decode()
            if text in message:
                return message
        raise TimeoutError(f"not told: {text}; {self.log()[-1000:]}")

    def reload(self):
        """What `systemctl reload` does; the status of the first command that fails."""
        for at in range(len(self._service["ExecReload"])):
            status = subprocess.run(self._command("ExecReload", at), stdin=subprocess.DEVNULL,
                                    stdout=self._log, stderr=self._log, timeout=TIMEOUT_SECONDS,
                                    env={"PATH": "/usr/bin:/bin", **self._environment}).returncode
            if status != 0:
                return status
        return 0

    def stop(self):
        os.kill(self._main_pid(), signal.SIGTERM)
        return self._process.wait(TIMEOUT_SECONDS)

    def log(self):
        self._log.seek(0)
        return self._log.read()
