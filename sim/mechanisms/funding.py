"""Funding: what programs can still pay of what they promised for today's orders.

    due_d is paid  while  spent so far + due_d <= budget,  in an order fixed by hash of buyer and product

A program that cannot pay a due in full has spent its budget: it pays none after it, on any day. Who is told at
checkout that a voucher is used up pays the full price, or leaves if the wallet does not allow it (assumed).
A top-up that is not paid leaves the creator the commission alone.
"""

import numpy as np
from numba import njit

from sim.layout import draw_words
from sim.mechanism import Mechanism, Phase, Today
from sim.rng import Stream
from sim.state import Status
from sim.tables import NEVER, Column


class Funding(Mechanism):
    """Hold each program to its budget."""

    phase = Phase.AFTER
    says = "programs pay what they promised, as long as their budgets last"

    def step(self, today: Today) -> None:
        flows, left = today.flows, purses(today)
        if not len(flows.dues) or np.all(promised(today, len(left)) <= left):
            return
        dues = flows.dues.take(np.argsort(flows.dues.order, kind="stable"))
        begin = np.searchsorted(dues.order, np.arange(len(flows.orders) + 1)).astype(np.int64)
        spent_up = today.state.books.spent_up
        ready = (spent_up == NEVER).astype(np.bool_)
        fund(turns(today), begin, dues.arrays, flows.orders.arrays, today.state.users.wallet, left, ready)
        spent_up[~ready & (spent_up == NEVER)] = today.counter
        flows.dues = dues


def purses(today: Today) -> Column:
    """Return what each program may still spend, (n_programs,) [Rp]."""
    books = today.state.books
    left: Column = np.where(books.spent_up == NEVER, today.levers.budgets + books.programs, 0)
    return left


def promised(today: Today, n_programs: int) -> Column:
    """Return what each program has promised for today's orders, (n_programs,) [Rp]."""
    dues, whole = today.flows.dues, np.zeros(n_programs, np.int64)
    np.add.at(whole, dues.program, dues.subsidy + dues.top_up + dues.shipping)
    return whole


def turns(today: Today) -> Column:
    """Return the orders of the day in the order in which programs pay for them, (n_orders,)."""
    orders = today.flows.orders
    users = today.state.users.id[orders.user]
    turn = draw_words(today.key(Stream.FUNDING_TURN), users, today.state.products.id[orders.product])[0]
    order: Column = np.lexsort((users, turn))
    return order


@njit(cache=True)
def fund(turn, begin, dues, orders, wallet, left, ready):
    """Cut dues that cannot be paid, in place; ``ready`` (n_programs,) tells who can still pay, ``left`` how much."""
    for o in turn:
        for d in range(begin[o], begin[o + 1]):
            program, due = dues.program[d], dues.subsidy[d] + dues.top_up[d] + dues.shipping[d]
            if due and (not ready[program] or due > left[program]):
                ready[program] = False
                orders.subsidy[o] -= dues.subsidy[d]
                orders.top_up[o] -= dues.top_up[d]
                orders.shipping[o] += dues.shipping[d]
                dues.subsidy[d] = dues.top_up[d] = dues.shipping[d] = due = 0
            left[program] -= due
        if orders.price[o] - orders.subsidy[o] + orders.shipping[o] > wallet[orders.user[o]]:
            orders.status[o] = Status.SOLD_OUT.value
            for d in range(begin[o], begin[o + 1]):
                left[dues.program[d]] += dues.subsidy[d] + dues.top_up[d] + dues.shipping[d]
