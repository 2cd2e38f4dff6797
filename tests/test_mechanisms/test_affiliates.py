"""Affiliates: which products creators choose to promote."""

import math

import numpy as np
import pytest

from sim.mechanisms.affiliates import Affiliates, score
from sim.rng import Stream
from sim.tables import NEVER, NOTHING
from tests.small import fits, market, morning, village
from tests.twins.chance import Dice

#: All products of a small market are looked at: one of six is missed by 28 looks with chance .006.
EVERYTHING = {"looked_at": 28, "every": 1}


def plans(creators=40, sellers=6, **more):
    """Return a market of creators without anything to promote."""
    return market(creators=creators, sellers=sellers, **more)


def compare(state, affiliates, appeal=0.0, counter=0, seed=1):
    today = morning(state, counter, seed=seed)
    today.flows.appeal[:] = appeal
    affiliates.step(today)
    return today


def shown(state):
    """Return what each creator promotes, as lists without gaps at the end."""
    return [[int(p) for p in row if p != NOTHING] for row in state.creators.showcase]


def test_the_score_follows_its_formula():
    for price, commission, appeal, taste in [(1_000, 0.2, 0, 0), (400_000, 0.05, 1.5, -0.7), (9e6, 0.1, -2, 3)]:
        expected = math.log(price * commission) + appeal - math.log(1 + (price / 400_000) ** 2) + taste
        assert score(price, commission, appeal, 400_000.0, taste) == pytest.approx(expected, rel=1e-13)


def test_the_best_four_are_promoted_best_first():
    state = plans()
    price = np.array([100, 900, 50, 400, 200, 20]) * 1_000
    commission, appeal = np.array([0.1, 0.1, 0.2, 0.05, 0.15, 0.2]), np.array([0, 0, 1.5, 0, 0, 2.2])
    state.products.price[:], state.sellers.commission[:] = price, commission
    compare(state, Affiliates(ev_sd=0.0, **EVERYTHING), appeal)
    value = np.log(price * commission) + appeal - np.log(1 + (price / 400_000) ** 2)
    # all creators saw all, but for chance: who missed one of the best four has the fifth instead
    order = np.argsort(-value).tolist()
    assert sum(found == order[:4] for found in shown(state)) >= 37
    for found in shown(state):
        assert found == sorted(found, key=order.index)


def test_a_price_beyond_what_wallets_hold_is_worth_less_the_higher_it_is():
    values = [score(price, 0.1, 0.0, 400_000.0, 0.0) for price in (100_000, 400_000, 1_600_000, 6_400_000)]
    assert values[1] == max(values)
    # far above, twice the price halves the value
    assert score(2e8, 0.1, 0.0, 4e5, 0.0) - score(1e8, 0.1, 0.0, 4e5, 0.0) == pytest.approx(-math.log(2), abs=1e-4)


def test_own_taste_lets_creators_promote_different_products():
    state = plans(creators=20_000)
    compare(state, Affiliates(ev_sd=1.0, **EVERYTHING))
    first = np.bincount(state.creators.showcase[:, 0], minlength=6)
    assert fits(first, np.full(6, 20_000 / 6))


def test_tastes_last_although_what_is_looked_at_changes():
    state = plans(creators=200)
    compare(state, Affiliates(ev_sd=2.0, **EVERYTHING), counter=0)
    first = state.creators.showcase.copy()
    for counter in (1, 2):
        compare(state, Affiliates(ev_sd=2.0, **EVERYTHING), counter=counter)
    assert np.mean(first[:, 0] == state.creators.showcase[:, 0]) > 0.98


def test_each_look_finds_any_product_of_the_niche_alike():
    state = plans(creators=30_000, sellers=10, categories=2)
    state.creators.category[:] = 1
    compare(state, Affiliates(looked_at=1))
    found = np.bincount(state.creators.showcase[:, 0], minlength=10)
    assert fits(found, [0] * 5 + [6_000] * 5)
    assert np.all(state.creators.showcase[:, 1:] == NOTHING)


def test_there_is_room_for_all_that_can_be_compared():
    state = plans(creators=300, sellers=2_000)
    state.creators.showcase[:] = [0, 1, 2, 3]
    appeal = np.arange(2_000) / 100
    compare(state, Affiliates(ev_sd=0.0, **EVERYTHING), appeal)
    best = state.creators.showcase
    assert np.all(np.diff(best, axis=1) < 0)  # best first
    # the best of 28 looked at among 2,000: below a share x with chance x^28
    assert best[:, 0].mean() == pytest.approx(2_000 * 28 / 29, rel=0.01)


def test_closed_plans_are_not_found_and_dropped_at_the_next_look():
    state = plans(creators=50, sellers=3)
    compare(state, Affiliates(**EVERYTHING), counter=0)
    assert all(sorted(found) == [0, 1, 2] for found in shown(state))
    state.sellers.open[0] = False
    state.sellers.left[2] = 1
    compare(state, Affiliates(**EVERYTHING), counter=1)
    assert all(found == [1] for found in shown(state))


def test_creators_look_once_a_week_each_on_a_day_of_its_own():
    state = plans(creators=70, sellers=2)
    state.creators.showcase[:, 0] = 0
    state.sellers.open[0] = False
    gone = []
    for counter in range(7):
        compare(state, Affiliates(**{**EVERYTHING, "every": 7}), counter=counter)
        changed = state.creators.showcase[:, 0] != 0
        assert np.array_equal(changed, np.isin((state.creators.id) % 7, [-k % 7 for k in range(counter + 1)]))
        gone.append(int(changed.sum()))
    assert gone == [10, 20, 30, 40, 50, 60, 70]


def test_who_has_nothing_to_promote_looks_every_day():
    state = plans(creators=30, sellers=1)
    compare(state, Affiliates(**{**EVERYTHING, "every": 365}))
    assert all(found == [0] for found in shown(state))


def test_only_eligible_creators_in_business_promote():
    state = plans(creators=4)
    state.creators.eligible[1] = False
    state.creators.joined[2] = NEVER
    state.creators.left[3] = 0
    today = compare(state, Affiliates(**EVERYTHING))
    assert [bool(found) for found in shown(state)] == [True, False, False, False]
    assert np.array_equal(today.flows.showcase[:4], state.creators.showcase)


def test_sellers_show_their_own_whatever_creators_do():
    state = plans(creators=4, sellers=3, products=2)
    own = state.sellers.showcase.copy()
    today = compare(state, Affiliates(**EVERYTHING))
    assert np.array_equal(today.flows.showcase[4:], own)


@pytest.mark.parametrize(("creators", "sellers"), [(0, 0), (5, 0), (0, 5)])
def test_empty_tables_do_no_harm(creators, sellers):
    state = plans(creators=creators, sellers=sellers)
    compare(state, Affiliates())
    assert shown(state) == [[]] * creators


def test_a_niche_without_products_or_without_open_plans_is_left_alone():
    state = plans(creators=6, sellers=3, categories=3)
    state.products.category[:] = [0, 0, 2]  # none of category 1
    state.sellers.open[2] = False
    compare(state, Affiliates(**EVERYTHING))
    assert [bool(found) for found in shown(state)] == [True, True, False, False, False, False]


def test_a_village_promotes_what_a_plain_twin_promotes():
    today = village(days=2)
    state, affiliates = today.state, Affiliates(every=2)
    state.sellers.open[::4] ^= True
    before = [[int(p) for p in row] for row in state.creators.showcase]
    today.counter = 9  # another day: other products are looked at
    affiliates.step(today)
    found = [[int(p) for p in row] for row in state.creators.showcase]
    assert found == [twin(affiliates, today, c, before[c]) for c in range(len(before))]
    assert found != before


def twin(affiliates, today, c, had):
    """Return what one creator promotes, in plain Python."""
    creators, sellers, products = today.state.creators, today.state.sellers, today.state.products
    in_business = creators.joined[c] <= 9 < creators.left[c] and creators.eligible[c]
    if not in_business or ((9 + creators.id[c]) % affiliates.every and had[0] != NOTHING):
        return had

    def is_open(p):
        s = products.seller[p]
        return sellers.open[s] and sellers.joined[s] <= 9 < sellers.left[s]

    def value(p):
        price, s = int(products.price[p]), products.seller[p]
        taste = affiliates.ev_sd * Dice(today.seed, 0, Stream.TASTE_FOR_PRODUCT).normal(creators.id[c], products.id[p])
        promise = math.log(price * float(sellers.commission[s])) + today.flows.appeal[p]
        return promise - math.log(1 + (price / affiliates.afford) ** 2) + taste

    niche = np.flatnonzero(products.category == creators.category[c])
    looks = Dice(today.seed, 9, Stream.AFFILIATE_SEARCH)
    drawn = [int(niche[int(looks.units(creators.id[c], k)[0] * len(niche))]) for k in range(8 * affiliates.looked_at)]
    seen = [p for p in drawn if is_open(p)][: affiliates.looked_at]
    best = sorted({p for p in [*had, *seen] if p != NOTHING and is_open(p)}, key=value, reverse=True)[:4]
    return best + [NOTHING] * (4 - len(best))
