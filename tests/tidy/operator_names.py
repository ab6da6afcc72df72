"""Names that operators meet in /health and /degraded: those in src/app and those in docs/api.md."""

import re

from cpp_source import code_of
from source_tree import CPP, Finding

APP = "src/app/"
DOCUMENT = "docs/api.md"
SECTION = re.compile(r"^## Health, and what is degraded\n.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
ROW = re.compile(r"^\| `([^`]+)` \|", re.MULTILINE)

# A check is called subject:what, and nothing else in src/app is.
CHECK = re.compile(r'"([a-z_]+:[a-z_]+)"')
NOTE = re.compile(r"\bnote\(")
LITERAL = re.compile(r'"([^"\\]*)"$')
NAMED = r'\bconstexpr\s+std::string_view\s+{}\s*=\s*"([^"\\]*)"'


def arguments_at(text, code, start):
    """The texts between commas from `start`, which is behind a bracket, to the bracket's end."""
    depth, begin, found = 0, start, []
    for at in range(start, len(code)):
        depth += {"(": 1, "{": 1, "[": 1, ")": -1, "}": -1, "]": -1}.get(code[at], 0)
        if depth < 0 or (depth == 0 and code[at] == ","):
            found.append(text[begin:at].strip())
            begin = at + 1
        if depth < 0:
            break
    return found


def name_in(text, argument):
    """What a literal or a constant of the same file stands for; None for anything else."""
    if literal := LITERAL.match(argument):
        return literal[1]
    if re.fullmatch(r"\w+", argument):
        constant = re.search(NAMED.format(argument), text)
        return constant and constant[1]
    return None


def names_of(tree):
    """Where each name stands: path, line, name."""
    for path in tree.below((APP,), CPP):
        text = tree.text(path)
        code = code_of(text)  # as long as the text, without comments and the insides of literals
        found = [(match.start(), match[1]) for match in CHECK.finditer(text)
                 if code[match.start()] == '"']
        for match in NOTE.finditer(code):
            arguments = arguments_at(text, code, match.end())
            name = name_in(text, arguments[1]) if len(arguments) > 1 else None
            if name is not None:
                found.append((match.start(), name))
        for position, name in found:
            yield path, text.count("\n", 0, position) + 1, name


def check_names_are_documented(tree):
    page = tree.text(DOCUMENT) if DOCUMENT in tree else ""
    section = SECTION.search(page)
    rows = list(ROW.finditer(section[0])) if section else []
    documented = {row[1] for row in rows}
    named = list(names_of(tree))
    for path, line, name in named:
        if name not in documented:
            yield Finding(path, line, f"operators meet {name}, which has no row in {DOCUMENT}")
    for row in rows:
        if row[1] not in {name for _, _, name in named}:
            line = page.count("\n", 0, section.start() + row.start()) + 1
            yield Finding(DOCUMENT, line, f"nothing in {APP} says {row[1]}")


CHECKS = (check_names_are_documented,)
