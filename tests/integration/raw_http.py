"""HTTP over a bare socket: sends what no client library would, sees exactly what comes back."""

import dataclasses
import re
import socket

TIMEOUT_SECONDS = 5.0
EVENT_STREAM = "text/event-stream"


class BadAnswer(Exception):
    """What came is no answer of HTTP/1.1."""


@dataclasses.dataclass(frozen=True)
class Answer:
    status_line: str
    fields: dict  # names as received
    body: bytes
    surplus: bytes = b""  # what came behind the answer's end; set by Connection.finish

    @property
    def status(self):
        return int(self.status_line.split(" ")[1])

    @property
    def closes(self):
        return self.fields.get("Connection") == "close"


def request(method, target, fields=("Host: localhost",), version="HTTP/1.1"):
    return "\r\n".join([f"{method} {target} {version}", *fields, "", ""]).encode("latin-1")


class Connection:
    """A context manager; every wait in it ends after TIMEOUT_SECONDS."""

    def __init__(self, address):
        self._socket = socket.create_connection(address, TIMEOUT_SECONDS)
        self._received = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    def send(self, data):
        self._socket.sendall(data)

    def end_our_half(self):
        self._socket.shutdown(socket.SHUT_WR)

    def read_answer(self, to_head=False):
        """One answer; with `to_head` it has no body, whatever its Content-Length says; 204 never."""
        while b"\r\n\r\n" not in self._received:
            self._receive()
        head, self._received = self._received.split(b"\r\n\r\n", 1)
        status_line, fields = parse_head(head.decode("latin-1"))
        bare = to_head or status_line.startswith("HTTP/1.1 204 ")  # RFC 9110 section 6.4.1
        if fields.get("Content-Type") == EVENT_STREAM and not bare:
            return Answer(status_line, fields, self._read_event())
        size = 0 if bare else content_length(fields)
        while len(self._received) < size:
            self._receive()
        body, self._received = self._received[:size], self._received[size:]
        return Answer(status_line, fields, body)

    def finish(self, answer):
        """`answer` with what came behind it, once the connection has done what the answer says:
        it ends, or it still serves a request."""
        if not answer.closes:
            self.send(request("GET", "/livez", ["Host: localhost", "Connection: close"]))
            if self.read_answer().status != 200:
                raise BadAnswer("the connection does not go on behind an answer that keeps it")
        elif answer.fields.get("Content-Type") == EVENT_STREAM:
            self.end_our_half()  # it would go on
        return dataclasses.replace(answer, surplus=self._read_to_end())

    def _read_event(self):
        while b"\n\n" not in self._received:
            self._receive()
        end = self._received.index(b"\n\n") + 2
        event, self._received = self._received[:end], self._received[end:]
        return event

    def _receive(self):
        piece = self._socket.recv(65536)
        if not piece:
            raise BadAnswer(f"the connection ends within an answer: {self._received[:200]!r}")
        self._received += piece

    def _read_to_end(self):
        while piece := self._socket.recv(65536):
            self._received += piece
        return self._received


def parse_head(text):
    status_line, *lines = text.split("\r\n")
    if not re.fullmatch(r"HTTP/1\.1 [1-5][0-9]{2} [A-Za-z ]+", status_line):
        raise BadAnswer(f"status line {status_line!r}")
    fields = {}
    for line in lines:
        name, separator, value = line.partition(": ")
        if not separator or name in fields:
            raise BadAnswer(f"field line {line!r}")
        fields[name] = value
    return status_line, fields


def content_length(fields):
    text = fields.get("Content-Length", "")
    if not text.isdigit():
        raise BadAnswer(f"Content-Length {text!r}")
    return int(text)


def ask(address, data, to_head=False):
    """The answer to `data` on a connection of its own, after Connection.finish."""
    with Connection(address) as connection:
        connection.send(data)
        return connection.finish(connection.read_answer(to_head))
