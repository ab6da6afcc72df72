"""The fitted model, availability and capacity."""

import random
import unittest

import availability
import capacity
import usl

GIVEN = {"cpu_share_max": 0.5, "instance_vcpus": 2, "instances_min": 2, "shard_vcpus": 2,
         "balancer_vcpus": 4, "balancers_min": 2, "round_trip_us": 1000, "price_vcpu_hour": 0.04,
         "hours_a_month": 730}


class UniversalScalabilityLaw(unittest.TestCase):
    SIZES = (1, 2, 4, 8, 16, 32, 64)

    def points(self, *shares, noise=0.0):
        drawn = random.Random(7)
        exact = usl.Model(*shares, 1.0)
        return [(size, exact.at(size) * drawn.uniform(1 - noise, 1 + noise)) for size in self.SIZES]

    def test_finds_the_shares_that_made_the_points(self):
        for shares in ((1000.0, 0.05, 0.0004), (1000.0, 0.0, 0.001), (1000.0, 0.1, 0.0),
                       (1000.0, 0.0, 0.0)):
            with self.subTest(shares):
                found = usl.fit(self.points(*shares))
                self.assertAlmostEqual(found.speed, shares[0], delta=0.01)
                self.assertAlmostEqual(found.contention, shares[1], places=6)
                self.assertAlmostEqual(found.coherence, shares[2], places=7)
                self.assertAlmostEqual(found.fit, 1.0, places=6)

    def test_bears_noise(self):
        found = usl.fit(self.points(1000.0, 0.05, 0.001, noise=0.03))
        self.assertAlmostEqual(found.contention, 0.05, delta=0.02)
        self.assertAlmostEqual(found.coherence, 0.001, delta=0.0003)
        self.assertGreater(found.fit, 0.95)

    def test_no_share_is_below_zero_even_if_the_points_grow_faster_than_the_sizes(self):
        found = usl.fit([(size, 1000.0 * size ** 1.2) for size in self.SIZES])
        self.assertEqual((found.contention, found.coherence), (0.0, 0.0))

    def test_the_peak_is_where_more_give_less(self):
        model = usl.fit(self.points(1000.0, 0.02, 0.002))
        self.assertGreater(model.at(model.peak), model.at(model.peak * 0.9))
        self.assertGreater(model.at(model.peak), model.at(model.peak * 1.1))
        self.assertIsNone(usl.fit(self.points(1000.0, 0.1, 0.0)).peak)

    def test_too_few_points_and_impossible_ones_are_refused(self):
        for points in ([(1, 1.0), (2, 2.0)], [(1, 1.0), (1, 2.0), (2, 3.0)],
                       [(1, 1.0), (2, 0.0), (3, 1.0)], [(0, 1.0), (1, 1.0), (2, 1.0)]):
            with self.subTest(points), self.assertRaises(ValueError):
                usl.fit(points)


class Availability(unittest.TestCase):
    def test_one_part(self):
        self.assertAlmostEqual(availability.unavailability(1, 1440), 0.5)
        self.assertEqual(availability.unavailability(1, 0), 0)
        for wrong in ((0, 1), (-1, 1), (1, -1)):
            with self.assertRaises(ValueError):
                availability.unavailability(*wrong)

    def test_parts_in_a_row_multiply(self):
        self.assertAlmostEqual(availability.chain([0.1, 0.2]), 1 - 0.9 * 0.8)
        self.assertEqual(availability.chain([]), 0)

    def test_of_two_either_will_do(self):
        self.assertAlmostEqual(availability.group(0.1, 2), 0.01)
        self.assertAlmostEqual(availability.group(0.1, 2, needed=2), 1 - 0.81)

    def test_of_three_two_must_be_up(self):
        self.assertAlmostEqual(availability.group(0.1, 3, needed=2), 3 * 0.9 * 0.01 + 0.001)

    def test_a_common_cause_cannot_be_doubled_away(self):
        self.assertAlmostEqual(availability.group(0.1, 5, common=1.0), 0.1)
        self.assertGreater(availability.group(0.001, 2, common=0.05), 0.00005)
        self.assertEqual(availability.group(0.1, 1, common=0.5), 0.1)

    def test_what_makes_no_sense_is_refused(self):
        for wrong in ((0.1, 0), (0.1, 2, 3), (0.1, 2, 0), (1.0, 1), (0.1, 2, 1, 1.5)):
            with self.subTest(wrong), self.assertRaises(ValueError):
                availability.group(*wrong)

    def test_as_people_write_it(self):
        self.assertEqual(availability.nines(0.001), "99.900 %")
        self.assertEqual(availability.nines(0.00001), "99.99900 %")
        self.assertAlmostEqual(availability.minutes_a_month(0.001), 43.2)

    def test_a_chain_of_a_table(self):
        kinds = {"a": {"days_between_failures": 1, "minutes_to_repair": 160},
                 "b": {"days_between_failures": 1, "minutes_to_repair": 160, "common_cause": 0.0}}
        [(name, share, parts)] = availability.evaluate(
            kinds, [{"name": "both", "parts": [{"of": "a"}, {"of": "b", "count": 2}]}])
        self.assertEqual((name, [each[:2] for each in parts]), ("both", [("a", 1), ("b", 2)]))
        self.assertAlmostEqual(share, 1 - 0.9 * 0.99)


class Capacity(unittest.TestCase):
    COST = capacity.Cost(service=5.0, store=2.0, balancer=20.0)

    def test_a_fleet_by_hand(self):
        found = capacity.fleet(1_000_000, self.COST, GIVEN)
        self.assertEqual((found.service_cores, found.instances), (5.0, 5))
        self.assertEqual((found.store_cores, found.shards), (2.0, 4))
        self.assertEqual((found.balancer_cores, found.balancers), (20.0, 10))
        self.assertEqual(found.vcpus, 10 + 8 + 40)
        self.assertAlmostEqual(found.month, 58 * 0.04 * 730)

    def test_never_fewer_than_two_where_one_may_go(self):
        found = capacity.fleet(1, self.COST, GIVEN)
        self.assertEqual((found.instances, found.shards, found.balancers), (2, 1, 2))

    def test_without_a_balancer_there_is_none(self):
        self.assertEqual(capacity.fleet(1_000_000, capacity.Cost(5.0, 2.0, 0.0), GIVEN).balancers, 0)

    def test_a_full_machine_is_not_rounded_up_to_the_next(self):
        self.assertEqual(capacity.machines(3 * 0.1 * 10, 0.5, 2, 1), 3)
        self.assertEqual(capacity.machines(3.01, 0.5, 2, 1), 4)

    def test_the_store_s_work_for_a_hot_id_grows_with_lanes(self):
        few = capacity.hot_id(1_000_000, self.COST, GIVEN, command_us=10)
        self.assertEqual(few.lanes, 10)
        self.assertAlmostEqual(few.cycle_ms, 1.01)
        self.assertAlmostEqual(few.turns_a_batch, 101)
        many = capacity.hot_id(100_000_000, self.COST, GIVEN, command_us=10)
        self.assertAlmostEqual(many.cycle_ms, many.lanes * 10 / 1000)
        # It is never more than the one thread that there is.
        self.assertAlmostEqual(few.store_cores, 10 * 10 / 1010)
        self.assertAlmostEqual(many.store_cores, 1.0)
        alone = capacity.hot_id(1, self.COST, GIVEN, 10)
        self.assertEqual((alone.turns_a_batch, alone.store_cores), (1.0, 10 / 1e6))

    def test_one_id_has_one_shard(self):
        found = capacity.fleet(100_000_000, self.COST, GIVEN, hot_command_us=10)
        self.assertEqual(found.shards, 1)
        self.assertEqual(found.instances, capacity.fleet(100_000_000, self.COST, GIVEN).instances)


if __name__ == "__main__":
    unittest.main()
