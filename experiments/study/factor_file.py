"""The factors of a study's file: numbers, patterns of numbers, and choices."""

import fnmatch
import importlib
import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pydantic

from experiments.study.declared import Knobs
from experiments.study.factors import SHAPE, Choice, Distribution, Factor, Number, Option, Role
from experiments.study.study import SECTIONS
from sim.entries import Entry, close_to, fill, mapping, shown
from sim.errors import ScenarioError
from sim.mechanism import Mechanism
from sim.params import Knob, Parametrised

KINDS_OF_CHOICE = ("program", "values", "options")  # a factor with none of these is a number


class NumberLine(Parametrised):
    """What is said of a number that varies."""

    low: float = 0.0
    high: float = 0.0
    times: tuple[float, float] = (1.0, 1.0)
    distribution: Distribution = Distribution.UNIFORM
    mode: float = 0.0
    mean: float = 0.0
    sd: float = 0.0


class OptionLine(Parametrised):
    """What is said of an option."""

    value: Any = None
    set: dict[str, Any] = pydantic.Field(default={})
    programs: tuple[str, ...] = ()
    mechanisms: tuple[str, ...] = ()
    after: dict[str, str] = pydantic.Field(default={})


def read_choices(parts: Mapping[str, Entry], folder: Path) -> list[Choice]:
    """Return the choices of a study's sections; classes are looked for in ``folder``, too."""
    return [
        _choice(name, given, entry, role, folder)
        for name, given, entry, role in _sections(parts)
        if set(given) & set(KINDS_OF_CHOICE)
    ]


def read_factors(parts: Mapping[str, Entry], choices: Sequence[Choice], knobs: Knobs) -> Iterator[Factor]:
    """Yield all factors of a study's sections, in their order: the choices, and numbers that ``knobs`` declare."""
    known = {choice.name: choice for choice in choices}
    named = {name for name, *_ in _sections(parts)}
    for name, given, entry, role in _sections(parts):
        if name in known:
            yield known[name]
        elif "*" in name:
            yield from (number for number in _numbers(name, given, entry, role, knobs) if number.path not in named)
        else:
            line = fill(NumberLine, given, name, entry)
            if name not in knobs and not {"low", "high"} <= set(given):
                raise ScenarioError(f"There is no parameter {name!r}{entry.where}. {close_to(name, knobs)}")
            yield _number(name, knobs.get(name), line, given, entry, role)


def _sections(parts: Mapping[str, Entry]) -> Iterator[tuple[str, dict[str, Entry], Entry, Role]]:
    """Yield the name of each factor, what is said of it, where, and its role."""
    for section, role in SECTIONS.items():
        for name, entry in mapping(parts.get(section, Entry(None)), section).items():
            yield name, mapping(entry, name), entry, role


def _numbers(pattern: str, given: dict[str, Entry], entry: Entry, role: Role, knobs: Knobs) -> Iterator[Number]:
    """Yield a factor for every number whose path fits a pattern; those that could not move are left out."""
    line, fitting = fill(NumberLine, given, pattern, entry), 0
    for knob in knobs.values():
        if fnmatch.fnmatchcase(knob.path, pattern) and type(knob.value) in (int, float):
            low, high = _ends(knob, line, given)
            if math.isfinite(low) and math.isfinite(high) and low < high:
                fitting += 1
                yield _number(knob.path, knob, line, given, entry, role)
    if not fitting:
        raise ScenarioError(f"No number fits {pattern!r}{entry.where}. 'etalase show SCENARIO' lists all paths.")


def _number(
    path: str, knob: Knob | None, line: NumberLine, given: dict[str, Entry], entry: Entry, role: Role
) -> Number:
    """Return a number between its ends: those given, or a multiple of the base's value, or those declared."""
    if "times" in given and {"low", "high"} & set(given):
        raise ScenarioError(f"{path} has 'times' and also 'low' or 'high'{entry.where}. Keep one of them.")
    if knob is not None and type(knob.value) not in (int, float):
        raise ScenarioError(f"{path} is not a number{entry.where}. Write '{path}: {{values: [...]}}'.")
    low, high = _ends(knob, line, given)
    if not (math.isfinite(low) and math.isfinite(high)):
        raise ScenarioError(f"{path} has no range of its own{entry.where}. Write 'low' and 'high', or 'times'.")
    if not low < high:
        raise ScenarioError(f"{path}: low = {low:g} is not below high = {high:g}{entry.where}. Change one of them.")
    _check_shape(path, line, given, entry)
    if "times" in given and knob is not None:  # then its shape is told in multiples, too
        mode, mean = (getattr(line, name) if name in given else 1.0 for name in ("mode", "mean"))
        line = line.but(mode=mode * knob.value, mean=mean * knob.value, sd=line.sd * abs(knob.value))
    return Number(path, low, high, line.distribution, line.mode, line.mean, line.sd, role=role)


def _ends(knob: Knob | None, line: NumberLine, given: dict[str, Entry]) -> tuple[float, float]:
    """Return the ends of a range; multiples stay within what the model allows."""
    low, high = (knob.declaration.low, knob.declaration.high) if knob else (-math.inf, math.inf)
    if "times" in given and knob is not None:
        ends = sorted(knob.value * factor for factor in line.times)
        if type(knob.value) is int:
            ends = [math.floor(end + 0.5) for end in ends]
        return max(ends[0], low), min(ends[1], high)
    return (line.low if "low" in given else low), (line.high if "high" in given else high)


def _check_shape(path: str, line: NumberLine, given: dict[str, Entry], entry: Entry) -> None:
    """Refuse a distribution that is not told all it needs, or is told what it has no use for."""
    needed = SHAPE.get(line.distribution, ())
    for name in needed:
        if name not in given and ("times" not in given or name == "sd"):  # the base's value is in the middle of times
            raise ScenarioError(f"{path}: {line.distribution} needs {name!r}{entry.where}. Write '{name}: ...'.")
    for name in {"mode", "mean", "sd"} & set(given) - set(needed):
        raise ScenarioError(f"{path}: {line.distribution} has no {name!r}{given[name].where}. Leave it out.")


def _choice(name: str, given: dict[str, Entry], entry: Entry, role: Role, folder: Path) -> Choice:
    """Return a factor of options: a program with and without, values of a parameter, or what is spelt out."""
    if len(given) > 1:
        raise ScenarioError(f"{name} has {' and '.join(given)}{entry.where}. Keep one of them.")
    kind, inner = next(iter(given.items()))
    if kind == "program":
        return Choice(name, (Option("without"), Option("with", programs=(_text(inner, name),))), role)
    if kind == "values":
        if not isinstance(inner.value, list) or len(inner.value) < 2:
            raise ScenarioError(f"{name}: values are not a list of two or more{inner.where}. Write [a, b].")
        return Choice(name, tuple(Option(value.plain(), {name: value.plain()}) for value in inner.value), role)
    return Choice(name, tuple(_options(name, inner, folder)), role)


def _options(name: str, entry: Entry, folder: Path) -> Iterator[Option]:
    """Yield options: a mapping by name, or a list of those that ``Study.to_dict`` wrote."""
    named = isinstance(entry.value, dict)
    lines = entry.value.items() if named else [(None, line) for line in entry.value or []]
    if len(list(lines)) < 2:
        raise ScenarioError(f"{name} has fewer than two options{entry.where}. Write at least two.")
    for value, line in lines:
        said = fill(OptionLine, mapping(line, f"{name}: {value}"), f"{name}.{value}", line)
        classes = tuple(_class(path, line, folder) for path in said.mechanisms)
        after = {where: _class(path, line, folder) for where, path in said.after.items()}
        yield Option(value if named else said.value, said.set, said.programs, classes, after)


def _text(entry: Entry, name: str) -> str:
    if not isinstance(entry.value, str):
        raise ScenarioError(f"{name} = {shown(entry.plain())} is not a name{entry.where}. Write one.")
    return entry.value


def _class(path: str, entry: Entry, folder: Path) -> type[Mechanism]:
    """Return a mechanism's class by its path, ``module.Class``; modules may lie beside the study."""
    module, _, name = path.rpartition(".")
    if str(folder.resolve()) not in sys.path:
        sys.path.append(str(folder.resolve()))
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as mistake:
        raise ScenarioError(f"There is no class {path!r}{entry.where}: {mistake}. Write module.Class.") from None
    except Exception as mistake:  # whatever the module does when it is run
        said = " ".join(f"{type(mistake).__name__}: {mistake}".split())
        raise ScenarioError(f"The module of {path!r}{entry.where} cannot be imported: {said}. Mend it.") from None
    if not (isinstance(found, type) and issubclass(found, Mechanism)):
        raise ScenarioError(f"{path} is not a mechanism{entry.where}. Name a class made from sim.mechanism.Mechanism.")
    return found
