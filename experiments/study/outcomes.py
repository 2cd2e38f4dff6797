"""What is kept of a run: metrics reduced over days or day by day, and effects held against a twin."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

import numpy as np

from sim.tables import Column

POINT = "point"  # the world of the point itself
WITHOUT = "without"  # the same, without any program
PROGRAMS = "programs"  # what an effect is of, if it is of all programs of the point
SPENT = "subsidies"  # the metric of all that programs pay


class Over(StrEnum):
    """How the days of a metric become one number, or stay a series."""

    MEAN = "mean"
    SUM = "sum"
    MIN = "min"
    MAX = "max"
    LAST = "last"
    SERIES = "series"


Worlds = Mapping[str, Mapping[str, Column]]  # columns (days,) by metric, by arm


@dataclass(frozen=True)
class Measure:
    """A metric over the days ``[since, until)``; negative days count from the end."""

    metric: str
    over: Over = Over.MEAN
    since: int = 0
    until: int | None = None
    title: str = ""
    worlds: ClassVar[tuple[str, ...]] = (POINT,)

    @property
    def name(self) -> str:
        """What the outcome is called in tables."""
        return self.title or self.metric

    @property
    def series(self) -> bool:
        """Whether it is a number a day."""
        return self.over == Over.SERIES

    def read(self, worlds: Worlds) -> float | list[float]:
        """Return the outcome: a number, NaN if no day has one, or a list (days,)."""
        return reduced(worlds[POINT][self.metric][self.since : self.until], self.over)


class Kind(StrEnum):
    """How an effect is expressed."""

    DIFFERENCE = "difference"
    SHARE = "share"
    COST = "cost"


@dataclass(frozen=True)
class Effect:
    """What programs cause, against the same world without them.

    They are those of a preset or file (``of``, or ``A+B``), added to the point; or ``programs``: all that it has.
    ``difference`` is in the metric's unit; ``share`` is of the world without; ``cost`` is rupiah paid by programs for
    each unit that the metric's sum over the days grows by.
    """

    metric: str
    of: str
    kind: Kind = Kind.SHARE
    over: Over = Over.MEAN
    since: int = 0
    until: int | None = None
    title: str = ""

    @property
    def worlds(self) -> tuple[str, str]:
        """The worlds without and with the programs."""
        return (WITHOUT, POINT) if self.of == PROGRAMS else (POINT, self.of)

    @property
    def name(self) -> str:
        """What the outcome is called in tables."""
        return self.title or f"{self.kind} of {self.metric} by {self.of}"

    @property
    def series(self) -> bool:
        """Whether it is a number a day."""
        return self.over == Over.SERIES

    def read(self, worlds: Worlds) -> float | list[float]:
        """Return the outcome: a number, NaN where it is divided by nothing, or a list (days,)."""
        days = slice(self.since, self.until)
        without, with_it = (np.asarray(worlds[name][self.metric][days], np.float64) for name in self.worlds)
        if self.kind == Kind.COST:
            before, after = (worlds[name][SPENT][days] for name in self.worlds)
            paid = float((after - before).sum())
            return _ratio(paid, float(np.nansum(with_it) - np.nansum(without)))
        both = np.asarray(reduced(with_it, self.over)), np.asarray(reduced(without, self.over))
        effect = both[0] - both[1]
        if self.kind == Kind.SHARE:
            with np.errstate(all="ignore"):
                effect = np.where(both[1] != 0, effect / both[1], np.nan)
        found: float | list[float] = effect.tolist()
        return found


Outcome = Measure | Effect


def reduced(days: Column, over: Over) -> float | list[float]:
    """Return the days (n,) reduced to one number, or as a list; days without a value do not count."""
    values = np.asarray(days, np.float64)
    if over == Over.SERIES:
        return list(values.tolist())
    known = values[~np.isnan(values)]
    if over == Over.LAST:
        return float(values[-1]) if len(values) else float("nan")
    if not len(known):
        return float("nan")
    if over == Over.SUM:
        return float(known.sum())
    if over == Over.MEAN:
        return float(known.mean())
    return float(known.min() if over == Over.MIN else known.max())


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")
