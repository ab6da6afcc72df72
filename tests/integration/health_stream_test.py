"""The stream of health over the life of an instance: what it says, when, and how it ends."""

import json
import signal
import socket
import time
import unittest

from raw_http import ask, request
from server_process import ServerProcess
from server_tests import server_and_arguments

SERVER = None
SUBSCRIPTION = request("GET", "/health/stream")


class Subscriber:
    """A context manager. Each wait in it ends after five seconds."""

    def __init__(self, address):
        self._socket = socket.create_connection(address, 5.0)
        self._socket.sendall(SUBSCRIPTION)
        self._file = self._socket.makefile("r", encoding="utf-8", newline="\n")
        self.status_line = self._file.readline()
        while self._file.readline() not in ("\r\n", ""):
            pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._file.close()
        self._socket.close()

    def next(self):
        """The fields of the next event, its data as an object; None at the end of the stream."""
        event = {}
        while line := self._file.readline():
            if line == "\n" and "data" in event:
                event["data"] = json.loads(event["data"])
                return event
            name, _, value = line.rstrip("\n").partition(": ")
            event[name] = value
        return None

    def until(self, wanted):
        for _ in range(20):
            event = self.next()
            if event is None or wanted(event["data"]):
                return event
        return None


class HealthStreamTest(unittest.TestCase):
    def server(self, *flags):
        return self.enterContext(ServerProcess(SERVER, *flags))

    def subscriber(self, server):
        return self.enterContext(Subscriber(server.operations))

    def test_begins_with_the_state(self):
        event = self.subscriber(self.server()).next()
        self.assertEqual(event["event"], "health")
        self.assertLess(abs(int(event["id"]) / 1000 - time.time()), 60)
        self.assertEqual(event["data"]["state"], "healthy")
        self.assertEqual(event["data"]["readiness"], "ready")
        self.assertEqual(event["data"]["degraded"], [])

    def test_tells_what_becomes_worse(self):
        server = self.server("--memory-max-ids", "1")
        stream = self.subscriber(server)
        stream.next()
        self.assertEqual(ask(server.address, request("POST", "/turno/a")).status, 200)
        worse = stream.until(
            lambda data: "id_table_full" in [entry["what"] for entry in data["degraded"]])
        self.assertEqual(worse["data"]["state"], "degraded")

    def test_shows_a_drain_and_ends_with_the_process(self):
        server = self.server("--drain-delay", "1s")
        stream = self.subscriber(server)
        stream.next()
        server.send_signal(signal.SIGTERM)
        draining = stream.until(lambda data: data["readiness"] == "draining")
        self.assertEqual(draining["data"]["state"], "unhealthy")
        self.assertIsNone(stream.until(lambda data: False))

    def test_has_room_for_many_and_costs_the_callers_nothing(self):
        server = self.server()
        streams = [self.subscriber(server) for _ in range(32)]
        with Subscriber(server.operations) as one_too_many:
            self.assertIn(" 503 ", one_too_many.status_line)
        for stream in streams:
            self.assertEqual(stream.next()["data"]["state"], "healthy")
        self.assertEqual(ask(server.address, request("POST", "/turno/a")).status, 200)


def main():
    global SERVER
    SERVER, arguments = server_and_arguments(__doc__)
    unittest.main(argv=arguments)


if __name__ == "__main__":
    main()
