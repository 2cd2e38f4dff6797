"""Statistics of samples, in the field's standard definitions; NaN of nothing."""

import math

import numpy as np
from scipy.optimize import brentq

from sim.tables import Column


def gini(values: Column) -> float:
    """Return the Gini coefficient of non-negative ``values`` (n,).

    >>> round(gini(np.array([0, 0, 0, 1])), 2)
    0.75
    """
    ordered = np.sort(np.asarray(values, np.float64))
    n, whole = len(ordered), float(ordered.sum())
    if not whole:
        return math.nan
    return float((2 * np.arange(1, n + 1) - n - 1) @ ordered) / (n * whole)


def share_of_top(values: Column, part: float) -> float:
    """Return what the largest ``part`` (rounded down, one at least) of non-negative ``values`` (n,) have of all.

    >>> share_of_top(np.array([1, 1, 1, 7]), 0.25)
    0.7
    """
    ordered = np.sort(np.asarray(values, np.float64))[::-1]
    if not len(ordered) or not ordered.sum():
        return math.nan
    return float(ordered[: max(1, int(part * len(ordered)))].sum() / ordered.sum())


def nbd_k(purchases: Column) -> float:
    """Return the shape ``k`` of a negative binomial with the mean and the share of zeros of ``purchases`` (n,).

    The classic fit of Ehrenberg (1988): ``p_0 = (1 + m / k)^-k``. The smaller, the more unlike people are.
    """
    mean, none = float(np.mean(purchases)), float(np.mean(np.asarray(purchases) == 0))
    if not math.exp(-mean) < none < 1.0:
        return math.nan  # fewer zeros than even a Poisson has, or nobody bought
    return float(brentq(lambda k: -k * math.log1p(mean / k) - math.log(none), 1e-9, 1e9))


def slope(x: Column, y: Column) -> float:
    """Return the least-squares slope of ``ln y`` on ``ln x`` over the rows where both are positive."""
    both = (x > 0) & (y > 0)
    if both.sum() < 3:
        return math.nan
    a, b = np.log(x[both]), np.log(y[both])
    spread = float(((a - a.mean()) ** 2).sum())
    return float(((a - a.mean()) @ (b - b.mean())) / spread) if spread else math.nan
