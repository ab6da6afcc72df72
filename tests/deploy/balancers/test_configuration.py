"""deploy/haproxy, deploy/nginx, deploy/redis and deploy/pair against each other and the programs that read
them: times and limits of the balancers rest on those of the instances."""

import re
import subprocess
import sys
import tempfile
import tomllib
import unittest
from pathlib import Path

from running_pair import SOURCE_DIR

import pair

sys.path.insert(0, str(SOURCE_DIR / "tests/deploy/manifests"))
from quantities import seconds  # noqa: E402

DEPLOY = SOURCE_DIR / "deploy"
HAPROXY = (DEPLOY / "haproxy/balancer.cfg").read_text()
HAPROXY_INSTANCES = (DEPLOY / "haproxy/instances.cfg").read_text()
NGINX = (DEPLOY / "nginx/turnomatic.conf").read_text()
INSTANCE = tomllib.loads((DEPLOY / "pair/turnomatic.toml").read_text())
DEBIANS_HAPROXY = Path("/etc/haproxy/haproxy.cfg")


def value(text, directive):
    """What the one line of that directive says."""
    [found] = re.findall(rf"^ *{directive} +([^\s;#]+)", text, re.MULTILINE)
    return found


def directives(path):
    """{name: arguments} of a configuration of Redis."""
    lines = (line.split(maxsplit=1) for line in path.read_text().splitlines()
             if line and not line.startswith("#"))
    return dict(lines)


def complaints(*command):
    """What a program has against its configuration; nothing if it takes it without a word."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=30, check=False)
    wrong = done.returncode != 0 or re.search("warn|notice", done.stdout, re.IGNORECASE)
    return done.stdout if wrong else ""


class Programs(unittest.TestCase):
    def find(self, name):
        try:
            return pair.find(name)
        except pair.StartFailed as missing:
            self.skipTest(str(missing))

    def test_haproxy_takes_it_after_debians_own(self):
        haproxy = self.find("haproxy")
        if not DEBIANS_HAPROXY.is_file():
            self.skipTest(f"no {DEBIANS_HAPROXY}")
        self.assertEqual(complaints(haproxy, "-c", "-q", "-f", DEBIANS_HAPROXY,
                                    "-f", DEPLOY / "haproxy"), "")

    def test_nginx_takes_it(self):
        self.find("nginx")
        with tempfile.TemporaryDirectory() as name:
            self.assertEqual(complaints(*pair.nginx(1, (2, 3), Path(name)).command, "-t", "-q"), "")

    def test_an_instance_takes_each_value(self):
        known = tomllib.loads((SOURCE_DIR / "config/turnomatic.toml").read_text())
        for name, given in INSTANCE.items():
            if isinstance(given, dict):
                self.assertLessEqual(given.keys(), known[name].keys())
            else:
                self.assertIn(name, known)


class Instances(unittest.TestCase):
    def test_both_balancers_know_the_same(self):
        servers = r"^ *server (?:instance-\d )?(127\.0\.0\.1:\d+)"
        self.assertEqual(tuple(re.findall(servers, HAPROXY_INSTANCES, re.MULTILINE)), pair.INSTANCES)
        self.assertEqual(tuple(re.findall(servers, NGINX, re.MULTILINE)), pair.INSTANCES)
        self.assertEqual(INSTANCE["listen"], [pair.INSTANCES[0]])


class Times(unittest.TestCase):
    def test_a_balancer_waits_longer_than_the_deadline_and_shorter_than_an_idle_instance(self):
        deadline = seconds(INSTANCE["request_deadline"])
        idle = seconds(INSTANCE["http"]["idle_timeout"])
        for text, answer, kept in ((HAPROXY, "timeout server", "timeout http-keep-alive"),
                                   (NGINX, "proxy_read_timeout", None)):
            self.assertGreater(seconds(value(text, answer)), deadline)
            self.assertLess(seconds(value(text, answer)), idle)
            if kept:
                self.assertLess(seconds(value(text, kept)), idle)
        # Of the connections to the callers, and of those to the instances.
        for kept in re.findall(r"^ *keepalive_timeout (\w+);", NGINX, re.MULTILINE):
            self.assertLess(seconds(kept), idle)

    def test_haproxy_notices_a_drain_before_it_closes(self):
        inter, fall = re.search(r"check inter (\w+) fall (\d+)", HAPROXY).groups()
        self.assertIn("meth GET uri /readyz", HAPROXY)
        # One check may have begun just before the drain.
        self.assertLess(seconds(inter) * (int(fall) + 1), seconds(INSTANCE["drain"]["delay"]))


class Limits(unittest.TestCase):
    def test_one_instance_alone_has_room_for_what_a_balancer_sends(self):
        room = INSTANCE["http"]["max_connections"]
        self.assertLess(int(re.search(r"default-server .* maxconn (\d+)", HAPROXY)[1]), room)
        self.assertLess(int(value(NGINX, "limit_conn turnomatic_requests")), room)

    def test_haproxy_keeps_connections_for_its_statistics(self):
        whole, callers = map(int, re.findall(r"^    maxconn (\d+)", HAPROXY, re.MULTILINE))
        self.assertLess(callers, whole)


class Redis(unittest.TestCase):
    def test_it_keeps_what_it_is_told(self):
        ours = directives(DEPLOY / "redis/turnomatic.conf")
        self.assertEqual((ours["appendonly"], ours["appendfsync"], ours["maxmemory-policy"]),
                         ("yes", "always", "noeviction"))

    def test_that_of_kubernetes_keeps_the_same(self):
        ours = directives(DEPLOY / "redis/turnomatic.conf")
        theirs = directives(DEPLOY / "kubernetes/components/redis/redis.conf")
        self.assertEqual({name: theirs.get(name) for name in ours}, ours)


if __name__ == "__main__":
    unittest.main()
