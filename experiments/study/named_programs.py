"""What programs a name means in a study: those of a preset, or the study's own.

Programs of files become the study's own when it is read. So a study is whole by itself: it is the same wherever its
folder lies, and whatever becomes of the files.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from sim.errors import ScenarioError
from sim.mechanism import Program
from sim.scenario import Scenario, load
from sim.scenario_file import known_files

Own = Mapping[str, tuple[Program, ...]]  # by name


def with_programs(base: Scenario, names: str, own: Own) -> Scenario:
    """Return a scenario with the programs of a name, or of several (``A+B``): the study's own, or those of presets.

    Raises
    ------
    ScenarioError : there is none of that name, it adds no program, or it changes more than programs.
    """
    parts = _parts(names)
    if len(set(parts)) < len(parts):
        raise ScenarioError(f"{names!r} names a program twice. Name each once.")
    mine = [program for part in parts for program in own.get(part, ())]
    if known := [program.title for program in mine if program in base.programs]:
        raise ScenarioError(f"{names!r} adds the program {known[0]!r}, which is there already. Leave one of both out.")
    scenario = base.but(programs=(*base.programs, *mine))
    presets = "+".join(part for part in parts if part not in own)
    return _with_files(scenario, presets) if presets else scenario


def titles_of(names: str, own: Own) -> list[str]:
    """Return what the programs of a name, or of several (``A+B``), are called."""
    found = [program for part in _parts(names) for program in (own[part] if part in own else load(part).programs)]
    return [program.title for program in found]


def of_files(names: Iterable[str], folder: Path, base: Scenario, own: Own) -> dict[str, tuple[Program, ...]]:
    """Return the programs of those names, or parts of ``A+B``, that are files in ``folder``, and not in ``own``.

    Raises
    ------
    ScenarioError : a file adds no program to the base, or changes more than programs.
    """
    parts = {part for name in names for part in _parts(name) if part not in known_files() and part not in own}
    files = {part: folder / part for part in sorted(parts) if part and (folder / part).is_file()}
    return {part: _with_files(base, str(file)).programs[len(base.programs) :] for part, file in files.items()}


def refuse_names(own: Own) -> None:
    """Refuse names that would mean something else."""
    for name, programs in own.items():
        if name in known_files() or "+" in name:
            raise ScenarioError(f"own_programs.{name}: a preset or several programs have that name. Choose another.")
        if not programs:
            raise ScenarioError(f"own_programs.{name} has no program. Write '- kind: NAME' for each.")


def refuse_unused(own: Own, names: Iterable[str]) -> None:
    """Refuse programs of which no option and no effect says the name."""
    used = {part for name in names for part in _parts(name)}
    for name in own:
        if name not in used:
            raise ScenarioError(f"own_programs.{name}: no option and no effect names it. Name it, or leave it out.")


def _with_files(base: Scenario, names: str) -> Scenario:
    """Return a scenario with the programs of presets or files, joined by ``+``, which may change nothing else."""
    from experiments.whatif.arms import arm

    added = arm(base, names)
    if not added.twin:
        raise ScenarioError(
            f"{names!r} has other people or another calendar than {base.name!r}, so it is no program to add to it."
            " Name it as the base, or one that only adds programs."
        )
    if added.scenario.mechanisms != base.mechanisms:
        raise ScenarioError(
            f"{names!r} also changes mechanisms. Write those changes under 'set' of an option, and name a file that"
            " only adds programs."
        )
    return added.scenario


def _parts(names: str) -> list[str]:
    return [part.strip() for part in names.split("+")]
