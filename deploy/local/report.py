"""A run as a document, which the picture is made of."""

import datetime
import json
import os
from pathlib import Path
from typing import NamedTuple

import picture
import rule
from pair import DEPLOY


class Times(NamedTuple):
    """By one clock: when the run began, when each step of load did, and when the load was over."""
    begin: float
    steps: list
    end: float

    def since(self, when):
        return round(when - self.begin, 2)


def document_of(options, followed, result, reports, changes, ends, samples, times):
    starts = [times.since(start) for start in times.steps]
    step_ends = [*starts[1:], times.since(times.end)]
    return {
        "format": "turnomatic.autoscaling", "version": 1,
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "machine": machine(), "caption": caption(options), "outcome": outcome(result),
        "rule": {"file": str(rule.SCALER_FILE.relative_to(DEPLOY.parent)),
                 "least": followed.least, "most": followed.most, "tolerance": followed.tolerance,
                 "times_faster": options.faster,
                 "processors_per_instance": options.processors_per_instance,
                 "metrics": {metric.name: metric.target for metric in followed.metrics}},
        "seconds": step_ends[-1],
        "steps": [{"at_s": start, "ended_s": end, "rate": step.rate}
                  for start, end, step in zip(starts, step_ends, options.steps)],
        "result": result,
        "changes": [{"at_s": times.since(when), "from": before, "to": after}
                    for when, before, after in changes],
        "ends": ends,
        "load": [row for start, made in zip(starts, reports) for row in intervals(start, made)],
        "samples": samples,
    }


def intervals(start, made):
    """Those of a report of turnomatic-bench in which turns were answered."""
    return [{"at_s": round(start + row["at_s"], 2), "turns_per_s": round(row["turns"] / row["length_s"]),
             **{name: round(row[name]) for name in ("p50_us", "p99_us", "max_us")}}
            for row in made["samples"] if row["turns"]]


def mean(values):
    return round(sum(values) / len(values), 4) if values else None


def machine():
    models = {line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
              if line.startswith("model name")}
    return {"cpu": ", ".join(sorted(models)) or "unknown", "cores": os.cpu_count()}


def caption(options):
    return (f"The rule of the HorizontalPodAutoscaler, {options.faster:g} times faster, for instances of "
            f"{options.turns_per_instance:g} turns a second and {options.processors_per_instance:g} CPU")


def outcome(result):
    return (f"{result['requests']:,} requests, {result['failed']} failed; {result['turns']:,} turns "
            f"{result['proof']}, {result['burned']} reached nobody; {result['least']} to "
            f"{result['most']} instances, {result['changes']} changes, {result['flaps']} flaps")


def write(document, directory):
    """The rows of the JSON are lines, so that a change can be read."""
    directory.mkdir(parents=True, exist_ok=True)
    members = []
    for name, value in document.items():
        text = json.dumps(value)
        if value and isinstance(value, list):
            text = "[\n  " + ",\n  ".join(map(json.dumps, value)) + "\n ]"
        members.append(f" {json.dumps(name)}: {text}")
    (directory / "autoscaling.json").write_text("{\n" + ",\n".join(members) + "\n}\n")
    (directory / "autoscaling.svg").write_text(picture.svg(document))
