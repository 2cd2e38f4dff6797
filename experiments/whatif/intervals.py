"""Means of seeds with 95 % intervals, also where seeds are added until the interval is narrow enough.

Stopping as soon as an interval looks narrow makes it too narrow. Stein (1945), "A two-sample test for a linear
hypothesis whose power is independent of the variance", does it in stages: the first seeds give the spread, the spread
gives the number of seeds, and the interval keeps Student's quantile of the first stage. Effects are skewed, which makes
such intervals miss on one side: the larger of the first and the whole spread is taken, and the interval is bent by
the transformation of Hall (1992), "On the removal of skewness by transformation". It then holds its level.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from sim.tables import Column

LEVEL = 0.95


@dataclass(frozen=True)
class Interval:
    """A mean, and the ends of its 95 % interval; NaN for fewer than two seeds."""

    mean: float
    low: float
    high: float

    @property
    def half(self) -> float:
        """Half its width."""
        return (self.high - self.low) / 2


def interval(effects: Sequence[float], first: int | None = None) -> Interval:
    """Return the mean of ``effects`` (n,) with its interval: Student's, or in stages where the ``first`` are given."""
    values = np.asarray(effects, np.float64)
    mean = float(values.mean()) if len(values) else math.nan
    if len(values) < 2:
        return Interval(mean, math.nan, math.nan)
    root = math.sqrt(len(values))
    if first is None:
        half = quantile(len(values)) * float(values.std(ddof=1)) / root
        return Interval(mean, mean - half, mean + half)
    step, skew = spread(values, first) / root, float(stats.skew(values)) if values.std() > 0 else 0.0
    ends = (bent(sign * quantile(first), skew, len(values)) for sign in (1, -1))
    low, high = (mean - step * end for end in ends)
    return Interval(mean, low, high)


def bent(z: float, skew: float, n: int) -> float:
    """Return the quantile of Student's ratio for ``n`` skewed values whose quantile without skewness is ``z``."""
    root, a = math.sqrt(n), skew / 3
    z -= skew / 6 / root
    return z if abs(a) < 1e-12 else root / a * (float(np.cbrt(1 + 3 * a * z / root)) - 1)


def spread(values: Column, first: int) -> float:
    """Return the larger standard deviation: of the ``first`` values, or of all."""
    return max(float(values[:first].std(ddof=1)), float(values.std(ddof=1)))


def seeds_needed(effects: Sequence[float], half: float, first: int) -> int:
    """Return how many seeds make the half-width about ``half``, given the ``effects`` (n,) so far."""
    values = np.asarray(effects, np.float64)
    return max(len(values), math.ceil((quantile(first) * spread(values, first) / half) ** 2))


def quantile(n: int) -> float:
    """Return the quantile of Student's t for ``n`` seeds."""
    return float(stats.t.ppf(0.5 + LEVEL / 2, n - 1))


def variance_ratio(apart: Sequence[float], twins: Sequence[float]) -> float:
    """Return how many times as much differences vary between independent worlds as between twins."""
    whole = float(np.var(np.asarray(twins, np.float64), ddof=1)) if len(twins) > 1 else math.nan
    return float(np.var(np.asarray(apart, np.float64), ddof=1)) / whole if whole else math.inf
