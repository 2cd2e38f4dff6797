"""A study: what varies, what is measured, how often, and at which points."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any

from experiments.study.clashes import refuse_clashes
from experiments.study.declared import check_factor, in_form, knobs_of, possible
from experiments.study.designs import Design, Grid, ListOfPoints, OneAtATime, Point
from experiments.study.factors import SHAPE, Choice, Factor, Number, Role, applied
from experiments.study.jobs import Job
from experiments.study.named_programs import Own, refuse_names, refuse_unused, with_programs
from experiments.study.outcomes import POINT, PROGRAMS, WITHOUT, Effect, Outcome
from sim.entries import close_to
from sim.errors import EtalaseError, ScenarioError
from sim.inputs import provinces
from sim.recorder import Recorder
from sim.scenario import Scenario

#: Under which heading of a file the factors of a role stand.
SECTIONS = {"uncertainties": Role.UNCERTAINTY, "levers": Role.LEVER}

REMEMBERED = 16  # points
MOST_RUNS = 1_000_000
#: Columns of the table of runs beside factors and outcomes.
COLUMNS = ("point", "replicate", "seed", "fingerprint", "error", "key", "seconds")


@dataclass(frozen=True)
class Study:
    """Everything that a study depends on.

    Parameters
    ----------
    name, story : what it is called, and what it asks.
    base : the scenario that every point changes.
    factors : what varies.
    outcomes : what is kept of each run.
    design : which points are simulated.
    replicates : seeds of each point, the same at every point: the base's and those after it.
    days : days of each run.
    shared_burn_in : mechanisms change on day 0 only, after a burn-in that all points share.
    own_programs : programs by a name of the study's own, which options and effects use as that of a preset.
    folder : where classes of mechanisms are looked for, too; no part of what is asked.

    Raises
    ------
    ScenarioError, ParameterError : a factor, an outcome or the design cannot be, said in one line.
    """

    name: str
    base: Scenario
    factors: tuple[Factor, ...]
    outcomes: tuple[Outcome, ...]
    design: Design = field(default_factory=Grid)
    replicates: int = 1
    days: int = 28
    shared_burn_in: bool = False
    story: str = ""
    own_programs: Own = field(default_factory=dict)
    folder: Path = field(default=Path(), compare=False)

    def __post_init__(self) -> None:
        """Refuse what cannot be run."""
        refuse_names(self.own_programs)
        _refuse_repeated("factor", [factor.name for factor in self.factors])
        refuse_clashes(self.base, self.factors, self.outcomes, self.own_programs)
        _refuse_repeated("outcome", [outcome.name for outcome in self.outcomes])
        _refuse_repeated("column", [*(part.name for part in (*self.factors, *self.outcomes)), *COLUMNS])
        for outcome in self.outcomes:
            self._check_outcome(outcome)
        worlds = possible(self.base, self.factors, self.outcomes, self.own_programs)
        knobs, order = knobs_of(worlds), list(Role)
        factors = sorted((in_form(f, knobs) for f in self.factors), key=lambda factor: order.index(factor.role))
        object.__setattr__(self, "factors", tuple(factors))
        for factor in self.factors:
            _refuse_mixed(factor)
            check_factor(factor, worlds, self.own_programs)
        if isinstance(self.design, ListOfPoints):  # texts of a CSV file become values
            object.__setattr__(self, "design", ListOfPoints(rows=tuple(map(dict, self.points))))
        refuse_unused(self.own_programs, named(self.factors, self.outcomes))
        if self.size > MOST_RUNS:
            raise ScenarioError(f"The design has {self.size:,} runs, more than {MOST_RUNS:,}. Choose a smaller one.")

    @cached_property
    def points(self) -> list[Point]:
        """The points, values by the name of a factor, in the order of the design."""
        points = self.design.sample(self.factors)
        if isinstance(self.design, OneAtATime):  # a level of the base is the base
            moved = [p for p in points if any(self.at_base[name] != value for name, value in p.items())]
            return [{}, *moved]
        return points

    @cached_property
    def bases(self) -> dict[str, Scenario]:
        """What the points change, by world: the base, and the base with the programs that effects are of."""
        names = dict.fromkeys(name for outcome in self.outcomes for name in outcome.worlds)
        return {name: self.base if name in (POINT, WITHOUT) else self.with_programs(name) for name in (POINT, *names)}

    @property
    def size(self) -> int:
        """How many runs there are: points times replicates."""
        return len(self.points) * self.replicates

    def job(self, number: int) -> Job:
        """Return one run: those of a point stand together, by seed."""
        at, replicate = divmod(number, self.replicates)
        worlds, problem = self._worlds_at(at)
        seed = self.base.seed + replicate
        seeded = {name: scenario.but(seed=seed) for name, scenario in worlds.items()}
        origin = self.base.but(seed=seed) if self._goes_on(worlds[POINT]) else None
        return Job(at, dict(self.points[at]), seeded, origin, self.days, self.outcomes, problem)

    def _worlds_at(self, at: int) -> tuple[dict[str, Scenario], str]:
        """Return the scenarios of a point, and why it cannot be simulated; the last few are remembered."""
        if at not in self._made:
            while len(self._made) > REMEMBERED:
                del self._made[next(iter(self._made))]
            try:
                self._made[at] = self.worlds_of(self.points[at]), ""
            except EtalaseError as mistake:
                self._made[at] = {POINT: self.base}, str(mistake)
        return self._made[at]

    @cached_property
    def _made(self) -> dict[int, tuple[dict[str, Scenario], str]]:
        return {}

    def worlds_of(self, point: Point) -> dict[str, Scenario]:
        """Return the scenarios that are simulated at a point, by world."""
        found = {name: applied(base, self.factors, point, self.own_programs) for name, base in self.bases.items()}
        if WITHOUT in found:
            found[WITHOUT] = found[WITHOUT].but(programs=())
        return found

    def with_programs(self, names: str) -> Scenario:
        """Return the base with the programs of a name, or of several (``A+B``)."""
        return with_programs(self.base, names, self.own_programs)

    def value(self, factor: Factor, point: Point) -> Any:
        """Return the value of a factor at a point; None where it is as in the base and has no name for that."""
        return point[factor.name] if factor.name in point else self.at_base[factor.name]

    @cached_property
    def at_base(self) -> dict[str, Any]:
        """The value of each factor in the base: of a choice, the option that changes nothing; None if there is none."""
        values = {knob.path: knob.value for knob in self.base.knobs()}
        return {f.name: self._option_of_base(f) if isinstance(f, Choice) else values.get(f.path) for f in self.factors}

    def _option_of_base(self, factor: Choice) -> Any:
        for option in factor.options:
            if applied(self.base, [factor], {factor.name: option.value}, self.own_programs) == self.base:
                return option.value
        return None

    def to_dict(self) -> dict[str, Any]:
        """Return the whole study in JSON types, as ``study_from`` reads it."""
        return {
            "name": self.name,
            "story": self.story,
            "base": self.base.to_dict(),
            **{section: self._factors_of(role) for section, role in SECTIONS.items()},
            "outcomes": [_outcome(outcome) for outcome in self.outcomes],
            "design": {"kind": self.design.kind, **self.design.model_dump(mode="json")},
            "replicates": self.replicates,
            "days": self.days,
            "shared_burn_in": self.shared_burn_in,
            "own_programs": {
                name: self.base.but(programs=programs).to_dict()["programs"]
                for name, programs in self.own_programs.items()
            },
        }

    def _factors_of(self, role: Role) -> dict[str, Any]:
        """Return the factors of one role as a file would have them."""
        return {factor.name: _told(factor) for factor in self.factors if factor.role == role}

    def _check_outcome(self, outcome: Outcome) -> None:
        recorder = Recorder(self.base.population.market().names, provinces().names)
        known = [name for name in recorder.declared() if name not in ("day", "date")]
        if outcome.metric not in known:
            raise ScenarioError(f"There is no metric {outcome.metric!r}. {close_to(outcome.metric, known)}")
        if (
            isinstance(outcome, Effect)
            and outcome.of == PROGRAMS
            and not (self.base.programs or named(self.factors, []))
        ):
            raise ScenarioError(f"{outcome.name!r} is told of programs, but the base has no program. Name a preset.")
        if not range(self.days)[outcome.since : outcome.until]:
            raise ScenarioError(f"The outcome {outcome.name!r} is of no day: a run has {self.days}. Change its days.")

    def _goes_on(self, scenario: Scenario) -> bool:
        """Return whether a point takes over the burnt-in market of the base."""
        same = scenario.population == self.base.population and scenario.calendar == self.base.calendar
        names = [mechanism.name for mechanism in self.base.mechanisms]
        return self.shared_burn_in and same and [mechanism.name for mechanism in scenario.mechanisms] == names


def named(factors: Sequence[Factor], outcomes: Sequence[Outcome]) -> list[str]:
    """Return the names of all programs that options of factors add, or that effects are of."""
    options = [option for factor in factors if isinstance(factor, Choice) for option in factor.options]
    effects = [outcome.of for outcome in outcomes if isinstance(outcome, Effect) and outcome.of != PROGRAMS]
    return [name for option in options for name in option.programs] + effects


def plain(value: Any) -> dict[str, Any]:
    """Return a factor, option or outcome in JSON types; classes by their path."""

    def told(inner: Any) -> Any:
        if isinstance(inner, type):
            return f"{inner.__module__}.{inner.__qualname__}"
        if isinstance(inner, StrEnum):
            return inner.value
        if isinstance(inner, Mapping):
            return {str(key): told(item) for key, item in inner.items()}
        if isinstance(inner, list | tuple):
            return [told(item) for item in inner]
        return inner

    found: dict[str, Any] = told(asdict(value))
    return found


def _told(factor: Factor) -> dict[str, Any]:
    """Return a factor as a file would have it."""
    said = plain(factor)
    kept = ("low", "high", "distribution", *SHAPE.get(factor.distribution, ())) if isinstance(factor, Number) else ()
    return {key: said[key] for key in kept or ("options",)}


def _outcome(outcome: Outcome) -> dict[str, Any]:
    said = plain(outcome)
    return {"effect": said.pop("metric"), **said} if isinstance(outcome, Effect) else said


def _refuse_mixed(factor: Factor) -> None:
    """Refuse options of which a table could not have one column."""
    if isinstance(factor, Choice):
        kinds = {"number" if type(o.value) in (int, float) else type(o.value).__name__ for o in factor.options}
        if len(kinds) > 1 or not kinds <= {"number", "bool", "str"}:
            values = ", ".join(repr(option.value) for option in factor.options)
            raise ScenarioError(f"{factor.name}: its values {values} are not all numbers, all words or all true/false.")
        if len({option.value for option in factor.options}) < len(factor.options):
            raise ScenarioError(f"{factor.name} has an option twice. Keep one.")


def _refuse_repeated(what: str, names: list[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise ScenarioError(f"The {what} {name!r} is there twice. Keep one, or give one a name of its own.")
    if not names:
        raise ScenarioError(f"The study has no {what}. Name at least one.")
