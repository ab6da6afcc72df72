"""The three shells, each asked what it would offer for the beginning of a line."""

import os
import pty
import select
import signal
import subprocess
import time
from pathlib import Path

from built import REFERENCE

TIMEOUT_SECONDS = 20.0


class Terminal:
    """A shell that believes a person is typing."""

    def __init__(self, command, directory):
        self._pid, self._fd = pty.fork()
        if self._pid == 0:
            os.chdir(directory)
            os.execvpe(command[0], command, {"PATH": os.environ["PATH"], "TERM": "dumb",
                                             "HOME": str(directory), "LC_ALL": "C.UTF-8"})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.close(self._fd)

    def type(self, text):
        os.write(self._fd, text.encode())

    def read_until(self, marker):
        """All that was shown up to the marker, which must come in time."""
        shown, deadline = "", time.monotonic() + TIMEOUT_SECONDS
        while marker not in shown:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self._fd], [], [], left)[0]:
                raise TimeoutError(f"no {marker!r} in {shown!r}")
            shown += os.read(self._fd, 4096).decode(errors="replace")
        return shown


# The words that a stub of the program was started with, after the key Tab had its say.
STUB = "{name}() {{ local word; printf '<%s>' \"$@\"; printf 'END\\n'; }}\n"


def typed(shell, program, line, directory):
    """The arguments that come of the line with the key Tab at its end."""
    setup = Path(directory) / f".setup.{shell}"
    source = {"bash": f"source {REFERENCE}/bash/{program}\n",
              "zsh": f"fpath=({REFERENCE}/zsh $fpath)\nautoload -U compinit\ncompinit -u -D\n"}
    setup.write_text(source[shell] + STUB.format(name=program) + "PS1='ready> '\n")
    command = {"bash": ["bash", "--norc", "--noprofile", "-i"], "zsh": ["zsh", "-f", "-i"]}
    with Terminal(command[shell], directory) as terminal:
        terminal.type(f"source {setup}\n")
        terminal.read_until("ready> ")
        terminal.type(f"{program} {line}\t\n")
        answer = terminal.read_until("END\r\n")
    words = answer.rpartition("END")[0].rpartition("\n")[2]
    return words.removeprefix("<").removesuffix(">").split("><")


BASH = """\
source "$1"
mapfile -t COMP_WORDS < "$2"
COMP_CWORD=$(( ${#COMP_WORDS[@]} - 1 ))
compopt() { [[ $* == "-o default" ]] && echo FILES; }
"$3"
printf '%s\\n' "${COMPREPLY[@]}"
"""


def offered_by_bash(program, words, directory):
    """FILES stands for the names of files, which Readline adds."""
    list_of_words = Path(directory) / ".words"
    # Readline makes three words of --name=value.
    list_of_words.write_text("".join(
        f"{part}\n" for word in [program, *words]
        for part in (word.replace("=", "\n=\n", 1).rstrip("\n").split("\n"))))
    done = subprocess.run(
        ["bash", "-c", BASH, "bash", REFERENCE / "bash" / program, list_of_words,
         "_" + program.replace("-", "_")],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=TIMEOUT_SECONDS)
    if done.stderr:
        raise AssertionError(done.stderr)
    return set(done.stdout.split())


# compadd is what all of zsh's completion ends in: it writes down what it is given.
ZSH = """\
fpath=({reference}/zsh $fpath)
autoload -U compinit
compinit -u -D
compadd() {{
    local -a found
    # Others that ask for an array, by -O, -A or -D, want to know and not to offer.
    if [[ ${{@[1,(i)(-|--)]}} != *-(O|A|D)\\ * ]]; then
        builtin compadd -O found "$@"
        print -rl -- $found >> {output}
    fi
    builtin compadd "$@"
}}
PS1='ready> '
"""


def offered_by_zsh(program, words, directory):
    output = Path(directory) / ".offered"
    output.write_text("")
    setup = Path(directory) / ".setup.list"
    setup.write_text(ZSH.format(reference=REFERENCE, output=output))
    with Terminal(["zsh", "-f", "-i"], directory) as terminal:
        terminal.type(f"source {setup}\n")
        terminal.read_until("ready> ")
        # Tab, then a line of its own (the keys Control-U and Return) that ends the wait.
        terminal.type(f"{program} {' '.join(words)}\t\x15print END''OF''LIST\n")
        terminal.read_until("ENDOFLIST")
    return {word.rstrip("=") if word.startswith("-") else word
            for word in output.read_text().split()}


def offered_by_fish(program, words, directory):
    line = " ".join([program, *words])
    done = subprocess.run(
        ["fish", "--no-config", "-c",
         f"source {REFERENCE}/fish/{program}.fish; complete -C '{line}'"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=TIMEOUT_SECONDS,
        cwd=directory, env=os.environ | {"HOME": str(directory), "LC_ALL": "C.UTF-8"})
    if done.stderr:
        raise AssertionError(done.stderr)
    # --name=value is offered whole.
    return {each.partition("\t")[0].rpartition("=")[2] for each in done.stdout.splitlines()}


OFFERED_BY = {"bash": offered_by_bash, "zsh": offered_by_zsh, "fish": offered_by_fish}
