"""What holds for every file that people read."""

import re

from source_tree import Finding

# make wants its tabs.
TABS_BY_SYNTAX = ("Makefile", ".mk", "debian/rules")
# A patch quotes the blanks of another file.
FOREIGN = (".diff", ".patch")

BLANKS_AT_END = re.compile(r"[ \t\r]+$")
# Spelt in pieces, so that this file passes.
POSTPONED = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|X{3}|HA" r"CK)\b")
# Not preceded by what makes it the rest of a longer path, a URL or an expression.
DEVELOPER_PATH = re.compile(rb"(?<![\w.})\]*~-])/(?:home|work|root|Users)/")


def check_encoding(tree):
    for path in tree.texts():
        try:
            tree.bytes(path).decode("utf-8")
        except UnicodeDecodeError as error:
            line = tree.bytes(path).count(b"\n", 0, error.start) + 1
            yield Finding(path, line, "not UTF-8")


def check_final_newline(tree):
    for path in tree.texts():
        content = tree.bytes(path)
        if content and (not content.endswith(b"\n") or content.endswith(b"\n\n")):
            yield Finding(path, content.count(b"\n") + 1, "must end with one newline")


def check_blanks(tree):
    for path in tree.texts():
        if path.endswith(FOREIGN):
            continue
        for number, line in tree.lines(path):
            if BLANKS_AT_END.search(line):
                yield Finding(path, number, "blanks at the end of the line")
            if "\t" in line and not path.endswith(TABS_BY_SYNTAX):
                yield Finding(path, number, "a tab")


def check_nothing_postponed(tree):
    for path in tree.texts():
        for number, line in tree.lines(path):
            if match := POSTPONED.search(line):
                yield Finding(path, number, f"{match.group()}: open an issue or do it now")


def check_no_developer_paths(tree):
    for path in tree.all_paths():
        for number, line in enumerate(tree.bytes(path).split(b"\n"), 1):
            if match := DEVELOPER_PATH.search(line):
                yield Finding(path, number,
                              f"a path of one machine: {match.group().decode()}")


CHECKS = (
    check_encoding,
    check_final_newline,
    check_blanks,
    check_nothing_postponed,
    check_no_developer_paths,
)
