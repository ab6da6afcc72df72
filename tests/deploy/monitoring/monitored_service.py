"""One instance on a Redis of its own, watched by Prometheus and Alertmanager as deploy/prometheus says,
with a receiver that remembers what it hears. All on the loopback, on free ports, in one directory that
goes away."""

import contextlib
import http.client
import json
import socket
import subprocess
import tempfile
import threading
import urllib.parse
import urllib.request
from pathlib import Path

import yaml

from monitoring import Receiver
from programs import free_ports, wait_for
from server_process import ServerProcess, die_with_parent
from tools import ALERTMANAGER_FILE, PROMETHEUS_DIR, RULE_FILES, load

START_SECONDS = 60.0
BETWEEN_TURNS_SECONDS = 0.05
SHORT = "2s"  # for every time that something must hold or wait


def free_port():
    return free_ports({"one": 0})["one"]


def json_of(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.load(answer)


@contextlib.contextmanager
def process(*command):
    """The process, which is gone afterwards. SIGKILL: nothing of it is to be kept."""
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL, preexec_fn=die_with_parent)
    try:
        yield child
    finally:
        child.kill()
        child.wait()


class Webhook(Receiver):
    """Remembers the name of the receiver and the alerts of all that is posted."""

    def __init__(self):
        self._heard, self._lock = [], threading.Lock()
        super().__init__(0, self._hear)
        self.url = f"http://127.0.0.1:{self.port}"

    def _hear(self, receiver, alert):
        with self._lock:
            self._heard.append((receiver, alert))

    def heard(self):
        with self._lock:
            return list(self._heard)


class Load:
    """One client that takes turns and does not care about failures."""

    def __init__(self, address):
        self._address, self._over = address, threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()

    def _run(self):
        while not self._over.wait(BETWEEN_TURNS_SECONDS):
            with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(
                    http.client.HTTPConnection(*self._address, timeout=5)) as connection:
                connection.request("POST", "/turno/a")
                connection.getresponse().read()


def without_waiting(settings):
    """Times of Alertmanager's routes cut short, all but those that are zero."""
    for key in ("group_wait", "group_interval"):
        if settings.get(key, "0s") != "0s":
            settings[key] = SHORT
    for route in settings.get("routes", []):
        without_waiting(route)


class Monitoring:
    """A context manager: everything is gone afterwards, come what may."""

    def __init__(self, program):
        self._program = program

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            self._directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            self.webhook = stack.enter_context(Webhook())
            self._start_service(stack)
            self._start_alertmanager(stack)
            self._start_prometheus(stack)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_):
        self._stack.close()

    def _start_service(self, stack):
        self._redis_port = free_port()
        self.redis = stack.enter_context(process(
            "redis-server", "--port", str(self._redis_port), "--bind", "127.0.0.1", "--save", "",
            "--dir", str(self._directory)))
        self._server = stack.enter_context(ServerProcess(
            self._program, "--backend", "redis", "--redis-url",
            f"redis://127.0.0.1:{self._redis_port}"))
        stack.enter_context(Load(self._server.address))

    def _start_alertmanager(self, stack):
        settings = load(ALERTMANAGER_FILE)
        without_waiting(settings["route"])
        for receiver in settings["receivers"]:
            for hook in receiver["webhook_configs"]:
                hook["url"] = self.webhook.url + urllib.parse.urlsplit(hook["url"]).path
        file = self._written("alertmanager.yml", settings)
        self._alertmanager = f"127.0.0.1:{free_port()}"
        stack.enter_context(process(
            "prometheus-alertmanager", f"--config.file={file}",
            f"--storage.path={self._directory / 'alertmanager'}", "--cluster.listen-address=",
            f"--web.listen-address={self._alertmanager}"))

    def _start_prometheus(self, stack):
        for file in RULE_FILES:
            rules = load(file)
            for group in rules["groups"]:
                group.pop("interval", None)
                for rule in group["rules"]:
                    if "for" in rule:
                        rule["for"] = SHORT
            self._written(f"rules/{file.name}", rules)
        settings = load(PROMETHEUS_DIR / "prometheus.yml")
        settings["global"] = dict.fromkeys(
            ("scrape_interval", "scrape_timeout", "evaluation_interval"), "1s")
        settings["alerting"]["alertmanagers"] = [
            {"static_configs": [{"targets": [self._alertmanager]}]}]
        settings["scrape_configs"] = settings["scrape_configs"][:1]
        self._written("targets/turnomatic.yml",
                      [{"targets": ["%s:%d" % self._server.operations]}])
        file = self._written("prometheus.yml", settings)
        self._prometheus = f"127.0.0.1:{free_port()}"
        stack.enter_context(process(
            "prometheus", f"--config.file={file}", f"--web.listen-address={self._prometheus}",
            f"--storage.tsdb.path={self._directory / 'prometheus'}"))
        wait_for("Prometheus and Alertmanager", self._is_up, START_SECONDS)

    def _is_up(self):
        try:
            self.firing_alerts()
            self.inhibited("")
        except OSError:
            return False
        return True

    def _written(self, name, settings):
        file = self._directory / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(yaml.safe_dump(settings))
        return file

    def forget_everything(self):
        """What a FLUSHALL by mistake does."""
        with socket.create_connection(("127.0.0.1", self._redis_port), timeout=10) as connection:
            connection.sendall(b"FLUSHALL\r\n")
            assert connection.recv(64) == b"+OK\r\n"

    def query(self, expression):
        """The series that Prometheus finds now."""
        query = urllib.parse.urlencode({"query": expression})
        return json_of(f"http://{self._prometheus}/api/v1/query?{query}")["data"]["result"]

    def firing_alerts(self):
        alerts = json_of(f"http://{self._prometheus}/api/v1/alerts")["data"]["alerts"]
        return {alert["labels"]["alertname"] for alert in alerts if alert["state"] == "firing"}

    def inhibited(self, name):
        """Whether Alertmanager knows an alert of that name and keeps it to itself."""
        return any(alert["status"]["inhibitedBy"]
                   for alert in json_of(f"http://{self._alertmanager}/api/v2/alerts")
                   if alert["labels"]["alertname"] == name)
