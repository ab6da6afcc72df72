"""The Containerfile and what belongs to it, without building the image."""

import contextlib
import http.server
import json
import os
import re
import shlex
import socket
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path

import packages
from containerfile import CONTAINERFILE, arguments, stages

CONTAINER = packages.ROOT / "deploy/container"
# What dockerfilelint has against correct lines.
FALSE_ALARMS = {
    # The tag stands in the default of the argument, and a test below looks at it.
    ("FROM ${BASE} AS build", "Base Image Missing Tag"),
    ("FROM ${BASE}", "Base Image Missing Tag"),
    # It does not know --start-period: it reads options up to the first hyphen.
    ("HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \\",
     "Invalid Argument Format"),
}


class Lint(unittest.TestCase):
    def test_dockerfilelint_finds_nothing(self):
        program = packages.modules() / ".bin/dockerfilelint"
        result = subprocess.run([program, "--output", "json", CONTAINERFILE], timeout=30,
                                capture_output=True, text=True)
        [file] = json.loads(result.stdout)["files"]
        found = {(issue["content"], issue["title"]) for issue in file["issues"]}
        self.assertEqual(found, FALSE_ALARMS)


class TheFile(unittest.TestCase):
    def setUp(self):
        self.head, self.build, self.final = stages()

    def test_the_base_has_a_tag_that_stays(self):
        self.assertEqual(arguments(self.head, "ARG"), ["BASE=docker.io/library/debian:12-slim"])
        for stage in (self.build, self.final):
            self.assertEqual(stage[0].arguments.split()[0], "${BASE}")

    def test_the_user_is_a_number_and_not_root(self):
        [user] = arguments(self.final, "USER")
        self.assertRegex(user, r"^[1-9]\d*:[1-9]\d*$")

    def test_it_is_stopped_by_what_drains(self):
        self.assertEqual(arguments(self.final, "STOPSIGNAL"), ["SIGTERM"])

    def test_it_runs_the_program_itself_and_no_shell(self):
        self.assertEqual(arguments(self.final, "ENTRYPOINT"), ['["/usr/bin/turnomatic"]'])
        self.assertEqual(arguments(self.final, "CMD"), [])

    def test_operators_port_is_not_published_with_the_callers(self):
        self.assertEqual(arguments(self.final, "EXPOSE"), ["7017"])

    def test_its_health_is_checked_by_what_is_in_it(self):
        [check] = arguments(self.final, "HEALTHCHECK")
        [program] = json.loads(check.partition("CMD ")[2])
        self.assertIn(f"deploy/container/healthcheck {program}", arguments(self.final, "COPY"))

    def test_labels_say_what_it_is_and_from_where(self):
        [labels] = arguments(self.final, "LABEL")
        values = dict(label.split("=", 1) for label in shlex.split(labels))
        known = {argument.partition("=")[0] for argument in arguments(self.final, "ARG")}
        for name in ("title", "description", "licenses", "version", "revision", "created",
                     "base.name"):
            value = values[f"org.opencontainers.image.{name}"]
            if variable := re.fullmatch(r"\$\{(\w+)\}", value):
                self.assertIn(variable[1], known)

    def test_what_is_copied_exists_and_is_in_the_context(self):
        # The name that Docker and Compose know, and buildah too.
        kept = [line[1:] for line in (packages.ROOT / ".dockerignore").read_text().splitlines()
                if line.startswith("!")]
        for copy in arguments(self.build, "COPY") + arguments(self.final, "COPY"):
            source = copy.split()[0]
            if source == "." or source.startswith("--from="):
                continue
            self.assertTrue((packages.ROOT / source).exists(), source)
            self.assertTrue(any(source == path or source.startswith(f"{path}/") for path in kept),
                            source)
        for path in kept:
            self.assertTrue((packages.ROOT / path).exists(), path)

    def test_nothing_is_downloaded_but_packages(self):
        text = CONTAINERFILE.read_text()
        self.assertNotRegex(text, r"\b(curl|wget|git clone|pip|npm)\b")
        self.assertEqual(arguments(self.build, "ADD") + arguments(self.final, "ADD"), [])


class Answering(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(self.server.status if self.path == "/livez" else 404)
        self.end_headers()

    def log_message(self, *_):
        pass


class HealthCheck(unittest.TestCase):
    def check(self, port):
        return subprocess.run([CONTAINER / "healthcheck", str(port)], timeout=10,
                              capture_output=True).returncode

    def answering(self, status):
        server = http.server.HTTPServer(("127.0.0.1", 0), Answering)
        server.status = status
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server.server_address[1]

    def test_alive(self):
        self.assertEqual(self.check(self.answering(200)), 0)

    def test_not_alive(self):
        self.assertEqual(self.check(self.answering(503)), 1)

    def test_nobody_listens(self):
        with socket.socket() as bound:
            bound.bind(("127.0.0.1", 0))
            self.assertEqual(self.check(bound.getsockname()[1]), 1)

    def test_no_answer_comes(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            begin = time.monotonic()
            self.assertEqual(self.check(silent.getsockname()[1]), 1)
            # Below HEALTHCHECK's own timeout, so that it is ours that ends it.
            self.assertLess(time.monotonic() - begin, 3)


class BuildScript(unittest.TestCase):
    def run_build(self, *flags):
        """The arguments that buildah would have been given."""
        with contextlib.ExitStack() as stack:
            directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            (directory / "buildah").write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
            (directory / "buildah").chmod(0o755)
            environment = os.environ | {"PATH": f"{directory}:{os.environ['PATH']}"}
            return subprocess.run([CONTAINER / "build", *flags], env=environment, check=True,
                                  timeout=30, capture_output=True, text=True).stdout.splitlines()

    def test_every_argument_of_the_file_is_given(self):
        head, build, final = stages()
        wanted = {argument.partition("=")[0] for stage in (head, build, final)
                  for argument in arguments(stage, "ARG")}
        given = self.run_build()
        self.assertEqual({value.partition("=")[0] for flag, value in zip(given, given[1:])
                          if flag == "--build-arg"}, wanted)
        self.assertNotIn("VERSION=", given)
        version = re.search(r"^project\(turnomatic VERSION ([\d.]+)",
                            (packages.ROOT / "CMakeLists.txt").read_text(), re.MULTILINE)[1]
        self.assertIn(f"turnomatic:{version}", given)

    def test_base_and_tag_can_be_chosen_and_the_rest_is_passed_on(self):
        given = self.run_build("--base", "localhost/debian:12", "--tag", "it:1", "--no-cache")
        self.assertIn("BASE=localhost/debian:12", given)
        self.assertIn("it:1", given)
        self.assertEqual(given[-2:], ["--no-cache", "."])

    def test_the_format_is_the_one_that_keeps_the_health_check(self):
        given = self.run_build()
        self.assertEqual(given[given.index("--format") + 1], "docker")


if __name__ == "__main__":
    unittest.main()
