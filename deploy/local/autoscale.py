#!/usr/bin/python3
"""Instances that come and go with the load, by the rule of the HorizontalPodAutoscaler, on the loopback of
this machine: Redis, HAProxy, turnomatic and a load that rises and falls. Every turn is proven.

Exit status: 0 shown, 1 a request failed, a turn was wrong, the number flapped, or something did not start.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

# No __pycache__ in the source tree.
sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "demo"))

import balancer
import load
import pair
import report
import rule
import verdict
from autoscaler import Autoscaler
from ensemble import Ensemble, programs_in, say
from fleet import Fleet, Settings, State
from programs import Interrupted, StartFailed, free_ports

STEPS = "300x20,900x30,1600x30,2300x40,300x12,2300x30,900x60,300x50"
SETTLE_SECONDS = 60.0
LOOK_SECONDS = 0.05


class Run(Ensemble):

    def __init__(self, options, followed):
        super().__init__()
        self._options, self._rule = options, followed
        self.samples, self.changes = [], []

    def start(self):
        options, directories = self._options, self._stack
        self._directory = Path(directories.enter_context(
            tempfile.TemporaryDirectory(prefix="turnomatic-autoscale-")))
        store = Path(directories.enter_context(tempfile.TemporaryDirectory(
            prefix="turnomatic-autoscale-", dir=pair.memory())))
        self.ports = free_ports(dict.fromkeys(("turns", "statistics", "redis"), 0))
        self.run(pair.redis(self.ports["redis"], store))
        self.run(balancer.haproxy(self.ports["turns"], self.ports["statistics"], self._directory))
        settings = Settings(options.programs / "turnomatic", self.ports["redis"], self._directory,
                            options.processors_per_instance, self._rule.scrape_seconds,
                            self._rule.rate_seconds)
        control = balancer.Balancer(balancer.socket_in(self._directory))
        self.fleet = self._stack.enter_context(Fleet(control, settings, self._rule, self._tell))
        self._begin = time.monotonic()
        self._autoscaler = Autoscaler(self._rule)
        self.fleet.scale_to(self._rule.least, self._begin)
        while not self.fleet.is_settled():
            self._look()

    def _tell(self, text):
        say(f"{time.monotonic() - self._begin:6.1f} s  {text}")

    def _look(self):
        if self.is_over():
            raise Interrupted("the run")
        self.fleet.look(time.monotonic())
        time.sleep(LOOK_SECONDS)

    def follow_the_load(self):
        """Until the load is over and what it left to do is done."""
        url = f"http://127.0.0.1:{self.ports['turns']}"
        self.load = self._stack.enter_context(load.Load(
            self._options.programs / "turnomatic-bench", url, self._options.steps, self._directory))
        self._begin = due = time.monotonic()
        while self._look_at_load():
            if time.monotonic() >= due:
                due += self._rule.sync_seconds
                self._decide(time.monotonic())
            self._look()
        self.ended = time.monotonic()
        while self.fleet.count(State.DRAINING, State.ENDING, State.ENDED):
            if time.monotonic() > self.ended + SETTLE_SECONDS:
                raise StartFailed("instances do not end")
            self._look()

    def _look_at_load(self):
        begun = len(self.load.begun)
        goes_on = self.load.look(time.monotonic())
        if len(self.load.begun) > begun:
            self._tell(f"load: {self._options.steps[begun].rate} turns a second")
        return goes_on

    def _decide(self, now):
        fleet, current = self.fleet, self.fleet.target
        instances = fleet.instances(now)
        decision = self._autoscaler.decide(now, current, instances)
        if decision.desired != current:
            self.changes.append((now, current, decision.desired))
            self._tell(f"{current} -> {decision.desired} instances; " + ", ".join(
                f"{name} asks for {number}" for name, number in decision.wanted.items()))
            fleet.scale_to(decision.desired, now)
        known = [number for number in decision.wanted.values() if number is not None]
        self.samples.append({
            "at_s": round(now - self._begin, 2), "desired": decision.desired,
            "recommended": max(known, default=None), "reason": decision.reason,
            "wanted": decision.wanted, "ready": fleet.ready(),
            "starting": fleet.count(State.STARTING),
            "leaving": fleet.count(State.DRAINING, State.ENDING, State.ENDED),
            "measured": {metric.name: report.mean([each.samples[metric.name].value for each in instances
                                                   if metric.name in each.samples])
                         for metric in self._rule.metrics}})

    def document(self):
        """All that there is to tell; report.py says in which form."""
        reports, begun = self.load.reports(), self.load.begun
        result = verdict.result_of(reports, self.load.prove(), load.taken(self.ports["turns"]),
                                   self.changes, begun)
        return report.document_of(self._options, self._rule, result, reports, self.changes,
                                  self.fleet.ends, self.samples,
                                  report.Times(self._begin, begun, self.ended))


def read_options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--programs", type=Path, metavar="DIRECTORY",
                        default=pair.DEPLOY.parent / "build/release",
                        help="where turnomatic and turnomatic-bench are (build/release)")
    parser.add_argument("--steps", default=STEPS,
                        help=f"the load, RATExSECONDS one after the other ({STEPS})")
    parser.add_argument("--turns-per-instance", type=float, default=500,
                        help="turns a second that an instance should carry (500)")
    parser.add_argument("--processors-per-instance", type=float, default=0.4,
                        help="processors that an instance is said to request (0.4)")
    parser.add_argument("--faster", type=float, default=10,
                        help="how many times less than in the rule everything takes (10)")
    parser.add_argument("--least", type=int, default=1, help="instances at least (1)")
    parser.add_argument("--most", type=int, help="instances at most (as the rule says)")
    parser.add_argument("--report", type=Path, metavar="DIRECTORY",
                        default=pair.DEPLOY.parent / "docs/reports",
                        help="where autoscaling.svg and autoscaling.json go (docs/reports)")
    options = parser.parse_args()
    try:
        options.steps = load.read_steps(options.steps)
    except ValueError as problem:
        parser.error(f"--steps: {problem}")
    for name, least, most in (("turns_per_instance", 1, 1e6), ("processors_per_instance", 0.001, 1000),
                              ("faster", 1, 60)):
        if not least <= getattr(options, name) <= most:
            parser.error(f"--{name.replace('_', '-')}: {least:g} to {most:g}")
    options.programs = programs_in(options.programs, parser)
    return options, parser


def followed_rule(options, parser):
    stated = rule.read_rule()
    least, most = options.least, stated.most if options.most is None else options.most
    if not 1 <= least <= most:
        parser.error("--least, --most: 1 at least, and not more than the most")
    followed = stated.between(least, most).with_turns(options.turns_per_instance).faster(options.faster)
    say(f"""the rule of {rule.SCALER_FILE.relative_to(pair.DEPLOY.parent)}, but for
    turns a second of an instance: {options.turns_per_instance:g} (there {stated.target(False):g})
    processors that an instance requests: {options.processors_per_instance:g}, of which it should use \
{stated.target(True):.0%} as there
    everything takes a {options.faster:g}th of the time: windows of \
{followed.up.window_seconds:g} s up and {followed.down.window_seconds:g} s down \
(there {stated.up.window_seconds:g} and {stated.down.window_seconds:g})
    instances: {least} to {most} (there {stated.least} to {stated.most})""")
    return followed


def main():
    options, parser = read_options()
    try:
        with Run(options, followed_rule(options, parser)) as run:
            run.end_on_signals()
            run.start()
            run.follow_the_load()
            document = run.document()
    except Interrupted:
        say("ended before the load was over: nothing is shown")
        return 1
    except (StartFailed, balancer.BalancerError, load.LoadFailed, rule.RuleError) as problem:
        say(f"autoscale: {problem}")
        return 1
    report.write(document, options.report)
    say(document["outcome"])
    say(f"written to {options.report / 'autoscaling.svg'} and autoscaling.json")
    for complaint in (found := verdict.complaints(document["result"])):
        say(f"NOT SHOWN: {complaint}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
