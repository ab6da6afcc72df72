#!/usr/bin/python3
"""Callers that do what none should, all against one port and from an address of their own; says as JSON what
they were answered. A process of its own, so that it can have a core of its own.

    hostile.py KIND PORT SECONDS
"""

import contextlib
import json
import re
import selectors
import socket
import sys
import time

SOURCE = "127.0.0.9"
HOST = b"Host: 127.0.0.1\r\n"
STATUS = re.compile(rb"HTTP/1\.[01] (\d{3}) ")
ANSWER_BYTES = 65536
PIPELINE = 2000  # requests that are sent at once
LOOK_SECONDS = 0.02


def request(target=b"/turno/hostile", fields=HOST, method=b"POST"):
    return method + b" " + target + b" HTTP/1.1\r\n" + fields + b"Content-Length: 0\r\n\r\n"


def malformed():
    """Each is a way to smuggle a request past somebody: two hosts, two lengths, a folded field."""
    return [b"POST /turno/hostile HTTP/1.1\r\n" + HOST + HOST + b"\r\n",
            b"POST /turno/hostile HTTP/1.1\r\n" + HOST + b"Content-Length: 0\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            b"POST /turno/hostile HTTP/1.1\r\n" + HOST + b"X: a\r\n b\r\n\r\n",
            b"POST /turno/hos\x01tile HTTP/1.1\r\n" + HOST + b"\r\n",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\r\n" * 2]


class Caller:
    """One connection that does not block: sends what `next_bytes` gives, and counts what comes."""

    def __init__(self, port, next_bytes, reads=True, receive_buffer=0):
        self.answers, self.connects, self.sent = {}, 0, 0
        self._port, self._next_bytes = port, next_bytes
        self.reads, self._receive_buffer = reads, receive_buffer
        self.socket, self._waiting, self._tail = None, b"", b""

    def open(self):
        self.close()
        self.socket = socket.socket()
        self.socket.setblocking(False)
        if self._receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self._receive_buffer)
        self.socket.setsockopt(socket.IPPROTO_IP, getattr(socket, "IP_BIND_ADDRESS_NO_PORT", 24), 1)
        self.socket.bind((SOURCE, 0))
        self.socket.connect_ex(("127.0.0.1", self._port))
        self.connects += 1
        self._waiting, self._tail = b"", b""

    def close(self):
        if self.socket:
            self.socket.close()
            self.socket = None

    def can_write(self):
        """Raises OSError if the connection has ended."""
        if not self._waiting:
            self._waiting = self._next_bytes(self)
        with contextlib.suppress(BlockingIOError):
            count = self.socket.send(self._waiting)
            self.sent += count
            self._waiting = self._waiting[count:]

    def can_read(self):
        piece = self.socket.recv(ANSWER_BYTES)
        if not piece:
            raise ConnectionResetError
        text = self._tail + piece
        end = 0
        for match in STATUS.finditer(text):
            status = match[1].decode()
            self.answers[status] = self.answers.get(status, 0) + 1
            end = match.end()
        self._tail = text[max(end, len(text) - 12):]


def one_by_one(requests):
    """The next request when the last has been answered: a caller that waits. The list in turn."""
    state = {"at": 0, "answered": {}}

    def next_bytes(caller):
        # A connection that was refused is over; a new one asks again.
        known = (caller.connects, sum(caller.answers.values()))
        if state["answered"].get(id(caller)) == known:
            return b""
        state["answered"][id(caller)] = known
        state["at"] += 1
        return requests[state["at"] % len(requests)]

    return next_bytes


def fresh_ids():
    state = {"number": 0}

    def next_bytes(_):
        state["number"] += 200
        return b"".join(request(b"/turno/new-%d" % number)
                        for number in range(state["number"] - 200, state["number"]))

    return next_bytes


def slowly(text, pause_seconds):
    """A byte at a time, with pauses, on each connection by itself."""
    state = {}

    def next_bytes(caller):
        at, due = state.get((id(caller), caller.connects), (0, 0.0))
        now = time.monotonic()
        if now < due:
            return b""
        state[id(caller), caller.connects] = (at + 1, now + pause_seconds)
        return text[at % len(text):at % len(text) + 1]

    return next_bytes


# {kind: (what they do, connections, what is sent, how)}
KINDS = {
    "malformed": ("malformed heads, a new connection after each", 16,
                  lambda: one_by_one(malformed()), {}),
    "long_ids": ("ids of 65 to 900 characters", 16,
                 lambda: one_by_one([request(b"/turno/" + b"x" * size) for size in (65, 200, 900)]),
                 {}),
    "long_heads": ("a target of 4 KB, fields of 20 KB, 200 fields", 16, lambda: one_by_one(
        [request(b"/turno/" + b"x" * 4000), request(fields=HOST + b"X: " + b"y" * 20000 + b"\r\n"),
         request(fields=HOST + b"".join(b"X%d: y\r\n" % number for number in range(200)))]), {}),
    "pipelines": (f"{PIPELINE:,} requests in one write, again and again", 4,
                  lambda: lambda _: request() * PIPELINE, {}),
    "slow_readers": ("pipelines whose answers nobody reads", 64,
                     lambda: lambda _: request() * PIPELINE, {"reads": False, "receive_buffer": 4096}),
    "slow_heads": ("a head that comes a byte every 100 ms", 500,
                   lambda: slowly(request(), 0.1), {}),
    "silent": ("connections that say nothing", 2000, lambda: lambda _: b"", {}),
    "new_ids": ("a new id with each request, in pipelines", 4, fresh_ids, {}),
}


def serve(callers, events):
    for key, mask in events:
        caller = key.data
        try:
            if mask & selectors.EVENT_READ:
                caller.can_read()
            if mask & selectors.EVENT_WRITE:
                caller.can_write()
        except OSError:
            callers.unregister(caller.socket)
            caller.open()
            callers.register(caller.socket, selectors.EVENT_WRITE
                             | (selectors.EVENT_READ if caller.reads else 0), caller)


def misbehave(kind, port, seconds):
    """{status: count}, connections made and bytes sent, after so long."""
    _, count, make, how = KINDS[kind]
    next_bytes = make()
    # Level-triggered: a caller with nothing to say would always be writable, hence the pause.
    pausing = kind in ("slow_heads", "silent")
    with selectors.DefaultSelector() as watched:
        members = [Caller(port, next_bytes, **how) for _ in range(count)]
        for caller in members:
            caller.open()
            watched.register(caller.socket, selectors.EVENT_WRITE
                             | (selectors.EVENT_READ if caller.reads else 0), caller)
        end = time.monotonic() + seconds
        while (now := time.monotonic()) < end:
            before = sum(caller.sent for caller in members)
            serve(watched, watched.select(end - now))
            if pausing or before == sum(caller.sent for caller in members):
                time.sleep(LOOK_SECONDS if pausing else 0.001)
        for caller in members:
            caller.close()
    answers = {}
    for caller in members:
        for status, number in caller.answers.items():
            answers[status] = answers.get(status, 0) + number
    return {"answers": dict(sorted(answers.items())), "connections": count,
            "connects": sum(caller.connects for caller in members),
            "bytes_sent": sum(caller.sent for caller in members)}


def main(arguments):
    try:
        kind, port, seconds = arguments[0], int(arguments[1]), float(arguments[2])
        if kind not in KINDS or len(arguments) != 3:
            raise ValueError
    except (IndexError, ValueError):
        print(f"usage: hostile.py {'|'.join(KINDS)} PORT SECONDS", file=sys.stderr)
        return 64
    print(json.dumps(misbehave(kind, port, seconds)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
