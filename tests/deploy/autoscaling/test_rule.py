"""The rule is read from the files of deploy/ and from nowhere else; what it says that we do not follow is
an error. The alerts for an autoscaler that is not Kubernetes state the same numbers."""

import copy
import re
import unittest

import paths
import yaml

import rule

DEPLOY = paths.SOURCE_DIR / "deploy"
RULES = DEPLOY / "prometheus/rules"
RUNBOOKS = paths.SOURCE_DIR / "docs/runbooks"
NUMBERS = {2: "Two", 3: "Three", 4: "Four"}


def contents(*files):
    return [yaml.safe_load(file.read_text()) for file in files]


def without(stated, *path):
    """A copy in which the last key of the path is not there."""
    stated = copy.deepcopy(stated)
    inner = stated
    for key in path[:-1]:
        inner = inner[key]
    del inner[path[-1]]
    return stated


def changed(stated, value, *path):
    """A copy with another value at the path."""
    stated = copy.deepcopy(stated)
    inner = stated
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return stated


class ReadingTest(unittest.TestCase):
    def setUp(self):
        self.scaler, self.adapter, self.prometheus = contents(
            rule.SCALER_FILE, rule.ADAPTER_FILE, rule.PROMETHEUS_FILE)

    def read(self, scaler=None, adapter=None, prometheus=None):
        return rule.rule_of(scaler or self.scaler, adapter or self.adapter,
                            prometheus or self.prometheus)

    def test_each_number_is_that_of_the_file(self):
        read, spec = rule.read_rule(), self.scaler["spec"]
        cpu, turns = (metric[metric["type"].lower()]["target"] for metric in spec["metrics"])
        self.assertEqual((read.least, read.most), (spec["minReplicas"], spec["maxReplicas"]))
        self.assertEqual(read.target(True), cpu["averageUtilization"] / 100)
        self.assertEqual(read.target(False), rule.quantity(turns["averageValue"]))
        for behavior, name in ((read.up, "scaleUp"), (read.down, "scaleDown")):
            stated = spec["behavior"][name]
            self.assertEqual(behavior, (
                stated["stabilizationWindowSeconds"], stated["selectPolicy"],
                tuple((policy["type"], policy["value"], policy["periodSeconds"])
                      for policy in stated["policies"])))
        self.assertEqual((read.rate_seconds, read.scrape_seconds), (60, 15))

    def test_a_change_of_the_file_is_a_change_of_the_rule(self):
        at = "spec", "behavior", "scaleDown", "stabilizationWindowSeconds"
        self.assertEqual(self.read(changed(self.scaler, 77, *at)).down.window_seconds, 77)
        at = "spec", "metrics", 1, "pods", "target", "averageValue"
        self.assertEqual(self.read(changed(self.scaler, "1500m", *at)).target(False), 1.5)
        at = "rules", "custom", 0, "metricsQuery"
        self.assertEqual(self.read(adapter=changed(self.adapter, "rate(x[2m])", *at)).rate_seconds, 120)

    def test_what_is_not_followed_is_an_error(self):
        down = "spec", "behavior", "scaleDown"
        cpu = "spec", "metrics", 0, "resource"
        for wrong in (
                without(self.scaler, "spec", "minReplicas"),
                without(self.scaler, "spec", "behavior"),
                without(self.scaler, *down),
                without(self.scaler, *down, "stabilizationWindowSeconds"),
                without(self.scaler, *down, "policies", 0, "periodSeconds"),
                without(self.scaler, "spec", "metrics", 0),
                changed(self.scaler, 0, "spec", "minReplicas"),
                changed(self.scaler, 1, "spec", "maxReplicas"),
                changed(self.scaler, "0.05", *down, "tolerance"),
                changed(self.scaler, -1, *down, "stabilizationWindowSeconds"),
                changed(self.scaler, "Average", *down, "selectPolicy"),
                changed(self.scaler, "Nodes", *down, "policies", 0, "type"),
                changed(self.scaler, "External", "spec", "metrics", 0, "type"),
                changed(self.scaler, "memory", *cpu, "name"),
                changed(self.scaler, "AverageValue", *cpu, "target", "type"),
                changed(self.scaler, "75x", "spec", "metrics", 1, "pods", "target", "averageValue")):
            with self.subTest(wrong["spec"]), self.assertRaises(rule.RuleError):
                self.read(wrong)

    def test_a_metric_that_is_no_rate_over_a_window_is_an_error(self):
        query, name = ("rules", "custom", 0, "metricsQuery"), ("rules", "custom", 0, "name", "as")
        for wrong in (changed(self.adapter, "sum(turns)", *query), changed(self.adapter, "x", *name),
                      changed(self.adapter, "rate(x[1y])", *query)):
            with self.assertRaises(rule.RuleError):
                self.read(adapter=wrong)

    def test_faster_and_smaller_leave_the_rest_as_it_is(self):
        stated = rule.read_rule()
        fast = stated.faster(10)
        self.assertEqual((fast.up.window_seconds, fast.down.policies[0].period_seconds,
                          fast.sync_seconds, fast.rate_seconds), (3.0, 12.0, 1.5, 6.0))
        self.assertEqual((fast.metrics, fast.tolerance, fast.least), (stated.metrics, 0.1, stated.least))
        small = stated.with_turns(500)
        self.assertEqual((small.target(False), small.target(True)), (500, stated.target(True)))
        self.assertEqual(small.up, stated.up)
        self.assertEqual(stated.between(1, 3).metrics, stated.metrics)


def the_rule(scaler, deployment):
    """{what: number} of one worker, as Kubernetes has it. A worker has one processor."""
    spec = scaler["spec"]
    [container] = deployment["spec"]["template"]["spec"]["containers"]
    processors = rule.quantity(container["resources"]["requests"]["cpu"])
    cpu, turns = (metric[metric["type"].lower()]["target"] for metric in spec["metrics"])
    turns = rule.quantity(turns["averageValue"]) / processors
    return {"CPU": [cpu["averageUtilization"] / 100], "turns": [turns, turns],
            "tolerance": 1 + rule.TOLERANCE, "least": spec["minReplicas"],
            "said turns": f"{turns:,.0f}", "said least": NUMBERS[spec["minReplicas"]]}


def the_alerts(recording, alerts, out_runbook):
    """The same of the rules of Prometheus."""
    rules = {each.get("record") or each["alert"]: each
             for groups in (recording, alerts) for group in groups["groups"] for each in group["rules"]}
    load = " ".join(rules["job:load:ratio_rate5m"]["expr"].split())
    out, into = rules["TurnomaticScaleOut"], rules["TurnomaticScaleIn"]
    fewer, carried = re.search(r"count - 1 > (\d+)\) < ([\d.]+)$", " ".join(into["expr"].split())).groups()
    assert float(carried) == 1
    return {"CPU": [float(each) for each in re.findall(r"cpu_per_worker:\S+ / ([\d.]+)", load)],
            "turns": [float(each) for each in re.findall(r"turns_per_worker:\S+ / ([\d.]+)", load)],
            "tolerance": float(re.fullmatch(r"job:load:ratio_rate5m > ([\d.]+)", out["expr"])[1]),
            # So many remain at least.
            "least": int(fewer) + 1,
            "said turns": re.search(r"([\d,]+)\s+turns\s+a\s+second\s+for\s+each\s+worker", out_runbook)[1],
            "said least": re.search(r"(\w+) always stay",
                                    " ".join(into["annotations"]["description"].split()))[1]}


class AlertsTest(unittest.TestCase):
    def setUp(self):
        self.scaler, self.deployment, self.recording, self.alerts = contents(
            rule.SCALER_FILE, DEPLOY / "kubernetes/base/deployment.yaml", RULES / "recording.yml",
            RULES / "alerts.yml")
        self.runbook = (RUNBOOKS / "TurnomaticScaleOut.md").read_text()

    def test_they_state_the_numbers_of_the_autoscaler(self):
        self.assertEqual(the_alerts(self.recording, self.alerts, self.runbook),
                         the_rule(self.scaler, self.deployment))

    def test_they_wait_at_least_as_long(self):
        durations = {alert["alert"]: rule.seconds(alert["for"]) for group in self.alerts["groups"]
                     for alert in group["rules"] if alert["alert"].startswith("TurnomaticScale")}
        behavior = self.scaler["spec"]["behavior"]
        for alert, name in (("TurnomaticScaleOut", "scaleUp"), ("TurnomaticScaleIn", "scaleDown")):
            self.assertGreaterEqual(durations[alert], behavior[name]["stabilizationWindowSeconds"])

    def test_a_change_of_the_autoscaler_alone_is_seen(self):
        metrics = "spec", "metrics"
        alerts = the_alerts(self.recording, self.alerts, self.runbook)
        for wrong in (changed(self.scaler, 60, *metrics, 0, "resource", "target", "averageUtilization"),
                      changed(self.scaler, "80k", *metrics, 1, "pods", "target", "averageValue"),
                      changed(self.scaler, 3, "spec", "minReplicas")):
            self.assertNotEqual(the_rule(wrong, self.deployment), alerts)
        wrong = changed(self.deployment, "4", "spec", "template", "spec", "containers", 0, "resources",
                        "requests", "cpu")
        self.assertNotEqual(the_rule(self.scaler, wrong), alerts)

    def test_a_change_of_the_alerts_alone_is_seen(self):
        stated = the_rule(self.scaler, self.deployment)
        files = [(RULES / "recording.yml").read_text(), (RULES / "alerts.yml").read_text(), self.runbook]
        for index, old, new in ((0, "ratio_rate5m / 0.5", "ratio_rate5m / 0.6"),
                                (0, "avg_rate5m / 37500", "avg_rate5m / 40000"),
                                (1, "ratio_rate5m > 1.1", "ratio_rate5m > 1.2"),
                                (1, "count - 1 > 1)", "count - 1 > 2)"),
                                (1, "Two always stay", "Three always stay"),
                                (2, "37,500 turns", "40,000 turns")):
            wrong = [*files]
            self.assertIn(old, wrong[index])
            wrong[index] = wrong[index].replace(old, new)
            with self.subTest(new):
                self.assertNotEqual(the_alerts(*map(yaml.safe_load, wrong[:2]), wrong[2]), stated)


if __name__ == "__main__":
    unittest.main()
