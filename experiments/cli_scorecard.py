"""The command ``etalase scorecard``."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from experiments.cli_options import Changes, Json, Name, Out, Seed, Workers, load_scenario, print_json

if TYPE_CHECKING:
    from experiments.scorecard.matrix import Matrix
    from experiments.scorecard.score import Score

Quick = Annotated[bool, typer.Option("--quick", help="A smaller market and half a year: a minute or two.")]
Mutants = Annotated[
    bool, typer.Option("--mutants", help="Also switch mechanisms off, one at a time, and show which lines notice.")
]


def scorecard(
    scenario: Name,
    quick: Quick = False,
    mutants: Mutants = False,
    seed: Seed = None,
    changes: Changes = None,
    out: Out = None,
    workers: Workers = 1,
    as_json: Json = False,
) -> None:
    """Hold a market against what is known of such markets.

    The exit code is 0 if every identity and pattern holds, 1 if any does not.
    """
    world = load_scenario(scenario, [*(changes or ()), *(() if seed is None else (f"seed={seed}",))])
    from contextlib import nullcontext

    from experiments import cli_bar
    from experiments.results import Folder
    from experiments.scorecard import files, score
    from experiments.scorecard.matrix import matrix

    with Folder(out) if out is not None else nullcontext() as folder:
        with cli_bar.progress("asking the market", "lines") as tell:
            scores = score.scorecard(score.lab_of(world, quick), progress=tell)
        found = None
        if mutants:
            with cli_bar.progress("asking mutants", "mutants") as tell:
                found = matrix(world, scores if quick else None, workers=workers, progress=tell)
        if folder:
            files.write(folder, world, quick, scores, found)
    if as_json:
        print_json(files.as_dict(world, quick, scores, found))
    else:
        print_scores(world.name, scores, found)
    if score.fails(scores):
        raise typer.Exit(1)


def print_scores(name: str, scores: "Sequence[Score]", matrix: "Matrix | None") -> None:
    """Print a table of lines, and below it the matrix of mutants."""
    from rich.text import Text

    from experiments.cli_tables import console, table
    from experiments.scorecard.lines import GRADES
    from experiments.words import number

    screen = console()
    asked = [s for s in scores if s.judged]
    rows = [
        (s.line.name, s.line.grade, "yes" if s.holds else "NO", number(s.found), band(s.line.low, s.line.high),
         s.line.source, s.line.says)
        for s in asked
    ]  # fmt: skip
    screen.print(table(("line", "grade", "holds", "found", "band", "source", "what it says"), rows, ("found", "band")))
    for grade in GRADES:
        of = [s for s in asked if s.line.grade == grade]
        screen.print(Text(f"{grade}: {sum(s.holds for s in of)} of {len(of)} hold"))
    if len(asked) < len(scores):
        left = ", ".join(s.line.name for s in scores if not s.judged)
        screen.print(Text(f"not asked, because among so few users they would be chance: {left}"))
    if matrix:
        screen.print(Text("\n".join(["", *matrix.text()])))


def band(low: float, high: float) -> str:
    """Return a band as people write it."""
    from math import isfinite

    from experiments.words import number

    if low == high:
        return number(low)
    if not isfinite(high):
        return f"{number(low)} or more"
    return f"{number(low)} to {number(high)}"
