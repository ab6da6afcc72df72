"""What the command lines of this directory have in common."""

import argparse
import signal
import sys

EXIT_USAGE, EXIT_UNAVAILABLE = 64, 69


class Parser(argparse.ArgumentParser):
    def error(self, message):
        self.print_usage(sys.stderr)
        self.exit(EXIT_USAGE, f"{self.prog}: {message}\n")


def names(known):
    def parse(text):
        chosen = text.split(",")
        unknown = [name for name in chosen if name not in known]
        if unknown:
            raise argparse.ArgumentTypeError(
                f"unknown: {', '.join(unknown)} (known: {', '.join(known)})")
        return chosen
    return parse


def whole(text):
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive whole number")
    return int(text)


def say(line):
    print(line, file=sys.stderr, flush=True)


def run_as_program(main):
    """Ends the process with what `main` returns for its arguments, or in order on a signal, so
    that servers which it started end as well."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        say("interrupted")
        sys.exit(128 + signal.SIGINT)
