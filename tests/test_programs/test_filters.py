"""Conditions on columns: who a program is for, as data."""

import json

import numpy as np
import pytest

from sim.errors import ParameterError, ScenarioError
from sim.inputs import provinces
from sim.market import Market
from sim.programs import Training, Vouchers
from sim.programs.filters import known_columns, select, values
from sim.scenario import load
from sim.state import Size
from tests.small import market

FEW = ("population.users=50", "calendar.burn_in=0")


@pytest.fixture
def state():
    drawn = market(users=8, creators=5, sellers=6, categories=2)
    drawn.category_names = ("Beauty", "Food and Drink")
    drawn.creators.followers[:] = [0, 10, 47, 100, 5]
    drawn.creators.skill[:] = [-1, 0, 1, 2, 3]
    drawn.creators.student[:] = [True, False, True, False, True]
    drawn.sellers.size[:] = [Size.MICRO, Size.SMALL, Size.MEDIUM, Size.LARGE, Size.LARGE, Size.MICRO]
    drawn.sellers.recent[:], drawn.sellers.earlier[:] = 1.0, [0, 0.5, 1, 2, 3, 4]
    drawn.users.province[:] = np.arange(8)
    return drawn


CASES = [
    ({}, "creators", [0, 1, 2, 3, 4]),
    ({"student": True}, "creators", [0, 2, 4]),
    ({"followers": {"at_least": 10}}, "creators", [1, 2, 3]),
    ({"followers": {"above": 10, "below": 100}}, "creators", [2]),
    ({"skill": {"at_most": 1}, "student": True}, "creators", [0, 2]),
    ({"skill": [0, 3]}, "creators", [1, 4]),
    ({"size": "large"}, "sellers", [3, 4]),
    ({"size": ["micro", "small"]}, "sellers", [0, 1, 5]),
    ({"umkm": True}, "sellers", [0, 1, 2, 5]),
    ({"growth": {"above": 1.5}}, "sellers", [0, 1]),
    ({"province": [provinces().names[2], provinces().names[5]]}, "users", [2, 5]),
]


@pytest.mark.parametrize("where, side, found", CASES, ids=[str(case[0]) for case in CASES])
def test_a_condition_finds_those_who_meet_it(state, where, side, found):
    assert np.flatnonzero(select(where, side, state, 0)).tolist() == found


def test_growth_is_orders_of_four_weeks_over_those_before_one_added_to_each(state):
    assert values("growth", "sellers", state, 0).tolist() == [29 / (1 + 28 * x) for x in (0, 0.5, 1, 2, 3, 4)]


def test_products_are_chosen_by_their_sellers(state):
    state.products.seller[:] = [0, 3, 1, 4, 2, 5]
    assert np.flatnonzero(select({"umkm": True}, "products", state, 0)).tolist() == [0, 2, 4, 5]


def test_age_is_the_time_in_business(state):
    state.creators.joined[:] = [0, 5, 10, 2**31 - 1, 12]
    assert values("age", "creators", state, 10).tolist() == [10, 5, 0, -1, -2]


WRONG = {
    "an unknown column": ({"folowers": 3}, "creators have no 'folowers'. Did you mean 'followers'?"),
    "a column of another table": ({"wallet": 3}, "creators have no 'wallet'"),
    "a wide column": ({"showcase": 3}, "creators have no 'showcase'"),
    "an unknown bound": ({"followers": {"over": 3}}, "where.followers: there is no bound 'over'"),
    "a bound that is text": ({"followers": {"above": "3"}}, "where.followers.above = '3' is not a number"),
    "a bound that is true": ({"followers": {"above": True}}, "where.followers.above = true is not a number"),
    "an unknown place": ({"province": "Jakarta"}, "where.province: there is no 'Jakarta'. Did you mean 'DKI Jakarta'?"),
    "a code for a place": ({"province": 3}, "where.province: there is no 3"),
    "code": ({"followers": "__import__('os')"}, "is neither a number nor true or false"),
}


@pytest.mark.parametrize("where, said", WRONG.values(), ids=WRONG)
def test_a_condition_that_means_nothing_is_refused_with_its_place(tmp_path, where, said):
    file = tmp_path / "mine.yaml"
    file.write_text(f"extends: village\nprograms:\n  - kind: training\n    where: {json.dumps(where)}\n")
    with pytest.raises(ParameterError) as refused:
        load(file, FEW)
    assert said in str(refused.value) and "mine.yaml line 3" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_category_that_the_market_does_not_have_is_refused_before_anything_is_simulated():
    for program in (
        Training(where={"category": "Automotive"}),
        Vouchers(products={"category": "Automotive"}),
    ):
        with pytest.raises(ScenarioError, match="this market has no 'Automotive'"):
            Market(load("village", FEW).but(programs=(program,)), on_day=lambda day: pytest.fail("simulated"))


@pytest.mark.parametrize("side", ["users", "creators", "sellers", "products"])
def test_every_known_column_can_be_asked_for(side):
    state = market(users=3, creators=3, sellers=3, products=3)
    for name in known_columns(side):
        assert values(name, side, state, 1).shape == (len(getattr(state, side)),)
