"""Instances behind HAProxy, for real, as they come, leave and are killed. TURNOMATIC and TURNOMATIC_BENCH
name the programs."""

import contextlib
import os
import signal
import tempfile
import time
import unittest
from pathlib import Path

import paths  # noqa: F401

import balancer
import load
import pair
import programs
from fleet import SHORT_LIFE_SECONDS, Fleet, Settings, State
from rule import read_rule
from sampling import TURNS, sums

# Far beyond what anything takes, for machines that have other work.
PATIENCE_SECONDS = 60.0
NEEDED = ("haproxy", "redis-server")


def is_missing(program):
    with contextlib.suppress(programs.StartFailed):
        return not pair.find(program)
    return True


@unittest.skipIf(any(map(is_missing, NEEDED)), f"one of {NEEDED} is not installed")
@unittest.skipUnless({"TURNOMATIC", "TURNOMATIC_BENCH"} <= os.environ.keys(),
                     "TURNOMATIC and TURNOMATIC_BENCH are not set")
class FleetTest(unittest.TestCase):
    def setUp(self):
        self.directory = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.ports = programs.free_ports(dict.fromkeys(("turns", "statistics", "redis"), 0))
        self.enterContext(pair.redis(self.ports["redis"], self.directory)).start()
        self.haproxy = self.enterContext(
            balancer.haproxy(self.ports["turns"], self.ports["statistics"], self.directory))
        self.haproxy.start()
        self.balancer = balancer.Balancer(balancer.socket_in(self.directory))
        self.said, self.later = [], 0.0

    def fleet(self, binary=None):
        settings = Settings(binary or os.environ["TURNOMATIC"], self.ports["redis"], self.directory, 0.4,
                            0.2, 2.0)
        return self.enterContext(Fleet(self.balancer, settings, read_rule(), self.said.append))

    def now(self):
        """A clock that a test may set forward by `later`."""
        return time.monotonic() + self.later

    def look_until(self, fleet, found):
        def look():
            fleet.look(self.now())
            return found()

        return programs.wait_for(f"the fleet, which has said {self.said}", look, PATIENCE_SECONDS)

    def scale(self, fleet, number):
        fleet.scale_to(number, self.now())
        self.look_until(fleet, fleet.is_settled)

    def start_load(self):
        steps = load.read_steps("400x60")
        callers = self.enterContext(load.Load(
            os.environ["TURNOMATIC_BENCH"], f"http://127.0.0.1:{self.ports['turns']}", steps,
            self.directory))
        callers.look(self.now())
        return callers

    def issued(self, member):
        return sums(programs.get(member.operations_port, "/metrics")[1])[TURNS]

    def test_they_come_and_go_in_the_balancer_too(self):
        fleet = self.fleet()
        for number in (1, 3, 1, 0, 2):
            self.scale(fleet, number)
            servers = self.balancer.servers()
            self.assertEqual(len(servers), number)
            self.assertTrue(all(server.is_up for server in servers.values()))
        # The oldest stayed, and nobody's name is used again.
        self.assertEqual(sorted(servers), ["instance-4", "instance-5"])
        self.assertEqual([end["status"] for end in fleet.ends], [0, 0, 0])

    def test_one_that_is_drained_gets_no_request_and_goes_on_for_those_that_it_has(self):
        fleet = self.fleet()
        self.scale(fleet, 2)
        self.start_load()
        staying, leaving = fleet.members
        self.look_until(fleet, lambda: min(map(self.issued, (staying, leaving))) > 100)
        fleet.scale_to(1, self.now())
        self.look_until(fleet, lambda: leaving.state is State.ENDING)
        # It answers for drain.delay (5 s) from now on, should anybody ask.
        before, others = self.issued(leaving), self.issued(staying)
        self.look_until(fleet, lambda: self.issued(staying) > others + 400)
        self.assertEqual(self.issued(leaving), before)
        self.look_until(fleet, fleet.is_settled)
        self.assertEqual(list(self.balancer.servers()), [staying.name])

    def test_one_that_is_started_and_not_wanted_any_more_ends(self):
        fleet = self.fleet()
        fleet.scale_to(2, self.now())
        fleet.scale_to(1, self.now())
        self.look_until(fleet, fleet.is_settled)
        self.assertEqual(list(self.balancer.servers()), ["instance-1"])

    def test_one_that_is_killed_is_replaced(self):
        fleet = self.fleet()
        self.scale(fleet, 2)
        self.later = SHORT_LIFE_SECONDS
        fleet.members[0].program.signal(signal.SIGKILL)
        self.look_until(fleet, lambda: "instance-3" in self.balancer.servers() and fleet.is_settled())
        self.assertEqual(sorted(self.balancer.servers()), ["instance-2", "instance-3"])
        self.assertIn("instance-1 ended by itself with status -9; another takes its place", self.said)

    def test_one_that_ends_again_and_again_is_an_error(self):
        fleet = self.fleet()
        self.scale(fleet, 1)
        fleet.members[0].program.signal(signal.SIGKILL)
        with self.assertRaisesRegex(programs.StartFailed, "instance-1 ended with status -9"):
            self.look_until(fleet, lambda: False)

    def test_one_that_does_not_start_is_an_error(self):
        fleet = self.fleet("/bin/false")
        fleet.scale_to(1, self.now())
        with self.assertRaisesRegex(programs.StartFailed, "instance-1 did not start"):
            self.look_until(fleet, lambda: False)

    def test_what_they_do_is_measured(self):
        fleet = self.fleet()
        self.scale(fleet, 2)
        self.start_load()

        def measured():
            found = fleet.instances(self.now())
            both = "cpu", "turnomatic_turns_issued_per_second"
            return found if all(each.ready and each.samples.keys() == set(both) and
                                each.samples[both[0]].value > 0 and each.samples[both[1]].value > 100
                                for each in found) else None

        for each in self.look_until(fleet, measured):
            # One worker, of the 0.4 processors that it is said to request.
            self.assertLess(each.samples["cpu"].value, 1.1 / 0.4)

    def test_a_command_that_haproxy_refuses_is_an_error(self):
        with self.assertRaisesRegex(balancer.BalancerError, "No such server"):
            self.balancer.drain("instance-9")
        self.haproxy.stop()
        with self.assertRaisesRegex(balancer.BalancerError, "does not answer"):
            self.balancer.servers()


if __name__ == "__main__":
    unittest.main()
