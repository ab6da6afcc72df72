"""The rule by which instances come and go, read from where Kubernetes reads it:
deploy/kubernetes/base/horizontal-pod-autoscaler.yaml and what its metrics are made of."""

import dataclasses
import re
from pathlib import Path
from typing import NamedTuple

import yaml

DEPLOY = Path(__file__).resolve().parents[1]
SCALER_FILE = DEPLOY / "kubernetes/base/horizontal-pod-autoscaler.yaml"
ADAPTER_FILE = DEPLOY / "kubernetes/prometheus-adapter.yaml"
PROMETHEUS_FILE = DEPLOY / "prometheus/prometheus.yml"

# What no manifest states, the defaults of kube-controller-manager (--horizontal-pod-autoscaler-*):
# https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details
TOLERANCE = 0.1
SYNC_SECONDS = 15.0
CPU_INITIALIZATION_SECONDS = 300.0
INITIAL_READINESS_SECONDS = 30.0

SUFFIXES = {"": 1.0, "m": 0.001, "k": 1e3, "M": 1e6}
SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0}
POLICIES = ("Pods", "Percent")
SELECTIONS = ("Max", "Min", "Disabled")


class RuleError(ValueError):
    """The file says what we do not follow, or lacks what we need."""


class Policy(NamedTuple):
    kind: str  # one of POLICIES
    value: int
    period_seconds: float


class Behavior(NamedTuple):
    window_seconds: float
    select: str  # one of SELECTIONS
    policies: tuple


class Metric(NamedTuple):
    """Of an instance, in units of its own: processors that it uses of those that it requests, or turns
    a second. `missing` is what is assumed of an instance without a value before one is taken away."""
    name: str
    target: float
    missing: float
    is_cpu: bool


@dataclasses.dataclass(frozen=True)
class Rule:
    least: int
    most: int
    metrics: tuple
    up: Behavior
    down: Behavior
    rate_seconds: float  # of the window over which a rate is taken
    scrape_seconds: float
    tolerance: float = TOLERANCE
    sync_seconds: float = SYNC_SECONDS
    cpu_initialization_seconds: float = CPU_INITIALIZATION_SECONDS
    initial_readiness_seconds: float = INITIAL_READINESS_SECONDS

    def faster(self, times):
        """The same rule where all takes so many times less time."""
        def hastened(behavior):
            return behavior._replace(
                window_seconds=behavior.window_seconds / times,
                policies=tuple(policy._replace(period_seconds=policy.period_seconds / times)
                               for policy in behavior.policies))

        seconds = {field.name: getattr(self, field.name) / times
                   for field in dataclasses.fields(self) if field.name.endswith("_seconds")}
        return dataclasses.replace(self, up=hastened(self.up), down=hastened(self.down), **seconds)

    def with_turns(self, turns):
        """The same rule for instances of which each should carry so many turns a second."""
        return dataclasses.replace(self, metrics=tuple(
            metric if metric.is_cpu else metric._replace(target=turns, missing=turns)
            for metric in self.metrics))

    def between(self, least, most):
        return dataclasses.replace(self, least=least, most=most)

    def target(self, is_cpu):
        [target] = [metric.target for metric in self.metrics if metric.is_cpu == is_cpu]
        return target


def quantity(text):
    """A number as Kubernetes writes it."""
    if not (match := re.fullmatch(r"([0-9.]+)([a-zA-Z]*)", str(text))) or match[2] not in SUFFIXES:
        raise RuleError(f"not a number: {text}")
    return float(match[1]) * SUFFIXES[match[2]]


def seconds(text):
    """A duration as Prometheus writes it."""
    if not (match := re.fullmatch(r"(\d+)([smh])", str(text))):
        raise RuleError(f"not a duration: {text}")
    return int(match[1]) * SECONDS[match[2]]


def fields(mapping, where, *names):
    """The values of these keys. Each other key would be a part of the rule that we do not follow."""
    if not isinstance(mapping, dict):
        raise RuleError(f"{where}: not a mapping")
    if mapping.keys() != set(names):
        raise RuleError(f"{where}: has {sorted(mapping)}, and not {sorted(names)}")
    return [mapping[name] for name in names]


def one_of(value, where, choice):
    if value not in choice:
        raise RuleError(f"{where}: {value} is none of {', '.join(choice)}")
    return value


def whole(value, where, least):
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise RuleError(f"{where}: {value} is not a whole number from {least} on")
    return value


def policy_of(stated, where):
    kind, value, period = fields(stated, where, "type", "value", "periodSeconds")
    return Policy(one_of(kind, where, POLICIES), whole(value, where, 1), whole(period, where, 1))


def behavior_of(stated, where):
    window, select, policies = fields(stated, where, "stabilizationWindowSeconds", "selectPolicy",
                                      "policies")
    return Behavior(whole(window, where, 0), one_of(select, where, SELECTIONS),
                    tuple(policy_of(each, f"{where}.policies") for each in policies))


def metric_of(stated):
    kind = one_of(stated.get("type"), "metrics", ("Resource", "Pods"))
    _, source = fields(stated, "metrics", "type", kind.lower())
    if kind == "Resource":
        name, target = fields(source, "resource", "name", "target")
        one_of(name, "resource.name", ("cpu",))
        kind, percent = fields(target, "resource.target", "type", "averageUtilization")
        one_of(kind, "resource.target", ("Utilization",))
        share = whole(percent, "resource.target", 1) / 100
        return Metric(name, share, max(1.0, share), True)
    metric, target = fields(source, "pods", "metric", "target")
    [name] = fields(metric, "pods.metric", "name")
    kind, value = fields(target, "pods.target", "type", "averageValue")
    one_of(kind, "pods.target", ("AverageValue",))
    return Metric(name, quantity(value), quantity(value), False)


def rule_of(scaler, adapter, prometheus):
    """From the contents of the three files."""
    _, least, most, metrics, behavior = fields(
        scaler["spec"], "spec", "scaleTargetRef", "minReplicas", "maxReplicas", "metrics", "behavior")
    up, down = fields(behavior, "behavior", "scaleUp", "scaleDown")
    whole(least, "minReplicas", 1)
    metrics = tuple(metric_of(stated) for stated in metrics)
    if sorted(metric.is_cpu for metric in metrics) != [False, True]:
        raise RuleError("metrics: one of the processor and one of turns")
    [turns] = [metric.name for metric in metrics if not metric.is_cpu]
    windows = [re.search(r"\[(\w+)\]", each["metricsQuery"])
               for each in adapter["rules"]["custom"] if each["name"]["as"] == turns]
    if len(windows) != 1 or not windows[0]:
        raise RuleError(f"{ADAPTER_FILE.name}: {turns} is not a rate over one window")
    return Rule(least, whole(most, "maxReplicas", least), metrics, behavior_of(up, "scaleUp"),
                behavior_of(down, "scaleDown"), seconds(windows[0][1]),
                seconds(prometheus["global"]["scrape_interval"]))


def read_rule():
    return rule_of(*(yaml.safe_load(file.read_text())
                     for file in (SCALER_FILE, ADAPTER_FILE, PROMETHEUS_FILE)))
