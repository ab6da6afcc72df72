"""Markdown: links that lead somewhere, decisions that hold their four parts."""

import posixpath
import re
import urllib.parse

from source_tree import Finding

FENCE = re.compile(r"^\s*(?:```|~~~)")
CODE_SPAN = re.compile(r"(`+).*?\1")
LINK = re.compile(r"\]\(\s*<?([^)>\s]+)>?(?:\s+\"[^\"]*\")?\s*\)")
REFERENCE = re.compile(r"^\s{0,3}\[[^\]]+\]:\s*<?([^>\s]+)>?")
ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|//|#", re.IGNORECASE)

DECISIONS = "docs/adr/"
DECISION_NAME = re.compile(r"(\d{4})-[a-z0-9]+(?:-[a-z0-9]+)*\.md$")
DECISION_PARTS = ("Context", "Decision", "Alternatives", "Consequences")


def prose_of(tree, path):
    """Line numbers and lines without code, where a bracket is no link."""
    fenced = False
    for number, line in tree.lines(path):
        if FENCE.match(line):
            fenced = not fenced
        elif not fenced:
            yield number, line


def links_of(line):
    if reference := REFERENCE.match(line):
        return [reference[1]]
    # A code span may be the text of a link, so it leaves something behind.
    return LINK.findall(CODE_SPAN.sub("code", line))


def target_of(path, link):
    """The path a relative link leads to; a leading slash stands for the root of the tree."""
    target = urllib.parse.unquote(link.split("#")[0].split("?")[0])
    if target.startswith("/"):
        return posixpath.normpath(target.lstrip("/"))
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), target))


def check_links(tree):
    for path in tree.below(("",), (".md",)):
        for number, line in prose_of(tree, path):
            for link in links_of(line):
                if not ELSEWHERE.match(link) and target_of(path, link) not in tree:
                    yield Finding(path, number, f"the link leads nowhere: {link}")


def check_decision_names(tree):
    taken = {}
    for path in tree.below((DECISIONS,), ("",)):
        match = DECISION_NAME.match(path[len(DECISIONS):])
        if not match:
            yield Finding(path, 1, "a decision is called NNNN-title.md")
        elif match[1] in taken:
            yield Finding(path, 1, f"the number is taken by {taken[match[1]]}")
        else:
            taken[match[1]] = path


def check_decision_parts(tree):
    for path in tree.below((DECISIONS,), (".md",)):
        headings = [match[1] for _, line in prose_of(tree, path)
                    if (match := re.match(r"#+\s+(\w+)", line))]
        for part in DECISION_PARTS:
            if part not in headings:
                yield Finding(path, 1, f"a decision without the heading {part}")


CHECKS = (
    check_links,
    check_decision_names,
    check_decision_parts,
)
