"""How the variance of an outcome splits, and whether points differ by more than chance.

Replicates use the same seeds at every point. What they differ by is split as in a table of points by seeds:

    outcome(point, seed) = mean + point + seed + noise

The share of noise says how much of what a single run shows is neither the factors nor a shift that all points share.
Indices are of the means over seeds, in which noise weighs 1/replicates of that. Whether points differ at all is asked
by Fisher's F: the variance of these means, times the replicates, over that of noise.
"""

import math
import warnings
from dataclasses import dataclass

import numpy as np

from experiments.study.outcomes import Outcome
from experiments.study.results import Results
from sim.tables import Column

ALPHA = 0.05  # points that are all the same are taken for different once in twenty times
ROUNDING = 1e-12  # of an outcome; a smaller difference is none


@dataclass(frozen=True)
class Shares:
    """How the variance of an outcome over all runs splits, and whether points differ by more than noise."""

    outcome: str
    points: float
    seeds: float
    noise: float
    of_means: float  # share of noise in the variance between the points' means
    ratio: float  # Fisher's F of the points; NaN where nothing moves
    chance: float  # with which points that are all the same differ that much

    @property
    def noisy(self) -> bool:
        """Whether the points cannot be told apart from each other for noise."""
        return self.chance > ALPHA


def shares(results: Results) -> list[Shares]:
    """Return how each outcome's variance splits; nothing is known with one replicate. Series count by their mean."""
    found = []
    for outcome in results.study.outcomes:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # a run that failed has no day
            means = np.nanmean(table(results, outcome), axis=2)
        whole = means[~np.isnan(means).any(axis=1)]
        if whole.shape[1] > 1 and len(whole) > 1:
            found.append(_split(outcome.name, whole))
    return found


def noisy(results: Results) -> set[str]:
    """Return the outcomes of which points differ by no more than noise, so that no index of them is one."""
    return {share.outcome for share in shares(results) if share.noisy}


def table(results: Results, outcome: Outcome) -> Column:
    """Return an outcome as (points, replicates, days); one day for a number; NaN where a run failed."""
    column, n, r = results.runs[outcome.name], len(results.study.points), results.study.replicates
    if not outcome.series:
        return column.to_numpy(np.float64).reshape(n, r, 1)
    days = max((len(x) for x in column if x is not None), default=0)
    nothing = np.full(days, np.nan)
    return np.stack([nothing if x is None else np.asarray(x, np.float64) for x in column]).reshape(n, r, days)


def _split(name: str, values: Column) -> Shares:
    """Return the shares of a table (points, seeds) by the analysis of variance in two ways."""
    from scipy import stats

    n, r = values.shape
    rows, columns = values.mean(axis=1, keepdims=True), values.mean(axis=0, keepdims=True)
    rest = values - rows - columns + values.mean()
    noise = float((rest**2).sum()) / ((n - 1) * (r - 1))
    between = float(rows.var(ddof=1))
    if noise < (ROUNDING * float(np.abs(values).max())) ** 2:  # what is left of sums of floats
        noise = 0.0
    points = max(between - noise / r, 0.0)
    seeds = max(float(columns.var(ddof=1)) - noise / n, 0.0)
    whole = points + seeds + noise
    parts = [part / whole if whole else 0.0 for part in (points, seeds, noise)]
    ratio = r * between / noise if noise else math.nan
    chance = float(stats.f.sf(ratio, n - 1, (n - 1) * (r - 1))) if noise else math.nan
    of_means = min(noise / r / between, 1.0) if between else 0.0
    return Shares(name, parts[0], parts[1], parts[2], of_means, ratio, chance)
