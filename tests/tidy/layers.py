"""Who may include whom: app -> { http, backend/*, telemetry } -> net -> core -> contracts."""

import re

from cpp_source import code_of
from source_tree import CPP, Finding

SOURCES = ("src/", "include/")
CONTRACTS = "include/turnomatic"
RANKS = {"app": 4, "http": 3, "backend": 3, "telemetry": 3, "net": 2, "core": 1, CONTRACTS: 0}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^">]+)[">]')

# Each library stays behind one room: it can be replaced there, and compiles slowly only there.
# What is included, who may include it, and how to say so.
LIBRARIES = [(re.compile(what), re.compile(where), rule) for what, where, rule in (
    (r"boost/beast\b", r"src/http/", "only src/http includes Beast"),
    (r"hiredis\b", r"src/backend/redis/wire/resp", "only the RESP codec includes hiredis"),
    (r"(prometheus|spdlog)/", r"src/telemetry/", "only src/telemetry includes {0}"),
    (r"(CLI|toml\+\+)/", r"src/app/config/", "only src/app/config includes {0}"),
    (r"sys/epoll\.h$", r"src/net/poller\.", "only the poller of src/net uses epoll"),
)]

CONTRACT_INCLUDE = re.compile(r"turnomatic/|boost/(system|intrusive)/|[a-z_0-9]+$")
# Core decides; time, sockets and threads are the business of those who ask it.
IMPURE_INCLUDE = re.compile(
    r"boost/asio|thread$|stop_token$|pthread\.h$|time\.h$|ctime$|poll\.h$|sys/|netinet/|arpa/")
CLOCK_CALL = re.compile(r"\b\w*clock::now\b|\b(?:clock_gettime|gettimeofday)\b|\bstd::time\s*\(")
PURE = ("core", CONTRACTS)


def layer_of(path):
    """"http" of src/http/session.cpp, "backend/redis" of src/backend/redis/lane.cpp; else None."""
    parts = path.split("/")
    if path.startswith(CONTRACTS + "/"):
        return CONTRACTS
    if parts[0] != "src" or len(parts) < 3 or parts[1] not in RANKS:
        return None
    return "/".join(parts[1:3]) if parts[1] == "backend" else parts[1]


def rank_of(layer):
    return RANKS[layer.split("/")[0] if layer != CONTRACTS else layer]


def includes_of(tree, path):
    """Line, opening delimiter and name of each include directive."""
    for number, line in tree.lines(path):
        if match := INCLUDE.match(line):
            yield number, match[1], match[2]


def included_path(name):
    return f"include/{name}" if name.startswith("turnomatic/") else f"src/{name}"


def check_layers_exist(tree):
    for path in tree.below(SOURCES, CPP):
        if layer_of(path) is None:
            yield Finding(path, 1, "belongs to no layer")


def check_includes_point_down(tree):
    for path in tree.below(SOURCES, CPP):
        own = layer_of(path)
        for number, _, name in includes_of(tree, path):
            other = layer_of(included_path(name))
            if own and other and own != other and rank_of(other) >= rank_of(own):
                yield Finding(path, number, f"{own} does not include {other}: {name}")


def check_include_spelling(tree):
    """One spelling each, or the check of the layers could be walked around."""
    for path in tree.below(SOURCES, CPP):
        for number, delimiter, name in includes_of(tree, path):
            if delimiter == '"' and f"src/{name}" not in tree:
                yield Finding(path, number, f"no file of this name below src: {name}")
            if delimiter == "<" and layer_of(included_path(name)) not in (None, CONTRACTS):
                yield Finding(path, number, f"own headers stand in quotes: {name}")


def check_libraries_stay_in_their_rooms(tree):
    for path in tree.below(SOURCES, CPP):
        for number, _, name in includes_of(tree, path):
            for what, where, rule in LIBRARIES:
                match = what.match(name)
                if match and not where.match(path):
                    yield Finding(path, number, rule.format(*match.groups()))


def check_contracts_are_light(tree):
    for path in tree.below((CONTRACTS + "/",), CPP):
        for number, delimiter, name in includes_of(tree, path):
            if delimiter == '"' or not CONTRACT_INCLUDE.match(name):
                yield Finding(path, number, "contracts include only themselves, the standard "
                              f"library, boost/system and boost/intrusive: {name}")


def check_core_is_pure(tree):
    for path in tree.below(SOURCES, CPP):
        if layer_of(path) not in PURE:
            continue
        for number, _, name in includes_of(tree, path):
            if IMPURE_INCLUDE.match(name):
                yield Finding(path, number, f"core has no socket, no thread, no clock: {name}")
        for number, line in enumerate(code_of(tree.text(path)).split("\n"), 1):
            if match := CLOCK_CALL.search(line):
                yield Finding(path, number, f"time is an argument here: {match.group()}")


CHECKS = (
    check_layers_exist,
    check_includes_point_down,
    check_include_spelling,
    check_libraries_stay_in_their_rooms,
    check_contracts_are_light,
    check_core_is_pure,
)
