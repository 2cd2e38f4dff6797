"""What the commands print: tables of presets, parameters and results."""

import math
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from experiments.words import number, value_text

if TYPE_CHECKING:
    from experiments.run import Run
    from sim.params import Knob
    from sim.scenario import Scenario

#: Width where nobody looks: long enough that other programs find a row in one line.
PIPED = 280


def console() -> Console:
    """Return standard output, as wide as the terminal."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else PIPED)


def table(titles: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[str] = ()) -> Table:
    """Return a table of texts; the columns in ``right`` are aligned to the right."""
    grid = Table(box=None, pad_edge=False, header_style="bold")
    for title in titles:
        grid.add_column(title, justify="right" if title in right else "left", overflow="fold")
    for row in rows:
        grid.add_row(*(Text(cell) for cell in row))  # Text: brackets are not markup
    return grid


def print_presets(presets: list[tuple[str, str]]) -> None:
    """Print a table of names and titles."""
    console().print(table(("scenario", "what it is"), presets))


def print_scenario(scenario: "Scenario") -> None:
    """Print what a scenario says about itself, its programs, and all its parameters."""
    from sim.entries import range_of

    out = console()
    out.print(Text(f"{scenario.name}\n\n{scenario.story.strip()}\n"))
    for title, items in (("Sources", scenario.sources), ("Assumptions", scenario.assumptions)):
        if items:
            out.print(Text("\n".join([title, *(f"- {item}" for item in items), ""])))
    rows = [
        (
            k.path,
            value_text(k.value),
            k.declaration.unit,
            range_of(k.declaration),
            _origin(k),
            k.declaration.doc,
        )
        for k in scenario.knobs()
    ]
    out.print(table(("parameter", "value", "unit", "range", "source", "meaning"), rows, ("value",)))
    out.print(Text(f"\nfingerprint {scenario.fingerprint()}"))


def _origin(knob: "Knob") -> str:
    """Return where a value comes from: the source of the declaration is that of the default."""
    d = knob.declaration
    return d.source if knob.value == d.default else f"set by the scenario; default {value_text(d.default)}: {d.source}"


def print_summary(run: "Run", name: str, out: Path | None) -> None:
    """Print the figures that sum up a run, and how to find it again."""
    rows = [(label, number(value), unit, note) for label, value, unit, note in run.summary()]
    screen = console()
    screen.print(table((name, "value", "unit", "note"), rows, ("value",)))
    took = ", ".join(f"{what} {seconds:.1f} s" for what, seconds in run.timing.items())
    screen.print(Text(f"\n{run.days} days ({took})\nfingerprint {run.fingerprint}"))
    if out is not None:
        screen.print(Text(f"results in {out}"))


def run_as_dict(run: "Run", name: str, seed: int) -> dict[str, Any]:
    """Return a run in plain JSON types: a list over days for each metric; what is no number is null."""
    metrics = {str(column): [_plain(value) for value in run.metrics[column].tolist()] for column in run.metrics.columns}
    return {"fingerprint": run.fingerprint, "scenario": name, "seed": seed, "days": run.days, "metrics": metrics}


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, int | str | None) else str(value)
