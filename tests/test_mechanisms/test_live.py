"""LIVE: who visits which room, who stays, and for how long."""

import math

import numpy as np
import pytest

from sim.flows import Counts, RoomCounts, Total
from sim.mechanisms.live import Live, choose_daypart, stay_chance
from sim.stays import count_stay
from sim.tables import NOTHING
from tests.small import act, block, fits, logistic, market, morning, put_rooms, share_fits

EVENING = 2


def audience(users=20_000, creators=1, affinity=0.5, **more):
    """Return a market of users who are awake in the evening only."""
    state = market(users=users, creators=creators, **more)
    state.users.awake[:], state.users.daypart[:] = 1 << EVENING, EVENING
    state.users.live_affinity[:] = affinity
    state.creators.showcase[:, 0] = 0
    return state


def night(state, live, hosts, made=None, **rooms):
    today = morning(state)
    put_rooms(today, np.array(hosts), **rooms)
    return today, act(live, today, made)


def test_the_chance_to_stay_follows_its_formula():
    for skill, match, follows in [(0, 0, False), (1.5, 0.6, True), (-3, 1, False)]:
        expected = logistic(-1.8 + 0.4 * skill + 0.5 * match + 0.5 * follows)
        assert stay_chance(skill, match, follows, -1.8, 0.4, 0.5, 0.5) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("match", [1.0, 0.6, 0.0])
@pytest.mark.parametrize("called", [False, True])
def test_visitors_stay_by_skill_match_and_call(match, called):
    state = audience(sellers=3, categories=3, affinity=1.0)
    room = {1.0: 0, 0.6: 1, 0.0: 2}[match]
    state.creators.category[:] = room
    state.users.interest[:], state.users.interest_2[:] = 0, 1
    state.creators.live_skill[:] = 0.5
    state.users.follows[:, 0], state.users.n_follows[:] = 0, 1  # to follow is not enough
    live = Live(visits=5, half=0.001, minutes=0.1, rho=0.5, notified=float(called))
    today, _ = night(state, live, [0], minutes=360)
    counts = today.flows.counts.rooms
    assert share_fits(counts.stays[0], counts.visits[0], logistic(-1.8 + 0.4 * 0.5 + 0.5 * match + 0.5 * called))
    assert today.flows.counts.hosts.stays[0] == counts.stays[0] > 500


def test_there_are_as_many_visits_as_affinity_and_rooms_on_offer_say():
    state = audience(users=40_000, creators=8, affinity=0.7)
    live = Live(visits=0.9, half=0.5, l0=-8)
    for hosts in (1, 8):
        today, _ = night(state, live, list(range(hosts)))
        per_thousand = 1000 * hosts / 40_000  # all of them online
        mean = 40_000 * 0.7 * 0.9 * per_thousand / (per_thousand + 0.5)
        assert abs(today.flows.counts.totals[Total.VISITS] - mean) < 4 * math.sqrt(mean)


def test_without_a_room_there_is_no_visit():
    today, made = night(audience(users=500), Live(visits=16), [])
    assert today.flows.counts.totals.sum() == 0 and made.offers.count.sum() == 0


def test_without_a_room_in_the_daypart_there_is_no_visit():
    state, live = audience(users=500, creators=2), Live(visits=16)
    assert night(state, live, [0], daypart=EVENING - 1)[0].flows.counts.totals[Total.VISITS] == 0
    assert night(state, live, [0], daypart=EVENING)[0].flows.counts.totals[Total.VISITS] > 0


def test_without_a_room_in_the_category_those_of_others_are_entered_by_their_pull():
    state = audience(creators=6, categories=3, sellers=3, affinity=1.0)
    state.users.interest[:], state.users.interest_2[:] = 0, 0
    live = Live(visits=2, half=0.001, rho=1.0, l0=-8)
    pull = np.array([1.0, 3.0, 4.0])
    there = night(state, live, [0, 2, 4], pull=pull)[0].flows.counts.rooms.visits
    assert there[0] > 9_000 and there[1:].sum() == 0
    none = night(state, live, [2, 3, 4], pull=pull)[0].flows.counts.rooms.visits
    assert none.sum() == pytest.approx(there.sum(), rel=1e-3)  # a stay may stand in the way of a visit
    assert fits(none, none.sum() * pull / 8)


def test_who_is_not_online_visits_nothing():
    state = audience(users=500)
    today = morning(state)
    put_rooms(today, np.array([0]))
    act(Live(visits=16), today, block(today, online=False))
    assert today.flows.counts.totals.sum() == 0


def test_visits_fall_into_the_preferred_daypart_and_others_awake():
    state = audience(users=40_000, creators=4, affinity=1.0)
    state.users.awake[:], state.users.daypart[:] = 0b1101, 2
    today, _ = night(state, Live(visits=1, half=0.001, preferred=0.6, l0=-8), range(4), daypart=np.arange(4))
    visits = today.flows.counts.rooms.visits
    assert fits(visits, visits.sum() * np.array([0.2, 0.0, 0.6, 0.2]))


def test_who_is_awake_in_one_daypart_only_is_there():
    for awake in range(4):
        assert choose_daypart(0.99, 0.5, awake, 1 << awake, 0.6) == awake


def test_rooms_are_entered_by_their_pull():
    state = audience(creators=4, affinity=1.0)
    pull = np.array([1.0, 2.0, 5.0, 0.5])
    today, _ = night(state, Live(visits=2, half=0.001, l0=-8), range(4), pull=pull)
    visits = today.flows.counts.rooms.visits
    assert fits(visits, visits.sum() * pull / pull.sum())


def test_rooms_of_faint_pull_are_entered_by_it_too_where_there_are_no_others():
    state = audience(creators=6, categories=2, sellers=2, affinity=1.0)
    state.users.interest[:], state.users.interest_2[:] = 1, 1
    pull = np.array([1.0, 2.0, 1.0, 3e-18, 1e-18, 6e-18])
    visits = night(state, Live(visits=2, half=0.001, rho=1.0, l0=-8), range(6), pull=pull)[0].flows.counts.rooms.visits
    assert state.creators.category.tolist() == [0, 0, 0, 1, 1, 1] and visits[3:].sum() == visits.sum() > 9_000
    assert fits(visits[3:], visits.sum() * pull[3:] / pull[3:].sum())


def test_followers_are_notified():
    state = audience(creators=3)
    state.users.follows[:, :2], state.users.n_follows[:] = [0, 1], 2
    live = Live(visits=2, half=0.001, notified=0.4, l0=-8)
    today, _ = night(state, live, [0, 1, 2], pull=np.array([1e-9, 1e-9, 1.0]))
    visits, totals = today.flows.counts.rooms.visits, today.flows.counts.totals
    assert fits(visits, visits.sum() * np.array([0.2, 0.2, 0.6]))
    assert totals[Total.NOTIFIED] == visits[:2].sum()


def test_a_notification_leads_to_the_last_seller_too():
    state = audience(creators=1, sellers=2)
    state.users.last_seller[:] = 1
    live = Live(visits=2, half=0.001, notified=0.4, l0=-8)
    today, _ = night(state, live, [0, 2], pull=np.array([1.0, 1e-9]))
    visits = today.flows.counts.rooms.visits
    assert fits(visits, visits.sum() * np.array([0.6, 0.4]))


def test_a_followed_host_who_is_not_live_notifies_nobody():
    state = audience(users=2_000, creators=2)
    state.users.follows[:, 0], state.users.n_follows[:] = 1, 1
    today, _ = night(state, Live(visits=5, notified=1.0), [0])
    totals = today.flows.counts.totals
    assert totals[Total.NOTIFIED] == 0 < totals[Total.VISITS]


def test_nobody_is_in_two_rooms_at_once():
    users, minutes = 300, 60
    state = audience(users=users, creators=5, affinity=3.0)
    live = Live(visits=16, half=0.001, l0=4, minutes=20)
    today = morning(state)
    put_rooms(today, np.arange(5), minutes=minutes)
    live.prepare(today)
    several = 0
    for u in range(users):
        today.flows.counts = Counts.empty(len(state.hosts), 5)
        live.act(today, block(today, u, u + 1))
        rooms = today.flows.counts.rooms
        stays = rooms.stays.sum()
        several += stays > 1
        assert rooms.minutes.sum() <= minutes + 0.5 * stays
    assert several > 100


def test_stays_last_an_exponential_time_cut_at_the_end_of_the_room():
    state = audience(users=300_000, affinity=0.05)
    today, _ = night(state, Live(visits=1, half=0.001, l0=4, l_m=5, minutes=30), [0], minutes=60)
    counts = today.flows.counts.rooms
    # rounded to whole minutes: the sum over k of P(length >= k - 1/2), entering being uniform over the hour
    mean = sum(math.exp(-(k - 0.5) / 30) * (60 - (k - 0.5)) / 60 for k in range(1, 61))
    assert counts.stays[0] > 10_000
    assert counts.minutes[0] / counts.stays[0] == pytest.approx(mean, rel=0.02)
    assert today.flows.counts.totals[Total.STAY_MINUTES] == counts.minutes[0]


def test_a_stay_counts_in_a_slice_for_as_long_as_it_lasts_there():
    rooms = RoomCounts.empty(2)
    assert count_stay(1, 4.0, 7.5, 60, rooms.arrays) == 8  # of slices of five minutes
    assert rooms.seconds[1].tolist() == [60, 300, 90] + [0] * 9
    for begin in range(5):
        count_stay(0, 5.0 + begin, 1.0, 60, rooms.arrays)  # one goes as the other comes: one viewer at once
    assert rooms.seconds[0].tolist() == [0, 300] + [0] * 10
    count_stay(0, 50.0, 10.0, 60, rooms.arrays)  # to the end
    assert rooms.seconds[0, 10:].tolist() == [300, 300]


def test_stays_fill_slices_as_long_as_they_overlap():
    state = audience(users=300_000, affinity=0.05)
    today, _ = night(state, Live(visits=1, half=0.001, l0=4, l_m=5, minutes=30), [0], minutes=60)
    counts = today.flows.counts.rooms
    # who entered at a uniform time is there at s with chance m (1 - exp(-s / m)) / 60: its integral over slice k
    m, expected = 30.0, []
    for k in range(12):
        begin, end = 5.0 * k, 5.0 * (k + 1)
        minutes = m / 60 * (end - begin - m * (math.exp(-begin / m) - math.exp(-end / m)))
        expected.append(60 * minutes * counts.stays[0])
    assert counts.seconds[0] == pytest.approx(np.array(expected), rel=0.05)


def test_staying_offers_a_product_of_the_basket_by_its_appeal():
    state = audience(users=60_000, products=3, affinity=0.3)
    state.creators.showcase[0, :3] = [0, 1, 2]
    appeal = np.array([0.0, 1.0, -0.5])
    today = morning(state)
    today.flows.appeal[:] = appeal
    put_rooms(today, np.array([0]))
    made = act(Live(visits=1, half=0.001, l0=4), today)
    offers = made.offers
    got = offers.count > 0
    assert fits(np.bincount(offers.product[got, 0], minlength=3), got.sum() * np.exp(appeal) / np.exp(appeal).sum())
    assert np.all(offers.count <= 1)  # whoever comes back finds the same product
    assert np.all(offers.room[got, 0] == 0) and np.all(offers.host[got, 0] == 0)
    assert np.all(offers.room[~got, 0] == NOTHING) or np.all(offers.count[~got] == 0)
    assert np.array_equal(offers.engaged[got, 0], np.zeros(got.sum()))
