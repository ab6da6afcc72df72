"""A run as a picture: load, what the rule saw of it, instances and latency, one above the other over the
same time."""

import math
from xml.sax.saxutils import escape

WIDTH = 840
LEFT, RIGHT = 72, 20
TOP = 74
PLOT = 120  # height of a panel
HEAD = 34  # above each: its title
BOTTOM = 48
LIGHT = {"ink": "#1f2328", "soft": "#59636e", "line": "#d1d9e0", "page": "#ffffff",
         "first": "#0969da", "second": "#bc4c00", "third": "#8c959f"}
DARK = {"ink": "#f0f6fc", "soft": "#9198a1", "line": "#3d444d", "page": "#0d1117",
        "first": "#4493f8", "second": "#f0883e", "third": "#656c76"}


def colours(of):
    """CSS rules. Plain ones, without variables, which not every viewer of SVG knows."""
    lines = "".join(f" path.{name} {{ stroke: {of[name]} }} text.{name} {{ fill: {of[name]} }}\n"
                    for name in ("first", "second", "third"))
    return (f" text {{ fill: {of['ink']}; stroke: none }} text.soft {{ fill: {of['soft']} }}\n"
            f" .page {{ fill: {of['page']} }} .grid {{ stroke: {of['line']} }}\n"
            f" .bound {{ stroke: {of['soft']} }}\n{lines}")


STYLE = f"""
 svg {{ font: 13px system-ui, sans-serif }}
 .head {{ font-weight: 600 }} .title {{ font-size: 17px; font-weight: 600 }}
 .line {{ fill: none; stroke-width: 1.6; stroke-linejoin: round }}
 .bound {{ stroke-dasharray: 4 3 }}
{colours(LIGHT)} @media (prefers-color-scheme: dark) {{
{colours(DARK)} }}
"""


def text_at(x, y, words, kind="", anchor="start"):
    return (f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">'
            f"{escape(words)}</text>")


def nice_step(span, ticks_max):
    """The smallest of 1, 2, 5, 10, ... that needs no more ticks than that."""
    least = max(span, 1e-9) / ticks_max
    power = 10 ** math.floor(math.log10(least))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= least * (1 - 1e-9))


def ticks_over(highest):
    """From 0 on, the last one at the highest value or above it."""
    step = nice_step(highest, 4)
    return [index * step for index in range(max(1, math.ceil(highest / step - 1e-9)) + 1)]


def ticks_within(highest):
    step = nice_step(highest, 12)
    return [index * step for index in range(int(highest / step) + 1)]


def decades_over(start, highest):
    powers = math.ceil(math.log10(max(highest / start, 10)))
    return [start * 10 ** power for power in range(powers + 1)]


class Scale:
    """Values from `start` to `end` to places on the picture; by their logarithm if `start` is not 0."""

    def __init__(self, start, end, low, high):
        self._start, self._end, self._low, self._high = start, end, low, high

    def __call__(self, value):
        if self._start:
            share = math.log(max(value, self._start) / self._start) / math.log(self._end / self._start)
        else:
            share = value / self._end
        return self._low + min(share, 1.0) * (self._high - self._low)


def path(points, kind, x, y, is_stepped=False):
    """A line through (time, value); it is interrupted where there is no value."""
    parts, before = [], None
    for when, value in points:
        if value is None:
            before = None
            continue
        if before is None:
            parts.append(f"M{x(when):.1f} {y(value):.1f}")
        else:
            parts.append(f"H{x(when):.1f}V{y(value):.1f}" if is_stepped else
                         f"L{x(when):.1f} {y(value):.1f}")
        before = value
    return f'<path class="line {kind}" d="{"".join(parts)}"/>'


def number(value):
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:g}"


def panel(top, title, lines, x, start, bounds):
    """One diagram. `lines` are (name, kind, points, whether it goes in steps)."""
    values = [value for _, _, points, _ in lines for _, value in points if value is not None]
    highest = max([*values, *bounds], default=1)
    ticks = decades_over(start, highest) if start else ticks_over(highest)
    y = Scale(start, ticks[-1], top + HEAD + PLOT, top + HEAD)
    parts = [text_at(LEFT, top + 20, title, "head")]
    right = WIDTH - RIGHT
    for name, kind, _, _ in reversed(lines):
        parts.append(text_at(right, top + 20, name, kind, "end"))
        right -= 7.2 * len(name) + 22
    for tick in ticks:
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" '
                     f'y1="{y(tick):.1f}" y2="{y(tick):.1f}"/>')
        parts.append(text_at(LEFT - 8, y(tick) + 4.5, number(tick), "soft", "end"))
    parts += [f'<line class="bound" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(bound):.1f}" '
              f'y2="{y(bound):.1f}"/>' for bound in bounds]
    return parts + [path(points, kind, x, y, is_stepped) for _, kind, points, is_stepped in lines]


def stepped(rows, value):
    return [(row["at_s"], value(row)) for row in rows]


def panels(document):
    rows, load = document["samples"], document["load"]
    rule = document["rule"]
    measured = {name: stepped(rows, lambda row, name=name: row["measured"].get(name))
                for name in rule["metrics"]}
    offered = [point for step in document["steps"]
               for point in ((step["at_s"], step["rate"]), (step["ended_s"], step["rate"]))]
    names = {name: "CPU" if name == "cpu" else "turns a second" for name in rule["metrics"]}
    return (
        ("Turns a second", [("asked for", "third", offered, True),
                            ("answered", "first", stepped(load, lambda row: row["turns_per_s"]),
                             False)], 0, ()),
        ("Average instance: share of its target", [
            (names[name], kind, [(at, value and value / rule["metrics"][name])
                                 for at, value in measured[name]], False)
            for name, kind in zip(rule["metrics"], ("second", "first"))],
         0, (1 - rule["tolerance"], 1 + rule["tolerance"])),
        ("Instances", [("recommended", "third", stepped(rows, lambda row: row["recommended"]), True),
                       ("desired", "second", stepped(rows, lambda row: row["desired"]), True),
                       ("ready", "first", stepped(rows, lambda row: row["ready"]), True)], 0, ()),
        ("Latency, ms", [("p99", "second", stepped(load, lambda row: row["p99_us"] / 1000), False),
                         ("p50", "first", stepped(load, lambda row: row["p50_us"] / 1000), False)],
         0.1, ()),
    )


def svg(document):
    drawn = panels(document)
    height = TOP + len(drawn) * (HEAD + PLOT) + BOTTOM
    x = Scale(0, document["seconds"], LEFT, WIDTH - RIGHT)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
             f'width="{WIDTH}" height="{height}" role="img">',
             "<title>Load, instances and latency over time</title>", f"<style>{STYLE}</style>",
             f'<rect class="page" width="{WIDTH}" height="{height}"/>',
             text_at(16, 28, "Instances follow the load", "title"),
             text_at(16, 48, document["caption"], "soft"),
             text_at(16, 66, document["outcome"], "soft")]
    bottom = height - BOTTOM
    for tick in ticks_within(document["seconds"]):
        parts.append(f'<line class="grid" x1="{x(tick):.1f}" x2="{x(tick):.1f}" y1="{TOP + HEAD}" '
                     f'y2="{bottom}"/>')
        parts.append(text_at(x(tick), bottom + 18, number(tick), "soft", "middle"))
    parts.append(text_at(WIDTH - RIGHT, bottom + 36, "seconds", "soft", "end"))
    for index, (title, lines, start, bounds) in enumerate(drawn):
        parts += panel(TOP + index * (HEAD + PLOT), title, lines, x, start, bounds)
    return "\n".join([*parts, "</svg>"]) + "\n"
