"""The list of what a check lets pass, each with its reason."""

import tomllib

from source_tree import Finding

LIST = "tests/tidy/exceptions.toml"


def exceptions_to(tree, check):
    return tomllib.loads(tree.text(LIST)).get(check, {}) if LIST in tree else {}


def finding_about(tree, name, message):
    line = next((number for number, text in tree.lines(LIST) if text.startswith(f'"{name}"')), 1)
    return Finding(LIST, line, f"{name} {message}")


def check_reasons(tree, check):
    """For the checks that have exceptions: each says why."""
    for name, entry in exceptions_to(tree, check).items():
        reason = entry.get("reason") if isinstance(entry, dict) else entry
        if not reason:
            yield finding_about(tree, name, "is excused without a reason")
