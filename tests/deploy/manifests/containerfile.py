"""A Containerfile taken apart: enough for what the tests ask."""

import re
from typing import NamedTuple

import packages

CONTAINERFILE = packages.ROOT / "deploy/container/Containerfile"


class Instruction(NamedTuple):
    name: str
    arguments: str


def instructions_of(text):
    text = re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE)
    text = re.sub(r"\\\n", " ", text)
    return [Instruction(*line.split(None, 1)) for line in text.splitlines() if line.strip()]


def stages():
    """The instructions before the first FROM, and those of each stage, its FROM first."""
    found = [[]]
    for instruction in instructions_of(CONTAINERFILE.read_text()):
        if instruction.name == "FROM":
            found.append([])
        found[-1].append(instruction)
    return found


def arguments(stage, name):
    return [instruction.arguments for instruction in stage if instruction.name == name]


def debian_packages(stage):
    """What a stage installs."""
    [line] = [line for line in arguments(stage, "RUN") if "apt-get install" in line]
    listed = line.partition("--no-install-recommends")[2].partition("&&")[0]
    return listed.split()
