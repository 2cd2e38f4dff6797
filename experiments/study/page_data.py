"""What a page of a study is about, as tables: means of points, quantiles of days, programs, and names and units."""

import math
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from experiments.study.factors import Choice, Factor, applied
from experiments.study.outcomes import PROGRAMS, Effect, Kind, Outcome, Over
from experiments.study.phrases import plain, text
from experiments.study.results import Results
from experiments.study.sensitivity import COLUMNS, indices
from experiments.study.variance import noisy
from sim.inputs import provinces
from sim.params import Declaration
from sim.recorder import Recorder
from sim.scenario import Scenario
from sim.tables import Column

if TYPE_CHECKING:
    import pandas as pd

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
SIZES = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"), (1e3, "thousand"))
PAIR = " x "  # between the names of two factors
SECTIONS = ("mechanisms", "programs")  # of a path; what stands below is told apart without them


class Span(NamedTuple):
    """A program, and the days [start, end) on which it is on."""

    program: str
    start: int
    end: int


class Tables:
    """A study's results, as the page needs them; each is computed once."""

    def __init__(self, results: Results) -> None:
        self.results, self.study = results, results.study
        self.factors, self.outcomes = self.study.factors, self.study.outcomes
        base = self.study.base
        self._declared = Recorder(base.population.market().names, provinces().names).declared()

    @cached_property
    def indices(self) -> "pd.DataFrame":
        """Indices of all factors; empty for a design that has none."""
        import pandas as pd

        return indices(self.results) if len(self.points) else pd.DataFrame(columns=list(COLUMNS))

    @cached_property
    def noisy(self) -> set[str]:
        """Outcomes of which points differ by no more than noise."""
        return noisy(self.results)

    @cached_property
    def points(self) -> "pd.DataFrame":
        """A row a point of which every seed ran: its factors, and each numeric outcome's mean over seeds."""
        runs = self.results.runs
        whole = runs[~runs["point"].isin(runs.loc[runs["error"].notna(), "point"])]
        numbers = [outcome.name for outcome in self.outcomes if not outcome.series]
        grouped = whole.groupby("point", sort=True)
        first = grouped[[factor.name for factor in self.factors]].first()
        means = whole.astype(dict.fromkeys(numbers, np.float64)).groupby("point")[numbers].mean(skipna=False)
        return first.join(means)

    def known(self, outcome: Outcome) -> Column:
        """Return the finite means of an outcome over the points, (n,)."""
        values: Column = self.points[outcome.name].to_numpy(np.float64)
        return values[np.isfinite(values)]

    def by_day(self, outcome: Outcome) -> Column:
        """Return a series by point and day, means over seeds, (points, days)."""
        runs = self.results.runs
        whole = runs[runs["point"].isin(self.points.index)]
        rows = [np.stack([*days]).mean(axis=0) for _, days in whole.groupby("point")[outcome.name]]
        return np.stack(rows) if rows else np.zeros((0, 0))

    def first_day(self, outcome: Outcome) -> int:
        """Return the day on which a series begins."""
        return range(self.study.days)[outcome.since : outcome.until].start

    def declaration(self, factor: Factor) -> Declaration | None:
        """Return what is declared of a number, by the base or by a program that is added to it."""
        return self._knobs.get(factor.name) if not isinstance(factor, Choice) else None

    @cached_property
    def _knobs(self) -> dict[str, Declaration]:
        return {knob.path: knob.declaration for world in reversed(self.scenarios) for knob in world.knobs()}

    @cached_property
    def scenarios(self) -> list[Scenario]:
        """The base, the base with the programs of effects, and with each option that adds some."""
        return [self.study.base, *self.study.bases.values(), *self._with_options]

    @cached_property
    def _with_options(self) -> list[Scenario]:
        """The base with each option that adds programs, if some point has it."""
        had = {(name, value) for point in self.study.points for name, value in point.items()}
        return [
            applied(self.study.base, [factor], {factor.name: option.value}, self.study.own_programs)
            for factor in self.factors
            if isinstance(factor, Choice)
            for option in factor.options
            if option.programs and (factor.name, option.value) in had
        ]

    def programs(self, outcome: Outcome) -> list[Span]:
        """Return the programs that an outcome can show, with the days of the study on which they are on.

        They are those that some point has; those that only its twins have matter to effects of them alone.
        """
        worlds = [self.study.base, *self._with_options]
        if isinstance(outcome, Effect) and outcome.of != PROGRAMS:
            worlds.append(self.study.bases[outcome.of])
        found: dict[str, Span] = {}
        for program in (program for world in worlds for program in world.programs):
            start, end = getattr(program, "start", None), getattr(program, "end", None)
            if isinstance(start, int) and isinstance(end, int) and start < self.study.days:
                found.setdefault(program.title, Span(program.title, start, min(end, self.study.days)))
        return list(found.values())

    def meaning(self, outcome: Outcome) -> str:
        """Return what an outcome is, in words."""
        doc = self._declared[outcome.metric][0] if outcome.metric in self._declared else outcome.metric
        if not isinstance(outcome, Effect):
            return doc
        return text(f"kind.{outcome.kind.value}", doc=doc, of=plain("of", outcome.of))

    def unit(self, outcome: Outcome) -> str:
        """Return the unit of an outcome; nothing for a plain number."""
        metric = self._declared.get(outcome.metric, ("", "1", False))[1]
        total = metric.removesuffix("/day")
        if isinstance(outcome, Effect) and outcome.kind == Kind.SHARE:
            return "%"
        if isinstance(outcome, Effect) and outcome.kind == Kind.COST:
            return text("unit.each") if total == "1" else text("unit.per", unit=total)
        found = total if outcome.over == Over.SUM else metric
        return "" if found == "1" else found

    def scaled(self, outcome: Outcome, values: Iterable[float]) -> tuple[float, str]:
        """Return what values of an outcome are divided by in a picture, and the unit that they then have."""
        unit = self.unit(outcome)
        if unit == "%":
            return 0.01, unit
        known = [abs(value) for value in values if math.isfinite(value)]
        size, word = next(((s, text(w)) for s, w in SIZES if max(known, default=0.0) >= s), (1.0, ""))
        return size, " ".join(part for part in (word, unit) if part)


def short(names: Sequence[str]) -> dict[str, str]:
    """Return names as short as they can be told apart: ``discovery.gamma``."""
    if any(PAIR in name for name in names):
        return {name: PAIR.join(short([part])[part] for part in name.split(PAIR)) for name in names}
    cut = [name.partition(".")[2] if name.partition(".")[0] in SECTIONS else name for name in names]
    return {name: mine if cut.count(mine) == 1 else name for name, mine in zip(names, cut, strict=True)}


def titled(name: str, unit: str) -> str:
    """Return what an axis says."""
    return f"{name}, {unit}" if unit else name


def quantiles(values: Column) -> list[float]:
    """Return the 5, 25, 50, 75 and 95 % quantiles of finite values (n,), NaN if there are none."""
    return [float(q) for q in np.quantile(values, QUANTILES)] if len(values) else [math.nan] * len(QUANTILES)


def level_texts(values: Iterable[Any]) -> dict[Any, str]:
    """Return how levels are called, with as many digits as tell them apart."""
    levels = list(dict.fromkeys(values))
    texts = [option_text(level) for level in levels]
    exact = len(set(texts)) < len(texts)
    return {level: str(level) if exact else said for level, said in zip(levels, texts, strict=True)}


def option_text(value: Any) -> str:
    """Return how a value of a factor is called."""
    if value is None or value != value:
        return text("as_base")
    if isinstance(value, bool | np.bool_):
        return text("on" if value else "off")
    return f"{value:.4g}" if isinstance(value, float) else str(value)
