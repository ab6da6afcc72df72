#!/usr/bin/python3
"""Writes turnomatic.json, the dashboard of Grafana, from what is said here panel by panel.

    dashboard.py           writes it
    dashboard.py --check   exit status 1 if it is not what would be written
"""

import json
import sys
from pathlib import Path

sys.dont_write_bytecode = True  # the source tree stays as it was

from panels import (across, heatmap, over_time, red_above, row, shown_as, stat, state_timeline,
                    target)

FILE = Path(__file__).resolve().parent / "turnomatic.json"
TARGET = 'job="$job", instance=~"$instance"'
TURN = f'{TARGET}, route="turn"'
SHARD = f'{TARGET}, shard="$shard"'
BREAKER = f"turnomatic_circuit_breaker_state{{{TARGET}"
BREAKER_STATES = [
    (0, "closed", "green"), (1, "half open", "yellow"), (2, "open", "red"),
    (3, "forced open", "purple"), (4, "does not decide", "blue")]


def rate(name, labels=TARGET):
    return f"rate({name}{{{labels}}}[$__rate_interval])"


def quantile(share, name, labels, by="le"):
    return f"histogram_quantile({share}, sum by ({by}) ({rate(name + '_bucket', labels)}))"


def quantiles(name, labels):
    return [(quantile(share, name, labels), legend)
            for share, legend in ((0.5, "p50"), (0.99, "p99"), (0.999, "p99.9"))]


def per_instance(name):
    return [(f"{name}{{{TARGET}}}", "{{instance}}")]


def at_a_glance():
    budget = ('1 - sum_over_time(job:turn_failures:rate5m{job="$job"}[$__range])'
              ' / sum_over_time(job:turn_requests:rate5m{job="$job"}[$__range]) / 0.001')
    yield stat("Ready", "Instances that answer 200 on /readyz.", "short",
               f"sum(turnomatic_ready{{{TARGET}}})", red_above(None, (1, "yellow"), (2, "green")))
    yield stat("Turns", "Turns handed out a second.", "ops",
               f"sum({rate('turnomatic_turns_issued_total')})")
    yield stat("Failed turns", "Share of the turns of the last hour that were answered 5xx or later "
               "than 50 ms. The objective is 0.1 %.", "percentunit",
               'job:turn_failures_per_request:ratio_rate1h{job="$job"}',
               red_above(0.0144, (0.001, "yellow")))
    yield stat("Error budget left", "Of the time that is shown: 1 is untouched, below 0 is the "
               "objective missed.", "percentunit", budget, red_above(None, (0, "yellow"),
                                                                     (0.5, "green")))
    yield stat("p99", "99 of 100 turns were answered within this.", "s",
               quantile(0.99, "http_request_duration_seconds", TURN), red_above(0.05))
    yield stat("Degraded", "Entries of /degraded, over the instances. Each says what is the matter.",
               "short", f"sum(turnomatic_degraded{{{TARGET}}})", red_above(None, (0, "green"),
                                                                          (1, "yellow")))
    yield stat("Breakers not closed", "Workers whose circuit breaker does not let calls through as "
               "usual.", "short", f'sum({BREAKER}, state!="closed"}})', red_above(1))
    yield stat("Store lost or behind", "Anything but 0 is a page: instances that are halted, and "
               "counters that are.", "short",
               f"sum(turnomatic_store_halted{{{TARGET}}})"
               f" + sum(turnomatic_store_counters_behind{{{TARGET}}})", red_above(1))


def requests():
    yield over_time("Rate", "Requests a second, by route and method.", "reqps",
                    [(f"sum by (route, method) ({rate('http_requests_total')})",
                      "{{method}} {{route}}")])
    yield over_time("Turns by code", "How turns were answered. 409 and 429 answer what was asked for, "
                    "499 is a client that left; 5xx are ours.", "reqps",
                    [(f"sum by (code) ({rate('http_requests_total', TURN)})", "{{code}}")])
    yield over_time("Failed turns", "The share that counts against the objective, over windows that "
                    "alerts look at.", "percentunit",
                    [(f'job:turn_failures_per_request:ratio_rate{window}{{job="$job"}}', window)
                     for window in ("5m", "1h", "6h", "1d", "3d")])
    yield over_time("Duration", "From the last byte of a request for a turn to the hand-over of its "
                    "answer to the kernel.", "s",
                    quantiles("http_request_duration_seconds", TURN))
    yield heatmap("Distribution of the duration", "How many turns took how long.", "s",
                  f"sum by (le) (increase(http_request_duration_seconds_bucket{{{TURN}}}"
                  "[$__rate_interval]))")
    yield over_time("Refused before they were routed", "Requests that the gate refused, by reason. "
                    "None took a turn.", "reqps",
                    [(f"sum by (reason) ({rate('turnomatic_http_rejections_total')})",
                      "{{reason}}")])


def saturation():
    yield over_time("CPU per worker", "Share of a core for each worker. 0.8 is the alert, 1 is all "
                    "that there is.", "percentunit",
                    [(f"instance:cpu_per_worker:ratio_rate5m{{{TARGET}}}", "{{instance}}"),
                     (f"instance:cpu_of_busiest_worker:ratio_rate5m{{{TARGET}}}",
                      "{{instance}}, busiest")])
    yield over_time("Load", "What the instances carry against what they should, in CPU or turns. "
                    "Above 1.1 one more is needed.", "percentunit",
                    [('job:load:ratio_rate5m{job="$job"}', "load")])
    yield over_time("Memory", "Resident memory.", "bytes",
                    per_instance("process_resident_memory_bytes"))
    for title, text, used, limit in [
            ("Connections", "Share of http.max_connections that is open.",
             "turnomatic_http_connections", "turnomatic_http_connections_limit"),
            ("Descriptors", "Share of the descriptors that may be open.",
             "process_open_fds", "process_max_fds"),
            ("Ids in memory", "Share of memory.max_ids. Memory backend only.",
             "turnomatic_counters", "turnomatic_counters_limit"),
            ("Idempotency keys in memory", "Share of the keys that memory can remember.",
             "turnomatic_idempotency_keys", "turnomatic_idempotency_keys_limit"),
            ("Requests that wait for the store", "Share of redis.queue_max over all workers.",
             "turnomatic_store_waiting_requests", "turnomatic_store_waiting_requests_limit")]:
        yield over_time(title, text, "percentunit",
                        [(f"{used}{{{TARGET}}} / {limit}{{{TARGET}}}", "{{instance}}")])
    yield over_time("Refused for want of room", "Connections over a limit, new ids beyond their "
                    "rate, and requests that found the queue to the store full.", "ops",
                    [(f"sum by (reason) ({rate('turnomatic_http_connections_refused_total')})",
                      "{{reason}}"),
                     (f"sum by (limit) ({rate('turnomatic_new_ids_refused_total')})",
                      "new ids, {{limit}}"),
                     (f"sum({rate('turnomatic_store_requests_shed_total')})", "queue full")])
    yield over_time("Event loops", "Since the slowest event loop of an instance last turned. Above "
                    "5 s /livez fails.", "s",
                    per_instance("turnomatic_worker_heartbeat_age_seconds"))


def breaker():
    worst = " or ".join(f'({BREAKER}, state=~"{states}"}} > bool 0) * {code}' for states, code in [
        ("half_open", 1), ("open", 2), ("forced_open", 3), ("disabled|metrics_only", 4)])
    yield state_timeline("Breakers", "The worst state among the workers of each instance and shard.",
                         f"max by (instance, shard) ({worst})", "{{instance}}, shard {{shard}}",
                         BREAKER_STATES)
    yield over_time("Transitions", "Changes of breakers, by the state that they came to.", "ops",
                    [(f"sum by (state) ({rate('turnomatic_circuit_breaker_transitions_total')})",
                      "{{state}}")])
    yield over_time("Failed and slow calls", "Share in the window of the breaker, in the worst worker. "
                    "breaker.failure_percent and breaker.slow_percent open it.", "percentunit",
                    [(f"max(turnomatic_circuit_breaker_failure_ratio{{{TARGET}}})", "failed"),
                     (f"max(turnomatic_circuit_breaker_slow_ratio{{{TARGET}}})", "slow")])
    yield over_time("Next probe", "Until an open breaker asks whether the store is back.", "s",
                    per_instance("turnomatic_circuit_breaker_next_probe_seconds"))


def store():
    turns, batches, packets = (f"sum({rate(f'turnomatic_store_{name}_total')})"
                               for name in ("batch_turns", "batches", "packets"))
    yield over_time("Turns a batch, ids a packet", "Requests that share an increment, and ids that "
                    "share a command. They grow with the load on hot ids, and with that on many.",
                    "short", [(f"{turns} / {batches}", "turns"), (f"{batches} / {packets}", "ids")])
    yield over_time("Packets", "Commands to the store a second, and batches that are under way.",
                    "short",
                    [(packets, "packets"),
                     (f"sum(turnomatic_store_batches_under_way{{{TARGET}}})", "under way")])
    yield over_time("Calls that failed", "As the breaker counts them, by reason.", "ops",
                    [(f"sum by (reason) ({rate('turnomatic_store_call_failures_total')})",
                      "{{reason}}")])
    yield over_time("Refusals", "What the store said no to, by kind.", "ops",
                    [(f"sum by (kind) ({rate('turnomatic_store_refusals_total')})", "{{kind}}")])
    yield over_time("Lanes", "Workers by whether their lane to the store counts, and new "
                    "connections a second.", "short",
                    [(f"sum by (state) (turnomatic_store_lanes{{{TARGET}}})", "{{state}}"),
                     (f"sum({rate('turnomatic_store_connections_total')})", "new a second")])
    yield over_time("Losses", "Times that the store was found to have lost something, and ids of which "
                    "an instance remembers the highest turn.", "short",
                    [(f"sum(turnomatic_store_losses_total{{{TARGET}}})", "losses"),
                     *per_instance("turnomatic_store_marked_ids")])
    yield over_time("Recoveries", "After a restart of the server the store is closed until all "
                    "instances are heard: who finds it closed, how many were not heard, and how many "
                    "recoveries there were.", "short",
                    [(f"sum(turnomatic_store_recovering{{{TARGET}}})", "find it closed"),
                     (f"max(turnomatic_store_unheard_instances{{{TARGET}}})", "not heard"),
                     (f"max(turnomatic_store_recoveries_total{{{TARGET}}})", "recoveries")])


def burned():
    yield over_time("Burned turns", "Taken, and reached nobody: gaps in somebody's numbers, by reason.",
                    "ops", [(f"sum by (reason) ({rate('turnomatic_turns_burned_total')})",
                             "{{reason}}")])
    yield over_time("Share of burned turns", "Of those that were taken. The alert is at 0.1 %.",
                    "percentunit",
                    [('job_reason:turns_burned_per_taken:ratio_rate5m{job="$job"}', "{{reason}}")])
    yield over_time("Requests withdrawn", "Clients that left before a turn was taken for them: no "
                    "number is missing.", "reqps",
                    [(f"sum({rate('turnomatic_takes_withdrawn_total')})", "withdrawn")])


def workers():
    yield over_time("Turns of each worker", "The kernel spreads connections, not requests: look for one "
                    "line far above the others.", "ops",
                    [(rate("turnomatic_worker_turns_total"), "{{instance}} {{worker}}")])
    yield over_time("Connections of each worker", "Open now, by the thread that serves them.", "short",
                    [(f"turnomatic_worker_connections{{{TARGET}}}", "{{instance}} {{worker}}")])


def shard():
    yield over_time("Calls of shard $shard", "From sending a batch to its answer.", "s",
                    quantiles("turnomatic_store_call_duration_seconds", SHARD))
    yield over_time("Breakers of shard $shard", "Workers by the state of their breaker.", "short",
                    [(f"sum by (state) (turnomatic_circuit_breaker_state{{{SHARD}}})", "{{state}}")])
    yield over_time("Failed calls of shard $shard", "Share in the window of the worst worker.",
                    "percentunit",
                    [(f"turnomatic_circuit_breaker_failure_ratio{{{SHARD}}}", "{{instance}}")])


def instances():
    yield over_time("Uptime", "Since the process started.", "s",
                    [(f"time() - process_start_time_seconds{{{TARGET}}}", "{{instance}}")])
    yield over_time("Builds", "Instances by build. Two for long is a roll-out that stands still.",
                    "short",
                    [(f"count by (version, revision) (turnomatic_build_info{{{TARGET}}})",
                      "{{version}} {{revision}}")])
    yield over_time("Clock", "How far an instance's clock is ahead of Prometheus's.", "s",
                    [(f"turnomatic_clock_seconds{{{TARGET}}}"
                      f" - timestamp(turnomatic_clock_seconds{{{TARGET}}})", "{{instance}}")])
    yield over_time("Configuration", "0: the last reload was rejected, and the previous configuration "
                    "is in force.", "short", per_instance("turnomatic_config_last_reload_success"))
    yield over_time("Log lines lost", "What reads the log is too slow, or failed.", "ops",
                    [(rate("turnomatic_log_messages_dropped_total"), "{{instance}}")])
    yield over_time("Connections opened and closed", "A second, with the reason of each end.", "ops",
                    [(f"sum({rate('turnomatic_http_connections_opened_total')})", "opened"),
                     (f"sum by (reason) ({rate('turnomatic_http_connections_closed_total')})",
                      "{{reason}}")])


def variable(name, query, **more):
    return {"name": name, "type": "query", "datasource": target(), "definition": query,
            "query": {"query": query, "refId": name}, "refresh": 2, "sort": 1, **more}


def annotation(name, expression, color, title):
    return {"name": name, "datasource": target(), "enable": True, "expr": expression,
            "iconColor": color, "step": "15s", "titleFormat": title}


def dashboard():
    rows = [across(row("At a glance"), at_a_glance(), 3, 4),
            across(row("Rate, errors, duration"), requests(), 8, 8),
            across(row("Saturation"), saturation(), 6, 7),
            across(row("Circuit breaker"), breaker(), 6, 7),
            across(row("Store"), store(), 8, 7),
            across(row("Burned turns"), burned(), 8, 7),
            across(row("Workers"), workers(), 12, 8),
            across(row("Shard $shard", repeat="shard"), shard(), 8, 7),
            across(row("Instances"), instances(), 8, 7)]
    everything = {"multi": True, "includeAll": True, "allValue": ".*",
                  "current": {"text": "All", "value": "$__all"}}
    return {
        "uid": "turnomatic", "title": "Turnomatic", "tags": ["turnomatic"],
        "description": "The turn counter: what callers see, what is full, what the store does.",
        "schemaVersion": 38, "editable": True, "refresh": "30s", "timezone": "browser",
        "time": {"from": "now-3h", "to": "now"},
        "templating": {"list": [
            {"name": "datasource", "label": "Data source", "type": "datasource",
             "query": "prometheus"},
            variable("job", "label_values(turnomatic_build_info, job)"),
            variable("instance", 'label_values(turnomatic_build_info{job="$job"}, instance)',
                     **everything),
            variable("shard", 'label_values(turnomatic_circuit_breaker_state{job="$job"}, shard)',
                     **{**everything, "hide": 2})]},
        "annotations": {"list": [
            annotation("Alerts", 'ALERTS{job="$job", alertstate="firing", severity="page"}', "red",
                       "{{alertname}} {{instance}}"),
            annotation("Starts", f"changes(process_start_time_seconds{{{TARGET}}}[1m]) > 0", "blue",
                       "{{instance}} started")]},
        "panels": shown_as(rows)}


def main(arguments):
    if arguments not in ([], ["--check"]):
        sys.exit("usage: dashboard.py [--check]")
    text = json.dumps(dashboard(), indent=1) + "\n"
    if not arguments:
        FILE.write_text(text)
    elif not FILE.is_file() or FILE.read_text() != text:
        sys.exit(f"{FILE.name} is not what dashboard.py writes")


if __name__ == "__main__":
    main(sys.argv[1:])
