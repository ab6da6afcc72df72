"""Tables of what was measured, in Markdown."""

from statistics import median

import hostile
import setups
import summaries
from setups import BALANCER, FLOOR, ROLES, SERVICE, STORE
from summaries import ABSENT, middle, ms, number, paired, spread, table, valid, values_of
from unexpected import BASELINE


def title(name):
    return setups.ALL[name].title


def maximum(document):
    rounds = document["maximum"]
    rows = []
    for name in summaries.names_in(rounds):
        mine = valid(rounds, setup=name)
        rows.append([
            title(name), spread(values_of(mine, "rate")),
            *(ms(values_of(mine, each)) for each in ("p50_us", "p99_us")),
            *(number(middle(mine, "cpu_us", role), 2) for role in ROLES),
            number(middle(mine, "turns_a_batch"), 1),
            spread(paired(rounds, name, FLOOR, "cpu_us", SERVICE), 2),
            f"{len(mine)}/{sum(each['setup'] == name for each in rounds)}"])
    return table(["chain", "requests/s", "p50 ms", "p99 ms", *(f"{role} µs" for role in ROLES),
                  "turns a batch", "service to floor", "rounds"], rows)


def rates(document):
    rows = []
    for name in summaries.names_in(document["rates"]):
        for share in sorted({each["share"] for each in document["rates"]}):
            mine = valid(document["rates"], setup=name, share=share)
            if mine:
                rows.append([title(name), f"{share} %", number(middle(mine, "asked")),
                             number(middle(mine, "rate")),
                             *(ms(values_of(mine, each)) for each in ("p50_us", "p90_us", "p99_us")),
                             ms([median(values_of(mine, "p99_9_us"))]),
                             ms([max(values_of(mine, "max_us"))]),
                             number(middle(mine, "overdue"))])
    return table(["chain", "of the most", "asked/s", "answered/s", "p50 ms", "p90 ms", "p99 ms",
                  "p99.9 ms", "max ms", "overdue"], rows)


def tools(document):
    rows = [[title(each["setup"]), f"`{each['command']}`", number(each["rate"]), number(each["answered"]),
             number(each["taken"]), number(each["service_us"], 2), each["result"]]
            for each in document["tools"]]
    return table(["chain", "command", "requests/s", "answers counted", "turns taken",
                  "service µs", "result"], rows)


def answered(rounds):
    """What the callers that misbehave were told, in all rounds."""
    counts = {}
    for each in rounds:
        for status, count in each["hostile"]["answers"].items():
            counts[status] = counts.get(status, 0) + count
    return ", ".join(f"{status}: {number(count)}" for status, count in sorted(counts.items())) or "nothing"


def unexpected(document):
    rounds, rows = document["unexpected"], []
    for name, kind in dict.fromkeys((each["setup"], each["beside"]) for each in rounds):
        mine = valid(rounds, setup=name, kind=kind)
        alone = {each["round"]: each for each in valid(rounds, setup=name, kind=BASELINE, beside=kind)}
        pairs = [(each, alone[each["round"]]) for each in mine if each["round"] in alone]
        what, connections = hostile.KINDS[kind][:2]
        limited = "; new ids limited" if setups.ALL[name].flags else ""
        rows.append([
            f"{what}{limited}", number(connections),
            spread([100 * each["rate"] / each["asked"] for each in mine]),
            *(ms(values_of([pair[place] for pair in pairs], figure))
              for figure in ("p50_us", "p99_us") for place in (1, 0)),
            number(sum(each["failures"] for each in mine)),
            answered(mine), number(middle(mine, "growth_mb"), 1)])
    return table(["what they do", "connections", "others: % of what they ask", "p50 ms without",
                  "with", "p99 ms without", "with", "failed", "what they are answered",
                  "growth MB"], rows)


def workers(document):
    rows = []
    for name in summaries.names_in(document["workers"]):
        for count in sorted({each["workers"] for each in document["workers"]}):
            mine = valid(document["workers"], setup=name, workers=count)
            ratios = summaries.worker_ratios(document, name, count)
            rows.append([title(name), str(count), number(middle(mine, "cpu_us", SERVICE), 2),
                         spread(ratios, 2),
                         number(count / median(ratios), 2) if ratios else ABSENT, str(len(mine))])
    return table(["server", "workers", "CPU µs/request", "of one worker",
                  "relative capacity", "rounds"], rows)


def models(document):
    rows = []
    by_connections, by_workers = summaries.models(document)
    for what, points in by_connections + by_workers:
        model = summaries.fitted(points)
        if model is None:
            rows.append([what, *[ABSENT] * 5])
            continue
        rows.append([what, number(model.speed, 0 if model.speed > 10 else 2),
                     f"{model.contention:.4f}", f"{model.coherence:.6f}",
                     number(model.peak) if model.peak else "none", f"{model.fit:.3f}"])
    return table(["model", "speed λ", "contention σ", "coherence κ", "peak at", "R²"], rows)


def connections(document):
    names = summaries.names_in(document["connections"])
    fits = {name: summaries.fitted(summaries.connection_points(document, name)) for name in names}
    sizes = sorted({each["connections"] for each in document["connections"]})
    rows = []
    for size in sizes:
        cells = [str(size)]
        for name in names:
            mine = valid(document["connections"], setup=name, connections=size)
            cells += [spread(values_of(mine, "rate")),
                      number(fits[name].at(size)) if fits[name] else ABSENT]
        rows.append(cells)
    heads = [head for name in names for head in (f"{title(name)}: requests/s", "model")]
    return table(["connections", *heads], rows)


def profile(entry):
    if not entry["valid"]:
        return f"Not taken: {entry['reason']}."
    shares = ", ".join(f"{name} {share:.0f} %" for name, share in entry["groups"].items())
    rows = [[f"{each['percent']:.1f} %", each["in"], f"`{each['function']}`"]
            for each in entry["hottest"]]
    own = [[f"{each['percent']:.1f} %", each["in"], f"`{each['function']}`"]
           for each in entry["hottest_outside_kernel"][:6]]
    return "\n\n".join([f"{number(entry['samples'])} samples: {shares}.",
                        table(["share", "in", "hottest functions"], rows),
                        table(["share", "in", "hottest outside the kernel"], own)])


def profiles(document):
    return "\n\n".join(f"**{title(each['setup'])}: the {each['role']}.** {profile(each)}"
                       for each in document["profiles"])


def balancer(document):
    """What each role costs behind a balancer, and the balancer to the service in the same round."""
    rounds, rows = document["maximum"], []
    for name in summaries.names_in(rounds):
        if not setups.ALL[name].balancer:
            continue
        mine = valid(rounds, setup=name)
        ratios = [each["cpu_us"][BALANCER] / each["cpu_us"][SERVICE] for each in mine]
        rows.append([title(name), *(spread(values_of(mine, "cpu_us", role), 2)
                                    for role in (BALANCER, SERVICE, STORE)), spread(ratios, 2)])
    return table(["chain", "HAProxy µs", "service µs", "Redis µs",
                  "HAProxy to the service"], rows)


def restored(document):
    rows = []
    for each in document["snapshot"]:
        if not each["valid"]:
            rows.append([each["policy"], each["reason"], *[ABSENT] * 5])
            continue
        load, steps = each["load"], each["steps"]
        rows.append([each["policy"], *(number(load[name]) for name in ("turns", "duplicates", "inversions",
                                                                       "unexplained")),
                     f"{steps['twice']} of {steps['issued']}", number(steps["losses_told"])])
    return table(["`redis.on_loss`", "turns under load", "duplicates", "inversions",
                  "unexplained gaps", "step by step: handed out twice", "losses told there"], rows)
