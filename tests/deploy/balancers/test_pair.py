"""Two instances on one Redis, behind HAProxy and behind nginx, with the files of deploy/: what a rolling
restart, a sudden end and a third instance cost those who ask by POST while it happens."""

import os
import signal
import time
import unittest

from running_pair import CONNECTIONS, WORKERS, RunningPair, failed, wait_for

import pair

# Longer than a drain takes: 5 s, then what idle connections are given.
EXIT_SECONDS = 25.0


def needs(program):
    try:
        pair.find(program)
    except pair.StartFailed as missing:
        return unittest.skip(str(missing))
    return lambda tests: tests


@needs("redis-server")
@unittest.skipUnless({"TURNOMATIC", "TURNOMATIC_BENCH"} <= os.environ.keys(),
                     "TURNOMATIC and TURNOMATIC_BENCH are not set")
class PairTest:
    """What holds behind both. `reload` is the signal that makes the balancer read its files again;
    `losses` is how many requests a caller may lose in a row when an instance is killed."""

    def setUp(self):
        self.pair = self.enterContext(RunningPair(self.name))

    def says(self):
        return f"\n{self.pair.last_words()}"

    def assert_nothing_happened(self, report):
        """To the callers: each request got its turn, in order, none twice and none missing."""
        self.assertEqual([each["status"] for each in report["answers"]], [200],
                         f"{report['answers']}{self.says()}")
        self.assertEqual(set(report["failures"].values()), {0}, f"{report['failures']}{self.says()}")
        self.assertEqual(report["load"]["requests"], report["load"]["turns"])
        proof = report["proof"]
        self.assertEqual((proof["conclusion"], proof["violations"], proof["missing"],
                          proof["unknown_outcomes"]), ("proven", 0, 0, 0))

    def test_requests_are_balanced_over_both(self):
        load = self.pair.load()
        wait_for("turns", lambda: self.pair.issued(1) + self.pair.issued(2) > 2000)
        report = load.end()
        self.assert_nothing_happened(report)
        for number in (1, 2):
            self.assertGreater(self.pair.issued(number), report["load"]["turns"] * 0.3)

    def test_a_rolling_restart_costs_no_request_and_no_turn(self):
        load = self.pair.load()
        for number, instance in enumerate(self.pair.instances, 1):
            self.pair.wait_until_it_counts(number)
            instance.signal(signal.SIGTERM)
            self.assertEqual(instance.wait(EXIT_SECONDS), 0, self.says())
            instance.start()
            self.pair.wait_until_it_counts(number)
        report = load.end()
        self.assert_nothing_happened(report)
        burned = self.pair.taken() - report["proof"]["turns"]
        print(f"{self.name}, rolling restart: {report['load']['requests']} requests, "
              f"{failed(report)} failed, {burned} burned, {report['proof']['duplicates']} duplicates, "
              f"{report['proof']['missing']} missing")
        self.assertEqual(burned, 0)

    def test_a_sudden_end_costs_at_most_what_was_under_way_there(self):
        load = self.pair.load()
        killed = self.pair.instances[0]
        for number in (1, 2):
            self.pair.wait_until_it_counts(number)
        killed.signal(signal.SIGKILL)
        killed.wait(EXIT_SECONDS)
        time.sleep(0.5)
        report = load.end()
        lost = self.check_what_was_under_way(report)
        # Those who come now are not concerned, though it is still away, nor is anybody by its return.
        load = self.pair.load()
        time.sleep(3)
        killed.start()
        self.pair.wait_until_it_counts(1)
        later = load.end()
        self.assert_nothing_happened(later)
        burned = self.pair.taken() - report["proof"]["turns"] - later["proof"]["turns"]
        print(f"{self.name}, sudden end: {report['load']['requests']} requests, {lost} failed, "
              f"{burned} turns lost with them; then {later['load']['requests']}, 0 failed")
        # Each caller waited for one turn at most, and what came later was never read.
        self.assertLessEqual(burned, min(lost, CONNECTIONS))

    def check_what_was_under_way(self, report):
        """How many failed: at most `losses` on each connection of a caller."""
        lost = failed(report)
        self.assertLessEqual(lost, CONNECTIONS * self.losses, self.says())
        self.assertLessEqual({each["status"] for each in report["answers"]}, {200, 502}, self.says())
        self.assertEqual({why for why, count in report["failures"].items() if count} - {"cut"}, set())
        proof = report["proof"]
        self.assertEqual((proof["conclusion"], proof["violations"], proof["duplicates"],
                          proof["unexplained"]), ("proven", 0, 0, 0))
        self.assertLessEqual(proof["missing"], min(lost, CONNECTIONS))
        return lost

    def test_a_third_instance_is_one_line_more(self):
        load = self.pair.load()
        self.pair.wait_until_it_counts(1)
        self.pair.start_instance(3)
        self.pair.add_to_balancer(3, self.pair.directory / self.instances_file, self.reload)
        self.pair.wait_until_it_counts(3)
        report = load.end()
        self.check_reload(report)
        self.assertEqual(self.pair.taken(), report["proof"]["turns"])


@needs("haproxy")
class HaproxyTest(PairTest, unittest.TestCase):
    name, instances_file, reload = "haproxy", "instances.cfg", signal.SIGUSR2
    # The kernel ends the connections of a killed process before its listeners, each of which may take
    # one more request that nobody will read. HAProxy takes the instance out by its next checks.
    losses = 1 + WORKERS

    def check_reload(self, report):
        self.assert_nothing_happened(report)


@needs("nginx")
class NginxTest(PairTest, unittest.TestCase):
    name, instances_file, reload = "nginx", "turnomatic.conf", signal.SIGHUP
    # The first error keeps all others away for a second.
    losses = 1

    def check_reload(self, report):
        """nginx closes the idle connections of callers. A request that crosses that is cut; no instance
        has seen it."""
        print(f"nginx, reload: {report['load']['requests']} requests, {failed(report)} cut")
        self.check_what_was_under_way(report)
        self.assertEqual(report["proof"]["missing"], 0)


if __name__ == "__main__":
    unittest.main()
