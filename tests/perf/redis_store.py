"""Redis as the place where a contender keeps its counters: fresh each time, on no disk."""

import re

import contender
import http_client
import process

PINGS = 20_000
PING_TIMEOUT_SECONDS = 20.0


def version():
    """Redis's own words hold more numbers than a table has room for."""
    line = contender.first_line([find(), "--version"])
    match = re.search(r"\bv=(\S+)", line)
    return f"Redis {match[1]}" if match else line


def find():
    return contender.find_program("redis-server", "redis-server")


def part(place):
    command = [find(), "--bind", "127.0.0.1", "--port", str(place.store_port), "--save", "",
               "--appendonly", "no", "--daemonize", "no", "--dir", str(place.directory)]
    return contender.Part(contender.STORE, command, lambda: ping(place.store_port))


def parse_round_trip_us(output):
    """The median of redis-benchmark's CSV, which is in milliseconds."""
    lines = [line.strip('"').split('","') for line in output.splitlines() if line.startswith('"')]
    if len(lines) != 2 or "p50_latency_ms" not in lines[0]:
        raise ValueError(f"no latencies in the output of redis-benchmark: {output[:200]!r}")
    return float(lines[1][lines[0].index("p50_latency_ms")]) * 1e3


def round_trip_us(port, core):
    """How long a PING takes from `core`, one after the other."""
    command = [contender.find_program("redis-benchmark", "redis-tools"), "-h", "127.0.0.1", "-p",
               str(port), "-c", "1", "-n", str(PINGS), "-t", "ping_mbulk", "--csv"]
    return parse_round_trip_us(process.run(command, {core}, PING_TIMEOUT_SECONDS))


def ping(port):
    with http_client.connect(port) as connection:
        connection.sendall(b"PING\r\n")
        answer = connection.recv(64)
    if answer != b"+PONG\r\n":
        raise http_client.BadAnswer(f"Redis answered {answer!r} to a PING")
