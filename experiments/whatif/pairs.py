"""One seed: the base and every arm, lived through by the same people with the same luck, and what became of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from experiments.whatif.additionality import TAIL, additionality
from experiments.whatif.arms import Arm
from experiments.whatif.audit import audit, panel
from experiments.whatif.gains import gains
from experiments.whatif.lottery import lottery
from experiments.whatif.reach import reach, same_day
from experiments.whatif.world import MARKS, World, simulate
from sim.programs.nudge import Nudge
from sim.scenario import Scenario
from sim.tables import NEVER

#: Drawn day by day in reports.
SERIES = ("gmv", "gmv_video", "gmv_live", "gmv_search", "orders", "subsidies", "creators_active", "local_share")
#: The program that moves the luck of a few and nothing else: what it changes is the noise floor.
NUDGE = Nudge(label="noise floor", take_up=0.01, by=0.01)


@dataclass(frozen=True)
class Job:
    """What is simulated with one seed."""

    base: Scenario
    arms: tuple[Arm, ...]
    days: int
    seed: int
    full: bool = True  # else metrics and additionality only
    noise: bool = True  # also the noise floor
    apart: bool = False  # also each arm in another history: what independent worlds would tell
    origin: Scenario | None = None  # whose burnt-in market base and twins go on from


def live(job: Job, tell: Callable[[int], None] = lambda day: None) -> dict[str, Any]:
    """Simulate all worlds of one seed; return what is compared, in plain numbers."""
    days, marks = job.days + TAIL, sorted({*(day for day in MARKS if day < job.days), job.days})
    base_scenario = job.base.but(seed=job.seed)
    origin = None if job.origin is None else job.origin.but(seed=job.seed)
    base = simulate(base_scenario, days, origin, tell, marks)
    found: dict[str, Any] = {"seed": job.seed, "base": _means(base, job.days), "series": _series(base), "arms": {}}
    for arm in job.arms:
        scenario = arm.scenario.but(seed=job.seed)
        start = (origin or base_scenario) if arm.twin else None
        world = simulate(scenario, days, start, tell, marks)
        found["arms"][arm.name] = compared(world, base, job, arm.twin)
        if job.apart:
            other = simulate(scenario.but(history=job.seed + 1), days, start, tell, marks)
            found["arms"][arm.name]["apart"] = {**_means(other, job.days), **_of_treated(world, other, job.days)}
    if job.noise:
        noisy = base_scenario.but(programs=(*base_scenario.programs, NUDGE))
        world = simulate(noisy, days, origin, tell, marks)
        found["noise"] = {**_means(world, job.days), **_of_treated(world, world, job.days)}
        found["noise_base"] = _of_treated(world, base, job.days)
    return found


def compared(arm: World, base: World, job: Job, twin: bool) -> dict[str, Any]:
    """Return what differs between an arm and the base; of another market, which has other people, figures alone."""
    found: dict[str, Any] = {
        "metrics": {**_means(arm, job.days), **(_of_treated(arm, arm, job.days) if twin else {})},
        "base": _of_treated(arm, base, job.days) if twin else {},
        "additionality": additionality(arm, base, job.days) if twin else None,
        "programs": {title: _summed(program) for title, program in arm.programs.items()},
        "series": _series(arm),
    }
    if job.full and twin:
        found |= {
            "gains": gains(arm, base),
            "audit": {side: audit(panel(arm, base, side)) for side in ("sellers", "creators")},
            "lottery": lottery(arm, base, job.days),
            "reach": reach(arm, base),
            "same_day": same_day(arm, base),
        }
    return found


def _means(world: World, days: int) -> dict[str, float]:
    """Return the mean of every metric over the horizon."""
    counted = {name: column[:days] for name, column in world.metrics.items()}
    return {name: float(np.nanmean(column)) for name, column in counted.items() if _is_mean(name, column)}


def _is_mean(name: str, column: Any) -> bool:
    return name not in ("day", "date") and "." not in name and column.dtype.kind in "if" and not np.isnan(column).all()


def _of_treated(arm: World, world: World, days: int) -> dict[str, float]:
    """Return what those who take part in ``arm`` earned or sold in ``world``, a day [Rp/day]."""
    found = {}
    mark = max(day for day in world.marks)
    for side, measure in (("creators", "income"), ("sellers", "revenue")):
        rows = np.zeros(len(arm.people[side]["id"]), np.bool_)
        for program in arm.programs.values():
            if side in program:
                rows |= program[side] != NEVER
        if rows.any():
            found[f"treated_{side}_{measure}"] = float(world.marks[mark][measure][rows].sum()) / mark
    return found


def _series(world: World) -> dict[str, list[float]]:
    return {name: [float(x) for x in world.metrics[name]] for name in SERIES}


def _summed(program: dict[str, Any]) -> dict[str, Any]:
    """Return what a program spent, when it ended, and how many took part."""
    return {
        "spent": program["spent"],
        "ended": program["ended"],
        **{side: int((program[side] != NEVER).sum()) for side in ("users", "creators", "sellers") if side in program},
    }
