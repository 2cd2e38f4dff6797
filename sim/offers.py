"""How an offer gets on a user's list of the day."""

import numpy as np
from numba import njit

from sim.mathematics import power
from sim.rng import Stream, of, words
from sim.state import OFFERS

MATCH_FIRST, MATCH_SECOND, MATCH_NONE = 1.0, 0.6, 0.0


@njit(cache=True)
def match_of(first, second, category):
    """Return how well a category fits a user with these interests: 1, .6 or 0."""
    if category == first:
        return MATCH_FIRST
    return MATCH_SECOND if category == second else MATCH_NONE


@njit(cache=True)
def offer(key, user, identity, offers, row, product, host, room, channel, follows):
    """Put a product on the list of ``user`` (an id), at ``row`` of the block.

    A product shown twice is one offer: who showed it last is paid. When the list is full, the offers
    with the highest priority stay; it is keyed by user and product (``identity``), not by arrival.
    """
    n = offers.count[row]
    priority = np.uint32(words(of(key, Stream.OFFER_PRIORITY.value), user, identity)[0])
    at = n
    lowest = 0
    for j in range(n):
        if offers.product[row, j] == product:
            at = j
            break
        if offers.priority[row, j] < offers.priority[row, lowest]:
            lowest = j
    if at == OFFERS:
        if priority <= offers.priority[row, lowest]:
            return
        at = lowest
    elif at == n:
        offers.count[row] = n + 1
    offers.product[row, at], offers.host[row, at], offers.room[row, at] = product, host, room
    offers.channel[row, at], offers.follows[row, at], offers.priority[row, at] = channel, follows, priority


@njit(cache=True)
def engage(offers, row, host):
    """Remember that the user engaged with ``host``; beyond the room there is, the latest replaces the last."""
    n = offers.n_engaged[row]
    last = offers.engaged.shape[1]
    offers.engaged[row, min(n, last - 1)] = host
    if n < last:
        offers.n_engaged[row] = n + 1


@njit(cache=True, inline="always")
def is_followed(follows, n_follows, u, host):
    """Tell whether user row ``u`` follows ``host``."""
    found = False
    for k in range(n_follows[u]):
        found |= follows[u, k] == host
    return found


@njit(cache=True)
def attention(share, rho, kappa):
    """Return the chances (first interest, first or second) of a category drawn from a user's interests.

    Any category, by its popularity, has the rest. They are (rho s, rho (1 - s), 1 - rho)^kappa, made
    to sum to 1; ``share`` is s, the weight of the first interest against the second.
    """
    first, second, other = power(rho * share, kappa), power(rho * (1.0 - share), kappa), power(1.0 - rho, kappa)
    total = first + second + other
    return first / total, (first + second) / total


@njit(cache=True)
def category_at(u, first_chance, both_chance, interest, interest_2, popular):
    """Return the category at quantile ``u`` of the attention of a user with these chances and interests."""
    if u < first_chance:
        return np.int64(interest)
    if u < both_chance:
        return np.int64(interest_2)
    return place((u - both_chance) / (1.0 - both_chance), popular)


@njit(cache=True)
def place(u, running):
    """Return the index at quantile ``u`` of the distribution with ``running`` sums (n,), the last being 1."""
    lo, hi = 0, running.shape[0] - 1
    while lo < hi:
        mid = (lo + hi) >> 1
        if running[mid] < u:
            lo = mid + 1
        else:
            hi = mid
    return np.int64(lo)
