"""What is read off a day, against numbers worked out by hand and against exact fractions."""

import math
from dataclasses import fields
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from sim import measures as m
from sim.flows import RoomCounts
from sim.mechanism import Today
from sim.state import Channel, Orders, Rooms, Size, Status
from sim.tables import NEVER, NOTHING
from tests.small import market, morning, put_orders

LARGE = some.lists(some.integers(0, 2**62), max_size=40)


def midnight(state, counter=0, wages=None, **flows):
    """Return a day of a market made by hand, when it is over."""
    today = morning(state, counter)
    for name, value in flows.items():
        setattr(today.flows, name, value)
    return m.Midnight(**{f.name: getattr(today, f.name) for f in fields(Today)}, wages=wages)


# ---------------------------------------------------------------- sums, shares, concentrations


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 1, 1, 1], 0.0), ([0, 0, 0, 8], 0.75), ([1, 2, 3], 2 / 9), ([3, 1, 2], 2 / 9), ([1, 3], 0.25), ([5], 0.0),
    ],
)  # fmt: skip
def test_gini_of_a_few(values, expected):
    assert m.gini(np.array(values)) == expected


@given(LARGE.filter(any))
def test_gini_is_the_exact_fraction_of_differences_to_the_sum_however_large(values):
    differences = sum(abs(a - b) for a in values for b in values)
    assert m.gini(np.array(values)) == float(Fraction(differences, 2 * len(values) * sum(values)))


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        ([1, 2, 3, 4], 25, 0.4), ([1, 2, 3, 4], 26, 0.7), ([4, 3, 2, 1], 50, 0.7), ([1] * 100, 1, 0.01),
        ([1] * 101, 1, 2 / 101), ([7, 0], 1, 1.0), ([1, 2, 3, 4], 100, 1.0),
    ],
)  # fmt: skip
def test_the_top_is_rounded_up_to_whole_people(values, percent, expected):
    assert m.top_share(np.array(values), percent) == expected


@pytest.mark.parametrize("nothing", [[], [0, 0, 0]])
def test_of_nothing_there_is_no_concentration(nothing):
    nothing = np.array(nothing, np.int64)
    assert math.isnan(m.gini(nothing)) and math.isnan(m.top_share(nothing))


def test_a_share_of_nothing_has_no_value_and_a_share_of_something_has():
    assert math.isnan(m.ratio(3, 0)) and math.isnan(m.share(np.zeros(0, bool))) and math.isnan(m.mean(np.zeros(0)))
    assert m.ratio(1, 4) == m.share(np.array([False, True, False, False])) == 0.25


@given(some.lists(some.integers(-(2**63), 2**63 - 1), max_size=20))
def test_integers_add_up_exactly_beyond_64_bits(values):
    assert m.exact_sum(np.array(values, np.int64)) == sum(values)


@given(LARGE)
def test_ranks_times_values_add_up_exactly(values):
    ordered = sorted(values)
    assert m.ranked_sum(np.array(ordered, np.int64)) == sum(i * x for i, x in enumerate(ordered, 1))


def test_a_mean_does_not_hang_on_the_order_in_which_floats_are_added():
    values = np.random.default_rng(1).normal(3, 1, 10_001).astype(np.float32)
    means = {m.mean(order) for order in (values, values[::-1], np.sort(values), np.sort(values)[::-1])}
    assert len(means) == 1
    assert means.pop() == pytest.approx(math.fsum(values.tolist()) / 10_001, abs=2**-21)


def test_a_float_is_kept_to_a_millionth():
    assert m.fixed(np.array([0.0, 1.0, 0.5, -3.0])).tolist() == [0, 2**20, 2**19, -3 * 2**20]
    assert m.fixed(np.array([0.4, 0.6, 1.4]) / 2**20).tolist() == [0, 1, 1]


def test_sums_by_group_count_who_comes_twice_twice():
    assert m.sum_by(np.array([2, 0, 2]), np.array([5, 7, 11]), 4).tolist() == [7, 0, 16, 0]


# ---------------------------------------------------------------- orders of a day


def ordered(users, **columns):
    """Return a day on which some users ordered product 0, with some columns of the orders as given."""
    state = market(users=6, creators=3, sellers=2, products=2)
    today = morning(state)
    orders = put_orders(today, users, 0)
    for name, values in columns.items():
        getattr(orders, name)[:] = values
    return midnight(state, orders=orders)


def test_what_was_sold_out_was_not_taken():
    day = ordered([0, 1, 2, 3], status=list(Status))
    assert day.taken.user.tolist() == [0, 2, 3]


def test_orders_belong_to_the_channel_where_the_product_was_seen():
    day = ordered([0, 1, 2], channel=[Channel.LIVE, Channel.SEARCH, Channel.LIVE])
    assert day.of(Channel.LIVE).tolist() == [True, False, True]
    assert not day.of(Channel.VIDEO).any()


def test_of_closed_orders_those_came_back_that_were_returned():
    closed = Orders.empty(3)
    closed.user[:], closed.status[:] = [4, 5, 6], [Status.PAID_OUT, Status.RETURNED, Status.SOLD_OUT]
    assert midnight(market(users=7), closed=closed).back.user.tolist() == [5]


def test_a_margin_is_what_fee_commission_and_goods_leave_of_the_price():
    # goods cost half of the price of Rp100,000
    assert ordered([0, 1], fee=[7_000, 0], commission=[12_000, 60_000]).margins.tolist() == [31_000, -10_000]


def test_creators_sell_and_sellers_own_accounts_are_not_creators():
    day = ordered([0, 1, 2, 3, 4], host=[1, 1, 3, NOTHING, 2], status=[0, 0, 0, 0, Status.SOLD_OUT])
    assert m.creators_selling(day) == 1


def test_who_bought_within_days_is_told_from_who_bought_before_and_who_never_did():
    state = market(users=4)
    state.users.last_order[:] = [2, 3, 30, NEVER]
    assert m.bought_since(midnight(state, counter=30), 28).tolist() == [False, True, True, False]


# ---------------------------------------------------------------- the ledger

LINES = {
    "order: users > escrow": 900, "subsidy: programs > escrow": 100, "top-up: programs > escrow": 20,
    "payout: escrow > sellers": 500, "fee: escrow > platform": 50, "commission: escrow > creators": 40,
    "top-up: escrow > creators": 9, "return: escrow > users": 300, "return: escrow > programs": 30,
    "return of shipping: outside > programs": 4, "bonus: programs > creators": 7,
}  # fmt: skip


def test_a_line_has_two_sides():
    assert m.sides("return of shipping: outside > programs") == ("return of shipping", "outside", "programs")


def test_programs_pay_every_line_that_leaves_them():
    assert m.subsidies(midnight(market(), settled=LINES)) == 100 + 20 + 7


def test_the_platform_nets_fees_against_programs_and_what_returns_gave_back():
    assert m.platform_net(midnight(market(), settled=LINES)) == 50 - (100 + 20 + 7) + (30 + 4)


def test_orders_kept_for_good_cost_what_seller_platform_and_creator_get_of_the_price():
    assert m.kept_value(midnight(market(), settled=LINES)) == 500 + 50 + 40
    assert m.kept_value(midnight(market())) == 0


# ---------------------------------------------------------------- people in business


def test_only_who_has_joined_and_not_left_is_in_business():
    state = market(creators=3, sellers=2)
    state.hosts.joined[:], state.hosts.left[:] = [0, 4, 0, 3, NEVER], [NEVER, NEVER, 3, NEVER, NEVER]
    day = midnight(state, counter=3)
    assert day.creators_active.tolist() == [True, False, False]
    assert day.sellers_active.tolist() == [True, False]


def test_products_are_offered_by_sellers_in_business():
    state = market(sellers=2, products=2)
    state.sellers.left[0] = 0
    assert m.products_offered(midnight(state)).tolist() == [False, False, True, True]


def test_an_income_of_thirty_days_is_held_against_the_wage_of_the_own_province():
    state = market(creators=4)
    state.creators.province[:], state.creators.income[:] = [0, 0, 1, 1], [100.0, 100.1, 100.1, 10**6]
    state.creators.left[3] = 0
    wages = np.array([3_000, 6_000])
    assert m.above_minimum_wage(midnight(state, wages=wages)) == 1 / 3
    assert math.isnan(m.above_minimum_wage(midnight(state)))


def test_micro_small_and_medium_sellers_are_umkm():
    state = market(sellers=4)
    state.sellers.size[:] = list(Size)
    assert m.umkm(midnight(state)).tolist() == [True, True, True, False]


def test_a_seller_is_connected_where_a_creator_in_business_shows_a_product():
    state = market(creators=3, sellers=5, products=1)
    state.sellers.size[:] = [0, 1, 2, 3, 0]
    state.sellers.left[4] = 0
    state.creators.left[2] = 0
    showcase = np.full((8, 4), NOTHING)
    # by creators in business: sellers 0 and 3 (large); by one who has left: seller 1; by its own account: seller 2
    showcase[0, :2], showcase[1, 3], showcase[2, 0], showcase[3 + 2, 0] = [3, 0], 0, 1, 2
    assert m.umkm_connected(midnight(state, showcase=showcase)) == 1 / 3


# ---------------------------------------------------------------- rooms


def test_a_room_is_as_full_as_it_ever_was():
    day = midnight(market())
    day.flows.rooms, day.flows.counts.rooms = Rooms.empty(3), RoomCounts.empty(3)
    day.flows.rooms.minutes[:] = [60, 120, 12]  # twelfths of 300, 600 and 60 seconds
    seconds = day.flows.counts.rooms.seconds
    seconds[0, [3, 7]], seconds[1, 0], seconds[2] = [1500, 450], 300, 120
    assert m.viewers(day)[0].tolist() == [0, 0, 0, 5, 0, 0, 0, 1.5, 0, 0, 0, 0]
    assert m.peaks(day).tolist() == [5, 0.5, 2]
    assert m.viewers_mean(day) == pytest.approx((5 + 1.5 + 0.5 + 12 * 2) / 36, rel=1e-6)
    assert [m.rooms_below(day, least) for least in (1, 2, 3)] == [2 / 3, 2 / 3, 1.0]


def test_where_there_is_no_room_nobody_watches():
    day = midnight(market())
    assert m.peaks(day).tolist() == [] and math.isnan(m.viewers_mean(day))
