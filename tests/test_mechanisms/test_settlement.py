"""Settlement: the money of an order, followed by hand from buyer to seller and back."""

import datetime

import numpy as np
import pytest

from sim.errors import LedgerError
from sim.flows import Bonus
from sim.ledger import ACCOUNTS, accounts
from sim.mechanisms.fulfilment import Fulfilment
from sim.mechanisms.settlement import Settlement
from sim.mechanisms.terms import Terms
from sim.state import Channel, Dues, Status
from sim.tables import NOTHING
from tests.small import PLAIN_DATE, books, market, morning, parcel, put_orders

RICH = 1_000_000


def shop(users=3, programs=2, **more):
    """Return a market with open books in which everybody holds a million and nobody withdraws on days 0 and 7."""
    state = market(**{"users": users, "creators": 2, "sellers": 2, **more})
    state.users.wallet[:] = state.creators.cash[:] = state.sellers.cash[:] = RICH
    state.sellers.working_capital[:] = 10**12
    state.books.programs = np.zeros(programs, np.int64)
    return books(state)


def holdings(state):
    """Return what each holder of each account has."""
    return {name: account.holdings.tolist() for name, account in accounts(state).items()}


def moved(state, before):
    """Return by how much each holder of each account has moved since ``before``, without accounts that did not."""
    now = holdings(state)
    assert sum(sum(held) for held in now.values()) == 0
    change = {name: [a - b for a, b in zip(now[name], before[name], strict=True)] for name in now}
    return {name: by for name, by in change.items() if any(by)}


def owe(*lines):
    """Return dues of (order, program, subsidy, top-up, shipping)."""
    dues = Dues.empty(len(lines))
    for name, values in zip(
        ("order", "program", "subsidy", "top_up", "shipping"), zip(*lines, strict=True), strict=True
    ):
        getattr(dues, name)[:] = values
    return dues


def worked_order(state, status=Status.OPEN, channel=Channel.VIDEO):
    """Let user 1 order product 1 of creator 0 on day 0; settle that evening.

    Of the price of Rp100,000 two programs pay Rp20,000 and Rp5,000; of the shipping of Rp5,000 the first pays
    Rp2,000. The platform takes Rp8,250, the creator Rp10,000, and Rp4,000 more from the second program.
    """
    today = morning(state, 0)
    orders = put_orders(today, [1], 1, channel=channel, host=0, price=100_000)
    orders.subsidy[:], orders.shipping[:], orders.fee[:] = 25_000, 3_000, 8_250
    orders.commission[:], orders.top_up[:], orders.status[:] = 10_000, 4_000, status
    today.flows.dues = owe((0, 0, 20_000, 0, 2_000), (0, 1, 5_000, 0, 0), (0, 1, 0, 4_000, 0))
    state.parcels.append(parcel(0, orders, today.flows.dues))
    Settlement().step(today)
    return today


def later(state, status, counter=7):
    """Settle an evening on which it is known what became of the first parcel."""
    today = morning(state, counter)
    state.parcels[0].orders.status[:] = status
    Settlement().step(today)
    return today


def test_buyer_and_programs_pay_into_escrow_and_couriers_are_paid_at_once():
    state = shop()
    before = holdings(state)
    today = worked_order(state)
    assert moved(state, before) == {
        "users": [0, -78_000, 0], "programs": [-22_000, -9_000], "escrow": [104_000], "outside": [5_000],
    }  # fmt: skip
    assert today.flows.settled == {
        "order: users > escrow": 75_000,
        "shipping: users > outside": 3_000,
        "subsidy: programs > escrow": 25_000,
        "top-up: programs > escrow": 4_000,
        "shipping: programs > outside": 2_000,
    }
    assert len(today.flows.closed) == 0 and len(state.parcels) == 1


def test_a_kept_order_pays_seller_platform_and_creator_to_the_rupiah():
    worked_order(state := shop())
    before = holdings(state)
    today = later(state, Status.PAID_OUT)
    assert moved(state, before) == {
        "creators": [14_000, 0], "sellers": [0, 81_750], "platform": [8_250], "escrow": [-104_000],
    }  # fmt: skip
    assert today.flows.settled == {
        "payout: escrow > sellers": 81_750,
        "fee: escrow > platform": 8_250,
        "commission: escrow > creators": 10_000,
        "top-up: escrow > creators": 4_000,
    }
    assert len(today.flows.closed) == 1 and not state.parcels


def test_a_return_gives_every_line_back_to_the_rupiah():
    state = shop()
    before = holdings(state)
    worked_order(state)
    today = later(state, Status.RETURNED)
    assert moved(state, before) == {}
    assert today.flows.settled == {
        "return: escrow > users": 75_000,
        "return of shipping: outside > users": 3_000,
        "return: escrow > programs": 29_000,
        "return of shipping: outside > programs": 2_000,
    }
    assert len(today.flows.closed) == 1 and not state.parcels


def test_what_is_sold_out_moves_no_money_of_buyers_or_programs():
    state = shop()
    before = holdings(state)
    today = worked_order(state, Status.SOLD_OUT)
    assert moved(state, before) == {} and today.flows.settled == {} and not state.parcels


@pytest.mark.parametrize(("channel", "video", "live"), [(Channel.VIDEO, 10_000, 0), (Channel.LIVE, 0, 10_000)])
def test_creators_keep_count_of_what_they_earn_by_video_live_and_bonus(channel, video, live):
    worked_order(state := shop(), channel=channel)
    assert not state.creators.earned_video.any() and not state.creators.earned_bonus.any()  # not before it is paid
    later(state, Status.PAID_OUT)
    creators = state.creators
    assert (creators.earned_video.tolist(), creators.earned_live.tolist()) == ([video, 0], [live, 0])
    assert creators.earned_bonus.tolist() == [4_000, 0]


def test_orders_of_the_same_people_add_up():
    """Three users order of one seller by one creator: two keep it, one sends it back; a fourth order is its own."""
    state = shop(users=4)
    before, today = holdings(state), morning(state, 0)
    orders = put_orders(today, [0, 1, 2, 3], [0, 0, 0, 1], host=[1, 1, 1, NOTHING], price=[1_000, 2_000, 4_000, 8_000])
    orders.commission[:], orders.fee[:] = [100, 200, 400, 0], [10, 20, 40, 80]
    today.flows.dues = owe((0, 0, 0, 1, 0), (1, 0, 0, 2, 0), (2, 0, 0, 4, 0))
    orders.top_up[:3] = [1, 2, 4]
    state.parcels.append(parcel(0, orders, today.flows.dues))
    Settlement().step(today)
    later(state, [Status.PAID_OUT, Status.RETURNED, Status.PAID_OUT, Status.PAID_OUT])
    assert moved(state, before) == {
        "users": [-1_000, 0, -4_000, -8_000], "creators": [0, 505], "sellers": [890 + 3_560, 7_920],
        "platform": [130], "programs": [-5, 0],
    }  # fmt: skip


def test_only_parcels_whose_fate_is_known_are_paid_out():
    worked_order(state := shop())
    before, today = holdings(state), morning(state, 1)
    orders = put_orders(today, [0, 2], 0)
    orders.status[1] = Status.SOLD_OUT
    state.parcels.append(parcel(1, orders, today.flows.dues))
    Settlement().step(today)
    today = later(state, Status.PAID_OUT)
    assert [parcel.day for parcel in state.parcels] == [1] and today.flows.closed.user.tolist() == [1]
    assert moved(state, before)["escrow"] == [-104_000 + 100_000]


def trade(state, counter, fulfilment):
    """Run fulfilment, terms and settlement on a day; on day 0 every user orders product 0 through creator 1."""
    today = morning(state, counter)
    if counter == 0:
        users = np.arange(len(state.users))
        orders = put_orders(today, users, 0, host=1, price=10_000 + users)
        orders.subsidy[:], orders.shipping[:] = 900 + users, 300
        today.flows.dues = owe(*[(u, u % 2, 900 + u, 0, 50) for u in users])
    for mechanism in (fulfilment, Terms(), Settlement()):
        mechanism.step(today)
    return today


@pytest.mark.parametrize("escrow", [7, 2])
def test_money_waits_in_escrow_for_so_many_days(escrow):
    state, held = shop(), []
    for counter in range(escrow + 2):
        today = trade(state, counter, Fulfilment(**({} if escrow == 7 else {"escrow": escrow}), c_0=-10.0))
        held.append(int(state.books.escrow[0]))
        assert len(today.flows.closed) == (3 if counter == escrow else 0)
    assert held == [30_003] * escrow + [0, 0]


def test_programs_pay_for_what_is_kept_and_for_nothing_else():
    """Four hundred orders of which about half come back, accounted for order by order in plain Python."""
    state = shop(users=400)
    for counter in range(8):
        closed = trade(state, counter, Fulfilment(c_0=0.0)).flows.closed
    kept = set(closed.user[closed.status == Status.PAID_OUT].tolist())
    assert 150 < len(kept) < 250
    programs, platform, creator, seller = [0, 0], 0, 0, 0
    for u in range(400):
        price, subsidy = 10_000 + u, 900 + u
        fee, commission = (7 * price + 50) // 100, (price + 5) // 10  # 7% and 10%, halves up
        assert state.users.wallet[u] == RICH - (price - subsidy + 300 if u in kept else 0)
        if u in kept:
            programs[u % 2] -= subsidy + 50
            platform, creator, seller = platform + fee, creator + commission, seller + price - fee - commission
    found = holdings(state)
    assert found["programs"] == programs and found["platform"] == [platform] and found["escrow"] == [0]
    assert found["creators"] == [0, creator]  # what they had at first they have withdrawn before the seventh day
    assert found["sellers"] == [RICH + seller, RICH]


def test_bonuses_go_from_their_program_to_creators_and_sellers():
    state = shop()
    before, today = holdings(state), morning(state)
    today.flows.bonuses += [
        Bonus(1, np.array([3, 1, 1]), np.array([500, 70, 7])),  # host 3 is seller 1
        Bonus(0, np.array([0, 2]), np.array([11, 13])),
    ]
    Settlement().step(today)
    assert moved(state, before) == {"creators": [11, 77], "sellers": [13, 500], "programs": [-24, -577]}
    assert state.creators.earned_bonus.tolist() == [11, 77]


def test_sellers_pay_unit_costs_for_the_goods_that_they_ordered():
    state = shop(products=2)
    state.products.cost[:] = [10, 200, 3_000, 40_000]
    before, today = holdings(state), morning(state)
    today.flows.restocked[:] = [4, 3, 0, 2]
    Settlement().step(today)
    assert moved(state, before) == {"sellers": [-640, -80_000], "outside": [80_640]}


def test_wallets_are_filled_on_their_payday_up_to_what_they_can_hold():
    state = market(users=6)
    state.users.payday[:], state.users.budget[:] = [2, 2, 2, 2, 2, 3], 1_001
    state.users.wallet[:] = [0, 1_000, 1_002, 1_501, 5_000, 0]
    books(state)
    today = morning(state, date=datetime.date(2024, 1, 27))  # two days after the 25th
    Settlement(wallet_months=2.5).step(today)
    # most a wallet holds is 2,502; who had more already keeps it
    assert state.users.wallet.tolist() == [1_001, 2_001, 2_003, 2_502, 5_000, 0]
    assert today.flows.settled == {"payday: outside > users": 5_005, "overflow: users > outside": 1_001}


def test_wallets_hold_two_budgets_unless_told_otherwise():
    state = market(users=1)
    state.users.payday[:], state.users.budget[:], state.users.wallet[:] = 16, 700, 699 + 700
    books(state)
    Settlement().step(morning(state, date=PLAIN_DATE))  # sixteen days after 25 December
    assert state.users.wallet[0] == 1_400


def test_creators_withdraw_everything_once_a_week_on_their_own_day():
    state = shop(creators=9)  # ids 13 to 5
    gone = []
    for counter in range(7):
        state.books.midnight["creators"] -= int(state.creators.cash.sum()) - 9 * RICH
        state.creators.cash[:] = RICH
        Settlement().step(morning(state, counter))
        gone.append(state.creators.id[state.creators.cash == 0].tolist())
    assert gone == [[7], [13, 6], [12, 5], [11], [10], [9], [8]]


def test_sellers_withdraw_what_exceeds_their_working_capital_every_day():
    state = shop()
    state.sellers.working_capital[:] = [RICH - 300, RICH + 300]
    before = holdings(state)
    Settlement().step(morning(state, 3))
    assert moved(state, before) == {"sellers": [-300, 0], "outside": [300]}


@pytest.mark.parametrize("name", ACCOUNTS)
def test_a_rupiah_that_no_line_moved_stops_the_market(name):
    worked_order(state := shop())
    accounts(state)[name].holdings[0] += 1
    with pytest.raises(LedgerError, match=f"Day 7: the account '{name}' moved by Rp1 that no line"):
        later(state, Status.PAID_OUT)


def test_an_order_whose_dues_do_not_cover_its_subsidy_stops_the_market():
    state = shop()
    today = morning(state, 4)
    orders = put_orders(today, [0], 0, price=100_000)
    orders.subsidy[:] = 25_000
    today.flows.dues = owe((0, 0, 24_999, 0, 0))
    state.parcels.append(parcel(4, orders, today.flows.dues))
    with pytest.raises(LedgerError, match="Day 4: the account 'escrow' holds Rp99,999 for Rp100,000"):
        Settlement().step(today)


def test_empty_tables_do_no_harm():
    state = books(market(sellers=0))
    today = morning(state)
    state.parcels.append(parcel(0, today.flows.orders, today.flows.dues))
    Settlement().step(today)
    assert not state.parcels and all(sum(held) == 0 for held in holdings(state).values())
