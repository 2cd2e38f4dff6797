"""Search: who has a need, and what the shelf shows."""

import math

import numpy as np
import pytest

from sim.flows import Total
from sim.mechanisms.search import Search, rank_weight
from sim.state import Channel
from tests.small import act, block, fits, market, morning, share_fits


def shelf(state, search, change=lambda today: None, online=True):
    today = morning(state)
    search.freeze(today)
    change(today)
    return today, act(search, today, block(today, online=online))


def test_rank_weight_follows_its_formula():
    for sold, perceived, fad in [(0, 0, 0), (7, 1.2, -0.4), (900, -2, 2)]:
        expected = (1 + sold / (1 + sold / 30)) ** 0.4 * math.exp(0.3 * perceived + 1.0 * fad)
        assert rank_weight(sold, perceived, fad, 0.4, 30.0, 0.3, 1.0) == pytest.approx(expected, rel=1e-14)


def test_products_are_shown_in_proportion_to_their_weights():
    state, search = market(users=60_000, products=6), Search(need=1.0, shown=1)
    products = state.products
    products.sold[:], products.fad[:] = [0, 5, 30, 300, 2, 9], [0, 0.5, -1, 0, 1, 1]
    products.stock[5] = 0
    perceived, exposure = np.array([0, 1, 0, -1, 0.5, 0]), np.array([1, 1, 3, 1, 1, 1])

    def pull(today):
        today.flows.perceived[:] = perceived
        today.levers.product_exposure[:] = exposure

    _, made = shelf(state, search, pull)
    weight = (1 + products.sold / (1 + products.sold / 30)) ** 0.4 * np.exp(0.3 * perceived + products.fad) * exposure
    weight[5] = 0  # out of stock
    assert np.all(made.offers.count == 1)
    assert fits(np.bincount(made.offers.product[:, 0], minlength=6), 60_000 * weight / weight.sum())


def test_the_products_of_who_is_out_of_business_are_not_on_the_shelf():
    state = market(users=2_000, sellers=3)
    state.sellers.left[1] = 0
    _, made = shelf(state, Search(need=1.0, shown=1))
    assert set(made.offers.product[:, 0]) == {0, 2}


def test_needs_arise_with_the_chance_of_each_online_user():
    state = market(users=50_000, products=3)
    state.users.need[:25_000], state.users.need[25_000:] = 0.5, 2.0
    online = np.arange(50_000) % 5 != 0
    today, made = shelf(state, Search(need=0.2), online=online)
    searched = made.offers.count > 0
    assert share_fits(searched[:25_000].sum(), 20_000, 0.1)
    assert share_fits(searched[25_000:].sum(), 20_000, 0.4)
    assert not searched[~online].any()
    assert today.flows.counts.totals[Total.NEEDS] == searched.sum()


def test_needs_are_for_categories_of_interest():
    state = market(users=30_000, sellers=3, categories=3)
    state.users.interest[:], state.users.interest_2[:], state.users.interest_share[:] = 1, 2, 0.7
    _, made = shelf(state, Search(need=1.0, shown=1, rho=0.6))
    expected = np.array([0.4 / 3, 0.6 * 0.7 + 0.4 / 3, 0.6 * 0.3 + 0.4 / 3])
    assert fits(np.bincount(made.offers.product[:, 0], minlength=3), 30_000 * expected)


def test_satisfied_buyers_look_up_their_last_seller_first():
    state = market(users=60_000, sellers=2, products=3, categories=2)
    state.users.interest[:], state.users.interest_2[:] = 1, 1
    state.users.last_seller[:], state.users.satisfaction[:] = 0, 0.5  # of the other category
    _, made = shelf(state, Search(need=1.0, shown=1, loyalty=0.6, rho=1.0))
    found = np.bincount(made.offers.product[:, 0], minlength=6)
    assert fits(found, 60_000 * np.array([0.1, 0.1, 0.1, 0.7 / 3, 0.7 / 3, 0.7 / 3]))


def test_nobody_looks_up_a_seller_who_has_left():
    state = market(users=2_000, sellers=2, categories=2)
    state.users.interest[:], state.users.interest_2[:] = 1, 1
    state.users.last_seller[:], state.users.satisfaction[:] = 0, 1.0
    state.sellers.left[0] = 0
    _, made = shelf(state, Search(need=1.0, loyalty=1.0, rho=1.0))
    assert 0 not in made.offers.product


def test_a_search_shows_a_few_products_once_each():
    state = market(users=3_000, products=50)
    _, made = shelf(state, Search(need=1.0, shown=4))
    for row in range(3_000):
        shown = made.offers.product[row, : made.offers.count[row]]
        assert len(set(shown)) == len(shown) <= 4
    assert made.offers.count.max() == 4
    assert np.all(made.offers.channel[:, 0] == Channel.SEARCH)


def test_a_closed_shelf_shows_nothing():
    def close(today):
        today.levers.open[Channel.SEARCH] = False

    today, made = shelf(market(users=500), Search(need=1.0), close)
    assert made.offers.count.sum() == today.flows.counts.totals[Total.NEEDS] == 0


def test_an_empty_shelf_shows_nothing():
    state = market(users=100)
    state.products.stock[:] = 0
    assert shelf(state, Search(need=1.0))[1].offers.count.sum() == 0
