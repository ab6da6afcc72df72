"""Redis as the place where a contender keeps its counters: fresh each time, on no disk."""

import re

import contender
import http_client
import process

PINGS = 20_000
PING_TIMEOUT_SECONDS = 20.0
SCRIPT_COMMAND = "evalsha"
INFO_COMMAND = "info"


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


def info(port):
    """The lines of all sections of INFO."""
    with http_client.connect(port) as connection:
        connection.sendall(b"INFO all\r\n")
        received = b""
        while b"\r\n" not in received or len(received) < expected_size(received):
            piece = connection.recv(65536)
            if not piece:
                raise http_client.BadAnswer("Redis closed the connection")
            received += piece
    return received.decode()


def expected_size(received):
    """Of a bulk string of which at least the first line is there."""
    head = received.split(b"\r\n", 1)[0]
    return len(head) + 2 + int(head[1:]) + 2


def calls_of(lines):
    """{command: how often it was executed}"""
    found = re.findall(r"^cmdstat_([^:]+):calls=(\d+)", lines, re.MULTILINE)
    return {name: int(calls) for name, calls in found}


def number_of(lines, name):
    found = re.search(rf"^{name}:(\d+)\s*$", lines, re.MULTILINE)
    if not found:
        raise http_client.BadAnswer(f"no {name} in Redis's INFO")
    return int(found[1])


def work(port):
    """(commands that scripts called, bytes received) so far. What few others were executed, when a
    lane enters the store, counts among the commands."""
    lines = info(port)
    calls = calls_of(lines)
    commands = sum(calls.values()) - sum(calls.get(name, 0)
                                         for name in (SCRIPT_COMMAND, INFO_COMMAND))
    return commands, number_of(lines, "total_net_input_bytes")


def used_memory(port):
    """Bytes that Redis has allocated."""
    return number_of(info(port), "used_memory")
