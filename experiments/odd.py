"""The parts of ``docs/model.md`` that the code itself says: ``python -m experiments.odd docs/model.md`` renews them.

Each stands between ``<!-- begin NAME -->`` and ``<!-- end NAME -->``.
"""

import inspect
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

from experiments.targets import targets
from experiments.words import value_text
from sim import levers, metrics
from sim.entries import range_of
from sim.mechanisms import DAY
from sim.rng import Stream
from sim.scenario import load
from sim.state import Creators, Hosts, Orders, Products, Rooms, Sellers, Users

MEASURED, BORROWED, GUESSED, CHOSEN = "measured", "borrowed", "guessed", "chosen"
#: Rows of facts.csv that are of Indonesia; the others are of other countries, platforms or decades.
_INDONESIAN = re.compile(r"\b(P\d+|C[123]|M[1-7]|X[1-6])\b|categories\.csv")
_FACT = re.compile(r"\b[A-Z]\d+\b")
_COLUMN = re.compile(r"^    (\w+): (?:Column|float|Any|bool|int|list\[\w+\]).*?#\s*(.+)$", re.MULTILINE)


def grade(source: str) -> str:
    """Return how a parameter's value is known: measured in Indonesia, borrowed from elsewhere, or guessed."""
    if "prototype" in source or "assumed" in source or source.startswith("model"):
        return GUESSED
    return MEASURED if _INDONESIAN.search(source) else BORROWED if _FACT.search(source) else GUESSED


def parameters() -> Iterator[str]:
    """Yield a table of all parameters, with their values in Indonesia and where they come from."""
    rows = []
    for knob in load("indonesia-2024").knobs():
        d = knob.declaration
        value = value_text(knob.value) + (" *" if knob.value != d.default else "")
        known = grade(d.source) if knob.path.startswith(("population.", "mechanisms.")) else CHOSEN
        rows.append((f"`{knob.path}`", value, d.unit, range_of(d), d.source, known, d.doc))
    counts = ", ".join(f"{sum(row[5] == g for row in rows)} {g}" for g in (MEASURED, BORROWED, GUESSED))
    yield f"{len(rows)} parameters: {counts}. A star: set in the preset, by fit or by hand (its file says which).\n"
    yield from table(("parameter", "value", "unit", "range", "source", "grade", "meaning"), rows)


def processes() -> Iterator[str]:
    """Yield the processes of a day in their order, as their files describe them."""
    for phase, title in (("before", "Before users wake: whole tables"), ("users", "Users: block by block"),
                         ("after", "After: whole tables"), ("evening", "Evening")):  # fmt: skip
        yield f"#### {title}\n"
        for mechanism in getattr(DAY, phase):
            text = inspect.getdoc(sys.modules[type(mechanism).__module__]) or ""
            yield from _as_markdown(text)


def _as_markdown(text: str) -> Iterator[str]:
    """Yield a module's docstring: the first line in bold, indented formulas as code, the rest as it is."""
    first, *paragraphs = text.split("\n\n")
    name, _, what = first.partition(": ")
    yield f"**{name}**: {what}\n"
    for paragraph in paragraphs:
        is_code = paragraph.startswith("  ")
        yield f"```text\n{inspect.cleandoc(paragraph)}\n```\n" if is_code else paragraph.replace("``", "`") + "\n"


def columns() -> Iterator[str]:
    """Yield the columns of every table: what is remembered from day to day, and of a day's orders and rooms."""
    common = set(Hosts.columns())
    for kind in (Users, Hosts, Creators, Sellers, Products, Orders, Rooms):
        own = {k: meta for k, meta in kind.columns().items() if kind in (Hosts, Users) or k not in common}
        if kind not in (Creators, Sellers):
            own = dict(kind.columns())
        extra = " (beside those of hosts)" if kind in (Creators, Sellers) else ""
        yield f"**{kind.__name__}**{extra}: {inspect.getdoc(kind)}\n"
        rows = [(f"`{name}`", _kind_of(kind, name), meta["unit"], meta["doc"]) for name, meta in own.items()]
        yield from table(("column", "type", "unit", "meaning"), rows)
        yield ""


def _kind_of(kind: Any, name: str) -> str:
    column = getattr(kind.empty(1), name)
    return f"{column.dtype}" + (f" x {column.shape[1]}" if column.ndim > 1 else "")


def levers_table() -> Iterator[str]:
    """Yield what programs may move."""
    rows = [(f"`{name}`", said) for name, said in _COLUMN.findall(inspect.getsource(levers.Levers))]
    lists = {"vouchers": levers.Voucher, "top_ups": levers.TopUp, "links": levers.Links, "shipping": levers.Shipping}
    rows += [(f"`{name}`", f"list: {inspect.getdoc(kind)}") for name, kind in lists.items()]
    if all(name != "`open`" for name, _ in rows):
        rows.append(("`open`", "(n_channels,) minimum: is the channel open"))
    known = {row[0].strip("`") for row in rows}
    missing = {f.name for f in fields(levers.Levers)} - known
    assert not missing, f"levers without a word: {sorted(missing)}"
    yield from table(("lever", "shape, how it composes, meaning"), rows)


def metrics_table() -> Iterator[str]:
    """Yield all declared metrics."""
    single = [(f"`{m.name}`", m.unit, m.doc) for m in metrics.METRICS]
    families = [(f"`{f.name}.<{f.members}>`", f.unit, f.doc) for f in metrics.FAMILIES]
    yield from table(("metric", "unit", "meaning"), [*single, *families])


def streams() -> Iterator[str]:
    """Yield the decisions that use chance."""
    yield ", ".join(f"`{s.name}` {s.value}" for s in Stream) + "."


def targets_table() -> Iterator[str]:
    """Yield what the preset was fitted to and is checked against."""
    rows = [
        (f"`{t.statistic}`", f"{t.value:g}", f"{t.low:g} to {t.high:g}", t.use, f"{t.weight:g}", t.facts or "-",
         t.grade, t.note)
        for t in targets()
    ]  # fmt: skip
    yield from table(("statistic", "value", "band", "use", "weight", "facts", "grade", "note"), rows)


def table(titles: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Yield the lines of a Markdown table."""
    titles = tuple(titles)
    yield f"| {' | '.join(titles)} |"
    yield f"|{'---|' * len(titles)}"
    for row in rows:
        yield f"| {' | '.join(str(cell).replace('|', '/') for cell in row)} |"


PARTS: dict[str, Callable[[], Iterator[str]]] = {
    "columns": columns, "processes": processes, "levers": levers_table, "metrics": metrics_table,
    "parameters": parameters, "streams": streams, "targets": targets_table,
}  # fmt: skip


def renewed(page: str) -> str:
    """Return a page with all generated parts as the code has them now.

    Raises
    ------
    ValueError : the page lacks a part.
    """
    for name, part in PARTS.items():
        begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
        if page.count(begin) != 1 or page.count(end) != 1:
            raise ValueError(f"the page needs one {begin} and one {end}")
        before, _, rest = page.partition(begin)
        _, _, after = rest.partition(end)
        page = "".join([before, begin, "\n\n", "\n".join(part()).strip("\n"), "\n\n", end, after])
    return page


if __name__ == "__main__":
    file = Path(sys.argv[1])
    file.write_text(renewed(file.read_text(encoding="utf-8")), encoding="utf-8")
