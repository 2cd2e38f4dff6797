"""Campaigns: who takes part, from when to when, how strongly, and what it costs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.errors import ScenarioError
from sim.mechanism import own_table
from sim.mechanisms.settlement import Settlement
from sim.population import Population
from sim.programs import Training, Vouchers
from sim.state import Dues
from sim.tables import NEVER
from tests.small import books, fits, market, morning, put_orders, share_fits

N = 400


def people(creators=N, users=0, sellers=1):
    """Return a market in which everybody is in business, with a program account."""
    state = market(users=users, creators=creators, sellers=sellers)
    state.hosts.joined[:] = 0
    state.books.programs = np.zeros(1, np.int64)
    state.books.spent_up = np.full(1, NEVER, np.int32)
    return state


def live(program, days, state=None, seed=1):
    """Live some days of a program alone, books included; return the market, and levers by day."""
    state = state or people()
    books(state)
    state.own[own_table(0)] = program.begin(state, seed)
    levers = []
    for day in range(days):
        today = morning(state, day, seed=seed)
        program.pull(today, 0)
        levers.append(today.levers)
        program.bill(today, 0)
        Settlement().step(today)
    return state, levers


def joined(state):
    """Return on which day each creator joined, NEVER included."""
    return state.own[own_table(0)].since[: len(state.creators)]


def treated(levers):
    """Return how many creators have more skill on each day."""
    return [int(np.count_nonzero(day.skill)) for day in levers]


def test_everybody_takes_part_unless_something_is_said():
    _, levers = live(Training(skill=0.5), 2)
    assert treated(levers) == [N, N] and set(levers[1].skill[:N]) == {0.5}


def test_a_program_is_on_from_its_first_day_to_the_day_before_its_end():
    assert treated(live(Training(start=2, end=5), 8)[1]) == [0, 0, N, N, N, 0, 0, 0]


@pytest.mark.parametrize("take_up", [0.0, 0.3, 1.0])
def test_take_up_is_the_share_that_takes_part_and_nobody_changes_his_mind(take_up):
    counts = treated(live(Training(take_up=take_up), 5)[1])
    assert len(set(counts)) == 1
    assert counts[0] == N * take_up if take_up in (0, 1) else share_fits(counts[0], N, take_up)


def test_more_take_up_takes_in_others_in_addition():
    few, many = (joined(live(Training(take_up=share), 1)[0]) == 0 for share in (0.2, 0.5))
    assert few.sum() < many.sum() and not (few & ~many).any()


def test_ramp_lets_take_up_grow_in_a_line():
    whole = treated(live(Training(take_up=0.8), 1)[1])[0]
    counts = treated(live(Training(take_up=0.8, ramp=10), 14)[1])
    assert np.allclose(counts[:10], whole * np.arange(1, 11) / 10, atol=25)
    assert counts == sorted(counts) and counts[9:] == [whole] * 5


def test_capacity_a_day_and_in_all_is_never_exceeded_and_the_queue_is_drawn_by_lot():
    state, levers = live(Training(capacity=100, capacity_day=30), 6)
    assert treated(levers) == [30, 60, 90, 100, 100, 100]
    turn = state.own[own_table(0)].turn[:N]
    order = np.argsort(turn)
    assert sorted(np.flatnonzero(joined(state) == 0)) == sorted(order[:30])


def test_capacity_is_counted_in_people():
    state = people()
    state.scale = 10
    assert treated(live(Training(capacity=1_000), 2, state)[1]) == [100, 100]


def test_less_than_one_agent_is_refused():
    with pytest.raises(ScenarioError, match="500 people are less than one agent, which stands for 1000"):
        Training(capacity=500).check(Population(scale=1000))


def test_dropping_out_takes_the_same_share_of_those_left_every_day():
    counts = treated(live(Training(drop_out=0.1), 15)[1])
    assert counts[0] == N
    assert np.allclose(counts, N * 0.9 ** np.arange(15), atol=40) and counts[-1] < 0.4 * N


def test_who_has_stayed_the_course_has_finished():
    assert treated(live(Training(stay=3), 6)[1]) == [N, N, N, 0, 0, 0]


def test_a_dose_builds_up_in_a_line_and_then_fades_by_half_lives():
    _, levers = live(Training(skill=1.0, build_up=4, stay=4, half_life=2.0), 9)
    assert [float(day.skill[0]) for day in levers] == pytest.approx(
        [0.25, 0.5, 0.75, 1.0, 2**-0.5, 0.5, 2**-1.5, 0.25, 2**-2.5]
    )


def test_without_a_half_life_nothing_is_left():
    assert treated(live(Training(stay=2), 4)[1]) == [N, N, 0, 0]


def test_those_who_rank_high_apply_more():
    state = people()
    state.creators.followers[:] = np.arange(N)
    found, _ = live(Training(take_up=0.3, select_on="followers", select_power=2.0), 1, state)
    inside = joined(found) == 0
    assert fits([inside.sum(), N - inside.sum()], [0.3 * N, 0.7 * N])  # as many, by and large
    assert state.creators.followers[inside].mean() > 1.3 * state.creators.followers[~inside].mean()


def test_equals_apply_alike_whatever_the_strength_of_selection():
    assert np.array_equal(
        joined(live(Training(take_up=0.3, select_on="followers", select_power=1.0), 1)[0]) == 0,
        joined(live(Training(take_up=0.3), 1)[0]) == 0,
    )


def test_a_lot_decides_who_may_take_part():
    state, _ = live(Training(assign_share=0.5), 3)
    own = state.own[own_table(0)]
    assert fits([own.assigned[:N].sum(), N - own.assigned[:N].sum()], [N / 2, N / 2])
    assert np.array_equal(joined(state) == 0, own.assigned[:N])


def test_a_lot_can_be_drawn_by_province_or_cluster():
    state = people(sellers=60)
    state.hosts.province[:] = np.arange(len(state.hosts)) % 38
    own = live(Training(assign_share=0.5, assign_by="province"), 1, state)[0].own[own_table(0)]
    assert all(len(set(own.assigned[state.hosts.province == p])) == 1 for p in range(38))
    assert 0 < own.assigned[:38].sum() < 38
    state.sellers.cluster[:] = np.arange(60) % 3
    program = Training(side="sellers", assign_share=0.5, assign_by="cluster")
    by_seller = live(program, 1, state)[0].own[own_table(0)].assigned[N:]
    assert all(len(set(by_seller[state.sellers.cluster == c])) == 1 for c in (1, 2))
    assert len(set(by_seller[state.sellers.cluster == 0])) == 2


def test_waves_reach_one_province_after_the_other():
    state = people()
    state.hosts.province[:] = np.arange(len(state.hosts)) % 38
    found, levers = live(Training(waves=2, wave_every=3), 5, state)
    day_of = [set(joined(found)[state.creators.province == p].tolist()) for p in range(38)]
    assert all(len(days) == 1 for days in day_of)
    assert sorted(min(days) for days in day_of) == [0] * 19 + [3] * 19
    assert treated(levers)[0] < treated(levers)[3] == N


def test_two_programs_of_one_cohort_take_in_the_same_people():
    first, second = (live(Training(label=name, cohort="class", take_up=0.4), 1)[0] for name in ("a", "b"))
    other = live(Training(label="c", take_up=0.4), 1)[0]
    assert np.array_equal(joined(first), joined(second)) and not np.array_equal(joined(first), joined(other))


def test_who_is_not_in_business_cannot_take_part():
    state = people()
    state.hosts.joined[:100] = NEVER
    assert treated(live(Training(), 1, state)[1]) == [N - 100]


# what it costs


def test_costs_are_paid_once_per_head_and_per_day():
    program = Training(capacity=30, capacity_day=10, stay=2, cost_fixed=1_000, cost_per_head=100, cost_per_day=7)
    state, _ = live(program, 6)
    heads_by_day = [10, 20, 20, 10, 0, 0]  # ten join a day and stay for two
    assert -state.books.programs[0] == 1_000 + 30 * 100 + 7 * sum(heads_by_day)


def test_rupiah_are_those_of_the_whole_market():
    state = people()
    state.scale = 100
    assert -live(Training(cost_fixed=50_000), 1, state)[0].books.programs[0] == 500


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    budget=st.integers(0, 60_000), head=st.integers(0, 300), day=st.integers(0, 60), fixed=st.integers(0, 20_000),
    take_up=st.floats(0, 1), drop_out=st.floats(0, 0.5), capacity_day=st.integers(0, 100),
)  # fmt: skip
def test_no_budget_is_ever_exceeded_and_the_day_it_ends_is_recorded(
    budget, head, day, fixed, take_up, drop_out, capacity_day
):
    program = Training(
        budget=budget, cost_per_head=head, cost_per_day=day, cost_fixed=fixed, take_up=take_up, drop_out=drop_out,
        capacity_day=capacity_day,
    )  # fmt: skip
    rich = Training(**{**program.model_dump(), "budget": 10**12})
    state, levers = live(program, 8)
    wanted = -int(live(rich, 8)[0].books.programs[0])
    spent, over = -int(state.books.programs[0]), int(state.books.spent_up[0])
    assert 0 <= spent <= budget and spent <= wanted
    assert (over == NEVER) == (wanted <= budget)
    if over != NEVER:
        assert spent == budget  # what was left went into the cost that could not be paid in full
        assert not any(treated(levers)[over + 1 :])
    else:
        assert spent == wanted


def test_running_costs_follow_subsidies():
    state = people(users=10)
    state.own[own_table(0)] = (program := Vouchers(cost_share=0.1)).begin(state, 1)
    today = morning(state)
    program.pull(today, 0)
    put_orders(today, np.arange(3), 0)
    today.flows.dues = Dues.empty(3)
    today.flows.dues.subsidy[:], today.flows.dues.order[:] = 1_000, np.arange(3)
    program.bill(today, 0)
    assert [cost.amount for cost in today.flows.costs] == [300]
