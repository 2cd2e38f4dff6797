"""``whatif(base, arms, seeds)``: what would it really do?"""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from experiments.whatif.arms import LEAST, Arm
from experiments.whatif.assumptions import ASSUMPTIONS, SIGMA, variants
from experiments.whatif.effects import Effects, gather
from experiments.whatif.intervals import seeds_needed
from experiments.whatif.pairs import Job, live
from sim.entries import close_to
from sim.errors import ScenarioError
from sim.inputs import provinces
from sim.programs.campaign import Timed
from sim.recorder import Recorder
from sim.scenario import Scenario

FIRST_STAGE = 20  # seeds that tell the spread, before it is decided how many more are needed
MOST_SEEDS = 1_000
Progress = Callable[[int, int], None] | None


def whatif(
    base: Scenario,
    arms: Sequence[Arm],
    *,
    seeds: int = 5,
    days: int | None = None,
    until: float | None = None,
    metric: str = "gmv",
    budget: int | None = None,
    ranges: bool = True,
    apart: bool = False,
    workers: int = 1,
    least: int = LEAST,
    progress: Progress = None,
) -> Effects:
    """Simulate every arm beside the base, as twins, and gather what differs.

    Parameters
    ----------
    base, arms : what is compared.
    seeds : worlds, each with other people, another burn-in and other days.
    days : horizon; a week more is simulated for orders that are only moved in time.
    until : add seeds until the 95 % interval of the effect on ``metric`` is narrower than this share of its base.
    budget : most that each arm may spend [Rp of the whole market], so that arms are compared at equal cost.
    ranges : also ask ten assumptions at their low and high ends (with the first seed).
    apart : also simulate each arm in another history, to compare twins with independent worlds.
    workers : processes, one thread each; the result is the same.
    least : agents that an arm must treat.

    Raises
    ------
    ScenarioError : an arm does not fit the base, or treats fewer than ``least`` agents.
    """
    days = base.days if days is None else days
    _check(base, days, metric)
    arms = tuple(arms if budget is None else _at_cost(base, arms, budget, days))
    first = max(seeds, FIRST_STAGE) if until else seeds
    jobs = [Job(base, arms, days, base.seed + k, apart=apart) for k in range(first)]
    asked = _asked(base, arms, days) if ranges else []
    tell = _Count(progress, len(jobs) + len(asked))
    done = list(_all(jobs, workers, tell))
    _refuse_few(done[0], arms, base, least)
    while until and (more := min(_missing(done, arms, metric, until, first), MOST_SEEDS) - len(done)) > 0:
        tell.total += more
        done += _all(
            [Job(base, arms, days, base.seed + len(done) + k, apart=apart) for k in range(more)], workers, tell
        )
    wide = list(_all([job for _, _, job in asked], workers, tell))
    answers = [(path, end, answer) for (path, end, _), answer in zip(asked, wide, strict=True)]
    found = gather(base, arms, days, done, answers, first if until else None)
    found.whole["call"] = {"seeds": seeds, "until": until, "metric": metric, "budget": budget, "ranges": ranges,
                           "apart": apart, "set": []}  # fmt: skip
    return found


def _check(base: Scenario, days: int, metric: str) -> None:
    """Refuse, before anything is simulated, a horizon without days and a metric that is none."""
    if days < 1:
        raise ScenarioError(f"A what-if of {days} days compares nothing. Give --days 1 or more.")
    known = Recorder(base.population.market().names, provinces().names).declared()
    if metric not in known:
        raise ScenarioError(f"There is no metric {metric!r} to wait for. {close_to(metric, known)}")


class _Count:
    """Counts what is done."""

    def __init__(self, progress: Progress, total: int) -> None:
        self.progress, self.done, self.total = progress, 0, total

    def __call__(self) -> None:
        self.done += 1
        if self.progress:
            self.progress(self.done, self.total)


def _all(jobs: Sequence[Job], workers: int, tell: "_Count") -> Iterator[dict[str, Any]]:
    """Yield what came of each job, in order."""
    if workers == 1 or len(jobs) < 2:
        for job in jobs:
            yield live(job)
            tell()
        return
    from joblib import Parallel, delayed

    for answer in Parallel(n_jobs=workers, return_as="generator")(delayed(live)(job) for job in jobs):
        yield answer
        tell()


def _asked(base: Scenario, arms: Sequence[Arm], days: int) -> list[tuple[str, str, Job]]:
    """Return a job for each end of each assumption: base and arms with it, from day 0 on."""
    found = []
    by_arm = [dict(((path, end), s) for path, end, s in variants(arm.scenario)) for arm in arms]
    for path, end, scenario in variants(base):
        changed = tuple(
            Arm(arm.name, ends[path, end], arm.twin, arm.stories)
            for arm, ends in zip(arms, by_arm, strict=True)
            if arm.twin
        )
        found.append((path, end, Job(scenario, changed, days, base.seed, full=False, noise=False, origin=base)))
    return found


def _missing(done: Sequence[dict[str, Any]], arms: Sequence[Arm], metric: str, until: float, first: int) -> int:
    """Return how many seeds are needed for the interval of the arm that varies most."""
    if metric not in done[0]["base"]:
        raise ScenarioError(f"The metric {metric!r} has no mean over days. Wait for another.")
    level = math.fsum(seed["base"][metric] for seed in done) / len(done)
    need = [
        seeds_needed(
            [s["arms"][arm.name]["metrics"][metric] - s["base"][metric] for s in done], until * level / 2, first
        )
        for arm in arms
    ]
    return max(need)


def _refuse_few(seed: dict[str, Any], arms: Sequence[Arm], base: Scenario, least: int) -> None:
    for arm in arms:
        programs = seed["arms"][arm.name]["programs"].values()
        heads = [sum(p.get(side, 0) for side in ("users", "creators", "sellers")) for p in programs]
        counted = [n for n, p in zip(heads, programs, strict=True) if {"users", "creators"} & set(p)]
        if counted and max(counted) < least:
            raise ScenarioError(
                f"{arm.name!r} treats {max(counted)} agents in {base.name!r}; fewer than {least} say nothing."
                f" Choose a base at a smaller population.scale, or a larger program."
            )


def _at_cost(base: Scenario, arms: Sequence[Arm], budget: int, days: int) -> list[Arm]:
    """Return the arms with ``budget`` shared out among their programs, in proportion to what they would spend."""
    if budget < base.population.scale:
        raise ScenarioError(f"--budget Rp{budget:,} is less than one rupiah of each agent. Give more.")
    free = live(Job(base, tuple(arms), days, base.seed, full=False, noise=False))
    found = []
    for arm in arms:
        spent = {title: program["spent"] for title, program in free["arms"][arm.name]["programs"].items()}
        whole = max(1, sum(spent.values()))
        programs = tuple(
            program.but(budget=min(program.budget, budget * spent[program.title] // whole))
            if isinstance(program, Timed) and spent[program.title]
            else program
            for program in arm.scenario.programs
        )
        found.append(Arm(arm.name, arm.scenario.but(programs=programs), arm.twin, arm.stories))
    return found


__all__ = ["ASSUMPTIONS", "SIGMA", "Effects", "whatif"]
