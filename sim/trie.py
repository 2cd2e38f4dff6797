"""Draw one of a few by weight, from a binary trie over hashed ids, with a uniform of its own at every fork.

A member that comes or goes, or changes its weight, disturbs the forks above it and no others.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from sim.rng import pack, unit_fine, words
from sim.tables import NOTHING, Column

_U32 = np.uint64(0xFFFFFFFF)


class Trie(NamedTuple):
    """Members sorted by group and hashed id, with running sums of weight."""

    start: Column  # (n_groups + 1,) int64
    marks: Column  # (n,) uint32, rising within a group
    below: Column  # (n + 1,) float64: sum of the weights before this position
    member: Column  # (n,) int32


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
    below = np.zeros(len(order) + 1)
    _running_sum(np.ascontiguousarray(weight[order], np.float64), below)
    return Trie(start, np.ascontiguousarray(marks[order]), below, np.ascontiguousarray(member[order], np.int32))


@njit(cache=True)
def _running_sum(weight, below):
    for i in range(weight.shape[0]):
        below[i + 1] = below[i] + weight[i]


@njit(cache=True)
def descend(key, agent, slot, attempt, trie_start, marks, below, member, group):
    """Return a member of ``group`` by weight, or NOTHING if it has none.

    At bit b of the marks, the uniform (agent, slot, attempt, level b + 1) chooses a side by its weight.
    """
    lo, hi = trie_start[group], trie_start[group + 1]
    if lo == hi:
        return np.int32(NOTHING)
    bit = np.uint64(32)
    while hi - lo > 1:
        bit -= np.uint64(1)
        at = _split(marks, lo, hi, bit)
        if at == lo or at == hi:
            continue
        a, b, _, _ = words(key, agent, pack(slot, attempt, bit + np.uint64(1)))
        left = (below[at] - below[lo]) / (below[hi] - below[lo])
        if unit_fine(a, b) < left:
            hi = at
        else:
            lo = at
    return member[lo]


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
