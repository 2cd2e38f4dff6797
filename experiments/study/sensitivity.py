"""Which factors matter: Morris's elementary effects, Sobol's indices, changes one at a time. By SALib.

Replicates use the same seeds at every point. What they differ by is split as in a table of points by seeds:

    outcome(point, seed) = mean + point + seed + noise

The share of noise says how much of what a single run shows is neither the factors nor a shift that all points share.
Indices are of the means over seeds, in which noise weighs 1/replicates of that.
"""

import math
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from experiments.study.designs import Morris, OneAtATime, Sobol, problem
from experiments.study.outcomes import Outcome
from experiments.study.phrases import text
from experiments.study.results import Results
from sim.tables import Column

if TYPE_CHECKING:
    import pandas as pd

RESAMPLES = 1_000  # of the bootstrap
LEVEL = 0.95
COLUMNS = ("outcome", "day", "factor", "index", "value", "low", "high")
MAIN = ("ST", "mu_star", "low", "high")  # the index by which factors are ranked, by design
MOST_MORE = 64  # times as many runs; beyond that, no number is advised


@dataclass(frozen=True)
class Index:
    """One index of one factor for one outcome, on one day of a series, with its 95 % interval."""

    outcome: str
    day: int | None
    factor: str
    index: str
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Shares:
    """How the variance of an outcome over all runs splits."""

    outcome: str
    points: float
    seeds: float
    noise: float


def indices(results: Results) -> "pd.DataFrame":
    """Return a row for each outcome, day (missing for one that is a number), factor and index.

    Morris: ``mu_star`` (mean absolute elementary effect, over the whole range of a factor), ``mu``, ``sigma``.
    Sobol: ``S1``, ``ST``, and ``S2`` of pairs, named "a x b". One at a time: ``low`` and ``high``, the change of the
    outcome against the base at the first and at the last level. An empty table for other designs.
    """
    import pandas as pd

    rows = [index for outcome in results.study.outcomes for index in _of_outcome(results, outcome)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def shares(results: Results) -> list[Shares]:
    """Return how each outcome's variance splits; nothing is known with one replicate. Series count by their mean."""
    found = []
    for outcome in results.study.outcomes:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # a run that failed has no day
            table = np.nanmean(_table(results, outcome), axis=2)
        whole = table[~np.isnan(table).any(axis=1)]
        if whole.shape[1] > 1 and len(whole) > 1:
            found.append(_split(outcome.name, whole))
    return found


def _split(name: str, table: Column) -> Shares:
    """Return the shares of a table (points, seeds) by the analysis of variance in two ways."""
    n, r = table.shape
    rows, columns = table.mean(axis=1, keepdims=True), table.mean(axis=0, keepdims=True)
    rest = table - rows - columns + table.mean()
    noise = float((rest**2).sum()) / ((n - 1) * (r - 1))
    points = max(float(rows.var(ddof=1)) - noise / r, 0.0)
    seeds = max(float(columns.var(ddof=1)) - noise / n, 0.0)
    whole = points + seeds + noise
    return Shares(name, *((part / whole if whole else 0.0) for part in (points, seeds, noise)))


def _table(results: Results, outcome: Outcome) -> Column:
    """Return an outcome as (points, replicates, days); one day for a number; NaN where a run failed."""
    column, n, r = results.runs[outcome.name], len(results.study.points), results.study.replicates
    if not outcome.series:
        return column.to_numpy(np.float64).reshape(n, r, 1)
    days = max((len(x) for x in column if x is not None), default=0)
    nothing = np.full(days, np.nan)
    return np.stack([nothing if x is None else np.asarray(x, np.float64) for x in column]).reshape(n, r, days)


def _of_outcome(results: Results, outcome: Outcome) -> Iterator[Index]:
    table = _table(results, outcome)
    means = table.mean(axis=1)  # a point with a failed run has none
    for day in range(means.shape[1]):
        when = day if outcome.series else None
        for factor, index, value, low, high in _analysed(results, means[:, day]):
            yield Index(outcome.name, when, factor, index, value, low, high)


def _analysed(results: Results, y: Column) -> Iterator[tuple[str, str, float, float, float]]:
    design = results.study.design
    if isinstance(design, Morris):
        yield from _morris(results, design, y)
    elif isinstance(design, Sobol):
        yield from _sobol(results, design, y)
    elif isinstance(design, OneAtATime):
        yield from _one_at_a_time(results, y)


def _whole_blocks(y: Column, block: int) -> Column:
    """Return which points belong to a trajectory or cross-over without any failed run, (n,) bool."""
    good = ~np.isnan(y).reshape(-1, block).any(axis=1)
    return np.repeat(good, block)


def _morris(results: Results, design: Morris, y: Column) -> Iterator[tuple[str, str, float, float, float]]:
    from SALib.analyze import morris

    k = len(results.study.factors)
    good = _whole_blocks(y, design.block(k))
    if good.sum() < 2 * design.block(k):
        return
    found = morris.analyze(
        problem(k), design.quantiles(k)[good], y[good], num_resamples=RESAMPLES, conf_level=LEVEL,
        num_levels=design.levels, seed=design.seed,
    )  # fmt: skip
    for i, factor in enumerate(results.study.factors):
        half = float(found["mu_star_conf"][i])
        yield factor.name, "mu_star", *_around(float(found["mu_star"][i]), half)
        for index in ("mu", "sigma"):
            yield factor.name, index, float(found[index][i]), math.nan, math.nan


def _sobol(results: Results, design: Sobol, y: Column) -> Iterator[tuple[str, str, float, float, float]]:
    from SALib.analyze import sobol

    factors = results.study.factors
    values = y[_whole_blocks(y, design.block(len(factors)))]
    if len(values) < 2 * design.block(len(factors)) or values.std() == 0:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        found = sobol.analyze(
            problem(len(factors)), values, calc_second_order=design.second_order, num_resamples=RESAMPLES,
            conf_level=LEVEL, seed=design.seed,
        )  # fmt: skip
    for i, factor in enumerate(factors):
        for index in ("S1", "ST"):
            yield factor.name, index, *_around(float(found[index][i]), float(found[f"{index}_conf"][i]))
        for j in range(i + 1, len(factors)) if design.second_order else ():
            pair = f"{factor.name} x {factors[j].name}"
            yield pair, "S2", *_around(float(found["S2"][i, j]), float(found["S2_conf"][i, j]))


def _one_at_a_time(results: Results, y: Column) -> Iterator[tuple[str, str, float, float, float]]:
    points = results.study.points
    for factor in results.study.factors:
        mine = [i for i, point in enumerate(points) if factor.name in point]
        for index, at in (("low", mine[0]), ("high", mine[-1])):
            yield factor.name, index, float(y[at] - y[0]), math.nan, math.nan


def _around(value: float, half: float) -> tuple[float, float, float]:
    return value, value - half, value + half


def leading(results: Results, n: int) -> dict[str, list[tuple[str, str, float]]]:
    """Return by outcome that is a number the ``n`` factors that matter most: name, index and its value."""
    found = {}
    for outcome in results.study.outcomes:
        rows = [] if outcome.series else [row for row in _of_outcome(results, outcome) if row.index in MAIN]
        if rows:
            largest: dict[str, Index] = {}
            for row in sorted(rows, key=lambda row: abs(row.value)):
                largest[row.factor] = row
            first = sorted(largest.values(), key=lambda row: -abs(row.value))[:n]
            found[outcome.name] = [(row.factor, row.index, row.value) for row in first]
    return found


def said(results: Results) -> list[str]:
    """Return what the sample is too small to tell, a sentence a factor and outcome that is a number; noise too."""
    numbers = [outcome for outcome in results.study.outcomes if not outcome.series]
    main = [row for outcome in numbers for row in _of_outcome(results, outcome) if row.index in ("ST", "mu_star")]
    found = [sentence for row in main if (sentence := _unsure(row, len(results.runs)))]
    for share in shares(results):
        parts = {name: f"{getattr(share, name):.0%}" for name in ("points", "seeds", "noise")}
        found.append(text("says.variance", outcome=share.outcome, **parts))
    return found


def _unsure(row: Index, runs: int) -> str:
    """Return a sentence about an index whose interval holds 0, or is wider than itself."""
    value, half = row.value, (row.high - row.low) / 2
    if value == 0 and half == 0:
        return text("says.still", factor=row.factor, outcome=row.outcome)
    if value - half > 0:
        return ""
    times = (half / value) ** 2 if value > 0 else math.inf
    more = times < MOST_MORE
    advice = text("says.enough", runs=f"{_rounded(runs * times * 1.2):,}") if more else text("says.none")
    return text(f"says.{row.index}", factor=row.factor, outcome=row.outcome, runs=f"{runs:,}", advice=advice)


def _rounded(x: float) -> int:
    """Return a number of runs to two digits, upwards."""
    step = int(10 ** max(math.floor(math.log10(x)) - 1, 0))
    return math.ceil(x / step) * step
