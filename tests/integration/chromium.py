"""A browser without a window, on nothing but the loopback."""

import shutil
import signal
import subprocess
import tempfile

from server_process import die_with_parent

# None of these makes it treat requests differently; they keep it from talking to anybody else.
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-dev-shm-usage", "--disable-crash-reporter", "--no-proxy-server",
         "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"]
STOP_TIMEOUT_SECONDS = 5.0


def find():
    return shutil.which("chromium")


class Chromium:
    """A context manager; shows the page `url` until it ends."""

    def __init__(self, url):
        self._home = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self._log = tempfile.TemporaryFile()
        # A group of its own: it has many processes, and they end together.
        self._process = subprocess.Popen(
            [find(), *FLAGS, f"--user-data-dir={self._home.name}/profile", url],
            stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log,
            env={"HOME": self._home.name, "PATH": "/usr/bin:/bin"},
            start_new_session=True, preexec_fn=die_with_parent)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()
        self._home.cleanup()

    def log(self):
        self._log.seek(0)
        return self._log.read().decode(errors="replace")[-2000:]
