"""What a market looks like from outside, against its tables."""

import math

import numpy as np
import pytest

from experiments.observed import STATISTICS, Window, observe
from experiments.run import run
from sim.inputs import provinces
from sim.scenario import load

DAYS = 40


@pytest.fixture(scope="module")
def done():
    return run(load("village", ("calendar.burn_in=5", "population.users=800")), DAYS, orders=True, keep=False)


@pytest.fixture(scope="module")
def seen(done):
    return observe(done)


def late(done):
    orders = done.orders
    return orders[(orders["day"] >= DAYS - 28) & (orders["status"] != "sold_out")]


def test_names_differ_and_all_is_said():
    assert len({s.name for s in STATISTICS}) == len(STATISTICS)
    assert all(s.doc and s.unit and s.window > 0 for s in STATISTICS)


def test_orders_and_money_are_per_user_and_month(done, seen):
    orders = late(done)
    month = 30 / 28 / 800
    assert seen["orders"] == pytest.approx(len(orders) * month)
    content = orders.loc[orders["channel"] != "search", "price"].sum()
    assert seen["gmv_content"] == pytest.approx(content * month)
    assert seen["gmv_shelf"] == pytest.approx((orders["price"].sum() - content) * month)
    assert seen["order_value"] == pytest.approx(orders["price"].mean())


def test_buyers_are_people(done, seen):
    assert seen["buyers"] == late(done)["user"].nunique() / 800
    assert seen["buyers"] == done.metrics["buyers_month"].iloc[-1] / 800


def test_commission_that_went_back_is_not_counted(done, seen):
    orders, end = done.orders, DAYS - 7  # of those of the last week nobody knows yet
    assert set(orders.loc[orders["day"] >= end, "status"]) <= {"open", "sold_out"}
    kept = orders[(orders["creator"] >= 0) & (orders["status"] == "paid_out") & (orders["day"] >= end - 28)]
    active = Window(done, 28).active
    assert seen["commission_mean"] == pytest.approx(kept["commission"].sum() * 30 / 28 / active.sum())


def test_the_minimum_wage_is_that_of_the_creators_province(done, seen):
    wage = provinces().wage(2024)
    window = Window(done, 28)
    least = [wage[provinces().names.index(name)] for name in done.creators["province"][window.active]]
    assert seen["above_wage"] == np.mean(window.commission > np.array(least))


def test_returns_are_of_orders_whose_time_is_over(done, seen):
    orders = late(done)
    over = orders[(orders["day"] < DAYS - 7) & (orders["channel"] == "live")]
    assert seen["returns_live"] == pytest.approx((over["status"] == "returned").mean())


def test_a_market_in_which_nobody_buys_has_no_shares(done):
    nothing = run(load("village", ("calendar.burn_in=0", "mechanisms.purchase.a_0=-20")), 2, orders=True, keep=False)
    seen = observe(nothing)
    assert seen["orders"] == seen["buyers"] == 0
    assert all(math.isnan(seen[name]) for name in ("order_value", "live_share", "seller_gini", "returns"))
