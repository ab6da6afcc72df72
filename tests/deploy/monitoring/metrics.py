"""The metrics that there are: docs/metrics.md, which a unit test holds against the program, what the
recording rules add, and a few of others. Finds what an expression asks for and nobody has."""

import re
from pathlib import Path
from typing import NamedTuple

from promql import references_of

SOURCE_DIR = Path(__file__).resolve().parents[3]
ROW = re.compile(r"\| `([a-z_]+)` \| ([a-z]+) \| ([^|]*) \| [^|]+ \|")
LABELS = re.compile(r"((?:`\w+`(?:, )?)+): (.*)")
BOUNDS = re.compile(r"latency_bounds\{(.*?)\};", re.DOTALL)
BOUND = re.compile(r"chrono::(\w+)\{([\d']+)\}")
UNITS = {"nanoseconds": 1e-9, "microseconds": 1e-6, "milliseconds": 1e-3, "seconds": 1.0}
HISTOGRAM_SERIES = ("_bucket", "_sum", "_count")

# Every scrape adds these labels, and Prometheus the series `up` and, of alerts, `ALERTS`.
TARGET_LABELS = {"job": None, "instance": None}
FOREIGN = {
    "up": {},
    "ALERTS": {"alertname": None, "alertstate": None, "severity": None, "action": None},
    # cAdvisor, https://github.com/google/cadvisor/blob/master/docs/storage/prometheus.md
    "container_cpu_cfs_periods_total": {"container": None, "pod": None, "namespace": None},
    "container_cpu_cfs_throttled_periods_total": {"container": None, "pod": None,
                                                  "namespace": None},
}


class Metric(NamedTuple):
    type: str
    labels: dict  # the values of each label; None where they are no closed set


def labels_of(column):
    labels = {}
    for part in column.split("; "):
        if match := LABELS.fullmatch(part.strip()):
            values = match[2].split(", ")
            closed = all(re.fullmatch(r"\w+", value) for value in values)
            for name in re.findall(r"`(\w+)`", match[1]):
                labels[name] = values if closed else None
    return labels


def documented_metrics(page):
    return {row[1]: Metric(row[2], labels_of(row[3])) for row in ROW.finditer(page)}


def latency_bounds(header):
    """The values of `le`, from the source: the document has them as prose."""
    return {float(f"{float(count.replace(chr(39), '')) * UNITS[unit]:.9g}")
            for unit, count in BOUND.findall(BOUNDS.search(header)[1])}


class Catalogue:
    """All that an expression may ask for; `recorded` are the names of the recording rules."""

    def __init__(self, recorded=()):
        self.documented = documented_metrics((SOURCE_DIR / "docs/metrics.md").read_text())
        self.bounds = latency_bounds(
            (SOURCE_DIR / "src/telemetry/metric_layout.hpp").read_text())
        self._recorded = set(recorded)
        self.label_names = {label for metric in self.documented.values()
                            for label in metric.labels}
        self.label_names |= {"le", *TARGET_LABELS, *(label for labels in FOREIGN.values()
                                                     for label in labels)}

    def labels_of(self, name):
        """The labels of a series with their values, or None if there is no such series."""
        if name in self._recorded:
            return dict.fromkeys(self.label_names)
        if name in FOREIGN:
            return {**FOREIGN[name], **TARGET_LABELS}
        for suffix in HISTOGRAM_SERIES:
            metric = self.documented.get(name.removesuffix(suffix))
            if name.endswith(suffix) and metric and metric.type == "histogram":
                le = {"le": None} if suffix == "_bucket" else {}
                return {**metric.labels, **TARGET_LABELS, **le}
        metric = self.documented.get(name)
        if not metric or metric.type == "histogram":
            return None
        return {**metric.labels, **TARGET_LABELS}

    def problems_of(self, expression):
        references = references_of(expression)
        problems = [f"no label {label}" for label in references.labels - self.label_names]
        for selector in references.selectors:
            labels = self.labels_of(selector.name)
            if labels is None:
                problems.append(f"no metric {selector.name}")
                continue
            for matcher in selector.matchers:
                if problem := self._problem_of(matcher, labels):
                    problems.append(f"{selector.name}: {problem}")
        return problems

    def _problem_of(self, matcher, labels):
        if matcher.label not in labels:
            return f"no label {matcher.label}"
        if matcher.label == "le" and float(matcher.value) not in self.bounds:
            return f"no bucket {matcher.value}"
        values = labels[matcher.label]
        if values is None:
            return None
        wanted = matcher.value.split("|") if "~" in matcher.operator else [matcher.value]
        for each in wanted:
            pattern = each if "~" in matcher.operator else re.escape(each)
            if not any(re.fullmatch(pattern, value) for value in values):
                return f"{matcher.label} is never {each}"
        return None
