"""What an expression of PromQL refers to: series, and labels to group or match by. It is no parser:
promtool has found the expression to be valid before it comes here."""

import re
from typing import NamedTuple

TOKEN = re.compile(r"""
      (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    | (?P<comment>\#[^\n]*)
    | (?P<number>\d[\w.]*)
    | (?P<name>[a-zA-Z_:][\w:]*)
    | (?P<operator>=~|!~|!=|==|<=|>=|[-+*/%^=<>(){}\[\],:@])
    | (?P<blank>\s+)
""", re.VERBOSE)
LABEL_LISTS = ("by", "without", "on", "ignoring", "group_left", "group_right")
KEYWORDS = ("and", "or", "unless", "bool", "offset", "inf", "nan")


class Matcher(NamedTuple):
    label: str
    operator: str
    value: str


class Selector(NamedTuple):
    name: str
    matchers: tuple


class References(NamedTuple):
    selectors: list
    labels: set  # those of by, without, on, ignoring, group_left and group_right


def tokens_of(expression):
    position, tokens = 0, []
    while position < len(expression):
        match = TOKEN.match(expression, position)
        if not match:
            raise ValueError(f"not PromQL at {expression[position:position + 20]!r}")
        if match.lastgroup not in ("blank", "comment"):
            tokens.append(match.group())
        position = match.end()
    return tokens


def texts_until(tokens, start, end):
    """The tokens between the bracket at `start` and its end, without commas."""
    stop = tokens.index(end, start)
    return [token for token in tokens[start + 1:stop] if token != ","], stop


def matchers_of(tokens):
    return tuple(Matcher(tokens[i], tokens[i + 1], tokens[i + 2][1:-1])
                 for i in range(0, len(tokens), 3))


def references_of(expression):
    tokens = [*tokens_of(expression), "", ""]
    selectors, labels, at = [], set(), 0
    while at < len(tokens) - 2:
        token, following = tokens[at], tokens[at + 1]
        if token in LABEL_LISTS:
            if following == "(":
                listed, at = texts_until(tokens, at + 1, ")")
                labels |= set(listed)
        elif token == "{":
            raise ValueError(f"a selector without a metric: {expression}")
        elif token == "[":
            _, at = texts_until(tokens, at, "]")
        elif re.match(r"[a-zA-Z_:]", token) and token.lower() not in KEYWORDS:
            if following == "{":
                listed, at = texts_until(tokens, at + 1, "}")
                selectors.append(Selector(token, matchers_of(listed)))
            elif following != "(" and following not in LABEL_LISTS:
                selectors.append(Selector(token, ()))
        at += 1
    return References(selectors, labels)
