"""Terms: what each order pays to whom."""

import datetime

import numpy as np
import pytest

from sim.levers import TopUp
from sim.mechanisms.terms import Terms, split_price
from sim.state import Dues
from sim.tables import NOTHING
from tests.small import PLAIN_DATE, PRICE, market, morning, put_orders


def sign(today, orders, terms=None, dues=None):
    """Fix the terms of today's orders; return what programs owe for them."""
    if dues is not None:
        today.flows.dues = dues
    (terms or Terms()).step(today)
    return today.flows.dues


def sold(hosts, price=PRICE, date=PLAIN_DATE, terms=None, pull=lambda today: None, sellers=2):
    """Return the orders of so many users, each shown by the host of the list, once their terms are fixed."""
    state = market(users=len(hosts), creators=3, sellers=sellers)
    today = morning(state, date=date)
    pull(today)
    orders = put_orders(today, np.arange(len(hosts)), np.arange(len(hosts)) % sellers, host=hosts, price=price)
    sign(today, orders, terms)
    return orders


# The dates on which the fee schedule changes, the day before and the day itself; the fee of Rp100,000 by hand.
SCHEDULE = [
    (datetime.date(2024, 1, 1), 7_000),
    (datetime.date(2025, 8, 10), 7_000),
    (datetime.date(2025, 8, 11), 7_000 + 1_250),
    (datetime.date(2025, 9, 30), 7_000 + 1_250),
    (datetime.date(2025, 10, 1), 8_000 + 1_250),
    (datetime.date(2026, 2, 12), 8_000 + 1_250),
    (datetime.date(2026, 2, 13), 6_970 + 1_250),
    (datetime.date(2030, 1, 1), 6_970 + 1_250),
]


@pytest.mark.parametrize(("date", "fee"), SCHEDULE)
def test_the_fee_follows_its_dated_schedule(date, fee):
    assert sold([NOTHING], date=date).fee.tolist() == [fee]


def test_only_creators_take_commission():
    orders = sold([0, NOTHING, 2, 3, 4])  # three creators, then two sellers' own accounts
    assert orders.commission.tolist() == [10_000, 0, 10_000, 0, 0]


def test_each_seller_pays_the_commission_that_it_offers():
    state = market(users=4, creators=1, sellers=2)
    state.sellers.commission[:] = [0.125, 0.25]
    today = morning(state)
    orders = put_orders(today, np.arange(4), [0, 1, 1, 0], host=0, price=[80_000, 80_000, 1_002, 1_002])
    sign(today, orders)
    assert orders.commission.tolist() == [10_000, 20_000, 251, 125]  # of 250.5 and of 125.25


def test_fee_and_commission_are_rounded_to_the_nearest_rupiah_halves_up():
    # price, commission share, fee share, per order > fee, commission
    for price, share, rate, each, fee, commission in [
        (1_000, 0.0, 0.0625, 0, 63, 0),  # 62.5
        (1_001, 0.0, 0.0625, 0, 63, 0),  # 62.5625
        (1_000, 0.0, 0.0624, 0, 62, 0),
        (10, 0.25, 0.25, 0, 3, 3),  # 2.5 each
        (9, 0.25, 0.25, 0, 2, 2),  # 2.25 each
        (1, 0.5, 0.0, 0, 0, 1),
        (0, 0.5, 0.5, 1_250, 0, 0),
    ]:
        assert split_price(price, share, rate, each) == (fee, commission)


def test_a_share_in_single_precision_pays_its_share_to_the_rupiah():
    share = np.float32(0.7)  # a little less than .7
    assert split_price(PRICE, float(share), 0.0, 0) == (0, 70_000)


def test_the_creator_is_paid_before_the_platform_and_nobody_gets_more_than_the_price():
    # the fee of 1,300 does not fit beside a commission of 900
    assert split_price(1_000, 0.9, 0.05, 1_250) == (100, 900)
    assert split_price(1_000, 1.5, 0.05, 0) == (0, 1_000)
    assert split_price(1_000, 0.0, 0.5, 1_250) == (1_000, 0)


def test_the_lever_multiplies_both_parts_of_the_fee_of_its_own_seller():
    def pull(today):
        today.levers.fee[:] = [0.5, 1.0, 0.0]

    orders = sold([NOTHING] * 3, date=datetime.date(2025, 10, 1), pull=pull, sellers=3)
    assert orders.fee.tolist() == [4_000 + 625, 8_000 + 1_250, 0]


def test_parameters_set_the_fee():
    orders = sold([NOTHING], date=datetime.date(2026, 3, 1), terms=Terms(fee_2026=0.25, per_order=10))
    assert orders.fee.tolist() == [25_010]


def test_each_program_tops_up_commissions_of_creators_by_a_share_of_the_price():
    def pull(today):
        today.levers.top_ups.append(TopUp(4, np.array([0.05, 0.0, 0.125], np.float32)))
        today.levers.top_ups.append(TopUp(1, np.array([0.01, 0.5, 0.0], np.float32)))

    orders = sold([0, 1, 2, 3, NOTHING], pull=pull)
    assert orders.top_up.tolist() == [5_000 + 1_000, 50_000, 12_500, 0, 0]
    assert orders.commission.tolist() == [10_000, 10_000, 10_000, 0, 0]  # a top-up takes nothing from the seller
    assert orders.fee.tolist() == [7_000] * 5


def test_what_programs_top_up_is_owed_line_by_line_after_what_was_owed_before():
    state = market(users=3, creators=2)
    today = morning(state)
    today.levers.top_ups += [TopUp(2, np.array([0.25, 0.5])), TopUp(0, np.array([0.0, 0.1]))]
    orders = put_orders(today, [0, 1, 2], 0, host=[1, NOTHING, 0])
    voucher = Dues.empty(1)
    voucher.order[:], voucher.program[:], voucher.subsidy[:] = 1, 7, 333
    dues = sign(today, orders, dues=voucher)
    assert dues.order.tolist() == [1, 0, 2, 0, 2]
    assert dues.program.tolist() == [7, 2, 2, 0, 0]
    assert dues.top_up.tolist() == [0, 50_000, 25_000, 10_000, 0]
    assert dues.subsidy.tolist() == [333, 0, 0, 0, 0]


def test_a_top_up_is_rounded_to_the_nearest_rupiah_halves_up():
    def pull(today):
        today.levers.top_ups.append(TopUp(0, np.array([0.25, 0.25, 0.25])))

    assert sold([0, 1, 2], price=[10, 9, 11], pull=pull).top_up.tolist() == [3, 2, 3]


def test_without_orders_there_are_no_terms():
    def pull(today):
        today.levers.top_ups.append(TopUp(0, np.ones(3)))

    assert len(sold([], pull=pull)) == 0
