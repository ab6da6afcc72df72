"""What a run has shown, and whether it is what was promised."""

# Of the requests, those that may have been due and had no connection before their step ended. A pause of
# the machine in the last moment of a step is no failure; callers that find nobody free are.
OVERDUE_SHARE_MAX = 0.01


def step_at(begun, when):
    """The number of the step of load that was on; the last one goes on for ever."""
    return max(0, sum(start <= when for start in begun) - 1)


def flaps(changes, begun):
    """How often the number of instances turned round within one step of load: what the load does not
    ask for. `changes` are (when, from, to)."""
    directions = {}  # {step: what it did last}
    found = 0
    for when, before, after in changes:
        step, direction = step_at(begun, when), after > before
        found += directions.get(step, direction) != direction
        directions[step] = direction
    return found


def failed_requests(reports):
    """Those that brought their caller no turn."""
    return sum(report["load"]["requests"] - report["load"]["turns"] + report["failures"]["connect"]
               + report["failures"]["tls"] for report in reports)


def result_of(reports, proof, taken, changes, begun):
    numbers = [number for _, before, after in changes for number in (before, after)]
    return {
        "requests": sum(report["load"]["requests"] for report in reports),
        "failed": failed_requests(reports),
        "overdue": sum(report["load"]["overdue"] for report in reports),
        "proof": proof["conclusion"],
        "turns": proof["turns"],
        "violations": proof["violations"],
        "duplicates": proof["duplicates"],
        "missing": proof["missing"],
        "unknown_outcomes": proof["unknown_outcomes"],
        # Of the counters in Redis, what no caller has.
        "burned": taken - proof["turns"],
        "changes": len(changes),
        "flaps": flaps(changes, begun),
        "least": min(numbers, default=0),
        "most": max(numbers, default=0),
        "last": numbers[-1] if numbers else 0,
    }


def complaints(result):
    """What was promised and did not hold."""
    found = [f"{result[name]} {words}" for name, words in (
        ("failed", "requests failed"), ("violations", "violations"), ("missing", "turns missing"),
        ("unknown_outcomes", "requests of unknown outcome"), ("burned", "turns reached nobody"),
        ("flaps", "times the number turned round within a step of load")) if result[name]]
    if result["overdue"] > OVERDUE_SHARE_MAX * result["requests"]:
        found.append(f"{result['overdue']} requests were due and never sent")
    if result["proof"] != "proven":
        found.append(f"the turns are {result['proof']}")
    return found
