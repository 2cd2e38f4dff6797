"""The sampler and the words of chance, against twins in plain Python."""

import numpy as np
import pytest

from sim import rng
from sim.rng import Key, Stream
from sim.sampler import draw, draw_batch, fill_marks, make_trie, propose, weigh
from sim.tables import NOTHING
from tests.twins.chance import Dice, pick, poisson
from tests.twins.sampling import Sampler, mark

KEY = Key(2**40 + 9, 17, int(Stream.FEED_PICK))
DICE = Dice(*KEY)
N, GROUPS = 300, 5


def members(seed):
    """Return (group, expected weight, today's weight, ids) of members at random; group 3 has nobody."""
    chance = np.random.default_rng(seed)
    group = chance.choice([0, 1, 2, 4], N, p=[0.6, 0.3, 0.09, 0.01])
    expected = np.exp(chance.normal(0, 2, N)) * (chance.random(N) > 0.1)
    weight = np.maximum(expected, 0.01) * np.exp(chance.normal(0, 1.5, N)) * (chance.random(N) > 0.1)
    return group, expected, weight, chance.permutation(10 * N)[:N]


def test_words_and_numbers_are_those_of_the_twin():
    chance = np.random.default_rng(3)
    for agent, other in chance.integers(0, 2**32, (200, 2)):
        assert [int(word) for word in rng.words(KEY, agent, other)] == DICE.words(agent, other)
        assert rng.uniform(KEY, agent, other) == DICE.uniform(agent, other)
        assert rng.gumbel(KEY, agent, other) == DICE.gumbel(agent, other)
        assert rng.normal(KEY, agent, other) == DICE.normal(agent, other)


def test_many_words_at_once_are_those_of_the_twin():
    agents, others = np.random.default_rng(4).integers(0, 2**32, (2, 300), dtype=np.uint32)
    out = np.zeros((4, 300), np.uint32)
    rng.fill_words(KEY, agents, others, 300, *out)
    assert out.T.tolist() == [DICE.words(a, o) for a, o in zip(agents, others, strict=True)]


def test_counts_and_places_are_those_of_the_twin():
    from sim.offers import place

    running = np.cumsum(np.full(7, 1 / 7))
    running[-1] = 1.0
    for u in np.random.default_rng(5).random(500):
        assert rng.poisson(u, 2.3, 16) == poisson(u, 2.3, 16)
        assert place(u, running) == pick(u, running)


def test_marks_are_those_of_the_twin():
    ids = np.random.default_rng(6).integers(0, 2**32, 500)
    out = np.zeros(500, np.uint32)
    fill_marks(ids, out)
    assert out.tolist() == [mark(int(i)) for i in ids]


@pytest.mark.parametrize("seed", range(3))
def test_proposals_and_acceptances_are_those_of_the_twin(seed):
    group, expected, weight, ids = members(seed)
    proposal = propose(group, expected, ids, GROUPS, 2.0)
    sampler, twin = weigh(proposal, weight), Sampler(group, expected, ids, GROUPS, 2.0).weigh(weight)
    for g, theirs in twin.groups.items():
        cells = sampler.cells[proposal.start[g] : proposal.start[g + 1]]
        assert cells["member"].tolist() == theirs.members
        assert (cells["cut"].tolist(), cells["alias"].tolist()) == (theirs.cut, theirs.alias)
        assert proposal.chance[proposal.start[g] : proposal.start[g + 1]].tolist() == theirs.chance
        assert (proposal.bound[g], sampler.outgrown[g]) == (theirs.bound, theirs.enter)
        assert cells["accept"].tolist() == theirs.accept
        listed = sampler.trie.member[sampler.trie.start[g] : sampler.trie.start[g + 1]]
        assert sorted(listed) == sorted(theirs.beyond)


@pytest.mark.parametrize("seed", range(3))
def test_single_draws_are_those_of_the_twin(seed):
    group, expected, weight, ids = members(seed)
    sampler = weigh(propose(group, expected, ids, GROUPS, 2.0), weight)
    twin = Sampler(group, expected, ids, GROUPS, 2.0).weigh(weight)
    beyond = {m for g in twin.groups.values() for m in g.beyond}
    from_list = 0
    for agent in range(400):
        for g in range(GROUPS):
            found = draw(KEY, agent, agent % 7, g, sampler)
            assert (int(found[0]), int(found[1])) == twin.draw(DICE, agent, agent % 7, g)
            from_list += int(found[0]) in beyond
    assert from_list > 20


def test_every_draw_of_a_batch_is_the_single_draw():
    group, expected, weight, ids = members(7)
    weight[group == 2] = 0.0
    sampler = weigh(propose(group, expected, ids, GROUPS, 2.0), weight)
    chance = np.random.default_rng(8)
    n = 5_000
    agents, slots = chance.integers(0, 2**31, n).astype(np.uint32), chance.integers(0, 8192, n).astype(np.uint32)
    groups = chance.integers(0, GROUPS, n).astype(np.int8)
    pending = np.flatnonzero(chance.random(n) < 0.8).astype(np.uint32)
    asked, out = pending.copy(), np.full(n, -7, np.int32)
    attempts = draw_batch(KEY, agents, slots, groups, pending, sampler, out)
    single = [draw(KEY, int(agents[i]), int(slots[i]), int(groups[i]), sampler) for i in asked]
    assert out[asked].tolist() == [int(member) for member, _ in single]
    assert attempts == sum(tries for _, tries in single)
    assert np.all(out[np.setdiff1d(np.arange(n), asked)] == -7)
    assert np.any(out[asked] == NOTHING) and np.any(out[asked] >= 0)


def test_a_trie_is_descended_as_by_the_twin():
    from sim.sampler import descend
    from tests.twins.sampling import descend as plain

    chance = np.random.default_rng(9)
    n = 60
    group, weight = chance.integers(0, 3, n), np.where(chance.random(n) < 0.2, 0.0, chance.random(n))
    ids = chance.permutation(1000)[:n]
    marks = np.zeros(n, np.uint32)
    fill_marks(ids, marks)
    trie = make_trie(group, marks, weight, np.arange(n), 4)
    for agent in range(300):
        for g in range(4):
            theirs = plain(DICE, agent, 3, 0, {m: weight[m] for m in range(n) if group[m] == g}, [int(i) for i in ids])
            found = descend(KEY, agent, 3, 0, trie.root[g], trie.forks)
            assert found == theirs
