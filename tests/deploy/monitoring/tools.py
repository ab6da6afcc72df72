"""The programs that judge configuration, and the files that they judge."""

import shutil
import subprocess
import unittest

import yaml

from metrics import SOURCE_DIR

PROMETHEUS_DIR = SOURCE_DIR / "deploy/prometheus"
RULE_FILES = sorted((PROMETHEUS_DIR / "rules").glob("*.yml"))
RULE_TEST_FILES = sorted((SOURCE_DIR / "tests/deploy/monitoring/rules").glob("*.yml"))
ALERTMANAGER_FILE = PROMETHEUS_DIR / "alertmanager.yml"


def needs(program):
    return unittest.skipUnless(shutil.which(program), f"{program} is not installed")


def run(*command):
    """Status and all that the program said."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.returncode, done.stdout


def load(path):
    return yaml.safe_load(path.read_text())


def rules():
    return [rule for path in RULE_FILES for group in load(path)["groups"]
            for rule in group["rules"]]


def alerts():
    return [rule for rule in rules() if "alert" in rule]


def recorded_names():
    return [rule["record"] for rule in rules() if "record" in rule]


def tested_alerts():
    """Pairs of an alert's name and what it is expected to say, over all tests of the rules."""
    return [(case["alertname"], case["exp_alerts"]) for path in RULE_TEST_FILES
            for test in load(path)["tests"] for case in test["alert_rule_test"]]


def labels_when_firing():
    """{alert: the names of the labels that it carries}."""
    return {name: {"alertname", *expected[0]["exp_labels"]}
            for name, expected in tested_alerts() if expected}
