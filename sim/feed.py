"""The feed: how many slots each user has, and which host each of them shows.

A followed host (chance ``phi``, if anyone is followed and posts), or any active creator (chance
``epsilon``), or a host of a category drawn from the user's interests, by weight.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from sim.flows import Total
from sim.layout import draw_numbered, draw_rows
from sim.offers import attention, category_at
from sim.rng import SLOTS, pack, unit, words
from sim.sampler import Sampler, draw_batch
from sim.tables import NOTHING, Column
from sim.trie import Trie, descend, fill_marks, make_trie

_ONLINE, _SLOTS = int(Total.ONLINE), int(Total.SLOTS)
_FOLLOWING, _EXPLORING = int(Total.FOLLOWING), int(Total.EXPLORING)
_PICKS, _ATTEMPTS = int(Total.PICKS), int(Total.ATTEMPTS)
_EXPLORER = 63  # level of the draws that explore, beyond those of the sampler
_TRIES = 64  # of a draw that explores, before it asks who can be shown at all


class Feed(NamedTuple):
    """What every slot of today reads to choose a host."""

    sampler: Sampler
    popular: Column  # (n_categories,) running shares of categories
    shows: Column  # (n_hosts,) bool: can be shown
    unknown: Trie  # creators who can be shown, all of one weight and in one group
    n_creators: int
    phi: float
    epsilon: float
    rho: float
    kappa: float


def cap_weights(category: Column, cap: float, n_categories: int, weights: Column) -> None:
    """Cut weights so that none exceeds the share ``cap`` of what is left of its category's sum, in place."""
    for g in range(n_categories):
        here = category == g
        weights[here] = np.minimum(weights[here], ceiling(weights[here], cap))


def ceiling(weights: Column, cap: float) -> float:
    """Return the level L to which ``weights`` (n,) are cut: cap (n_cut L + sum of the rest) = L.

    Where fewer than 1 / cap have a weight, no level will do, and all are made equal.
    """
    falling = np.sort(weights[weights > 0.0])[::-1]
    rest = falling[::-1].cumsum()[::-1]  # of each and all below it
    for k in range(len(falling)):  # k are cut
        if k * cap >= 1.0:
            break
        level = float(cap * rest[k] / (1.0 - k * cap))
        if level >= falling[k]:
            return level
    return float(falling[-1]) if len(falling) else 0.0


@njit(cache=True, nogil=True)
def go_online(key, start, ids, chance, activity, online, totals):
    """Write who of the block is online; return where the slots of each row begin, (n_rows + 1,)."""
    n = online.shape[0]
    a, b, _, _ = draw_rows(key, start, ids, n)
    begin = np.zeros(n + 1, np.int64)
    for row in range(n):
        online[row] = unit(a[row]) < chance[start + row]
        slots = min(int(activity[start + row] + unit(b[row])), SLOTS) if online[row] else 0
        totals[_ONLINE] += online[row]
        begin[row + 1] = begin[row] + slots
    totals[_SLOTS] += begin[-1]
    return begin


def list_unknown(identity: Column, shows: Column) -> Trie:
    """Return the trie of creators who can be shown; ``identity`` and ``shows`` are (n_creators,)."""
    found = np.flatnonzero(shows)
    marks = np.zeros(len(found), np.uint32)
    fill_marks(identity[found], marks)
    return make_trie(np.zeros(len(found), np.int64), marks, np.ones(len(found)), found, 1)


@njit(cache=True)
def explore(key, user, slot, shows, n_creators, root, forks):
    """Return any creator who can be shown, all with the same chance, or NOTHING if there is none.

    A creator of any row is tried, so that one more who can be shown takes a slot here and there and moves no other
    pick. Where so few can be shown that all tries fail, one of them is drawn from the trie below ``root``.
    """
    if root == NOTHING:
        return NOTHING
    for attempt in range(_TRIES):
        c = int(unit(words(key, user, pack(slot, attempt, _EXPLORER))[0]) * n_creators)
        if shows[c]:
            return c
    return descend(key, user, slot, _TRIES, root, forks)


@njit(cache=True)
def jump(word, n):
    """Return one of ``n`` places, all with the same chance; where there is one more, one choice in n + 1 moves to it.

    The jump consistent hash of Lamping and Veach (2014): a new follow changes no more picks than it must. It
    scrambles ``word``, which says nothing of the category when the host at that place does not post.
    """
    state, place, following = np.uint64(word), 0, 0
    while following < n:
        place = following
        state = state * np.uint64(2862933555777941757) + np.uint64(1)
        following = int((place + 1) * (2147483648.0 / (np.float64(state >> np.uint64(33)) + 1.0)))
    return place


@njit(cache=True, nogil=True)
def choose_hosts(keys, start, users, slots, feed, totals):
    """Return of each slot the host, or NOTHING, whether a tie led there, and two uniforms for what follows.

    Four (n_slots,) arrays; the uniforms are uint32.
    """
    row_of, user, number = slots
    n = row_of.shape[0]
    a, b, c, d = draw_numbered(keys[0], user, number, 0)
    host, group, pending, left = np.empty(n, np.int32), np.empty(n, np.int8), np.empty(n, np.uint32), 0
    tied = np.zeros(n, np.bool_)
    follows, n_follows, shows, popular = users.follows, users.n_follows, feed.shows, feed.popular
    interest, interest_2, share = users.interest, users.interest_2, users.interest_share
    phi, from_epsilon, rho, kappa = feed.phi, 1.0 - feed.epsilon, feed.rho, feed.kappa
    n_creators, root, forks = feed.n_creators, feed.unknown.root[0], feed.unknown.forks
    last, first, both, following, exploring = -1, 0.0, 0.0, 0, 0
    for i in range(n):
        u, branch = start + row_of[i], unit(a[i])
        if branch < phi and n_follows[u] > 0:
            h = follows[u, jump(b[i], n_follows[u])]
            if shows[h]:
                host[i], tied[i] = h, True
                following += 1
                continue
        if branch >= from_epsilon:
            host[i] = explore(keys[1], user[i], number[i], shows, n_creators, root, forks)
            exploring += host[i] != NOTHING
            continue
        if u != last:
            last = u
            first, both = attention(share[u], rho, kappa)
        group[i] = category_at(unit(b[i]), first, both, interest[u], interest_2[u], popular)
        pending[left] = i
        left += 1
    totals[_FOLLOWING] += following
    totals[_EXPLORING] += exploring
    totals[_PICKS] += left
    totals[_ATTEMPTS] += draw_batch(keys[1], user, number, group, pending[:left], feed.sampler, host)
    return host, tied, c, d
