"""Morris's elementary effects: what an outcome changes by when one factor moves, per step of one.

A step of a number is its whole range, by its distribution; one of a choice is the change from an option to another. So
a switch and a number are on the same scale: what it makes to go from one end to the other. Morris (1991); the mean of
their sizes, mu*, is that of Campolongo, Cariboni and Saltelli (2007).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from experiments.study.designs import Point
from experiments.study.factors import Choice, Distribution, Factor
from sim.tables import Column

RESAMPLES = 1_000  # of the bootstrap
NORMAL = 1.959963984540054  # standard deviations to each side hold 95 %


@dataclass(frozen=True)
class Effects:
    """The elementary effects of one factor: mean size with its interval, mean, spread."""

    mu_star: float
    half: float
    mu: float
    sigma: float


def effects(
    factors: Sequence[Factor], points: Sequence[Point], quantiles: Column, y: Column, seed: int
) -> list[Effects]:
    """Return the elementary effects of each factor.

    Parameters
    ----------
    factors : k of them.
    points, quantiles, y : values, quantiles (n, k) and outcomes of whole trajectories, one after the other.
    seed : of the bootstrap.
    """
    k = len(factors)
    moves = np.diff(quantiles.reshape(-1, k + 1, k), axis=1)
    changes = np.diff(y.reshape(-1, k + 1), axis=1)
    lives = np.arange(len(moves))
    found = []
    for j, factor in enumerate(factors):
        when = np.abs(moves[:, :, j]).argmax(axis=1)  # the move in which it has its turn
        by, before = moves[lives, when, j], lives * (k + 1) + when
        steps = [_step(factor, points[i], points[i + 1], x) for i, x in zip(before.tolist(), by.tolist(), strict=True)]
        found.append(_summed_up(np.sign(by) * changes[lives, when] / np.array(steps), seed))
    return found


def _step(factor: Factor, before: Point, after: Point, quantiles: float) -> float:
    """Return the size of a move: 1 from an option to another, else a share of the range, by its distribution."""
    if isinstance(factor, Choice):
        return 1.0
    if factor.whole and factor.distribution == Distribution.UNIFORM:  # whole numbers lie unevenly on the levels
        return float(abs(after[factor.name] - before[factor.name]) / (factor.high - factor.low))
    return abs(quantiles)


def _summed_up(found: Column, seed: int) -> Effects:
    """Return what a factor's elementary effects (trajectories,) come to; the interval is by the bootstrap."""
    sizes, n = np.abs(found), len(found)
    again = sizes[np.random.default_rng(seed).integers(n, size=(RESAMPLES, n))].mean(axis=1)
    half = NORMAL * float(again.std(ddof=1))
    return Effects(float(sizes.mean()), half, float(found.mean()), float(found.std(ddof=1)))
