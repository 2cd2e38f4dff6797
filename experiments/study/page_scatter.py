"""Small pictures of every outcome over every number, the ones with the largest rank correlation first."""

import html
import math
from collections.abc import Iterator, Sequence

import numpy as np

from experiments.markup import figures, paragraph
from experiments.study import page_charts as charts
from experiments.study.factors import Distribution, Number
from experiments.study.outcomes import Outcome
from experiments.study.page_data import Tables
from experiments.study.page_pictures import axis
from experiments.study.page_tables import RUNS, value
from experiments.study.phrases import say

MOST_NUMBERS, MOST_OUTCOMES = 6, 4
MOST_DOTS = 1_000  # of one picture
ALL_DOTS = 12_000  # of all of them: a page should open on a phone
FEWEST = 3  # points, below which there is nothing to see


def scatter(tables: Tables) -> Iterator[str]:
    """Yield the section; nothing where no number moves or no outcome is one number that does."""
    numbers = [f for f in tables.factors if isinstance(f, Number) and tables.points[f.name].nunique() > 1]
    outcomes = [o for o in tables.outcomes if not o.series and len(np.unique(tables.known(o))) > 1]
    if not numbers or not outcomes or len(tables.points) < FEWEST:
        return
    found = {(f.name, o.name): correlation(tables, f, o) for f in numbers for o in outcomes}
    best = sorted(numbers, key=lambda f: -max(_size(found[f.name, o.name]) for o in outcomes))[:MOST_NUMBERS]
    yield f"<h3>{say('scatter')}</h3>" + paragraph(say("scatter.says"), "soft")
    if len(best) < len(numbers) or len(outcomes) > MOST_OUTCOMES:
        yield paragraph(_left(best, numbers, outcomes), "soft")
    shown = outcomes[:MOST_OUTCOMES]
    step = max(1, math.ceil(len(tables.points) / min(MOST_DOTS, ALL_DOTS // (len(best) * len(shown)))))
    if step > 1:
        drawn = len(range(0, len(tables.points), step))
        yield paragraph(say("scatter.sample", n=f"{drawn:,}", points=f"{len(tables.points):,}"), "soft")
    for outcome in shown:
        yield f"<h4>{html.escape(outcome.name)}</h4><div class='tiles'>"
        yield from (_dots(tables, factor, outcome, found[factor.name, outcome.name], step) for factor in best)
        yield "</div>"


def correlation(tables: Tables, factor: Number, outcome: Outcome) -> float:
    """Return Spearman's rank correlation over the points; NaN where one of both does not move."""
    both = tables.points[[factor.name, outcome.name]].dropna().rank()
    if both.nunique().min() < 2:
        return math.nan
    return float(np.corrcoef(both.to_numpy().T)[0, 1])


def _size(rho: float) -> float:
    return abs(rho) if math.isfinite(rho) else 0.0


def _left(best: Sequence[Number], numbers: Sequence[Number], outcomes: Sequence[Outcome]) -> str:
    return say(
        "scatter.left", factors=f"{len(best)}", all_factors=f"{len(numbers):,}",
        outcomes=f"{min(len(outcomes), MOST_OUTCOMES)}", all_outcomes=f"{len(outcomes):,}",
    )  # fmt: skip


def _dots(tables: Tables, factor: Number, outcome: Outcome, rho: float, step: int) -> str:
    rows = tables.points[[factor.name, outcome.name]].set_axis(["x", "y"], axis=1).iloc[::step].dropna()
    size, unit = tables.scaled(outcome, tables.known(outcome))
    rows["y"] /= size
    drawn = charts.dots(rows, axis(factor), unit, factor.distribution == Distribution.LOGUNIFORM)
    shown = value(rho, f"{rho:.2f}", outcome=outcome.name, factor=factor.name, statistic="spearman")
    said = say("correlation", rho=shown) if math.isfinite(rho) else say("correlation.none")
    return figures(f"<code>{html.escape(factor.name)}</code>: {said}", [RUNS], drawn)
