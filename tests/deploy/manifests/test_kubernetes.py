"""What no schema knows: that the resources fit together, and to what the service does."""

import re
import tomllib
import unittest

import packages
import yaml
from kustomize import KUBERNETES, Rendered, container_of, pod_of
from quantities import quantity, seconds

# What an end takes beside the drain when the log is stuck.
END_SECONDS = 3
METRICS_PAGE = packages.ROOT / "docs/metrics.md"
# What a namespace of the level "restricted" asks of a container.
RESTRICTED = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
              "capabilities": {"drop": ["ALL"]}}


def matches(labels, selector):
    return selector and selector.items() <= labels.items()


def ports_of(workload):
    return {port["name"]: port["containerPort"] for port in container_of(workload)["ports"]}


def configuration_of(rendered):
    return tomllib.loads(rendered.one("ConfigMap", "turnomatic-config")["data"]["turnomatic.toml"])


class EachOverlay:
    """A mixin: what holds for `overlay`."""

    def setUp(self):
        self.rendered = Rendered(f"overlays/{self.overlay}")
        self.configuration = configuration_of(self.rendered)
        self.deployment = self.rendered.one("Deployment", "turnomatic")

    def test_everything_is_in_the_namespace_that_is_made(self):
        [namespace] = self.rendered.all("Namespace")
        for resource in self.rendered.resources:
            if resource is not namespace:
                self.assertEqual(resource["metadata"]["namespace"],
                                 namespace["metadata"]["name"])

    def test_selectors_select_the_pods_of_one_workload(self):
        pods = {workload["metadata"]["name"]: workload["spec"]["template"]["metadata"]["labels"]
                for workload in self.rendered.workloads()}
        selectors = [
            *(workload["spec"]["selector"]["matchLabels"] for workload in self.rendered.workloads()),
            *(service["spec"]["selector"] for service in self.rendered.all("Service")),
            *(budget["spec"]["selector"]["matchLabels"]
              for budget in self.rendered.all("PodDisruptionBudget")),
            *(policy["spec"]["podSelector"]["matchLabels"]
              for policy in self.rendered.all("NetworkPolicy")),
            *(spread["labelSelector"]["matchLabels"] for workload in self.rendered.workloads()
              for spread in pod_of(workload).get("topologySpreadConstraints", ())),
        ]
        for selector in selectors:
            self.assertEqual(len([pod for pod in pods.values() if matches(pod, selector)]), 1,
                             selector)

    def test_ports_are_named_once_and_found(self):
        for service in self.rendered.all("Service"):
            [workload] = [workload for workload in self.rendered.workloads() if
                          matches(workload["spec"]["template"]["metadata"]["labels"],
                                  service["spec"]["selector"])]
            for port in service["spec"]["ports"]:
                self.assertIn(port["targetPort"], ports_of(workload))

    def test_volumes_are_mounted_and_their_sources_exist(self):
        for workload in self.rendered.workloads():
            pod = pod_of(workload)
            volumes = {volume["name"]: volume for volume in pod.get("volumes", ())}
            claims = {claim["metadata"]["name"]
                      for claim in workload["spec"].get("volumeClaimTemplates", ())}
            mounted = {mount["name"] for mount in container_of(workload)["volumeMounts"]}
            self.assertEqual(mounted, volumes.keys() | claims)
            maps = {config["metadata"]["name"] for config in self.rendered.all("ConfigMap")}
            for volume in volumes.values():
                if "configMap" in volume:
                    self.assertIn(volume["configMap"]["name"], maps)
                else:
                    # Not in the tree; docs/deployment/kubernetes.md says how it is made.
                    self.assertEqual(volume["secret"]["secretName"], "turnomatic-redis")

    def test_pods_are_as_restricted_as_can_be(self):
        for workload in self.rendered.workloads():
            pod = pod_of(workload)
            context = pod["securityContext"]
            self.assertTrue(context["runAsNonRoot"])
            self.assertGreater(context["runAsUser"], 0)
            self.assertEqual(context["seccompProfile"], {"type": "RuntimeDefault"})
            self.assertEqual(container_of(workload)["securityContext"], RESTRICTED)
            self.assertFalse(pod["automountServiceAccountToken"])
            self.assertFalse(pod["enableServiceLinks"])
            [namespace] = self.rendered.all("Namespace")
            self.assertEqual(namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"],
                             "restricted")

    def test_images_have_a_tag(self):
        for workload in self.rendered.workloads():
            self.assertRegex(container_of(workload)["image"], r":(?!latest$)[\w.-]+$")

    def test_the_listeners_are_where_the_ports_say(self):
        ports = ports_of(self.deployment)
        self.assertEqual(self.configuration["listen"], [f"*:{ports['turns']}"])
        self.assertEqual(self.configuration["ops_listen"], f"*:{ports['operations']}")

    def test_the_grace_period_covers_the_drain(self):
        drain = self.configuration["drain"]
        stop = container_of(self.deployment)["lifecycle"]["preStop"]["sleep"]["seconds"]
        self.assertGreaterEqual(
            pod_of(self.deployment)["terminationGracePeriodSeconds"],
            stop + seconds(drain["delay"]) + seconds(drain["timeout"]) + END_SECONDS)

    def test_readiness_notices_a_drain_before_the_listeners_close(self):
        probe = container_of(self.deployment)["readinessProbe"]
        noticed = probe["periodSeconds"] * probe["failureThreshold"] + probe["timeoutSeconds"]
        self.assertLessEqual(noticed, seconds(self.configuration["drain"]["delay"]))

    def test_probes_ask_where_they_should(self):
        container = container_of(self.deployment)
        self.assertEqual({name: container[name]["httpGet"] for name in container
                          if name.endswith("Probe")}, {
            "startupProbe": {"path": "/livez", "port": "operations"},
            "livenessProbe": {"path": "/livez", "port": "operations"},
            "readinessProbe": {"path": "/readyz", "port": "turns"},
        })

    def test_every_key_of_the_configuration_exists(self):
        known = tomllib.loads((packages.ROOT / "config/turnomatic.toml").read_text())
        for key, value in self.configuration.items():
            self.assertIn(key, known)
            if isinstance(value, dict):
                self.assertLessEqual(value.keys(), known[key].keys(), key)


class Production(EachOverlay, unittest.TestCase):
    overlay = "production"

    def setUp(self):
        super().setUp()
        self.scaler = self.rendered.one("HorizontalPodAutoscaler", "turnomatic")["spec"]

    def test_counters_are_in_the_redis_that_is_deployed(self):
        self.assertEqual(self.configuration["backend"], "redis")
        host, port = re.fullmatch(r"redis://turnomatic@([\w-]+):(\d+)",
                                  self.configuration["redis"]["url"]).groups()
        [service] = [service for service in self.rendered.all("Service")
                     if service["metadata"]["name"] == host]
        self.assertEqual([port["port"] for port in service["spec"]["ports"]], [int(port)])

    def test_the_password_file_is_what_is_mounted(self):
        mounts = {mount["name"]: mount["mountPath"]
                  for mount in container_of(self.deployment)["volumeMounts"]}
        [volume] = [volume for volume in pod_of(self.deployment)["volumes"] if "secret" in volume]
        [item] = volume["secret"]["items"]
        self.assertEqual(self.configuration["redis"]["password_file"],
                         f"{mounts[volume['name']]}/{item['path']}")

    def test_redis_keeps_what_it_is_told(self):
        lines = self.rendered.one("ConfigMap", "turnomatic-redis-config")["data"]["redis.conf"]
        for line in ("appendonly yes", "appendfsync always", "maxmemory-policy noeviction"):
            self.assertIn(line, lines.splitlines())

    def test_redis_is_full_before_the_kernel_kills_it(self):
        lines = self.rendered.one("ConfigMap", "turnomatic-redis-config")["data"]["redis.conf"]
        [gigabytes] = re.findall(r"^maxmemory (\d+)gb$", lines, re.MULTILINE)
        limits = container_of(self.rendered.one("StatefulSet", "turnomatic-redis"))["resources"]["limits"]
        self.assertLessEqual(2 * int(gigabytes) * 2**30, quantity(limits["memory"]))

    def test_the_autoscaler_alone_decides_how_many(self):
        self.assertNotIn("replicas", self.deployment["spec"])
        self.assertEqual(self.scaler["scaleTargetRef"],
                         {"apiVersion": self.deployment["apiVersion"], "kind": "Deployment",
                          "name": self.deployment["metadata"]["name"]})
        self.assertGreaterEqual(self.scaler["minReplicas"], 2)

    def test_half_of_the_least_number_carries_what_makes_it_grow(self):
        cpu = self.scaler["metrics"][0]["resource"]["target"]["averageUtilization"]
        self.assertLessEqual(cpu, 100 * (self.scaler["minReplicas"] - 1) /
                             self.scaler["minReplicas"])

    def test_scaling_has_hysteresis(self):
        up, down = (self.scaler["behavior"][name] for name in ("scaleUp", "scaleDown"))
        self.assertGreaterEqual(down["stabilizationWindowSeconds"],
                                5 * up["stabilizationWindowSeconds"])
        self.assertEqual((up["selectPolicy"], down["selectPolicy"]), ("Max", "Min"))

    def test_the_workers_follow_a_quota_of_whole_cores(self):
        resources = container_of(self.deployment)["resources"]
        self.assertEqual(self.configuration["workers"], 0)
        self.assertEqual(quantity(resources["limits"]["cpu"]) % 1, 0)
        self.assertEqual(resources["limits"], resources["requests"])

    def test_the_metric_of_the_autoscaler_is_made_of_one_that_exists(self):
        [metric] = [metric["pods"]["metric"]["name"] for metric in self.scaler["metrics"]
                    if metric["type"] == "Pods"]
        [rule] = yaml.safe_load((KUBERNETES / "prometheus-adapter.yaml").read_text())["rules"]["custom"]
        self.assertEqual(rule["name"]["as"], metric)
        series = rule["seriesQuery"].partition("{")[0]
        self.assertIn(f"| `{series}` | counter |", METRICS_PAGE.read_text())

    def test_two_pods_are_never_down_on_purpose(self):
        self.assertEqual(self.deployment["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"], 0)
        [budget] = self.rendered.all("PodDisruptionBudget")
        self.assertEqual(budget["spec"]["maxUnavailable"], 1)

    def test_zones_are_held_apart_and_nodes_if_possible(self):
        spread = {constraint["topologyKey"]: constraint["whenUnsatisfiable"]
                  for constraint in pod_of(self.deployment)["topologySpreadConstraints"]}
        self.assertEqual(spread, {"topology.kubernetes.io/zone": "DoNotSchedule",
                                  "kubernetes.io/hostname": "ScheduleAnyway"})

    def test_only_the_monitoring_reaches_the_operations_listener(self):
        rules = self.rendered.one("NetworkPolicy", "turnomatic")["spec"]["ingress"]
        sources = {rule["ports"][0]["port"]: rule.get("from") for rule in rules}
        self.assertEqual(sources, {"turns": None, "operations": [{"namespaceSelector": {
            "matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}]})

    def test_only_the_instances_reach_redis(self):
        [rule] = self.rendered.one("NetworkPolicy", "turnomatic-redis")["spec"]["ingress"]
        [source] = rule["from"]
        pods = [workload["metadata"]["name"] for workload in self.rendered.workloads() if
                matches(workload["spec"]["template"]["metadata"]["labels"],
                        source["podSelector"]["matchLabels"])]
        self.assertEqual(pods, ["turnomatic"])

    def test_the_instances_reach_redis(self):
        redis = self.rendered.one("StatefulSet", "turnomatic-redis")["spec"]["template"]["metadata"]
        targets = [target["podSelector"]["matchLabels"]
                   for rule in self.rendered.one("NetworkPolicy", "turnomatic")["spec"]["egress"]
                   for target in rule["to"] if "podSelector" in target]
        self.assertEqual([matches(redis["labels"], target) for target in targets], [True])

    def test_prometheus_scrapes_pods_that_are_not_ready_too(self):
        [monitor] = self.rendered.all("ServiceMonitor")
        [service] = [service for service in self.rendered.all("Service") if matches(
            service["metadata"]["labels"], monitor["spec"]["selector"]["matchLabels"])]
        self.assertTrue(service["spec"]["publishNotReadyAddresses"])
        self.assertEqual([endpoint["port"] for endpoint in monitor["spec"]["endpoints"]],
                         [port["name"] for port in service["spec"]["ports"]])
        # The rules hold for this job.
        self.assertEqual(service["metadata"]["labels"][monitor["spec"]["jobLabel"]], "turnomatic")


class Development(EachOverlay, unittest.TestCase):
    overlay = "development"

    def test_one_pod_counts_in_memory_and_never_two(self):
        self.assertEqual(self.configuration["backend"], "memory")
        spec = self.deployment["spec"]
        self.assertEqual(spec["replicas"], 1)
        self.assertEqual(spec["strategy"], {"type": "Recreate"})
        self.assertEqual(self.rendered.all("HorizontalPodAutoscaler"), [])

    def test_no_budget_forbids_to_drain_the_only_node(self):
        self.assertEqual(self.rendered.all("PodDisruptionBudget"), [])


if __name__ == "__main__":
    unittest.main()
