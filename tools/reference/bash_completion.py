"""Completions for bash. They need no helper of the package bash-completion, which merely finds them."""

import shlex

SCRIPT = """\
# Completions of {name} for bash; written by tools/reference/generate.py.
{function}() {{
    local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD - 1]}} prefix=''
    # --name=value is three words, unless somebody has taken = out of COMP_WORDBREAKS.
    if [[ $current == = ]]; then
        current=
    elif [[ $previous == = ]]; then
        previous=${{COMP_WORDS[COMP_CWORD - 2]}}
    elif [[ $current == --*=* ]]; then
        previous=${{current%%=*}} prefix=${{current%%=*}}= current=${{current#*=}}
    fi
    COMPREPLY=()
{body}
}}
complete -F {function} {name}
"""

COMMANDS = """\
    local command='' word
    for word in "${{COMP_WORDS[@]:1:COMP_CWORD - 1}}"; do
        case $word in
            {names}) command=$word; break ;;
        esac
    done
    case $command in
{cases}
    esac"""


def replies(words):
    return f"mapfile -t COMPREPLY < <(compgen -P \"$prefix\" -W {shlex.quote(words)} -- \"$current\")"


def names_of(options):
    return [name for option in options for name in option.names]


def case_of(options, action):
    return f"        {'|'.join(names_of(options))}) {action}; return ;;" if options else ""


def body_of(command, indent):
    """What to do within one command."""
    taking = [option for option in command.options if option.value]
    files = [option for option in taking if option.takes_file]
    choosing = [option for option in taking if option.choices]
    others = [option for option in taking if not option.takes_file and not option.choices]
    cases = [*(case_of([option], replies(" ".join(option.choices))) for option in choosing),
             # Readline's own completion knows ~ and quotes what must be quoted.
             case_of(files, "compopt -o default"),
             case_of(others, ":")]
    lines = ["    case $previous in", *filter(None, cases), "    esac"] if taking else []
    names = replies(" ".join(names_of(command.options)))
    if any(operand.takes_file for operand in command.operands):
        lines += [f"    if [[ $current == -* ]]; then {names}; else compopt -o default; fi"]
    else:
        lines += [f"    {names}"]
    return "\n".join(" " * indent + line for line in lines)


def body_of_commands(program):
    names = [command.name for command in program.commands]
    cases = [f"        {command.name})\n{body_of(command, 8)}\n            ;;"
             for command in program.commands]
    cases.append(f"        *) {replies(' '.join(names + names_of(program.options)))} ;;")
    return COMMANDS.format(names="|".join(names), cases="\n".join(cases))


def of(program):
    return SCRIPT.format(name=program.name, function="_" + program.name.replace("-", "_"),
                         body=body_of_commands(program) if program.commands
                         else body_of(program, 0))
