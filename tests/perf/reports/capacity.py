"""How much of what carries so many turns a second, and what it costs: from CPU time per request as measured
and from the assumptions in docs/reports/data/assumptions.toml."""

import math
from dataclasses import dataclass

MICROSECONDS = 1e6


@dataclass(frozen=True)
class Cost:
    """CPU time of a request, in microseconds."""
    service: float
    store: float
    balancer: float


@dataclass(frozen=True)
class Fleet:
    rate: float
    service_cores: float
    instances: int
    store_cores: float
    shards: int
    balancer_cores: float
    balancers: int
    vcpus: int
    month: float  # in the currency of the assumptions


def whole(value):
    """Rounded up, but not for what arithmetic leaves behind the twelfth digit."""
    return math.ceil(round(value, 9))


def cores(rate, microseconds):
    return rate * microseconds / MICROSECONDS


def machines(busy_cores, share_max, vcpus, least):
    """How many of so many virtual processors, none busier than that share."""
    return max(least, whole(busy_cores / share_max / vcpus))


def instances_for(rate, cost, given):
    return machines(cores(rate, cost.service), given["cpu_share_max"], given["instance_vcpus"],
                    given["instances_min"])


@dataclass(frozen=True)
class HotId:
    rate: float
    lanes: int
    turns_a_batch: float
    cycle_ms: float
    store_cores: float


def hot_id(rate, cost, given, command_us):
    """One id for everybody: each lane has one command under way, and all that comes meanwhile is in the
    next. A cycle is a round trip, or the time that the store takes for one command of each lane if that is
    longer; so the store's work does not grow with the requests any more."""
    lanes = instances_for(rate, cost, given) * given["instance_vcpus"]
    cycle_us = max(given["round_trip_us"] + command_us, lanes * command_us)
    batch = max(1.0, rate * cycle_us / MICROSECONDS / lanes)
    return HotId(rate, lanes, batch, cycle_us / 1e3, cores(rate / batch, command_us))


def fleet(rate, cost, given, hot_command_us=None):
    """What is needed for so many requests a second; `given` are the assumptions of capacity. With
    `hot_command_us` they are all for one id, which has one place however many they are."""
    share = given["cpu_share_max"]
    instances = instances_for(rate, cost, given)
    if hot_command_us:
        store, shards = hot_id(rate, cost, given, hot_command_us).store_cores, 1
    else:
        # Redis executes commands on one thread: a shard is one core of commands, however large its machine.
        store = cores(rate, cost.store)
        shards = max(1, whole(store / share))
    balancer = cores(rate, cost.balancer)
    balancers = (machines(balancer, share, given["balancer_vcpus"], given["balancers_min"])
                 if cost.balancer else 0)
    vcpus = (instances * given["instance_vcpus"] + shards * given["shard_vcpus"]
             + balancers * given["balancer_vcpus"])
    return Fleet(rate, cores(rate, cost.service), instances, store, shards, balancer, balancers, vcpus,
                 vcpus * given["price_vcpu_hour"] * given["hours_a_month"])


def one_thread_rate(microseconds, share=1.0):
    """Requests a second that one core carries, so busy."""
    return share * MICROSECONDS / microseconds
