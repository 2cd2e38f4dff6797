"""Purchase: one choice among all offers and not buying; its shares are those of a logit where noise is not shared."""

import datetime
import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from sim.calendar import describe
from sim.flows import FIXED, Total
from sim.levers import Levers, Shipping, Voucher
from sim.mechanisms.purchase import Purchase, Tastes, utility
from sim.prices import subsidy_of
from sim.state import OFFERS, Channel
from sim.surplus import price_part
from sim.tables import NOTHING, concatenate
from tests.small import PRICE, act, block, chosen, fits, market, morning, put_offers, put_rooms, share_fits

N = 40_000
#: No channel, match, shipping or shared noise: U = appeal - b_p ln(paid / reference) + G.
BARE = {"a_0": 0.0, "a_need": 0.0, "b_m": 0.0, "shipping": 0, "sigma_n": 0.0}
#: An appeal that nobody resists.
WANTED = 50.0


def buyers(users=N, products=3, **more):
    """Return a market of identical users."""
    return market(users=users, products=products, **more)


def buy(state, purchase, offered, appeal=0.0, pull=lambda today: None, **morning_of):
    """Let all users choose among search offers of ``offered`` products; return today and the block."""
    today = morning(state, **morning_of)
    today.flows.appeal[:] = appeal
    pull(today)
    made = block(today)
    for product in offered:
        put_offers(made, slice(None), product)
    return today, act(purchase, today, made)


def counts_of(made, products):
    """Return how many bought nothing, and each of the first ``products``."""
    return np.bincount(chosen(made) + 1, minlength=products + 1)


def logit(values):
    """Return the shares of not buying and of offers with these utilities."""
    odds = np.exp(np.append(0.0, values))
    return odds / odds.sum()


def test_the_utility_of_a_price_follows_its_formula():
    numbers = dict.fromkeys(Tastes._fields, 0.0)
    numbers |= {"base": -2.0, "b_p": 3.1, "b_m": 0.5, "b_t": 0.3, "shipping": 5_000.0, "shipping_paid": 1_000.0}
    expected = -2 + 0.4 - 3.1 * 1.2 * math.log((80_000 + 1_000) / (100_000 + 5_000)) + 0.5 * 0.6 + 0.3
    assert utility(80_000, 100_000.0, 0.4, 0.6, True, Tastes(**numbers), 1.2) == pytest.approx(expected, rel=1e-13)


def test_shares_are_those_of_a_logit():
    appeal = np.array([0.5, -1.0, 1.2])
    _, made = buy(buyers(), Purchase(**BARE), range(3), appeal)
    assert fits(counts_of(made, 3), N * logit(appeal))


def test_an_offer_that_enters_takes_from_all_alike_and_changes_no_other_choice():
    appeal = np.array([0.0, 1.0, 0.7])
    _, two = buy(buyers(), Purchase(**BARE), [0, 1], appeal)
    _, three = buy(buyers(), Purchase(**BARE), [0, 1, 2], appeal)
    before, after = chosen(two), chosen(three)
    stayed = after != 2
    assert np.array_equal(before[stayed], after[stayed])
    # independence of irrelevant alternatives: who changes comes from where there were buyers
    assert fits(np.bincount(before[~stayed] + 1, minlength=3), (~stayed).sum() * logit(appeal[:2]))


def test_the_order_of_offers_does_not_matter():
    appeal = np.array([0.0, 1.0, 0.7])
    first, last = (buy(buyers(2_000), Purchase(**BARE), order, appeal)[1] for order in ([0, 1, 2], [2, 1, 0]))
    assert np.array_equal(chosen(first), chosen(last))


@pytest.mark.parametrize("price", [90_000, 110_000])
def test_own_price_moves_shares_by_b_p(price):
    state = buyers(products=2)
    state.products.price[0] = price
    _, made = buy(state, Purchase(**BARE, b_p=3.1), [0, 1], 0.3)
    values = [0.3 - 3.1 * math.log(price / PRICE), 0.3]
    assert fits(counts_of(made, 2), N * logit(values))


def test_own_price_elasticity_is_b_p_times_what_others_have():
    """d ln s / d ln p = -b_p (1 - s), by the difference of two worlds with the same noise."""
    n, b_p, up = 200_000, 3.1, 1.02
    bought = []
    for price in (PRICE / up, PRICE * up):
        state = buyers(n, products=1)
        state.products.price[0] = round(price)
        _, made = buy(state, Purchase(**BARE, b_p=b_p), [0], -1.0)
        bought.append(counts_of(made, 1)[1])
    share = math.exp(-1) / (1 + math.exp(-1))
    elasticity = math.log(bought[1] / bought[0]) / (2 * math.log(up))
    changed = bought[0] - bought[1]  # with one noise, only these vary: a Poisson number
    bound = 4 * math.sqrt(changed) / (n * share) / (2 * math.log(up))
    assert abs(elasticity + b_p * (1 - share)) < bound < 0.5


def test_dearer_products_lose_by_the_sensitivity_of_the_user():
    state = buyers(products=1)
    state.users.price_sensitivity[: N // 2] = 2.0
    state.products.price[0] = 120_000
    _, made = buy(state, Purchase(**BARE, b_p=2.0), [0])
    bought = chosen(made) == 0
    for part, sensitivity in ((bought[: N // 2], 2), (bought[N // 2 :], 1)):
        assert share_fits(part.sum(), N // 2, logit([-2 * sensitivity * math.log(1.2)])[1])


def test_shipping_counts_as_part_of_the_price():
    state = buyers(products=1)
    state.products.reference[0] = 80_000

    def free(today):
        today.levers.shipping += [Shipping(1, 0.3), Shipping(0, 0.2)]

    _, made = buy(state, Purchase(**{**BARE, "shipping": 20_000}), [0], 0.0, free)
    assert fits(counts_of(made, 1), N * logit([-3.1 * math.log((PRICE + 10_000) / 100_000)]))
    assert np.all(made.orders.shipping == 10_000) and np.all(made.orders.price == PRICE)
    owed = [int(made.dues.shipping[made.dues.program == program].sum()) for program in (0, 1)]
    assert owed == [4_000 * len(made.orders), 6_000 * len(made.orders)]


def test_programs_pay_no_more_than_the_shipping_there_is():
    levers = Levers.neutral(buyers(products=1))
    levers.shipping += [Shipping(0, 1.0), Shipping(1, 1.0), Shipping(2, 0.5)]
    assert levers.aid(5_000) == [(0, 2_000), (1, 2_000), (2, 1_000)]


@given(some.lists(some.floats(0, 3), max_size=6), some.integers(0, 200_000))
def test_however_many_programs_help_they_pay_no_more_than_the_shipping(shares, shipping):
    levers = Levers.neutral(market())
    levers.shipping += [Shipping(k, share) for k, share in enumerate(shares)]
    paid = [amount for _, amount in levers.aid(shipping)]
    assert min(paid, default=0) >= 0 and sum(paid) <= shipping


def cut(factor, purchase, shares):
    """Return log-sum and price response of users who see three offers, all prices being multiplied by ``factor``."""
    state = buyers(500)
    state.products.reference[:] = [PRICE, PRICE / 2, 2 * PRICE]
    state.products.price[:] = np.rint(factor * np.array([PRICE, PRICE / 4, 3 * PRICE]))
    state.users.price_sensitivity[:] = np.linspace(0.3, 2.5, 500)

    def give(today):
        today.levers.vouchers += [Voucher(0, np.full(500, share, np.float32)) for share in shares]

    totals = buy(state, purchase, range(3), [0.5, -2.0, 3.0], give)[0].flows.counts.totals
    return totals[Total.LOG_SUM] / FIXED, totals[Total.PRICE_RESPONSE] / FIXED


@pytest.mark.parametrize("shipping", [0, 5_000, 100_000])
@pytest.mark.parametrize("shares", [(), (0.5,)])
def test_the_price_response_is_what_a_small_cut_of_all_prices_adds_to_the_log_sum(shipping, shares):
    purchase = Purchase(**{**BARE, "shipping": shipping, "sigma_n": 1.0})
    dear, cheap = (cut(factor, purchase, shares)[0] for factor in (1.01, 0.99))
    response = cut(1.0, purchase, shares)[1]
    assert response == pytest.approx((cheap - dear) / math.log(1.01 / 0.99), rel=1e-3) and response > 100


def test_what_is_free_cannot_become_cheaper():
    gift = Purchase(**{**BARE, "b_p": 0.5, "voucher_cap": 1.0})
    log_sum, response = cut(1.0, gift, (1.0,))
    assert log_sum > 0 and response == 0
    assert price_part(1, 0) == 0.0 and price_part(2, 0) == 1.0 and price_part(300, 100) == 0.75


@pytest.mark.parametrize(
    ("channel", "follows", "expected"),
    [
        (Channel.SEARCH, False, 0.9),
        (Channel.VIDEO, False, 0.25 * (0.8 + 0.5)),
        (Channel.VIDEO, True, 0.25 * (0.8 + 0.5) + 0.3),
        (Channel.LIVE, False, 0.2 + 0.4 * (-0.6 + 0.1)),
        (Channel.LIVE, True, 0.2 + 0.4 * (-0.6 + 0.1) + 0.3),
    ],
)
def test_the_channel_and_its_host_make_part_of_the_utility(channel, follows, expected):
    state = buyers(products=1, creators=1)
    state.creators.skill[:], state.creators.live_skill[:] = 0.8, -0.6
    today = morning(state)
    today.levers.skill[0], today.levers.live_skill[0] = 0.5, 0.1
    put_rooms(today, [0])
    made = block(today)
    place = {} if channel == Channel.SEARCH else {"host": 0}
    put_offers(made, slice(None), 0, **place, room=0 if channel == Channel.LIVE else NOTHING, channel=channel)
    made.offers.tied[:, 0] = follows
    act(Purchase(**{**BARE, "a_need": 0.9}, b_l=0.4), today, made)
    assert fits(counts_of(made, 1), N * logit([expected]))


@pytest.mark.parametrize(("category", "match"), [(0, 1.0), (1, 0.6), (2, 0.0)])
def test_interest_makes_part_of_the_utility(category, match):
    state = buyers(sellers=3, products=1, categories=3)
    _, made = buy(state, Purchase(**{**BARE, "b_m": 0.8}), [category])
    assert share_fits(len(made.orders), N, logit([0.8 * match])[1])


def test_history_and_tastes_of_the_user_make_part_of_the_utility():
    state = buyers(sellers=2, products=1)
    users, n = state.users, N // 4
    state.products.local[:] = [True, False]
    users.propensity[:n] = -1.0
    users.local_preference[n : 2 * n] = 1.5
    users.last_seller[2 * n :], users.satisfaction[2 * n :] = 1, 0.7
    users.satiation[3 * n :] = 2.0
    purchase = Purchase(**BARE, b_loc=0.4, b_y=0.8, b_sat=0.5, satiation_memory=0.75)
    _, made = buy(state, purchase, [0, 1])
    found = chosen(made)
    for k, values in enumerate([(-1, -1), (0.4 * 1.5, 0), (0, 0.8 * 0.7), (-0.75, 0.8 * 0.7 - 0.75)]):
        part = np.bincount(found[k * n : (k + 1) * n] + 1, minlength=3)
        assert fits(part, n * logit(values)), k


def test_who_buys_is_satiated_and_forgets_it():
    state = buyers(2_000, products=1)
    state.users.satiation[:] = 2.0
    _, made = buy(state, Purchase(**BARE), [0])
    bought = chosen(made) == 0
    assert 0 < bought.sum() < 2_000
    assert state.users.satiation == pytest.approx(0.85 * 2 + bought, rel=1e-6)
    buy(state, Purchase(**BARE), [])  # also when there is nothing to buy
    assert state.users.satiation == pytest.approx(0.85 * (0.85 * 2 + bought), rel=1e-6)


def test_noise_that_a_category_shares_mixes_logits():
    """With sigma_n, shares are logit shares averaged over one normal number a category."""
    sigma, appeal = 2.0, np.array([0.0, 0.5, -0.5])
    state = buyers(sellers=3, products=1, categories=2)  # two of the first category, one of the second
    assert state.products.category.tolist() == [0, 0, 1]
    _, made = buy(state, Purchase(**{**BARE, "sigma_n": sigma}), range(3), appeal)

    x, weight = np.polynomial.hermite_e.hermegauss(60)  # of two normal numbers, one a category
    weight = np.outer(weight, weight) / weight.sum() ** 2
    first, second = np.meshgrid(x, x, indexing="ij")
    odds = np.exp(np.stack([0 * first, sigma * first, 0.5 + sigma * first, -0.5 + sigma * second]))
    expected = (weight * odds / odds.sum(axis=0)).sum(axis=(1, 2))
    assert fits(counts_of(made, 3), N * expected)


def test_shared_noise_makes_a_new_offer_take_more_from_its_own_category():
    lost = {}
    for sigma in (0.0, 3.0):
        state = buyers(sellers=4, products=1, categories=2)  # rows 0, 1 of one category, 2, 3 of the other
        purchase = Purchase(**{**BARE, "sigma_n": sigma})
        before, after = (chosen(buy(state, purchase, shown)[1]) for shown in ([0, 2], [0, 1, 2]))
        lost[sigma] = np.bincount(before[after == 1] + 1, minlength=4)
    assert share_fits(lost[0.0][1], lost[0.0][1] + lost[0.0][3], 0.5)
    assert lost[3.0][1] > 3 * lost[3.0][3] > 0


def test_offers_above_the_wallet_are_struck_out_to_the_rupiah():
    state = buyers(4, products=1)
    state.users.wallet[:] = [0, PRICE + 4_999, PRICE + 5_000, 10**9]
    today, made = buy(state, Purchase(), [0], WANTED)
    assert chosen(made).tolist() == [NOTHING, NOTHING, 0, 0]
    totals = today.flows.counts.totals
    assert (totals[Total.OFFERS], totals[Total.STRUCK_OUT]) == (4, 2)


def test_who_cannot_afford_one_offer_compares_the_others():
    state = buyers(products=3)
    state.products.price[2] = state.products.reference[2] = 2 * PRICE
    state.users.wallet[:] = PRICE
    appeal = np.array([0.2, -0.4, 3.0])
    _, made = buy(state, Purchase(**BARE), range(3), appeal)
    assert fits(counts_of(made, 2), N * logit(appeal[:2]))


def test_a_voucher_makes_a_product_cheaper_for_whom_it_is_good():
    state = buyers(products=2)
    share = np.zeros(N, np.float32)
    share[: N // 2] = 0.25

    def give(today):
        today.levers.vouchers.append(Voucher(7, share, np.array([True, False])))

    _, made = buy(state, Purchase(**BARE, b_p=2.0), [0, 1], 0.0, give)
    cheap = np.bincount(chosen(made)[: N // 2] + 1, minlength=3)
    others = np.bincount(chosen(made)[N // 2 :] + 1, minlength=3)
    assert fits(cheap, N / 2 * logit([-2 * math.log(0.75), 0]))
    assert fits(others, N / 2 * logit([0, 0]))
    orders, dues = made.orders, made.dues
    given = (orders.user < N // 2) & (orders.product == 0)
    assert np.all(orders.price == PRICE)
    assert np.array_equal(orders.subsidy, np.where(given, 25_000, 0))
    assert np.all(dues.program == 7) and np.array_equal(dues.subsidy, orders.subsidy[dues.order])


def test_a_voucher_pays_its_share_to_the_rupiah():
    def give(today):
        today.levers.vouchers.append(Voucher(0, np.full(100, 0.7, np.float32)))

    _, made = buy(buyers(100), Purchase(), [0], WANTED, give)
    assert set(made.orders.subsidy) == {70_000}


def test_vouchers_together_pay_no_more_than_their_cap():
    state = buyers(1_000, products=1)

    def give(today):
        for program, share in ((3, 0.5), (1, 0.75)):
            today.levers.vouchers.append(Voucher(program, np.full(1_000, share, np.float32)))

    _, made = buy(state, Purchase(voucher_cap=0.625), [0], WANTED, give)
    orders, dues = made.orders, made.dues
    assert len(orders) == 1_000 and len(dues) == 2_000
    assert np.all(orders.subsidy == 62_500)
    assert set(dues.subsidy[dues.program == 3]) == {25_000} and set(dues.subsidy[dues.program == 1]) == {37_500}


SHARES = some.floats(0, 1, width=32)


@given(some.lists(SHARES, min_size=1, max_size=4), some.integers(1, 10**9), some.floats(0, 1))
@example([0.5, 0.5], 101, 1.0)
@example([0.5], 101, 0.5)
def test_vouchers_pay_what_they_promise_less_a_rupiah_each_and_never_more_than_their_cap(shares, price, cap):
    everything = np.ones((len(shares), 1), np.bool_)

    def paid_by(shares):
        given = np.array(shares, np.float32)[:, None]
        return [int(subsidy_of(price, 0, 0, given, everything, cap, v)) for v in range(len(shares))]

    paid, promised = paid_by(shares), min(math.fsum(shares), cap) * price
    assert sum(paid) <= Fraction(cap) * price + Fraction(price, 10**12)
    assert min(paid) >= 0 and promised - sum(paid) <= len(shares) * (1 + 3e-6 * price)  # shares count in millionths
    assert paid_by(shares[::-1]) == paid[::-1]


def test_two_halves_of_an_odd_price_leave_a_rupiah_to_pay():
    state = buyers(100, products=1)
    state.products.price[:] = state.products.reference[:] = 101

    def give(today):
        today.levers.vouchers += [Voucher(k, np.full(100, 0.5, np.float32)) for k in (0, 1)]

    _, made = buy(state, Purchase(**{**BARE, "voucher_cap": 1.0}), [0], WANTED, give)
    assert set(made.dues.subsidy) == {50} and set(made.orders.price - made.orders.subsidy) == {1}


def test_a_voucher_lets_a_thin_wallet_buy():
    state = buyers(10, products=1)
    state.users.wallet[:] = PRICE // 2

    def give(today):
        today.levers.vouchers.append(Voucher(0, np.full(10, 0.5, np.float32)))

    assert len(buy(state, Purchase(**BARE), [0], WANTED)[1].orders) == 0
    assert len(buy(state, Purchase(**BARE), [0], WANTED, give)[1].orders) == 10


def test_a_gift_is_taken_by_who_does_not_mind_prices():
    def give(today):
        today.levers.vouchers.append(Voucher(0, np.ones(N, np.float32)))

    _, made = buy(buyers(products=1), Purchase(**BARE, b_p=0.0, voucher_cap=1.0), [0], 0.0, give)
    assert np.all(made.orders.subsidy == PRICE)
    assert fits(counts_of(made, 1), N * logit([0.0]))


def test_a_room_asks_its_flash_price():
    state = buyers(products=1, creators=1)
    today = morning(state)
    put_rooms(today, [0], discount=0.25)
    made = block(today)
    put_offers(made, slice(None), 0, host=0, room=0, channel=Channel.LIVE)
    act(Purchase(**BARE, a_live=0.0), today, made)
    assert fits(counts_of(made, 1), N * logit([-3.1 * math.log(0.75)]))
    orders = made.orders
    assert np.all(orders.price == 75_000) and np.all(orders.room == 0) and np.all(orders.host == 0)


def test_orders_say_who_bought_what_of_whom_where():
    state = buyers(6, sellers=2, products=1, creators=1)
    today = morning(state)
    today.flows.appeal[:] = WANTED
    made = block(today, start=2, stop=5)
    put_offers(made, [0], 0, host=0, channel=Channel.VIDEO)
    put_offers(made, [2], 1)
    act(Purchase(), today, made)
    orders = made.orders
    assert orders.user.tolist() == [2, 4] and orders.product.tolist() == [0, 1] and orders.seller.tolist() == [0, 1]
    assert orders.host.tolist() == [0, NOTHING] and orders.channel.tolist() == [Channel.VIDEO, Channel.SEARCH]
    assert orders.room.tolist() == [NOTHING, NOTHING] and orders.status.tolist() == [0, 0]


def test_users_in_blocks_choose_what_they_choose_together():
    """Blocks begin anywhere; a voucher is for a user, not for a place in a block."""
    found = []
    for cuts in ([0, 3_000], [0, 1, 1_700, 1_700, 3_000]):
        state = buyers(3_000, products=4)
        today, given = morning(state), np.linspace(0, 0.5, 3_000, dtype=np.float32)
        today.levers.vouchers += [Voucher(2, given), Voucher(5, given[::-1].copy(), np.arange(4) % 2 == 0)]
        orders, dues = [], []
        for start, stop in itertools.pairwise(cuts):
            made = block(today, start, stop)
            for product in range(4):
                put_offers(made, np.arange(start, stop) % 4 >= product, product)
            act(Purchase(**BARE), today, made)
            orders.append(made.orders)
            dues.append((made.orders.user[made.dues.order], made.dues.program, made.dues.subsidy))
        whole = concatenate(orders)
        found.append(([getattr(whole, name).tolist() for name in whole.columns()],
                      np.hstack(dues).tolist(), state.users.satiation.tolist()))  # fmt: skip
    assert found[0] == found[1]


SEASONS = [
    (datetime.date(2024, 1, 10), 0.0),  # a Wednesday
    (datetime.date(2024, 1, 13), 0.05),  # a Saturday
    (datetime.date(2024, 5, 5), 0.05 + 0.5),  # a Sunday, double
    (datetime.date(2024, 1, 25), 0.15),
    (datetime.date(2024, 2, 1), 0.15),
    (datetime.date(2024, 2, 2), 0.5),
    (datetime.date(2024, 12, 12), 0.5 + 0.3),  # Harbolnas, a Thursday
    (datetime.date(2024, 3, 20), 0.2),  # Ramadan, a Wednesday
]


@pytest.mark.parametrize(("date", "expected"), SEASONS)
def test_the_calendar_adds_a_season(date, expected):
    assert Purchase().season(morning(buyers(1), date=date)) == pytest.approx(expected, abs=1e-12)


def test_paydays_end_on_the_first_after_every_month():
    purchase = Purchase(payday=1.0, weekend=0.0, double_date=0.0, harbolnas=0.0, ramadan=0.0)
    for number in range(366):
        date = datetime.date(2024, 1, 1) + datetime.timedelta(number)
        assert purchase.season(morning(buyers(1), date=date)) == (date.day >= 25 or date.day == 1), date


def test_season_and_desire_move_buying():
    def wish(today):
        today.levers.desire = 0.4

    date = datetime.date(2024, 12, 12)
    assert not describe(date).weekend
    _, made = buy(buyers(), Purchase(**{**BARE, "a_0": -1.5}), [0], 0.0, wish, date=date)
    assert share_fits(len(made.orders), N, logit([-1.5 + 0.4 + 0.5 + 0.3])[1])


def test_another_day_is_another_choice():
    found = [chosen(buy(buyers(), Purchase(**BARE), [0], 0.0, counter=k)[1]) == 0 for k in (0, 1)]
    assert share_fits((found[0] & found[1]).sum(), N, 0.25)


def test_a_full_list_of_offers_is_compared_whole():
    appeal = np.linspace(-1, 1, OFFERS)
    today, made = buy(buyers(products=OFFERS), Purchase(**BARE), range(OFFERS), appeal)
    assert fits(counts_of(made, OFFERS), N * logit(appeal))
    assert today.flows.counts.totals[Total.OFFERS] == OFFERS * N


def test_who_has_no_offer_buys_nothing():
    today, made = buy(buyers(50), Purchase(a_0=5.0), [])
    assert len(made.orders) == len(made.dues) == today.flows.counts.totals[Total.OFFERS] == 0


@pytest.mark.parametrize("vouchers", [0, 1])
def test_empty_tables_do_no_harm(vouchers):
    def give(today):
        today.levers.vouchers += [Voucher(0, np.zeros(0, np.float32))] * vouchers

    _, made = buy(market(sellers=0), Purchase(), [], 0.0, give)
    assert len(made.orders) == len(made.dues) == 0
