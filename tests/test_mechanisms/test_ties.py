"""Ties: who begins and ceases to follow whom."""

import math

import numpy as np
import pytest

from sim.flows import Total
from sim.mechanisms.ties import Ties, wear
from sim.state import FOLLOW_SLOTS
from sim.tables import NOTHING
from tests.small import act, block, fits, market, morning, put_engaged, share_fits

#: Nobody follows and nobody unfollows, unless a test says so.
STILL = {"p_follow": 0.0, "neglect": 0.0, "disappointment": 0.0}


def fans(users=20_000, creators=20, follows=(), engaged_on=0, **more):
    """Return a market in which all users follow some hosts, last engaged with on a day."""
    state = market(users=users, creators=creators, **more)
    n = len(follows)
    state.users.follows[:, :n], state.users.engaged_on[:, :n] = follows, engaged_on
    state.users.n_follows[:] = n
    return state


def mingle(state, ties, engaged=(), counter=0, rows=slice(None), made=None):
    """Let users engage with some hosts, one after the other; return the morning afterwards."""
    today = morning(state, counter)
    made = made or block(today)
    for host in engaged:
        put_engaged(made, rows, host)
    act(ties, today, made)
    return today


def following(state, host):
    """Return which users follow ``host``."""
    used = np.arange(FOLLOW_SLOTS) < state.users.n_follows[:, None]
    return np.any((state.users.follows == host) & used, axis=1)


def consistent(state, before, today):
    """Whether slots are filled from the left without doubles, and counts tell how followers changed."""
    users, hosts = state.users, today.flows.counts.hosts
    used = np.arange(FOLLOW_SLOTS) < users.n_follows[:, None]
    slots = all(len(set(row[:n])) == n for row, n in zip(users.follows.tolist(), users.n_follows, strict=True))
    filled = np.array_equal(used, users.follows != NOTHING)
    change = np.bincount(users.follows[used], minlength=len(state.hosts)) - before
    return slots and filled and np.array_equal(hosts.gained - hosts.lost, change)


def test_wear_follows_its_formula():
    for idle in (0, 1, 60, 1_000):
        assert wear(idle, 0.002, 60.0) == pytest.approx(0.002 * (1 - math.exp(-idle / 60)), rel=1e-12, abs=1e-18)


def test_engagement_leads_to_following():
    state = fans()
    today = mingle(state, Ties(**{**STILL, "p_follow": 0.3}), [4], rows=slice(0, 10_000), counter=7)
    found = following(state, 4)
    assert share_fits(found[:10_000].sum(), 10_000, 0.3)
    assert not found[10_000:].any()
    assert np.all(state.users.engaged_on[found, 0] == 7)
    counts = today.flows.counts
    assert counts.totals[Total.FOLLOWS] == counts.hosts.gained[4] == found.sum()
    assert counts.totals[Total.UNFOLLOWS] == counts.hosts.lost.sum() == 0


def test_each_host_engaged_with_has_a_chance_of_its_own():
    state = fans(creators=4, sellers=4)
    assert set(state.creators.id) & set(state.sellers.id)  # keyed by who they are, and not by id alone
    mingle(state, Ties(**{**STILL, "p_follow": 0.5}), range(8))
    assert fits(
        np.bincount(state.users.n_follows, minlength=9), 20_000 * np.array([math.comb(8, k) for k in range(9)]) / 256
    )


def test_every_engagement_has_a_chance():
    state = fans()
    mingle(state, Ties(**{**STILL, "p_follow": 0.3}), [4, 4])
    assert share_fits(following(state, 4).sum(), 20_000, 1 - 0.7**2)


def test_engagement_with_a_followed_host_keeps_the_tie_fresh():
    state = fans(users=5, follows=[3, 6], engaged_on=2)
    today = mingle(state, Ties(**{**STILL, "p_follow": 1.0}), [6], counter=9)
    assert state.users.follows[:, :3].tolist() == [[3, 6, NOTHING]] * 5
    assert state.users.engaged_on[:, :2].tolist() == [[2, 9]] * 5
    assert today.flows.counts.totals[Total.FOLLOWS] == 0


@pytest.mark.parametrize("idle", [1, 30, 400])
def test_neglect_wears_ties_out(idle):
    state = fans(follows=[2, 5], engaged_on=[10, 10 + idle])
    mingle(state, Ties(**{**STILL, "neglect": 0.5}, patience=30), counter=10 + idle)
    assert share_fits((~following(state, 2)).sum(), 20_000, 0.5 * (1 - math.exp(-idle / 30)))
    assert following(state, 5).all()  # engaged with today


def test_a_neglected_tie_decays_day_by_day():
    state, days, ties = fans(follows=[2]), 60, Ties(**{**STILL, "neglect": 0.05}, patience=20)
    left = 1.0
    for day in range(1, days + 1):
        mingle(state, ties, counter=day)
        left *= 1 - 0.05 * (1 - math.exp(-day / 20))
    assert share_fits(following(state, 2).sum(), 20_000, left)


@pytest.mark.parametrize(("satisfaction", "chance"), [(0.0, 0.4), (0.49, 0.4), (0.5, 0.0), (1.0, 0.0)])
def test_disappointment_ends_ties_to_the_last_seller(satisfaction, chance):
    state = fans(creators=3, sellers=2, follows=[1, 3, 4])
    state.users.last_seller[:], state.users.satisfaction[:] = 1, satisfaction
    mingle(state, Ties(**{**STILL, "disappointment": 0.4}))
    gone = ~following(state, 4)
    assert share_fits(gone.sum(), 20_000, chance) if chance else not gone.any()
    assert following(state, 1).all() and following(state, 3).all()


def test_neglect_and_disappointment_add_up():
    state = fans(creators=0, sellers=1, follows=[0])
    state.users.last_seller[:], state.users.satisfaction[:] = 0, 0.2
    mingle(state, Ties(**{**STILL, "neglect": 0.3, "disappointment": 0.2}, patience=10), counter=10)
    assert share_fits((~following(state, 0)).sum(), 20_000, 0.3 * (1 - math.exp(-1)) + 0.2)


def test_without_a_last_seller_there_is_no_disappointment():
    state = fans(users=100, creators=1, follows=[0])
    state.users.last_seller[:], state.users.satisfaction[:] = NOTHING, 0.0
    mingle(state, Ties(**{**STILL, "disappointment": 1.0}))  # row of the last creator + NOTHING is that creator
    assert following(state, 0).all()


def test_the_least_recently_engaged_makes_room():
    state = fans(users=2, creators=20, follows=range(FOLLOW_SLOTS), engaged_on=np.arange(FOLLOW_SLOTS) + 3)
    state.users.engaged_on[0, 5], state.users.engaged_on[1, 11] = 1, 2
    before = np.bincount(state.users.follows.ravel(), minlength=len(state.hosts))
    today = mingle(state, Ties(**{**STILL, "p_follow": 1.0}), [15], counter=20)
    gone = [set(range(FOLLOW_SLOTS)) - set(row.tolist()) for row in state.users.follows]
    assert gone == [{5}, {11}]
    assert following(state, 15).all() and state.users.n_follows.tolist() == [FOLLOW_SLOTS] * 2
    hosts = today.flows.counts.hosts
    assert (hosts.gained[15], hosts.lost[5], hosts.lost[11]) == (2, 1, 1)
    assert consistent(state, before, today)


def test_new_follows_do_not_push_each_other_out():
    state = fans(users=1, creators=20, follows=range(FOLLOW_SLOTS), engaged_on=0)
    mingle(state, Ties(**{**STILL, "p_follow": 1.0}), [12, 13, 14], counter=5)
    assert {12, 13, 14} <= set(state.users.follows[0].tolist())


def test_slots_and_counts_stay_consistent_through_much_coming_and_going():
    state, chance = fans(users=300, creators=40), np.random.default_rng(1)
    ties = Ties(p_follow=0.6, neglect=0.4, patience=3, disappointment=0.2)
    state.users.last_seller[:] = 0
    full = 0
    for counter in range(25):
        used = np.arange(FOLLOW_SLOTS) < state.users.n_follows[:, None]
        before = np.bincount(state.users.follows[used], minlength=41)
        today = morning(state, counter)
        made = block(today)
        for row in range(300):
            for host in chance.choice(41, 6, replace=False):
                put_engaged(made, [row], host)
        act(ties, today, made)
        assert consistent(state, before, today), counter
        full += (state.users.n_follows == FOLLOW_SLOTS).sum()
    assert full > 0


def test_twins_with_a_higher_chance_only_follow_more():
    less, more = fans(users=3_000), fans(users=3_000)
    mingle(less, Ties(**{**STILL, "p_follow": 0.2}), [4])
    mingle(more, Ties(**{**STILL, "p_follow": 0.25}), [4])
    assert np.all(following(more, 4)[following(less, 4)]) and following(more, 4).sum() > following(less, 4).sum()


def test_a_block_writes_its_own_rows_only():
    state = fans(users=30)
    today = morning(state)
    mingle(state, Ties(**{**STILL, "p_follow": 1.0}), [4], made=block(today, 10, 20))
    assert state.users.n_follows.tolist() == [0] * 10 + [1] * 10 + [0] * 10


@pytest.mark.parametrize(("users", "creators", "sellers"), [(0, 0, 0), (0, 3, 1), (4, 0, 0)])
def test_empty_tables_do_no_harm(users, creators, sellers):
    today = mingle(fans(users=users, creators=creators, sellers=sellers), Ties())
    assert today.flows.counts.totals.sum() == 0
