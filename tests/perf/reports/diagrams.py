"""Diagrams: docs/reports/diagrams/*.dot are their source, graphviz makes the SVG. What dot computes depends
on the fonts of a machine, so a picture carries the fingerprint of its source, by which it is checked."""

import hashlib
import re
import shutil
import subprocess
from xml.etree import ElementTree

SVG = "{http://www.w3.org/2000/svg}"
FINGERPRINT = re.compile(r"<!-- source: ([\w.-]+) sha256:([0-9a-f]{64}) -->")


class BadDiagram(Exception):
    """dot does not take the source."""


def sources(reports):
    return sorted((reports / "diagrams").glob("*.dot"))


def picture_of(source):
    return f"pictures/{source.stem}.svg"


def fingerprint(source):
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    return f"<!-- source: {source.name} sha256:{digest} -->"


def draw(source):
    """The SVG, or None where there is no dot."""
    dot = shutil.which("dot")
    if not dot:
        return None
    done = subprocess.run([dot, "-Tsvg", source], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    if done.returncode != 0 or done.stderr.strip():
        raise BadDiagram(f"{source.name}: {done.stderr.strip()}")
    return signed(done.stdout, fingerprint(source))


def signed(svg, mark):
    """With the fingerprint behind the prolog, and without blanks at the ends of lines."""
    text = "\n".join(line.rstrip() for line in svg.strip().splitlines())
    text = re.sub(r"<!DOCTYPE[^>]*>\n", "", text)
    return text.replace("<svg ", f"{mark}\n<svg ", 1) + "\n"


def content(svg):
    """(titles of nodes and edges, texts), sorted: what does not depend on fonts."""
    root = ElementTree.fromstring(svg)
    titles = sorted(each.text or "" for group in root.iter(f"{SVG}g")
                    if group.get("class") in ("node", "edge") for each in group.findall(f"{SVG}title"))
    return titles, sorted(each.text or "" for each in root.iter(f"{SVG}text"))


def rendered(reports):
    """{path: SVG} of all that can be drawn here."""
    found = {}
    for source in sources(reports):
        if (svg := draw(source)) is not None:
            found[picture_of(source)] = svg
    return found


def stale(reports, directory):
    """What in `directory` does not match its source below `reports`, a line each."""
    found = []
    for source in sources(reports):
        file = directory / picture_of(source)
        if not file.is_file():
            found.append(f"{picture_of(source)} is missing")
        elif fingerprint(source) not in (text := file.read_text()):
            found.append(f"{picture_of(source)} was drawn from another {source.name}")
        elif (fresh := draw(source)) is not None and content(fresh) != content(text):
            found.append(f"{picture_of(source)} does not show what {source.name} says")
    drawn = {picture_of(source) for source in sources(reports)}
    for file in sorted((directory / "pictures").glob("*.svg")):
        if FINGERPRINT.search(file.read_text()) and f"pictures/{file.name}" not in drawn:
            found.append(f"pictures/{file.name} has no source any more")
    return found
