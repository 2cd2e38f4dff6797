"""What varies in a study: numbers with a distribution, and choices between ways the market could be."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import pydantic

from experiments.study.named_programs import Own, with_programs
from sim.entries import reason
from sim.errors import ScenarioError
from sim.mechanism import Mechanism, insert_after
from sim.scenario import Scenario


class Role(StrEnum):
    """Whether somebody can decide about a factor."""

    UNCERTAINTY = "uncertainty"
    LEVER = "lever"


class Distribution(StrEnum):
    """How the values of a number are spread over its range."""

    UNIFORM = "uniform"
    LOGUNIFORM = "loguniform"
    TRIANGULAR = "triangular"
    NORMAL = "normal"


#: What a distribution must be told beside its ends.
SHAPE = {Distribution.TRIANGULAR: ("mode",), Distribution.NORMAL: ("mean", "sd")}


@dataclass(frozen=True)
class Number:
    """A parameter, by its dotted path, between two ends.

    ``mode`` is that of the triangular distribution; ``mean`` and ``sd`` are those of a normal one before its tails
    beyond the ends are cut off: what is outside does not pile up at the ends. A study finds out itself what is
    ``whole``, and the ``unit``; it keeps ends of whole numbers as integers, all others as floats, so that it is
    written in one way.
    """

    path: str
    low: float
    high: float
    distribution: Distribution = Distribution.UNIFORM
    mode: float = 0.0
    mean: float = 0.0
    sd: float = 0.0
    whole: bool = False
    unit: str = "1"
    role: Role = Role.UNCERTAINTY

    @property
    def name(self) -> str:
        """The path: what the factor is called in tables."""
        return self.path

    def value(self, quantile: float) -> float | int:
        """Return the value below which a share ``quantile`` of the distribution lies.

        Of whole numbers, the ends reach half a number further, so that they are as likely as those between.
        """
        if not self.whole:
            return self._held(self._inverse(quantile, self.low, self.high))
        return self._held(math.floor(self._inverse(quantile, self.low - 0.5, self.high + 0.5) + 0.5))

    def _held(self, x: float) -> float | int:
        held = min(max(x, self.low), self.high)
        return int(held) if self.whole else float(held)

    def _inverse(self, q: float, low: float, high: float) -> float:
        from scipy import stats

        if self.distribution == Distribution.LOGUNIFORM:
            return float(low * (high / low) ** q)
        if self.distribution == Distribution.TRIANGULAR:
            return float(stats.triang.ppf(q, (self.mode - low) / (high - low), low, high - low))
        if self.distribution == Distribution.NORMAL:
            ends = (low - self.mean) / self.sd, (high - self.mean) / self.sd
            return float(stats.truncnorm.ppf(q, *ends, self.mean, self.sd))
        return low + q * (high - low)

    def levels(self, n: int) -> list[Any]:
        """Return ``n`` values from end to end, evenly spaced by distribution; fewer where whole numbers repeat."""
        values = (self._inverse(i / (n - 1) if n > 1 else 0.5, self.low, self.high) for i in range(n))
        return list(dict.fromkeys(self._held(round(x) if self.whole else x) for x in values))


@dataclass(frozen=True)
class Option:
    """One way the market could be: parameters, programs, mechanisms that differ from the base.

    Parameters
    ----------
    value : what tables call it: a number or a word.
    set : values by dotted path.
    programs : presets whose programs are added, or names of the study's own.
    mechanisms : classes that replace the mechanism of the same ``name``, with its parameters as far as they have them.
    after : classes that are put after the mechanism of a name.
    """

    value: Any
    set: Mapping[str, Any] = field(default_factory=dict)
    programs: tuple[str, ...] = ()
    mechanisms: tuple[type[Mechanism], ...] = ()
    after: Mapping[str, type[Mechanism]] = field(default_factory=dict)


@dataclass(frozen=True)
class Choice:
    """A factor of a few options: a program on or off, a mechanism swapped, values of a parameter."""

    name: str
    options: tuple[Option, ...]
    role: Role = Role.LEVER
    unit: str = "1"

    def value(self, quantile: float) -> Any:
        """Return the option that a quantile falls on; all are equally likely."""
        return self.options[min(int(quantile * len(self.options)), len(self.options) - 1)].value

    def levels(self, n: int) -> list[Any]:
        """Return the values of all options, whatever ``n``."""
        return [option.value for option in self.options]

    def option(self, value: Any) -> Option:
        """Return the option of that value.

        Raises
        ------
        ScenarioError : there is none.
        """
        for option in self.options:
            if option.value == value and isinstance(option.value, bool) == isinstance(value, bool):
                return option
        known = ", ".join(str(option.value) for option in self.options)
        raise ScenarioError(f"{self.name} has no option {value!r}. Choose from {known}.")


Factor = Number | Choice


def applied(base: Scenario, factors: Sequence[Factor], point: Mapping[str, Any], own: Own) -> Scenario:
    """Return the scenario of one point: values by the names of factors.

    ``own`` are the programs that only the study knows. Programs and mechanisms come first, then parameters. Those of a
    program or mechanism that is not there change nothing.
    """
    scenario, values = base, {}
    for factor in factors:
        if factor.name not in point:
            continue
        if isinstance(factor, Number):
            values[factor.path] = round(point[factor.name]) if factor.whole else point[factor.name]
        else:
            option = factor.option(point[factor.name])
            scenario = restructured(scenario, option, own)
            values |= option.set
    there = {path: value for path, value in values.items() if not absent(scenario, path)}
    try:
        return scenario.with_values(there) if there else scenario
    except pydantic.ValidationError as mistake:  # of parts that are fine alone, e.g. two programs of one name
        raise ScenarioError(reason(mistake.errors()[0])) from None


def restructured(scenario: Scenario, option: Option, own: Own) -> Scenario:
    """Return the scenario with the programs and mechanisms of an option."""
    if option.programs:
        scenario = with_programs(scenario, "+".join(option.programs), own)
    plan = scenario.mechanisms
    for kind in option.mechanisms:
        old = plan[kind.model_construct().name]
        kept = {name: value for name, value in old.model_dump().items() if name in kind.model_fields}
        plan = plan.replace(kind(**kept))
    for name, kind in option.after.items():
        plan = insert_after(plan, name, kind())
    return scenario if plan is scenario.mechanisms else scenario.but(mechanisms=plan)


def absent(scenario: Scenario, path: str) -> bool:
    """Return whether a path is about a program or mechanism that the scenario does not have."""
    section, _, rest = path.partition(".")
    if section == "mechanisms":
        kind, _, name = rest.partition(".")
        mine = [mechanism for mechanism in scenario.mechanisms if mechanism.name == kind]
        return not mine or (bool(name) and name.partition(".")[0] not in type(mine[0]).model_fields)
    titles = [program.title for program in scenario.programs]
    return section == "programs" and not any(rest.startswith(f"{title}.") for title in titles)
