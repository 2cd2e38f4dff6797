"""What a randomised evaluation would say, where a lot decides who may take part.

    effect on a taker = (mean of those who may - mean of those who may not) / (difference of their shares of takers)

The estimator of Wald (1940): the lot is the instrument. It is right up to interference, by which those who may not lose
to those who may; the twin says by how much.
"""

from typing import Any

import numpy as np

from experiments.whatif.audit import by_day
from experiments.whatif.world import World
from sim.tables import NEVER, Column

LEAST = 10  # people on each side of the lot


def lottery(arm: World, base: World, days: int) -> dict[str, dict[str, Any]]:
    """Return by program and side: the estimate for a taker and its standard error, and the twin's, as shares."""
    found = {}
    for title, program in arm.programs.items():
        for side in ("creators", "sellers"):
            drawn = program.get(f"drawn_{side}")
            if drawn is not None and min(drawn.sum(), (~drawn).sum()) >= LEAST and (program[side] != NEVER).any():
                found[f"{title}, {side}"] = _wald(arm, base, side, drawn, program[side], days)
    return found


def _wald(arm: World, base: World, side: str, drawn: Column, since: Column, days: int) -> dict[str, Any]:
    start = int(since.min())
    mine, twin = (by_day(world, side)[:, start:days].sum(axis=1).astype(np.float64) for world in (arm, base))
    took = (since < days).astype(np.float64)
    share = took[drawn].mean() - took[~drawn].mean()
    effect = (mine[drawn].mean() - mine[~drawn].mean()) / share
    spread = np.sqrt(sum(np.var(mine[of], ddof=1) / of.sum() for of in (drawn, ~drawn))) / share
    without = float(twin[took > 0].mean())
    return {
        "may": int(drawn.sum()),
        "may_not": int((~drawn).sum()),
        "estimate": _share(effect, without),
        "error": _share(spread, without),
        "truth": _share(float(mine[took > 0].mean()) - without, without),
    }


def _share(part: float, whole: float) -> float:
    return float(part) / whole if whole else float("nan")
