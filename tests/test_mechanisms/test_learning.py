"""Learning: what a day leaves behind, against closed forms."""

import numpy as np
import pytest

from sim.flows import Bonus
from sim.mechanisms.learning import Learning
from sim.state import Orders, Status
from sim.tables import NEVER, NOTHING
from tests.small import PRICE, market, morning, put_orders

#: Nobody imitates, gives up or adopts LIVE, unless a test says so.
STILL = {"imitate": 0.0, "drop": 0.0, "seller_drop": 0.0, "bass_p": 0.0, "bass_q": 0.0}


def crowd(**more):
    """Return a market whose creators and sellers are far from any threshold."""
    state = market(**more)
    state.sellers.live_threshold[:] = 1e9
    return state


def learn(state, learning=None, days=1, first=0, change=lambda today: None):
    """Let everybody learn from some days, each changed by ``change``; return the last."""
    for counter in range(first, first + days):
        today = morning(state, counter)
        change(today)
        (learning or Learning(**STILL)).step(today)
    return today


def closed(today, creators=(), products=0, status=Status.PAID_OUT, host=None):
    """Let orders leave escrow today: of Rp100,000, with a fee of 7,000 and, if by a creator, 10,000 + 2,000."""
    orders = Orders.empty(len(creators))
    orders.host[:] = creators
    orders.product[:], orders.status[:], orders.price[:], orders.fee[:] = products, status, PRICE, 7_000
    orders.seller[:] = today.state.products.seller[orders.product]
    by_creator = (orders.host != NOTHING) & (orders.host < len(today.state.creators))
    orders.commission[:], orders.top_up[:] = 10_000 * by_creator, 2_000 * by_creator
    today.flows.closed = orders


def test_momentum_decays_by_a_twentieth_a_day():
    state = crowd(creators=3, sellers=2)
    state.hosts.momentum[:], state.hosts.live_momentum[:] = 8.0, 3.0
    learn(state, days=30)
    assert state.hosts.momentum.tolist() == pytest.approx([8 * 0.95**30] * 5, rel=1e-5)
    assert state.hosts.live_momentum.tolist() == pytest.approx([3 * 0.95**30] * 5, rel=1e-5)


def test_momentum_grows_towards_engagement_and_live_momentum_towards_stays():
    state = crowd(creators=2)

    def draw(today):
        today.flows.counts.hosts.engaged[:], today.flows.counts.hosts.stays[:] = [40, 0, 10], [0, 6, 2]

    learn(state, Learning(**STILL, rho_m=0.9), days=12, change=draw)
    gained = 1 - 0.9**12  # 1 - rho^n of what comes every day
    assert state.hosts.momentum.tolist() == pytest.approx([40 * gained, 0, 10 * gained], rel=1e-5)
    assert state.hosts.live_momentum.tolist() == pytest.approx([0, 6 * gained, 2 * gained], rel=1e-5)


def test_skill_approaches_its_ceiling_at_the_rate_of_posting():
    state = crowd(creators=4, sellers=1)
    state.hosts.skill[:] = [0, 0, -1, 1.5, 1]
    state.hosts.effort[:] = state.hosts.usual_effort[:] = [1, 3, 1, 0, 9]
    learn(state, Learning(**STILL, learn=0.1), days=20)
    # of the way that is left, posts / (1 + posts) tenths go every day: 1/2, 3/4, 1/2, nothing, 9/10
    left = [2 * 0.95**20, 2 * 0.925**20, 3 * 0.95**20, 0.5, 1 * 0.91**20]
    assert state.hosts.skill.tolist() == pytest.approx([2 - gap for gap in left], rel=1e-5)


def test_skill_grows_by_a_two_thousandth_of_the_way_unless_told_otherwise():
    state = crowd(creators=1)
    state.hosts.effort[:] = 1e9  # so many posts that a day of them counts whole
    learn(state)
    assert state.creators.skill[0] == pytest.approx(2.0 * 0.0005, rel=1e-6)


def test_skill_above_the_ceiling_is_kept_and_who_does_not_post_learns_nothing():
    state = crowd(creators=2)
    state.hosts.skill[:], state.hosts.left[1] = [2.5, 0.5, 2.0], 0
    learn(state, days=10)
    assert state.hosts.skill.tolist() == [2.5, 0.5, 2.0]


def test_followers_are_those_gained_less_those_lost():
    state = crowd(creators=2)
    state.hosts.followers[:] = [100, 7, 3]

    def meet(today):
        today.flows.counts.hosts.gained[:], today.flows.counts.hosts.lost[:] = [5, 0, 2], [1, 7, 0]

    learn(state, change=meet)
    assert state.hosts.followers.tolist() == [104, 0, 5]


def test_income_of_creators_is_commission_and_top_up_over_a_month():
    state = crowd(creators=2, sellers=1)

    def pay(today):
        closed(today, creators=[0, 0, 1, 2, NOTHING])  # host 2 is the seller

    learn(state, days=14, change=pay)
    share = 1 - (27 / 28) ** 14
    assert state.creators.income.tolist() == pytest.approx([24_000 * share, 12_000 * share], rel=1e-9)


def test_income_of_sellers_is_the_margin_over_unit_cost():
    state = crowd(creators=1, sellers=2)
    state.products.cost[:] = [30_000, 95_000]

    def pay(today):
        closed(today, creators=[0, NOTHING, NOTHING], products=[0, 0, 1])

    learn(state, Learning(**STILL, memory=4), change=pay)
    # 100,000 - 7,000 - 10,000 - 30,000, the same without commission, and a loss
    assert state.sellers.income.tolist() == pytest.approx([(53_000 + 63_000) / 4, -2_000 / 4], rel=1e-12)


@pytest.mark.parametrize("status", [Status.RETURNED, Status.SOLD_OUT])
def test_nobody_earns_by_what_comes_back_or_was_sold_out(status):
    state = crowd(creators=1)
    learn(state, change=lambda today: closed(today, creators=[0], status=status))
    assert state.hosts.income.tolist() == [0, 0]


def test_bonuses_are_income_of_creators_and_sellers():
    state = crowd(creators=2, sellers=2)

    def give(today):
        today.flows.bonuses += [Bonus(0, np.array([1, 3, 1]), np.array([280, 560, 28]))]

    learn(state, change=give)
    assert state.hosts.income.tolist() == pytest.approx([0, 11, 0, 20], rel=1e-12)


def test_sales_are_counted_by_seller_on_the_day_of_the_order():
    state = crowd(users=4, sellers=3)

    def sell(today):
        put_orders(today, range(4), [0, 0, 2, 2], price=[10, 20, 40, 80]).status[3] = Status.SOLD_OUT

    learn(state, first=9, change=sell)
    assert state.sellers.orders.tolist() == [2, 0, 1] and state.sellers.revenue.tolist() == [30, 0, 40]
    assert state.sellers.last_sale.tolist() == [9, NEVER, 9]
    assert state.sellers.recent.tolist() == pytest.approx([2 / 28, 0, 1 / 28], rel=1e-6)


def test_earlier_sales_follow_sales_of_late():
    """Two averages one after the other: after n days of one sale a day, 1 - q^n and 1 - q^n - n (1 - q) q^(n-1)."""
    state, n, q = crowd(users=1, sellers=1), 40, 27 / 28
    learn(state, days=n, change=lambda today: put_orders(today, [0], 0))
    assert state.sellers.recent[0] == pytest.approx(1 - q**n, rel=1e-5)
    assert state.sellers.earlier[0] == pytest.approx(1 - q**n - n * (1 - q) * q ** (n - 1), rel=1e-5)
