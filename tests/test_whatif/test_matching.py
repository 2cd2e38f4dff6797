"""Orders of twin worlds, matched user by user."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.whatif.matching import (
    ANYWAY,
    NEAR,
    NEW,
    OTHER_CHANNEL,
    OTHER_CREATOR,
    OTHER_DAY,
    OTHER_PRODUCT,
    OTHER_SELLER,
    match,
    match_lists,
)  # fmt: skip
from sim.tables import NOTHING


def orders(*rows):
    """Return orders of (user, day, seller, product, host, channel); what is not said is 0."""
    whole = np.array([(*row, *[0] * (6 - len(row))) for row in rows], np.int64).reshape(-1, 6)
    return dict(zip(("user", "day", "seller", "product", "host", "channel"), whole.T, strict=True))


BASE = orders((1, 5, 10, 100, 7, 0))
SAME_DAY = {
    "the same": ((1, 5, 10, 100, 7, 0), ANYWAY),
    "from another channel": ((1, 5, 10, 100, 7, 1), OTHER_CHANNEL),
    "shown by another": ((1, 5, 10, 100, 8, 1), OTHER_CREATOR),
    "another product of the seller": ((1, 5, 10, 101, 8, 1), OTHER_PRODUCT),
    "another seller": ((1, 5, 11, 200, 8, 1), OTHER_SELLER),
    "a day later": ((1, 6, 10, 100, 7, 0), OTHER_DAY),
    "four weeks earlier or later": ((1, 5 + NEAR, 99, 9, 9, 2), OTHER_DAY),
    "too late": ((1, 6 + NEAR, 10, 100, 7, 0), NEW),
    "somebody else's": ((2, 5, 10, 100, 7, 0), NEW),
}


@pytest.mark.parametrize("row, part", SAME_DAY.values(), ids=SAME_DAY)
def test_an_order_is_what_first_differs_from_that_of_the_twin(row, part):
    found, partner = match(orders(row), BASE)
    assert found.tolist() == [part] and partner.tolist() == [NOTHING if part == NEW else 0]


def test_the_nearest_day_is_matched_first_one_to_one():
    arm, base = orders((1, 10), (1, 14), (1, 30)), orders((1, 12), (1, 13), (1, 50))
    found, partner = match(arm, base)
    assert partner.tolist() == [0, 1, 2]  # 14 takes 13; 12 is left for 10
    assert found.tolist() == [OTHER_DAY] * 3


def test_the_same_day_is_matched_before_a_nearer_history():
    found, partner = match(orders((1, 4), (1, 5)), orders((1, 5)))
    assert found.tolist() == [NEW, ANYWAY] and partner.tolist() == [NOTHING, 0]


def test_without_orders_there_is_nothing_to_match():
    assert match(orders(), BASE)[0].tolist() == []
    assert match(BASE, orders())[0].tolist() == [NEW]


def greedily(mine, theirs, most):
    """Match by hand: all pairs by distance, then by the first's place, then by the other's."""
    pairs = sorted(
        (abs(day - other), i, j)
        for i, (user, day) in enumerate(mine)
        for j, (other_user, other) in enumerate(theirs)
        if user == other_user and abs(day - other) <= most
    )
    found, taken = [-1] * len(mine), set()
    for _, i, j in pairs:
        if found[i] == -1 and j not in taken:
            found[i] = j
            taken.add(j)
    return found


DAYS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 40)), max_size=12, unique=True).map(sorted)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(DAYS, DAYS, st.integers(0, 40))
def test_lists_are_matched_as_by_hand(mine, theirs, most):
    a, b = (np.array(rows, np.int64).reshape(-1, 2) for rows in (mine, theirs))
    found = match_lists(a[:, 0].copy(), a[:, 1].copy(), b[:, 0].copy(), b[:, 1].copy(), most)
    assert found.tolist() == greedily(mine, theirs, most)


ORDERS = st.lists(
    st.tuples(*(st.integers(0, most) for most in (4, 60, 2, 3, 2, 2))), max_size=25, unique_by=lambda row: row[:2]
)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(ORDERS, ORDERS)
def test_every_order_is_matched_once_and_twins_alike_match_themselves(mine, theirs):
    arm, base = orders(*mine), orders(*theirs)
    found, partner = match(arm, base)
    used = partner[partner != NOTHING]
    assert len(set(used.tolist())) == len(used)
    assert ((found == NEW) == (partner == NOTHING)).all()
    assert (arm["user"][partner != NOTHING] == base["user"][used]).all()
    assert (match(arm, arm)[0] == ANYWAY).all()
