"""Who may include whom in tools/bench: commands -> load -> { recording, report } -> proof."""

import re

from layers import includes_of
from source_tree import CPP, Finding

BENCH = "tools/bench/"
RANKS = {"main": 4, "commands": 3, "load": 2, "recording": 1, "report": 1, "proof": 0}

# Proof judges what it is told; it asks nobody for the time.
IMPURE_INCLUDE = re.compile(r"boost/asio|chrono$|thread$|mutex$|c?time(\.h)?$|sys/|netinet/|fstream$")


def room_of(path):
    """"load" of tools/bench/load/slot.cpp, "main" of tools/bench/main.cpp; None elsewhere."""
    if not path.startswith(BENCH):
        return None
    return path.removeprefix(BENCH).split("/")[0].removesuffix(".cpp")


def check_rooms_exist(tree):
    for path in tree.below((BENCH,), CPP):
        if room_of(path) not in RANKS:
            yield Finding(path, 1, "belongs to no room")


def check_rooms_point_down(tree):
    for path in tree.below((BENCH,), CPP):
        own = room_of(path)
        for number, delimiter, name in includes_of(tree, path):
            if delimiter != '"':
                continue
            other = name.split("/")[0]
            if f"{BENCH}{name}" not in tree:
                yield Finding(path, number, "turnomatic-bench shares no code with what it judges: "
                              f"no such file below {BENCH}: {name}")
            elif own in RANKS and own != other and RANKS[other] >= RANKS[own]:
                yield Finding(path, number, f"{own} does not include {other}: {name}")


def check_proof_is_pure(tree):
    for path in tree.below((f"{BENCH}proof/",), CPP):
        for number, _, name in includes_of(tree, path):
            if IMPURE_INCLUDE.match(name):
                yield Finding(path, number, f"the proof has no clock, thread or file: {name}")


CHECKS = (check_rooms_exist, check_rooms_point_down, check_proof_is_pure)
