"""What the product declares and does not use; that tests use it is no reason to keep it.

Names are compared as text, so a dead name can hide where a living one of the same name is visible.
Three rules leave few such places:
- What stands within a declaration, or repeats it, is no use of it.
- A member function is called, or named with its class. A variable of its name is no use.
- A use sees the declaration: it stands in a file that includes it. A template is the exception,
  for it is seen by the type that it is made for.
"""

import collections
import re

from declarations import (CLASSES, FUNCTIONS, TYPES, UNNAMED, codes_of, declarations_of, seen_from)
from exceptions import check_reasons, exceptions_to, finding_about
from source_tree import Finding

CHECK = "dead_names"
NAMESPACE = "turnomatic"

# The language, the standard library, Boost.Unordered and Asio look for these.
USED_FROM_OUTSIDE = {"main", "is_transparent", "is_avalanching", "lowest_layer"}

WORD = re.compile(r"(?P<scope>::\s*)?\b(?P<name>[A-Za-z_]\w*)(?P<call>\s*[(<])?")
ANNOUNCEMENT = re.compile(r"\b(?:class|struct|union)\s+\w+\s*;")
TEMPLATE = re.compile(r"\btemplate\b")


class Uses:
    """The lines in which a name occurs more often than it is declared there."""

    def __init__(self, tree):
        self._all = collections.defaultdict(collections.Counter)
        self._calls = collections.defaultdict(collections.Counter)
        for path, code in codes_of(tree).items():
            for number, line in enumerate(code.split("\n"), 1):
                self._count((path, number), line)
        for each in declarations_of(tree):
            self._take_away(each.name, each)
            if not each.is_header:
                self._take_away(each.owner, each)

    def _count(self, place, line):
        for match in WORD.finditer(ANNOUNCEMENT.sub("", line)):
            self._all[match["name"]][place] += 1
            if match["scope"] or match["call"]:
                self._calls[match["name"]][place] += 1

    def _take_away(self, name, declaration):
        place = (declaration.path, declaration.line)
        self._all[name][place] -= 1
        if declaration.kind in FUNCTIONS:
            self._calls[name][place] -= 1

    def of(self, name, calls_only):
        found = self._calls if calls_only else self._all
        return [place for place, count in found[name].items() if count > 0]


def is_ours(declaration):
    """Not a specialization of what belongs to a library."""
    outermost = declaration.scope.split("::")[0]
    return outermost in ("", NAMESPACE) or outermost.startswith(UNNAMED)


def is_used_by_name(declaration):
    """Constructors, operators and what has no name are used in other ways."""
    name = declaration.name
    return not (name in USED_FROM_OUTSIDE or name == declaration.owner
                or name.startswith(("~", "operator", UNNAMED)))


def family_of(kind):
    return "function" if kind in FUNCTIONS else "type" if kind in TYPES else "value"


def declared_together(tree):
    """A function's declarations and definitions, its overloads too, are one group."""
    groups = collections.defaultdict(list)
    for each in declarations_of(tree):
        if (each.kind not in ("macro", "namespace") and is_ours(each) and is_used_by_name(each)
                and "delete" not in each.properties):
            groups[each.qualified, family_of(each.kind)].append(each)
    # An override is called by the name of what it overrides.
    return [group for group in groups.values()
            if not any("override" in each.properties for each in group)]


def contains(declaration, place):
    path, line = place
    return declaration.path == path and declaration.line <= line <= declaration.last_line


def dead_names(tree):
    """The declaration of each; that in a header if there is one."""
    uses, seen = Uses(tree), seen_from(tree)
    classes = {each.qualified for each in declarations_of(tree) if each.kind in CLASSES}
    templates = {path for path, code in codes_of(tree).items() if TEMPLATE.search(code)}
    for group in declared_together(tree):
        first = next((each for each in group if each.is_header), group[0])
        is_member_function = first.kind in FUNCTIONS and first.scope in classes
        if not any(first.path in seen[place[0]] or place[0] in seen[first.path] & templates
                   for place in uses.of(first.name, is_member_function)
                   if not any(contains(each, place) for each in group)):
            yield first


def check_everything_is_used(tree):
    excused = exceptions_to(tree, CHECK)
    found = {each.qualified: each for each in dead_names(tree)}
    for name, each in found.items():
        if name not in excused:
            yield Finding(each.path, each.line, f"nothing in the product uses {name}")
    for name in excused:
        if name not in found:
            yield finding_about(tree, name, "needs no exception any more")
    yield from check_reasons(tree, CHECK)


CHECKS = (check_everything_is_used,)
