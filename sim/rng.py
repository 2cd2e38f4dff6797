"""Random numbers as a pure function of who, when and why.

A draw is looked up, never taken from a sequence: the same (seed, stream, day, agent, other) gives
the same number in any order, on any number of threads, and whatever else the model did that day.
Two worlds with one seed therefore share every toss of a coin that both make: they are twins.

The generator is Philox4x32-10 (Salmon, Moraes, Dror and Shaw, 2011, "Parallel random numbers: as
easy as 1, 2, 3", SC'11). Its 128-bit counter holds the sentence (agent, other, day, stream) as it
is, 32 bits a word, so that two different draws can never collide; the seed is its 64-bit key.

``agent`` and ``other`` are identities (the column ``id``), never rows or positions in a list.
"""

import hashlib
from enum import IntEnum, auto
from typing import NamedTuple

import numpy as np
from numba import njit

from sim.mathematics import cos, exp, log, power

_U32 = np.uint64(0xFFFFFFFF)
_M0, _M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_W0, _W1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_S32, _S6, _S26 = np.uint64(32), np.uint64(6), np.uint64(26)
_UNIT_32 = 1.0 / 4294967296.0
_UNIT_52 = 1.0 / 4503599627370496.0
_TWO_PI = 6.283185307179586
_OUTSIDERS = 1 << 16

#: Words of ``other`` when one decision needs several draws: slot, attempt and level side by side.
SLOTS, ATTEMPTS, LEVELS = 1 << 13, 1 << 13, 1 << 6


class Stream(IntEnum):
    """Every decision of the model that uses chance. Append at the end; never renumber."""

    USER_PLACE = auto()
    USER_AGE = auto()
    USER_INTEREST = auto()
    USER_ACTIVITY = auto()
    USER_ONLINE = auto()
    USER_DAYPART = auto()
    USER_PRICE_SENSITIVITY = auto()
    USER_LIVE_AFFINITY = auto()
    USER_LOCAL_PREFERENCE = auto()
    USER_MEANS = auto()
    USER_PAYDAY = auto()
    HOST_PLACE = auto()
    HOST_CATEGORY = auto()
    HOST_SKILL = auto()
    HOST_CHARM = auto()
    HOST_EFFORT = auto()
    HOST_LIVE = auto()
    CREATOR_FLAGS = auto()
    CREATOR_RESERVATION = auto()
    CREATOR_THRESHOLD = auto()
    SELLER_KIND = auto()
    SELLER_SIZE = auto()
    SELLER_COMMISSION = auto()
    SELLER_THRESHOLD = auto()
    PRODUCT_COUNT = auto()
    PRODUCT_PRICE = auto()
    PRODUCT_QUALITY = auto()
    PRODUCT_COST = auto()
    FAD = auto()
    FOLLOW_START = auto()
    TASTE_FOR_PRODUCT = auto()
    AFFILIATE_SEARCH = auto()
    ROOM_SCHEDULE = auto()
    ROOM_BASKET = auto()
    ONLINE = auto()
    FEED = auto()
    FEED_PICK = auto()
    FEED_PRODUCT = auto()
    LIVE_VISIT = auto()
    LIVE_PICK = auto()
    LIVE_STAY = auto()
    NEED = auto()
    SHELF_PICK = auto()
    OFFER_PRIORITY = auto()
    TASTE_TODAY = auto()
    CATEGORY_TODAY = auto()
    STOCK_TURN = auto()
    RETURN = auto()
    RATING = auto()
    FOLLOW = auto()
    UNFOLLOW = auto()
    IMITATION = auto()
    GIVING_UP = auto()
    TIE_BREAK = auto()
    RATING_ROUND = auto()
    SELLER_RESERVATION = auto()
    HISTORY = auto()
    FUNDING_TURN = auto()


def stream(name: str) -> int:
    """Return the number of an outsider's own stream, e.g. ``stream("word_of_mouth.hear")``.

    Numbers of names start above those of ``Stream``. Two names share a number with chance 2^-32;
    ``check_mechanism`` compares the streams it sees.
    """
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "little")
    return _OUTSIDERS + number % ((1 << 32) - _OUTSIDERS)


class Key(NamedTuple):
    """What all the draws of one decision on one day have in common."""

    seed: int
    day: int
    stream: int


@njit(cache=True, inline="always")
def of(key, stream_number):
    """Return the key of another decision on the same day."""
    return Key(key.seed, key.day, stream_number)


@njit(cache=True, inline="always")
def philox(c0, c1, c2, c3, k0, k1):
    """Return ten rounds of Philox4x32 on counter ``c`` under key ``k``: four 32-bit words."""
    for _ in range(10):
        p0, p1 = _M0 * c0, _M1 * c2
        c0, c1, c2, c3 = (p1 >> _S32) ^ c1 ^ k0, p1 & _U32, (p0 >> _S32) ^ c3 ^ k1, p0 & _U32
        k0, k1 = (k0 + _W0) & _U32, (k1 + _W1) & _U32
    return c0, c1, c2, c3


@njit(cache=True, inline="always")
def words(key, agent, other):
    """Return four independent 32-bit words for ``agent`` facing ``other``, for hot loops."""
    seed = np.uint64(key.seed)
    return philox(
        np.uint64(agent) & _U32, np.uint64(other) & _U32, np.uint64(key.day), np.uint64(key.stream),
        seed & _U32, seed >> _S32,
    )  # fmt: skip


@njit(cache=True, nogil=True)
def fill_words(key, agents, others, n, a, b, c, d):
    """Write ``words`` of the first ``n`` of ``agents`` and ``others`` into ``a``, ``b``, ``c``, ``d`` (uint32).

    Without branches, so that compilers draw for several agents in one instruction.
    """
    seed = np.uint64(key.seed)
    low, high, day, number = seed & _U32, seed >> _S32, np.uint64(key.day) & _U32, np.uint64(key.stream)
    for i in range(n):
        w = philox(np.uint64(agents[i]), np.uint64(others[i]), day, number, low, high)
        a[i], b[i], c[i], d[i] = w


@njit(cache=True, inline="always")
def unit(word):
    """Turn one 32-bit word into a number in (0, 1), on a grid of 2^-32."""
    return (np.float64(word) + 0.5) * _UNIT_32


@njit(cache=True, inline="always")
def unit_fine(word, other_word):
    """Turn two 32-bit words into a number in (0, 1), on a grid of 2^-52, for tails that matter.

    One bit more, and the largest would round to 1.
    """
    return (np.float64(((word >> _S6) << _S26) + (other_word >> _S6)) + 0.5) * _UNIT_52


@njit(cache=True, inline="always")
def pack(slot, attempt, level):
    """Put ``slot``, ``attempt`` and ``level`` into one 32-bit ``other`` without collisions."""
    return (np.uint64(slot) << np.uint64(19)) | (np.uint64(attempt) << np.uint64(6)) | np.uint64(level)


@njit(cache=True)
def uniform(key, agent, other=0):
    """Return a number in (0, 1) for ``agent`` facing ``other`` (an item, a peer, an attempt)."""
    a, b, _, _ = words(key, agent, other)
    return unit_fine(a, b)


@njit(cache=True)
def exponential(key, agent, other=0):
    """Return an exponential number of mean 1."""
    return -log(uniform(key, agent, other))


@njit(cache=True)
def gumbel(key, agent, other=0):
    """Return a standard Gumbel number: added to utilities it makes the largest a logit choice."""
    return -log(-log(uniform(key, agent, other)))


@njit(cache=True)
def normal(key, agent, other=0):
    """Return a standard normal number (Box and Muller, 1958, on the four words of one block)."""
    a, b, c, d = words(key, agent, other)
    return np.sqrt(-2.0 * log(unit_fine(a, b))) * cos(_TWO_PI * unit_fine(c, d))


@njit(cache=True)
def truncated_normal(key, agent, other, bound):
    """Return a standard normal number within ``bound`` of 0, by rejection.

    ``other`` is a slot (below ``SLOTS``); a bounded trait keeps the largest of many agents from
    growing with their number.
    """
    for attempt in range(ATTEMPTS):
        x = normal(key, agent, pack(other, attempt, 0))
        if -bound <= x <= bound:
            return x
    return 0.0


@njit(cache=True)
def gamma(key, agent, other, shape):
    """Return a gamma number of ``shape`` and scale 1; ``other`` is a slot (below ``SLOTS``).

    Marsaglia and Tsang (2000), "A simple method for generating gamma variables"; a shape below 1 is
    raised by 1 and the result multiplied by a uniform to the power of 1 / shape.
    """
    raised = shape + 1.0 if shape < 1.0 else shape
    d = raised - 1.0 / 3.0
    c = 1.0 / np.sqrt(9.0 * d)
    value = d
    for attempt in range(ATTEMPTS):
        x = normal(key, agent, pack(other, attempt, 0))
        v = 1.0 + c * x
        v = v * v * v
        if v > 0.0 and log(uniform(key, agent, pack(other, attempt, 1))) < 0.5 * x * x + d - d * v + d * log(v):
            value = d * v
            break
    if shape < 1.0:
        value *= power(uniform(key, agent, pack(other, 0, 2)), 1.0 / shape)
    return value


@njit(cache=True)
def beta(key, agent, other, a, b):
    """Return a beta number with parameters ``a`` and ``b``; takes the slots ``other`` and ``other + 1``."""
    x, y = gamma(key, agent, other, a), gamma(key, agent, other + 1, b)
    return x / (x + y)


@njit(cache=True)
def poisson(u, mean, most):
    """Return the Poisson number of ``mean`` at quantile ``u``, at most ``most`` (by inversion)."""
    term = exp(-mean)
    total, k = term, 0
    while u > total and k < most:
        k += 1
        term *= mean / k
        total += term
    return k


@njit(cache=True)
def fill_uniform(key, ids, out):
    """Write ``uniform(key, id)`` of each of ``ids`` (n,) into ``out`` (n,)."""
    for i in range(ids.shape[0]):
        out[i] = uniform(key, ids[i])


@njit(cache=True)
def fill_normal(key, ids, out):
    """Write ``normal(key, id)`` of each of ``ids`` (n,) into ``out`` (n,)."""
    for i in range(ids.shape[0]):
        out[i] = normal(key, ids[i])


@njit(cache=True)
def fill_exponential(key, ids, out):
    """Write ``exponential(key, id)`` of each of ``ids`` (n,) into ``out`` (n,)."""
    for i in range(ids.shape[0]):
        out[i] = exponential(key, ids[i])


@njit(cache=True)
def fill_truncated_normal(key, ids, bound, out):
    """Write a standard normal number within ``bound`` for each of ``ids`` (n,) into ``out`` (n,)."""
    for i in range(ids.shape[0]):
        out[i] = truncated_normal(key, ids[i], 0, bound)


@njit(cache=True)
def fill_gamma(key, ids, shape, out):
    """Write a gamma number of ``shape`` for each of ``ids`` (n,) into ``out`` (n,)."""
    for i in range(ids.shape[0]):
        out[i] = gamma(key, ids[i], 0, shape)


@njit(cache=True)
def fill_beta(key, ids, a, b, out):
    """Write a beta number with parameters ``a`` and ``b`` for each of ``ids`` (n,) into ``out`` (n,)."""
    for i in range(ids.shape[0]):
        out[i] = beta(key, ids[i], 0, a, b)
