"""Reputation: what everybody can see of a product."""

import math

import numpy as np
import pytest

from sim.mechanisms.reputation import Reputation, perceive
from tests.small import market, morning


def look(state, reputation, counter=0, seed=1):
    today = morning(state, counter, seed=seed)
    reputation.step(today)
    return today


def shelf(products=1):
    """Return a market of products without ratings, sales and fashion."""
    return market(products=products)


def test_unrated_products_are_believed_to_be_what_is_expected():
    assert perceive(0, 0, 4.5, 10.0, 0.35) == 0.0


def test_ratings_move_beliefs_as_a_posterior_mean_does():
    # ten imagined ratings of 4.5 and thirty of 5: the mean of forty
    mean = (10 * 4.5 + 30 * 5) / 40
    assert perceive(150, 30, 4.5, 10.0, 0.35) == pytest.approx((mean - 4.5) / 0.35, rel=1e-13)


def test_many_ratings_tell_the_quality():
    quality, slope, prior = 0.8, 0.35, 4.5
    errors = []
    for n in (10, 100, 10_000):
        ratings = n * (prior + slope * quality)
        errors.append(quality - perceive(ratings, n, prior, 10.0, slope))
    # shrunk towards nothing special by weight / (weight + n)
    assert errors == pytest.approx([quality * 10 / (10 + n) for n in (10, 100, 10_000)], rel=1e-9)


def test_appeal_follows_its_formula():
    state = market(sellers=4, categories=2)
    p = state.products
    p.rating_sum[:], p.rating_count[:] = [0, 9, 500, 40], [0, 2, 100, 20]
    p.sold[:], p.fad[:] = [0, 3, 1e6, 30], [0.5, -1, 0, 2]
    p.reference[:] = [50_000, 100_000, 1e7, 2_000]
    state.category_price[:] = [100_000, 40_000]
    today = look(state, Reputation(b_q=0.3, b_s=0.2, s_max=25, b_x=0.15, rating_prior=4.4, prior_weight=8,
                                   rating_slope=0.4))  # fmt: skip
    for row in range(4):
        mean = (8 * 4.4 + int(p.rating_sum[row])) / (8 + int(p.rating_count[row]))
        sold, pbar = float(p.sold[row]), [100_000, 40_000][p.category[row]]
        appeal = 0.3 * (mean - 4.4) / 0.4 + 0.2 * math.log(1 + sold / (1 + sold / 25)) + float(p.fad[row])
        appeal -= 0.15 * math.log(p.reference[row] / pbar)
        assert today.flows.perceived[row] == pytest.approx((mean - 4.4) / 0.4, rel=1e-12, abs=1e-14)
        assert today.flows.appeal[row] == pytest.approx(appeal, rel=1e-12)


def test_popularity_saturates():
    state = shelf(3)
    state.products.sold[:] = [1e4, 1e8, 0]
    appeal = look(state, Reputation(b_s=1.0, s_max=30)).flows.appeal
    assert appeal[2] == 0 < appeal[0] < appeal[1] < math.log(31)


def test_price_counts_by_what_was_paid_of_late_not_by_what_is_asked():
    state = shelf(2)
    state.products.price[1] *= 2
    appeal = look(state, Reputation()).flows.appeal
    assert appeal[0] == appeal[1]


def test_fads_move_once_a_week_and_not_on_the_first_day():
    state = shelf(20)
    before = state.products.fad.copy()
    for counter in range(15):
        look(state, Reputation(), counter)
        moved = np.any(state.products.fad != before)
        assert moved == (counter in (7, 14)), counter
        before = state.products.fad.copy()


def test_fads_pass_by_an_autoregression_whose_spread_lasts():
    n, rho, sd = 20_000, 0.9, 0.7
    state = shelf(n)
    state.products.fad[:] = sd * np.random.default_rng(1).standard_normal(n)
    before = state.products.fad.astype(float)
    look(state, Reputation(fad_rho=rho, fad_sd=sd), 7)
    after = state.products.fad.astype(float)
    # noise within 3 sd has a variance of 1 - 6 phi(3) / (2 Phi(3) - 1) = .9733
    noise = sd * math.sqrt((1 - rho**2) * 0.9733)
    step = after - rho * before
    assert abs(step.mean()) < 4 * noise / math.sqrt(n)
    assert step.std() == pytest.approx(noise, rel=4 / math.sqrt(2 * n))
    assert np.max(np.abs(step)) <= 3 * sd * math.sqrt(1 - rho**2) * (1 + 1e-6)
    assert abs(np.corrcoef(step, before)[0, 1]) < 4 / math.sqrt(n)


def test_fads_that_never_pass_stand_still():
    state = shelf(50)
    state.products.fad[:] = np.linspace(-1, 1, 50)
    before = state.products.fad.copy()
    look(state, Reputation(fad_rho=1.0), 7)
    assert np.array_equal(state.products.fad, before)


def test_one_more_product_changes_no_fad():
    few, many = shelf(5), shelf(6)
    for state in (few, many):
        state.products.id[:] = np.arange(len(state.products))
        look(state, Reputation(), 7)
    assert np.array_equal(few.products.fad, many.products.fad[:5])


def test_a_market_without_products_has_no_appeal():
    assert len(look(market(sellers=0), Reputation(), 7).flows.appeal) == 0
