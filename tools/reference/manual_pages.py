"""Manual pages: what people wrote in the templates beside this file, and the options in between."""

import re
from pathlib import Path

TEMPLATES = Path(__file__).resolve().parent


def escaped(text):
    """A hyphen that is typed is \\-, or it is searched for and copied in vain."""
    text = text.replace("\\", r"\e").replace("-", r"\-")
    return re.sub(r"^(?=[.'])", r"\\&", text, flags=re.MULTILINE)


def bold(text):
    return rf"\fB{escaped(text)}\fR"


def italic(text):
    return rf"\fI{escaped(text)}\fR"


def heading_of(option):
    names = ", ".join(bold(name) for name in option.names)
    return f"{names} {italic(option.value)}" if option.value else names


def sentence(text):
    return text[:1].upper() + text[1:] + "."


def paragraph(heading, *lines):
    return "\n".join([".TP", heading, *lines])


def of_option(option):
    notes = [f"One of {', '.join(option.choices)}."] if option.choices else []
    if option.default:
        notes.append(f"Default: {option.default}.")
    return paragraph(heading_of(option), *map(escaped, [sentence(option.meaning), *notes]))


def of_flag_of_key(key):
    return paragraph(heading_of(key), escaped(sentence(key.meaning)), ".br",
                     escaped(f"[{key.range}; default {key.default}]"))


def of_key(key):
    applied = "follows a reload" if key.live else "needs a restart"
    return paragraph(
        f"{bold(key.key)} = {escaped(key.default)}", escaped(sentence(key.meaning)), ".br",
        escaped(f"{key.unit}: {key.range}; {applied}."), ".br",
        f"{bold(key.names[0])}, {bold(key.variable)}")


def in_sections(keys):
    lines, section = [], ""
    for key in keys:
        if key.section != section:
            section = key.section
            lines.append(f".SS [{section}]")
        lines.append(of_key(key))
    return "\n".join(lines)


def from_template(name, program, **parts):
    text = (TEMPLATES / f"{name}.in").read_text().replace("@VERSION@", program.version)
    # Comments of the template are for those who change it.
    text = re.sub(r'^\.\\".*\n', "", text, flags=re.MULTILINE)
    for part, value in parts.items():
        text = text.replace(f"@{part}@", value)
    if left := re.search(r"@[A-Z]+@", text):
        raise ValueError(f"{name}.in: {left[0]} stands for nothing")
    return text


def all_of(options):
    return "\n".join(map(of_option, options))


def of_server(program):
    others = [option for option in program.options if option not in program.keys]
    return from_template("turnomatic.1", program, OTHERS=all_of(others),
                         KEYS="\n".join(map(of_flag_of_key, program.keys)))


def of_configuration(program):
    return from_template("turnomatic.toml.5", program, KEYS=in_sections(program.keys))


def of_bench(program):
    parts = {command.name.upper(): all_of(command.operands + command.options)
             for command in program.commands}
    return from_template("turnomatic-bench.1", program, OPTIONS=all_of(program.options), **parts)
