"""The algorithm, row by row and over time, with a clock that is an argument."""

import math
import random
import unittest

import paths  # noqa: F401

from autoscaler import Autoscaler, Instance, NothingMeasured, Sample, wanted_by
from rule import Behavior, Metric, Policy, Rule

CPU = Metric("cpu", target=0.5, missing=1.0, is_cpu=True)
TURNS = Metric("turns", target=100.0, missing=100.0, is_cpu=False)
UP = Behavior(30, "Max", (Policy("Percent", 100, 60), Policy("Pods", 2, 60)))
DOWN = Behavior(300, "Min", (Policy("Pods", 1, 120),))
# Its own numbers: those of the file may change.
RULE = Rule(least=1, most=10, metrics=(CPU, TURNS), up=UP, down=DOWN, rate_seconds=60, scrape_seconds=15)
LONG_AGO, NOW = 0.0, 10000.0
SETTLING = "settling"
SETTLING_VALUE = 7.0
MISSING = None


def instance(number, values, now=NOW, **differing):
    """One that has been ready for long; `values` are {metric: value}."""
    fields = {"started": LONG_AGO, "ready": True, "ready_changed": LONG_AGO} | differing
    return Instance(f"i{number}", samples={metric.name: Sample(value, now, RULE.rate_seconds)
                                           for metric, value in values.items()}, **fields)


def each_of(metric, values):
    found = []
    for number, value in enumerate(values):
        if value is MISSING:
            found.append(instance(number, {}))
        elif value is SETTLING:
            found.append(instance(number, {metric: SETTLING_VALUE}, started=NOW - 20, ready_changed=NOW - 10))
        else:
            found.append(instance(number, {metric: value}))
    return found


class WantedTest(unittest.TestCase):
    ROWS = (
        # name, metric, values, instances wanted
        ("on target", TURNS, [100, 100], 2),
        ("above, within the tolerance", TURNS, [109, 109], 2),
        ("above, beyond it", TURNS, [111, 111], 3),
        ("below, within the tolerance", TURNS, [91, 91, 91], 3),
        ("below, and still needed", TURNS, [89, 89, 89], 3),
        ("below, and one not needed", TURNS, [60, 60, 60], 2),
        ("idle", TURNS, [0, 0, 0], 0),
        ("the average counts", TURNS, [190, 10], 2),
        ("many more", TURNS, [1000], 10),
        ("share of the processors", CPU, [0.8, 0.8], 4),
        ("missing while busy: idle", TURNS, [300, MISSING], 3),
        ("missing while busy: too little is left to do", TURNS, [150, MISSING], 2),
        ("missing while idle: on target", TURNS, [10, 10, MISSING], 2),
        ("missing while idle: none can go", TURNS, [20, MISSING], 2),
        ("missing on target", TURNS, [100, MISSING], 2),
        ("a missing processor: wholly used", CPU, [0.1, 0.1, 0.1, MISSING], 3),
        ("a missing processor: no change of direction", CPU, [0.1, MISSING], 2),
        ("settling while busy: idle", CPU, [1.5, SETTLING], 3),
        ("settling while busy: too little is left to do", CPU, [0.8, SETTLING], 2),
        ("settling while idle: not counted", CPU, [0.2, 0.2, SETTLING], 1),
        ("settling while nearly on target: not counted", CPU, [0.475, 0.475, SETTLING], 3),
        ("its turns count from the start", TURNS, [300, SETTLING], 4),
        ("settling and missing while busy", CPU, [2.5, SETTLING, MISSING], 5),
        ("settling and missing while idle", CPU, [0.1, SETTLING, MISSING], 3),
    )

    def test_each_row(self):
        for name, metric, values, wanted in self.ROWS:
            with self.subTest(name):
                self.assertEqual(wanted_by(RULE, metric, NOW, len(values), each_of(metric, values)),
                                 wanted)

    def test_instances_that_are_too_many_or_too_few_turn_nothing_round(self):
        rows = (
            # what there should be, what there is, what is wanted
            (2, [60, 60, 60, 60, MISSING], 2),  # four, although they are idle
            (6, [200, 200, MISSING], 6),  # four, although they are busy
        )
        for current, values, wanted in rows:
            self.assertEqual(wanted_by(RULE, TURNS, NOW, current, each_of(TURNS, values)), wanted)

    def test_nothing_measured_is_no_number(self):
        for values in ([], [MISSING, MISSING], [SETTLING], [SETTLING, MISSING]):
            with self.subTest(values), self.assertRaises(NothingMeasured):
                wanted_by(RULE, CPU, NOW, len(values), each_of(CPU, values))

    def test_whether_a_processor_counts(self):
        rows = (
            # name, seconds since the start, ready, seconds since that changed, whether it counts
            ("ready, and measured since for a whole window", 100, True, 60, True),
            ("ready, and measured in part before", 100, True, 59, False),
            ("young and not ready", 100, False, 99, False),
            ("old and never ready", 400, False, 375, False),
            ("old and no longer ready", 400, False, 10, True),
            ("old and ready just now", 400, True, 0, True),
        )
        for name, age, ready, since, counts in rows:
            with self.subTest(name):
                busy = instance(1, {CPU: 5.0}, started=NOW - age, ready=ready,
                                ready_changed=NOW - since)
                if counts:
                    self.assertEqual(wanted_by(RULE, CPU, NOW, 1, [busy]), 10)
                else:
                    with self.assertRaises(NothingMeasured):
                        wanted_by(RULE, CPU, NOW, 1, [busy])


def simulate(load, seconds, first=1, rule=RULE, metric=TURNS):
    """[(when, from, to)] of all changes, if instances share the load at once and evenly."""
    autoscaler, current, changes = Autoscaler(rule), first, []
    for step in range(int(seconds / rule.sync_seconds) + 1):
        now = step * rule.sync_seconds
        each = {other: other.target / 1000 for other in rule.metrics}
        each[metric] = load(now) * metric.target / current
        instances = [instance(number, each, now, started=now - 1000, ready_changed=now - 1000)
                     for number in range(current)]
        desired = autoscaler.decide(now, current, instances).desired
        if desired != current:
            changes.append((now, current, desired))
        current = desired
    return changes


def steps(*parts):
    """A load, in instances, of (until when, how much)."""
    return lambda now: next(much for until, much in parts if now < until)


FOREVER = math.inf


class OverTimeTest(unittest.TestCase):
    def test_a_load_that_fits_changes_nothing(self):
        self.assertEqual(simulate(lambda now: 3.0, 3600, first=3), [])

    def test_a_spike_that_is_shorter_than_the_window_changes_nothing(self):
        self.assertEqual(simulate(steps((600, 1), (615, 5), (FOREVER, 1)), 1800), [])

    def test_one_that_lasts_is_followed_when_the_window_has_no_other_wish(self):
        # What was wished for 30 s ago to the second is out of a window of 30 s.
        self.assertEqual(simulate(steps((600, 1), (FOREVER, 2.5)), 1800), [(615, 1, 3)])

    def test_a_lull_that_is_shorter_than_the_window_changes_nothing(self):
        self.assertEqual(simulate(steps((600, 3), (885, 0.5), (FOREVER, 3)), 3600, first=3), [])

    def test_one_that_lasts_takes_one_in_two_minutes(self):
        self.assertEqual(simulate(steps((600, 4), (FOREVER, 1)), 3600, first=4),
                         [(885, 4, 3), (1005, 3, 2), (1125, 2, 1)])

    def test_in_is_to_the_highest_of_the_window(self):
        changes = simulate(steps((600, 6), (750, 2), (765, 4), (FOREVER, 2)), 3600, first=6)
        self.assertEqual([(before, after) for _, before, after in changes],
                         [(6, 5), (5, 4), (4, 3), (3, 2)])
        # Four were wanted at 750 s: until 300 s later it does not become three.
        self.assertGreaterEqual(changes[2][0], 750 + 300)

    def test_out_is_twice_as_many_or_two_more_in_a_minute(self):
        self.assertEqual(simulate(steps((600, 1), (FOREVER, 9)), 1800),
                         [(615, 1, 3), (675, 3, 6), (735, 6, 9)])

    def test_a_load_that_swings_is_no_reason_to_flap(self):
        def swing(period):
            return simulate(lambda now: 3 if now % period < period / 2 else 1.2, 7200, first=2)

        for period in (30, 60, 120, 300, 560):
            with self.subTest(period):
                self.assertLessEqual(len(swing(period)), 1, swing(period))
        # Longer than the window: then it is no swing, but what the load asks for.
        self.assertEqual(len(swing(1800)), 8)

    def test_noise_around_the_edge_of_a_number_is_no_reason_to_flap(self):
        drawn = random.Random(1)
        for middle in (1.0, 2.0, 2.05, 3.0, 4.95):
            with self.subTest(middle):
                changes = simulate(lambda now: middle * drawn.uniform(0.95, 1.05), 36000, first=3)
                directions = {after > before for _, before, after in changes}
                self.assertLessEqual(len(directions), 1, changes)

    def test_the_processor_decides_as_the_turns_do(self):
        for metric in (CPU, TURNS):
            self.assertEqual(simulate(steps((600, 1), (FOREVER, 2.5)), 1800, metric=metric),
                             [(615, 1, 3)])

    def test_policies_and_bounds_hold_whatever_the_load(self):
        for seed in range(50):
            drawn = random.Random(seed)
            loads = [drawn.choice((0, 0.5, 1, 2, 3, 5, 8, 20)) for _ in range(400)]
            changes = simulate(lambda now: loads[int(now // 75) % 400], 7200)
            for when, before, after in changes:
                self.assertTrue(RULE.least <= after <= RULE.most)
                self.assert_within_policies(when, before, after, changes)

    def assert_within_policies(self, when, before, after, changes):
        def at(moment):
            return next((old for other, old, _ in changes if other > moment), before)

        if after > before:
            self.assertLessEqual(after, max(at(when - 60) + 2, at(when - 60) * 2))
        else:
            self.assertGreaterEqual(after, at(when - 120) - 1)


class DecisionTest(unittest.TestCase):
    """One decision, and why it is not what the metrics ask for."""

    def decide(self, current, samples, rule=RULE):
        """After an hour in which `current` was right and then what `samples` say, for as long as it
        takes."""
        autoscaler = Autoscaler(rule)
        for now in range(0, 3601, 15):
            decision = autoscaler.decide(now, current, [
                instance(number, values, now, started=-1000, ready_changed=-1000)
                for number, values in enumerate(samples)])
            if decision.desired != current:
                break
        return decision

    def test_the_metric_that_wants_more_decides(self):
        for values, desired in (({CPU: 0.9, TURNS: 50}, 4), ({CPU: 0.1, TURNS: 180}, 4),
                                ({CPU: 0.9, TURNS: 300}, 4)):
            with self.subTest(values):
                self.assertEqual(self.decide(2, [values] * 2).desired, desired)

    def test_a_metric_that_is_missing_holds_nobody_up(self):
        decision = self.decide(2, [{TURNS: 180}] * 2)
        self.assertEqual((decision.desired, decision.wanted), (4, {"cpu": None, "turns": 4}))

    def test_a_metric_that_is_missing_takes_nobody_away(self):
        for values in ({TURNS: 10}, {CPU: 0.05}):
            decision = self.decide(2, [values] * 2)
            self.assertEqual((decision.desired, decision.reason), (2, "a metric is missing"))

    def test_nothing_measured_changes_nothing(self):
        decision = self.decide(2, [{}, {}])
        self.assertEqual((decision.desired, decision.reason), (2, "nothing was measured"))

    def test_bounds(self):
        self.assertEqual(self.decide(1, [{CPU: 0, TURNS: 0}])[::2], (1, "bounds"))
        self.assertEqual(self.decide(10, [{CPU: 5.0, TURNS: 0}] * 10)[::2], (10, "bounds"))

    def test_a_number_out_of_bounds_is_brought_back_at_once(self):
        for current, desired in ((0, 1), (12, 10)):
            self.assertEqual(Autoscaler(RULE).decide(0, current, [])[::2], (desired, "bounds"))

    def test_what_brought_it_back_into_bounds_counts_and_turns_nothing_round(self):
        at_once = Behavior(0, "Max", (Policy("Pods", 2, 60),))
        rule = Rule(5, 10, RULE.metrics, at_once, at_once, 60, 15)
        for current, bound, value in ((0, 5, 300), (30, 10, 0)):
            autoscaler = Autoscaler(rule)
            self.assertEqual(autoscaler.decide(0, current, []).desired, bound)
            instances = [instance(number, {CPU: 0, TURNS: value}) for number in range(bound)]
            self.assertEqual(autoscaler.decide(15, bound, instances).desired, bound)
            self.assertNotEqual(autoscaler.decide(75, bound, instances).desired, bound)

    def test_how_policies_are_selected(self):
        both = (Policy("Percent", 40, 60), Policy("Pods", 1, 60))
        busy, idle = {CPU: 5.0, TURNS: 0}, {CPU: 0, TURNS: 0}
        rows = (
            # select, where it is, what is measured, where it goes
            ("Max", 6, busy, 9), ("Min", 6, busy, 7), ("Disabled", 6, busy, 6),
            ("Max", 6, idle, 3), ("Min", 6, idle, 5), ("Disabled", 6, idle, 6),
            # 1.4 are two on the way up, and 4.2 are four on the way down.
            ("Max", 1, busy, 2), ("Max", 7, idle, 4),
        )
        for select, current, values, desired in rows:
            behavior = Behavior(0, select, both)
            rule = Rule(1, 20, RULE.metrics, behavior, behavior, 60, 15)
            with self.subTest(select=select, current=current, values=values):
                self.assertEqual(self.decide(current, [values] * current, rule).desired, desired)


if __name__ == "__main__":
    unittest.main()
