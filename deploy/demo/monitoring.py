"""Prometheus and Alertmanager as deploy/prometheus configures them, and somebody who listens to the alerts."""

import http.server
import json
import shutil
import threading

from pair import DEPLOY, copy, find
from programs import Program, StartFailed, answers

PROMETHEUS = DEPLOY / "prometheus"


def alertmanager(port, receiver_port, directory):
    file = copy(PROMETHEUS / "alertmanager.yml", directory,
                {"127.0.0.1:9099": f"127.0.0.1:{receiver_port}"})
    return Program("Alertmanager",
                   [find("prometheus-alertmanager"), f"--config.file={file}",
                    f"--storage.path={directory / 'alertmanager'}", "--cluster.listen-address=",
                    f"--web.listen-address=127.0.0.1:{port}"],
                   directory / "alertmanager.log", lambda: answers(port, "/-/ready"))


def prometheus(port, alertmanager_port, operations_ports, statistics_port, directory):
    home = directory / "prometheus"
    (home / "targets").mkdir(parents=True)
    shutil.copytree(PROMETHEUS / "rules", home / "rules")
    # One line an instance.
    copy(PROMETHEUS / "targets/turnomatic.yml", home / "targets", {
        "    - 127.0.0.1:7018": "\n".join(f"    - 127.0.0.1:{each}" for each in operations_ports)})
    file = copy(PROMETHEUS / "prometheus.yml", home,
                {"127.0.0.1:9090": f"127.0.0.1:{port}",
                 "127.0.0.1:8404": f"127.0.0.1:{statistics_port}",
                 "127.0.0.1:9093": f"127.0.0.1:{alertmanager_port}"})
    return Program("Prometheus",
                   [find("prometheus"), f"--config.file={file}",
                    f"--storage.tsdb.path={home / 'data'}", f"--web.listen-address=127.0.0.1:{port}"],
                   directory / "prometheus.log", lambda: answers(port, "/-/ready"))


class Receiver:
    """Alertmanager's webhook: hands each alert to `tell(receiver, alert)`, in a thread. A context
    manager. Port 0 is one that is free."""

    def __init__(self, port, tell):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                try:
                    size = int(self.headers.get("Content-Length", "0"))
                    for alert in json.loads(self.rfile.read(size))["alerts"]:
                        tell(self.path.strip("/"), alert)
                except (ValueError, KeyError, TypeError):
                    self.send_error(400)
                    return
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                """Nothing: what there is to say is said by `tell`."""

        try:
            self._server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        except OSError as error:
            raise StartFailed(f"the receiver of alerts cannot listen at {port}: {error}") from None
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
