"""What the load generators print about themselves, read tool by tool."""

import json
import re
from dataclasses import dataclass, field

import wrk


class Unreadable(Exception):
    """The output does not say what every run of that tool must say."""


@dataclass(frozen=True)
class Seen:
    """What a tool says that it saw."""
    answered: int  # good answers that it counted
    rate: float  # requests a second
    failures: list = field(default_factory=list)


def find(pattern, output):
    match = re.search(pattern, output, re.MULTILINE)
    if not match:
        raise Unreadable(f"nothing like {pattern!r} in the output")
    return match[1]


def count(pattern, output, default=None):
    match = re.search(pattern, output, re.MULTILINE)
    if match is None and default is not None:
        return default
    return int(find(pattern, output))


def failures_of(**counts):
    """A line for each kind of failure that happened."""
    return [f"{number} {name.replace('_', ' ')}" for name, number in counts.items() if number]


def read_wrk(output):
    try:
        values = wrk.parse(output)
    except wrk.WrkError as error:
        raise Unreadable(str(error)) from None
    return Seen(values["requests"], values["rate"], values["errors"])


def read_ab(output):
    """ab prints some of its lines only when there is something to tell."""
    complete = count(r"^Complete requests:\s+(\d+)", output)
    other = count(r"^Non-2xx responses:\s+(\d+)", output, 0)
    return Seen(complete - other, float(find(r"^Requests per second:\s+([0-9.]+)", output)),
                failures_of(failed=count(r"^Failed requests:\s+(\d+)", output),
                            write_errors=count(r"^Write errors:\s+(\d+)", output, 0),
                            not_2xx=other))


def read_hey(output):
    codes = {code: int(number) for code, number
             in re.findall(r"^\s*\[(\d{3})\]\s+(\d+) responses", output, re.MULTILINE)}
    good = sum(number for code, number in codes.items() if code.startswith("2"))
    errors = output.partition("Error distribution:")[2]
    return Seen(good, float(find(r"^\s*Requests/sec:\s+([0-9.]+)", output)),
                failures_of(not_2xx=sum(codes.values()) - good,
                            errors=sum(map(int, re.findall(r"^\s*\[(\d+)\]", errors,
                                                           re.MULTILINE)))))


def read_h2load(output):
    line = find(r"^requests: (.*)$", output)
    failed, errored, timeout = (count(rf"(\d+) {word}", line)
                                for word in ("failed", "errored", "timeout"))
    return Seen(count(r"^status codes: (\d+) 2xx", output),
                float(find(r"^finished in .*?, ([0-9.]+) req/s", output)),
                failures_of(failed=failed, errored=errored, timed_out=timeout))


def read_loadtest(output):
    errors = count(r"^Total errors:\s+(\d+)", output)
    return Seen(count(r"^Completed requests:\s+(\d+)", output) - errors,
                float(find(r"^Effective rps:\s+(\d+)", output)), failures_of(errors=errors))


def read_autocannon(output):
    """Its table rounds to thousands, so it is asked for JSON: one line, after any warnings."""
    line = find(r"^(\{.*\})$", output)
    try:
        result = json.loads(line)
        return Seen(result["2xx"], float(result["requests"]["average"]),
                    failures_of(errors=result["errors"], timed_out=result["timeouts"],
                                not_2xx=result["non2xx"], resets=result["resets"],
                                mismatches=result["mismatches"]))
    except (ValueError, KeyError) as error:
        raise Unreadable(f"not the JSON of autocannon: {error}") from None
