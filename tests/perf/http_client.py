"""A small HTTP client over raw sockets: it sees exactly what came, and when."""

import json
import socket
import struct

ID = "grupo7"
PATH = f"/turno/{ID}"
REQUIRED_FIELDS = {"date", "content-type", "cache-control", "content-length"}
SOURCES = [f"127.0.0.{host}" for host in range(2, 6)]
ANSWER_TIMEOUT_SECONDS = 5.0


class BadAnswer(Exception):
    """The server answered, but not what a turn counter answers."""


def request_bytes(path=PATH):
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


def check_turn(status, fields, body):
    """(id, turn) of an answer that has the promised shape; raises BadAnswer otherwise."""
    if status != 200:
        raise BadAnswer(f"status {status}: {body[:200]!r}")
    missing = REQUIRED_FIELDS - fields.keys()
    if missing:
        raise BadAnswer(f"without {', '.join(sorted(missing))}")
    if fields["content-type"] != "application/json" or fields["cache-control"] != "no-store":
        raise BadAnswer("Content-Type or Cache-Control differ from the contract")
    try:
        answer = json.loads(body)
    except ValueError:
        raise BadAnswer(f"not JSON: {body[:200]!r}") from None
    if not isinstance(answer, dict) or list(answer) != ["id", "turno"]:
        raise BadAnswer(f"not a turn: {body[:200]!r}")
    if not isinstance(answer["turno"], int) or answer["turno"] < 1:
        raise BadAnswer(f"not a turn: {body[:200]!r}")
    return answer["id"], answer["turno"]


def take_turn(connection, path=PATH):
    connection.sendall(request_bytes(path))
    return check_turn(*read_answer(connection)[:3])


def verify(port, counts):
    """Does the server at `port` do what will be measured? With `counts`: it counts, per id."""
    with connect(port) as connection:
        first = take_turn(connection)
        connection.sendall(request_bytes() * 2)  # pipelined
        *second, rest = read_answer(connection)
        third = read_answer(connection, rest)[:3]
        answers = [first, check_turn(*second), check_turn(*third)]
        if any(name != ID for name, _ in answers):
            raise BadAnswer("another id than the one asked for")
        if not counts:
            return
        if [turn for _, turn in answers] != list(range(first[1], first[1] + 3)):
            raise BadAnswer("three turns of one id are not consecutive")
        if take_turn(connection, "/turno/other") != ("other", 1):
            raise BadAnswer("a second id does not start at 1")


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
