"""What somebody has set up on the page: in a link, in a file, and as the two scenarios that are simulated.

Two equal setups are two equal pages. Whatever is changed, both worlds are lived again from before day 0, so that what
is shown is what ``etalase run`` and ``etalase whatif`` say of the same files, seed and days.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlencode

import yaml

from experiments.whatif.arms import Arm, arm
from sim.entries import Entry, close_to, mapping, shown
from sim.errors import EtalaseError, ScenarioError
from sim.scenario import Scenario, load
from sim.scenario_file import known_files, parse

MOST_DAYS = 1_095  # that a page can be asked to live
MOST_CHANGES = 200
SECTIONS = ("population", "mechanisms", "programs")  # where levers and assumptions are
_KEYS = ("base", "programs", "seed", "day", "set")


@dataclass(frozen=True)
class Setup:
    """A base, the programs of its twin, what is changed, a seed, and the day until which both are lived."""

    base: str
    programs: tuple[str, ...] = ()
    changes: tuple[tuple[str, Any], ...] = ()  # dotted path and value, in order of paths
    seed: int | None = None  # in place of the base's own
    day: int = 0

    def with_change(self, path: str, value: Any) -> "Setup":
        """Return a copy in which a parameter has a value; None takes the change back."""
        changes = {**dict(self.changes), path: value}
        if value is None:
            del changes[path]
        return replace(self, changes=tuple(sorted(changes.items())))

    def with_programs(self, programs: Iterable[str]) -> "Setup":
        """Return a copy with these programs, and without changes of programs that it has no more."""
        slim = replace(self, programs=tuple(programs))
        titles = {program.title for program in _variant(slim, _base(slim)).programs}
        kept = [(p, v) for p, v in self.changes if p.split(".")[0] != "programs" or p.split(".")[1] in titles]
        return replace(slim, changes=tuple(kept))

    def link(self) -> str:
        """Return the query of a link to this page."""
        asked: list[tuple[str, str]] = [("base", self.base), *(("with", name) for name in self.programs)]
        asked += [("set", f"{path}={_text(value)}") for path, value in self.changes]
        asked += [] if self.seed is None else [("seed", str(self.seed))]
        return urlencode([*asked, ("day", str(self.day))])

    def file(self) -> str:
        """Return a YAML file that opens this page again."""
        whole = {"base": self.base, "programs": list(self.programs), "day": self.day, "set": dict(self.changes)}
        whole |= {} if self.seed is None else {"seed": self.seed}
        return yaml.safe_dump(whole, sort_keys=False, allow_unicode=True)


@dataclass(frozen=True)
class Worlds:
    """The two scenarios of a setup; without a program there is but one."""

    base: Scenario
    variant: Scenario | None

    @property
    def shown(self) -> Scenario:
        """The one with the programs, if there are any."""
        return self.variant or self.base


def worlds(setup: Setup) -> Worlds:
    """Return the scenarios of a setup.

    Raises
    ------
    EtalaseError : one line that says what does not fit.
    """
    base = _base(setup)
    variant, levers = _variant(setup, base), _below(setup, "programs")
    if not variant.programs:
        if levers:
            raise ScenarioError(f"There is no program for {next(iter(levers))}. Add one, or leave this change out.")
        return Worlds(base, None)
    for program in variant.programs:
        program.check(variant.population)
    return Worlds(base, variant.with_values(levers) if levers else variant)


def programs_of(base: str) -> list[str]:
    """Return the presets whose programs can be added to a market."""
    return list(_fitting(base))


def markets(start: str = "") -> list[str]:
    """Return the presets that are markets, with the scenario that the page was opened with."""
    plain = [name for name, path in known_files().items() if path.parent.name != "programs"]
    return [*plain, *([start] if start and start not in plain else [])]


def from_link(query: str, start: str) -> Setup:
    """Return the setup of a link; ``start`` is the scenario that the page was opened with.

    Raises
    ------
    EtalaseError : one line that says what is wrong with it.
    """
    asked = parse_qs(query, keep_blank_values=True, max_num_fields=MOST_CHANGES)
    changes = dict(_change(text) for text in asked.get("set", []))
    found: dict[str, Any] = {"base": asked.get("base", [start])[0], "programs": asked.get("with", []), "set": changes}
    found |= {name: _number(name, asked[name][0]) for name in ("seed", "day") if name in asked}
    return _checked(found, start)


def from_file(text: str, start: str) -> Setup:
    """Return the setup that ``Setup.file`` wrote; nothing in a file is ever executed.

    Raises
    ------
    EtalaseError : one line that says what is wrong with it, and where.
    """
    entries = mapping(parse(text, "the file"), "The file")
    for name, entry in entries.items():
        if name not in _KEYS:
            raise ScenarioError(f"A page has no {shown(name)}{entry.where}. {close_to(name, _KEYS)}")
    return _checked(Entry(entries).plain(), start)


def _checked(found: Mapping[str, Any], start: str) -> Setup:
    """Return a setup of which every part is known."""
    base, programs, changes = found.get("base", start), found.get("programs") or [], found.get("set") or {}
    known = [*known_files(), start]
    if not isinstance(programs, list) or not isinstance(changes, dict):
        raise ScenarioError("'programs' is a list of presets, and 'set' a mapping of paths to values.")
    for name in (base, *programs):
        if name not in known:  # no path that somebody else has put into a link
            raise ScenarioError(f"There is no preset {shown(name)}. {close_to(str(name), known)}")
    for path in changes:
        if str(path).split(".")[0] not in SECTIONS:
            raise ScenarioError(f"{shown(path)} is not changed on the page. Change {', '.join(SECTIONS)} only.")
    seed, day = found.get("seed"), found.get("day", 0)
    for name, number, most in (("seed", seed or 0, 2**63 - 1), ("day", day, MOST_DAYS)):
        if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= most:
            raise ScenarioError(f"{name} = {shown(number)} is no whole number from 0 to {most}.")
    setup = Setup(str(base), tuple(programs), tuple(sorted(changes.items())), seed, day)
    worlds(setup)
    return setup


def _base(setup: Setup) -> Scenario:
    """Return the scenario without its programs."""
    plain = load(setup.base).but(programs=())
    changes = {**_below(setup, "population"), **_below(setup, "mechanisms")}
    changed = plain.with_values(changes) if changes else plain
    return changed if setup.seed is None else changed.but(seed=setup.seed)


def _variant(setup: Setup, base: Scenario) -> Scenario:
    """Return the base with its own programs and those that were added."""
    start = load(setup.base)
    mine = base.but(programs=start.programs)
    if not setup.programs:
        return mine
    return arm(mine, "+".join(setup.programs), start=start).scenario


def _below(setup: Setup, section: str) -> dict[str, Any]:
    return {path: value for path, value in setup.changes if path.split(".")[0] == section}


@cache
def _fitting(base: str) -> tuple[str, ...]:
    return tuple(name for name, path in known_files().items() if path.parent.name == "programs" and _fits(base, name))


def _fits(base: str, name: str) -> bool:
    """Tell whether a preset's programs can be added to a market, whose twin it then is."""
    market = load(base)
    try:
        found: Arm = arm(market, name)
        for program in found.scenario.programs:
            program.check(market.population)
    except EtalaseError:
        return False
    return found.twin


def _change(text: str) -> tuple[str, Any]:
    path, equals, value = text.partition("=")
    if not equals:
        raise ScenarioError(f"set={shown(text)} is not of the form path=value.")
    return path, parse(value, f"set={path}", numbered=False).plain()


def _number(name: str, text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 19:
        raise ScenarioError(f"{name} = {shown(text)} is no whole number.")
    return int(text)


def _text(value: Any) -> str:
    return repr(value) if isinstance(value, float) and math.isfinite(value) else yaml.safe_dump(value).split("\n")[0]


def horizon(setup: Setup, scenario: Scenario) -> int:
    """Return the last day that the page shows."""
    return max(min(scenario.days, MOST_DAYS), setup.day)
