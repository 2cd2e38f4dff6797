"""Funding: no program pays more than its budget, and who gets the last rupiah is fixed by rule."""

import numpy as np
import pytest

from sim.mechanism import left
from sim.mechanisms.funding import Funding, turns
from sim.state import Dues, Status
from sim.tables import NEVER
from tests.small import PRICE, market, morning, put_orders

N = 40
SUBSIDY, TOP_UP, SHIPPING = 20_000, 3_000, 1_000


def owed(budgets, wallet=10**7, programs=None, seed=1):
    """Return the day on which each program in turn owes the same for each of N orders, once it is funded."""
    state = market(users=N, creators=1)
    state.users.wallet[:] = wallet
    state.books.programs = np.zeros(len(budgets), np.int64)
    state.books.spent_up = np.full(len(budgets), NEVER, np.int32)
    today = morning(state, seed=seed)
    today.levers.budgets[:] = budgets
    orders = put_orders(today, np.arange(N), 0)
    dues = Dues.empty(N * len(budgets))
    dues.order[:], dues.program[:] = np.arange(len(dues)) % N, np.arange(len(dues)) // N
    dues.subsidy[:], dues.top_up[:], dues.shipping[:] = SUBSIDY, TOP_UP, SHIPPING
    for column, amount in (("subsidy", SUBSIDY), ("top_up", TOP_UP)):
        getattr(orders, column)[:] = amount * len(budgets)
    orders.shipping[:] = 5_000 - SHIPPING * len(budgets)
    today.flows.dues = dues
    Funding().step(today)
    return today


def paid(today, program):
    """Return what a program pays for orders that are made."""
    dues = today.flows.dues
    mine = (dues.program == program) & (today.flows.orders.status[dues.order] == Status.OPEN)
    return int((dues.subsidy + dues.top_up + dues.shipping)[mine].sum())


EACH = SUBSIDY + TOP_UP + SHIPPING


@pytest.mark.parametrize("budget", [0, 1, EACH - 1, EACH, EACH + 1, 7 * EACH + 5, N * EACH - 1])
def test_a_program_pays_for_as_many_orders_as_its_budget_allows(budget):
    today = owed([budget])
    assert paid(today, 0) == budget // EACH * EACH
    assert today.state.books.spent_up.tolist() == [today.counter]


def test_a_program_that_can_pay_all_goes_on():
    today = owed([N * EACH])
    assert paid(today, 0) == N * EACH and left(today, 0) == 0
    assert today.state.books.spent_up.tolist() == [NEVER]


def test_who_is_paid_is_fixed_by_hash():
    today = owed([7 * EACH])
    funded = np.flatnonzero(today.flows.orders.subsidy)
    assert funded.tolist() == sorted(turns(today)[:7].tolist())
    assert funded.tolist() != np.flatnonzero(owed([7 * EACH], seed=2).flows.orders.subsidy).tolist()


def test_who_is_told_that_the_voucher_is_used_up_pays_the_full_price():
    today = owed([7 * EACH])
    orders = today.flows.orders
    without = orders.subsidy == 0
    assert without.sum() == N - 7 and not orders.top_up[without].any()
    assert set(orders.shipping[without]) == {5_000} and set(orders.shipping[~without]) == {4_000}
    assert set(orders.status) == {Status.OPEN}


def test_who_cannot_pay_the_full_price_leaves():
    today = owed([7 * EACH], wallet=PRICE - SUBSIDY + 4_000)
    orders = today.flows.orders
    assert (orders.status == Status.SOLD_OUT).sum() == N - 7
    assert not orders.subsidy[orders.status == Status.SOLD_OUT].any()


def test_what_is_not_bought_for_want_of_one_voucher_costs_the_other_nothing():
    today = owed([7 * EACH, N * EACH], wallet=PRICE - 2 * SUBSIDY + 3_000)
    assert paid(today, 1) == 7 * EACH and left(today, 1) == (N - 7) * EACH
    assert today.state.books.spent_up.tolist() == [today.counter, NEVER]


def test_programs_do_not_pay_for_each_other():
    together, alone = owed([7 * EACH, 9 * EACH]), owed([9 * EACH])
    assert (paid(together, 0), paid(together, 1)) == (7 * EACH, 9 * EACH)
    assert paid(alone, 0) == paid(together, 1)


def test_a_program_that_has_spent_its_budget_has_nothing_left():
    today = owed([7 * EACH + 5])
    assert left(today, 0) == 0
