"""The sampler: exactly the chances of the weights, and few draws that change when weights do."""

from fractions import Fraction

import numpy as np
import pytest

from sim.rng import Key, Stream
from sim.sampler import draw, draw_batch, propose, weigh
from sim.tables import NOTHING
from sim.trie import descend_together, fill_marks, make_trie
from tests.small import fits

KEY = Key(5, 3, int(Stream.FEED_PICK))
DRAWS = 1_000_000
ROOM = 3.0


def draws(sampler, n=DRAWS, group=0):
    """Return ``n`` draws, each of another agent and slot, and the attempts they took."""
    out = np.empty(n, np.int32)
    agents, slots = np.arange(n, dtype=np.uint32) // 20, np.arange(n, dtype=np.uint32) % 20
    groups = np.full(n, group, np.int8)
    attempts = draw_batch(KEY, agents, slots, groups, np.arange(n, dtype=np.uint32), sampler, out)
    return out, attempts


def one_group(expected, room=ROOM):
    return propose(np.zeros(len(expected), np.int64), expected, np.arange(len(expected)), 1, room)


def popularity(n, seed=1):
    """Return the expected weights of ``n`` members: log-normal, so that one in a hundred has most, and bounded."""
    return np.exp(2.4 * np.clip(np.random.default_rng(seed).normal(0, 1, n), -3, 3))


def moved(expected, sd, seed=2):
    """Return weights that have moved away from what was expected."""
    return expected * np.exp(np.random.default_rng(seed).normal(0, sd, len(expected)))


@pytest.mark.parametrize("sd", [0.0, 0.5, 2.0])
def test_members_are_drawn_by_their_weights_however_wrong_the_proposal(sd):
    expected = popularity(300)
    weight = moved(expected, sd)
    sampler = weigh(one_group(expected), weight)
    found, _ = draws(sampler)
    assert fits(np.bincount(found, minlength=300), DRAWS * weight / weight.sum())
    assert (sampler.outgrown[0] > 0.1) == (sd == 2.0)


def test_the_list_of_outgrown_members_is_drawn_by_weight():
    expected = np.ones(50)
    weight = np.ones(50)
    weight[[3, 17, 18, 40]] = 200.0, 50.0, 900.0, 10.0
    sampler = weigh(one_group(expected), weight)
    found, _ = draws(sampler)
    assert len(sampler.trie.member) == 4
    assert sampler.outgrown[0] == pytest.approx((1160 - 4 * 3) / (150 + 1160 - 4 * 3), rel=1e-6)
    assert fits(np.bincount(found, minlength=50), DRAWS * weight / weight.sum())


def test_a_member_of_weight_zero_is_never_drawn():
    expected = popularity(200)
    weight = np.where(np.arange(200) % 3 == 0, 0.0, moved(expected, 1.0))
    found, _ = draws(weigh(one_group(expected), weight))
    assert np.bincount(found, minlength=200)[::3].sum() == 0
    assert fits(np.bincount(found, minlength=200), DRAWS * weight / weight.sum())


def test_a_member_that_nobody_expected_is_drawn_by_weight():
    expected = np.array([1.0, 0.0, 1.0, 0.0])
    weight = np.array([1.0, 2.0, 0.0, 3.0])
    found, _ = draws(weigh(one_group(expected), weight))
    assert fits(np.bincount(found, minlength=4), DRAWS * weight / 6)


def rooms_of(weight, group=0):
    """Return the trie of members with these weights, in one group or several, and how to draw from it."""
    marks = np.zeros(len(weight), np.uint32)
    fill_marks(np.arange(len(weight)), marks)
    return make_trie(np.broadcast_to(group, len(weight)), marks, weight, np.arange(len(weight)), 1 + np.max(group))


def draws_of(trie, n, group=0):
    """Return ``n`` draws from a group of a trie."""
    who, out = np.arange(n, dtype=np.uint32), np.zeros(n, np.int32)
    descend_together(KEY, who.copy(), np.zeros(n, np.uint32), np.full(n, trie.root[group]), who, n, trie.forks, out)
    return out


@pytest.mark.parametrize("scale", [1e-300, 1e-18, 1.0, 1e200])
def test_members_of_a_trie_are_drawn_by_weight_beside_any_others(scale):
    """Small weights in their own group, next to a group of large ones; and within one group, whatever the unit."""
    weight = popularity(40)
    group = np.arange(40) % 3
    weight[group == 1] *= scale
    trie = rooms_of(weight, group)
    for g in range(3):
        inside = np.where(group == g, weight, 0.0)
        inside /= inside.max()
        assert fits(np.bincount(draws_of(trie, 200_000, g), minlength=40), 200_000 * inside / inside.sum())


def test_what_is_left_below_a_fork_is_drawn_by_weight_however_small_it_is():
    """Of two to the 32nd draws none would reach the small ones: their forks are read instead."""
    chance = np.random.default_rng(5)
    weight = chance.random(200) * np.where(chance.random(200) < 0.5, 1e-30, 1e30)
    trie, marks = rooms_of(weight), np.zeros(200, np.uint32)
    fill_marks(np.arange(200), marks)
    order, forks = np.argsort(marks), 0
    exact, sorted_marks = [Fraction(w) for w in weight[order]], marks[order]
    ends = [(0, 200)]
    while ends:
        lo, hi = ends.pop()
        if hi - lo < 2:
            continue
        bit = int(sorted_marks[lo] ^ sorted_marks[hi - 1]).bit_length() - 1
        at = lo + int(np.count_nonzero(~(sorted_marks[lo:hi] >> bit) & 1))
        expected = sum(exact[lo:at]) / sum(exact[lo:hi])
        assert trie.forks[at]["chance"] == pytest.approx(float(expected), rel=1e-13), (lo, at, hi)
        ends += [(lo, at), (at, hi)]
        forks += 1
    assert forks == 199


def test_a_group_without_members_or_weight_gives_nothing():
    group = np.array([0, 0, 2, 2])
    proposal = propose(group, np.ones(4), np.arange(4), 4, ROOM)
    sampler = weigh(proposal, np.array([0.0, 0.0, 1.0, 0.0]))
    for agent in range(50):
        assert draw(KEY, agent, 0, 0, sampler) == (NOTHING, 0)
        assert draw(KEY, agent, 0, 1, sampler) == (NOTHING, 0)
        assert draw(KEY, agent, 0, 2, sampler)[0] == 2
        assert draw(KEY, agent, 0, 3, sampler) == (NOTHING, 0)
    found, attempts = draws(sampler, 100, group=1)
    assert np.all(found == NOTHING) and attempts == 0


def test_groups_keep_to_their_own_members():
    group = np.array([2, 0, 1, 0, 2, 2])
    weight = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    sampler = weigh(propose(group, np.ones(6), np.arange(6), 3, ROOM), weight)
    for g in range(3):
        found, _ = draws(sampler, 100_000, group=g)
        inside = np.where(group == g, weight, 0.0)
        assert np.all(group[found] == g)
        if g != 1:
            assert fits(np.bincount(found, minlength=6), 100_000 * inside / inside.sum())


@pytest.mark.parametrize("factor", [1.5, 0.3, 1e-4])
def test_weights_that_all_change_alike_leave_the_chances_alone(factor):
    expected = popularity(300)
    weight = moved(expected, 0.5)
    found, attempts = draws(weigh(one_group(expected), factor * weight))
    assert fits(np.bincount(found, minlength=300), DRAWS * weight / weight.sum())
    assert attempts < 9 * DRAWS


def test_draws_of_one_agent_do_not_depend_on_rows():
    chance = np.random.default_rng(4)
    expected, ids = popularity(500), chance.permutation(500)
    weight = moved(expected, 1.0)
    sampler = weigh(propose(np.zeros(500, np.int64), expected, ids, 1, ROOM), weight)
    order = chance.permutation(500)
    shuffled = weigh(propose(np.zeros(500, np.int64), expected[order], ids[order], 1, ROOM), weight[order])
    a, _ = draws(sampler, 50_000)
    b, _ = draws(shuffled, 50_000)
    assert np.mean(ids[a] == ids[order][b]) > 0.9999  # all but sums that are rounded another way


def ratio(proposal, before, after, n=DRAWS):
    """Return the share of draws that change, over the least possible (the total variation distance)."""
    was, _ = draws(weigh(proposal, before), n)
    now, _ = draws(weigh(proposal, after), n)
    distance = 0.5 * np.abs(after / after.sum() - before / before.sum()).sum()
    return np.mean(was != now) / distance


def scaled(weight, members, factor):
    out = weight.copy()
    out[members] *= factor
    return out


def changes(n):
    """Return (proposal, weights, {what happens: weights afterwards}) of a market of ``n`` hosts."""
    expected = popularity(n)
    weight = moved(expected, 0.3)
    chance, star = np.random.default_rng(6), int(np.argmax(weight))
    eighth = int(np.argsort(-weight)[8])
    after = {
        "a star gains a tenth": scaled(weight, star, 1.1),
        "a nobody becomes known": scaled(weight, int(np.argsort(weight)[n // 2]), 3000.0),
        "a member outgrows the bound": scaled(weight, eighth, 8.0),
        "a random hundredth gain a tenth": scaled(weight, chance.random(n) < 0.01, 1.1),
        "all move by a hundredth": weight * np.exp(chance.normal(0, 0.01, n)),
    }
    return one_group(expected), weight, after


@pytest.fixture(scope="module")
def small_changes():
    return changes(20_000)


HAPPENINGS = list(changes(100)[2])


@pytest.mark.parametrize("what", HAPPENINGS)
def test_little_more_changes_than_must(small_changes, what):
    proposal, weight, after = small_changes
    assert ratio(proposal, weight, after[what]) < 2.5


def test_a_nobody_who_gains_a_tenth_changes_hardly_a_draw(small_changes):
    proposal, weight, _ = small_changes
    nobody = int(np.argsort(weight)[len(weight) // 4])
    was, _ = draws(weigh(proposal, weight))
    now, _ = draws(weigh(proposal, scaled(weight, nobody, 1.1)))
    assert np.sum(was != now) < 5  # 0.01 are expected; alias tables of today's weights change thousands


def test_draws_take_about_three_attempts(small_changes):
    proposal, weight, after = small_changes
    for weights in (weight, *after.values()):
        assert 2.2 < draws(weigh(proposal, weights))[1] / DRAWS < 3.2


@pytest.mark.slow
@pytest.mark.parametrize("what", HAPPENINGS)
def test_little_more_changes_than_must_among_many(what):
    proposal, weight, after = changes(400_000)
    assert ratio(proposal, weight, after[what], 20_000_000) < 2.5


@pytest.mark.slow
@pytest.mark.parametrize("sd", [0.3, 0.6])
def test_many_members_are_drawn_by_their_weights(sd):
    expected = popularity(400_000)
    weight = moved(expected, sd)
    found, _ = draws(weigh(one_group(expected), weight), 20_000_000)
    assert fits(np.bincount(found, minlength=400_000), 20_000_000 * weight / weight.sum())
