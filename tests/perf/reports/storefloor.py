"""What Redis itself costs: INCR from its own redis-benchmark, pipelined, nothing of ours in between."""

import tempfile
from pathlib import Path

import bench
import load
import programs
import setups
from contender import find_program
from setups import STORE

COMMAND = ("-t", "incr", "-P", "64", "-c", "16", "-r", "1000", "--csv")
CHAIN = setups.Setup("store_floor", "Redis alone")


def one(tools, count):
    tool = find_program("redis-benchmark", "redis-tools")
    with tempfile.TemporaryDirectory(prefix="turnomatic-reports-",
                                     dir=setups.pair.memory()) as name:
        port = programs.free_ports({"redis": 0})["redis"]
        program = setups.pair.redis(port, Path(name))
        program.command = bench.on_cores(program.command, tools.cores[:1])
        with program:
            program.start()
            live = setups.Live(CHAIN, pids={STORE: [program.pid]})
            before = live.cpu_times()
            load.call(bench.on_cores([tool, "-h", "127.0.0.1", "-p", port, *COMMAND, "-n", count],
                                     tools.cores[1:]), bench.GRACE_SECONDS)
            spent = setups.cpu_us(before, live.cpu_times())
    return {"command_us": spent[STORE] / count}


def store_floor(tools, rounds, count):
    return [load.raw(number, lambda: one(tools, count), setup=CHAIN.name)
            for number in range(rounds)]
