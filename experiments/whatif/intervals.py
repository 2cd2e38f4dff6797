"""Means of seeds with 95 % intervals, also where seeds are added until the interval is narrow enough.

Stopping as soon as an interval looks narrow makes it too narrow. Stein (1945), "A two-sample test for a linear
hypothesis whose power is independent of the variance", does it in two stages: the first ``n`` seeds give the spread,
the spread gives the number of seeds, and the interval keeps the spread of the first stage. For normal effects its
coverage is exact, whatever the spread.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

LEVEL = 0.95


@dataclass(frozen=True)
class Interval:
    """A mean, and the half-width of its 95 % interval; NaN for fewer than two seeds."""

    mean: float
    half: float

    @property
    def low(self) -> float:
        """The lower end."""
        return self.mean - self.half

    @property
    def high(self) -> float:
        """The upper end."""
        return self.mean + self.half


def interval(effects: Sequence[float], first: int | None = None) -> Interval:
    """Return the mean of ``effects`` (n,) with its interval; the spread is that of the ``first`` of them, if given."""
    values = np.asarray(effects, np.float64)
    stage = values[: first or len(values)]
    if len(stage) < 2:
        return Interval(float(values.mean()) if len(values) else math.nan, math.nan)
    half = quantile(len(stage)) * float(stage.std(ddof=1)) / math.sqrt(len(values))
    return Interval(float(values.mean()), half)


def seeds_needed(effects: Sequence[float], half: float) -> int:
    """Return how many seeds make the half-width at most ``half``, given the ``effects`` (n,) of the first stage."""
    values = np.asarray(effects, np.float64)
    spread = float(values.std(ddof=1))
    return max(len(values), math.ceil((quantile(len(values)) * spread / half) ** 2)) if half > 0 else len(values)


def quantile(n: int) -> float:
    """Return the quantile of Student's t for ``n`` seeds."""
    return float(stats.t.ppf(0.5 + LEVEL / 2, n - 1))


def variance_ratio(apart: Sequence[float], twins: Sequence[float]) -> float:
    """Return how many times as much differences vary between independent worlds as between twins."""
    whole = float(np.var(np.asarray(twins, np.float64), ddof=1)) if len(twins) > 1 else math.nan
    return float(np.var(np.asarray(apart, np.float64), ddof=1)) / whole if whole else math.inf
