"""A small HTTP client over raw sockets: it sees exactly what came, and when."""

import json
import socket
import struct
from dataclasses import dataclass
from typing import Callable

ID = "grupo7"
REQUIRED_FIELDS = {"date", "content-type", "cache-control", "content-length"}
SOURCES = [f"127.0.0.{host}" for host in range(2, 6)]
ANSWER_TIMEOUT_SECONDS = 5.0


class BadAnswer(Exception):
    """The server answered, but not what a turn counter answers."""


def request_bytes(path):
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


def connect(port, source=None):
    """A connection from `source`, an address of the loopback net. The port on our side is
    chosen at connect(), so that one port may serve several (source, destination) pairs. It
    closes by a reset: thousands of ports left in TIME_WAIT would be missing in later rounds."""
    connection = socket.socket()
    try:
        connection.settimeout(ANSWER_TIMEOUT_SECONDS)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if source:
            no_port = getattr(socket, "IP_BIND_ADDRESS_NO_PORT", 24)
            connection.setsockopt(socket.IPPROTO_IP, no_port, 1)
            connection.bind((source, 0))
        connection.connect(("127.0.0.1", port))
    except BaseException:
        connection.close()
        raise
    return connection


def parse_head(head):
    """(status, {field name in lower case: value}) of a header without its empty line."""
    lines = head.decode("latin-1").split("\r\n")
    words = lines[0].split(" ", 2)
    if len(words) < 2 or words[0] != "HTTP/1.1" or not words[1].isdigit():
        raise BadAnswer(f"status line {lines[0]!r}")
    fields = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
    return int(words[1]), {name.lower(): value for name, value in fields.items()}


def read_answer(connection, received=b""):
    """(status, fields, body, what came behind it)."""
    def more(received):
        piece = connection.recv(65536)
        if not piece:
            raise BadAnswer("the connection was closed before the answer's end")
        return received + piece

    while b"\r\n\r\n" not in received:
        received = more(received)
    head, received = received.split(b"\r\n\r\n", 1)
    status, fields = parse_head(head)
    length = fields.get("content-length", "")
    if not length.isdigit():
        raise BadAnswer(f"status {status} without Content-Length")
    while len(received) < int(length):
        received = more(received)
    return status, fields, received[:int(length)], received[int(length):]


def parse_object(status, body):
    if status != 200:
        raise BadAnswer(f"status {status}: {body[:200]!r}")
    try:
        return json.loads(body)
    except ValueError:
        raise BadAnswer(f"not JSON: {body[:200]!r}") from None


def is_turn(value):
    return type(value) is int and value >= 1


def check_turn(status, fields, body, asked):
    """The turn in an answer of the promised shape; raises BadAnswer otherwise."""
    answer = parse_object(status, body)
    missing = REQUIRED_FIELDS - fields.keys()
    if missing:
        raise BadAnswer(f"without {', '.join(sorted(missing))}")
    if fields["content-type"] != "application/json" or fields["cache-control"] != "no-store":
        raise BadAnswer("Content-Type or Cache-Control differ from the contract")
    if (not isinstance(answer, dict) or list(answer) != ["id", "turno"]
            or not is_turn(answer["turno"])):
        raise BadAnswer(f"not a turn: {body[:200]!r}")
    if answer["id"] != asked:
        raise BadAnswer("another id than the one asked for")
    return answer["turno"]


def check_incr(status, fields, body, asked):
    """The same for an answer of webdis, which repeats the command and not the id."""
    answer = parse_object(status, body)
    if not isinstance(answer, dict) or list(answer) != ["INCR"] or not is_turn(answer["INCR"]):
        raise BadAnswer(f"not a counter: {body[:200]!r}")
    return answer["INCR"]


@dataclass(frozen=True)
class Dialect:
    """How a server is asked for a turn, and how its answer is read."""
    prefix: str  # of the path; the id follows
    check: Callable  # (status, fields, body, id) -> turn, or BadAnswer
    in_order: bool = True  # pipelined requests of one id get their turns in order

    def path(self, name=ID):
        return self.prefix + name


TURNS = Dialect("/turno/", check_turn)
# webdis spreads a connection's requests over its connections to Redis, where they overtake
# one another: three pipelined ones were seen to get 3, 1 and 2.
INCRS = Dialect("/INCR/", check_incr, in_order=False)


def take_turn(connection, name=ID, dialect=TURNS):
    connection.sendall(request_bytes(dialect.path(name)))
    return dialect.check(*read_answer(connection)[:3], name)


def take_two_pipelined(connection, dialect=TURNS):
    connection.sendall(request_bytes(dialect.path()) * 2)
    *first, rest = read_answer(connection)
    second = read_answer(connection, rest)[:3]
    return [dialect.check(*first, ID), dialect.check(*second, ID)]


def verify(port, counts, dialect=TURNS):
    """Does the server at `port` do what will be measured? With `counts`: it counts, per id."""
    with connect(port) as connection:
        first = take_turn(connection, dialect=dialect)
        pair = take_two_pipelined(connection, dialect)
        turns = [first, *(pair if dialect.in_order else sorted(pair))]
        if not counts:
            return
        if turns != list(range(first, first + 3)):
            raise BadAnswer("three turns of one id are not consecutive")
        if take_turn(connection, "other", dialect) != 1:
            raise BadAnswer("a second id does not start at 1")


def fetch(port, path):
    """The body of a page as text; raises BadAnswer unless it is answered with 200."""
    with connect(port) as connection:
        connection.sendall(request_bytes(path))
        status, _, body, _ = read_answer(connection)
    if status != 200:
        raise BadAnswer(f"status {status} for {path}")
    return body.decode()


def metric(page, name):
    """The value of a series without labels, in the text exposition of Prometheus."""
    for line in page.splitlines():
        words = line.split(" ")
        if words[0] == name and len(words) == 2:
            return float(words[1])
    raise BadAnswer(f"no {name} among the metrics")


def is_idle(connection):
    """True if the connection is open and nothing waits to be read."""
    connection.setblocking(False)
    try:
        connection.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
