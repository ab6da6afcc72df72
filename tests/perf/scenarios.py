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
    kind: str = "load"  # load: requests; idle: memory per connection; counters: per counter
    rounds: int = ROUNDS
    connections: int = 64
    script: str = ""
    arguments: tuple = ()  # of the script
    fill: int = 0  # counters that exist before the load starts; for `counters`, in all
    width: int = 16  # of their ids, in characters
    workers: tuple = (1,)
    latency: bool = True  # wrk corrects latencies by the rate of answers: wrong for batches
    pinned: bool = True  # server and generator on a core each; otherwise both on both

    @property
    def script_path(self):
        return HERE / self.script if self.script else None

    @property
    def unit(self):
        return "connection" if self.kind == "idle" else "counter"


IDS = 100_000

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
]


def schedule(contenders, workers, number):
    """[(contender, workers)] of round `number`, in another order each round: everyone comes
    first, last and between, for the level of the machine drifts while a round lasts. The
    worker counts of one contender, which are compared with each other, stay adjacent."""
    shift = number // 2 % len(contenders)
    turned = contenders[shift:] + contenders[:shift]
    pairs = [(contender, count) for contender in turned for count in workers]
    return pairs[::-1] if number % 2 else pairs
