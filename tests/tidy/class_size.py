"""How many data members and member functions a class has; past the bounds look for the second idea.

A larger one is excused with the size that it has. When it shrinks the new size is to be entered,
and when it grows it fails: the list follows a class down and not up. Static members are no state,
and constructors, destructors and operators no ideas of their own; they do not count.
"""

import collections
from typing import NamedTuple

from declarations import CLASSES, FUNCTIONS, UNNAMED, declarations_of
from exceptions import check_reasons, exceptions_to, finding_about
from source_tree import Finding

CHECK = "class_size"


class Size(NamedTuple):
    members: int
    methods: int

    def exceeds(self, other):
        return self.members > other.members or self.methods > other.methods

    def __str__(self):
        return f"{self.members} members and {self.methods} methods"


SIZE_MAX = Size(15, 25)


def is_data_member(declaration):
    return declaration.kind == "member" and "static" not in declaration.properties


def is_method(declaration):
    return (declaration.kind in FUNCTIONS and declaration.name != declaration.owner
            and not declaration.name.startswith(("~", "operator", UNNAMED)))


def name_of(declared, members):
    """Without unnamed namespaces; a class without a name is called as the member that it types."""
    name = members.get(f"{declared.kind}:{declared.qualified}", declared.qualified)
    return "::".join(part for part in name.split("::") if not part.startswith(UNNAMED))


def sizes_of(tree):
    """Each class with its name and size."""
    declarations = declarations_of(tree)
    inside = collections.defaultdict(list)
    for each in declarations:
        inside[each.path, each.scope].append(each)
    by_type = {each.type: each.qualified for each in declarations if each.kind == "member"}
    for declared in declarations:
        if declared.kind in CLASSES:
            # What is defined after the class has been declared in it.
            members = [each for each in inside[declared.path, declared.qualified]
                       if declared.line <= each.line <= declared.last_line]
            size = Size(sum(map(is_data_member, members)), sum(map(is_method, members)))
            yield declared, name_of(declared, by_type), size


def check_class_size(tree):
    excused = exceptions_to(tree, CHECK)
    unused = set(excused)
    for declared, name, size in sizes_of(tree):
        if not size.exceeds(SIZE_MAX):
            continue
        unused.discard(name)
        if name not in excused:
            yield Finding(declared.path, declared.line,
                          f"{name} has {size}; past {SIZE_MAX.members} or {SIZE_MAX.methods} look "
                          "for the second idea")
            continue
        allowed = Size(excused[name]["members"], excused[name]["methods"])
        if size.exceeds(allowed):
            yield Finding(declared.path, declared.line,
                          f"{name} has {size}, and was excused with {allowed}")
        elif size != allowed:
            yield finding_about(tree, name, f"has shrunk to {size}: enter that")
    for name in unused:
        yield finding_about(tree, name, "needs no exception any more")
    yield from check_reasons(tree, CHECK)


CHECKS = (check_class_size,)
