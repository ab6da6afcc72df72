"""The load generator: its command line and what it prints."""

import re

LATENCY_UNITS_US = {"us": 1.0, "ms": 1e3, "s": 1e6, "m": 60e6, "h": 3600e6}


class WrkError(Exception):
    """wrk's output does not say what a measurement needs."""


def command(url, connections, seconds, threads=1, script=None, arguments=()):
    words = ["wrk", "--latency", f"-t{threads}", f"-c{connections}", f"-d{seconds}s"]
    if script:
        words += ["-s", str(script)]
    words.append(url)
    if arguments:
        words += ["--", *map(str, arguments)]
    return words


def parse_latency_us(text):
    match = re.fullmatch(r"([0-9.]+)(us|ms|s|m|h)", text)
    if not match:
        raise WrkError(f"not a latency: {text}")
    return float(match[1]) * LATENCY_UNITS_US[match[2]]


def percentile_us(output, percent):
    """Microseconds, or None where wrk prints 0: it lost count of its own corrections."""
    match = re.search(rf"^\s*{percent}%\s+(\S+)\s*$", output, re.MULTILINE)
    if not match:
        raise WrkError(f"no {percent} % latency in wrk's output")
    return parse_latency_us(match[1]) or None


def parse(output):
    """One run: requests, rate per second, latencies in microseconds, list of errors."""
    total = re.search(r"^\s*(\d+) requests in ", output, re.MULTILINE)
    rate = re.search(r"^Requests/sec:\s*([0-9.]+)", output, re.MULTILINE)
    if not total or not rate:
        raise WrkError("no totals in wrk's output")
    errors = []
    sockets = re.search(r"^\s*Socket errors: (.*)$", output, re.MULTILINE)
    if sockets:
        errors.append(f"socket errors: {sockets[1].strip()}")
    refused = re.search(r"^\s*Non-2xx or 3xx responses: (\d+)", output, re.MULTILINE)
    if refused:
        errors.append(f"{refused[1]} answers were not 2xx or 3xx")
    if int(total[1]) == 0:
        errors.append("no request was answered")
    return {
        "requests": int(total[1]),
        "rate": float(rate[1]),
        "p50_us": percentile_us(output, 50),
        "p99_us": percentile_us(output, 99),
        "errors": errors,
    }
