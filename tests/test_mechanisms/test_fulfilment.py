"""Fulfilment: who gets what is in stock, what buyers say of it, and what comes back."""

import math

import numpy as np
import pytest
import scipy.stats

from sim.mechanisms.fulfilment import Fulfilment, rating_of, return_chance
from sim.rng import Stream
from sim.state import Channel, Status
from sim.tables import NEVER, NOTHING
from tests.small import LEAST_P, PRICE, fits, logistic, market, morning, put_orders, put_rooms, share_fits
from tests.twins.chance import Dice

N = 20_000
#: Everybody experiences the true quality, unless a test says so.
SURE = {"experience_sd": 0.0}


def shelf(users=N, stock=10**6, quality=0.0, **more):
    """Return a market with so much of everything in stock."""
    state = market(users=users, **more)
    state.products.stock[:], state.products.quality[:] = stock, quality
    return state


def buy(state, product=0, users=None, perceived=0.0, counter=0, seed=1, fulfilment=None, channel=Channel.SEARCH):
    """Let users order a product (one, or one each); return the day after its orders met stock."""
    today = morning(state, counter, seed=seed)
    today.flows.perceived[:] = perceived
    put_orders(today, np.arange(len(state.users)) if users is None else users, product, channel=channel)
    (fulfilment or Fulfilment()).step(today)
    return today


def wait(state, counter, fulfilment=None):
    """Return a day without orders."""
    return buy(state, users=[], counter=counter, fulfilment=fulfilment)


def served(today):
    """Return the ids of users who got what they ordered."""
    orders = today.flows.orders
    return set(today.state.users.id[orders.user[orders.status == Status.OPEN]].tolist())


def test_no_more_is_sold_than_is_in_stock():
    state = shelf(users=60, sellers=4, stock=[0, 7, 15, 20])
    today = buy(state, product=np.repeat(np.arange(4), 15))
    open_now = today.flows.orders.status == Status.OPEN
    assert np.bincount(today.flows.orders.product[open_now], minlength=4).tolist() == [0, 7, 15, 15]
    assert state.products.stock.tolist() == [0, 0, 0, 5]
    assert today.flows.sold_out == 15 + 8
    assert set(today.flows.orders.status[~open_now]) == {Status.SOLD_OUT}


def test_orders_meet_stock_in_the_order_of_their_hash():
    state = shelf(users=50, sellers=2, stock=[8, 3])
    today = buy(state, product=np.arange(50) % 2, counter=11, seed=6)
    dice, ids = Dice(6, 11, Stream.STOCK_TURN), state.users.id.tolist()
    for product, stock in ((0, 8), (1, 3)):
        mine = [ids[u] for u in range(50) if u % 2 == product]
        turn = sorted(mine, key=lambda user: dice.words(user, state.products.id[product])[0])
        assert served(today) & set(mine) == set(turn[:stock])


def test_who_is_served_does_not_depend_on_rows():
    found = []
    for rows in (np.arange(200), np.random.default_rng(3).permutation(200)):
        state = shelf(users=200, sellers=2, stock=[50, 20])
        of_product = np.arange(200) % 2
        state.users.id[:] = state.users.id[rows]
        found.append(served(buy(state, product=of_product[rows])))
    assert found[0] == found[1] and len(found[0]) == 70


def test_early_rows_are_not_favoured_and_luck_changes_daily():
    first, second = (served(buy(shelf(stock=N // 2), counter=counter)) for counter in (0, 1))
    assert share_fits(sum(user >= 5 + N // 2 for user in first), N // 2, 0.5)  # ids fall as rows rise
    assert share_fits(len(first & second), N // 2, 0.5)


# stock, set aside, orders in the room, others > served in the room, others
ROOMS = [
    (5, 3, 2, 5, 2, 2),  # nobody else gets the unit that the room keeps
    (5, 3, 6, 0, 5, 0),  # what is left for all is for the room too
    (5, 0, 0, 9, 0, 5),
    (5, 5, 0, 9, 0, 0),
    (9, 3, 3, 6, 3, 6),
]


@pytest.mark.parametrize(("stock", "aside", "inside", "outside", "room_gets", "rest_gets"), ROOMS)
def test_what_is_set_aside_is_for_the_room_alone(stock, aside, inside, outside, room_gets, rest_gets):
    state = shelf(users=20, stock=stock, creators=1)
    state.creators.showcase[0, :2] = [NOTHING, 0]
    today = morning(state)
    rooms = put_rooms(today, [0])
    rooms.aside[0, 1] = aside
    room = np.where(np.arange(inside + outside) < inside, 0, NOTHING)
    orders = put_orders(today, np.arange(inside + outside), 0, room=room)
    Fulfilment().step(today)
    got = orders.status == Status.OPEN
    assert (int(got[room == 0].sum()), int(got[room != 0].sum())) == (room_gets, rest_gets)
    assert state.products.stock[0] == stock - room_gets - rest_gets


def test_each_room_has_units_and_products_of_its_own():
    state = shelf(users=6, sellers=2, stock=[2, 2], creators=2)
    state.creators.showcase[:, :2] = [[0, 1], [1, NOTHING]]
    today = morning(state)
    rooms = put_rooms(today, [0, 1])
    rooms.aside[:, :2] = [[2, 1], [1, 0]]  # all that there is
    orders = put_orders(today, range(6), [0, 1, 1, 1, 1, 1], room=[1, 0, 1, 1, 1, NOTHING])
    Fulfilment().step(today)
    got = orders.status == Status.OPEN
    assert got[:2].tolist() == [False, True] and got[2:5].sum() == 1 and not got[5]
    assert state.products.stock.tolist() == [2, 0]


def test_who_gets_nothing_is_as_if_nothing_had_been_bought():
    state = shelf(users=2, stock=0)
    state.users.satiation[:] = 1.75
    buy(state, users=[1], counter=4)
    assert state.users.satiation.tolist() == [1.75, 0.75]  # purchase had added one
    assert state.users.orders.tolist() == [0, 0] and state.users.last_order.tolist() == [NEVER, NEVER]
    assert state.products.orders[0] == 0 and state.products.sold[0] == 0
    for counter in range(5, 13):
        flows = wait(state, counter, Fulfilment(c_0=2.0)).flows
        assert (flows.delivered, flows.returned) == (0, 0)
    assert state.products.stock[0] == state.products.rating_count[0] == 0
    assert state.users.last_seller.tolist() == [NOTHING, NOTHING]


def test_who_gets_something_remembers_the_day():
    state = shelf(users=3)
    buy(state, users=[1], counter=4)
    buy(state, users=[1, 2], counter=6)
    assert state.users.orders.tolist() == [0, 2, 1] and state.users.last_order.tolist() == [NEVER, 6, 6]
    assert state.users.satiation.tolist() == [0, 0, 0]


def test_the_promise_is_the_quality_that_was_seen_when_ordering():
    state = shelf(users=3, sellers=3)
    today = buy(state, product=[2, 0, 2], perceived=[0.5, 1.5, -0.25])
    assert today.flows.orders.promise.tolist() == [-0.25, 0.5, -0.25]
    assert state.parcels[0].orders is today.flows.orders and state.parcels[0].day == 0


def test_sales_of_late_fade_by_a_twentieth_a_day():
    state = shelf(users=10)
    for counter in range(3):
        buy(state, users=range(10 if counter == 0 else 2 * counter - 2), counter=counter)
    # 10, none, 2
    assert state.products.sold[0] == pytest.approx(10 * 0.95**2 + 2, rel=1e-6)
    assert state.products.daily[0] == pytest.approx(0.05 * (10 * 0.95**2 + 2), rel=1e-6)
    assert state.products.orders[0] == 12


def test_buyers_are_used_to_what_is_paid_after_vouchers():
    state = shelf(users=3)
    state.products.reference[0] = 80_000
    today = morning(state)
    orders = put_orders(today, [0, 1, 2], 0, price=[PRICE, 60_000, PRICE])
    orders.subsidy[:] = [0, 10_000, 40_000]
    Fulfilment(half_life=1).step(today)
    assert state.products.reference[0] == pytest.approx((80_000 + 70_000) / 2, rel=1e-12)  # 70,000 the mean paid


@pytest.mark.parametrize(("parameters", "days", "left"), [({}, 60, 1 / 2), ({"half_life": 10}, 30, 1 / 8)])
def test_a_price_is_got_used_to_by_halves(parameters, days, left):
    state = shelf(users=0)
    state.products.reference[0] = 40_000
    for counter in range(days):
        wait(state, counter, Fulfilment(**parameters))
    assert state.products.reference[0] == pytest.approx(PRICE - left * 60_000, rel=1e-9)


def test_without_a_half_life_today_is_all_that_buyers_know():
    state = shelf(users=0)
    state.products.reference[0] = 40_000
    wait(state, 0, Fulfilment(half_life=0))
    assert state.products.reference[0] == PRICE


@pytest.mark.parametrize(("parameters", "day"), [({}, 3), ({"delivery": 0}, 0), ({"delivery": 6, "escrow": 2}, 2)])
def test_goods_are_delivered_and_rated_once(parameters, day):
    state, delivered = shelf(users=30, sellers=2, products=2), []
    for counter in range(9):
        users, fulfilment = (range(30) if counter == 0 else []), Fulfilment(**parameters)
        delivered.append(buy(state, product=3, users=users, counter=counter, fulfilment=fulfilment).flows.delivered)
    assert delivered == [30 * (counter == day) for counter in range(9)]
    assert state.products.rating_count.tolist() == [0, 0, 0, 30]
    assert set(state.users.last_seller) == {1}


@pytest.mark.parametrize(("later", "delivered"), [((1, 2), {3: 40, 4: 20}), ((6, 10), {3: 10, 4: 20, 8: 30})])
def test_what_is_ordered_keeps_the_days_it_was_ordered_with(later, delivered):
    """10, 20 and 30 orders: the first two to be delivered after 3 days and closed after 7, the last as ``later``."""
    state, happened = shelf(users=30), []
    for counter in range(16):
        delivery, escrow = later if counter >= 2 else (3, 7)
        users = range([10, 20, 30][counter] if counter < 3 else 0)
        terms = Fulfilment(delivery=delivery, escrow=escrow, c_0=-10)
        happened.append(buy(state, users=users, counter=counter, fulfilment=terms))
    assert {today.counter: today.flows.delivered for today in happened if today.flows.delivered} == delivered
    assert [p.closes for p in state.parcels[:3]] == [7, 8, 2 + later[1]]
    assert all(Status.OPEN not in p.orders.status for p in state.parcels[:3])
    assert state.products.rating_count[0] == 60


def test_two_days_that_end_together_are_both_counted():
    state = shelf(users=500)
    first = buy(state, users=range(500), fulfilment=Fulfilment(escrow=5)).flows.orders
    second = buy(state, users=range(200), counter=2, fulfilment=Fulfilment(escrow=3)).flows.orders
    flows = wait(state, 5, Fulfilment(c_0=0.0)).flows
    back = [int((orders.status == Status.RETURNED).sum()) for orders in (first, second)]
    assert min(back) > 50 and flows.returned == sum(back) and flows.returned_value == sum(back) * PRICE
    assert flows.delivered == 200 and flows.rating_sum > 600  # the first were delivered on day 3


@pytest.mark.parametrize(("quality", "stars", "chance"), [(0.0, 4, 0.6), (-2.0, 3, 0.9), (-4.0, 3, 0.2)])
def test_ratings_round_at_random_to_the_stars_that_experience_makes(quality, stars, chance):
    """Of 4.6 + .35 q stars, the whole part is sure, and what is left over is the chance of one more."""
    state = shelf(quality=quality)
    flows = buy(state, fulfilment=Fulfilment(**SURE, delivery=0)).flows
    assert flows.rating_sum == state.products.rating_sum[0]
    assert share_fits(flows.rating_sum - stars * N, N, chance)


def test_ratings_stay_within_one_and_five_stars():
    assert [rating_of(e, 4.6, 0.35, 0.999) for e in (-50, -20, 1.0, 1.2, 50)] == [1, 1, 5, 5, 5]
    assert [rating_of(e, 3.0, 1.0, u) for e, u in ((0, 0.0), (0, 0.99), (0.5, 0.49), (0.5, 0.5))] == [3, 3, 3, 4]


def test_satisfaction_is_experience_beyond_the_promise():
    state = shelf(users=3, sellers=3, quality=[0.5, 0.5, -1.0])
    buy(state, product=[0, 1, 2], perceived=[0.5, -1.5, 1.0], fulfilment=Fulfilment(**SURE, delivery=0))
    expected = [logistic(0.5), logistic(0.5 + 2.0), logistic(0.5 - 2.0)]
    assert state.users.satisfaction.tolist() == pytest.approx(expected, rel=1e-6)


def test_experience_spreads_normally_around_true_quality():
    state = shelf(quality=0.75)
    buy(state, perceived=0.25, fulfilment=Fulfilment(delivery=0))
    satisfaction = state.users.satisfaction.astype(float)
    beyond = np.log(satisfaction / (1 - satisfaction)) - 0.5
    assert scipy.stats.kstest(beyond, scipy.stats.norm(0.5, 0.8).cdf).pvalue > LEAST_P


def test_the_chance_of_a_return_follows_its_formula():
    for gap, live, c_0, c_live, c_gap in [(0, 0, -2.6, 0.8, 0.7), (-1.5, 1, -2.6, 0.8, 0.7), (2, 1, 1.0, -0.5, 0.25)]:
        odds = math.exp(c_0 + c_live * live - c_gap * gap)
        assert return_chance(gap, live, c_0, c_live, c_gap) == pytest.approx(odds / (1 + odds), rel=1e-13)


# channel, quality less promise, chance by 1 / (1 + e^-x) at x = -2.6, -1.8, -1.2, -4
RETURNS = [
    (Channel.SEARCH, 0.0, 0.069138),
    (Channel.VIDEO, 0.0, 0.069138),
    (Channel.LIVE, 0.0, 0.141851),
    (Channel.VIDEO, -2.0, 0.231475),
    (Channel.VIDEO, 2.0, 0.017986),
]


@pytest.mark.parametrize(("channel", "gap", "chance"), RETURNS)
def test_after_seven_days_orders_come_back_by_chance(channel, gap, chance):
    state, fulfilment = shelf(), Fulfilment(**SURE)
    orders = buy(state, perceived=-gap, fulfilment=fulfilment, channel=channel).flows.orders
    for counter in range(1, 7):
        assert wait(state, counter, fulfilment).flows.returned == 0 and set(orders.status) == {Status.OPEN}
    flows = wait(state, 7, fulfilment).flows
    assert share_fits(flows.returned, N, chance)
    assert fits(np.bincount(orders.status, minlength=4), N * np.array([0, 0, chance, 1 - chance]))
    assert flows.returned_value == flows.returned * PRICE
    assert state.products.stock[0] == 10**6 - N + flows.returned  # what comes back can be sold again


def test_an_order_comes_back_only_once():
    state, fulfilment = shelf(users=500), Fulfilment(c_0=0.0, escrow=1)
    buy(state, fulfilment=fulfilment)
    assert wait(state, 1, fulfilment).flows.returned > 100
    stock = int(state.products.stock[0])
    assert wait(state, 1, fulfilment).flows.returned == 0 and state.products.stock[0] == stock


@pytest.mark.parametrize("luck", [8, 77])
def test_what_disappoints_in_the_rating_is_what_comes_back(luck):
    """One experience of an order makes satisfaction on delivery and the return later, whatever history has begun."""
    state, fulfilment = shelf(users=600, sellers=2, quality=[0.5, -0.5]), Fulfilment(c_0=-1.0, c_gap=2.0, delivery=1)
    product, channel = np.arange(600) % 2, np.where(np.arange(600) % 3, Channel.VIDEO, Channel.LIVE)
    orders = buy(state, product, counter=2, seed=8, fulfilment=fulfilment, channel=channel).flows.orders
    for counter in (3, 9):
        today = morning(state, counter, seed=8)
        today.luck = 8 if counter == 3 else luck
        fulfilment.step(today)
    taste, fate, up = (Dice(8, 2, stream) for stream in (Stream.RATING, Stream.RETURN, Stream.RATING_ROUND))
    stars = [0, 0]
    for u in range(600):
        who = (state.users.id[u], state.products.id[product[u]])
        gap = (0.5, -0.5)[product[u]] + 0.8 * taste.normal(*who)
        assert state.users.satisfaction[u] == pytest.approx(logistic(0.5 + gap), rel=1e-6)
        stars[product[u]] += min(5, math.floor(4.6 + 0.35 * gap + up.uniform(*who)))
        back = fate.uniform(*who) < logistic(-1.0 + 0.8 * (channel[u] == Channel.LIVE) - 2.0 * gap)
        assert orders.status[u] == (Status.RETURNED if back else Status.PAID_OUT)
    assert state.products.rating_sum.tolist() == stars


def test_empty_tables_do_no_harm():
    today = buy(market(sellers=0))
    assert today.flows.sold_out == 0 and len(today.state.parcels) == 1
