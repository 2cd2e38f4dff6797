"""Each kind of program moves the levers that its formula names, and no other."""

import dataclasses
import datetime

import numpy as np
import pytest

from sim.levers import Levers
from sim.mechanism import own_table
from sim.programs import (
    PROGRAMS,
    Closure,
    CommissionTopUp,
    Exploration,
    ExposureCap,
    FeeHoliday,
    FreeShipping,
    HostExposure,
    LiveBonus,
    Matching,
    MegaCampaign,
    Nudge,
    Placebo,
    ProductExposure,
    Recommender,
    Recruiting,
    RivalPlatform,
    Samples,
    SocialInsurance,
    Training,
    Vouchers,
)  # fmt: skip
from sim.state import Channel
from sim.tables import NEVER, NOTHING
from tests.small import PRICE, market, morning, put_rooms

C, S, U = 6, 4, 5
PLAIN, DOUBLE = datetime.date(2024, 3, 14), datetime.date(2024, 11, 11)


def morning_of(program, state=None, date=PLAIN, counter=0):
    """Return the day on which a program has pulled its levers, and what it has moved by name."""
    state = state or market(users=U, creators=C, sellers=S, products=2)
    state.hosts.joined[:] = 0
    state.books.programs, state.books.spent_up = np.zeros(1, np.int64), np.full(1, NEVER, np.int32)
    own = program.begin(state, 1)
    if own is not None:
        state.own[own_table(0)] = own
    today = morning(state, counter, date)
    program.pull(today, 0)
    return today


def moved(today):
    """Return the levers that are not neutral, by name."""
    neutral = Levers.neutral(today.state)
    pairs = {f.name: (getattr(today.levers, f.name), getattr(neutral, f.name)) for f in dataclasses.fields(Levers)}
    return {name: mine for name, (mine, theirs) in pairs.items() if name != "budgets" and not same(mine, theirs)}


def same(one, other):
    return np.array_equal(one, other) if isinstance(one, np.ndarray) else one == other


HALF = {"build_up": 2}  # on the first day, people have half the dose
CASES = [
    (Training(skill=0.6, live_skill=0.2, live_days=0.4, effort=3, **HALF),
     {"skill": 0.3, "live_skill": 0.1, "live_chance": 0.2, "effort": 2.0}, slice(0, C)),
    (Training(side="sellers", skill=0.6, **HALF), {"skill": 0.3}, slice(C, None)),
    (Recruiting(attraction=5, **HALF), {"attraction": 3.0}, slice(0, C)),
    (HostExposure(factor=2, **HALF), {"exposure": 1.5}, slice(0, C)),
    (SocialInsurance(relief=0.4, **HALF), {"giving_up": 0.8}, slice(0, C)),
    (LiveBonus(room_pull=3, live_days=0.2, **HALF), {"room_pull": 2.0, "live_chance": 0.1}, slice(0, C)),
    (RivalPlatform(away=0.5, attraction=0.9, **HALF), {"effort": 0.75, "attraction": 0.9}, slice(0, C)),
    (Nudge(by=1e-6), {"exposure": 1 + 1e-6}, slice(0, C)),
    (FeeHoliday(cut=0.5, **HALF), {"fee": 0.75}, slice(None)),
    (LiveBonus(side="sellers", adoption=3, **HALF), {"live_attraction": 2.0}, slice(None)),
    (ProductExposure(factor=2.5), {"product_exposure": 2.5}, slice(None)),
]  # fmt: skip


@pytest.mark.parametrize("program, expected, rows", CASES, ids=lambda x: x.name if hasattr(x, "name") else "")
def test_a_program_moves_its_levers_by_the_dose_and_no_other(program, expected, rows):
    levers = moved(morning_of(program))
    assert levers.keys() == expected.keys()
    for name, value in expected.items():
        neutral = getattr(Levers.neutral(market(users=U, creators=C, sellers=S, products=2)), name).copy()
        neutral[rows] = value
        assert levers[name] == pytest.approx(neutral, rel=1e-12)


NUMBERS = [
    (Recommender(precision=1.5), {"kappa": 1.5}),
    (Exploration(more=0.05), {"epsilon": 0.05}),
    (ExposureCap(most=0.2), {"exposure_cap": 0.2}),
    (Placebo(), {}),
    (MegaCampaign(), {}),
]


@pytest.mark.parametrize("program, expected", NUMBERS, ids=lambda x: x.name if hasattr(x, "name") else "")
def test_a_program_for_all_moves_one_number(program, expected):
    assert moved(morning_of(program)) == expected


def test_a_mega_campaign_is_on_double_dates():
    levers = moved(morning_of(MegaCampaign(desire=0.3, discount=0.1, factor=2), date=DOUBLE))
    assert levers.keys() == {"desire", "vouchers", "product_exposure"}
    assert levers["desire"] == 0.3 and set(levers["vouchers"][0].share) == {np.float32(0.1)}


def test_a_closure_closes_its_channels():
    today = morning_of(Closure(channels=("live",)))
    assert moved(today).keys() == {"open"}
    assert [bool(today.levers.open[c]) for c in (Channel.VIDEO, Channel.LIVE, Channel.SEARCH)] == [True, False, True]


def test_vouchers_are_for_those_who_take_part_and_for_the_products_named():
    state = market(users=U, creators=C, sellers=S, products=2)
    state.users.student[:3], state.products.local[:] = True, np.arange(8) % 2 == 0
    today = morning_of(Vouchers(discount=0.25, where={"student": True}, products={"local": True}), state)
    (voucher,) = moved(today)["vouchers"]
    assert voucher.share.tolist() == [0.25] * 3 + [0] * 2
    assert voucher.products.tolist() == [True, False] * 4


def test_a_top_up_adds_its_points_for_creators_who_take_part():
    (top_up,) = moved(morning_of(CommissionTopUp(points=0.04, where={"id": {"below": 9}})))["top_ups"]
    assert sorted(set(top_up.share.tolist())) == sorted({0.0, float(np.float32(0.04))})


def test_free_shipping_pays_a_part_of_the_shipping_of_all():
    (given,) = moved(morning_of(FreeShipping(part=0.5)))["shipping"]
    assert (given.program, given.share) == (0, 0.5)


def test_a_creator_works_with_sellers_of_the_same_niche_and_shows_what_sells_best_there():
    state = market(users=U, creators=4, sellers=8, products=3, categories=2)
    state.products.sold[:] = np.arange(24) % 3
    today = morning_of(Matching(sellers_each=2), state)
    (links,) = moved(today)["links"]
    sellers = state.products.seller[links.products]
    assert len(links.creators) == 8 and len(set(sellers.tolist())) == 8  # each seller has one creator
    assert (state.creators.category[links.creators] == state.sellers.category[sellers]).all()
    assert (links.products % 3 == 2).all()
    assert np.bincount(links.creators).tolist() == [2] * 4


def test_pairs_are_kept_while_the_creator_takes_part():
    state = market(users=U, creators=4, sellers=8, categories=2)
    program = Matching(sellers_each=1, stay=3)
    first = moved(morning_of(program, state))["links"][0]
    own = state.own[own_table(0)]
    for counter, linked in ((1, True), (2, True), (3, False)):
        today = morning(state, counter)
        program.pull(today, 0)
        assert bool(today.levers.links) == linked
        if linked:
            assert today.levers.links[0].products.tolist() == first.products.tolist()
    assert (own.partner != NOTHING).sum() == 4


def test_too_few_sellers_are_shared_out_in_the_order_of_the_queue():
    state = market(users=U, creators=5, sellers=3)
    morning_of(Matching(sellers_each=2), state)
    own = state.own[own_table(0)]
    partners = (own.partner[:5] != NOTHING).sum(axis=1)
    queue = np.argsort(own.turn[:5])
    assert partners[queue].tolist() == [2, 1, 0, 0, 0]


def test_samples_are_bought_from_the_sellers_at_their_price():
    state = market(users=U, creators=3, sellers=3)
    program = Samples(sellers_each=1)
    today = morning_of(program, state)
    program.bill(today, 0)
    (bonus,) = today.flows.bonuses
    assert sorted(bonus.hosts.tolist()) == [3, 4, 5] and bonus.amounts.tolist() == [PRICE] * 3


@pytest.mark.parametrize("budget, paid", [(10**9, 2), (45_000, 1), (29_999, 0)])
def test_a_live_bonus_is_paid_by_the_hour_up_to_a_limit_and_the_budget(budget, paid):
    program = LiveBonus(per_hour=20_000, hours_most=1.5, budget=budget)
    today = morning_of(program)
    put_rooms(today, [0, 2, C + 1], minutes=120)  # the last is a seller, who does not take part
    program.bill(today, 0)
    (bonus,) = today.flows.bonuses
    assert set(bonus.hosts.tolist()) <= {0, 2} and bonus.amounts.tolist() == [30_000] * paid


def test_exposure_steers_to_its_target():
    state = market(users=U, creators=C, sellers=S, products=2)
    state.products.local[::2] = True
    program = ProductExposure(products={"local": True}, factor=1.0, target=0.8, step=0.5)
    today = morning_of(program, state)
    own = state.own[own_table(0)]
    assert own.factor[0] == 1.0
    today.flows.showcase[:, 0] = [0, 1, 2, 3, 5, 7, NOTHING, 1, 1, 1]
    today.flows.counts.hosts.views[:] = [10, 10, 10, 10, 0, 0, 60, 0, 0, 0]
    program.bill(today, 0)
    assert own.share[0] == 0.5  # who shows nothing is not counted
    program.pull(morning(state, 1), 0)
    assert own.factor[0] == pytest.approx((0.8 / 0.5) ** 0.5)


def test_every_kind_is_tested_here():
    tested = {type(program) for program, *_ in (*CASES, *NUMBERS)}
    tested |= {Closure, Vouchers, CommissionTopUp, FreeShipping, Matching, Samples, MegaCampaign}
    assert tested == set(PROGRAMS)
