"""The results as tables: plain text for a terminal, Markdown for the documents."""

NOT_KNOWN = "-"


def number(value, digits=0):
    return NOT_KNOWN if value is None else f"{value:,.{digits}f}"


def ratio(value):
    if value is None:
        return NOT_KNOWN
    return f"{value['median']:.2f} ({value['least']:.2f}-{value['greatest']:.2f})"


def has_stores(result):
    """Did a contender take part whose counters are in a process of their own?"""
    return any(each.get("store_cpu_us") is not None for each in result["rows"])


def headings(result):
    if result["kind"] != "load":
        return ["contender", f"bytes per {result['unit']}", "rounds"]
    columns = ["contender", "requests/s", "p50 µs", "p99 µs", "CPU µs/request",
               "ratio to floor", "rounds"]
    if any(each["workers"] > 1 for each in result["rows"]):
        columns[1:1] = ["workers"]
        columns[-1:-1] = ["ratio to 1 worker"]
    if has_stores(result):
        place = columns.index("CPU µs/request") + 1
        columns[place:place] = ["service", "store"]
    return columns


def cells(result, each):
    """The cells of one row, as many as there are headings."""
    rounds = f"{each['rounds_valid']}/{each['rounds']}"
    if result["kind"] != "load":
        return [each["contender"], number(each.get("bytes_each"), 1), rounds]
    parts = [number(each[f"{role}_cpu_us"], 2) for role in ("service", "store")]
    values = [each["contender"], number(each["rate"]), number(each["p50_us"]),
              number(each["p99_us"]), number(each["cpu_us"], 2),
              *(parts if has_stores(result) else ()), ratio(each["ratio_to_floor"]), rounds]
    if any(other["workers"] > 1 for other in result["rows"]):
        values[1:1] = [str(each["workers"])]
        values[-1:-1] = [ratio(each.get("ratio_to_one_worker"))]
    return values


def rows_and_notes(result):
    """Rows that were measured, and a line for each that was not."""
    rows = [cells(result, each) for each in result["rows"] if not each["skipped"]]
    skipped = dict.fromkeys((each["contender"], each["skipped"])
                            for each in result["rows"] if each["skipped"])
    return rows, [f"{name}: skipped, {reason}" for name, reason in skipped]


def text_table(columns, rows):
    """First column to the left, figures to the right."""
    widths = [max(map(len, column)) for column in zip(columns, *rows)]

    def line(values):
        first = values[0].ljust(widths[0])
        rest = [value.rjust(width) for value, width in zip(values[1:], widths[1:])]
        return "  ".join(["", first, *rest])

    return "\n".join(map(line, [columns, *rows]))


def markdown_table(columns, rows):
    def line(values):
        return "| " + " | ".join(value.replace("|", "\\|") for value in values) + " |"

    rule = "|---|" + "---:|" * (len(columns) - 1)
    return "\n".join([line(columns), rule, *map(line, rows)])


def verdict_rows(verdicts):
    def precise(value, limit):
        return number(value, 0 if limit >= 1000 else 1 if limit >= 100 else 2)

    return [[each["target"], each["scenario"], precise(each["limit"], each["limit"]),
             precise(each["value"], each["limit"]), precise(each["floor"], each["limit"]),
             each["verdict"]] for each in verdicts]


VERDICT_HEADINGS = ["target", "scenario", "at most", "measured", "floor",
                    "verdict"]


def facts(document):
    machine, settings = document["machine"], document["settings"]
    lines = [f"{machine['date']}, revision {machine['revision']}",
             f"{machine['cpu']}, {machine['cores']} cores, {machine['system']}, "
             f"Linux {machine['kernel']}",
             f"{settings['duration_seconds']} s a measurement after {settings['warmup_seconds']} s "
             "of warm-up, a fresh server process each time; medians; ratios are medians of the "
             "ratios within a round (least-greatest)"]
    if settings["quick"]:
        lines.append("QUICK RUN: too short to compare anything, and memory measured with a "
                     f"{settings['divisor']}th of the connections and counters")
    return lines


def text(document):
    parts = ["\n".join(facts(document))]
    for result in document["scenarios"]:
        rows, notes = rows_and_notes(result)
        table = text_table(headings(result), rows) if rows else ""
        parts.append("\n".join(filter(None, [result["title"], table,
                                             *(f"  {note}" for note in notes)])))
    parts.append("Targets\n" + text_table(VERDICT_HEADINGS, verdict_rows(document["targets"])))
    if document["problems"]:
        parts.append("\n".join(["Problems", *(f"  {line}" for line in document["problems"])]))
    return "\n\n".join(parts) + "\n"


def markdown(document):
    parts = ["# Comparison", "Written by `make bench`; see [README.md](README.md) for how to "
             "read it.", "![CPU per request relative to the floor](latest.svg)",
             "\n".join(f"- {line}" for line in facts(document))]
    versions = [[each["title"], each["skipped"] or each["version"]]
                for each in document["contenders"].values()]
    parts.append(markdown_table(["contender", "version"], versions))
    for result in document["scenarios"]:
        rows, notes = rows_and_notes(result)
        parts.append(f"## {result['title']}")
        if rows:
            parts.append(markdown_table(headings(result), rows))
        parts += notes
    parts += ["## Targets",
              markdown_table(VERDICT_HEADINGS, verdict_rows(document["targets"]))]
    if document["problems"]:
        parts += ["## Problems", "\n".join(f"- {line}" for line in document["problems"])]
    return "\n\n".join(parts) + "\n"
