"""Completions for fish."""

HEAD = """\
# Completions of {name} for fish; written by tools/reference/generate.py.
complete -c {name} -f
"""


def quoted(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def value_of(option):
    if option.takes_file:
        return " -r -F"
    if option.choices:
        return f" -x -a {quoted(' '.join(option.choices))}"
    return " -x" if option.value else ""


def line_of(name, option, condition):
    names = "".join(f" -l {each[2:]}" if each.startswith("--") else f" -s {each[1:]}"
                    for each in option.names)
    return f"complete -c {name}{condition}{names}{value_of(option)} -d {quoted(option.meaning)}"


def lines_of_command(name, command):
    within = f" -n '__fish_seen_subcommand_from {command.name}'"
    yield (f"complete -c {name} -n __fish_use_subcommand -a {command.name} "
           f"-d {quoted(command.meaning)}")
    for option in command.options:
        yield line_of(name, option, within)
    if any(operand.takes_file for operand in command.operands):
        yield f"complete -c {name}{within} -F"


def of(program):
    outside = " -n __fish_use_subcommand" if program.commands else ""
    lines = [line_of(program.name, option, outside) for option in program.options]
    for command in program.commands:
        lines += lines_of_command(program.name, command)
    return HEAD.format(name=program.name) + "\n".join(lines) + "\n"
