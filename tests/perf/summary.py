"""From raw rounds to medians, paired ratios and verdicts."""

from statistics import median

import scenarios

FLOOR = "floor"
SERVER = "turnomatic"
OURS = (SERVER, scenarios.REDIS)
WEBDIS = "webdis"
LOAD_FIGURES = ("rate", "p50_us", "p99_us", "cpu_us", "service_cpu_us", "store_cpu_us",
                "server_cores_busy", "ids_a_packet", "turns_a_packet", "commands_a_packet",
                "bytes_a_packet", "ping_us")
OUTAGE_FIGURES = ("rate", "p50_us", "p99_us", "store_takes", "recovery_ms")
MEMORY_FIGURES = ("bytes_each",)
FIGURES = {"load": LOAD_FIGURES, "outage": OUTAGE_FIGURES}  # of the others: memory
# What the server is held to: (scenario, contender, workers, figure, limit, in words).
TARGETS = [
    (scenarios.HEADLINE, SERVER, 1, "ratio_to_floor", 1.10, "CPU per request, of the floor"),
    ("many_ids", SERVER, 1, "ratio_to_floor", 1.20, "CPU per request, 100,000 ids, of the floor"),
    ("workers", SERVER, 2, "ratio_to_one_worker", 1.05, "CPU per request of two workers, of one"),
    ("idle_memory", SERVER, 1, "bytes_each", 512, "bytes per idle connection"),
    ("counter_memory", SERVER, 1, "bytes_each", 128, "bytes per counter, id of 16 characters"),
    ("counter_memory_64", SERVER, 1, "bytes_each", 128, "bytes per counter, id of 64 characters"),
    *((scenario, scenarios.REDIS, 1, figure, limit, f"CPU of {words}, {ids} in Redis, of {whom}")
      for scenario, ids, to_floor, to_webdis in ((scenarios.REDIS_ONE_ID, "one id", 1.30, 0.45),
                                                 (scenarios.REDIS_1000_IDS, "1,000 ids", 1.50, 0.65),
                                                 (scenarios.REDIS_MANY_IDS, "100,000 ids", 1.50, 0.65))
      for figure, limit, words, whom in (
          ("service_ratio_to_floor", to_floor, "the service per request", "the floor"),
          ("ratio_to_webdis", to_webdis, "service and Redis per request", "webdis and its Redis"))),
    (scenarios.REDIS_COUNTER_MEMORY, scenarios.REDIS, scenarios.REDIS_COUNTER_WORKERS, "bytes_each",
     110, "bytes per counter in Redis, id of 16 characters"),
    (scenarios.REDIS_OUTAGE, scenarios.REDIS, 1, "p99_us", 1000,
     "µs at the 99th percentile of refusals while Redis stands still"),
    (scenarios.REDIS_OUTAGE, scenarios.REDIS, 1, "recovery_ms", 1000,
     "ms from the return of Redis to the first turn"),
]


def paired_ratio(rounds, of, to, figure="cpu_us"):
    """Median, least and greatest of the ratios within a round; None without a pair.

    `of` and `to` are (contender, workers). The level of a machine drifts from round to round;
    what two servers cost in the same round is comparable, two medians are less so.
    """
    return spread(mine[figure] / theirs[figure] for mine, theirs in pairs_of(rounds, of, to)
                  if theirs[figure] > 0)


def round_trip_ratio(rounds, of, to):
    """The same for the latency of a contender whose store was pinged, to what the exchange and
    one round trip to the store take by themselves: the latency of `to` plus a PING."""
    return spread(mine["p50_us"] / (theirs["p50_us"] + mine["ping_us"])
                  for mine, theirs in pairs_of(rounds, of, to)
                  if mine.get("ping_us") and mine["p50_us"] and theirs["p50_us"])


def pairs_of(rounds, of, to):
    """The valid measurements of two (contender, workers) that took place in the same round."""
    def by_round(which):
        return {raw["round"]: raw for raw in rounds
                if raw["valid"] and (raw["contender"], raw["workers"]) == which}

    mine, theirs = by_round(of), by_round(to)
    return [(mine[number], theirs[number]) for number in sorted(mine.keys() & theirs.keys())]


def spread(ratios):
    found = list(ratios)
    if not found:
        return None
    return {"median": median(found), "least": min(found), "greatest": max(found),
            "pairs": len(found)}


def median_or_none(values):
    known = [value for value in values if value is not None]
    return median(known) if known else None


def row(contender, workers, rounds, kind):
    """One line of the table: a contender with a number of workers in one scenario."""
    mine = [raw for raw in rounds
            if (raw["contender"], raw["workers"]) == (contender, workers)]
    valid = [raw for raw in mine if raw["valid"]]
    figures = FIGURES.get(kind, MEMORY_FIGURES)
    result = {"contender": contender, "workers": workers, "rounds": len(mine),
              "rounds_valid": len(valid), "skipped": None,
              "reasons": sorted({raw["reason"] for raw in mine if not raw["valid"]})}
    result |= {figure: median_or_none(raw.get(figure) for raw in valid) for figure in figures}
    if kind == "load":
        of = (contender, workers)
        result["ratio_to_floor"] = paired_ratio(rounds, of, (FLOOR, workers))
        result["service_ratio_to_floor"] = paired_ratio(rounds, of, (FLOOR, workers),
                                                        "service_cpu_us")
        result["ratio_to_webdis"] = paired_ratio(rounds, of, (WEBDIS, workers))
        result["ratio_to_round_trips"] = round_trip_ratio(rounds, of, (FLOOR, workers))
        if workers > 1:
            result["ratio_to_one_worker"] = paired_ratio(rounds, of, (contender, 1))
    return result


def skipped_row(contender, workers, reason):
    return {"contender": contender, "workers": workers, "rounds": 0, "rounds_valid": 0,
            "skipped": reason, "reasons": []}


def scenario_result(scenario, skipped, names, rounds):
    """`skipped`: {contender: reason}; `names`: all contenders, in the order of the table."""
    rows = []
    for workers in scenario.workers:
        for name in names:
            rows.append(skipped_row(name, workers, skipped[name]) if name in skipped
                        else row(name, workers, rounds, scenario.kind))
    return {"name": scenario.name, "title": scenario.title, "kind": scenario.kind,
            "connections": scenario.connections, "unit": scenario.unit, "rows": rows,
            "charted": scenario.charted, "rounds": rounds}


def find_row(results, scenario, contender, workers):
    for result in results:
        for each in result["rows"]:
            if (result["name"], each["contender"], each["workers"]) == (
                    scenario, contender, workers):
                return each
    return None


def figure_of(result_row, figure):
    value = result_row.get(figure) if result_row else None
    return value["median"] if isinstance(value, dict) else value


def verdicts(results, quick=False):
    """Every target, met or missed or, as plainly, not measured."""
    lines = []
    for scenario, server, workers, figure, limit, words in TARGETS:
        value, floor = (figure_of(find_row(results, scenario, contender, workers), figure)
                        for contender in (server, FLOOR))
        if value is None:
            verdict = "not measured"
        elif quick:
            verdict = "too quick to tell"
        else:
            verdict = "met" if value <= limit else "missed"
        lines.append({"scenario": scenario, "target": words, "limit": limit, "value": value,
                      "floor": floor, "verdict": verdict})
    return lines


def problems(results, examined, required):
    """What a reader must not overlook: required contenders that did not take part, and rounds
    that do not count."""
    lines = [f"{name} was not measured ({each['skipped']})" for name, each in examined.items()
             if name in required and each["skipped"]]
    for result in results:
        for each in result["rows"]:
            invalid = each["rounds"] - each["rounds_valid"]
            if invalid:
                lines.append(f"{result['name']}: {invalid} of {each['rounds']} rounds of "
                             f"{each['contender']} invalid ({'; '.join(each['reasons'])})")
    return lines
