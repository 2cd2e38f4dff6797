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


@njit(cache=True)
def is_followed(users, u, host):
    """Tell whether user row ``u`` follows ``host``."""
    for k in range(users.n_follows[u]):
        if users.follows[u, k] == host:
            return True
    return False


@njit(cache=True)
def category_at(u, users, user, rho, kappa, popular):
    """Return the category at quantile ``u`` of a user's attention.

    First interest, second interest or any category, by its popularity (running shares ``popular``),
    with chances proportional to (rho s, rho (1 - s), 1 - rho)^kappa.
    """
    s = users.interest_share[user]
    first, second, other = power(rho * s, kappa), power(rho * (1.0 - s), kappa), power(1.0 - rho, kappa)
    x = u * (first + second + other)
    if x < first:
        return np.int64(users.interest[user])
    if x < first + second:
        return np.int64(users.interest_2[user])
    return min(np.searchsorted(popular, (x - first - second) / other), popular.shape[0] - 1)
