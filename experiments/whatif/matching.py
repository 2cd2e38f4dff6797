"""Orders of two worlds, matched user by user.

    1. the same user on the same day: the same order, or one that was moved to another seller, creator or channel
    2. the same user within ``NEAR`` days, the nearest first, one to one: an order moved in time
    3. what is left: new in one world, lost from the other

Nobody orders twice on a day, so the first pass is one to one by itself.
"""

import numpy as np
from numba import njit

from sim.tables import NOTHING, Column

NEAR = 28
#: What became of an order of the world with the program.
ANYWAY, OTHER_SELLER, OTHER_PRODUCT, OTHER_CREATOR, OTHER_CHANNEL, OTHER_DAY, NEW = range(7)
PARTS = ("anyway", "other seller", "other product", "other creator", "other channel", "other day", "new")


def match(arm: dict[str, Column], base: dict[str, Column]) -> tuple[Column, Column]:
    """Return the part each order of ``arm`` is, (n_arm,), and the order of ``base`` it is matched to, or NOTHING."""
    partner = np.full(len(arm["day"]), NOTHING, np.int64)
    mine, theirs = _keys(arm), _keys(base)
    if len(theirs):
        order = np.argsort(theirs, kind="stable")
        found = order[np.minimum(np.searchsorted(theirs[order], mine), len(theirs) - 1)]
        partner = np.where(theirs[found] == mine, found, NOTHING)
    part = np.where(partner == NOTHING, NEW, _same_day(arm, base, partner))
    _match_near(arm, base, partner)
    part[(part == NEW) & (partner != NOTHING)] = OTHER_DAY
    return part, partner


def _keys(orders: dict[str, Column]) -> Column:
    """Return a number for each user and day, (n,)."""
    return orders["user"].astype(np.int64) << 20 | orders["day"].astype(np.int64)


def _same_day(arm: dict[str, Column], base: dict[str, Column], partner: Column) -> Column:
    """Return what differs between orders of one user on one day; the first that does, from seller to channel."""
    if not len(base["day"]):
        return np.full(len(partner), NEW)
    theirs = {name: base[name][partner] for name in ("seller", "product", "host", "channel")}
    part = np.full(len(partner), ANYWAY)
    for name, what in (("channel", OTHER_CHANNEL), ("host", OTHER_CREATOR), ("product", OTHER_PRODUCT),
                       ("seller", OTHER_SELLER)):  # fmt: skip
        part[arm[name] != theirs[name]] = what
    return part


def _match_near(arm: dict[str, Column], base: dict[str, Column], partner: Column) -> None:
    """Match what is left within ``NEAR`` days, in place."""
    mine = np.flatnonzero(partner == NOTHING)
    taken = np.zeros(len(base["day"]), np.bool_)
    taken[partner[partner != NOTHING]] = True
    theirs = np.flatnonzero(~taken)
    mine = mine[np.lexsort((arm["day"][mine], arm["user"][mine]))]
    theirs = theirs[np.lexsort((base["day"][theirs], base["user"][theirs]))]
    near = match_lists(
        arm["user"][mine].astype(np.int64), arm["day"][mine].astype(np.int64),
        base["user"][theirs].astype(np.int64), base["day"][theirs].astype(np.int64), NEAR,
    )  # fmt: skip
    partner[mine] = np.where(near == NOTHING, NOTHING, theirs[near] if len(theirs) else NOTHING)


@njit(cache=True)
def match_lists(user: Column, day: Column, other_user: Column, other_day: Column, most: int) -> Column:
    """Return for each order (sorted by user and day) the nearest of the others of that user, or -1; one to one.

    Pairs are made in order of distance; of equals the earlier order comes first, and the earlier partner.
    """
    found = np.full(user.shape[0], -1, np.int64)
    taken = np.zeros(other_user.shape[0], np.bool_)
    begin = 0
    i = 0
    while i < user.shape[0]:
        end = i
        while end < user.shape[0] and user[end] == user[i]:
            end += 1
        while begin < other_user.shape[0] and other_user[begin] < user[i]:
            begin += 1
        stop = begin
        while stop < other_user.shape[0] and other_user[stop] == user[i]:
            stop += 1
        for distance in range(most + 1):
            for mine in range(i, end):
                for theirs in range(begin, stop):
                    near = abs(day[mine] - other_day[theirs]) == distance
                    if near and found[mine] == -1 and not taken[theirs]:
                        found[mine], taken[theirs] = theirs, True
        i, begin = end, stop
    return found
