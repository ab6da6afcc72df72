"""Programs that run together until somebody wants the end: what the demo and deploy/local have in common."""

import contextlib
import os
import signal

NAMES = ("turnomatic", "turnomatic-bench")


def say(text):
    # Who listened may have gone, and what was started has to be ended all the same.
    with contextlib.suppress(OSError):
        print(text, flush=True)


def programs_in(directory, parser):
    """The directory, made absolute. Without our programs in it that is an error of the command line."""
    directory = directory.resolve()
    for name in NAMES:
        if not os.access(directory / name, os.X_OK):
            parser.error(f"no {name} in {directory}: make build")
    return directory


class Ensemble:
    """A context manager: everything is gone at its end, come what may."""

    def __init__(self):
        self._stack = contextlib.ExitStack()
        self._over = False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._stack.close()

    def end_on_signals(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._end)

    def _end(self, *_):
        """Only sets a flag, so that no start is left half done."""
        self._over = True

    def is_over(self):
        return self._over

    def run(self, program):
        """Starts the program; it is ended with the others."""
        say(f"starting {program.name}")
        self._stack.enter_context(program).start(self.is_over)
        return program
