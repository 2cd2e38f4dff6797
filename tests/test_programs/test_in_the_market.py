"""Programs in a living market: order does not matter, nothing does nothing, budgets hold, hands and kernels agree."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from experiments.run import run
from sim.errors import ParameterError
from sim.market import Market
from sim.mechanism import own_table
from sim.programs import (
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
from sim.scenario import load
from tests.test_plain import lives_alike

LIVELY = (
    "population.users=120", "population.creators=25", "population.sellers=20", "calendar.burn_in=0",
    "population.creators_live=0.6", "population.sellers_live=0.4", "mechanisms.purchase.a_0=-2",
)  # fmt: skip
BUDGETS = st.sampled_from([0, 3_000, 60_000, 10**17])
KINDS = [
    Training(half_life=5, stay=2, cost_per_head=900), Recruiting(attraction=20), Matching(partners={"umkm": True}),
    Samples(capacity=3), CommissionTopUp(points=0.1), FeeHoliday(), Vouchers(discount=0.4, take_up=0.7),
    Vouchers(label="others", discount=0.8, where={"student": False}), FreeShipping(part=0.8), HostExposure(factor=3),
    HostExposure(label="shops", side="sellers", take_up=0.5), ProductExposure(products={"local": True}, target=0.9),
    Recommender(), Exploration(more=0.2), ExposureCap(most=0.1), LiveBonus(room_pull=3, live_days=0.3),
    MegaCampaign(only_double_dates=False), SocialInsurance(cost_per_day=50), RivalPlatform(), Nudge(),
    Closure(channels=("live",), start=1), Placebo(),
]  # fmt: skip
fast = settings(deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


@st.composite
def mixtures(draw):
    """Draw some programs, with budgets."""
    some = draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=5, unique_by=lambda program: program.title))
    return tuple(program.but(budget=draw(BUDGETS)) for program in some)


@settings(fast, max_examples=40)
@given(mixtures(), st.integers(0, 99))
def test_hands_and_kernels_agree_under_any_programs_and_no_budget_is_exceeded(programs, seed):
    scenario = load("village", (*LIVELY, f"seed={seed}")).but(programs=programs)
    assert lives_alike(scenario, 4) == "alike"


@settings(fast, max_examples=12)
@given(mixtures(), st.randoms())
def test_programs_commute(programs, random):
    village = load("village", LIVELY)
    shuffled = list(programs)
    random.shuffle(shuffled)
    one, other = (run(village.but(programs=tuple(order)), 4, keep=False) for order in (programs, shuffled))
    assert one.fingerprint == other.fingerprint


def test_nothing_changes_nothing():
    village = load("village", LIVELY)
    nothing = (Placebo(), Training(label="nobody", take_up=0), Vouchers(discount=0), CommissionTopUp(points=0),
               FreeShipping(part=0), HostExposure(factor=1), Matching(capacity=0), Closure(channels=()))  # fmt: skip
    base = run(village, 6, keep=False)
    assert run(village.but(programs=nothing), 6, keep=False).fingerprint == base.fingerprint
    assert run(village.but(programs=(Nudge(by=0),)), 6, keep=False).fingerprint == base.fingerprint


def test_two_programs_of_one_name_are_refused():
    with pytest.raises(ParameterError, match="two are called 'vouchers'"):
        load("village").but(programs=(Vouchers(), Vouchers()))


def test_a_budget_ends_a_program_on_a_recorded_day_and_returns_do_not_reopen_it():
    village = load("village", LIVELY).but(programs=(Vouchers(discount=0.5, budget=3_000_000),))
    market = Market(village, keep=False)
    spent, subsidies = [], []
    for _ in range(25):
        market.step()
        spent.append(-int(market.state.books.programs[0]))
        subsidies.append(market.recorder.row["subsidies"])
    day = int(market.state.books.spent_up[0])
    assert 0 < day < 20 and max(spent) <= 3_000_000
    assert subsidies[0] > 0 and not any(subsidies[day + 1 :])
    assert spent[-1] < spent[day]  # some of it came back


def test_labels_name_programs_in_paths(tmp_path):
    file = tmp_path / "two.yaml"
    file.write_text("extends: village\nprograms:\n- {kind: vouchers, label: a}\n- {kind: vouchers, label: b}\n")
    scenario = load(file, ["programs.b.discount=0.5", "programs.0.discount=0.3"])
    assert [(p.title, p.discount) for p in scenario.programs] == [("a", 0.3), ("b", 0.5)]
    paths = {knob.path: knob.value for knob in scenario.knobs()}
    assert paths["programs.b.discount"] == 0.5
    assert scenario.with_values({"programs.b.discount": 0.7}).programs[1].discount == 0.7


def test_training_raises_what_is_sold_of_those_who_take_part():
    village = load("village", ("population.users=2000", "calendar.burn_in=10"))
    base = Market(village)
    taught = Market(village.but(programs=(Training(skill=2.0, take_up=0.5),)))
    for market in (base, taught):
        for _ in range(28):
            market.step()
    part = taught.state.own[own_table(0)].since[: len(base.state.creators)] < 10_000
    income = [int((m.state.creators.earned_video + m.state.creators.earned_live)[part].sum()) for m in (base, taught)]
    assert income[1] > 1.1 * income[0]
    assert np.array_equal(base.state.creators.id, taught.state.creators.id)
