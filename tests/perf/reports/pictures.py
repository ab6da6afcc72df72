"""The pictures of what was measured."""

from statistics import median

import plots
import setups
import summaries
from plots import Series
from setups import BALANCER, FLOOR, MEMORY, REDIS, SERVICE, STORE
from summaries import valid, values_of


def caption(document):
    machine = document["machine"]
    text = f"{machine['cpu']}, {machine['cores']} cores shared with the load generator, {machine['date'][:10]}"
    return f"QUICK RUN, not to be compared. {text}" if document["quick"] else text


def latency(document):
    series = []
    for name in summaries.names_in(document["rates"]):
        shares = sorted({each["share"] for each in valid(document["rates"], setup=name)})
        found = {share: values_of(valid(document["rates"], setup=name, share=share), "p99_us")
                 for share in shares}
        series.append(Series(setups.ALL[name].title,
                             [(share, median(us) / 1000) for share, us in found.items() if us],
                             tuple((share, min(us) / 1000, max(us) / 1000)
                                   for share, us in found.items() if us)))
    return plots.lines("99th percentile of latency at fixed rates", caption(document),
                       "percent of the most that the chain carries", "ms", series, log_y=True)


def cost(document):
    rows = []
    for name in summaries.names_in(document["maximum"]):
        if valid(document["maximum"], setup=name):
            rows.append((setups.ALL[name].title, summaries.cost_of(document, name)))
    return plots.bars("CPU time of a request, by who spends it", caption(document), rows,
                      (SERVICE, STORE, BALANCER), "µs")


def model(title, document, x_title, y_title, fits, ranges, log_x):
    series = []
    for number, (what, points) in enumerate(fits):
        if not points:
            continue
        name = what.split(", ", 1)[1]
        series.append(Series(name, points, ranges(number), line=False, hue=number))
        if (found := summaries.fitted(points)) is not None:
            least, greatest = points[0][0], points[-1][0]
            steps = [least * (greatest / least) ** (step / 60) for step in range(61)]
            series.append(Series("", [(size, found.at(size)) for size in steps], dots=False, hue=number))
    return plots.lines(title, caption(document), x_title, y_title, series, log_x=log_x)


def connections(document):
    return model("Requests a second against connections, and the fitted model", document,
                 "connections", "requests/s", summaries.models(document)[0],
                 lambda number: summaries.connection_ranges(document, (MEMORY, REDIS)[number]), True)


def workers(document):
    def ranges(number):
        name = (FLOOR, MEMORY, REDIS)[number]
        return tuple((count, count / max(ratios), count / min(ratios))
                     for count, _ in summaries.worker_points(document, name)
                     if (ratios := summaries.worker_ratios(document, name, count)))
    return model("Relative capacity against workers, from CPU time per request", document, "workers",
                 "of one worker", summaries.models(document)[1], ranges, False)


def all_of(document):
    """{path below docs/reports: SVG}"""
    return {f"pictures/{name}.svg": draw(document) for name, draw in (
        ("latency", latency), ("cost", cost), ("connections", connections), ("workers", workers))}
