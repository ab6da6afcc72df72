"""Provokes every answer that the server can give, and collects what came."""

import contextlib
import dataclasses
import json
import signal
import tempfile

from raw_http import Answer, Connection, ask, request
from server_process import ServerProcess, poll

ID = "grupo7"
IDS_MAX = 2
# Not to be configured: operator_connections_max in src/app/descriptor_plan.cpp.
OPERATOR_CONNECTIONS_MAX = 256
HOST = "Host: localhost"
PROBES = ("/livez", "/readyz", "/health", "/degraded")
LISTENERS = ("callers", "operations")
ORIGIN = "https://shop.example"
TOKEN = "the-token"
AUTHORIZATION = f"Authorization: Bearer {TOKEN}"
SET_COUNTER = ("POST", "/admin/counters/{id}")
SET_TO = 5  # and from there, so that the same request is accepted any number of times
PARAMETERS = {SET_COUNTER: f"?turno={SET_TO}&force=true&from={SET_TO}",
              ("POST", "/admin/breaker"): "?mode=automatic"}
# Counters in memory answer that there is no such thing.
ONLY_WITH_REDIS = ("/admin/counters/{id}/resume", "/admin/breaker", "/admin/store/adopt")


@dataclasses.dataclass(frozen=True)
class Observation:
    scenario: str
    listener: str
    operation: tuple  # (method, path) as in the document; None: outside its operations
    expected_status: int
    answer: Answer

    def __str__(self):
        asked = " ".join(self.operation or ("a request outside the operations",))
        return f"{asked} on the {self.listener} listener: {self.scenario}"


def target_of(operation):
    return operation[1].replace("{id}", ID) + PARAMETERS.get(operation, "")


def is_admin(operation):
    return operation[1].startswith("/admin/")


def expected_of(operation):
    if operation == ("HEAD", "/turno/{id}"):
        return 405
    if operation[0] == "OPTIONS":
        return 204
    return 409 if operation[1].startswith(ONLY_WITH_REDIS) else 200


def of_size(size, before, after=""):
    return before + "x" * (size - len(before) - len(after)) + after


def lines_of_size(size):
    """Field lines of `size` bytes with their line ends."""
    return [HOST, of_size(size - len(HOST) - 4, "X: ")]


def fields_of(count):
    return [HOST] + [f"X-{number}: y" for number in range(1, count)]


def accepted_requests(method, target, more=()):
    """(name, bytes) of requests that are answered by the endpoint itself. `more` are fields that
    it needs."""
    size = sum(len(line) + 2 for line in more)
    accepted = [
        ("plain", request(method, target, [HOST, *more])),
        ("the absolute form", request(method, f"http://example.org{target}", [HOST, *more])),
        ("keep-alive", request(method, target, [HOST, "Connection: keep-alive", *more])),
        ("close", request(method, target, [HOST, "Connection: close", *more])),
        ("HTTP/1.0", request(method, target, [*more], "HTTP/1.0")),
        ("HTTP/1.0 with keep-alive",
         request(method, target, ["Connection: keep-alive", *more], "HTTP/1.0")),
        ("a body of nothing", request(method, target, [HOST, "Content-Length: 0", *more])),
        ("an empty line before", b"\r\n" + request(method, target, [HOST, *more])),
        ("a header of 8192 bytes", request(method, target, [*lines_of_size(8192 - size), *more])),
        ("64 fields", request(method, target, [*fields_of(64 - len(more)), *more])),
    ]
    if method == "POST":
        length = [HOST, "Content-Length: 1024", *more]
        chunked = [HOST, "Transfer-Encoding: chunked", *more]
        accepted += [
            ("a body of 1024 bytes", request(method, target, length) + b"x" * 1024),
            ("an empty chunked body", request(method, target, chunked) + b"0\r\n\r\n"),
        ]
    return accepted


def requests_with_a_query(method, target, more=()):
    """(name, bytes) of requests whose query means nothing."""
    line = of_size(1024 - len(f"{method}  HTTP/1.1"), f"{target}?")
    return [
        ("a query", request(method, f"{target}?id=other&n=%zz", [HOST, *more])),
        ("a request line of 1024 bytes", request(method, line, [HOST, *more])),
    ]


def refused_requests(method, target):
    """(name, status, bytes) of requests that are refused before they are looked at further."""
    line = of_size(1025 - len(f"{method}  HTTP/1.1"), f"{target}?")
    body = 1025 if method == "POST" else 1
    return [
        ("no Host", 400, request(method, target, [])),
        ("two Hosts", 400, request(method, target, [HOST, HOST])),
        ("a folded line", 400, request(method, target, [HOST, "X: a", " b"])),
        ("a control byte in the target", 400, request(method, target + "\x01")),
        ("a non-ASCII byte in the target", 400, request(method, target + "\xe9")),
        ("length and chunks", 400,
         request(method, target, [HOST, "Content-Length: 0", "Transfer-Encoding: chunked"])),
        ("a body", 413, request(method, target, [HOST, f"Content-Length: {body}"]) + b"x" * body),
        ("a chunked body", 413,
         request(method, target, [HOST, "Transfer-Encoding: chunked"]) + b"1\r\nx\r\n0\r\n\r\n"),
        ("an expectation", 417, request(method, target, [HOST, "Expect: a-miracle"])),
        ("a request line of 1025 bytes", 414, request(method, line)),
        ("a header of 8193 bytes", 431, request(method, target, lines_of_size(8193))),
        ("65 fields", 431, request(method, target, fields_of(65))),
        ("HTTP/2.0", 505, request(method, target, version="HTTP/2.0")),
    ]


OTHER_REQUESTS = [
    ("an unknown path", 404, request("GET", "/nowhere")),
    ("a path in capitals", 404, request("GET", "/LIVEZ")),
    ("a path that is percent-encoded", 404, request("GET", "/%6civez")),
    ("a slash at the end", 404, request("GET", "/livez/")),
    ("CONNECT", 405, request("CONNECT", "localhost:80")),
    ("OPTIONS *", 405, request("OPTIONS", "*")),
    ("POST to a probe", 405, request("POST", "/livez")),
    ("an unknown method", 501, request("TAKE", "/livez")),
    ("a method in small letters", 501, request("get", "/livez")),
]
BAD_IDS = ["", "a%20b", "gr%C3%BCn", "a%2Fb", "a%", "%2567", "x" * 65]


class Scenarios:
    """Runs them all; `observations` is what came of it."""

    def __init__(self, binary, document):
        self._binary = binary
        self._document = document
        self.observations = []

    def run(self):
        with tempfile.NamedTemporaryFile("w") as token:
            token.write(TOKEN + "\n")
            token.flush()
            self._run_with_token(token.name)
        with ServerProcess(self._binary, "--http-header-timeout", "1ms") as server:
            self._slow_header(server)
        with ServerProcess(self._binary, "--http-max-connections-per-address", "1") as server:
            self._full_listener(server, "callers", 1, 429)
        with ServerProcess(self._binary, "--http-max-connections", "1") as server:
            self._full_listener(server, "callers", 1, 503)
        with ServerProcess(self._binary, "--new-ids-rate", "1", "--new-ids-burst", "1") as server:
            self._too_many_new_ids(server)
        with ServerProcess(self._binary, "--drain-delay", "1h") as server:
            self._announced_drain(server)
        with ServerProcess(self._binary) as server:
            self._drain(server)

    def _run_with_token(self, file):
        with ServerProcess(self._binary, "--memory-max-ids", str(IDS_MAX),
                           "--admin-token-file", file,
                           "--http-cors-origins", ORIGIN) as server:
            self._accepted_and_refused(server)
            self._missing_paths_and_bad_ids(server)
            self._other_requests(server)
            self._browsers(server)
            self._refused_administration(server)
            self._full_store(server)
            self._full_operations_listener(server)

    def _record(self, scenario, listener, operation, status, answer):
        self.observations.append(Observation(scenario, listener, operation, status, answer))
        return answer

    def _ask(self, scenario, server, listener, operation, status, data):
        to_head = operation is not None and operation[0] == "HEAD"
        try:
            answer = ask(address_of(server, listener), data, to_head)
        except Exception as error:
            error.add_note(f"{operation}, {listener} listener, {scenario}: {data[:200]!r}")
            raise
        return self._record(scenario, listener, operation, status, answer)

    def _places(self):
        """(operation, listener) for each listener that serves the operation."""
        return [(operation, listener) for operation in self._document.operations()
                for listener in self._document.listeners(operation[1])]

    def _too_many_new_ids(self, server):
        self._ask("the last new id", server, "callers", ("GET", "/turno/{id}"), 200,
                  request("GET", target_of(("GET", "/turno/{id}"))))
        for method in ("GET", "POST"):
            self._ask("a new id too many", server, "callers", (method, "/turno/{id}"), 429,
                      request(method, "/turno/another"))

    def _accepted_and_refused(self, server):
        for operation, listener in self._places():
            method, target = operation[0], target_of(operation)
            more = [AUTHORIZATION] if is_admin(operation) else []
            if operation == SET_COUNTER:
                self._set_counter(server)
            for name, data in accepted_requests(method, target, more):
                self._ask(name, server, listener, operation, expected_of(operation), data)
            # The administration takes nothing for meaningless.
            status = 400 if is_admin(operation) else expected_of(operation)
            for name, data in requests_with_a_query(method, target, more):
                self._ask(name, server, listener, operation, status, data)
            for name, status, data in refused_requests(method, target):
                self._ask(name, server, listener, operation, status, data)

    def _set_counter(self, server):
        path, fields = f"/admin/counters/{ID}", [HOST, AUTHORIZATION]
        found = ask(server.operations, request("GET", path, fields))
        turn = json.loads(found.body)["turno"]
        ask(server.operations,
            request("POST", f"{path}?turno={SET_TO}&force=true&from={turn}", fields))

    def _missing_paths_and_bad_ids(self, server):
        for operation in self._document.operations():
            method, path = operation
            for listener in set(LISTENERS) - set(self._document.listeners(path)):
                self._ask("the wrong listener", server, listener, operation, 404,
                          request(method, target_of(operation)))
            if path == "/turno/{id}":
                self._ask("a slash in the id", server, "callers", operation, 404,
                          request(method, "/turno/a/b"))
        for method in ("GET", "POST"):
            for text in BAD_IDS:
                self._ask(f"the id {text!r}", server, "callers", (method, "/turno/{id}"), 400,
                          request(method, f"/turno/{text}"))
            for status, key in ((200, '"k-1"'), (200, "k-1"), (400, "k 1"), (400, "")):
                self._ask(f"the key {key!r}", server, "callers", (method, "/turno/{id}"), status,
                          request(method, f"/turno/{ID}", [HOST, f"Idempotency-Key: {key}"]))

    def _other_requests(self, server):
        for listener in LISTENERS:
            for name, status, data in OTHER_REQUESTS:
                self._ask(name, server, listener, None, status, data)
        for method in ("PUT", "DELETE", "TRACE", "PATCH"):
            self._ask(f"{method} on a turn", server, "callers", None, 405,
                      request(method, f"/turno/{ID}"))

    def _browsers(self, server):
        page = [HOST, f"Origin: {ORIGIN}", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: cors"]
        stranger = [HOST, "Origin: https://evil.example", *page[2:]]
        preflight = "Access-Control-Request-Method: POST"
        for name, status, fields in (("a page that is allowed to", 200, page),
                                     ("a page that is not", 403, stranger),
                                     ("a prefetch", 403, [HOST, "Sec-Purpose: prefetch"]),
                                     ("early data", 425, [HOST, "Early-Data: 1"]),
                                     ("early data of a page", 425, [*page, "Early-Data: 1"])):
            for method in ("GET", "POST"):
                self._ask(name, server, "callers", (method, "/turno/{id}"), status,
                          request(method, f"/turno/{ID}", fields))
        for name, fields in (("a preflight", page), ("a preflight of a stranger", stranger)):
            self._ask(name, server, "callers", ("OPTIONS", "/turno/{id}"), 204,
                      request("OPTIONS", f"/turno/{ID}", [*fields, preflight]))
        self._ask("HEAD by a page", server, "callers", ("HEAD", "/turno/{id}"), 405,
                  request("HEAD", f"/turno/{ID}", page))

    def _refused_administration(self, server):
        for operation, listener in self._places():
            if not is_admin(operation):
                continue
            for name, fields in (("no token", [HOST]),
                                 ("a wrong token", [HOST, AUTHORIZATION + "x"])):
                self._ask(name, server, listener, operation, 401,
                          request(operation[0], target_of(operation), fields))
        fields = [HOST, AUTHORIZATION]
        for operation, target in ((("GET", SET_COUNTER[1]), "/admin/counters/a%20b"),
                                  (SET_COUNTER, "/admin/counters/?turno=1")):
            self._ask("no id", server, "operations", operation, 400,
                      request(operation[0], target, fields))
        for name, status, query in (
                ("a turn that was taken", 409, f"turno={SET_TO}"),
                ("a turn where the counter is not", 409, "turno=1000000&from=1"),
                ("a turn where the counter is not, forced", 409, "turno=1&force=true&from=1"),
                ("force without the turn that was seen", 400, "turno=1&force=true")):
            self._ask(name, server, "operations", SET_COUNTER, status,
                      request("POST", f"/admin/counters/{ID}?{query}", fields))
        for path in ("/admin/counters", "/admin/store/adopt"):
            self._ask(f"PUT to {path}", server, "operations", None, 405,
                      request("PUT", path, fields))
        self._ask("an unknown path of the administration", server, "operations", None, 404,
                  request("GET", "/admin/nowhere", fields))

    def _full_store(self, server):
        ask(server.address, request("POST", "/turno/the-last-that-fits"))
        for method in ("GET", "POST"):
            self._ask("a new id", server, "callers", (method, "/turno/{id}"), 507,
                      request(method, "/turno/one-too-many"))
            self._ask("an id that is there", server, "callers", (method, "/turno/{id}"), 200,
                      request(method, f"/turno/{ID}"))
        self._ask("a new id", server, "operations", SET_COUNTER, 507,
                  request("POST", "/admin/counters/one-too-many?turno=1", [HOST, AUTHORIZATION]))
        self._probe_until(server, "/degraded", 200, lambda answer: b"id_table_full" in answer.body)
        self._probe_until(server, "/health", 200, lambda answer: b'"warn"' in answer.body)

    def _full_operations_listener(self, server):
        self._full_listener(server, "operations", OPERATOR_CONNECTIONS_MAX, 503)

    def _full_listener(self, server, listener, connections, status):
        """What a connection is told that is one too many."""
        with contextlib.ExitStack() as held:
            for _ in range(connections):
                # Earlier connections count until the server has seen their end.
                admitted = poll("room for a connection", lambda: admit(server, listener))
                held.enter_context(admitted)
            for operation in self._document.operations():
                if listener in self._document.listeners(operation[1]):
                    self._ask("one connection too many", server, listener, operation,
                              expected_of(operation) if operation[1] in PROBES else status,
                              request(operation[0], target_of(operation)))
            if status == 503 and listener == "callers":
                self._full(server)

    def _full(self, server):
        self._probe_until(server, "/degraded", 200,
                          lambda answer: b"connection_limit" in answer.body)

    def _probe_until(self, server, path, status, is_it):
        """Asks the operations listener until the answer is the one; the instance looks after
        itself a few times a second."""
        def look():
            answer = ask(server.operations, request("GET", path))
            return answer if answer.status == status and is_it(answer) else None
        answer = poll(f"{path} to say so", look)
        self._record("what must show there", "operations", ("GET", path), status, answer)

    def _slow_header(self, server):
        with contextlib.ExitStack() as held:
            waiting = []
            for operation, listener in self._places():
                connection = held.enter_context(Connection(address_of(server, listener)))
                connection.send(request(operation[0], target_of(operation))[:-2])
                waiting.append((operation, listener, connection))
            for operation, listener, connection in waiting:
                answer = connection.read_answer(operation[0] == "HEAD")
                self._record("half a header", listener, operation, 408, connection.finish(answer))

    def _announced_drain(self, server):
        server.send_signal(signal.SIGTERM)
        poll("/readyz to fail",
             lambda: ask(server.address, request("GET", "/readyz")).status == 503)
        for listener in LISTENERS:
            for method in ("GET", "HEAD", "OPTIONS"):
                self._ask("draining", server, listener, (method, "/readyz"), 503,
                          request(method, "/readyz"))
        # The balancer has not noticed yet.
        self._ask("draining", server, "callers", ("POST", "/turno/{id}"), 200,
                  request("POST", f"/turno/{ID}"))

    def _drain(self, server):
        """Without a delay: a connection that is open ends behind its next answer."""
        operation = ("POST", "/turno/{id}")
        with Connection(server.address) as connection:
            def take():
                connection.send(request("POST", f"/turno/{ID}"))
                answer = connection.read_answer()
                return answer if answer.closes else None
            take()
            server.send_signal(signal.SIGINT)
            answer = poll("the connection to be ended", take)
            self._record("drained", "callers", operation, 200, connection.finish(answer))


def admit(server, listener):
    """A connection that is served, or None if it was refused."""
    with contextlib.ExitStack() as stack:
        connection = stack.enter_context(Connection(address_of(server, listener)))
        connection.send(request("GET", "/livez"))
        if connection.read_answer().closes:
            return None
        stack.pop_all()
        return connection


def address_of(server, listener):
    return server.address if listener == "callers" else server.operations
