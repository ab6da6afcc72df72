"""Numbers and places that documents repeat."""

import re
import subprocess
import tomllib
import unittest

import packages
import yaml
from kustomize import KUBERNETES
from quantities import quantity, seconds

DOCS = packages.ROOT / "docs"


def rows_of(page, heading):
    """The cells of the table below a heading, without its first two lines."""
    section = page.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")]
            for line in section.splitlines() if line.startswith("|")]
    return rows[2:]


def scaler():
    return yaml.safe_load((KUBERNETES / "base/horizontal-pod-autoscaler.yaml").read_text())["spec"]


class VirtualMachines(unittest.TestCase):
    def test_the_rule_of_scaling_is_the_autoscalers(self):
        spec = scaler()
        cpu, turns = (metric[metric["type"].lower()]["target"] for metric in spec["metrics"])
        up, down = (spec["behavior"][name] for name in ("scaleUp", "scaleDown"))
        by_percent, by_pods = up["policies"]
        [one] = down["policies"]
        self.assertEqual({policy["periodSeconds"] for policy in up["policies"]}, {60})
        page = (DOCS / "deployment/virtual-machines.md").read_text()
        self.assertEqual([int(value) for _, value in rows_of(page, "The rule of scaling")], [
            spec["minReplicas"], spec["maxReplicas"], cpu["averageUtilization"],
            quantity(turns["averageValue"]), up["stabilizationWindowSeconds"], by_percent["value"],
            by_pods["value"], down["stabilizationWindowSeconds"], one["value"],
            one["periodSeconds"]])


class Kubernetes(unittest.TestCase):
    def setUp(self):
        self.page = (DOCS / "deployment/kubernetes.md").read_text()

    def test_the_seconds_of_an_end(self):
        pod = yaml.safe_load((KUBERNETES / "base/deployment.yaml").read_text())[
            "spec"]["template"]["spec"]
        drain = tomllib.loads((KUBERNETES / "base/turnomatic.toml").read_text())["drain"]
        term = pod["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
        closed = term + seconds(drain["delay"])
        cut = closed + seconds(drain["timeout"])
        self.assertEqual([int(row[0]) for row in rows_of(self.page, "How a pod ends")],
                         [0, term, closed, cut, cut + 3, pod["terminationGracePeriodSeconds"]])

    def test_what_makes_it_grow(self):
        cpu, turns = (metric[metric["type"].lower()]["target"] for metric in scaler()["metrics"])
        self.assertIn(f"grows at {cpu['averageUtilization']} % CPU or "
                      f"{quantity(turns['averageValue']):,.0f} turns a second",
                      " ".join(self.page.split()))


class PrometheusRule(unittest.TestCase):
    def test_it_is_made_of_the_rules_of_prometheus(self):
        result = subprocess.run([KUBERNETES / "prometheus-rule", "--check"], capture_output=True,
                                text=True, timeout=30)
        self.assertEqual(result.returncode, 0, result.stderr)


class TwelveFactors(unittest.TestCase):
    def test_each_factor_has_its_place_in_the_tree(self):
        page = (DOCS / "twelve-factors.md").read_text()
        factors = re.split(r"^## ", page, flags=re.MULTILINE)[1:]
        self.assertEqual([factor.split(".")[0] for factor in factors],
                         "I II III IV V VI VII VIII IX X XI XII".split())
        for factor in factors:
            # Documents alone show nothing. tests/tidy finds links that lead nowhere.
            self.assertRegex(factor, r"\]\(\.\./(?:cmake|deploy|include|scripts|src|tests)\b",
                             factor.splitlines()[0])


class Index(unittest.TestCase):
    def test_every_page_of_deployment_is_in_it(self):
        index = (DOCS / "deployment/README.md").read_text()
        for page in (DOCS / "deployment").glob("*.md"):
            if page.name != "README.md":
                self.assertIn(f"({page.name}", index)


if __name__ == "__main__":
    unittest.main()
