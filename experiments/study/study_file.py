"""Studies as files: YAML in, a Study out; what is wrong is said in one line, with file and line.

base: village                       a preset or file; 'set' changes it
days: 28
replicates: 3
uncertainties:                      what nobody can decide
  mechanisms.discovery.gamma: {}                        the range declared with the parameter
  mechanisms.purchase.b_p: {times: [0.7, 1.3]}          of the base's value
  mechanisms.live.*: {times: [0.8, 1.2]}                every number below
levers:                             what somebody can
  boost: {program: cold-start}                          with and without
  rule: {options: {logit: {}, other: {mechanisms: [my_rules.Satisficing]}}}
outcomes:
  - gmv
  - {metric: orders, over: series}
  - {effect: gmv, of: voucher-war, kind: share}
design: {kind: sobol, points: 64}
"""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path

from experiments.study.clashes import refuse_clashes
from experiments.study.declared import knobs_of, possible
from experiments.study.designs import DESIGNS, Design, ListOfPoints
from experiments.study.factor_file import read_choices, read_factors
from experiments.study.named_programs import of_files
from experiments.study.outcomes import Effect, Kind, Measure, Outcome, Over
from experiments.study.study import SECTIONS, Study, named
from sim.entries import Entry, close_to, fill, mapping, shown
from sim.errors import EtalaseError, ScenarioError
from sim.params import Parametrised, param
from sim.scenario import Scenario, load, read_programs
from sim.scenario_file import find, read


class Top(Parametrised):
    """What a study says at its top."""

    name: str = "unnamed"
    story: str = ""
    days: int = param(28, "Days of each run", unit="day", low=1, high=36_500)
    replicates: int = param(1, "Seeds of each point, the same at every point", low=1, high=100_000)
    shared_burn_in: bool = param(False, "Mechanisms change on day 0 only, after a burn-in that all points share")


class MeasureLine(Parametrised):
    """What is said of a metric that is kept."""

    metric: str
    over: Over = Over.MEAN
    since: int = 0
    until: int | None = None
    title: str = ""


class EffectLine(Parametrised):
    """What is said of an effect that is kept."""

    effect: str
    of: str
    kind: Kind = Kind.SHARE
    over: Over = Over.MEAN
    since: int = 0
    until: int | None = None
    title: str = ""


PARTS = ("base", "set", "programs", "own_programs", "uncertainties", "levers", "outcomes", "design")


def load_study(path: str | Path) -> Study:
    """Return the study of a YAML file.

    Raises
    ------
    ScenarioError, ParameterError : one line that says what is wrong, where, and what to do.
    """
    file = Path(path)
    if not file.is_file():
        known = {study.stem: study for study in shipped()}
        if str(path) not in known:
            raise ScenarioError(f"There is no study {shown(str(path))}. {close_to(str(path), [*known])}")
        file = known[str(path)]
    return study_from(read(file), file.parent)


def shipped() -> list[Path]:
    """Return the files of the studies that come with the package."""
    return sorted((Path(__file__).parent.parent / "studies").glob("*.yaml"))


def study_from(root: Entry, folder: Path = Path()) -> Study:
    """Return the study that a tree of entries describes; other files are looked for in ``folder``."""
    parts = mapping(root, "A study")
    known = [*PARTS, *Top.model_fields]
    for name, entry in parts.items():
        if name not in known:
            raise ScenarioError(f"A study has no {shown(name)}{entry.where}. {close_to(name, known)}")
    for name in ("base", "outcomes"):
        if name not in parts:
            raise ScenarioError(f"The study has no {name!r}{root.where}. Write '{name}: ...'.")
    top = fill(Top, {name: entry for name, entry in parts.items() if name not in PARTS}, "", root)
    base = _base(parts["base"], parts.get("set", Entry(None)), folder)
    if "programs" in parts:
        base = base.but(programs=(*base.programs, *read_programs(parts["programs"])))
    places = {name: entry for role in SECTIONS for name, entry in mapping(parts.get(role, Entry(None)), role).items()}
    try:
        choices, outcomes = read_choices(parts, folder), tuple(_outcomes(parts["outcomes"]))
        lists = mapping(parts.get("own_programs", Entry(None)), "own_programs")
        own = {name: read_programs(entry) for name, entry in lists.items()}
        own = {**of_files(named(choices, outcomes), folder, base, own), **own}
        refuse_clashes(base, choices, outcomes, own)
        knobs = knobs_of(possible(base, choices, outcomes, own))
        return Study(
            base=base,
            factors=tuple(read_factors(parts, choices, knobs)),
            outcomes=outcomes,
            own_programs=own,
            design=_design(parts.get("design", Entry(None, root.place)), folder),
            folder=folder.resolve(),
            **top.__dict__,
        )
    except EtalaseError as mistake:
        raise _placed(mistake, places) from None


def _placed(mistake: EtalaseError, places: Mapping[str, Entry]) -> EtalaseError:
    """Return a mistake with the place of the factor that it is about, if it does not say one."""
    said = str(mistake)
    about = [entry for name, entry in places.items() if name in said and entry.place]
    file = about[0].place.rpartition(" line ")[0] if about else ""
    return type(mistake)(f"{said} (in {about[0].place})") if about and file not in said else mistake


def _base(entry: Entry, changes: Entry, folder: Path) -> Scenario:
    if isinstance(entry.value, dict):  # as Study.to_dict wrote it
        return Scenario.from_dict(entry.plain())
    if not isinstance(entry.value, str):
        raise ScenarioError(f"base = {shown(entry.plain())} is not a name{entry.where}. Name a preset or a file.")
    given = mapping(changes, "set")
    if "days" in given:
        days = shown(given["days"].plain())
        raise ScenarioError(f"'days' of the base is not used{given['days'].where}. Write 'days: {days}' at the top.")
    try:
        return load(find(entry.value, folder, entry.place)).with_values(
            {path: value.plain() for path, value in given.items()}
        )
    except EtalaseError as mistake:
        raise _placed(mistake, given) from None


def _outcomes(entry: Entry) -> Iterator[Outcome]:
    if not isinstance(entry.value, list):
        raise ScenarioError(f"outcomes = {shown(entry.plain())} is not a list{entry.where}. Write '- gmv' lines.")
    for line in entry.value:
        if isinstance(line.value, str):
            yield Measure(line.value)
            continue
        given = mapping(line, "An outcome")
        if "effect" in given:
            said = fill(EffectLine, given, "outcomes", line)
            yield Effect(said.effect, said.of, said.kind, said.over, said.since, said.until, said.title)
        else:
            yield Measure(**fill(MeasureLine, given, "outcomes", line).__dict__)


def _design(entry: Entry, folder: Path) -> Design:
    given = dict(mapping(entry, "design"))
    kind = given.pop("kind", Entry("grid", entry.place))
    known = {design.kind: design for design in DESIGNS}
    if kind.value not in known:
        raise ScenarioError(f"There is no design {shown(kind.plain())}{kind.where}. {close_to(str(kind.value), known)}")
    design = fill(known[kind.value], given, "design", entry)
    return _rows_of(design, folder, entry) if isinstance(design, ListOfPoints) and design.file else design


def _rows_of(design: ListOfPoints, folder: Path, entry: Entry) -> ListOfPoints:
    """Return a list of points with the rows of its CSV file; spaces around cells do not count."""
    try:
        with open(folder / design.file, newline="", encoding="utf-8-sig") as stream:
            lines = [[cell.strip() for cell in line] for line in csv.reader(stream, strict=True) if line]
    except (OSError, UnicodeError, csv.Error) as mistake:
        said = getattr(mistake, "strerror", None) or mistake
        raise ScenarioError(f"{design.file!r} cannot be read as CSV{entry.where}: {said}. Name a table.") from None
    if len(lines) < 2:
        raise ScenarioError(
            f"{design.file!r} has no rows{entry.where}. Write a header with factors, and a row a point."
        )
    head, *rows = lines
    _check_head(design.file, head, entry)
    for number, row in enumerate(rows, 1):
        if len(row) != len(head):
            what = "more" if len(row) > len(head) else "fewer"
            raise ScenarioError(
                f"Row {number} of {design.file!r} has {what} cells than its header{entry.where}. Mend it; an empty cell"
                " is as in the base."
            )
    return ListOfPoints(rows=tuple(dict(zip(head, row, strict=True)) for row in rows))


def _check_head(file: str, head: list[str], entry: Entry) -> None:
    """Refuse a header of which not every cell is a name of its own."""
    if len(head) == 1 and ";" in head[0]:
        raise ScenarioError(f"{file!r} has semicolons between its columns{entry.where}. Write commas.")
    for name in head:
        if not name:
            raise ScenarioError(f"{file!r} has a column without a name{entry.where}. Name its factor.")
        if head.count(name) > 1:
            raise ScenarioError(f"{file!r} has the column {name!r} twice{entry.where}. Keep one.")
