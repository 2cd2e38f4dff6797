"""Draw one of a few by weight, from a binary trie over hashed ids, with a uniform of its own at every fork.

A member that comes or goes, or changes its weight, disturbs the forks above it and no others.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from sim.rng import fill_words, pack, unit_fine, words
from sim.tables import NOTHING, Column

_U32 = np.uint64(0xFFFFFFFF)
_DEEPEST = 40  # positions waiting on a way down: one a bit, and a few


#: Where a descent turns: the chance of the lower side, the level of the uniform, and what lies on both sides,
#: another fork or ``leaf(member)``. The fork that divides positions at - 1 and at is stored at ``at``.
FORK = np.dtype([("chance", np.float64), ("level", np.uint32), ("lower", np.int32), ("upper", np.int32)], align=True)


class Trie(NamedTuple):
    """Members sorted by group and hashed id, and the forks on the way to each."""

    start: Column  # (n_groups + 1,) int64
    member: Column  # (n,) int32
    root: Column  # (n_groups,) int32: first fork, or leaf, of a group
    forks: Column  # (n + 1,) FORK; the first is not in use


@njit(cache=True)
def mark(identity):
    """Return a hash of ``identity`` that spreads over 32 bits (a bijection, so no two are equal)."""
    x = np.uint64(identity) & _U32
    x = ((x ^ (x >> np.uint64(16))) * np.uint64(0x7FEB352D)) & _U32
    x = ((x ^ (x >> np.uint64(15))) * np.uint64(0x846CA68B)) & _U32
    return np.uint32(x ^ (x >> np.uint64(16)))


@njit(cache=True, nogil=True)
def fill_marks(ids, out):
    """Write ``mark(id)`` of each of ``ids`` (n,) into ``out`` (n,)."""
    for i in range(ids.shape[0]):
        out[i] = mark(ids[i])


def make_trie(group: Column, marks: Column, weight: Column, member: Column, n_groups: int) -> Trie:
    """Return a trie of members with the given ``marks``, by group; members of weight 0 are left out."""
    kept = np.flatnonzero(weight > 0)
    order = kept[np.lexsort((marks[kept], group[kept]))]
    start = np.zeros(n_groups + 1, np.int64)
    start[1:] = np.cumsum(np.bincount(group[order], minlength=n_groups))
    marks, member = np.ascontiguousarray(marks[order]), np.ascontiguousarray(member[order], np.int32)
    root, forks = np.zeros(n_groups, np.int32), np.zeros(len(order) + 1, FORK)
    _plant(start, marks, np.ascontiguousarray(weight[order], np.float64), member, root, forks)
    return Trie(start, member, root, forks)


@njit(cache=True)
def leaf(member):
    """Return the negative number that stands for ``member`` on a side of a fork, and back; NOTHING stays NOTHING."""
    return np.int32(-2) - member


@njit(cache=True)
def _plant(start, marks, weight, member, root, forks):
    """Write all forks, and where the descent of each group begins."""
    low, high = np.empty(_DEEPEST, np.int64), np.empty(_DEEPEST, np.int64)
    made, n_made = np.empty((forks.shape[0], 3), np.int64), 0  # the forks, each before those below it
    for g in range(root.shape[0]):
        root[g] = _side(start[g], start[g + 1], marks, member)
        low[0], high[0], n = start[g], start[g + 1], 1
        while n > 0:
            n -= 1
            lo, hi = low[n], high[n]
            if hi - lo < 2:
                continue
            at, bit = _fork(marks, lo, hi)
            made[n_made, 0], made[n_made, 1], made[n_made, 2] = lo, at, hi
            n_made += 1
            forks[at].level = bit + np.uint64(1)
            forks[at].lower, forks[at].upper = _side(lo, at, marks, member), _side(at, hi, marks, member)
            low[n], high[n], low[n + 1], high[n + 1] = lo, at, at, hi
            n += 2
    _weigh(made[:n_made], weight, forks)


@njit(cache=True)
def _weigh(made, weight, forks):
    """Write the chances of the forks ``made``, (n_forks, 3): where each begins, divides and ends; from the bottom up.

    What lies below a fork is added up for itself: in the difference of two running sums a small weight beside
    a large one would be lost.
    """
    below = np.empty(forks.shape[0])
    for k in range(made.shape[0] - 1, -1, -1):
        lo, at, hi = made[k, 0], made[k, 1], made[k, 2]
        lower = below[forks[at].lower] if at - lo > 1 else weight[lo]
        upper = below[forks[at].upper] if hi - at > 1 else weight[at]
        below[at] = lower + upper
        forks[at].chance = lower / below[at] if below[at] > 0.0 else 0.5


@njit(cache=True)
def _side(lo, hi, marks, member):
    """Return what stands for the positions [lo, hi): a fork, a leaf, or NOTHING if there are none."""
    if hi - lo > 1:
        return np.int32(_fork(marks, lo, hi)[0])
    return leaf(member[lo]) if hi > lo else np.int32(NOTHING)


@njit(cache=True)
def _fork(marks, lo, hi):
    """Return where the positions [lo, hi), two or more, divide, and at which bit of their marks."""
    bit = np.uint64(31)
    while not (np.uint64(marks[lo] ^ marks[hi - 1]) >> bit) & np.uint64(1):
        bit -= np.uint64(1)
    return _split(marks, lo, hi, bit), bit


@njit(cache=True, nogil=True)
def descend_together(key, who, other, node, place, n, forks, out):
    """Write ``descend`` of the first ``n`` of ``who`` into ``out`` at ``place``, fork by fork for all at once.

    ``other`` is ``pack(slot, attempt, 0)``, ``node`` the root of the group. All four lists are used up.
    """
    at = np.empty(n, np.uint32)
    a, b, c, d = np.empty(n, np.uint32), np.empty(n, np.uint32), np.empty(n, np.uint32), np.empty(n, np.uint32)
    while n > 0:
        still = np.uint64(0)
        for j in range(np.uint64(n)):
            x = node[j]
            out[place[j]] = leaf(x)  # unless it is a fork, where the next round will know better
            place[still], node[still], who[still], other[still] = place[j], x, who[j], other[j]
            at[still] = other[j] | forks[np.uint32(max(x, 0))].level
            still += np.uint64(x >= 0)
        n = np.int64(still)
        fill_words(key, who, at, n, a, b, c, d)
        for j in range(n):
            fork = forks[np.uint32(node[j])]
            node[j] = fork.lower if unit_fine(np.uint64(a[j]), np.uint64(b[j])) < fork.chance else fork.upper


@njit(cache=True)
def descend(key, agent, slot, attempt, node, forks):
    """Return a member by weight of the group whose root is ``node``, or NOTHING if it has none.

    At bit b of the marks, the uniform (agent, slot, attempt, level b + 1) chooses a side by its weight.
    """
    while node >= 0:
        a, b, _, _ = words(key, agent, pack(slot, attempt, forks[node].level))
        node = forks[node].lower if unit_fine(a, b) < forks[node].chance else forks[node].upper
    return np.int32(leaf(node))


@njit(cache=True, inline="always")
def _split(marks, lo, hi, bit):
    """Return the first position in [lo, hi) whose mark has ``bit`` set; bits above it are all equal."""
    while lo < hi:
        mid = (lo + hi) >> 1
        if (np.uint64(marks[mid]) >> bit) & np.uint64(1):
            hi = mid
        else:
            lo = mid + 1
    return lo
