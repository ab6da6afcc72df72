"""Redis as the place where a contender keeps its counters: fresh each time, on no disk."""

import re

import contender
import http_client


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


def ping(port):
    with http_client.connect(port) as connection:
        connection.sendall(b"PING\r\n")
        answer = connection.recv(64)
    if answer != b"+PONG\r\n":
        raise http_client.BadAnswer(f"Redis answered {answer!r} to a PING")
