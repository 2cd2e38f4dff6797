"""Nothing is made of nothing: money, goods and attention, in whatever market hypothesis thinks of."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from sim.flows import Bonus, Total
from sim.ledger import accounts
from sim.levers import Shipping, TopUp, Voucher
from sim.market import Market
from sim.mechanism import Program
from sim.scenario import load
from sim.state import Channel, Status

DAYS = 10


class Generous(Program):
    """Pay parts of prices, of shipping, of commissions, and bonuses to some hosts."""

    price: float = 0.3
    commission: float = 0.05
    postage: float = 0.5
    bonus: int = 1_000

    def pull(self, today, me):
        users, creators = len(today.state.users), len(today.state.creators)
        local = today.state.products.local
        today.levers.vouchers.append(Voucher(me, np.full(users, self.price, np.float32), local))
        today.levers.top_ups.append(TopUp(me, np.full(creators, self.commission, np.float32)))
        today.levers.shipping.append(Shipping(me, self.postage))

    def bill(self, today, me):
        hosts = np.flatnonzero(today.flows.counts.hosts.clicks)
        today.flows.bonuses.append(Bonus(me, hosts, np.full(len(hosts), self.bonus)))


def somebody(changes):
    return any(value for name, value in changes.items() if name in PEOPLE)


def between(low, high):
    return some.floats(low, high, allow_nan=False)


PEOPLE = {f"population.{kind}" for kind in ("users", "creators", "potential_creators", "sellers", "potential_sellers")}
CHANGES = some.fixed_dictionaries(
    {
        "seed": some.integers(0, 2**40),
        "calendar.burn_in": some.integers(0, 2),
        "calendar.start": some.sampled_from(["2024-01-20", "2025-09-26", "2026-02-10"]),
        "population.users": some.sampled_from([0, 1, 60]),
        "population.creators": some.sampled_from([0, 1, 8]),
        "population.potential_creators": some.sampled_from([0, 3]),
        "population.sellers": some.sampled_from([0, 1, 8]),
        "population.potential_sellers": some.sampled_from([0, 3]),
        "population.budget_mean": some.sampled_from([0, 1_000, 300_000, 30_000_000]),
        "population.open_share": between(0, 1),
        "population.creators_live": between(0, 1),
        "population.sellers_live": between(0, 1),
        "population.stock_start": some.integers(0, 20),
        "mechanisms.purchase.a_0": between(-8, 4),
        "mechanisms.purchase.shipping": some.sampled_from([0, 5_000, 200_000]),
        "mechanisms.fulfilment.delivery": some.integers(0, 7),
        "mechanisms.fulfilment.escrow": some.integers(1, 9),
        "mechanisms.fulfilment.c_0": between(-10, 2),
        "mechanisms.terms.fee_2024": between(0, 0.5),
        "mechanisms.learning.commission_step": between(0, 0.1),
        "mechanisms.learning.imitate": between(0, 1),
        "mechanisms.rooms.flash": between(0, 0.9),
        "mechanisms.rooms.aside": between(0, 1),
        "mechanisms.supply.lead": some.integers(1, 5),
    }
).filter(somebody)
PROGRAMS = some.lists(
    some.builds(Generous, price=between(0, 0.9), commission=between(0, 0.5), postage=between(0, 1)), max_size=2
)


def units(market):
    """Return the units in stock and on their way, by product."""
    products = market.state.products
    return products.stock.astype(np.int64) + products.pipeline.sum(axis=1)


def by_product(market, orders):
    return np.bincount(orders.product, minlength=len(market.state.products))


def holds(changes, programs):
    """Run a market and hold every evening to what must hold; the books are checked by the market itself."""
    market = Market(load("village").with_values(changes).but(programs=tuple(programs)), keep=False)
    for _ in range(DAYS):
        before = units(market)
        market.step()
        state, flows = market.state, market.today.flows
        assert sum(int(account.holdings.sum()) for account in accounts(state).values()) == 0
        taken = flows.orders.take(flows.orders.status != Status.SOLD_OUT)
        back = flows.closed.take(flows.closed.status == Status.RETURNED)
        moved = flows.restocked - by_product(market, taken) + by_product(market, back)
        assert (units(market) == before + moved).all()
        assert (state.products.stock >= 0).all()
        assert (taken.fee + taken.commission <= taken.price).all() and (taken.subsidy <= taken.price).all()
        assert (taken.fee >= 0).all() and (taken.commission >= 0).all() and (taken.price > 0).all()
        totals = flows.counts.totals
        assert totals[Total.IMPRESSIONS] <= totals[Total.SLOTS]
        assert flows.counts.hosts.views.sum() == totals[Total.IMPRESSIONS]
        assert (taken.room >= 0).sum() == (taken.channel == Channel.LIVE).sum()
        assert len(flows.rooms) or not totals[Total.VISITS]
        assert len(np.unique(flows.orders.user)) == len(flows.orders)
    return market


@settings(max_examples=40)
@given(CHANGES, PROGRAMS)
def test_nothing_is_made_of_nothing(changes, programs):
    holds(changes, programs)


@pytest.mark.slow
@settings(max_examples=1_000)
@given(CHANGES, PROGRAMS)
def test_nothing_is_made_of_nothing_in_very_many_markets(changes, programs):
    holds(changes, programs)


def test_programs_do_pay_and_get_back():
    changes = {"population.users": 500, "calendar.burn_in": 0, "mechanisms.purchase.a_0": -2.0}
    market = holds(changes, [Generous(), Generous(price=0.1, bonus=7)])
    assert (market.state.books.programs < 0).all()
    lines = market.today.flows.settled
    assert {"subsidy: programs > escrow", "top-up: programs > escrow", "shipping: programs > outside"} <= set(lines)
    assert lines["return: escrow > programs"] > 0 and lines["return of shipping: outside > programs"] > 0
    assert lines["bonus: programs > creators"] > 0
