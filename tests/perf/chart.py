"""The chart: CPU per request relative to the floor, one group of bars a scenario."""

import math
from xml.sax.saxutils import escape

import summary

WIDTH = 840
LEFT = 160  # of the bars
RIGHT = 150  # room behind them for figures
TOP = 98
BAR = 16
BAR_STEP = 21
GROUP_HEAD = 26
GROUP_GAP = 12
BOTTOM = 34
TARGETS = (1.10, 1.20)
AXIS_END_MAX = 3.0
LIGHT = {"ink": "#1f2328", "soft": "#59636e", "line": "#d1d9e0", "page": "#ffffff",
         "first": "#0969da", "other": "#8c959f", "mark": "#bc4c00"}
DARK = {"ink": "#f0f6fc", "soft": "#9198a1", "line": "#3d444d", "page": "#0d1117",
        "first": "#4493f8", "other": "#656c76", "mark": "#f0883e"}


def colours(of):
    """CSS rules. Plain ones, without variables, which not every viewer of SVG knows."""
    return f"""
    text {{ fill: {of["ink"]}; stroke: {of["page"]} }}
    .soft {{ fill: {of["soft"]} }} .mark {{ fill: {of["mark"]} }}
    .page {{ fill: {of["page"]} }} .first {{ fill: {of["first"]} }}
    .other {{ fill: {of["other"]} }} .grid {{ stroke: {of["line"]} }}
    .floor, .range {{ stroke: {of["ink"]} }} .target {{ stroke: {of["mark"]} }}
"""


STYLE = f"""
    svg {{ font: 13px system-ui, sans-serif }}
    text {{ paint-order: stroke; stroke-width: 4px }}
    .head {{ font-weight: 600 }} .title {{ font-size: 17px; font-weight: 600 }}
    .floor {{ stroke-width: 1.5 }} .range {{ stroke-width: 1.2 }}
    .target {{ stroke-dasharray: 4 3 }}
{colours(LIGHT)}
    @media (prefers-color-scheme: dark) {{
{colours(DARK)}
    }}
"""


def groups(results, examined):
    """[(title, [(contender, ratio or None, why not)])] of all that has a ratio to the floor. Who
    could have taken part and by design did not (`examined` has no objection) gets no bar."""
    def is_drawn(each):
        absent = each["skipped"] and not examined[each["contender"]]["skipped"]
        return each["contender"] != summary.FLOOR and not absent

    found = []
    for result in results:
        if result["kind"] != "load" or not result["charted"]:
            continue
        workers = sorted({each["workers"] for each in result["rows"]})
        for count in workers:
            title = result["title"]
            if len(workers) > 1:
                title += f": {count} worker{'s' if count > 1 else ''}"
            bars = [(each["contender"], each.get("ratio_to_floor"),
                     each["skipped"] or "no valid round") for each in result["rows"]
                    if each["workers"] == count and is_drawn(each)]
            found.append((title, bars))
    return found


def axis_end(found):
    """The least half above everything that is drawn, within reason: where one contender costs
    many times the floor, the others must stay tellable apart."""
    greatest = [each["greatest"] for _, bars in found for _, each, _ in bars if each]
    return min(AXIS_END_MAX, max(1.5, math.ceil(max(greatest, default=1.0) * 2) / 2))


def text_at(x, y, words, kind="", anchor="start"):
    return (f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">'
            f"{escape(words)}</text>")


def line_at(x, top, bottom, kind):
    return f'<line x1="{x:.1f}" y1="{top:.1f}" x2="{x:.1f}" y2="{bottom:.1f}" class="{kind}"/>'


def bar(y, scale, end, name, value, why_not):
    """One contender in one scenario: bar, range over the rounds, figure."""
    middle = y + BAR / 2
    parts = [text_at(LEFT - 8, middle + 4.5, name, anchor="end")]
    if not value:
        return parts + [text_at(LEFT + 6, middle + 4.5, shorten(why_not), "soft")]
    kind = "first" if name in summary.OURS else "other"
    parts.append(f'<rect x="{LEFT}" y="{y}" width="{scale(value["median"]) - LEFT:.1f}" '
                 f'height="{BAR}" rx="2" class="{kind}"/>')
    parts.append(f'<line x1="{scale(value["least"]):.1f}" y1="{middle}" '
                 f'x2="{scale(value["greatest"]):.1f}" y2="{middle}" class="range"/>')
    figure = f"{value['median']:.2f}" + (" (off the scale)" if value["median"] > end else "")
    parts.append(text_at(scale(value["greatest"]) + 7, middle + 4.5, figure))
    return parts


def shorten(words, size_max=70):
    return words if len(words) <= size_max else words[:size_max - 1] + "…"


def axis(scale, end, bottom):
    """What lies behind the bars."""
    parts = []
    for half in range(int(end * 2) + 1):
        parts.append(line_at(scale(half / 2), TOP - 6, bottom, "grid"))
        parts.append(text_at(scale(half / 2), bottom + 18, f"{half / 2:.1f}", "soft", "middle"))
    return parts


def marks(scale, bottom):
    """What the bars are held against; it lies before them."""
    parts = [line_at(scale(1.0), TOP - 6, bottom, "floor")]
    for value, anchor in zip(TARGETS, ("end", "start")):
        parts.append(line_at(scale(value), TOP - 6, bottom, "target"))
        x = scale(value) + (2 if anchor == "end" else -2)
        parts.append(text_at(x, TOP - 12, f"{value:.2f}", "mark", anchor))
    return parts


def svg(document):
    found = groups(document["scenarios"], document["contenders"])
    end = axis_end(found)

    def scale(value):
        return LEFT + min(value, end) / end * (WIDTH - LEFT - RIGHT)

    heads, bars, y = [], [], TOP
    for title, contenders in found:
        heads.append(text_at(LEFT, y + 16, title, "head"))
        y += GROUP_HEAD
        for name, value, why_not in contenders:
            bars += bar(y, scale, end, name, value, why_not)
            y += BAR_STEP
        y += GROUP_GAP
    machine = document["machine"]
    caption = f"{machine['cpu']}, {machine['cores']} cores, {machine['date'][:10]}"
    if document["settings"]["quick"]:
        caption = "QUICK RUN, not to be compared. " + caption
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y + BOTTOM}" '
             f'width="{WIDTH}" height="{y + BOTTOM}" role="img">',
             "<title>CPU time per request relative to the floor</title>",
             f"<style>{STYLE}</style>",
             f'<rect class="page" width="{WIDTH}" height="{y + BOTTOM}"/>',
             text_at(16, 28, "Server CPU per request, relative to the floor", "title"),
             text_at(16, 48, caption, "soft"),
             text_at(16, 66, "bar: median of the ratios within a round, thin line: least to "
                     "greatest; dashed: targets; shorter is better", "soft"),
             *axis(scale, end, y), *bars, *marks(scale, y), *heads, "</svg>"]
    return "\n".join(parts) + "\n"
