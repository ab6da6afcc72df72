"""Just enough C++ to find functions: no parser, but a measure that formatted code cannot escape."""

import re
from typing import NamedTuple

# Numbers come first: the separator in 1'000 opens no character literal.
TOKEN = re.compile(
    r"""(?P<number>\b[0-9][\w.]*(?:'[\w.]+)*)
      | //[^\n]*
      | /\*.*?\*/
      | \b(?:u8|[uUL])?R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)"
      | "(?:\\.|[^"\\\n])*"
      | '(?:\\.|[^'\\\n])*'""", re.DOTALL | re.VERBOSE)
DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.MULTILINE)
LABEL = re.compile(r"(?:public|protected|private)\s*:(?!:)")
NAMESPACE = re.compile(r"(?:inline\s+)?namespace\b|extern\s*\"\s*\"$")
ATTRIBUTE = re.compile(r"\[\[.*?\]\]|\balignas\s*\([^()]*\)", re.DOTALL)
# One name at most: in `struct limits current() {` the keyword belongs to a return type.
TYPE = re.compile(
    r"(?:typedef\s+)?(?:class|struct|union)\s*(?:[\w:]+\s*(?:<.*>)?)?"
    r"\s*(?:final)?\s*(?::(?!:).*)?$", re.DOTALL)
OPERATOR = re.compile(r"\boperator\s*(?:\(\s*\)|[^\w\s(]+)")
LAMBDA = re.compile(r"=\s*\[[^\[\]]*\]")


class Function(NamedTuple):
    first_line: int
    last_line: int

    @property
    def length(self):
        return self.last_line - self.first_line + 1


class Unbalanced(Exception):
    """The braces do not match, so no length could be trusted. Holds a line."""


def blank(text):
    return re.sub(r"[^\n]", " ", text)


def code_of(text):
    """The text with comments, directives and the insides of literals blanked, line by line."""
    def replace(match):
        token = match.group()
        if match.group("number"):
            return token
        if token.startswith(("//", "/*")):
            return blank(token)
        return f"{token[-1]}{blank(token[1:-1])}{token[-1]}"
    return DIRECTIVE.sub(lambda match: blank(match.group()), TOKEN.sub(replace, text))


def without_template_head(head):
    """Angle brackets are counted: a default argument may hold a template of its own."""
    while match := re.match(r"\s*template\s*<", head):
        depth, end = 1, match.end()
        while depth and end < len(head):
            depth += {"<": 1, ">": -1}.get(head[end], 0)
            end += 1
        head = head[end:]
    return head.strip()


def outside_parentheses(text):
    while "(" in text and (shorter := re.sub(r"\([^()]*\)", "", text)) != text:
        text = shorter
    return text


def opens_scope(head):
    bare = ATTRIBUTE.sub("", without_template_head(head)).strip()
    return bool(NAMESPACE.match(bare) or TYPE.match(bare))


def opens_function(head):
    """Whether what begins so, up to its first brace, is a function or a named lambda."""
    bare = OPERATOR.sub("name", without_template_head(head))
    if "=" in outside_parentheses(bare):
        return bool(LAMBDA.search(bare))
    return "(" in ATTRIBUTE.sub("", bare)


def skip_to_declaration(code, at):
    while at < len(code):
        if label := LABEL.match(code, at):
            at = label.end()
        elif code[at].isspace() or code[at] == ";":
            at += 1
        else:
            break
    return at


def end_of_head(code, at):
    """Index of the first brace or semicolon outside parentheses."""
    depth = 0
    for index in range(at, len(code)):
        depth += {"(": 1, ")": -1}.get(code[index], 0)
        if depth == 0 and code[index] in "{;":
            return index
    return len(code)


def end_of_body(code, at, line):
    """Index of the brace that ends the function which begins at `at`.

    A brace may also end one member of an initializer list, or a try block before its handler.
    """
    depth = 0
    for index in range(at, len(code)):
        depth += {"(": 1, "{": 1, ")": -1, "}": -1}.get(code[index], 0)
        if depth == 0 and code[index] == ";":
            return index
        if depth == 0 and code[index] == "}":
            if not re.compile(r"\s*(?:[,{;.]|catch\b)").match(code, index + 1):
                return index
    raise Unbalanced(line)


def end_of_variable(code, at, line):
    depth = 0
    for index in range(at, len(code)):
        depth += {"(": 1, "{": 1, ")": -1, "}": -1}.get(code[index], 0)
        if depth == 0 and code[index] == ";":
            return index
    raise Unbalanced(line)


def functions_of(text):
    """The functions of a file in order; members too. What a function contains is part of it."""
    code = code_of(text)
    found, scopes, at = [], 0, 0
    while (at := skip_to_declaration(code, at)) < len(code):
        line = code.count("\n", 0, at) + 1
        if code[at] == "}":
            scopes, at = scopes - 1, at + 1
            if scopes < 0:
                raise Unbalanced(line)
            continue
        end = end_of_head(code, at)
        head = code[at:end]
        if code[end:end + 1] != "{":
            at = end + 1
        elif opens_scope(head):
            scopes, at = scopes + 1, end + 1
        elif opens_function(head):
            end = end_of_body(code, at, line)
            found.append(Function(line, code.count("\n", 0, end) + 1))
            at = end + 1
        else:
            at = end_of_variable(code, at, line) + 1
    if scopes:
        raise Unbalanced(text.count("\n"))
    return found
