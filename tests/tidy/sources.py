"""The shape of source files: how long they are, and what a header must and must not hold."""

import ast
import re

from cpp_source import Unbalanced, code_of, functions_of
from source_tree import CPP, HEADER, Finding

CODE_DIRECTORIES = ("include/", "src/", "tests/", "tools/")
PYTHON = (".py",)
SCRIPTS = (".py", ".sh", ".lua", ".js")
FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 400

USING_NAMESPACE = re.compile(r"\busing\s+namespace\b")
SUSPENSION = re.compile(r"\bco_(?:await|yield)\b")
LOCK = re.compile(r"\b(?:lock_guard|scoped_lock|shared_lock|unique_lock)\b")
PRAGMA_ONCE = re.compile(r"^#pragma once$", re.MULTILINE)


def too_long(path, line, length):
    return Finding(path, line,
                   f"a function of {length} lines; {FUNCTION_LINES_MAX} fit a screen")


def check_cpp_function_length(tree):
    for path in tree.below(CODE_DIRECTORIES, CPP):
        try:
            functions = functions_of(tree.text(path))
        except Unbalanced as error:
            yield Finding(path, error.args[0], "braces do not match, functions cannot be measured")
            continue
        for each in functions:
            if each.length > FUNCTION_LINES_MAX:
                yield too_long(path, each.first_line, each.length)


def check_python_function_length(tree):
    for path in tree.below(CODE_DIRECTORIES, PYTHON):
        for node in ast.walk(ast.parse(tree.text(path))):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                length = node.end_lineno - node.lineno + 1
                if length > FUNCTION_LINES_MAX:
                    yield too_long(path, node.lineno, length)


def check_file_length(tree):
    for path in tree.below(CODE_DIRECTORIES, CPP + SCRIPTS):
        length = tree.text(path).count("\n")
        if length > FILE_LINES_MAX:
            yield Finding(path, length, f"{length} lines; past {FILE_LINES_MAX} look for the "
                          "second idea")


def check_pragma_once(tree):
    for path in tree.below(CODE_DIRECTORIES, HEADER):
        if not PRAGMA_ONCE.search(tree.text(path)):
            yield Finding(path, 1, "a header without #pragma once")


def check_no_using_namespace_in_headers(tree):
    for path in tree.below(CODE_DIRECTORIES, HEADER):
        for number, line in enumerate(code_of(tree.text(path)).split("\n"), 1):
            if USING_NAMESPACE.search(line):
                yield Finding(path, number, "using namespace in a header")


def check_coroutines_hold_no_locks(tree):
    """clang-tidy's own check does not see a lock whose template argument is deduced."""
    for path in tree.below(CODE_DIRECTORIES, CPP):
        code = code_of(tree.text(path))
        if not SUSPENSION.search(code):
            continue
        for number, line in enumerate(code.split("\n"), 1):
            if LOCK.search(line):
                yield Finding(path, number, "a lock in a file of coroutines")


CHECKS = (
    check_cpp_function_length,
    check_python_function_length,
    check_file_length,
    check_pragma_once,
    check_no_using_namespace_in_headers,
    check_coroutines_hold_no_locks,
)
