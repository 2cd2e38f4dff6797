"""What must hold of the whole market, whatever happens in it."""

import gc
import weakref

import mesa
import numpy as np
import pytest

from experiments.provenance import TABLES, as_ids, table_by_id
from sim.market import Market
from sim.mechanism import Mechanism, Phase, Program, insert_after
from sim.mechanisms import DAY
from sim.scenario import load
from sim.state import Status
from sim.tables import NOTHING

SMALL = ("calendar.burn_in=3", "population.users=400")
#: A market in which many buy on the first day.
KEEN = ("calendar.burn_in=0", "population.users=400", "mechanisms.purchase.a_0=-2")


class Nothing(Program):
    """Does nothing."""


class Loud(Program):
    """Moves every lever by nothing, and pays nobody."""

    def pull(self, today, me):
        today.levers.exposure *= 1.0
        today.levers.skill += 0.0
        today.levers.desire += 0.0

    def bill(self, today, me):
        assert today.flows.orders is not None


def grown(changes=SMALL, days=6, programs=(), **machine):
    """Return a market some days old."""
    market = Market(load("village", changes).but(programs=programs), keep=False, **machine)
    for _ in range(days):
        market.step()
    return market


def everything(market):
    """Return every column of results and metrics, by name."""
    found = {f"{t}.{name}": column for t in TABLES for name, column in table_by_id(market.state, t).items()}
    return found | market.recorder.columns()


def assert_same(one, other):
    a, b = everything(one), everything(other)
    assert a.keys() == b.keys()
    for name in a:
        np.testing.assert_array_equal(a[name], b[name], err_msg=name)


@pytest.mark.parametrize("machine", [{"threads": 2, "block": 64}, {"threads": 1, "block": 7}, {"threads": 3}])
def test_threads_and_blocks_change_nothing(machine):
    assert_same(grown(threads=1), grown(**machine))


@pytest.mark.parametrize("programs", [(Nothing(),), (Nothing(), Loud())])
def test_programs_that_move_nothing_change_nothing(programs):
    assert_same(grown(), grown(programs=programs))


def test_looking_changes_nothing():
    watched = Market(load("village", SMALL), keep=False)
    collector = mesa.DataCollector(model_reporters={"gmv": lambda m: m.recorder.row["gmv"], "day": "day"})
    for _ in range(6):
        watched.step()
        collector.collect(watched)
        watched.users.select(province=3).agg("wallet", sum)
    assert_same(grown(), watched)
    frame = collector.get_model_vars_dataframe()
    assert frame["gmv"].tolist() == watched.recorder.columns()["gmv"].tolist()
    assert frame["day"].tolist() == [1, 2, 3, 4, 5, 6]


def bought(market):
    """Return what each user ordered today, {id of the user: (id of the product, channel, price)}."""
    orders, state = market.today.flows.orders, market.state
    columns = (state.users.id[orders.user], state.products.id[orders.product], orders.channel, orders.price)
    return {u: (p, c, price) for u, p, c, price in zip(*(column.tolist() for column in columns), strict=True)}


def test_another_history_is_another_life_of_the_same_people():
    first, again, other = (grown((*KEEN, f"history={h}"), 1) for h in (0, 0, 7))
    assert_same(first, again)
    assert bought(first) != bought(other)
    for name in ("province", "propensity", "budget", "online"):
        assert np.array_equal(getattr(first.state.users, name), getattr(other.state.users, name))
    # the burn-in is shared: on the morning of day 0 there is no difference yet
    assert_same(*(Market(load("village", (*SMALL, f"history={h}")), keep=False) for h in (0, 7)))


#: Delivery and escrow of a twin, where those of its origin are 3 and 7 days.
OTHER_TERMS = [(1, 2), (0, 30), (7, 10)]


@pytest.mark.parametrize(("delivery", "escrow"), OTHER_TERMS)
def test_a_twin_delivers_once_and_pays_out_in_time_what_its_origin_sold(delivery, escrow):
    base = load("village", ("calendar.burn_in=9", *KEEN[1:]))
    values = {"mechanisms.fulfilment.delivery": delivery, "mechanisms.fulfilment.escrow": escrow, "history": 5}
    market = Market(base.with_values(values), origin=base, keep=False)
    sold = {parcel.day: int((parcel.orders.status == Status.OPEN).sum()) for parcel in market.state.parcels}
    rated, delivered = market.state.products.rating_count.sum(), []
    for day in range(9, 17):
        market.step()
        delivered.append(market.today.flows.delivered)
        assert {p.day for p in market.state.parcels if p.day < 9} == {old for old in sold if old < 9 and old + 7 > day}
        sold[day] = int((market.today.flows.orders.status != Status.SOLD_OUT).sum())
    due = {day: day + (3 if day < 9 else delivery) for day in sold}
    assert delivered == [sum(n for day, n in sold.items() if due[day] == today) for today in range(9, 17)]
    assert market.state.products.rating_count.sum() - rated == sum(delivered) > 100


def test_one_more_user_changes_nobody_elses_day():
    few, many = grown(KEEN, 1), grown((*KEEN[:1], "population.users=401", *KEEN[2:]), 1)
    before, after = bought(few), bought(many)
    assert len(before) > 20
    # one more person makes rooms scarcer for all: a visit of a LIVE room may differ, the feed may not
    after.pop(400, None)
    assert {u for u in before if before[u] != after.get(u)} <= live_visitors(few) | live_visitors(many)
    follows = [table_by_id(m.state, "users")["follows"][:400] for m in (few, many)]
    assert np.mean(np.any(follows[0] != follows[1], axis=1)) < 0.02


def live_visitors(market):
    """Return the ids of users who ordered from a LIVE room today."""
    orders = market.today.flows.orders
    return set(market.state.users.id[orders.user[orders.room != NOTHING]].tolist())


def test_a_smaller_market_has_the_same_people():
    few, many = (Market(load("village", (*SMALL[:1], f"population.users={n}")), keep=False) for n in (300, 400))
    small, large = (table_by_id(market.state, "users") for market in (few, many))
    for name in ("province", "interest", "interest_2", "activity", "online", "propensity", "budget", "payday"):
        np.testing.assert_array_equal(small[name], large[name][:300], err_msg=name)


class Dearer(Mechanism):
    """Raise the price of one product when all showcases, shelves and rooms are laid out."""

    phase = Phase.BEFORE
    says = "one product becomes dearer"
    product: int = -1
    factor: float = 2.0

    def step(self, today):
        if self.product >= 0:
            today.state.products.price[self.product] *= self.factor


def test_a_dearer_product_loses_its_own_buyers_and_nobody_elses():
    village = load("village", KEEN)

    def day(product):
        market = Market(village.but(mechanisms=insert_after(DAY, "rooms", Dearer(product=product))), keep=False)
        market.step()
        return market

    plain = day(NOTHING)
    for product in np.bincount(plain.today.flows.orders.product).argsort()[-3:]:
        before, after = bought(plain), bought(day(int(product)))
        own = int(plain.state.products.id[product])
        choice = {u: (before.get(u, (None,))[0], after.get(u, (None,))[0]) for u in before.keys() | after.keys()}
        moved = {u: (was, now) for u, (was, now) in choice.items() if was != now}
        assert moved
        assert all(was == own for was, _ in moved.values())  # nobody else's buyers, and nobody comes because of it


def test_ten_days_are_ten_days_whoever_looks_in_between():
    market = grown(days=4)
    everything(market)
    for _ in range(6):
        market.step()
    assert_same(market, grown(days=10))


def test_a_market_is_forgotten():
    market = grown(days=1)
    assert market.users[3].wallet >= 0
    gone = weakref.ref(market)
    del market
    gc.collect()
    assert gone() is None


def test_orders_name_everybody_by_id():
    market = grown(KEEN, 2)
    orders = market.today.flows.orders
    assert set(as_ids(orders.seller, market.state.sellers.id)) <= set(range(50))
    assert (orders.status != Status.RETURNED).all()
