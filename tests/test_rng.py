"""Random numbers: published answers, the right laws, and nothing shared that should not be."""

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from numba import njit

from sim import rng
from sim.rng import ATTEMPTS, LEVELS, SLOTS, Key, Stream, pack, stream
from tests.plain import compiled_and_plain

N = 20_000
#: Of draws whose law is tested: enough to see a shape that is wrong by one in a hundred.
MANY = 1_000_000
IDS = np.arange(N, dtype=np.int64)
KEY = Key(seed=7, day=11, stream=int(Stream.FEED))
#: A right sampler would fail one such test in a thousand; seeds are fixed, so that it never flickers.
LEAST_P = 1e-3

KNOWN_ANSWERS = [  # Random123 1.09, kat_vectors, philox4x32 10
    ((0, 0, 0, 0), (0, 0), "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ((0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344), (0xA4093822, 0x299F31D0), "d16cfe09 94fdcceb 5001e420 24126ea1"),
]


def hexadecimal(words):
    return " ".join(f"{int(word):08x}" for word in words)


@njit
def fill(function, key, other, parameters, out):
    for i in range(out.size):
        out[i] = function(key, i, other, *parameters)


def draw(function, *parameters, other=0, n=N):
    out = np.empty(n)
    fill(function, KEY, other, parameters, out)
    return out


def uniforms(key=KEY, ids=IDS):
    out = np.empty(len(ids))
    rng.fill_uniform(key, ids, out)
    return out


@pytest.mark.parametrize("counter, key, answer", KNOWN_ANSWERS)
def test_philox_gives_the_published_answers(counter, key, answer):
    assert hexadecimal(rng.philox(*map(np.uint64, counter), *map(np.uint64, key))) == answer


def test_a_draw_is_the_sentence_agent_other_day_stream_under_the_seed():
    (agent, other, day, of), (low, high), answer = KNOWN_ANSWERS[2]
    assert hexadecimal(rng.words(Key(low + (high << 32), day, of), agent, other)) == answer


@pytest.mark.parametrize(
    "name, parameters, law",
    [
        ("uniform", (), scipy.stats.uniform()),
        ("exponential", (), scipy.stats.expon()),
        ("gumbel", (), scipy.stats.gumbel_r()),
        ("normal", (), scipy.stats.norm()),
        ("truncated_normal", (1.5,), scipy.stats.truncnorm(-1.5, 1.5)),
        ("gamma", (0.1,), scipy.stats.gamma(0.1)),
        ("gamma", (0.5,), scipy.stats.gamma(0.5)),
        ("gamma", (1.0,), scipy.stats.gamma(1.0)),
        ("gamma", (2.5,), scipy.stats.gamma(2.5)),
        ("gamma", (40.0,), scipy.stats.gamma(40.0)),
        ("beta", (2.0, 5.0), scipy.stats.beta(2.0, 5.0)),
        ("beta", (0.4, 0.7), scipy.stats.beta(0.4, 0.7)),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_draws_follow_their_law(name, parameters, law):
    x = draw(getattr(rng, name), *parameters, n=MANY)
    assert scipy.stats.kstest(x, law.cdf).pvalue > LEAST_P
    mean, variance, excess = (float(m) for m in law.stats("mvk"))
    assert abs(x.mean() - mean) < 4.0 * np.sqrt(variance / MANY)
    assert abs(x.var() - variance) < 4.0 * variance * np.sqrt((excess + 2.0) / MANY)


@pytest.mark.parametrize("mean", [0.05, 1.0, 4.5, 30.0])
def test_poisson_counts_follow_their_law(mean):
    k = np.array([rng.poisson(u, mean, 1000) for u in uniforms()])
    law = scipy.stats.poisson(mean)
    assert abs(k.mean() - mean) < 4.0 * np.sqrt(mean / N)
    assert abs(k.var() - mean) < 4.0 * np.sqrt((mean + 2.0 * mean**2) / N)
    for count in range(int(mean) + 2):
        chance = law.pmf(count)
        assert abs(np.mean(k == count) - chance) < 4.0 * np.sqrt(chance * (1.0 - chance) / N)


def test_a_gumbel_rises_with_its_uniform():
    assert np.array_equal(np.argsort(draw(rng.gumbel)), np.argsort(uniforms()))


def test_poisson_is_the_quantile_and_stops_at_the_most_allowed():
    assert [rng.poisson(u, 2.0, 50) for u in (0.1, 0.5, 0.9, 0.99)] == [0, 2, 4, 6]
    assert rng.poisson(0.999999, 5.0, 3) == 3
    assert rng.poisson(0.3, 0.0, 3) == 0


def test_a_truncated_normal_stays_within_its_bound():
    assert np.abs(draw(rng.truncated_normal, 0.2)).max() <= 0.2


def test_a_uniform_is_never_zero_and_never_one():
    least, most = np.uint64(0), np.uint64(0xFFFFFFFF)
    assert 0.0 < rng.unit(least) < rng.unit(most) < 1.0
    assert 0.0 < rng.unit_fine(least, least) < rng.unit_fine(most, most) < 1.0


PARTS = st.tuples(st.integers(0, SLOTS - 1), st.integers(0, ATTEMPTS - 1), st.integers(0, LEVELS - 1))


@given(PARTS, PARTS)
def test_pack_has_no_collisions(one, another):
    assert (pack(*one) == pack(*another)) == (one == another)


def test_pack_fills_exactly_one_word():
    assert pack(0, 0, 0) == 0
    assert pack(SLOTS - 1, ATTEMPTS - 1, LEVELS - 1) == 0xFFFFFFFF


@given(PARTS)
def test_what_was_packed_can_be_read_back(parts):
    other, (slot, attempt, level) = int(pack(*parts)), parts
    assert (other >> 19, other >> 6 & (ATTEMPTS - 1), other & (LEVELS - 1)) == (slot, attempt, level)


@pytest.mark.parametrize("seed", [2**32, 2**32 + 7, 2**62 + 7])
def test_every_bit_of_a_large_seed_matters(seed):
    assert np.mean(uniforms(KEY._replace(seed=seed)) == uniforms(KEY._replace(seed=seed % 2**32))) < 0.001


def test_neighbours_in_any_word_are_uncorrelated():
    base = uniforms()
    others = {
        "seed": uniforms(KEY._replace(seed=8)),
        "high seed": uniforms(KEY._replace(seed=7 + 2**32)),
        "day": uniforms(KEY._replace(day=12)),
        "stream": uniforms(KEY._replace(stream=int(Stream.FEED_PICK))),
        "agent": uniforms(ids=IDS + N),
        "next agent": uniforms(ids=IDS + 1),
        "other": draw(rng.uniform, other=1),
    }
    for word, numbers in others.items():
        assert not np.array_equal(base, numbers), word
        assert abs(np.corrcoef(base, numbers)[0, 1]) < 4.0 / np.sqrt(N), word


def test_the_four_words_of_one_draw_are_uncorrelated():
    columns = np.array([rng.words(KEY, i, 0) for i in range(N)], dtype=float).T
    assert np.abs(np.corrcoef(columns) - np.eye(4)).max() < 4.0 / np.sqrt(N)


def test_the_key_of_another_decision_has_the_same_seed_and_day():
    assert rng.of(KEY, 40) == Key(KEY.seed, KEY.day, 40)


def test_an_agent_and_its_other_are_not_exchangeable():
    assert rng.uniform(KEY, 3, 5) != rng.uniform(KEY, 5, 3)


def test_one_more_agent_changes_nobody_elses_draw():
    assert np.array_equal(uniforms(ids=IDS[:-1]), uniforms()[:-1])
    assert np.array_equal(uniforms(ids=IDS[::-1].copy()), uniforms()[::-1])


def test_an_outsiders_stream_is_stable_and_above_all_of_ours():
    # 2^16, and the first four bytes of the name's SHA-256 (as sha256sum prints it) modulo 2^32 - 2^16
    assert stream("word_of_mouth.hear") == 3401315852
    names = [f"mechanism_{i}.draw" for i in range(2000)]
    numbers = {stream(name) for name in names}
    assert len(numbers) == len(names)
    assert max(Stream) < min(numbers)
    assert max(numbers) < 2**32


def test_no_two_streams_share_a_number():
    assert sorted(Stream) == list(range(1, len(Stream) + 1))
    assert len(Stream.__members__) == len(Stream)


@pytest.mark.parametrize(
    "fill_column, scalar, parameters",
    [
        (rng.fill_uniform, lambda i: rng.uniform(KEY, i), ()),
        (rng.fill_normal, lambda i: rng.normal(KEY, i), ()),
        (rng.fill_exponential, lambda i: rng.exponential(KEY, i), ()),
        (rng.fill_truncated_normal, lambda i: rng.truncated_normal(KEY, i, 0, 2.0), (2.0,)),
        (rng.fill_gamma, lambda i: rng.gamma(KEY, i, 0, 0.7), (0.7,)),
        (rng.fill_beta, lambda i: rng.beta(KEY, i, 0, 2.0, 3.0), (2.0, 3.0)),
    ],
    ids=["uniform", "normal", "exponential", "truncated_normal", "gamma", "beta"],
)
def test_filling_a_column_equals_drawing_one_by_one(fill_column, scalar, parameters):
    ids, out = IDS[::-37].copy(), np.full(len(IDS[::-37]), np.nan)
    fill_column(KEY, ids, *parameters, out)
    assert out.tolist() == [scalar(i) for i in ids]


def test_numba_gives_the_same_draws_as_plain_python():
    compiled, plain = compiled_and_plain(
        """
import numpy as np
from sim import rng
key, ids = rng.Key(2**40 + 7, 365, 36), np.arange(1, 60, dtype=np.int64)
one_by_one = [(rng.uniform,), (rng.exponential,), (rng.gumbel,), (rng.normal,)]
one_by_one += [(rng.truncated_normal, 1.0), (rng.gamma, 0.3), (rng.gamma, 4.0), (rng.beta, 0.5, 2.0)]
answer = [[float(f(key, i, 5, *rest)).hex() for i in ids] for f, *rest in one_by_one]
for fill, *rest in [(rng.fill_uniform,), (rng.fill_normal,), (rng.fill_exponential,), (rng.fill_gamma, 0.8),
                    (rng.fill_truncated_normal, 1.0), (rng.fill_beta, 2.0, 3.0)]:
    out = np.empty(ids.size)
    fill(key, ids, *rest, out)
    answer.append([x.hex() for x in out.tolist()])
answer.append([int(rng.poisson(i / 60.0, 3.3, 40)) for i in ids])
answer.append([[int(word) for word in rng.words(key, i, int(rng.pack(3, i, 1)))] for i in ids])
"""
    )
    assert compiled == plain
