"""docs/reports/text/*.md.in and the data become docs/reports/*.md. In a text, {{name word...}} stands for what
the function of that name says, so that no figure is copied by hand."""

import re
import tomllib
from dataclasses import dataclass

import diagrams
import hostile
import load
import pictures
import plans
import setups
import summaries
import tables
import unexpected
from summaries import middle, number, spread, valid, values_of

PLACEHOLDER = re.compile(r"\{\{([^{}]+)\}\}")
# A figure with a unit of measure, written by hand; counts of things and words of a contract are none.
BY_HAND = re.compile(r"\d[\d.,]*\s?(?:µs|us|ms|requests/s|turns/s|rps|vCPU|USD|MB|Gbit)\b")
HEAD = "<!-- Written by make reports from text/{name} and data/. Do not edit. -->\n"


class BadText(Exception):
    """A text asks for what nobody knows."""


@dataclass(frozen=True)
class Context:
    document: dict
    assumptions: dict
    history: list

    @property
    def capacity(self):
        return self.assumptions["capacity"]


def of_maximum(context, name, *path):
    return values_of(valid(context.document["maximum"], setup=name), *path)


def machine(context):
    found, versions = context.document["machine"], context.document["versions"]
    named = ", ".join(f"{name} {version.removeprefix(name).strip()}" for name, version in versions.items())
    return (f"{found['cpu']}, {found['cores']} cores, {found['system']}, Linux {found['kernel']}; {named}; "
            f"revision {found['revision']}, {found['date'][:16].replace('T', ' ')} UTC")


def conditions(context):
    found = context.document["conditions"]
    said = " ".join(f"{each.rstrip('.')}." for each in found["said"]) or "Nothing else was said of them."
    before, after = (", ".join(f"{each:g}" for each in found[f"load_average_{when}"])
                     for when in ("before", "after"))
    quick = " QUICK RUN: nothing here may be compared." if context.document["quick"] else ""
    return (f"{said} Load average {before} before and {after} after; neighbours of the virtual machine "
            f"took {found['stolen_percent']} % of its time; the run took "
            f"{number(found['took_seconds'] / 60, 1)} minutes.{quick}")


def ratio(context, name, other, role):
    """CPU time of a role in one chain to that in another, paired."""
    found = summaries.paired(context.document["maximum"], name, other, "cpu_us", role)
    return spread(found, 2)


def role_ratio(context, name, role, other):
    """Two roles of one chain, in the same rounds."""
    rounds = valid(context.document["maximum"], setup=name)
    return spread([each["cpu_us"][role] / each["cpu_us"][other] for each in rounds], 2)


def kept(context, kind, name=setups.REDIS):
    """How much of what the others ask for they get beside that kind, in percent."""
    rounds = valid(context.document["unexpected"], kind=kind, setup=name)
    return spread([100 * each["rate"] / each["asked"] for each in rounds])


def worst_kept(context, *except_kinds):
    """The least of all rounds of all kinds but those."""
    rounds = [each for each in valid(context.document["unexpected"])
              if each["kind"] not in (*except_kinds, unexpected.BASELINE)
              and each["setup"] == setups.REDIS]
    return number(min(100 * each["rate"] / each["asked"] for each in rounds), 1)


def store_floor(context):
    return spread(values_of(valid(context.document["store_floor"]), "command_us"), 2)


def profiled(context, name, role, group):
    for each in context.document["profiles"]:
        if (each["setup"], each["role"]) == (name, role):
            return f"{each['groups'][group]:.0f} %" if each["valid"] else "not taken"
    return "not taken"


def incident(context, policy, *path):
    for each in context.document["snapshot"]:
        if each["policy"] == policy:
            return number(values_of([each], *path)[0]) if each["valid"] else "not run"
    return "not run"


def setting(context, name):
    value = context.document["settings"][name]
    return number(value, 0 if value == int(value) else 1)


def tcp_changes(_):
    def quoted(text):
        return "nothing" if not text else " / ".join(f"`{line.strip()}`" for line in text.splitlines())
    return "\n".join(f"- {quoted(old)} becomes {quoted(new)}" for old, new in setups.TCP_CHANGES.items())


FIGURES = {
    "machine": machine, "conditions": conditions, "setting": setting, "tcp_changes": tcp_changes,
    "command": lambda context: context.document["settings"]["command"],
    "shares": lambda _: ", ".join(map(str, load.SHARES)),
    "hostile_source": lambda _: hostile.SOURCE,
    "restores": lambda context: number(max(each["restores"] for each in context.document["snapshot"])),
    "far_ms": lambda _: number(2 * setups.FAR_US / 1000),
    "many_ids": lambda _: number(setups.MANY_IDS),
    "cpu": lambda context, name, role: number(
        middle(valid(context.document["maximum"], setup=name), "cpu_us", role), 2),
    "turns_a_batch": lambda context, name: spread(of_maximum(context, name, "turns_a_batch"), 1),
    "core": lambda context, name, role: number(plans.capacity.one_thread_rate(
        summaries.cost_of(context.document, name)[role])),
    "generator": lambda context, name: number(
        middle(valid(context.document["maximum"], setup=name), "generator_us"), 2),
    "ratio": ratio, "role_ratio": role_ratio, "kept": kept, "worst_kept": worst_kept,
    "store_floor": store_floor, "profiled": profiled, "incident": incident,
    **{f"table_{name}": (lambda make: lambda context: make(context.document))(getattr(tables, name))
       for name in ("maximum", "rates", "tools", "unexpected", "workers", "models", "connections",
                    "profiles", "balancer", "restored")},
    "table_fleets": lambda context, which: plans.fleets(context.document, context.capacity, which),
    "table_without_balancer": lambda context: plans.without_balancer(context.document, context.capacity),
    "table_hot_ids": lambda context: plans.hot_ids(context.document, context.capacity),
    "table_threads": lambda context: plans.threads(context.document),
    "table_prices": lambda context: plans.prices(context.capacity),
    "table_traffic": lambda context: plans.traffic(context.capacity),
    "table_chains": lambda context: plans.chains(context.assumptions),
    "table_parts": lambda context: plans.parts(context.assumptions),
    "arithmetic": lambda context, index: plans.arithmetic(context.assumptions, int(index)),
    "available": lambda context, index: plans.availability.nines(plans.availability.evaluate(
        context.assumptions["parts"], context.assumptions["chains"])[int(index)][1]),
    "table_history": lambda context: plans.history(context.history),
}


def filled(text, context):
    def of(match):
        name, *words = match[1].split()
        if name not in FIGURES:
            raise BadText(f"nobody knows {{{{{match[1]}}}}}")
        try:
            return FIGURES[name](context, *words)
        except (TypeError, KeyError, IndexError, ValueError) as problem:
            raise BadText(f"{{{{{match[1]}}}}}: {type(problem).__name__}: {problem}") from problem
    return PLACEHOLDER.sub(of, text)


def by_hand(text):
    """Figures of a text that are not placeholders; examples in code do not count."""
    return BY_HAND.findall(re.sub(r"`[^`]*`", "", PLACEHOLDER.sub("", text)))


def read_context(reports, document):
    data = reports / "data"
    return Context(document, tomllib.loads((data / "assumptions.toml").read_text()),
                   tomllib.loads((data / "history.toml").read_text())["done"])


def figures_and_texts(reports, document):
    """{path below docs/reports: text} of what the data alone decides."""
    context = read_context(reports, document)
    texts = {each.name.removesuffix(".in"): HEAD.format(name=each.name)
             + filled(each.read_text(), context)
             for each in sorted((reports / "text").glob("*.md.in"))}
    return texts | pictures.all_of(document)


def render(reports, document):
    return figures_and_texts(reports, document) | diagrams.rendered(reports)


def stale(reports, directory, document):
    """Which documents and pictures in `directory` are not what the data says and the texts and diagrams
    below `reports`, a line each."""
    found = []
    for name, text in figures_and_texts(reports, document).items():
        file = directory / name
        if not file.is_file():
            found.append(f"{name} is missing")
        elif file.read_text() != text:
            found.append(f"{name} is not what the data says: make reports REPORT_ARGS=--render")
    return found + diagrams.stale(reports, directory)


def problems(document):
    """What could not be measured, a line each."""
    found = [f"{name}: {each['reason']}" for name, rounds in document.items() if isinstance(rounds, list)
             for each in rounds if not each.get("valid", True)]
    return found + [f"tools: {each['command']}: {each['result']}" for each in document["tools"]
                    if each["result"].startswith("FAILED")]
