"""The headline "sellers who go LIVE sell 7 times as much", audited: a twin withholds LIVE, by lot, from half of all."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from experiments.results import Progress
from experiments.whatif.arms import arm
from experiments.whatif.audit import Panel, audit, by_day
from experiments.whatif.effects import audited
from experiments.whatif.world import World, simulate
from sim.scenario import Scenario, load
from sim.tables import NEVER

WITHHELD = "live-withheld"


def headline(base: Scenario, days: int, seeds: int, progress: Progress = None) -> pd.DataFrame:
    """Return the chain from press figure to effect for every pair of windows, geometric means over seeds."""
    withheld, rows = arm(base, WITHHELD, start=load(WITHHELD).but(programs=())), []
    for k in range(seeds):
        worlds = [simulate(s.but(seed=base.seed + k), days, marks_at=()) for s in (base, withheld.scenario)]
        rows.append(audit(adopters(*worlds)))
        if progress:
            progress(k + 1, seeds)
    return pd.DataFrame(audited(rows))


def adopters(free: World, withheld: World) -> Panel:
    """Return sales of sellers who start going LIVE, with it and, where a lot withheld it, without.

    Takers are those from whom it was withheld and who start in the free world; never-takers start in neither.
    """
    (program,) = withheld.programs.values()
    drawn = program["sellers"] != NEVER
    started = (free.live_since >= 0) & (free.live_since != NEVER)
    taken = np.where(drawn & started, free.live_since, NEVER)
    sales: dict[str, Any] = {name: by_day(world, "sellers") for name, world in (("free", free), ("held", withheld))}
    others = (free.live_since == NEVER) | (taken != NEVER)
    category = free.people["sellers"]["category"].astype(np.int64)
    panel = Panel(sales["free"], sales["held"], taken, category)
    return replace(panel, **{name: getattr(panel, name)[others] for name in ("with_it", "without", "taken", "alike")})
