"""What the programs describe_server and describe_bench say, in one form for both."""

import json
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Option:
    names: list  # "-c", "--connections"; of an operand its one name
    meaning: str
    value: str = ""  # what follows, "FILE"; empty: a flag
    choices: list = field(default_factory=list)
    default: str = ""
    repeats: bool = False

    @property
    def takes_file(self):
        return "FILE" in (self.value, self.names[0])


@dataclass(frozen=True)
class Key(Option):
    """An option that is a key of the configuration too."""
    key: str = ""
    variable: str = ""
    unit: str = ""
    range: str = ""
    live: bool = False

    @property
    def section(self):
        return self.key.rpartition(".")[0]


@dataclass(frozen=True)
class Command:
    name: str
    meaning: str
    options: list
    operands: list = field(default_factory=list)


@dataclass(frozen=True)
class Program(Command):
    version: str = ""
    commands: list = field(default_factory=list)

    @property
    def keys(self):
        return [option for option in self.options if isinstance(option, Key)]


def one_line(described):
    return described | {"meaning": " ".join(described["meaning"].split())}


def options_of(described):
    return [Option(**one_line(each)) for each in described]


def command_of(described):
    return Command(described["name"], " ".join(described["meaning"].split()),
                   options_of(described["options"]), options_of(described["operands"]))


CONFIG = Option(["--config"], "read this TOML file", value="FILE")


def read_server(path):
    described = json.loads(path.read_text())
    options = [*options_of(described["actions"]), CONFIG,
               *(Key(**one_line(each)) for each in described["keys"])]
    return Program(described["name"], "", options, version=described["version"])


def read_bench(path):
    described = json.loads(path.read_text())
    own = command_of(described)
    return Program(own.name, own.meaning, own.options, version=described["version"],
                   commands=[command_of(each) for each in described["commands"]])
