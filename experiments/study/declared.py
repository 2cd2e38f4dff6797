"""What the model declares of a study's factors, and the one form in which a study writes their values.

A path may be of a parameter that only some points have: of a program, or of a mechanism, that an option or an effect
adds. So it is looked for in the base and in every world that one option or effect makes of it.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from experiments.study.factors import Choice, Distribution, Factor, Number, Option, absent, restructured
from experiments.study.named_programs import Own, with_programs
from experiments.study.outcomes import PROGRAMS, Effect, Outcome
from sim.errors import EtalaseError, ScenarioError
from sim.params import Knob
from sim.scenario import Scenario

Knobs = Mapping[str, Knob]  # by path


def possible(base: Scenario, factors: Sequence[Factor], outcomes: Sequence[Outcome], own: Own) -> list[Scenario]:
    """Return the base, and what each option and each effect alone makes of it.

    Raises
    ------
    EtalaseError : an option or effect names what there is not.
    """
    found = [base]
    for factor in factors:
        for option in factor.options if isinstance(factor, Choice) else ():
            if option.programs or option.mechanisms or option.after:
                found.append(_about(factor.name, lambda option=option: restructured(base, option, own)))
    names = [o.of for o in outcomes if isinstance(o, Effect) and o.of != PROGRAMS]
    return [*found, *(with_programs(base, name, own) for name in dict.fromkeys(names))]


def knobs_of(scenarios: Sequence[Scenario]) -> dict[str, Knob]:
    """Return every parameter that one of the scenarios has, as the first of them has it."""
    return {knob.path: knob for scenario in reversed(scenarios) for knob in scenario.knobs()}


def in_form(factor: Factor, knobs: Knobs) -> Factor:
    """Return a factor as a study writes it: whole numbers of whole parameters, floats of all others.

    Raises
    ------
    ScenarioError : an end of a whole number is none.
    """
    if isinstance(factor, Choice):
        return _choice_in_form(factor, knobs)
    knob = knobs.get(factor.path)
    whole = knob is not None and type(knob.value) is int
    low, high = _end(factor, "low", whole), _end(factor, "high", whole)
    unit = knob.declaration.unit if knob else factor.unit
    mode, mean, sd = float(factor.mode), float(factor.mean), float(factor.sd)
    return replace(factor, low=low, high=high, mode=mode, mean=mean, sd=sd, whole=whole, unit=unit)


def _end(factor: Number, end: str, whole: bool) -> float | int:
    value = getattr(factor, end)
    if not whole:
        return float(value)
    if value != math.floor(value):
        raise ScenarioError(f"{factor.path}: {end} = {value:g}, but it is a whole number. Write one.")
    return int(value)


def _choice_in_form(factor: Choice, knobs: Knobs) -> Choice:
    options = [replace(o, set={path: _like(knobs.get(path), x) for path, x in o.set.items()}) for o in factor.options]
    values = [option.value for option in options]
    if all(list(option.set) == [factor.name] for option in options):  # values of one parameter
        values = [_like(knobs.get(factor.name), value) for value in values]
    elif all(type(value) in (int, float) for value in values):
        kind = int if all(value == math.floor(value) for value in values) else float
        values = [kind(value) for value in values]
    return replace(factor, options=tuple(replace(o, value=x) for o, x in zip(options, values, strict=True)))


def _like(knob: Knob | None, value: Any) -> Any:
    """Return a number as the parameter has it; what does not fit is refused elsewhere."""
    if knob is None or type(value) not in (int, float):
        return value
    if type(knob.value) is float:
        return float(value)
    return int(value) if type(knob.value) is int and math.isfinite(value) and value == math.floor(value) else value


def check_factor(factor: Factor, scenarios: Sequence[Scenario], own: Own) -> None:
    """Refuse a factor that leads nowhere, or whose values are outside what the model allows."""
    if isinstance(factor, Number):
        _check_distribution(factor)
        for end in (factor.low, factor.high):
            _about(factor.name, lambda end=end: _set(scenarios, factor.path, end))
        return
    for option in factor.options:
        _about(factor.name, lambda option=option: _check_option(option, scenarios, own))


def _check_distribution(factor: Number) -> None:
    """Refuse a distribution that does not fit its ends."""
    path, low, high = factor.path, factor.low, factor.high
    if not low < high:
        raise ScenarioError(f"{path}: low = {low:g} is not below high = {high:g}. Change one of them.")
    if factor.distribution == Distribution.LOGUNIFORM and low <= 0:
        raise ScenarioError(f"{path}: loguniform needs low above 0, not {low:g}. Change low.")
    if factor.distribution == Distribution.TRIANGULAR and not low <= factor.mode <= high:
        raise ScenarioError(f"{path}: mode = {factor.mode:g} is outside [{low:g}, {high:g}]. Change it.")
    if factor.distribution == Distribution.NORMAL and factor.sd <= 0:
        raise ScenarioError(f"{path}: sd = {factor.sd:g} is not above 0. Change it.")


def _check_option(option: Option, scenarios: Sequence[Scenario], own: Own) -> None:
    made = restructured(scenarios[0], option, own)
    for path, value in option.set.items():
        _set([made, *scenarios], path, value)


def _set(scenarios: Sequence[Scenario], path: str, value: Any) -> Scenario:
    """Return the first scenario that has what a path is about, with a value there; else let the base refuse it."""
    having = next((scenario for scenario in scenarios if not absent(scenario, path)), scenarios[0])
    return having.with_value(path, value)


def _about(name: str, make: Any) -> Any:
    """Return what is made; a mistake in it says which factor it is about."""
    try:
        return make()
    except EtalaseError as mistake:
        said = str(mistake)
        raise type(mistake)(said if name in said else f"{name}: {said}") from None
