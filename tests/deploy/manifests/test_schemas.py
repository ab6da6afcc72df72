"""Every resource against the published schema of its kind."""

import copy
import json
import unittest

import kustomize
import packages
import yaml


def findings_of(resources_by_name):
    result = packages.run_node("validate.mjs", json.dumps(resources_by_name))
    if result.returncode != 0:
        raise AssertionError(result.stderr)
    return result.stdout.splitlines()


def whole_resources():
    """By file, what needs no rendering: all but patches and the files of kustomize itself."""
    files = sorted(path for directory in ("base", "components")
                   for path in (kustomize.KUBERNETES / directory).rglob("*.yaml")
                   if path.name != "kustomization.yaml")
    return {str(path.relative_to(kustomize.KUBERNETES)): list(yaml.safe_load_all(path.read_text()))
            for path in files}


class SourcesMeetTheSchemas(unittest.TestCase):
    """On machines without kustomize, too."""

    def test_each_file(self):
        resources = whole_resources()
        self.assertGreater(len(resources), 8)
        self.assertEqual(findings_of(resources), [])


class OverlaysMeetTheSchemas(unittest.TestCase):
    def test_each_overlay(self):
        overlays = sorted(path.parent.name for path in
                          kustomize.KUBERNETES.glob("overlays/*/kustomization.yaml"))
        self.assertEqual(overlays, ["development", "production"])
        self.assertEqual(findings_of({overlay: kustomize.Rendered(f"overlays/{overlay}").resources
                                      for overlay in overlays}), [])


class MistakesAreFound(unittest.TestCase):
    """Else the tests above would say nothing."""

    @classmethod
    def setUpClass(cls):
        cls.resources = {resource["kind"]: resource for resources in whole_resources().values()
                         for resource in resources}

    def found(self, kind, change):
        resource = copy.deepcopy(self.resources[kind])
        change(resource)
        return findings_of({"it": [resource]})

    def test_a_misspelt_field(self):
        def misspell(resource):
            pod = resource["spec"]["template"]["spec"]
            pod["topologySpreadConstraint"] = pod.pop("topologySpreadConstraints")
        self.assertEqual(self.found("Deployment", misspell),
                         ["it: Deployment/turnomatic/spec/template/spec/topologySpreadConstraint: "
                          "unknown field"])

    def test_a_misspelt_field_of_a_custom_resource(self):
        def misspell(resource):
            resource["spec"]["endpoints"][0]["intervall"] = "15s"
        self.assertEqual(self.found("ServiceMonitor", misspell),
                         ["it: ServiceMonitor/turnomatic/spec/endpoints/0/intervall: unknown field"])

    def test_a_value_of_the_wrong_type(self):
        def quote(resource):
            resource["spec"]["minReplicas"] = "2"
        [finding] = self.found("HorizontalPodAutoscaler", quote)
        self.assertIn("/spec/minReplicas: ", finding)

    def test_a_missing_field(self):
        def forget(resource):
            del resource["spec"]["selector"]
        self.assertEqual(len(self.found("Deployment", forget)), 1)

    def test_a_kind_that_does_not_exist(self):
        def rename(resource):
            resource["apiVersion"] = "autoscaling/v3"
        [finding] = self.found("HorizontalPodAutoscaler", rename)
        self.assertIn("no schema for autoscaling/v3", finding)


if __name__ == "__main__":
    unittest.main()
