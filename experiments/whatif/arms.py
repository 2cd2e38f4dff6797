"""What is compared: a base, and arms that differ from it from day 0 on.

An arm is a preset or file whose programs are added to those of the base, several of them joined by ``+``; on which
market the preset itself runs does not matter. A file that also sets parameters of mechanisms goes on from the base's
burnt-in market. Both are twins of the base. One that sets another population or calendar is another market, and is said
to be: its people are others, so only its figures can be compared.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sim.entries import close_to
from sim.errors import ScenarioError
from sim.mechanism import Program
from sim.scenario import Scenario, load
from sim.scenario_file import find, own_sections

OTHERS = ("population", "calendar")  # who differs in these is another market
SAME = (*OTHERS, "mechanisms")
LEAST = 100  # agents that a program must treat, or its effect would be chance


@dataclass(frozen=True)
class Arm:
    """One way the world could be."""

    name: str
    scenario: Scenario
    twin: bool  # of the base; else another market
    stories: tuple[Scenario, ...]  # what it was put together from, for reports


def arms(base: Scenario, names: Sequence[str], changes: Sequence[str] = (), start: Scenario | None = None) -> list[Arm]:
    """Return the arms of these names; see ``arm``.

    Raises
    ------
    ScenarioError : a name is unknown or given twice, or an arm adds nothing to the base.
    """
    for name in names:
        if list(names).count(name) > 1:
            raise ScenarioError(f"The arm {name!r} is named twice. Name it once.")
    return [arm(base, name, changes, start) for name in names]


def arm(base: Scenario, name: str, changes: Sequence[str] = (), start: Scenario | None = None) -> Arm:
    """Return one arm: ``A``, or ``A+B``.

    Parameters
    ----------
    base : what the programs are added to.
    name : presets or files, joined by ``+``.
    changes : ``path=value`` texts for the programs, e.g. ``programs.vouchers.discount=0.3``.
    start : the base before somebody changed it; what an arm's own market is held against.
    """
    start = start or base
    names = [part.strip() for part in name.split("+")]
    if len(set(names)) < len(names):
        raise ScenarioError(f"The arm {name!r} names a program twice. Name each once.")
    parts = [_part(part, changes) for part in names]
    programs: list[Program] = list(base.programs)
    for part in parts:
        programs += [program for program in part.programs if program not in programs]
    own = {part.name: own_sections(find(name)) for part, name in zip(parts, names, strict=True)}
    others = [
        (part, field)
        for part in parts
        for field in SAME
        if own[part.name] & set(SAME) and getattr(part, field) != getattr(start, field)
    ]
    if others and len(parts) > 1:
        part, field = others[0]
        raise ScenarioError(f"{part.name!r} has other {field} than {start.name!r}, so it cannot be joined with +.")
    if not others and len(programs) == len(base.programs):
        raise ScenarioError(f"The arm {name!r} adds no program to {base.name!r}. Name one that does.")
    for part in parts:
        if len(parts) > 1 and not part.programs:
            raise ScenarioError(f"{part.name!r} has no program, so it cannot be joined with +. Leave it out.")
    changed = {field: getattr(part, field) for part, field in others}
    twin = not any(field in OTHERS for _, field in others)
    return Arm(name, base.but(programs=tuple(programs), **changed), twin, tuple(parts))


def _part(name: str, changes: Sequence[str]) -> Scenario:
    """Return a preset or file, changed where the changes are about programs that it has."""
    plain = load(name)
    titles = {program.title for program in plain.programs}
    mine = [change for change in changes if change.split(".")[1:2] and change.split(".")[1] in titles]
    return load(name, mine) if mine else plain


def _refuse_strangers(names: Sequence[str], changes: Sequence[str]) -> None:
    """Refuse changes of programs that no arm has."""
    titles = [program.title for name in names for part in name.split("+") for program in load(part.strip()).programs]
    for change in changes:
        section, _, rest = change.partition(".")
        if section == "programs" and rest.split("=")[0].split(".")[0] not in titles:
            named = rest.split("=")[0].split(".")[0]
            raise ScenarioError(
                f"--set {change.split('=')[0]}: no arm has a program {named!r}. {close_to(named, titles)}"
            )


def compared(
    name: str, scenario: Scenario, names: Sequence[str], changes: Sequence[str] = ()
) -> tuple[Scenario, list[Arm]]:
    """Return base and arms of a command line: the base's name and, with ``changes``, its scenario; the arms' names.

    Without names of arms, the scenario with its programs is compared with itself without them.
    """
    if names:
        _refuse_strangers(names, changes)
        return scenario, arms(scenario, names, [c for c in changes if c.startswith("programs.")], load(name))
    if not scenario.programs:
        raise ScenarioError(
            f"{scenario.name!r} has no program. Name what it is compared with: etalase whatif BASE ARM."
        )
    return scenario.but(programs=()), [Arm(scenario.name, scenario, True, (scenario,))]
