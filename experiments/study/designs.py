"""Designs: which points of the factors' space are simulated. Samples are SALib's and SciPy's, in the unit cube.

grid, list, one-at-a-time     any factors
latin-hypercube               McKay, Beckman, Conover (1979)
morris                        elementary effects, Morris (1991)
sobol                         Saltelli's scheme for first- and total-order indices, Saltelli et al. (2010)
"""

import itertools
import math
import warnings
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
import pydantic

from experiments.study.factors import Choice, Factor
from sim.errors import ScenarioError
from sim.params import Parametrised, param

Point = Mapping[str, Any]  # values by the name of a factor; what is not named is as in the base


MOST_POINTS = 1_000_000


class Design(Parametrised):
    """Which points are simulated."""

    kind: ClassVar[str]

    def sample(self, factors: Sequence[Factor]) -> list[Point]:
        """Return the points, in the order that their analysis needs."""
        raise NotImplementedError


class Grid(Design):
    """Every combination of levels: all options of a choice, ``levels`` values of a number."""

    kind = "grid"
    levels: int = param(5, "Values of each number, from end to end", low=2, high=1_000)

    def sample(self, factors: Sequence[Factor]) -> list[Point]:
        """Return all combinations, the last factor moving fastest."""
        values = [factor.levels(self.levels) for factor in factors]
        if (size := math.prod(len(levels) for levels in values)) > MOST_POINTS:
            raise ScenarioError(f"The grid has {size:.3g} points, more than {MOST_POINTS:,}. Choose fewer levels.")
        return [_named(factors, combination) for combination in itertools.product(*values)]


class OneAtATime(Design):
    """The base, and each factor alone at each of its levels."""

    kind = "one-at-a-time"
    levels: int = param(2, "Values of each number, from end to end", low=2, high=1_000)

    def sample(self, factors: Sequence[Factor]) -> list[Point]:
        """Return the base, then factor by factor."""
        return [{}, *({factor.name: value} for factor in factors for value in factor.levels(self.levels))]


class ListOfPoints(Design):
    """Points that somebody wrote down, a row each; what a row leaves out is as in the base."""

    kind = "list"
    file: str = param("", "CSV file with a column a factor, beside the study's own file; or else 'rows'")
    rows: tuple[dict[str, Any], ...] = ()

    @pydantic.model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if bool(self.file) == bool(self.rows):
            raise ValueError("A list of points needs either 'file' (a CSV) or 'rows'. Write one of them.")
        return self

    def sample(self, factors: Sequence[Factor]) -> list[Point]:
        """Return the rows; texts, as a CSV file has them, become values of their factor."""
        if self.file:
            raise ScenarioError(f"The points of {self.file!r} are not read yet. Give them as 'rows'.")
        known = {factor.name: factor for factor in factors}
        strangers = [name for row in self.rows for name in row if name not in known]
        if strangers:
            raise ScenarioError(
                f"The list has a column {strangers[0]!r}, which is no factor. The study has {', '.join(known)}."
            )
        rows = [{k: v for k, v in row.items() if v not in ("", None)} for row in self.rows]
        return [{k: _meant(known[k], v, number) for k, v in row.items()} for number, row in enumerate(rows, 1)]


class LatinHypercube(Design):
    """Points that are spread evenly over the range of each factor."""

    kind = "latin-hypercube"
    points: int = param(100, "Points", low=2, high=1_000_000)
    seed: int = param(1, "Another sample", low=0, high=2**31 - 1)

    def sample(self, factors: Sequence[Factor]) -> list[Point]:
        """Return the points."""
        from scipy.stats import qmc

        return _drawn(factors, qmc.LatinHypercube(len(factors), rng=self.seed).random(self.points))


class Sobol(Design):
    """Saltelli's scheme: ``points`` of a Sobol sequence and their cross-overs."""

    kind = "sobol"
    points: int = param(
        64, "Points of the sequence, a power of two; factors + 2 times as many are simulated", low=2, high=2**20
    )
    second_order: bool = param(False, "Also pairs of factors; about twice as many points are simulated")
    seed: int = param(1, "Another scrambling", low=0, high=2**31 - 1)

    @pydantic.field_validator("points")
    @classmethod
    def _power_of_two(cls, points: int) -> int:
        if points & (points - 1):
            near = 1 << (points.bit_length() - 1)
            raise ValueError(f"points = {points} is no power of two. Choose {near} or {2 * near}.")
        return points

    def sample(self, factors: Sequence[Factor]) -> list[Point]:
        """Return the points, block by block."""
        return _drawn(factors, self.quantiles(len(factors)))

    def quantiles(self, k: int) -> Any:
        """Return SALib's sample of the unit cube, (n, k)."""
        from SALib.sample import sobol

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            return sobol.sample(problem(k), self.points, calc_second_order=self.second_order, seed=self.seed)

    def block(self, k: int) -> int:
        """Return how many points only make sense together."""
        return 2 * k + 2 if self.second_order else k + 2


class Morris(Design):
    """Morris's trajectories: from a random point, one factor after the other moves."""

    kind = "morris"
    trajectories: int = param(20, "Trajectories; factors + 1 times as many points are simulated", low=2, high=100_000)
    levels: int = param(4, "Levels of the grid on which they move, an even number", low=2, high=100)
    seed: int = param(1, "Other trajectories", low=0, high=2**31 - 1)

    @pydantic.field_validator("levels")
    @classmethod
    def _even(cls, levels: int) -> int:
        if levels % 2:
            raise ValueError(f"levels = {levels} is odd. Choose an even number, e.g. 4.")
        return levels

    def sample(self, factors: Sequence[Factor]) -> list[Point]:
        """Return the points, trajectory by trajectory."""
        columns = self.quantiles(len(factors)).T.tolist()
        values = [
            self._values(j, factor, column) for j, (factor, column) in enumerate(zip(factors, columns, strict=True))
        ]
        return [_named(factors, row) for row in zip(*values, strict=True)]

    def _values(self, j: int, factor: Factor, quantiles: list[float]) -> list[Any]:
        """Return the values of factor ``j``; a choice moves between two of its options, every pair as often."""
        if not isinstance(factor, Choice):
            return [factor.value(q) for q in quantiles]
        values, block = factor.levels(0), len(quantiles) // self.trajectories
        pairs = list(itertools.combinations(values, 2)) or [(values[0], values[0])]
        np.random.default_rng([self.seed, j]).shuffle(pairs)
        found = []
        for life in range(self.trajectories):
            mine = quantiles[life * block : (life + 1) * block]
            first, second = pairs[life % len(pairs)]
            found += [first if q == min(mine) else second for q in mine]
        return found

    def quantiles(self, k: int) -> Any:
        """Return SALib's sample of the unit cube, (n, k)."""
        from SALib.sample import morris

        return morris.sample(problem(k), self.trajectories, num_levels=self.levels, seed=self.seed)

    def block(self, k: int) -> int:
        """Return how many points only make sense together."""
        return k + 1


DESIGNS: tuple[type[Design], ...] = (Grid, ListOfPoints, OneAtATime, LatinHypercube, Sobol, Morris)


def problem(k: int) -> dict[str, Any]:
    """Return SALib's description of ``k`` factors in the unit cube; distributions are applied afterwards."""
    return {"num_vars": k, "names": [str(i) for i in range(k)], "bounds": [[0.0, 1.0]] * k}


def _drawn(factors: Sequence[Factor], quantiles: Any) -> list[Point]:
    return [_named(factors, [f.value(q) for f, q in zip(factors, row, strict=True)]) for row in quantiles.tolist()]


def _named(factors: Sequence[Factor], values: Sequence[Any]) -> Point:
    return {factor.name: value for factor, value in zip(factors, values, strict=True)}


def _meant(factor: Factor, value: Any, row: int) -> Any:
    """Return what a cell of a list means for its factor."""
    if isinstance(factor, Choice):
        meant = [option.value for option in factor.options if str(option.value).lower() == str(value).lower()]
        return meant[0] if meant else _option(factor, value)
    said = f"Row {row} of the list has {factor.name} = {value!r}"
    try:
        x = float(value)
    except (TypeError, ValueError):
        x = math.nan
    if isinstance(value, bool) or not math.isfinite(x):
        raise ScenarioError(f"{said}, which is not a number. Write one.")
    if factor.whole and x != math.floor(x):
        raise ScenarioError(f"{said}, which is not a whole number. Write one.")
    if not factor.low <= x <= factor.high:
        raise ScenarioError(
            f"{said}, outside [{factor.low:g}, {factor.high:g}]. Change it, or 'low' and 'high' of the factor."
        )
    return int(x) if factor.whole else x


def _option(factor: Choice, value: Any) -> Any:
    """Return the option that a text means as a number, e.g. ``2`` for 2.0."""
    try:
        return factor.option(float(value)).value
    except (TypeError, ValueError):
        return factor.option(value).value
