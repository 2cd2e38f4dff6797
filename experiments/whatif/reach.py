"""How far an effect reaches: whose days differ between twins, and how soon."""

import numpy as np

from experiments.whatif.world import World
from sim.tables import Column

#: Days of the table; the last day of a run is added.
DAYS = (1, 7, 14, 28, 42, 180, 365)


def reach(arm: World, base: World) -> dict[str, dict[int, float]]:
    """Return by day the share of users, creators and sellers whose orders have ever differed until then."""
    whose = {"users": "user", "creators": "host", "sellers": "seller"}
    found = {}
    for side, column in whose.items():
        first = _first_difference(arm.orders, base.orders, column, len(arm.people[side]["id"]))
        days = [day for day in (*DAYS, arm.days) if day <= arm.days]
        found[side] = {day: float(np.mean(first < day)) if len(first) else 0.0 for day in sorted(set(days))}
    return found


def same_day(arm: World, base: World) -> dict[int, float]:
    """Return by day the share of those who buy on it, in one world or both, whose order of that day differs."""
    found = {}
    for day in sorted({day for day in (*DAYS, arm.days) if day <= arm.days}):
        mine, theirs = (_of_day(world.orders, day - 1) for world in (arm, base))
        buyers = set(mine) | set(theirs)
        differ = sum(mine.get(user) != theirs.get(user) for user in buyers)
        found[day] = differ / len(buyers) if buyers else 0.0
    return found


def _of_day(orders: dict[str, Column], day: int) -> dict[int, tuple[int, int, int]]:
    rows = np.flatnonzero(orders["day"] == day)
    columns = (orders[name][rows].tolist() for name in ("user", "product", "host", "channel"))
    return {user: (product, host, channel) for user, product, host, channel in zip(*columns, strict=True)}


def _first_difference(one: dict[str, Column], other: dict[str, Column], column: str, n: int) -> Column:
    """Return the first day on which each one's orders differ, (n,); a large number if none."""
    first = np.full(n, np.iinfo(np.int32).max, np.int64)
    for mine, theirs in ((one, other), (other, one)):
        only = ~np.isin(_named(mine), _named(theirs))
        who = mine[column][only].astype(np.int64)
        known = (who >= 0) & (who < n)
        np.minimum.at(first, who[known], mine["day"][only][known].astype(np.int64))
    return first


def _named(orders: dict[str, Column]) -> Column:
    """Return a number for all that an order is, (n,)."""
    number = orders["day"].astype(np.uint64)
    for name in ("user", "product", "host", "channel"):
        number = (
            number * np.uint64(6_364_136_223_846_793_005)
            + orders[name].astype(np.int64).astype(np.uint64)
            + np.uint64(1)
        )
        number ^= number >> np.uint64(29)
    return number
