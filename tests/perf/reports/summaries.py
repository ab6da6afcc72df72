"""From raw rounds to medians with their spread, and to the costs and models that follow from them."""

from statistics import median

import capacity
import setups
import usl
from setups import (BALANCER, FLOOR, HTTP_ALONE, MEMORY, REDIS, REDIS_IDS, ROLES, SERVICE, STORE,
                    TCP_ALONE)

ABSENT = "-"


def valid(rounds, **of):
    return [each for each in rounds if each["valid"]
            and all(each[name] == value for name, value in of.items())]


def values_of(rounds, *path):
    """What each round has at that path, where it has something."""
    found = []
    for each in rounds:
        for name in path:
            each = each.get(name) if each is not None else None
        if each is not None:
            found.append(each)
    return found


def middle(rounds, *path):
    found = values_of(rounds, *path)
    return median(found) if found else None


def number(value, digits=0):
    return ABSENT if value is None else f"{value:,.{digits}f}"


def spread(found, digits=0):
    """The median, then the least and the greatest of the rounds."""
    if not found:
        return ABSENT
    if len(found) == 1:
        return number(found[0], digits)
    return (f"{number(median(found), digits)} "
            f"({number(min(found), digits)}-{number(max(found), digits)})")


def ms(found_us):
    """Milliseconds of microseconds, with as many digits as they deserve."""
    found = [each / 1000 for each in found_us]
    return spread(found, 2 if found and median(found) < 10 else 0)


def paired(rounds, name, to, *path):
    """Ratios within a round: neighbours move the level from round to round."""
    base = {each["round"]: each for each in valid(rounds, setup=to)}
    ratios = []
    for each in valid(rounds, setup=name):
        if (other := base.get(each["round"])) is not None:
            mine, theirs = values_of([each], *path), values_of([other], *path)
            if mine and theirs and theirs[0] > 0:
                ratios.append(mine[0] / theirs[0])
    return ratios


def table(heads, rows):
    """Markdown; columns of words to the left, of figures to the right."""
    def is_figure(cell):
        return cell[:1].isdigit() or cell in (ABSENT, "none")

    right = [place > 0 and all(is_figure(row[place]) for row in rows) for place in range(len(heads))]
    lines = [heads, *rows]
    text = ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines]
    rule = "|" + "".join("---:|" if each else "---|" for each in right)
    return "\n".join([text[0], rule, *text[1:]])


def names_in(rounds):
    return [name for name in setups.ALL if any(each["setup"] == name for each in rounds)]


def cost_of(document, name):
    """CPU time of a request by role, medians."""
    rounds = valid(document["maximum"], setup=name)
    if not rounds:
        raise ValueError(f"no valid round of {name}")
    return {role: middle(rounds, "cpu_us", role) or 0.0 for role in ROLES}


def chain_cost(document, store_of, balancer_of):
    """The service as measured behind no balancer, the store with these ids, the balancer alone on a core:
    in the pair all share two cores, which makes each dearer."""
    return capacity.Cost(cost_of(document, store_of)[SERVICE], cost_of(document, store_of)[STORE],
                         cost_of(document, balancer_of)[BALANCER] if balancer_of else 0.0)


def capacity_cases(document):
    """[(what is asked for, which balancer, its cost, what a command costs if all is for one id)]"""
    command_us = cost_of(document, REDIS_IDS)[STORE]
    return [(asked, mode, chain_cost(document, store, balancer), hot_us)
            for asked, store, hot_us in (("one hot id", REDIS, command_us),
                                         (f"{setups.MANY_IDS:,} ids", REDIS_IDS, None))
            for mode, balancer in (("http", HTTP_ALONE), ("tcp", TCP_ALONE))]


def connection_points(document, name):
    sizes = sorted({each["connections"] for each in valid(document["connections"], setup=name)})
    return [(size, middle(valid(document["connections"], setup=name, connections=size), "rate"))
            for size in sizes]


def connection_ranges(document, name):
    found = []
    for size, _ in connection_points(document, name):
        rates = values_of(valid(document["connections"], setup=name, connections=size), "rate")
        found.append((size, min(rates), max(rates)))
    return tuple(found)


def worker_ratios(document, name, count):
    """What a request costs with so many workers, of what it costs with one, round by round. All roles of
    the service's machine that grow with the workers: the service alone."""
    one = {each["round"]: each for each in valid(document["workers"], setup=name, workers=1)}
    return [each["cpu_us"][SERVICE] / one[each["round"]]["cpu_us"][SERVICE]
            for each in valid(document["workers"], setup=name, workers=count)
            if each["round"] in one]


def worker_points(document, name):
    """[(workers, what they would carry on a core each, of one worker)]"""
    counts = sorted({each["workers"] for each in valid(document["workers"], setup=name)})
    found = []
    for count in counts:
        if ratios := worker_ratios(document, name, count):
            found.append((count, count / median(ratios)))
    return found


def fitted(points):
    """The model, or None where the points do not allow one."""
    try:
        return usl.fit(points)
    except ValueError:
        return None


def models(document):
    """[(what, points, model)]"""
    return ([(f"connections, {setups.ALL[name].title}", connection_points(document, name))
             for name in (MEMORY, REDIS)],
            [(f"workers, {setups.ALL[name].title}", worker_points(document, name))
             for name in (FLOOR, MEMORY, REDIS)])
