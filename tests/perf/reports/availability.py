"""Availability of a chain from that of its parts.

A part that is repaired is up for MTBF / (MTBF + MTTR) of the time. Parts in a row multiply. Of n alike of
which k must be up, some share of each failure (the common cause: the same configuration, the same switch)
takes all of them at once; the rest fails one by one.
"""

import math

MINUTES_A_DAY = 24 * 60
MINUTES_A_MONTH = 30 * MINUTES_A_DAY


def unavailability(days_between, minutes_to_repair):
    if days_between <= 0 or minutes_to_repair < 0:
        raise ValueError("days between failures above 0 and minutes to repair from 0 on")
    between = days_between * MINUTES_A_DAY
    return minutes_to_repair / (between + minutes_to_repair)


def group(single, count, needed=1, common=0.0):
    """The unavailability of `count` alike, each `single`, if at least `needed` must be up."""
    if not (1 <= needed <= count and 0 <= common <= 1 and 0 <= single < 1):
        raise ValueError("1 <= needed <= count, 0 <= common <= 1, 0 <= single < 1")
    if count == needed == 1:
        return single
    alone = single * (1 - common)
    up_enough = sum(math.comb(count, up) * (1 - alone) ** up * alone ** (count - up)
                    for up in range(needed, count + 1))
    return 1 - (1 - single * common) * up_enough


def chain(parts):
    """Of parts that must all be up."""
    return 1 - math.prod(1 - part for part in parts)


def minutes_a_month(share):
    return share * MINUTES_A_MONTH


def nines(share):
    """A share of time as people write it: as many nines as it has, and one digit more."""
    digits = max(2, math.ceil(-math.log10(share)) if share > 0 else 9)
    return f"{100 * (1 - share):.{digits}f} %"


def evaluate(kinds, chains):
    """[(chain, unavailability, [(part, count, unavailability)])] of the tables in assumptions.toml."""
    single = {name: unavailability(kind["days_between_failures"], kind["minutes_to_repair"])
              for name, kind in kinds.items()}
    found = []
    for each in chains:
        parts = [(part["of"], part.get("count", 1),
                  group(single[part["of"]], part.get("count", 1), part.get("needed", 1),
                        kinds[part["of"]].get("common_cause", 0.0)))
                 for part in each["parts"]]
        found.append((each["name"], chain(part for *_, part in parts), parts))
    return found
