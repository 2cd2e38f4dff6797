"""Entry: who joins, and when."""

import math

import numpy as np
import pytest

from sim.mechanisms.entry import Entry, hazard, mean_income
from sim.tables import NEVER
from tests.small import market, morning


def crowd(creators=0, sellers=1, joined=0):
    """Return a market in which only the first ``joined`` of each have joined; quantiles of Exp(1) as thresholds."""
    state = market(creators=creators, sellers=sellers)
    for table in (state.creators, state.sellers):
        table.joined[joined:] = NEVER
        n = max(len(table) - joined, 1)
        table.threshold[joined:] = -np.log(1 - (np.arange(len(table) - joined) + 0.5) / n)
    state.creators.reservation[:] = state.sellers.reservation[:] = state.sellers.income[:] = 100.0
    state.creators.income[:joined] = 100.0
    return state


def live_through(state, entry, days, pull=lambda today: None):
    """Let people join for some days; return how many creators and sellers joined on each, (days, 2)."""
    joined = []
    for counter in range(days):
        today = morning(state, counter)
        pull(today)
        entry.step(today)
        joined.append(today.flows.joined.copy())
    return np.array(joined)


def test_the_hazard_follows_its_formula():
    for p, q, share, ratio in [(0.1, 0.38, 0.0, 1.0), (0.05, 2.0, 0.7, 0.2), (3.0, 0.0, 1.0, 50.0)]:
        expected = (p + q * share) / 365 * ratio / (1 + ratio)
        assert hazard(p, q, share, ratio) == pytest.approx(expected, rel=1e-14)


def test_the_urge_of_one_creator_grows_by_income_reservation_and_attraction():
    state = crowd(creators=5, joined=2)
    state.creators.income[:2] = [50.0, 250.0]
    state.creators.reservation[2:] = [150.0, 300.0, 0.0]  # nobody's reservation is below one rupiah
    state.creators.threshold[2:] = 10.0
    today = morning(state)
    today.levers.attraction[:5] = [1, 1, 1, 3, 0.5]
    Entry(p_creator=0.2, q_creator=0.5).step(today)
    base = (0.2 + 0.5 * 2 / 5) / 365
    assert state.creators.urge[:2].tolist() == [0, 0]  # nobody joins twice
    assert state.creators.urge[2:] == pytest.approx(
        [base * 1 / (1 + 1), 3 * base * 0.5 / (1 + 0.5), 0.5 * base * 150 / 151], rel=1e-6
    )


@pytest.mark.parametrize(("p", "q"), [(0.5, 6.0), (2.0, 0.0)])
def test_the_market_fills_along_the_curve_of_bass(p, q):
    n, days = 20_000, 400
    joined = live_through(crowd(sellers=n), Entry(p_seller=p, q_seller=q), days)[:, 1]
    rate = (p + q) / 365 / 2  # sellers expect just what they could have elsewhere: r / (1 + r) is a half
    t = np.arange(1, days + 1)
    bass = (1 - np.exp(-rate * t)) / (1 + q / p * np.exp(-rate * t))
    # steps of a day against the continuous curve: an error of the order of a day's growth
    assert np.max(np.abs(joined.cumsum() / n - bass)) < 0.005
    assert bass[-1] > 0.6


def test_double_attraction_is_double_speed_without_imitation():
    slow = live_through(crowd(sellers=4_000), Entry(p_seller=1.0, q_seller=0.0), 200)[:, 1]

    def pull(today):
        today.levers.attraction[:] = 2.0

    fast = live_through(crowd(sellers=4_000), Entry(p_seller=1.0, q_seller=0.0), 100, pull)[:, 1]
    assert abs(int(fast.sum()) - int(slow.sum())) <= 1  # the same urge, rounded differently
    assert fast.sum() == pytest.approx(4_000 * (1 - math.exp(-200 / 365 / 2)), abs=2)


def test_who_joins_joins_today_and_is_in_business_at_once():
    state = crowd(sellers=4, joined=1)
    state.sellers.threshold[1:] = [0.0, 5.0, 5.0]
    today = morning(state, counter=9)
    Entry().step(today)
    assert state.sellers.joined.tolist() == [0, 9, NEVER, NEVER]
    assert today.flows.joined.tolist() == [0, 1]
    assert state.active(9).tolist() == [True, True, False, False]


def test_who_has_left_does_not_come_back_but_was_imitated():
    state = crowd(sellers=4, joined=2)
    state.sellers.left[:2] = 3
    state.sellers.threshold[2:] = 10.0
    today = morning(state, counter=5)
    Entry(p_seller=0.0, q_seller=1.0).step(today)  # nobody is left to say what one earns: r / (1 + r) is a half
    assert state.sellers.joined.tolist() == [0, 0, NEVER, NEVER]
    assert state.sellers.urge[2:] == pytest.approx(0.5 / 365 / 2, rel=1e-6)


def test_sellers_expect_the_margin_of_those_in_business():
    state = crowd(sellers=4, joined=2)
    state.sellers.threshold[2:] = 10.0
    state.sellers.income[:2], state.sellers.reservation[2:] = [100.0, 500.0], [300.0, 100.0]
    today = morning(state, counter=5)
    Entry(p_seller=1.0, q_seller=0.0).step(today)
    assert state.sellers.urge[2:] == pytest.approx(np.array([1 / 2, 3 / 4]) / 365, rel=1e-6)


def test_income_is_that_of_creators_in_business():
    income = np.array([100.0, 200.9, 9_000.0])
    assert mean_income(income, np.array([True, True, False])) == 150.0  # whole rupiah, so that any order will do
    assert mean_income(income, np.zeros(3, bool)) == 0.0


def test_where_nobody_earns_anything_nobody_joins():
    state = crowd(creators=50, joined=10)
    state.creators.income[:], state.creators.threshold[:] = 0.0, 1e-9
    assert live_through(state, Entry(p_creator=10), 30)[:, 0].sum() == 0


def test_where_there_is_nobody_to_ask_the_first_join():
    state = crowd(creators=50)
    state.creators.threshold[:] = 1e-9
    assert live_through(state, Entry(p_creator=10), 1)[:, 0].sum() == 50


def test_enough_followers_make_a_creator_eligible_for_good():
    state = crowd(creators=3, joined=3)
    state.creators.eligible[:] = [False, False, True]
    state.creators.followers[:] = [46, 47, 0]
    Entry().step(morning(state))
    assert state.creators.eligible.tolist() == [False, True, True]


@pytest.mark.parametrize(("creators", "sellers"), [(0, 0), (3, 0), (0, 3)])
def test_empty_tables_do_no_harm(creators, sellers):
    today = morning(crowd(creators=creators, sellers=sellers))
    Entry().step(today)
    assert today.flows.joined.sum() == 0
