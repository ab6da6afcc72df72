"""What is measured: one entry a scenario."""

from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROUNDS_HEADLINE = 9
ROUNDS = 5
HEADLINE = "one_id_64"


@dataclass(frozen=True)
class Scenario:
    name: str
    title: str
    # load: requests; outage: the same while the store stands still; idle: memory per connection;
    # counters: per counter
    kind: str = "load"
    rounds: int = ROUNDS
    connections: int = 64
    script: str = ""
    arguments: tuple = ()  # of the script
    fill: int = 0  # counters that exist before the load starts; for `counters`, in all
    width: int = 16  # of their ids, in characters
    workers: tuple = (1,)
    latency: bool = True  # wrk corrects latencies by the rate of answers: wrong for batches
    pinned: bool = True  # server and generator on a core each; otherwise both on both
    among: tuple = ()  # the contenders that it compares; none named: all that are not `invited`
    ping: bool = False  # how long does a PING of the store take, from where the service is?
    charted: bool = True

    @property
    def script_path(self):
        return HERE / self.script if self.script else None

    @property
    def unit(self):
        return "connection" if self.kind == "idle" else "counter"


IDS = 100_000
# With the store in a process of its own. Three of these are held against targets and have all peers;
# the others show how it goes on to both sides of them, in fewer rounds.
REDIS = "turnomatic-redis"
REDIS_PEERS = ("floor", REDIS, "nginx-lua-redis", "webdis")
REDIS_ONE_ID, REDIS_1000_IDS = "redis_one_id_256", "redis_1000_ids_256"
REDIS_MANY_IDS = "redis_many_ids_256"
REDIS_SINGLE, REDIS_OUTAGE = "redis_single", "redis_outage"
REDIS_COUNTER_MEMORY, REDIS_COUNTER_WORKERS = "redis_counter_memory", 4
ROUNDS_AROUND = 2


def with_store(ids, connections):
    """Counters in Redis: so many ids, drawn uniformly, over so many connections."""
    group = {1: "one_id", 1000: "1000_ids", IDS: "many_ids"}[ids]
    name = f"redis_{group}_{connections}"
    targeted = name in (REDIS_ONE_ID, REDIS_1000_IDS, REDIS_MANY_IDS)
    words = "one id" if ids == 1 else f"{ids:,} ids"
    script = {} if ids == 1 else {"script": "many_ids.lua", "arguments": (ids,), "fill": ids}
    return Scenario(name, f"Redis, {connections:,} connections, {words}", connections=connections,
                    rounds=ROUNDS_HEADLINE if targeted else ROUNDS_AROUND, charted=targeted,
                    among=REDIS_PEERS if targeted else REDIS_PEERS[:3], **script)


ALL = [
    Scenario(HEADLINE, "64 connections, one id", rounds=ROUNDS_HEADLINE),
    Scenario("one_id_512", "512 connections, one id", connections=512),
    Scenario("many_ids", "64 connections, 100,000 ids", script="many_ids.lua",
             arguments=(IDS,), fill=IDS),
    Scenario("pipelined", "64 connections, pipelined 16 deep", script="pipeline.lua",
             arguments=(16,), latency=False),
    Scenario("post", "64 connections, one id, POST", script="post.lua"),
    Scenario("workers", "64 connections, one id, both cores",
             workers=(1, 2), pinned=False),
    Scenario("idle_memory", "memory per idle connection, 10,000 connections", kind="idle",
             connections=10_000),
    Scenario("counter_memory", "memory per counter, 1,000,000 ids of 16 characters",
             kind="counters", fill=1_000_000),
    Scenario("counter_memory_64", "memory per counter, 1,000,000 ids of 64 characters",
             kind="counters", fill=1_000_000, width=64),
    *(with_store(ids, connections) for ids in (1, 1000, IDS) for connections in (64, 256, 1000)),
    Scenario(REDIS_SINGLE, "Redis, one connection: a request alone", connections=1, rounds=3,
             among=REDIS_PEERS[:2], ping=True, charted=False),
    Scenario(REDIS_OUTAGE, "Redis stands still, 64 connections, one id", kind="outage",
             among=(REDIS,), charted=False),
    Scenario(REDIS_COUNTER_MEMORY, "Redis, memory per counter, 1,000,000 ids of 16 characters",
             kind="counters", fill=1_000_000, workers=(REDIS_COUNTER_WORKERS,), among=(REDIS,)),
]


def schedule(contenders, workers, number):
    """[(contender, workers)] of round `number`, in another order each round: everyone comes
    first, last and between, for the level of the machine drifts while a round lasts. The
    worker counts of one contender, which are compared with each other, stay adjacent."""
    shift = number // 2 % len(contenders)
    turned = contenders[shift:] + contenders[:shift]
    pairs = [(contender, count) for contender in turned for count in workers]
    return pairs[::-1] if number % 2 else pairs
