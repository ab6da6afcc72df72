"""The servers that are compared, and how each is started."""

from dataclasses import dataclass, field
from pathlib import Path

import contender
import http_client
import nginx
import redis_store
import scenarios
import webdis

# What a scenario may need more of than the server grants by default; all else stays default.
LIMIT_FLAGS = {"connections": "--http-max-connections", "ids": "--memory-max-ids"}
NODE_SCRIPT = scenarios.HERE / "node_server.mjs"
PACKETS, BATCHES, BATCH_TURNS = (f"turnomatic_store_{name}_total"
                                 for name in ("packets", "batches", "batch_turns"))
PEER_SCENARIOS = (scenarios.HEADLINE, "one_id_512", "many_ids")


@dataclass(frozen=True, kw_only=True)
class Floor(contender.Contender):
    binary: Path
    name: str = "floor"
    title: str = "floor (bare epoll loop)"
    counts: bool = False

    def version(self):
        contender.require_binary(self.binary)
        return "in tree"

    def parts(self, place):
        return [self.service(place, [str(self.binary), "--port", str(place.port),
                                     "--workers", str(place.workers)])]


@dataclass(frozen=True, kw_only=True)
class Turnomatic(contender.Contender):
    binary: Path
    arguments: list = field(default_factory=list)
    name: str = "turnomatic"
    title: str = "turnomatic (memory backend)"

    def version(self):
        contender.require_binary(self.binary)
        return contender.first_line([str(self.binary), "--version"])

    def parts(self, place):
        return [self.service(place, self.command(place))]

    def command(self, place):
        # No balancer has to notice that it ends.
        words = [str(self.binary), "--listen", f"127.0.0.1:{place.port}",
                 "--ops-listen", f"127.0.0.1:{place.ops_port}", "--drain-delay", "0ms",
                 "--workers", str(place.workers), *self.backend(place)]
        for name, value in place.limits.items():
            words += [LIMIT_FLAGS[name], str(value)]
        return words + self.arguments

    def backend(self, place):
        return ["--backend", "memory"]


@dataclass(frozen=True, kw_only=True)
class TurnomaticRedis(Turnomatic):
    name: str = scenarios.REDIS
    title: str = "turnomatic with Redis"
    invited: bool = True

    def version(self):
        return f"{super().version()}, {redis_store.version()}"

    def parts(self, place):
        return [redis_store.part(place), *super().parts(place)]

    def backend(self, place):
        return ["--backend", "redis", "--redis-url", f"redis://127.0.0.1:{place.store_port}"]

    def store_work(self, running):
        page = http_client.fetch(running.ops_port, "/metrics")
        packets, ids, turns = (http_client.metric(page, name)
                               for name in (PACKETS, BATCHES, BATCH_TURNS))
        commands, received = redis_store.work(running.store_port)
        return contender.StoreWork(packets, ids, turns, commands, received)

    def memory_bytes(self, running):
        return redis_store.used_memory(running.store_port)


@dataclass(frozen=True, kw_only=True)
class NodeServer(contender.Contender):
    name: str = "node"
    title: str = "Node (http module, a Map)"

    def version(self):
        return f"Node {contender.first_line([self.find(), '--version'])}"

    def parts(self, place):
        return [self.service(place, [self.find(), str(NODE_SCRIPT), str(place.port)])]

    @staticmethod
    def find():
        return contender.find_program("node", "nodejs")


def all_contenders(tools, server, server_arguments):
    """In the order of the table; the floor first, for all others are measured by it."""
    with_store = {"only": PEER_SCENARIOS, "memory": "its counters are in another process, Redis"}
    ours = {"binary": server, "arguments": server_arguments}
    return [Floor(binary=tools / "floor"), Turnomatic(**ours),
            TurnomaticRedis(**ours), nginx.plain(), nginx.lua(), nginx.lua_redis(**with_store),
            webdis.Webdis(**with_store),
            NodeServer(only=PEER_SCENARIOS,
                       memory="its heap grows and shrinks as its collector likes")]
