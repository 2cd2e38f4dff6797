"""Rooms: who goes LIVE, when, and with what."""

import math

import numpy as np
import pytest

from sim.mechanisms.fulfilment import Fulfilment
from sim.mechanisms.rooms import Rooms, pull_of
from sim.rng import Stream
from sim.state import DAYPART_MINUTES, Channel
from sim.tables import NEVER, NOTHING
from tests.small import fits, market, morning, put_orders, share_fits
from tests.twins.chance import Dice


def stage(creators=3, sellers=2, chance=1.0, minutes=120, **more):
    """Return a market in which all hosts go LIVE in the evening and show the first product."""
    state = market(creators=creators, sellers=sellers, **more)
    state.hosts.live_chance[:], state.hosts.live_minutes[:], state.hosts.daypart[:] = chance, minutes, 2
    if len(state.products):
        state.creators.showcase[:, 0] = 0
    return state


def go_live(state, rooms=None, pull=lambda today: None, counter=0):
    today = morning(state, counter)
    today.flows.showcase = state.hosts.showcase.copy()
    pull(today)
    (rooms or Rooms()).step(today)
    return today


def test_the_pull_follows_its_formula():
    for minutes, skill, momentum in [(60, 0, 0), (240, 1.3, 40), (7, -2, 1e5)]:
        expected = minutes / 60 * math.exp(0.4 * skill) * (1 + momentum / (1 + momentum / 100)) ** 0.4
        assert pull_of(minutes, skill, momentum, 0.4, 0.4, 100.0) == pytest.approx(expected, rel=1e-13)


def test_skill_momentum_and_levers_make_the_pull_of_a_room():
    state = stage(creators=2, sellers=1)
    state.hosts.live_skill[:], state.hosts.live_momentum[:] = [0.5, -1, 0], [0, 20, 300]
    state.hosts.live_minutes[:] = [30, 120, 360]

    def pull(today):
        today.levers.live_skill[:], today.levers.room_pull[:] = [0, 1.5, 0], [1, 1, 4]

    rooms = go_live(state, Rooms(a_l=0.7, gamma_l=0.5, momentum_max=50), pull).flows.rooms
    expected = [
        0.5 * math.exp(0.7 * 0.5),
        2 * math.exp(0.7 * 0.5) * math.sqrt(1 + 20 / 1.4),
        4 * 6 * math.sqrt(1 + 300 / 7),
    ]
    assert rooms.host.tolist() == [0, 1, 2]
    assert rooms.pull == pytest.approx(expected, rel=1e-12)


def test_hosts_go_live_with_their_own_chance():
    state = stage(creators=40_000, sellers=20_000)
    chance = np.repeat([0.05, 0.5, 0.2], 20_000)
    state.hosts.live_chance[:] = chance

    def pull(today):
        today.levers.live_chance[40_000:] = 0.1

    live = np.bincount(go_live(state, pull=pull).flows.rooms.host, minlength=60_000)
    assert live.max() == 1
    for k, expected in enumerate((0.05, 0.5, 0.3)):
        assert share_fits(live[20_000 * k : 20_000 * (k + 1)].sum(), 20_000, expected)


def test_a_higher_chance_only_adds_rooms():
    few, more = stage(creators=2_000, chance=0.2), stage(creators=2_000, chance=0.3)
    assert set(go_live(few).flows.rooms.host) < set(go_live(more).flows.rooms.host)


def test_creators_and_sellers_of_one_id_have_luck_of_their_own():
    state = stage(creators=4_000, sellers=4_000, chance=0.5)
    assert np.array_equal(state.creators.id, state.sellers.id)
    live = np.bincount(go_live(state).flows.rooms.host, minlength=8_000)
    assert share_fits((live[:4_000] == live[4_000:]).sum(), 4_000, 0.5)


def test_a_room_is_in_the_daypart_of_its_host_and_over_before_it_ends():
    state = stage(creators=4_000, sellers=1)
    state.sellers.live_chance[0] = 0.0
    state.creators.daypart[:] = np.arange(4_000) % 4
    state.creators.live_minutes[:] = np.array([30, 120, 359, 360])[np.arange(4_000) // 4 % 4]
    made = go_live(state).flows.rooms
    assert len(made) == 4_000
    assert np.array_equal(made.daypart, state.hosts.daypart[made.host])
    assert np.array_equal(made.minutes, state.hosts.live_minutes[made.host])
    assert made.start.min() >= 0 and np.all(made.start + made.minutes <= DAYPART_MINUTES)
    short = made.start[made.minutes == 120]
    assert fits(np.bincount(short // 40, minlength=6), np.full(6, len(short) / 6))


def test_rooms_are_sorted_by_category_daypart_and_host():
    state = stage(creators=30, sellers=30, categories=3)
    state.hosts.daypart[:] = np.random.default_rng(1).integers(0, 4, 60)
    rooms = go_live(state).flows.rooms
    order = list(zip(rooms.category.tolist(), rooms.daypart.tolist(), rooms.host.tolist(), strict=True))
    assert order == sorted(order) and len(order) == 60
    assert np.array_equal(rooms.category, state.hosts.category[rooms.host])


def test_only_hosts_in_business_with_something_to_show_go_live():
    state = stage(creators=4, sellers=1)
    state.creators.showcase[0, 0] = NOTHING
    state.creators.joined[1] = NEVER
    state.creators.left[2] = 3
    assert go_live(state, counter=3).flows.rooms.host.tolist() == [3, 4]


def test_flash_discounts_are_uniform_up_to_the_largest():
    state = stage(creators=20_000)
    discount = go_live(state, Rooms(flash=0.2)).flows.rooms.discount
    assert discount.min() > 0 and discount.max() < 0.2
    assert fits(np.histogram(discount, 10, (0, 0.2))[0], np.full(10, len(discount) / 10))
    assert np.all(go_live(state, Rooms(flash=0.0)).flows.rooms.discount == 0)


def test_chance_start_and_discount_are_draws_of_the_host():
    state = stage(creators=50, sellers=10, chance=0.6)
    made = go_live(state, Rooms(flash=0.3), counter=5).flows.rooms
    dice = Dice(1, 5, Stream.ROOM_SCHEDULE)
    expected = {}
    for h in range(60):
        identity = int(state.hosts.id[h]) + (2**31 if h >= 50 else 0)
        a, b, c, _ = dice.units(identity)
        if a < float(np.float32(0.6)):
            expected[h] = (int(b * 240), float(np.float32(0.3 * c)))
    found = {int(made.host[r]): (int(made.start[r]), float(made.discount[r])) for r in range(len(made))}
    assert found == expected


def test_a_room_shows_the_showcase_of_the_day():
    state = stage(creators=2, sellers=1, products=3)
    state.creators.live_chance[1] = 0.0

    def pull(today):
        today.flows.showcase[0] = [2, 0, NOTHING, NOTHING]

    made = go_live(state, pull=pull).flows.rooms
    assert made.host.tolist() == [0, 2]
    assert made.basket.tolist() == [[2, 0, NOTHING, NOTHING], [0, 1, 2, NOTHING]]


def test_rooms_share_the_stock_that_is_set_aside():
    state = stage(creators=3, sellers=1, products=2)
    state.creators.showcase[2] = [1, 0, NOTHING, NOTHING]
    state.products.stock[:] = [101, 9]
    made = go_live(state, Rooms(aside=0.5)).flows.rooms
    # the first product is in four rooms, 101 / 2 / 4 = 12.6; the second in two, 9 / 2 / 2 = 2.25
    assert made.aside.tolist() == [[12, 0, 0, 0], [12, 0, 0, 0], [2, 12, 0, 0], [12, 2, 0, 0]]


def test_nothing_is_set_aside_of_nothing():
    state = stage()
    state.products.stock[:] = 0
    assert go_live(state, Rooms(aside=1.0)).flows.rooms.aside.sum() == 0


def sell(in_room, on_shelf, stock=10, aside=0.5):
    """Return how many orders of a room and of the shelf are told "sold out"; the room has half of the stock."""
    state = stage(users=in_room + on_shelf, creators=1, sellers=1)
    state.sellers.live_chance[0] = 0.0
    state.products.stock[0] = stock
    today = go_live(state, Rooms(aside=aside))
    room = np.arange(in_room + on_shelf) < in_room
    orders = put_orders(today, np.arange(in_room + on_shelf), 0, room=np.where(room, 0, NOTHING))
    orders.channel[room] = Channel.LIVE
    Fulfilment().ship(today)
    assert state.products.stock[0] == stock - (orders.status == 0).sum()
    return int((orders.status[room] == 1).sum()), int((orders.status[~room] == 1).sum())


def test_what_is_set_aside_is_kept_for_the_room():
    assert sell(in_room=3, on_shelf=20) == (0, 15)


def test_a_room_sells_what_is_left_for_all_once_its_own_is_gone():
    assert sell(in_room=10, on_shelf=0) == (0, 0)
    in_room, on_shelf = sell(in_room=20, on_shelf=20)
    assert in_room + on_shelf == 30 and in_room <= 15


def test_what_a_room_did_not_sell_is_for_all_on_the_next_day():
    state = stage(users=20, creators=1, sellers=1)
    state.products.stock[0] = 10
    state.sellers.live_chance[0] = 0.0
    today = go_live(state, Rooms(aside=1.0))
    orders = put_orders(today, np.arange(10), 0)
    Fulfilment().ship(today)
    assert np.all(orders.status == 1) and state.products.stock[0] == 10
    state.hosts.live_chance[:] = 0.0
    today = go_live(state, Rooms(aside=1.0), counter=1)
    orders = put_orders(today, np.arange(10), 0)
    Fulfilment().ship(today)
    assert np.all(orders.status == 0) and state.products.stock[0] == 0


def test_a_closed_channel_has_no_rooms():
    def close(today):
        today.levers.open[Channel.LIVE] = False

    assert len(go_live(stage(), pull=close).flows.rooms) == 0


def test_counts_have_a_row_for_each_room():
    counts = go_live(stage()).flows.counts
    assert len(counts.rooms) == len(counts.hosts) == 5


@pytest.mark.parametrize(("creators", "sellers"), [(0, 0), (3, 0), (0, 2)])
def test_empty_tables_do_no_harm(creators, sellers):
    state = stage(creators=creators, sellers=sellers)
    assert len(go_live(state).flows.rooms) == sellers
