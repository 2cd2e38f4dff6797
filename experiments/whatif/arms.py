"""What is compared: a base, and arms that differ from it from day 0 on.

An arm is a preset or file whose programs are added to those of the base, several of them joined by ``+``, or a scenario
with other mechanisms. Arms that share population, calendar, mechanisms and seed with the base are its twins; others are
other markets, and are said to be.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sim.errors import ScenarioError
from sim.mechanism import Program
from sim.scenario import Scenario, load

SAME = ("population", "calendar", "mechanisms")
LEAST = 100  # agents that a program must treat, or its effect would be chance


@dataclass(frozen=True)
class Arm:
    """One way the world could be."""

    name: str
    scenario: Scenario
    twin: bool  # of the base; else another market
    stories: tuple[Scenario, ...]  # what it was put together from, for reports


def arms(base: Scenario, names: Sequence[str], overrides: Sequence[str] = ()) -> list[Arm]:
    """Return the arms of these names.

    Raises
    ------
    ScenarioError : a name is unknown or given twice, or an arm adds nothing to the base.
    """
    for name in names:
        if list(names).count(name) > 1:
            raise ScenarioError(f"The arm {name!r} is named twice. Name it once.")
    return [arm(base, name, overrides) for name in names]


def arm(base: Scenario, name: str, overrides: Sequence[str] = ()) -> Arm:
    """Return one arm: ``A``, or ``A+B``."""
    parts = [load(part.strip(), overrides) for part in name.split("+")]
    programs: list[Program] = list(base.programs)
    for part in parts:
        programs += [program for program in part.programs if program not in programs]
    other = next((part for part in parts if any(getattr(part, f) != getattr(base, f) for f in SAME)), None)
    if other is not None and len(parts) > 1:
        differs = next(f for f in SAME if getattr(other, f) != getattr(base, f))
        raise ScenarioError(f"{other.name!r} has another {differs} than {base.name!r}, so it cannot be joined with +.")
    if other is None and len(programs) == len(base.programs):
        raise ScenarioError(f"The arm {name!r} adds no program to {base.name!r}. Name one that does.")
    changed = {} if other is None else {field: getattr(other, field) for field in SAME}
    made = base.but(programs=tuple(programs), **changed)
    return Arm(name, made, other is None, tuple(parts))


def base_and_arms(scenario: Scenario, names: Sequence[str]) -> tuple[Scenario, list[Arm]]:
    """Return base and arms; without names, the scenario with its programs is compared with itself without them."""
    if names:
        return scenario, arms(scenario, names)
    if not scenario.programs:
        raise ScenarioError(
            f"{scenario.name!r} has no program. Name what it is compared with: etalase whatif BASE ARM."
        )
    return scenario.but(programs=()), [Arm(scenario.name, scenario, True, (scenario,))]
