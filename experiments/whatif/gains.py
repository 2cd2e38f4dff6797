"""Who gains and who loses: every creator, seller and user in both worlds, by group."""

from itertools import pairwise
from typing import Any

import numpy as np

from experiments.statistics import gini
from experiments.whatif.world import World
from sim.inputs import provinces
from sim.state import Size
from sim.tables import NEVER, Column

BANDS = ("lose more than 5 %", "lose", "none", "gain", "gain more than 5 %")
TIERS = (0, 12, 47, 150, 500)  # followers counted in slots; 47 stand for 600 real ones
TIER_NAMES = (*(f"{low} to {high - 1}" for low, high in pairwise(TIERS)), f"{TIERS[-1]} and more")
MONTH = 30
QUINTILES = 5


def gains(arm: World, base: World) -> dict[int, dict[str, Any]]:
    """Return by day who gained and who lost until then."""
    return {day: _at(arm, base, day) for day in arm.marks}


def _at(arm: World, base: World, day: int) -> dict[str, Any]:
    measures = {
        "creators": (arm.marks[day]["income"], base.marks[day]["income"]),
        "sellers": (arm.marks[day]["revenue"], base.marks[day]["revenue"]),
        "users": (_bought(arm, day), _bought(base, day)),
    }
    found: dict[str, Any] = {}
    for side, (mine, theirs) in measures.items():
        bands = band(mine, theirs)
        found[side] = {
            "all": _count(bands),
            "gini": [gini(theirs), gini(mine)],
            "groups": {
                name: {label: _count(bands[members]) for label, members in groups if members.any()}
                for name, groups in _groups(arm, side).items()
            },
        }
    found["creators"]["above_wage"] = [_above(base, day), _above(arm, day)]
    found["creators"]["mobility"] = mobility(*measures["creators"][::-1])
    return found


def band(mine: Column, theirs: Column) -> Column:
    """Return the band of each, (n,): by what share ``mine`` is more than ``theirs``."""
    change = (mine - theirs) / np.maximum(theirs, 1)
    return np.select([change < -0.05, change < 0, change == 0, change <= 0.05], [0, 1, 2, 3], 4)


def _count(bands: Column) -> list[int]:
    return [int(k) for k in np.bincount(bands, minlength=len(BANDS))]


def _bought(world: World, day: int) -> Column:
    """Return what each user bought and kept until a day [Rp]."""
    orders, out = world.orders, np.zeros(len(world.people["users"]["id"]), np.int64)
    now = (orders["day"] < day) & orders["kept"]
    np.add.at(out, orders["user"][now], orders["price"][now])
    return out


def _groups(world: World, side: str) -> dict[str, list[tuple[str, Column]]]:
    """Return the groups of a side: name, then label and members."""
    people, n = world.people[side], len(world.people[side]["id"])
    found = {"province": [(name, people["province"] == code) for code, name in enumerate(provinces().names)]}
    if side == "users":
        found["income decile"] = [(str(k + 1), people["income_decile"] == k) for k in range(10)]
    if side == "creators":
        tier = np.searchsorted(TIERS, people["followers"], side="right") - 1
        found["followers"] = [(name, tier == k) for k, name in enumerate(TIER_NAMES)]
        found["inclusion"] = _yes_no(people["inclusion"])
    if side == "sellers":
        found["size"] = [(size.name.lower(), people["size"] == size) for size in Size]
        found["local"] = _yes_no(people["local"])
    if side != "sellers":
        found["student"] = _yes_no(people["student"])
    treated = np.zeros(n, np.bool_)
    for program in world.programs.values():
        if side in program:
            treated |= program[side] != NEVER
    found["treated"] = _yes_no(treated)
    return found


def _yes_no(members: Column) -> list[tuple[str, Column]]:
    return [("yes", members.astype(np.bool_)), ("no", ~members.astype(np.bool_))]


def _above(world: World, day: int) -> float:
    """Return the share of creators paid more than the minimum wage of their province, of those paid anything."""
    income = world.marks[day]["income"]
    wage = provinces().wage(world.scenario.calendar.start.year)[world.people["creators"]["province"]]
    paid = income > 0
    return float(np.mean(income[paid] * MONTH > wage[paid] * day)) if paid.any() else 0.0


def mobility(before: Column, after: Column) -> list[list[int]]:
    """Return how many of each fifth by ``before`` are in each fifth by ``after``; who has nothing is not counted."""
    some = (before > 0) | (after > 0)
    table = np.zeros((QUINTILES, QUINTILES), np.int64)
    np.add.at(table, (_fifth(before[some]), _fifth(after[some])), 1)
    return [[int(k) for k in row] for row in table]


def _fifth(value: Column) -> Column:
    rank = np.argsort(np.argsort(value, kind="stable"), kind="stable")
    return np.minimum(rank * QUINTILES // max(1, len(value)), QUINTILES - 1)
