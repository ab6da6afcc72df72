"""Pictures of figures: lines over a scale, and bars made of parts. SVG that fits a light and a dark page."""

import math
from dataclasses import dataclass

import chart
from chart import line_at, text_at

WIDTH, HEIGHT = 840, 440
LEFT, RIGHT, TOP, BOTTOM = 84, 276, 78, 58
LEGEND_STEP = 20
# Told apart by lightness as well, and by their order in the legend.
HUES_LIGHT = ("#0969da", "#bc4c00", "#1a7f37", "#8250df", "#9a6700", "#57606a", "#cf222e", "#0a7ea4")
HUES_DARK = ("#58a6ff", "#f0883e", "#3fb950", "#bc8cff", "#d29922", "#8c959f", "#ff7b72", "#39c5cf")
BAR, BAR_STEP = 18, 27


@dataclass(frozen=True)
class Series:
    """`points` are (x, y); `ranges` are (x, least, greatest), drawn where there are any."""
    name: str
    points: list
    ranges: tuple = ()
    line: bool = True
    dots: bool = True
    hue: int | None = None  # the colour of that number; else by its place


@dataclass(frozen=True)
class Scale:
    """What a value's place is on a stretch of the picture."""
    least: float
    greatest: float
    begin: float
    end: float
    logarithmic: bool = False

    def at(self, value):
        value = min(max(value, self.least), self.greatest)
        if self.logarithmic:
            share = math.log(value / self.least) / math.log(self.greatest / self.least)
        else:
            share = (value - self.least) / (self.greatest - self.least)
        return self.begin + share * (self.end - self.begin)

    def ticks(self):
        if not self.logarithmic:
            step = nice_step(self.greatest - self.least)
            count = int((self.greatest - self.least) / step + 1e-9)
            return [self.least + step * number for number in range(count + 1)]
        factors = (1,) if self.greatest / self.least > 1e3 else (1, 2, 5)
        decades = range(math.floor(math.log10(self.least)), math.ceil(math.log10(self.greatest)) + 1)
        return [factor * 10.0 ** decade for decade in decades for factor in factors
                if self.least <= factor * 10.0 ** decade <= self.greatest * 1.0001]


def nice_step(span, ticks=6):
    """1, 2 or 5 times a power of ten."""
    rough = span / ticks
    power = 10.0 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)


def nice_end(value):
    step = nice_step(value)
    return math.ceil(value / step) * step


def short(value):
    """A number on an axis."""
    for limit, letter in ((1e6, "M"), (1e3, "k")):
        if abs(value) >= limit:
            return f"{value / limit:g}{letter}"
    return f"{value:g}"


def hues(colours):
    return "\n".join(f"    .line{number} {{ stroke: {hue} }} .fill{number} {{ fill: {hue} }}"
                     for number, hue in enumerate(colours))


STYLE = f"""{chart.STYLE}
    .curve {{ fill: none; stroke-width: 2 }} .span {{ stroke-width: 1.2; opacity: 0.6 }}
{hues(HUES_LIGHT)}
    @media (prefers-color-scheme: dark) {{
{hues(HUES_DARK)}
    }}
"""


def page(title, caption, parts, height):
    head = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
            f'width="{WIDTH}" height="{height}" role="img">',
            f"<title>{chart.escape(title)}</title>", f"<style>{STYLE}</style>",
            f'<rect class="page" width="{WIDTH}" height="{height}"/>',
            text_at(16, 28, title, "title"), text_at(16, 48, caption, "soft")]
    return "\n".join([*head, *parts, "</svg>"]) + "\n"


def legend(names):
    x, parts = WIDTH - RIGHT + 24, []
    for place, (number, name) in enumerate(names):
        y = TOP + 6 + place * LEGEND_STEP
        parts.append(f'<rect x="{x}" y="{y - 5}" width="14" height="10" rx="2" class="fill{number}"/>')
        parts.append(text_at(x + 20, y + 4.5, name))
    return parts


def axes(across, up, x_title, y_title, x_ticks):
    parts = []
    for value in up.ticks():
        y = up.at(value)
        parts.append(f'<line x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}" class="grid"/>')
        parts.append(text_at(LEFT - 8, y + 4.5, short(value), "soft", "end"))
    for value in x_ticks:
        parts.append(line_at(across.at(value), TOP, HEIGHT - BOTTOM, "grid"))
        parts.append(text_at(across.at(value), HEIGHT - BOTTOM + 18, short(value), "soft", "middle"))
    middle = (LEFT + WIDTH - RIGHT) / 2
    return [*parts, text_at(middle, HEIGHT - 14, x_title, "soft", "middle"),
            text_at(LEFT - 8, TOP - 12, y_title, "soft", "end")]


def drawn(each, number, across, up):
    parts = []
    for x, least, greatest in each.ranges:
        parts.append(line_at(across.at(x), up.at(greatest), up.at(least), f"span line{number}"))
    if each.line and len(each.points) > 1:
        path = " ".join(f"{across.at(x):.1f},{up.at(y):.1f}" for x, y in each.points)
        parts.append(f'<polyline points="{path}" class="curve line{number}"/>')
    if each.dots:
        parts += [f'<circle cx="{across.at(x):.1f}" cy="{up.at(y):.1f}" r="3.5" class="fill{number}"/>'
                  for x, y in each.points]
    return parts


def lines(title, caption, x_title, y_title, series, *, log_x=False, log_y=False):
    """Curves and points over two axes; ticks across stand at the values that occur."""
    series = [each for each in series if each.points]
    xs = sorted({x for each in series for x, _ in each.points if each.dots})
    all_x = [x for each in series for x, _ in each.points]
    ys = [y for each in series for _, y in each.points]
    ys += [y for each in series for span in each.ranges for y in span[1:]]
    if not xs:
        return page(title, caption, [text_at(LEFT, TOP + 20, "nothing was measured", "soft")], HEIGHT)
    across = Scale(min(all_x) if log_x else 0, max(max(all_x), min(all_x) * 1.01), LEFT,
                   WIDTH - RIGHT, log_x)
    low = 10.0 ** math.floor(math.log10(min(ys))) if log_y else 0
    high = 10.0 ** math.ceil(math.log10(max(ys) * 1.01)) if log_y else nice_end(max(ys))
    up = Scale(low, high, HEIGHT - BOTTOM, TOP, log_y)
    numbered = [(place if each.hue is None else each.hue, each) for place, each in enumerate(series)]
    parts = axes(across, up, x_title, y_title, xs)
    for number, each in numbered:
        parts += drawn(each, number, across, up)
    named = [(number, each.name) for number, each in numbered if each.name]
    return page(title, caption, [*parts, *legend(named)], HEIGHT)


def bars(title, caption, rows, parts_named, unit):
    """`rows` are (name, {part: value}); each part of a bar has its colour."""
    left = 250
    end = nice_end(max((sum(values.values()) for _, values in rows), default=1) or 1)
    height = TOP + 26 + BAR_STEP * len(rows) + 40
    across = Scale(0, end, left, WIDTH - 90)
    parts = []
    x = left
    for number, name in enumerate(parts_named):
        parts.append(f'<rect x="{x}" y="{TOP - 12}" width="14" height="10" rx="2" class="fill{number}"/>')
        parts.append(text_at(x + 20, TOP - 2.5, name))
        x += 34 + 8 * len(name)
    bottom = TOP + 20 + BAR_STEP * len(rows)
    for value in across.ticks():
        parts.append(line_at(across.at(value), TOP + 10, bottom, "grid"))
        parts.append(text_at(across.at(value), bottom + 18, short(value), "soft", "middle"))
    for place, (name, values) in enumerate(rows):
        y, reached = TOP + 16 + place * BAR_STEP, 0.0
        parts.append(text_at(left - 8, y + BAR / 2 + 4.5, name, anchor="end"))
        for number, part in enumerate(parts_named):
            size = values.get(part, 0.0)
            if size > 0:
                begin, finish = across.at(reached), across.at(reached + size)
                parts.append(f'<rect x="{begin:.1f}" y="{y}" width="{max(0.5, finish - begin):.1f}" '
                             f'height="{BAR}" class="fill{number}"/>')
            reached += size
        parts.append(text_at(across.at(reached) + 7, y + BAR / 2 + 4.5, f"{reached:.1f} {unit}"))
    return page(title, caption, parts, height)
