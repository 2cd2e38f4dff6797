"""What a study must not ask, because one part of it would silently undo or ignore another."""

import itertools
from collections.abc import Iterator, Sequence

from experiments.study.factors import Factor, Number
from experiments.study.named_programs import Own, titles_of
from experiments.study.outcomes import PROGRAMS, Effect, Outcome
from sim.errors import ScenarioError
from sim.scenario import WORDS, Scenario

#: What a scenario says at its top, but a study says itself.
ELSEWHERE = {
    "days": "All runs of a study have the same days. Write 'days: N' at the top of the study",
    "seed": "All points have the same seeds. Write 'replicates: N' at the top of the study",
    **dict.fromkeys(WORDS, "It changes nothing that is simulated. Leave it out"),
}

Part = tuple[str, ...]  # what a factor decides: a path in pieces, a mechanism, a program


def refuse_clashes(base: Scenario, factors: Sequence[Factor], outcomes: Sequence[Outcome], own: Own) -> None:
    """Refuse factors that are never applied or overwrite each other, and effects of what is there already.

    Raises
    ------
    ScenarioError : one line that says which, and what to do.
    """
    decided = {factor.name: list(dict.fromkeys(_decided(factor, own))) for factor in factors}
    for name, parts in decided.items():
        for part in parts:
            _refuse_ignored(name, part, base)
    for (one, mine), (other, its) in itertools.combinations(decided.items(), 2):
        for a, b in itertools.product(mine, its):
            if a[: len(b)] == b[: len(a)]:
                what = _called(max(a, b, key=len))
                raise ScenarioError(f"{one} and {other} both decide about {what}. Leave it to one of them.")
    for outcome in outcomes:
        if isinstance(outcome, Effect) and outcome.of != PROGRAMS:
            _refuse_known_effect(outcome, base, decided, own)


def _decided(factor: Factor, own: Own) -> Iterator[Part]:
    """Yield all that a factor decides about, whatever its value."""
    if isinstance(factor, Number):
        yield _pieces(factor.path)
        return
    for option in factor.options:
        yield from map(_pieces, option.set)
        yield from (("program", title) for name in option.programs for title in titles_of(name, own))
        kinds = (*option.mechanisms, *option.after.values())
        yield from (("mechanism", kind.model_construct().name) for kind in kinds)


def _pieces(path: str) -> Part:
    return ("value", *path.split("."))


def _called(part: Part) -> str:
    kind, *name = part
    return ".".join(name) if kind == "value" else f"the {kind} {name[0]!r}"


def _refuse_ignored(name: str, part: Part, base: Scenario) -> None:
    """Refuse a path that a study sets itself, or that would be looked for in vain at the points."""
    if part[0] != "value":
        return
    of_whom = "" if part[1] == name else f"{name}: "
    if part[1] in ELSEWHERE:
        raise ScenarioError(f"{of_whom}{part[1]!r} is no factor. {ELSEWHERE[part[1]]}.")
    titles = [program.title for program in base.programs]
    if part[1] == "programs" and len(part) > 2 and part[2].isdecimal() and part[2] not in titles:
        path = ".".join(part[1:])
        raise ScenarioError(
            f"{of_whom}{path!r} names a program by its number, which is another at other points. Give it a label in the"
            " base, and write that."
        )


def _refuse_known_effect(outcome: Effect, base: Scenario, decided: dict[str, list[Part]], own: Own) -> None:
    """Refuse the effect of a program that some point has anyway: there it would be 0."""
    there = {program.title: f"the base {base.name!r}" for program in base.programs}
    there |= {part[1]: name for name, parts in decided.items() for part in parts if part[0] == "program"}
    for title in titles_of(outcome.of, own):
        if title in there:
            raise ScenarioError(
                f"{outcome.name!r} is the effect of {outcome.of!r}, but {there[title]} already adds its program"
                f" {title!r}. Write 'of: {PROGRAMS}', the effect of all that a point has, or leave one of both out."
            )
