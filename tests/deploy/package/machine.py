"""A machine of its own for the packages: a Debian 12 made by mmdebstrap, started by systemd-nspawn with
systemd in it. It has no network but a loopback of its own, and goes away whole."""

import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from built import ROOT

CACHE = ROOT / "build/package-test"
MIRROR = os.environ.get("DEBIAN_MIRROR", "http://deb.debian.org/debian")
START_SECONDS, STOP_SECONDS, COMMAND_SECONDS = 60.0, 60.0, 120.0
CGROUP = "turnomatic-package-test"


def base_system(packages):
    """The tar file of a Debian with these packages; made once."""
    wanted = sorted(packages)
    name = hashlib.sha256(" ".join([MIRROR, *wanted]).encode()).hexdigest()[:16]
    archive = CACHE / f"base-{name}.tar"
    if not archive.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        unfinished = archive.with_suffix(".unfinished.tar")
        subprocess.run(["mmdebstrap", "--quiet", "--variant=minbase",
                        f"--include={','.join(wanted)}", "bookworm", unfinished,
                        f"deb {MIRROR} bookworm main"], check=True, timeout=900)
        unfinished.rename(archive)
    return archive


def cgroup_directories():
    """The hierarchies in which systemd-nspawn makes groups, where no systemd does it."""
    candidates = map(Path, ("/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified", "/sys/fs/cgroup"))
    return [path for path in candidates if (path / "cgroup.procs").exists()]


class Machine:
    """A context manager. `root` is its file system, of which files are seen from here as well."""

    def __init__(self, archive):
        self._archive = archive
        self._leader = None

    def __enter__(self):
        self._directory = Path(tempfile.mkdtemp(prefix="turnomatic-machine-"))
        self.root = self._directory / "root"
        self.root.mkdir()
        try:
            subprocess.run(["tar", "-C", self.root, "-xf", self._archive], check=True, timeout=300)
            # That of mmdebstrap keeps every service from being started.
            (self.root / "usr/sbin/policy-rc.d").unlink(missing_ok=True)
        except BaseException:
            shutil.rmtree(self._directory, ignore_errors=True)
            raise
        return self

    def __exit__(self, *_):
        try:
            if self._leader:
                self.power_off()
        finally:
            shutil.rmtree(self._directory, ignore_errors=True)

    def boot(self):
        (self.root / "etc/machine-id").write_text("")
        self._log = open(self._directory / "console", "w+b")
        # A systemd of this machine would make a scope for it; without one it stays where it is.
        hosted = Path("/run/systemd/system").is_dir()
        self._process = subprocess.Popen(
            ["systemd-nspawn", "--quiet", "--register=no", *([] if hosted else ["--keep-unit"]),
             "--private-network", "--console=read-only", "--machine=turnomatic-package-test",
             "--boot", f"--directory={self.root}"],
            stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log,
            preexec_fn=None if hosted else self._enter_cgroup)
        self._leader = self._wait_for("systemd of the machine", self._find_leader)
        self._wait_for("the machine to be up", self._is_up)

    def _enter_cgroup(self):
        for parent in cgroup_directories():
            group = parent / CGROUP
            group.mkdir(exist_ok=True)
            (group / "cgroup.procs").write_text(str(os.getpid()))

    def _leave_no_cgroup(self):
        for parent in cgroup_directories():
            for path, _, _ in os.walk(parent / CGROUP, topdown=False):
                with contextlib.suppress(OSError):
                    os.rmdir(path)

    def _wait_for(self, what, look):
        deadline = time.monotonic() + START_SECONDS
        while not (found := look()):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self._log.seek(0)
                raise RuntimeError(f"waited for {what}: {self._log.read()[-2000:].decode()}")
            time.sleep(0.1)
        return found

    def _find_leader(self):
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        for child in children.read_text().split():
            with contextlib.suppress(OSError):
                if Path(f"/proc/{child}/comm").read_text() == "systemd\n":
                    return int(child)
        return None

    def _is_up(self):
        state = self.run("systemctl is-system-running || true", check=False).strip()
        return state in ("running", "degraded")

    def run(self, script, check=True):
        """Runs a shell script in it; returns what it said."""
        enter = ["nsenter", "--target", str(self._leader), "--all"] if self._leader else [
            "chroot", str(self.root)]
        done = subprocess.run(
            [*enter, "/bin/sh", "-c", script], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, timeout=COMMAND_SECONDS,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/root",
                 "DEBIAN_FRONTEND": "noninteractive"})
        if check and done.returncode != 0:
            raise AssertionError(f"{script}: status {done.returncode}: {done.stdout}")
        return done.stdout

    def start(self, script):
        """A shell script that goes on; its output is read with communicate()."""
        return subprocess.Popen(
            ["nsenter", "--target", str(self._leader), "--all", "/bin/sh", "-c", script],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"})

    def power_off(self):
        os.kill(self._leader, signal.SIGRTMIN + 4)  # systemd(1): poweroff.target
        self._leader = None
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        finally:
            self._log.close()
            self._leave_no_cgroup()
