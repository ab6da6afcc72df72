#!/usr/bin/env python3
"""What pages in a real browser can do with a counter: those of an origin that http.cors_origins
names take turns and read them, the others take none that they could not read.

    browser_test.py --server PATH [unittest arguments]

Exit status 77: there is no browser.
"""

import http.server
import json
import queue
import sys
import threading
import unittest

sys.dont_write_bytecode = True  # no __pycache__ in the source tree

import chromium
from raw_http import ask, request
from server_process import ServerProcess, poll
from server_tests import server_and_arguments

SKIPPED = 77
REPORT_TIMEOUT_SECONDS = 60.0  # of a machine with much else to do; two seconds of one without
SERVER = None  # set by main

# What every page can do: try each of its steps, one after the other, and report what it saw.
SCRIPT = """
const base = 'http://127.0.0.1:%(port)d/turno/%(name)s-';
async function read(id, options) {
  try {
    const answer = await fetch(base + id, options);
    const retry = answer.headers.get('retry-after');
    return {type: answer.type, status: answer.status, retry, body: await answer.text()};
  } catch (error) {
    return {error: error.name};
  }
}
function load(tag, id) {
  return new Promise(resolve => {
    const element = document.createElement(tag);
    element.onload = element.onerror = event => resolve(event.type);
    element.src = base + id;
    document.body.append(element);
  });
}
function prefetch(id) {
  return new Promise(resolve => {
    const element = document.createElement('link');
    element.onload = element.onerror = event => resolve(event.type);
    element.rel = 'prefetch';
    element.href = base + id;
    document.head.append(element);
  });
}
const keyed = {method: 'POST', headers: {'Idempotency-Key': 'k'}};
const json = {method: 'POST', headers: {'Content-Type': 'application/json'}, body: '{}'};
const steps = {
  get: () => read('get'),
  post: () => read('post', {method: 'POST'}),
  keyed: () => read('keyed', keyed),
  again: () => read('keyed', keyed),
  json: () => read('json', json),
  bad: () => read('b%%20d'),
  opaque: () => read('opaque', {mode: 'no-cors'}),
  opaque_post: () => read('opaque_post', {mode: 'no-cors', method: 'POST', body: 'x'}),
  beacon: async () => navigator.sendBeacon(base + 'beacon', 'x'),
  img: () => load('img', 'img'),
  script: () => load('script', 'script'),
  iframe: () => load('iframe', 'iframe'),
  prefetch: () => prefetch('prefetch'),
};
async function run() {
  const seen = {};
  for (const name in steps)
    seen[name] = await steps[name]();
  await fetch('/report', {method: 'POST', body: JSON.stringify(seen)});
  document.querySelector('a').click();
}
window.onload = run;
"""
PAGE = """<!doctype html><meta charset="utf-8"><title>%(name)s</title><link rel="icon" href="data:,">
<body><a href="http://127.0.0.1:%(port)d/turno/%(name)s-link">take a turn</a>
<script>%(script)s</script></body>
"""


class Pages:
    """A web server of its own origin; `reports` are what its pages have posted."""

    def __init__(self):
        self.reports = queue.Queue()
        self.page = b""
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def _handler(pages):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self._answer(pages.page)

            def do_POST(self):
                size = int(self.headers["Content-Length"])
                pages.reports.put(json.loads(self.rfile.read(size)))
                self._answer(b"")

            def _answer(self, content):
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass
        return Handler


class BrowserTest(unittest.TestCase):
    def visit(self, name, host, named):
        """What the page `name` of `host` saw, when it has followed its link as well. `named`: its
        origin is one that may take turns."""
        pages = Pages()
        self.addCleanup(pages.close)
        origin = f"http://{host}:{pages.port}"
        flags = ["--http-cors-origins", origin if named else "http://somebody.else"]
        self.server = self.enterContext(
            ServerProcess(SERVER, "--log-access-sample", "1", *flags))
        values = {"name": name, "port": self.server.address[1]}
        pages.page = (PAGE % {**values, "script": SCRIPT % values}).encode()
        with chromium.Chromium(origin) as browser:
            try:
                seen = pages.reports.get(timeout=REPORT_TIMEOUT_SECONDS)
            except queue.Empty:
                self.fail(f"no report; the browser says: {browser.log()}")
            poll("the link to be followed", lambda: self.asked_for(f"{name}-link"), 20.0)
        return seen

    def asked_for(self, id):
        """Statuses of the answers about an id, from the access log."""
        entries = [json.loads(line) for line in self.server.log().splitlines()
                   if line.startswith("{") and line.endswith("}")]
        return [entry["status"] for entry in entries
                if entry["message"] == "request" and entry["target"] == f"/turno/{id}"]

    def turns_of(self, id):
        """How many were taken."""
        answer = ask(self.server.address, request("POST", f"/turno/{id}"))
        return json.loads(answer.body)["turno"] - 1

    def assert_none_taken(self, name, ids):
        for id in ids:
            with self.subTest(id):
                self.assertIn(403, self.asked_for(f"{name}-{id}"), "it was asked for, and refused")
                self.assertEqual(self.turns_of(f"{name}-{id}"), 0)

    def test_a_page_whose_origin_is_named_takes_turns_and_reads_them(self):
        seen = self.visit("named", "localhost", named=True)
        self.assertEqual(self.asked_for("named-keyed"), [204, 200, 200], "one preflight")
        turn = '{"id":"named-%s","turno":1}'
        for step in ("get", "post", "keyed", "json"):
            expected = {"type": "cors", "status": 200, "retry": None, "body": turn % step}
            self.assertEqual(seen[step], expected)
            self.assertEqual(self.turns_of(f"named-{step}"), 1)
        self.assertEqual(seen["again"], seen["keyed"])
        self.assertEqual(seen["bad"]["status"], 400)
        self.assertIn("urn:turnomatic:problem:invalid-id", seen["bad"]["body"])
        # What it could not read it does not take either.
        self.assert_none_taken("named", ["opaque", "opaque_post", "beacon", "img", "script",
                                         "iframe", "prefetch"])
        self.assertEqual(self.turns_of("named-link"), 1)

    def test_a_page_of_another_site_takes_no_turn_until_its_link_is_followed(self):
        self.expect_nothing_but_the_link("cross-site", "localhost")

    def test_a_page_of_the_same_site_takes_no_turn_either(self):
        self.expect_nothing_but_the_link("same-site", "127.0.0.1")

    def expect_nothing_but_the_link(self, name, host):
        seen = self.visit(name, host, named=False)
        for step in ("get", "post", "keyed", "again", "json", "bad"):
            self.assertEqual(seen[step], {"error": "TypeError"}, step)
        self.assert_none_taken(name, ["get", "post", "opaque", "opaque_post", "beacon", "img",
                                      "script", "iframe", "prefetch"])
        for id in ("keyed", "json"):
            self.assertLessEqual({204}, set(self.asked_for(f"{name}-{id}")))
            self.assertNotIn(200, self.asked_for(f"{name}-{id}"))
            self.assertEqual(self.turns_of(f"{name}-{id}"), 0)
        self.assertEqual(self.turns_of(f"{name}-link"), 1)


def main():
    global SERVER
    SERVER, arguments = server_and_arguments(__doc__)
    if chromium.find() is None:
        print("skipped: no chromium")
        return SKIPPED
    return 0 if unittest.main(argv=arguments, exit=False).result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
