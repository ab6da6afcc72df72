"""turnomatic-bench as the generator of load: how it is asked, and what is kept of its report."""

import json
import resource
import subprocess

import programs

GRACE_SECONDS = 60.0
PERCENTILES = ("p50_us", "p90_us", "p99_us", "p99_9_us", "max_us")


class BenchError(Exception):
    """The load could not be made, or its answers were wrong."""


def command(binary, urls, seconds, *, connections, ids=1, rate=None, extra=()):
    words = [binary, "run", *urls, "--post", "--json", "--quiet", "--connections", connections,
             "--duration", f"{round(seconds * 1000)}ms", *extra]
    if ids > 1:
        words += ["--ids", ids]
    if rate:
        words += ["--rate", max(1, round(rate))]
    return [str(word) for word in words]


def on_cores(words, cores):
    return ["taskset", "-c", ",".join(map(str, cores)), *map(str, words)]


def run(words, seconds, cores, proven=True):
    """The report. With `proven` every turn must have been right; without, the server does not count."""
    try:
        done = subprocess.run(on_cores(words, cores), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              timeout=seconds + GRACE_SECONDS, env=programs.environment(),
                              preexec_fn=programs.die_with_parent, check=False)
        document = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        raise BenchError(f"turnomatic-bench took over {seconds + GRACE_SECONDS:g} s") from None
    except ValueError:
        raise BenchError(f"no report, status {done.returncode}: {done.stderr.strip()[-300:]}"
                         ) from None
    if proven and document["proof"]["conclusion"] != "proven":
        raise BenchError(f"not proven: {document['proof']}")
    return figures(document)


def figures(document):
    """What the reports need of it."""
    load, latency = document["load"], document["latency"] or {}
    answers = {str(each["status"]): each["count"] for each in document["answers"]}
    seconds = load["measured_s"]
    return {"rate": answers.get("200", 0) / seconds if seconds else 0.0,
            "answers": answers, "requests": sum(answers.values()),
            "failures": sum(document["failures"].values()), "overdue": load["overdue"],
            "generator_us": load["generator_cpu_per_request_us"],
            "generator_stall_us": load["generator_longest_stall_us"],
            **{name: latency.get(name) for name in PERCENTILES}}


def raise_descriptor_limit():
    """As far as we may: callers and servers that are started later inherit it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
