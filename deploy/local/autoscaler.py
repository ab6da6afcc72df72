"""How many instances there should be: the algorithm of Kubernetes' HorizontalPodAutoscaler.

It decides and does nothing else; time is an argument. The published description is
https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details, and where
that is silent pkg/controller/podautoscaler of Kubernetes 1.30 has been followed.
"""

import math
from collections import deque
from typing import NamedTuple


class Sample(NamedTuple):
    """What a metric was over the `window` seconds until `at`."""
    value: float
    at: float
    window: float


class Instance(NamedTuple):
    """One that is not on its way out: those are not counted at all."""
    name: str
    started: float
    ready: bool
    ready_changed: float  # when it became ready, or ceased to be
    samples: dict  # {name of a metric: Sample}, those that are known


class Decision(NamedTuple):
    desired: int
    wanted: dict  # {name of a metric: instances, None where nothing was measured}
    reason: str  # why `desired` is not the largest of them; empty if it is


class NothingMeasured(Exception):
    pass


def settles(rule, instance, sample, now):
    """Whether its processor time is still that of a start, which says nothing about the load."""
    if now < instance.started + rule.cpu_initialization_seconds:
        return not instance.ready or sample.at < instance.ready_changed + sample.window
    never_ready = instance.ready_changed < instance.started + rule.initial_readiness_seconds
    return not instance.ready and never_ready


def wanted_by(rule, metric, now, current, instances):
    """How many instances this metric asks for, where there are `current`."""
    values, settling, missing = [], 0, 0
    for instance in instances:
        sample = instance.samples.get(metric.name)
        if sample is None:
            missing += 1
        elif metric.is_cpu and settles(rule, instance, sample, now):
            settling += 1
        else:
            values.append(sample.value)
    if not values:
        raise NothingMeasured(metric.name)

    ratio = ratio_of(values, metric)
    measured = len(values)
    if missing:
        # As if it were busy before one is taken away, and idle before one is added. Both dampen.
        values += [metric.missing if ratio < 1 else 0.0] * (missing if ratio != 1 else 0)
    if settling and ratio > 1:
        values += [0.0] * settling
    if len(values) == measured:
        return current if within_tolerance(rule, ratio) else math.ceil(ratio * measured)

    dampened = ratio_of(values, metric)
    turned_round = (ratio < 1 < dampened) or (dampened < 1 < ratio)
    if within_tolerance(rule, dampened) or turned_round:
        return current
    wanted = math.ceil(dampened * len(values))
    # Instances that were left out must not make more of less.
    if (dampened < 1 and wanted > current) or (dampened > 1 and wanted < current):
        return current
    return wanted


def ratio_of(values, metric):
    return sum(values) / len(values) / metric.target


def within_tolerance(rule, ratio):
    return abs(1 - ratio) <= rule.tolerance


class Autoscaler:
    """Remembers what it recommended and what it changed. `current` is what was decided last, whether
    it is there yet or not."""

    def __init__(self, rule):
        self._rule = rule
        self._recommendations = deque()  # of (when, how many)
        self._added, self._taken = deque(), deque()  # of (when, how many)

    def decide(self, now, current, instances):
        rule = self._rule
        if not self._recommendations:
            self._recommendations.append((now, current))
        if not rule.least <= current <= rule.most:
            desired = min(max(current, rule.least), rule.most)
            return self._changed(now, current, Decision(desired, {}, "bounds"))
        wanted = self._wanted(now, current, instances)
        measured = [number for number in wanted.values() if number is not None]
        if not measured:
            return Decision(current, wanted, "nothing was measured")
        recommended = max(measured)
        if len(measured) < len(wanted) and recommended < current:
            return Decision(current, wanted, "a metric is missing")
        stable = self._stabilized(now, current, recommended)
        desired = self._limited(now, current, stable)
        if desired == recommended:
            reason = ""
        elif desired == stable:
            reason = "it may not last"
        elif desired == min(max(stable, rule.least), rule.most):
            reason = "bounds"
        else:
            reason = "too many at once"
        return self._changed(now, current, Decision(desired, wanted, reason))

    def _wanted(self, now, current, instances):
        wanted = {}
        for metric in self._rule.metrics:
            try:
                wanted[metric.name] = wanted_by(self._rule, metric, now, current, instances)
            except NothingMeasured:
                wanted[metric.name] = None
        return wanted

    def _stabilized(self, now, current, recommended):
        """No more than was wanted throughout one window, no fewer than was wanted at any time of the
        other: what does not last changes nothing."""
        up, down = (behavior.window_seconds for behavior in (self._rule.up, self._rule.down))
        forget(self._recommendations, now - max(up, down))
        highest = min([recommended, *(number for when, number in self._recommendations
                                      if when > now - up)])
        lowest = max([recommended, *(number for when, number in self._recommendations
                                     if when > now - down)])
        self._recommendations.append((now, recommended))
        return min(max(current, highest), lowest)

    def _limited(self, now, current, stable):
        """What the policies and the bounds leave of it."""
        rule = self._rule
        if stable > current:
            limit = max(current, self._limit(now, current, rule.up, 1))
            return min(stable, limit, rule.most)
        if stable < current:
            limit = min(current, self._limit(now, current, rule.down, -1))
            return max(stable, limit, rule.least)
        return current

    def _limit(self, now, current, behavior, direction):
        if behavior.select == "Disabled":
            return current
        limits = []
        for policy in behavior.policies:
            at_start = (current - changed_since(self._added, now - policy.period_seconds)
                        + changed_since(self._taken, now - policy.period_seconds))
            if policy.kind == "Pods":
                limits.append(at_start + direction * policy.value)
            else:
                share = at_start * (1 + direction * policy.value / 100)
                # Rounded up, so that one can become two; on the way down what is cut off stays.
                limits.append(math.ceil(share) if direction > 0 else int(share))
        furthest = (behavior.select == "Max") == (direction > 0)
        return max(limits) if furthest else min(limits)

    def _changed(self, now, current, decision):
        longest = max(policy.period_seconds for behavior in (self._rule.up, self._rule.down)
                      for policy in behavior.policies)
        for events in (self._added, self._taken):
            forget(events, now - longest)
        if decision.desired > current:
            self._added.append((now, decision.desired - current))
        elif decision.desired < current:
            self._taken.append((now, current - decision.desired))
        return decision


def forget(events, until):
    while events and events[0][0] <= until:
        events.popleft()


def changed_since(events, start):
    return sum(number for when, number in events if when > start)
