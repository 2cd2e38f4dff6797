"""Which factors matter: Morris's elementary effects, Sobol's indices by SALib, changes one at a time.

Indices are of the means over seeds. Points that only make sense together (a trajectory, a cross-over) are left out
together where a run of theirs failed, or has no value.
"""

import math
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from experiments.study.designs import Design, Morris, OneAtATime, Sobol, problem
from experiments.study.elementary import RESAMPLES, effects
from experiments.study.outcomes import Outcome
from experiments.study.results import Results
from experiments.study.variance import table
from sim.tables import Column

if TYPE_CHECKING:
    import pandas as pd

LEVEL = 0.95
COLUMNS = ("outcome", "day", "factor", "index", "value", "low", "high")
#: Blocks of points of which anything can be told.
FEWEST: dict[type[Design], int] = {Morris: 2, Sobol: 4}
UNKNOWN = (math.nan, math.nan, math.nan)


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


def indices(results: Results) -> "pd.DataFrame":
    """Return a row for each outcome, day (missing for one that is a number), factor and index.

    Morris: ``mu_star`` (mean absolute elementary effect, over the whole range of a factor), ``mu``, ``sigma``.
    Sobol: ``S1``, ``ST``, and ``S2`` of pairs, named "a x b". One at a time: ``low`` and ``high``, the change of the
    outcome against the base at the first and at the last level. An empty table for other designs.
    """
    import pandas as pd

    rows = [index for outcome in results.study.outcomes for index in of_outcome(results, outcome)]
    numbers = dict.fromkeys(("day", "value", "low", "high"), "float64")  # also of an empty table
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(numbers)


def of_outcome(results: Results, outcome: Outcome) -> Iterator[Index]:
    """Yield the indices of one outcome; NaN for one that nothing can be told of."""
    means = table(results, outcome).mean(axis=1)  # a point with a failed run has none
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
        yield from _one_at_a_time(results, design, y)


def blocks(design: Morris | Sobol, k: int, y: Column) -> Column:
    """Return which trajectories or cross-overs have a value at each of their points, (blocks,) bool."""
    return np.logical_not(np.isnan(y).reshape(-1, design.block(k)).any(axis=1))


def _morris(results: Results, design: Morris, y: Column) -> Iterator[tuple[str, str, float, float, float]]:
    factors = results.study.factors
    whole = blocks(design, len(factors), y)
    if whole.sum() < FEWEST[Morris]:
        return
    kept = np.flatnonzero(np.repeat(whole, design.block(len(factors))))
    points = [results.study.points[i] for i in kept]
    found = effects(factors, points, design.quantiles(len(factors))[kept], y[kept], design.seed)
    for factor, its in zip(factors, found, strict=True):
        yield factor.name, "mu_star", *_around(its.mu_star, its.half)
        yield factor.name, "mu", its.mu, math.nan, math.nan
        yield factor.name, "sigma", its.sigma, math.nan, math.nan


def _sobol(results: Results, design: Sobol, y: Column) -> Iterator[tuple[str, str, float, float, float]]:
    from SALib.analyze import sobol

    factors = results.study.factors
    whole = blocks(design, len(factors), y)
    values = y[np.repeat(whole, design.block(len(factors)))]
    if whole.sum() < FEWEST[Sobol] or values.std() == 0:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        found = sobol.analyze(
            problem(len(factors)), values, calc_second_order=design.second_order, num_resamples=RESAMPLES,
            conf_level=LEVEL, seed=design.seed,
        )  # fmt: skip
    moved = [_moves(results, design, i, whole) for i in range(len(factors))]
    for i, factor in enumerate(factors):
        for index in ("S1", "ST"):
            known = _around(float(found[index][i]), float(found[f"{index}_conf"][i]))
            yield factor.name, index, *(known if moved[i] else UNKNOWN)
        for j in range(i + 1, len(factors)) if design.second_order else ():
            known = _around(float(found["S2"][i, j]), float(found["S2_conf"][i, j]))
            yield f"{factor.name} x {factors[j].name}", "S2", *(known if moved[i] and moved[j] else UNKNOWN)


def _moves(results: Results, design: Sobol, i: int, whole: Column) -> bool:
    """Return whether factor ``i`` has two values in some cross-over that is left; else nothing is known of it."""
    points, name, block = results.study.points, results.study.factors[i].name, design.block(len(results.study.factors))
    firsts = (np.flatnonzero(whole) * block).tolist()
    return any(points[first][name] != points[first + 1 + i][name] for first in firsts)


def _one_at_a_time(results: Results, design: OneAtATime, y: Column) -> Iterator[tuple[str, str, float, float, float]]:
    study = results.study
    at = {(name, value): i for i, point in enumerate(study.points) for name, value in point.items()}
    for factor in study.factors:
        values = factor.levels(design.levels)
        for index, value in (("low", values[0]), ("high", values[-1])):
            change = float(y[at.get((factor.name, value), 0)] - y[0])  # a level of the base is the base
            yield factor.name, index, change, math.nan, math.nan


def _around(value: float, half: float) -> tuple[float, float, float]:
    return value, value - half, value + half
