"""Additionality: what of a program's gross sales is new, what was moved, what would have happened anyway.

    gross = anyway + moved (other seller, product, creator, channel, day) + new        exactly, in orders and in rupiah
    net   = GMV less returns of the world with the program - that of its twin          over the days and a week more

Gross are the sales that a press release would count: orders with a voucher, orders of creators or sellers who take
part, and all orders where a program is for all.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from experiments.whatif.matching import PARTS, match
from experiments.whatif.world import World
from sim.state import Channel, Size
from sim.tables import NEVER, NOTHING, Column

TAIL = 7  # days after the horizon whose orders still count for the net
OWN_ACCOUNT = 1 << 31


def additionality(arm: World, base: World, days: int) -> dict[str, Any]:
    """Return the parts of gross sales over ``days``, those of everybody else beside, and where sales came from."""
    part, partner = match(arm.orders, base.orders)
    in_time = arm.orders["day"] < days
    gross = treated_orders(arm) & in_time
    else_where = ~treated_users(arm, gross)[arm.orders["user"]] & in_time
    lost = np.ones(len(base.orders["day"]), np.bool_)
    lost[partner[partner != NOTHING]] = False
    lost &= base.orders["day"] < days
    return {
        "gross": _parts(arm, part, gross),
        "floor": _parts(arm, part, else_where),
        "lost": {"orders": int(lost.sum()), "gmv": int(base.orders["price"][lost].sum())},
        "net": net(arm, base, days + TAIL),
        "displaced": {name: _matrix(arm, base, partner, gross, name) for name in KINDS},
    }


def treated_orders(world: World) -> Column:
    """Return which orders a press release would call the programs', (n_orders,) bool: those of any of them."""
    orders, found = world.orders, np.zeros(len(world.orders["day"]), np.bool_)
    people = [program for program in world.programs.values() if "creators" in program or "users" in program]
    if len(people) < len(world.programs):
        return np.ones(len(found), np.bool_)
    for program in people:
        if "users" in program:
            found |= (program["users"][orders["user"]] <= orders["day"]) & (orders["subsidy"] > 0)
            continue
        found |= program["sellers"][orders["seller"]] <= orders["day"]
        by_creator = (orders["host"] >= 0) & (orders["host"] < OWN_ACCOUNT)
        creator = np.where(by_creator, orders["host"], 0)
        found |= by_creator & (program["creators"][creator] <= orders["day"])
    return found


def treated_users(world: World, gross: Column) -> Column:
    """Return who takes part, or bought something of the program, (n_users,) bool."""
    found = np.zeros(len(world.people["users"]["id"]), np.bool_)
    found[world.orders["user"][gross]] = True
    for program in world.programs.values():
        if "users" in program:
            found |= program["users"] != NEVER
    return found


def _parts(world: World, part: Column, which: Column) -> dict[str, dict[str, int]]:
    orders = np.bincount(part[which], minlength=len(PARTS))
    gmv = [int(world.orders["price"][which & (part == k)].sum()) for k in range(len(PARTS))]
    return {name: {"orders": int(orders[k]), "gmv": gmv[k]} for k, name in enumerate(PARTS)}


def net(arm: World, base: World, days: int) -> dict[str, int]:
    """Return by how much the worlds differ over some days: orders, GMV net of returns, incomes [Rp]."""
    found = {}
    for name, of in NET.items():
        found[name] = int(of(arm)[arm.orders["day"] < days].sum()) - int(of(base)[base.orders["day"] < days].sum())
    return found


def _of_umkm(world: World) -> Column:
    return world.people["sellers"]["size"][world.orders["seller"]] <= Size.MEDIUM


NET: dict[str, Callable[[World], Column]] = {
    "orders": lambda w: np.ones(len(w.orders["day"]), np.int64),
    "gmv": lambda w: w.orders["price"] * w.orders["kept"],
    "creator_income": lambda w: (w.orders["commission"] + w.orders["top_up"]) * w.orders["kept"],
    "umkm_margin": lambda w: w.orders["margin"] * w.orders["kept"] * _of_umkm(w),
    "seller_margin": lambda w: w.orders["margin"] * w.orders["kept"],
}

KINDS: dict[str, tuple[tuple[str, ...], Callable[[World], Column]]] = {
    "channel": (tuple(channel.name.lower() for channel in Channel), lambda w: w.orders["channel"]),
    "size": (tuple(size.name.lower() for size in Size), lambda w: w.people["sellers"]["size"][w.orders["seller"]]),
    "origin": (("imported", "local"), lambda w: w.people["products"]["local"][w.orders["product"]].astype(np.int64)),
}


def _matrix(arm: World, base: World, partner: Column, gross: Column, name: str) -> dict[str, Any]:
    """Return rupiah of gross orders, by where they would have been spent (rows; the last: nowhere) and were."""
    names, kind_of = KINDS[name]
    here, there = kind_of(arm)[gross], np.full(int(gross.sum()), len(names))
    matched = partner[gross] != NOTHING
    there[matched] = kind_of(base)[partner[gross][matched]]
    table = np.zeros((len(names) + 1, len(names)), np.int64)
    np.add.at(table, (there, here), arm.orders["price"][gross])
    return {"from": [*names, "new"], "to": list(names), "gmv": table.tolist()}
