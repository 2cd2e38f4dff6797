"""Learning once a week: effort, giving up, adopting LIVE, imitating peers."""

import math

import numpy as np
import pytest

from sim.mechanisms.learning import Learning, live_hazard
from sim.tables import NEVER
from tests.small import PRICE, fits, market, morning, put_orders, share_fits

N = 6_000
#: Nobody imitates, gives up or adopts LIVE, unless a test says so.
STILL = {"imitate": 0.0, "drop": 0.0, "seller_drop": 0.0, "bass_p": 0.0, "bass_q": 0.0}


def crowd(**more):
    """Return a market in which everybody's weekday is day 0, and nobody is about to go LIVE."""
    state = market(**more)
    state.creators.id[:] = 7 * np.arange(1, len(state.creators) + 1)
    state.sellers.id[:] = 7 * np.arange(1, len(state.sellers) + 1)
    state.sellers.live_threshold[:] = 1e9
    return state


def learn(state, counter=0, change=lambda today: None, **parameters):
    today = morning(state, counter)
    change(today)
    Learning(**{**STILL, **parameters}).step(today)
    return today


def earn(state, income):
    """Let the income of creators be ``income`` once a day without pay has made it less by a 28th."""
    state.creators.income[:] = np.asarray(income) * 28 / 27


def test_effort_follows_income_against_what_it_would_earn_elsewhere():
    state = crowd(creators=5)
    state.creators.reservation[:] = [820, 1_820, 0, 10**9, 820]
    earn(state, [2_820, 820, 10**9, 0, 820])
    learn(state)
    # incomes plus 180 are in the ratios 3, 1/2, very large, very small and 1; of these (r^2 - 1) / (r^2 + 1)
    steps = [0.8, -0.6, 1.0, -1.0, 0.0]
    assert state.creators.effort.tolist() == pytest.approx([math.exp(0.05 * x) for x in steps], rel=1e-6)
    assert state.sellers.effort.tolist() == [1.0]


def test_effort_is_revised_on_ones_own_weekday_by_who_is_in_business():
    state = crowd(creators=10)
    state.creators.id[:] = np.arange(10) + 3
    state.creators.reservation[:] = 10**9
    state.creators.left[8], state.creators.joined[9] = 1, 5  # their weekdays are days 3 and 2
    revised = []
    for counter in range(7):
        before = state.creators.effort.copy()
        learn(state, counter)
        revised.append(np.flatnonzero(state.creators.effort != before).tolist())
    assert revised == [[4], [3], [2], [1], [0, 7], [6], [5]]


def test_effort_stays_within_four_times_the_temperament():
    state = crowd(creators=4)
    state.creators.usual_effort[:], state.creators.effort[:] = [2, 2, 0.5, 0.5], [7.9, 0.505, 1.9, 0.13]
    earn(state, [10**9, 0, 10**9, 0])
    state.creators.reservation[:] = [0, 10**9, 0, 10**9]
    learn(state)
    assert state.creators.effort.tolist() == pytest.approx([8.0, 0.5, 1.9 * math.exp(0.05), 0.125], rel=1e-6)


def test_low_weeks_are_counted_in_a_row():
    state, low = crowd(creators=2), []
    state.creators.reservation[:] = [1_000, 0]
    for counter, income in [(0, 0), (3, 0), (7, 999), (14, 1_000.1), (21, 0), (28, 999)]:
        earn(state, [income, income])
        learn(state, counter)
        low.append(state.creators.low_weeks.tolist())
    assert low == [[1, 0], [1, 0], [2, 0], [0, 0], [1, 0], [2, 0]]


@pytest.mark.parametrize(("parameters", "reviews"), [({}, 9), ({"low_weeks": 2}, 3)])
def test_after_so_many_low_weeks_the_next_may_be_the_last(parameters, reviews):
    state, gone = crowd(creators=2), []
    state.creators.reservation[0] = 1_000
    for counter in range(7 * reviews):
        gone.append(int(learn(state, counter, drop=1.0, **parameters).flows.gave_up[0]))
    assert gone.index(1) == 7 * (reviews - 1) and sum(gone) == 1
    assert state.creators.left.tolist() == [7 * (reviews - 1) + 1, NEVER]  # gone from tomorrow on


@pytest.mark.parametrize(("parameters", "lever", "chance"), [({}, 1, 0.02), ({}, 3, 0.06), ({"drop": 0.5}, 0.5, 0.25)])
def test_creators_give_up_by_chance_and_lever(parameters, lever, chance):
    state = crowd(creators=N)
    state.creators.reservation[:], state.creators.low_weeks[:] = 1_000, 8

    def pull(today):
        today.levers.giving_up[:N] = lever

    today = learn(state, change=pull, **{"drop": 0.02, **parameters})
    gone = state.creators.left == 1
    assert today.flows.gave_up.tolist() == [gone.sum(), 0]
    assert share_fits(gone.sum(), N, chance)


def test_few_give_up_or_imitate_in_a_week_unless_told_otherwise():
    assert (Learning().drop, Learning().seller_drop, Learning().imitate) == (0.02, 0.01, 0.05)


def test_sellers_may_give_up_after_half_a_year_without_a_sale():
    state, n = crowd(sellers=3, users=1), 26 * 7
    state.sellers.last_sale[:] = [NEVER, 30, 100]
    state.sellers.joined[0] = 14

    def sell(today):
        if today.counter == 2:
            put_orders(today, [0], 2)

    gone = [int(learn(state, day, sell, seller_drop=1.0).flows.gave_up[1]) for day in [2, *range(n - 3, n + 50)]]
    # reviewed every seventh day: first later than 14 + 182, than 30 + 182, and, for the third sold on day 2, than 184
    assert state.sellers.left.tolist() == [204, 218, 190] and sum(gone) == 3


def test_sellers_give_up_by_chance_and_lever():
    state = crowd(sellers=N, creators=N)

    def pull(today):
        today.levers.giving_up[:N], today.levers.giving_up[N:] = 0.0, 5.0

    today = learn(state, 203, pull, seller_drop=0.01)
    assert share_fits((state.sellers.left == 204).sum(), N, 0.05) and today.flows.gave_up[1] > 0


def test_the_hazard_of_going_live_follows_its_formula():
    same = live_hazard(0.03, 0.38, 0.5, 0.4, 0.4, 1.0, 28.0, 0)
    assert same == pytest.approx(0.22 / 52, rel=1e-12)
    assert live_hazard(0.03, 0.38, 0.5, 0.4, 0.4, 1.0, 28.0, 3) == pytest.approx(same * 4**0.3, rel=1e-12)
    grown = live_hazard(0.03, 0.38, 0.5, 9 / 28, 4 / 28, 2.0, 28.0, 0)
    assert grown == pytest.approx(same * (10 / 5) ** 2, rel=1e-12)


def test_the_urge_to_go_live_grows_by_the_share_of_the_category_that_does():
    state = crowd(sellers=10, categories=2)
    state.sellers.live_chance[[0, 1, 5]] = 0.2
    state.sellers.left[1], state.sellers.joined[2] = 0, 9  # neither counts

    def pull(today):
        today.levers.live_attraction[9] = 3.0

    learn(state, change=pull, bass_p=0.03, bass_q=0.38)
    # one of three of the first category, one of five of the second
    first, second = (0.03 + 0.38 / 3) / 52, (0.03 + 0.38 / 5) / 52
    expected = [0, 0, 0, first, first, 0, second, second, second, 3 * second]
    assert state.sellers.live_urge.tolist() == pytest.approx(expected, rel=1e-6)


def test_the_bass_numbers_are_those_of_the_textbook_and_growth_counts_once():
    assert (Learning().bass_p, Learning().bass_q, Learning().growth) == (0.03, 0.38, 1.0)


def test_a_seller_goes_live_when_the_urge_reaches_the_threshold():
    state = crowd(sellers=2)
    state.sellers.live_threshold[:] = [9.5 * 0.5 / 52, 1.0]
    for counter in range(7 * 9):
        learn(state, counter, bass_p=0.5)
    assert state.sellers.live_chance.tolist() == [0, 0]
    for counter in range(63, 80):
        learn(state, counter, bass_p=0.5)
    assert state.sellers.live_chance.tolist() == [pytest.approx(0.3), 0]
    assert state.sellers.live_since.tolist() == [64, NEVER]  # the tenth week begins on day 63
    assert state.sellers.live_urge.tolist() == pytest.approx([10 * 0.5 / 52, 12 * 0.5 / 52], rel=1e-5)


def pairs(n=2_000, **columns):
    """Return a market of ``n`` clusters of two sellers, the first of which sells less."""
    state = crowd(sellers=2 * n, products=2)
    state.sellers.cluster[:] = np.arange(2 * n) // 2 + 1
    state.sellers.recent[:] = [0.1, 0.5] * n
    for name, (worse, better) in columns.items():
        table = state.products if name in ("price", "reference", "cost") else state.sellers
        getattr(table, name)[:] = np.tile(np.repeat([worse, better], 2 if table is state.products else 1), n)
    return state


def less_and_more(state, name):
    """Return a column of those who sell less, and of those who sell more, a row a cluster."""
    table = state.products if name == "price" else state.sellers
    column = getattr(table, name).reshape(-1, 4 if name == "price" else 2)
    return column[:, : column.shape[1] // 2], column[:, column.shape[1] // 2 :]


def test_who_sells_less_takes_steps_of_half_a_point_of_commission():
    state = pairs(commission=(0.1, 0.2))
    learn(state, imitate=0.4)
    worse, better = less_and_more(state, "commission")
    took = worse[:, 0] > 0.1001
    assert share_fits(took.sum(), 2_000, 0.4 / 2)  # half of those who look see themselves
    assert worse[took, 0] == pytest.approx(0.105, rel=1e-5) and np.all(better == np.float32(0.2))


def test_a_last_step_reaches_the_peer_and_goes_no_further():
    for ours, theirs in ((0.1, 0.102), (0.102, 0.1)):
        state = pairs(commission=(ours, theirs))
        learn(state, imitate=1.0)
        worse, _ = less_and_more(state, "commission")
        stepped = np.isclose(worse[:, 0], theirs, rtol=1e-6)
        assert share_fits(stepped.sum(), 2_000, 1 / 2) and np.all(stepped | (worse[:, 0] == np.float32(ours)))


# own price against what is usual, that of the peer > own price afterwards
PRICES = [((PRICE, PRICE), (120_000, PRICE), 101_000), ((PRICE, PRICE), (90_000, PRICE), 99_000),
          ((PRICE, 80_000), (50_000, 40_000), PRICE), ((PRICE, 80_000), (60_000, 40_000), 101_000)]  # fmt: skip


@pytest.mark.parametrize(("ours", "theirs", "expected"), PRICES)
def test_prices_of_all_products_move_a_hundredth_towards_dearer_or_cheaper(ours, theirs, expected):
    state = pairs(price=(ours[0], theirs[0]), reference=(ours[1], theirs[1]), cost=(1, 1), commission=(0.1, 0.2))
    learn(state, imitate=1.0)
    took = less_and_more(state, "commission")[0][:, 0] > 0.1001
    worse, better = less_and_more(state, "price")
    assert set(worse[took].ravel()) == {expected} and set(worse[~took].ravel()) == {ours[0]}
    assert set(better.ravel()) == {theirs[0]}


def test_nobody_sells_below_cost_to_be_like_a_peer():
    state = pairs(price=(PRICE, 50_000), cost=(99_400, 10))
    learn(state, imitate=1.0)
    assert set(less_and_more(state, "price")[0].ravel()) == {PRICE, 99_401}


def test_open_plans_are_imitated_both_ways():
    for theirs in (True, False):
        state = pairs(open=(not theirs, theirs))
        learn(state, imitate=1.0)
        worse, better = less_and_more(state, "open")
        assert share_fits((worse == theirs).sum(), 2_000, 1 / 2) and np.all(better == theirs)


def test_all_peers_are_looked_at_alike_and_only_who_sells_more_is_followed():
    n = 3_000
    state = crowd(sellers=5 * n)
    state.sellers.cluster[:] = np.arange(5 * n) // 5 + 1
    state.sellers.recent[:] = [0.1, 0.2, 0.2, 0.2, 0.05] * n
    state.sellers.commission[:] = [0.01, 0.02, 0.03, 0.04, 0.05] * n
    state.sellers.left[3::5] = 0
    learn(state, imitate=1.0, commission_step=0.1)
    found = np.rint(state.sellers.commission[::5] * 100).astype(int)
    assert fits(np.bincount(found, minlength=6), n / 5 * np.array([0, 3, 1, 1, 0, 0]))
    # two of equal sales leave each other alone
    assert np.all(state.sellers.commission[1::5] == np.float32(0.02))


def test_everybody_looks_at_peers_as_they_were_in_the_morning():
    n = 3_000
    state = crowd(sellers=3 * n)
    state.sellers.cluster[:] = np.arange(3 * n) // 3 + 1
    state.sellers.recent[:] = [0.2, 0.1, 0.3] * n  # the middle one moves before the least is served
    state.sellers.commission[:] = [0.1, 0.1, 0.2] * n
    learn(state, imitate=1.0)
    assert share_fits((state.sellers.commission[1::3] > 0.1001).sum(), n, 1 / 3)


def test_a_trade_cluster_is_closer_than_a_category():
    state = crowd(sellers=8, categories=2)
    state.sellers.cluster[:] = [0, 0, 1, 2, 0, 0, 1, 2]
    state.sellers.recent[:] = [0.1, 0.1, 0.1, 0.9, 0.1, 0.2, 0.9, 0.1]
    state.sellers.commission[:] = np.arange(1, 9) / 100
    for week in range(100):
        learn(state, 7 * week, imitate=1.0, commission_step=0.1, memory=365)
        state.sellers.recent[:] = [0.1, 0.1, 0.1, 0.9, 0.1, 0.2, 0.9, 0.1]
    # of the same category 6 is followed by 5; of the same cluster 7 by 3, and 4 by 8
    assert np.rint(state.sellers.commission * 100).tolist() == [1, 2, 7, 4, 6, 6, 7, 4]


def test_empty_tables_do_no_harm():
    today = learn(market(sellers=0), imitate=1.0, drop=1.0, seller_drop=1.0)
    assert today.flows.gave_up.tolist() == [0, 0]
