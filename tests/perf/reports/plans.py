"""Tables of what follows from figures and assumptions: fleets, cost, availability; and what was done before."""

import availability
import capacity
import setups
import summaries
from setups import BALANCER, HTTP_ALONE, MEMORY, REDIS, REDIS_IDS, SERVICE, STORE, TCP_ALONE
from summaries import number, table


def fleets(document, given, which):
    rows = []
    for asked, mode, cost, hot_us in summaries.capacity_cases(document):
        for rate in given["rates"][which]:
            each = capacity.fleet(rate, cost, given, hot_us)
            rows.append([f"{rate:,}", asked, mode, number(each.service_cores, 2), str(each.instances),
                         number(each.store_cores, 2), number(each.shards), number(each.balancer_cores, 2),
                         number(each.balancers), f"{each.vcpus:,}", number(each.month)])
    return table(["requests/s", "asking for", "balancer", "service cores", "instances",
                  "store cores", "shards", "balancer cores", "balancers", "vCPUs",
                  "USD a month"], rows)


def without_balancer(document, given):
    """At layer 4 the balancer ends no connection: network, not CPU."""
    cost = summaries.chain_cost(document, REDIS_IDS, None)
    rows = []
    for rate in given["rates"]["today"] + given["rates"]["paper"]:
        each = capacity.fleet(rate, cost, given)
        packets = rate * given["packets_a_request"]
        forwarders = max(given["balancers_min"],
                         capacity.whole(packets / given["layer4_packets_a_second"]
                                        / given["cpu_share_max"]))
        bits = rate * given["bytes_a_request"] * 8 / 1e9
        rows.append([f"{rate:,}", str(each.instances), str(each.shards), number(packets / 1e6, 1),
                     str(forwarders), number(bits, 1)])
    return table(["requests/s", "instances", "shards", "packets/s, millions",
                  "layer-4 forwarders", "Gbit/s"], rows)


def hot_ids(document, given):
    cost = summaries.chain_cost(document, REDIS, None)
    command_us = summaries.cost_of(document, REDIS_IDS)[STORE]
    rows = []
    for rate in given["rates"]["today"] + given["rates"]["paper"]:
        each = capacity.hot_id(rate, cost, given, command_us)
        rows.append([f"{rate:,}", f"{each.lanes:,}", number(each.cycle_ms, 1),
                     number(each.turns_a_batch)])
    return table(["requests/s for one id", "lanes", "cycle ms", "turns a batch"], rows)


def prices(given):
    named = (("price_vcpu_hour", "USD for a virtual processor and hour"),
             ("hours_a_month", "hours a month"), ("cpu_share_max", "share of a core that is used at most"),
             ("instance_vcpus", "virtual processors of an instance"),
             ("shard_vcpus", "of a machine of Redis"), ("balancer_vcpus", "of a balancer"),
             ("instances_min", "instances at least"), ("balancers_min", "balancers at least"),
             ("round_trip_us", "µs from an instance to the store and back"),
             ("bytes_a_request", "bytes on the wire, request and answer"),
             ("packets_a_request", "packets of a request and its answer"),
             ("layer4_packets_a_second", "packets a second of a layer-4 forwarder"),
             ("price_gb_between_zones", "USD for a gigabyte between zones"),
             ("share_between_zones", "share of requests that cross zones"))
    return table(["assumption", "value"], [[words, f"{given[name]:,}"] for name, words in named])


def traffic(given):
    rows = []
    for rate in given["rates"]["today"] + given["rates"]["paper"]:
        gigabytes = (rate * given["bytes_a_request"] * given["hours_a_month"] * 3600 / 1e9
                     * given["share_between_zones"])
        rows.append([f"{rate:,}", number(gigabytes / 1e3, 1),
                     number(gigabytes * given["price_gb_between_zones"])])
    return table(["requests/s, all month", "TB between zones", "USD a month"], rows)


def threads(document):
    """What one core of each role carries when it does nothing else."""
    rows = []
    for name, role, words in ((MEMORY, SERVICE, "instance, counters in memory"),
                              (REDIS, SERVICE, "instance, one hot id in Redis"),
                              (REDIS_IDS, SERVICE, f"instance, {setups.MANY_IDS:,} ids in Redis"),
                              (REDIS, STORE, "Redis, one hot id, in these batches"),
                              (REDIS_IDS, STORE, f"Redis, {setups.MANY_IDS:,} ids"),
                              (TCP_ALONE, BALANCER, "HAProxy, tcp mode"),
                              (HTTP_ALONE, BALANCER, "HAProxy, http mode")):
        cost = summaries.cost_of(document, name)[role]
        rows.append([words, number(cost, 2), number(capacity.one_thread_rate(cost)) if cost else "-",
                     number(200_000 * cost / 1e6, 1)])
    return table(["role", "CPU µs/request", "requests/s of a core", "cores at 200,000/s"], rows)


def chains(assumptions):
    kinds = assumptions["parts"]
    rows = []
    for name, share, parts in availability.evaluate(kinds, assumptions["chains"]):
        worst = max(parts, key=lambda part: part[2])
        rows.append([name, availability.nines(share),
                     number(availability.minutes_a_month(share), 1),
                     f"{kinds[worst[0]]['title']} ({100 * worst[2] / share:.0f} %)"])
    return table(["chain", "available", "minutes down in 30 days", "most of it"], rows)


def parts(assumptions):
    rows = []
    for each in assumptions["parts"].values():
        single = availability.unavailability(each["days_between_failures"], each["minutes_to_repair"])
        rows.append([each["title"], number(each["days_between_failures"]),
                     f"{each['minutes_to_repair']:g}", f"{each.get('common_cause', 0):g}",
                     availability.nines(single)])
    return table(["part", "days between failures", "minutes to repair", "common cause",
                  "available"], rows)


def arithmetic(assumptions, index):
    """One chain, written out."""
    name, share, found = availability.evaluate(assumptions["parts"], assumptions["chains"])[index]
    lines = [f"{1 - single:.7f}  {count} x {assumptions['parts'][part]['title']}"
             for part, count, single in found]
    return "\n".join([f"    {lines[0]}", *(f"  x {line}" for line in lines[1:]),
                      f"  = {1 - share:.7f}  {name}"])


def history(entries):
    def source(each):
        text = each["source"]
        if text.startswith("docs/adr/"):
            return f"[ADR {int(text[9:13])}](../adr/{text[9:]})"
        return f"commit \"{text}\""
    rows = [[each["what"], each["measured"], each["before"], each["after"], source(each)]
            for each in entries]
    return table(["what", "measured", "before", "after", "source"], rows)
