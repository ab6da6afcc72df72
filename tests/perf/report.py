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


def is_known(result, figure):
    return any(each.get(figure) is not None for each in result["rows"])


def columns(result):
    """[(heading, row -> cell)]"""
    rounds = ("rounds", lambda each: f"{each['rounds_valid']}/{each['rounds']}")
    name = ("contender", lambda each: each["contender"])

    def figure(key, digits=0):
        return lambda each: number(each.get(key), digits)

    def ratio_of(key):
        return lambda each: ratio(each.get(key))

    if result["kind"] == "outage":
        return [name, ("refusals/s", figure("rate")), ("p50 µs", figure("p50_us")),
                ("p99 µs", figure("p99_us")), ("takes at the store", figure("store_takes")),
                ("ms to the first turn", figure("recovery_ms", 1)), rounds]
    if result["kind"] != "load":
        return [name, (f"bytes per {result['unit']}", figure("bytes_each", 1)), rounds]
    several_workers = any(each["workers"] > 1 for each in result["rows"])
    stores = has_stores(result)
    return [heading for heading, wanted in [
        (name, True),
        (("workers", lambda each: str(each["workers"])), several_workers),
        (("requests/s", figure("rate")), True),
        (("p50 µs", figure("p50_us")), True),
        (("p99 µs", figure("p99_us")), True),
        (("PING µs", figure("ping_us")), is_known(result, "ping_us")),
        (("p50 to floor + PING", ratio_of("ratio_to_round_trips")),
         is_known(result, "ratio_to_round_trips")),
        (("CPU µs/request", figure("cpu_us", 2)), True),
        (("service", figure("service_cpu_us", 2)), stores),
        (("store", figure("store_cpu_us", 2)), stores),
        *[((f"{name}/packet", figure(f"{name}_a_packet", 1)),
           is_known(result, f"{name}_a_packet")) for name in ("ids", "turns", "commands", "bytes")],
        (("ratio to floor", ratio_of("ratio_to_floor")), True),
        (("service to floor", ratio_of("service_ratio_to_floor")), stores),
        (("ratio to webdis", ratio_of("ratio_to_webdis")), is_known(result, "ratio_to_webdis")),
        (("ratio to 1 worker", ratio_of("ratio_to_one_worker")), several_workers),
        (rounds, True)] if wanted]


def headings(result):
    return [heading for heading, _ in columns(result)]


def rows_and_notes(result):
    """Rows that were measured, and a line for each reason why others were not."""
    rows = [[cell(each) for _, cell in columns(result)]
            for each in result["rows"] if not each["skipped"]]
    skipped = {}  # {reason: {contender}}, in the order of the table
    for each in result["rows"]:
        if each["skipped"]:
            skipped.setdefault(each["skipped"], {})[each["contender"]] = True
    return rows, [f"{', '.join(names)}: skipped, {reason}" for reason, names in skipped.items()]


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
