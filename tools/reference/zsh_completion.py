"""Completions for zsh, with its _arguments."""

import re

HEAD = """\
#compdef {name}
# Completions of {name} for zsh; written by tools/reference/generate.py.
"""

COMMANDS = """\
local context state state_descr line
typeset -A opt_args

_arguments -C \\
{options} \\
    '1:command:(({commands}))' \\
    '*:: :->rest'
[[ $state == rest ]] || return
case $line[1] in
{cases}
esac
"""


def quoted(text):
    return "'" + text.replace("'", "'\\''") + "'"


def escaped(text):
    return re.sub(r"[\\\[\]:]", r"\\\g<0>", text)


def value_of(option):
    if option.takes_file:
        action = "_files"
    elif option.choices:
        action = f"({' '.join(option.choices)})"
    else:
        action = " "  # something follows, and nobody knows what
    return f":{escaped(option.value)}:{action}"


def specifications_of(option):
    """One for each name. An option that was given is not offered again, by neither of its names."""
    others = "" if option.repeats else f"({' '.join(option.names)})"
    for name in option.names:
        sign = ""
        if option.value:
            sign = "=" if name.startswith("--") else "+"
        yield quoted(f"{others}{'*' if option.repeats else ''}{name}{sign}"
                     f"[{escaped(option.meaning)}]{value_of(option) if option.value else ''}")


def operand_of(operand):
    action = "_files" if operand.takes_file else " "
    return quoted(f"{'*' if operand.repeats else '1'}:{escaped(operand.names[0])}:{action}")


def arguments_of(command):
    return [each for option in command.options for each in specifications_of(option)] + [
        operand_of(operand) for operand in command.operands]


def joined(words):
    return " \\\n".join(f"    {word}" for word in words)


def case_of(command):
    return f"({command.name})\n_arguments \\\n{joined(arguments_of(command))}\n;;"


def of(program):
    head = HEAD.format(name=program.name)
    if not program.commands:
        return f"{head}\n_arguments \\\n{joined(arguments_of(program))}\n"
    described = " ".join(
        f"{command.name}\\:\"{command.meaning}\"" for command in program.commands)
    return head + "\n" + COMMANDS.format(
        options=joined(arguments_of(program)), commands=described,
        cases="\n".join(map(case_of, program.commands)))
