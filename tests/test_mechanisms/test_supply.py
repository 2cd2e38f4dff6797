"""Supply: posts, stock and collaborations."""

import math

import numpy as np
import pytest

from sim.levers import Links
from sim.mechanisms.supply import Supply, base_stock
from sim.state import PIPELINE
from sim.tables import NOTHING
from tests.small import PRICE, market, morning

COST = PRICE // 2


def shop(sellers=1, products=1, stock=0, cash=10**9, **more):
    """Return a market of sellers with so much stock and cash."""
    state = market(sellers=sellers, products=products, **more)
    state.products.stock[:], state.sellers.cash[:] = stock, cash
    return state


def open_up(state, supply, counter=0, pull=lambda today: None):
    today = morning(state, counter)
    pull(today)
    supply.step(today)
    return today


def test_base_stock_covers_the_lead_time_and_the_day():
    for lead, cover, floor, daily in [(4, 2.0, 5, 0.0), (4, 2.0, 5, 3.3), (1, 0.5, 0, 0.1), (13, 20.0, 100, 1000)]:
        assert base_stock(lead, cover, floor, daily) == math.ceil(floor + cover * (lead + 1) * daily)


def test_the_last_bit_of_a_share_orders_no_unit_more():
    state = shop()
    state.products.daily[:] = (1 - 0.95) * 40  # a little more than 2
    assert open_up(state, Supply()).flows.restocked.tolist() == [25]


def test_what_is_missing_up_to_the_base_stock_is_ordered_once():
    state = shop(products=4, stock=[0, 3, 25, 26])
    state.products.pipeline[1, 2] = 4
    state.products.daily[:] = 2.0
    # the base stock is 5 + 2 (4 + 1) 2 = 25
    assert open_up(state, Supply()).flows.restocked.tolist() == [25, 18, 0, 0]
    assert state.products.pipeline.sum(axis=1).tolist() == [25, 22, 0, 0]
    assert open_up(state, Supply(), counter=1).flows.restocked.tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize("lead", [1, 4, PIPELINE - 1])
@pytest.mark.parametrize("first", [0, 11])
def test_goods_arrive_after_the_lead_time(lead, first):
    state = shop()
    stock = []
    for counter in range(first, first + lead + 2):
        open_up(state, Supply(lead=lead), counter)
        stock.append(int(state.products.stock[0]))
    assert stock == [0] * lead + [5, 5]
    assert state.products.pipeline.sum() == 0


def test_steady_sales_are_met_by_steady_orders():
    """Sell two a day: from the day the first order arrives on, nobody is told "sold out", and the position holds."""
    state, supply, sold, bought = shop(stock=20), Supply(lead=3), 0, []
    state.products.daily[:] = 2.0
    for counter in range(60):
        bought.append(int(open_up(state, supply, counter).flows.restocked[0]))
        assert state.products.stock[0] >= 2
        state.products.stock[0] -= 2
        sold += 2
        position = state.products.stock[0] + state.products.pipeline[0].sum()
        assert position == 5 + 2 * (3 + 1) * 2 - 2
    assert bought == [1] + [2] * 59
    assert state.products.stock[0] + state.products.pipeline[0].sum() == 20 + sum(bought) - sold


def test_cash_limits_orders_product_by_product():
    state = shop(products=3, cash=7 * COST + 10)
    today = open_up(state, Supply(floor=5))
    assert today.flows.restocked.tolist() == [5, 2, 0]
    assert state.sellers.cash[0] == 7 * COST + 10  # money moves in the evening, and not here


def test_who_owes_money_or_has_left_orders_nothing_but_goods_arrive():
    state = shop(sellers=3, cash=[-10, 10**9, 10**9])
    state.sellers.left[1] = 4
    state.sellers.joined[2] = 9
    state.products.pipeline[:, 8] = 6
    today = open_up(state, Supply(floor=100), counter=8)
    assert today.flows.restocked.sum() == 0
    assert state.products.stock.tolist() == [6, 6, 6]
    assert state.products.pipeline.sum() == 0


def test_goods_without_a_cost_are_ordered_without_cash():
    state = shop(cash=0)
    state.products.cost[:] = 0
    state.sellers.cash[:] = 5
    assert open_up(state, Supply()).flows.restocked.tolist() == [5]


def test_posts_are_effort_times_lever_while_in_business():
    state = shop(sellers=2, creators=3)
    state.hosts.effort[:] = [2.0, 0.5, 4.0, 1.0, 0.0]
    state.hosts.left[2] = 6
    state.hosts.joined[3] = 7

    def pull(today):
        today.levers.effort[:] = [1, 3, 1, 1, 2]

    assert open_up(state, Supply(), 6, pull).flows.posts.tolist() == [2.0, 1.5, 0.0, 0.0, 0.0]
    assert open_up(state, Supply(), 7, pull).flows.posts.tolist() == [2.0, 1.5, 0.0, 1.0, 0.0]


def test_a_post_is_worth_a_third_today_and_as_much_as_one_post_in_all():
    """With f = .32 and keep = .95: .32, then .68 times .05, .0475, .045125 ..."""
    state, supply, worth = shop(creators=1), Supply(first_day=0.32, keep=0.95), []
    state.hosts.backlog[:] = 0
    for counter in range(400):
        state.hosts.effort[0] = 2.0 if counter == 0 else 0.0
        worth.append(float(open_up(state, supply, counter).flows.fresh[0]) / 2)
    assert worth[:3] == pytest.approx([0.32, 0.68 * 0.05, 0.68 * 0.05 * 0.95], rel=1e-6)
    assert sum(worth) == pytest.approx(1.0, rel=1e-5)


def test_who_posts_as_usual_is_as_fresh_as_effort_from_the_first_day():
    state, supply = shop(creators=3), Supply()
    state.hosts.effort[:3], state.hosts.joined[2] = [0.5, 4.0, 4.0], 5
    supply.begin(state, 1)
    for counter in range(5):
        assert open_up(state, supply, counter).flows.fresh[:3] == pytest.approx([0.5, 4.0, 0.0], rel=1e-6)
    assert open_up(state, supply, 5).flows.fresh[2] == pytest.approx(0.32 * 4.0)  # a newcomer has no backlog


def test_who_has_left_shows_nothing_any_more():
    state, supply = shop(creators=1), Supply()
    supply.begin(state, 1)
    state.hosts.left[0] = 3
    assert [float(open_up(state, supply, day).flows.fresh[0]) > 0 for day in (2, 3)] == [True, False]
    assert state.hosts.backlog[0] == 0.0


def test_sellers_prepare_for_what_their_promoters_usually_sell():
    state = shop(creators=3, products=2)
    state.products.stock[:] = 0
    state.creators.showcase[0, :2], state.creators.showcase[1, 0], state.creators.showcase[2, 1] = [0, 1], 0, 1
    state.sellers.showcase[:] = NOTHING
    state.creators.momentum[:] = [1_000, 500, 4_000]
    state.creators.left[2] = 0
    state.products.daily[:] = [1.0, 30.0]
    today = open_up(state, Supply(lead=3, cover=2, floor=5, prepare_for=0.01))
    # the first is expected to sell .01 (1,000 + 500) = 15 a day; the second sells more than the 10 of its promoter
    assert today.flows.restocked.tolist() == [5 + 2 * 4 * 15, 5 + 2 * 4 * 30]


def test_what_is_out_of_stock_in_the_morning_is_not_shown():
    state = market(creators=2, sellers=1, products=3)
    state.creators.showcase[:, :3] = [0, 1, 2]
    state.products.stock[:] = [5, 0, 0]
    state.products.pipeline[2, 4] = 7  # arrives this morning
    assert open_up(state, Supply(), counter=4).flows.showcase[0].tolist() == [0, 2, NOTHING, NOTHING]


def collaborations(links, creators=4, products=12):
    """Return today's showcases, where programs put ``links`` = [(priority, [(creator, product) ...]) ...]."""
    state = shop(creators=creators, products=products, stock=1)
    state.creators.showcase[:, :3] = [0, 1, 2]

    def pull(today):
        for priority, pairs in links:
            c, p = np.array(pairs, np.int64).reshape(-1, 2).T
            today.levers.links.append(Links(c, p, priority))

    today = open_up(state, Supply(), 0, pull)
    assert np.array_equal(state.creators.showcase[:, 3], np.full(creators, NOTHING))  # for today only
    return today.flows.showcase[:creators].tolist()


def test_a_collaboration_stands_in_front():
    found = collaborations([(0.0, [(1, 7)])])
    assert found == [[0, 1, 2, NOTHING], [7, 0, 1, 2], [0, 1, 2, NOTHING], [0, 1, 2, NOTHING]]


def test_the_last_slot_makes_room_and_nothing_is_shown_twice():
    found = collaborations([(0.0, [(0, 7)]), (1.0, [(0, 8)]), (2.0, [(0, 0)]), (3.0, [(0, 0)])])
    assert found[0] == [0, 8, 7, 1]


def test_higher_priority_stands_further_in_front_whoever_comes_first():
    links = [(2.0, [(0, 7), (1, 8)]), (1.0, [(0, 9), (1, 10)])]
    assert collaborations(links)[:2] == [[7, 9, 0, 1], [8, 10, 0, 1]]
    assert collaborations(links[::-1]) == collaborations(links)


def test_the_order_in_which_one_program_lists_its_links_does_not_matter():
    pairs = [(c, p) for c in range(4) for p in range(5, 12)]
    assert collaborations([(0.0, pairs)]) == collaborations([(0.0, pairs[::-1])])
    first = {row[0] for row in collaborations([(0.0, pairs)])}
    assert len(first) > 1  # by hash, not by row


def test_what_nobody_offers_any_more_is_taken_down():
    state = market(creators=2, sellers=3, products=2)
    state.creators.showcase[0], state.creators.showcase[1] = [0, 2, 5, NOTHING], [3, 2, NOTHING, NOTHING]
    state.sellers.left[1] = 4
    today = open_up(state, Supply(), counter=4)
    assert today.flows.showcase[:2].tolist() == [[0, 5, NOTHING, NOTHING], [NOTHING] * 4]


def test_two_programs_of_one_priority_commute():
    links = [(0.0, [(c, 7) for c in range(4)]), (0.0, [(c, 8) for c in range(4)])]
    assert collaborations(links) == collaborations(links[::-1])


@pytest.mark.parametrize(("creators", "sellers"), [(0, 0), (3, 0)])
def test_empty_tables_do_no_harm(creators, sellers):
    state = shop(sellers=sellers, creators=creators)

    def pull(today):
        today.levers.links.append(Links(np.zeros(0, np.int64), np.zeros(0, np.int64)))

    today = open_up(state, Supply(), 0, pull)
    assert len(today.flows.restocked) == 0
    assert today.flows.posts.tolist() == [1.0] * creators
