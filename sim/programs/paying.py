"""What programs owe apart from orders: never more than they have left."""

import numpy as np

from sim.flows import Bonus, Cost
from sim.mechanism import Today, left
from sim.tables import Column


def pay_cost(today: Today, me: int, amount: int) -> None:
    """Let a program owe an amount to people outside, or as much as it has left."""
    can = min(amount, left(today, me))
    if can < amount:
        today.flows.exhausted.add(me)
    today.flows.costs.append(Cost(me, can))


def pay_bonus(today: Today, me: int, hosts: Column, amounts: Column, turn: Column) -> None:
    """Let a program owe ``amounts`` (n,) to ``hosts`` (n,), in the order of their ``turn`` as long as it can."""
    order = np.argsort(turn, kind="stable")
    running = np.cumsum(amounts[order], dtype=np.int64)
    paid = order[running <= left(today, me)]
    if len(paid) < len(order):
        today.flows.exhausted.add(me)
    today.flows.bonuses.append(Bonus(me, hosts[paid], amounts[paid].astype(np.int64)))
