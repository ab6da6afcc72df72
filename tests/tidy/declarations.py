"""What the product declares, as ctags sees it, and which of its files see each other."""

import functools
import json
import re
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

from cpp_source import blank, code_of
from layers import includes_of
from source_tree import CPP, HEADER

PRODUCT = ("include/", "src/", "tools/")
INCLUDE_ROOTS = ("include/", "src/", "tools/bench/")
CTAGS = ("ctags-universal", "-f", "-", "--output-format=json", "--language-force=C++",
         "--kinds-C++=+px", "--fields=+KSnesa", "--fields-C++={properties}", "-L", "-")

FUNCTIONS = ("function", "prototype")
CLASSES = ("class", "struct", "union")
TYPES = CLASSES + ("enum", "typedef")
UNNAMED = "__anon"  # what ctags calls a thing without a name, with a number

# ctags 5.9 takes both for declarations of functions.
STATIC_ASSERT = re.compile(r"\bstatic_assert\s*\(")
REQUIRES = re.compile(r"^[ \t]*requires\b[^;{}\n]*$", re.MULTILINE)


class Declaration(NamedTuple):
    path: str
    line: int
    last_line: int
    kind: str
    scope: str  # "turnomatic::http::session"
    name: str
    properties: frozenset
    type: str

    @property
    def qualified(self):
        return f"{self.scope}::{self.name}" if self.scope else self.name

    @property
    def owner(self):
        """The innermost class or namespace, by its own name."""
        return self.scope.rpartition("::")[2]

    @property
    def is_header(self):
        return self.path.endswith(HEADER)


def without_assertions(code):
    while match := STATIC_ASSERT.search(code):
        depth, end = 1, match.end()
        while depth and end < len(code):
            depth += {"(": 1, ")": -1}.get(code[end], 0)
            end += 1
        code = code[:match.start()] + blank(code[match.start():end]) + code[end:]
    return code


def run_ctags(sources):
    """`sources` are code by path. Raises FileNotFoundError where ctags is missing."""
    with tempfile.TemporaryDirectory() as directory:
        for path, code in sources.items():
            file = Path(directory, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(code)
        return subprocess.run(CTAGS, cwd=directory, input="\n".join(sources), text=True,
                              capture_output=True, check=True).stdout


def declaration_of(tag):
    properties = frozenset(filter(None, tag.get("properties", "").split(",")))
    return Declaration(tag["path"], tag["line"], tag.get("end", tag["line"]), tag["kind"],
                       tag.get("scope", ""), tag["name"], properties, tag.get("typeref", ""))


@functools.lru_cache(maxsize=1)
def codes_of(tree):
    """The code of the product by path, without comments and the insides of literals."""
    return {path: code_of(tree.text(path)) for path in tree.below(PRODUCT, CPP)}


@functools.lru_cache(maxsize=1)
def declarations_of(tree):
    sources = {path: REQUIRES.sub(lambda match: blank(match.group()), without_assertions(code))
               for path, code in codes_of(tree).items()}
    tags = run_ctags(sources).splitlines() if sources else ()
    return [declaration_of(json.loads(tag)) for tag in tags]


def included_paths(tree, path):
    for _, _, name in includes_of(tree, path):
        for root in INCLUDE_ROOTS + (f"{Path(path).parent}/",):
            if f"{root}{name}" in tree:
                yield f"{root}{name}"


def seen_from(tree):
    """By path the files that it includes, those that they include, and itself."""
    direct = {path: set(included_paths(tree, path)) for path in codes_of(tree)}
    seen = {}
    for path in direct:
        seen[path], todo = {path}, [path]
        while todo:
            new = direct.get(todo.pop(), set()) - seen[path]
            seen[path] |= new
            todo += new
    return seen
