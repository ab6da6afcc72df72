"""Results as a run gives them, small enough to check by hand. For tests."""

import scenarios
import summary


def raw(number, contender, cpu_us, workers=1, valid=True):
    figures = {"rate": 100_000.0, "p50_us": 300.0, "p99_us": 900.0, "cpu_us": cpu_us,
               "service_cpu_us": cpu_us, "store_cpu_us": None, "server_cores_busy": 0.9,
               "requests": 1000}
    if not valid:
        figures = {"reason": "socket errors: read 3"}
    return {"round": number, "contender": contender, "workers": workers,
            "valid": valid} | figures


def document(results, quick=False):
    examined = {name: {"title": name, "version": "1", "skipped": None}
                for name in ("floor", "turnomatic", "nginx")}
    return {"machine": {"cpu": "CPU <fast> & small", "cores": 2, "kernel": "6.1",
                        "system": "Debian", "date": "2026-11-22T10:00:00+00:00",
                        "revision": "abc"},
            "settings": {"duration_seconds": 2, "warmup_seconds": 1, "quick": quick,
                         "divisor": 20},
            "contenders": examined, "scenarios": results,
            "targets": summary.verdicts(results),
            "problems": summary.problems(results, examined, ("floor", "turnomatic"))}


def load_result():
    rounds = [raw(0, "floor", 4.0), raw(0, "turnomatic", 4.4), raw(1, "floor", 6.0),
              raw(1, "turnomatic", 6.24), raw(2, "floor", 5.0),
              raw(2, "turnomatic", 0, valid=False)]
    return summary.scenario_result(scenarios.ALL[0], {"nginx": "not installed <yet>"},
                                   ["floor", "turnomatic", "nginx"], rounds)


def store_result():
    """One contender with a store, one without."""
    rounds = [raw(0, "floor", 4.0),
              raw(0, "webdis", 12.0) | {"service_cpu_us": 9.5, "store_cpu_us": 2.5}]
    return summary.scenario_result(scenarios.ALL[0], {}, ["floor", "webdis"], rounds)


def redis_result():
    """The server on Redis, beside the floor and webdis."""
    rounds = [raw(0, "floor", 4.0),
              raw(0, scenarios.REDIS, 8.0) | {"service_cpu_us": 6.0, "store_cpu_us": 2.0,
                                              "turns_a_packet": 25.5},
              raw(0, "webdis", 20.0) | {"service_cpu_us": 18.0, "store_cpu_us": 2.0}]
    scenario = next(each for each in scenarios.ALL if each.name == scenarios.REDIS_ONE_ID)
    return summary.scenario_result(scenario, {}, ["floor", scenarios.REDIS, "webdis"], rounds)


def counter_result():
    scenario = next(each for each in scenarios.ALL if each.name == "counter_memory")
    rounds = [{"round": 0, "contender": "turnomatic", "workers": 1, "valid": True,
               "bytes_each": 96.5}]
    return summary.scenario_result(scenario, {"floor": "keeps no counters"},
                                   ["floor", "turnomatic"], rounds)
