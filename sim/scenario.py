"""A scenario: everything that one run depends on, as frozen data; from YAML, to JSON and back.

A path such as ``mechanisms.discovery.phi`` names one parameter wherever scenarios are changed: on the
command line, in sweeps, in :meth:`Scenario.with_values`. Whatever is wrong is said in one line, with the
place where it was written.
"""

import datetime
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any, Self

import pydantic

from sim.calendar import Calendar
from sim.entries import Entry, close_to, fill, mapping, put, reason, shown
from sim.errors import ParameterError, ScenarioError
from sim.inputs import all_categories
from sim.mechanism import Mechanism, Plan, Program
from sim.mechanisms import DAY
from sim.params import Knob, Parametrised, knobs, param
from sim.population import Population
from sim.programs import PROGRAMS
from sim.programs.campaign import Timed
from sim.scenario_file import find, parse, presets, read_all

__all__ = ["Scenario", "load", "presets"]

Kinds = Iterable[type[Program]]
SECTIONS = ("calendar", "population", "mechanisms", "programs")
#: What a scenario says about itself; it does not change what is simulated.
WORDS = ("name", "story", "sources", "assumptions")
YEARS = (1900, 2200)  # the calendar can count a burn-in back, and a century on, from any of these
_YEARS_SAID = f"the years {YEARS[0]} to {YEARS[1] - 1}"


class Heading(Parametrised):
    """What a scenario says at its top."""

    name: str = "unnamed"
    story: str = ""
    sources: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    seed: int = param(1, "Which of many equally likely worlds is simulated", low=0, high=2**63 - 1)
    history: int = param(
        0, "Which of many equally likely histories of these people follows day 0; 0 goes on as the burn-in began",
        low=0, high=2**31 - 1,
    )  # fmt: skip
    days: int = param(365, "Days simulated from day 0, unless a run is told otherwise", unit="day", low=0, high=36_500)


class Scenario(Heading):
    """Everything that one run depends on; two equal scenarios give two equal runs."""

    model_config = pydantic.ConfigDict(arbitrary_types_allowed=True)

    calendar: Calendar = Calendar()
    population: Population = Population()
    mechanisms: Plan = DAY
    programs: tuple[Program, ...] = ()

    @pydantic.field_validator("calendar")
    @classmethod
    def _within_reckoning(cls, calendar: Calendar) -> Calendar:
        if not YEARS[0] <= calendar.start.year < YEARS[1]:
            raise ValueError(f"calendar.start = {calendar.start} is outside {_YEARS_SAID}. Choose one of these.")
        return calendar

    @pydantic.field_validator("programs")
    @classmethod
    def _in_order(cls, programs: tuple[Program, ...]) -> tuple[Program, ...]:
        """Put programs into an order of their own, so that theirs in the file changes no bit."""
        titles = [program.title for program in programs if isinstance(program, Timed)]  # their draws hang on it
        for title in titles:
            if titles.count(title) > 1:
                raise ValueError(f"programs: two are called {title!r}. Give each a label of its own.")
        return tuple(sorted(programs, key=lambda program: program.title))

    def but(self, **changes: Any) -> Self:
        """Return a copy with some fields changed, checked like the original."""
        try:
            return super().but(**changes)
        except pydantic.ValidationError as mistake:
            raise ParameterError(reason(mistake.errors()[0])) from None

    def with_value(self, path: str, value: Any) -> "Scenario":
        """Return a copy with one parameter changed, e.g. ``with_value("mechanisms.discovery.phi", 0.2)``."""
        return self.with_values({path: value})

    def with_values(self, changes: Mapping[str, Any]) -> "Scenario":
        """Return a copy with some parameters changed, by dotted path."""
        # mechanisms that nobody changes are taken from the plan as they are
        root = Entry.of(
            {name: value for name, value in self.to_dict().items() if name not in ("classes", "mechanisms")}
        )
        for path, value in changes.items():
            root = put(root, str(path), Entry.of(_plain(value)))
        return _build(root, self.mechanisms, (*PROGRAMS, *(type(program) for program in self.programs)))

    @pydantic.model_serializer
    def to_dict(self) -> dict[str, Any]:
        """Return the whole scenario in plain JSON types, every parameter spelt out.

        ``classes`` is there only if some mechanism or program is not one of this package.
        """
        whole: dict[str, Any] = {
            **{name: _plain(getattr(self, name)) for name in Heading.model_fields},
            "calendar": self.calendar.model_dump(mode="json"),
            "population": self.population.model_dump(mode="json"),
            "mechanisms": {m.name: m.model_dump(mode="json") for m in self.mechanisms},
            "programs": [{"kind": p.name, **p.model_dump(mode="json")} for p in self.programs],
        }
        if _classes(self.mechanisms) != _classes(DAY) or not {type(p) for p in self.programs} <= set(PROGRAMS):
            whole["classes"] = {**_classes(self.mechanisms), "programs": [_path_of(type(p)) for p in self.programs]}
        return whole

    @staticmethod
    def from_dict(whole: Mapping[str, Any], *, plan: Plan = DAY, programs: Kinds = PROGRAMS) -> "Scenario":
        """Return the scenario that ``to_dict`` wrote; what is not said is as in ``plan``.

        One with mechanisms or programs of its own needs the same ``plan`` and ``programs`` again.
        """
        sections = {name: value for name, value in mapping(Entry.of(whole), "The scenario").items()}
        foreign = sections.pop("classes", Entry(None)).plain()
        if not foreign or (plan, programs) != (DAY, PROGRAMS):
            made = _build(Entry(sections), plan, programs)
            if made.to_dict().get("classes") == foreign:
                return made
        raise ScenarioError(
            "The scenario was made in Python, with mechanisms or programs of its own."
            " Give from_dict the same plan and programs."
        )

    def knobs(self) -> Iterator[Knob]:
        """Yield every parameter with its dotted path, value and declaration."""
        for name, declaration in Heading.declared().items():
            yield Knob(name, getattr(self, name), declaration)
        yield from knobs("calendar", self.calendar)
        yield from knobs("population", self.population)
        for mechanism in self.mechanisms:
            yield from knobs(f"mechanisms.{mechanism.name}", mechanism)
        titles = [program.title for program in self.programs]
        for i, program in enumerate(self.programs):
            yield from knobs(f"programs.{i if titles.count(program.title) > 1 else program.title}", program)

    def fingerprint(self) -> str:
        """Return the SHA-256 of all that is simulated; words about it and the number of days do not count."""
        counts = {name: value for name, value in self.to_dict().items() if name not in (*WORDS, "days")}
        text = json.dumps(counts, sort_keys=True, separators=(",", ":"), allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()


def load(name: str | Path, overrides: Iterable[str] = (), *, plan: Plan = DAY, programs: Kinds = PROGRAMS) -> Scenario:
    """Return a preset, or the scenario of a YAML file, changed by ``path=value`` texts.

    Raises
    ------
    ScenarioError, ParameterError : one line that says what is wrong, where, and what to do.
    """
    root = read_all(find(str(name)))
    root.value.setdefault("programs", Entry([]))  # so that a path into it says that there are none
    for override in overrides:
        path, equals, text = override.partition("=")
        path = path.strip()
        if not equals or not path:
            raise ScenarioError(
                f"--set {shown(override)} is not of the form path=value, e.g. --set population.scale=2000."
            )
        place = f"--set {path}"
        root = put(root, path, Entry.of(parse(text, place, numbered=False).plain(), place))
    return _build(root, plan, programs)


def _build(root: Entry, plan: Plan, programs: Kinds) -> Scenario:
    """Return the scenario that a tree of entries describes."""
    sections = mapping(root, "The scenario")
    known = (*Heading.model_fields, *SECTIONS)
    for name, entry in sections.items():
        if name not in known:
            raise ScenarioError(f"A scenario has no section {shown(name)}{entry.where}. {close_to(name, known)}")
    rest = {name: sections.get(name, Entry(None, root.place)) for name in SECTIONS}
    heading = fill(Heading, {name: e for name, e in sections.items() if name not in SECTIONS}, "", root)
    return Scenario(
        **heading.__dict__,
        calendar=_calendar(rest["calendar"]),
        population=_population(rest["population"]),
        mechanisms=_mechanisms(rest["mechanisms"], plan),
        programs=read_programs(rest["programs"], programs),
    )


def _calendar(section: Entry) -> Calendar:
    calendar = fill(Calendar, mapping(section, "calendar"), "calendar", section)
    if not YEARS[0] <= calendar.start.year < YEARS[1]:
        at = section.at("start")
        raise ParameterError(
            f"calendar.start = {calendar.start} is outside {_YEARS_SAID}{at.where}. Choose one of these."
        )
    return calendar


def _population(section: Entry) -> Population:
    population = fill(Population, mapping(section, "population"), "population", section)
    for name in population.categories:
        known = all_categories().names
        if name not in known:
            where = section.at("categories").where
            raise ParameterError(
                f"population.categories: there is no category {shown(name)}{where}. {close_to(name, known)}"
            )
    return population


def _mechanisms(section: Entry, plan: Plan) -> Plan:
    known: dict[str, Mechanism] = {mechanism.name: mechanism for mechanism in plan}
    changed = []
    for name, entry in mapping(section, "mechanisms").items():
        if name not in known:
            raise ScenarioError(f"There is no mechanism {shown(name)}{entry.where}. {close_to(name, known)}")
        path, old = f"mechanisms.{name}", known[name]
        changed.append(fill(type(old), mapping(entry, path), path, entry, old.model_dump(mode="json")))
    return plan.replace(*changed) if changed else plan


def read_programs(section: Entry, kinds: Kinds = PROGRAMS) -> tuple[Program, ...]:
    """Return the programs of a list of entries, each with its kind and parameters."""
    if not isinstance(section.value, list | None):
        said = shown(section.plain())
        raise ScenarioError(f"programs = {said} is not a list{section.where}. Write '- kind: NAME' for each program.")
    known = {_name_of(kind): kind for kind in kinds}
    return tuple(_program(entry, known) for entry in section.value or [])


@cache
def _name_of(kind: type[Program]) -> str:
    """Return what scenarios call a kind of program."""
    return kind.model_construct().name


def _program(entry: Entry, known: dict[str, type[Program]]) -> Program:
    given = dict(mapping(entry, "A program"))
    kind = given.pop("kind", Entry(None, entry.place))
    if kind.value is None:
        raise ScenarioError(f"A program has no kind{entry.where}. {close_to('', known)}")
    if not isinstance(kind.value, str) or kind.value not in known:
        said = shown(kind.plain())
        raise ScenarioError(f"There is no program {said}{kind.where}. {close_to(str(kind.value), known)}")
    return fill(known[kind.value], given, f"programs.{kind.value}", entry)


def _classes(plan: Plan) -> dict[str, list[str]]:
    return {phase.name: [_path_of(type(m)) for m in getattr(plan, phase.name)] for phase in fields(plan)}


def _path_of(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _plain(value: Any) -> Any:
    """Return a value in JSON types: dates as text, tuples as lists, NumPy numbers as numbers."""
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, datetime.date):
        return value.isoformat()
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return value.tolist() if hasattr(value, "tolist") else repr(value)
