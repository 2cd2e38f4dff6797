"""How an offer gets on a user's list of the day."""

from typing import NamedTuple

import numpy as np
from numba import njit

from sim.layout import draw_words
from sim.mathematics import power
from sim.state import FOLLOW_SLOTS, OFFERS, Users
from sim.tables import NOTHING, Column

MATCH_FIRST, MATCH_SECOND, MATCH_NONE = 1.0, 0.6, 0.0


class Viewers(NamedTuple):
    """The columns of users that decide what they are shown and how they like it."""

    interest: Column
    interest_2: Column
    interest_share: Column
    follows: Column
    n_follows: Column
    last_seller: Column


def viewers_of(users: Users) -> Viewers:
    """Return these columns of ``users``: a kernel compiles faster, and says more, with fewer of them."""
    return Viewers(*(getattr(users, name) for name in Viewers._fields))


@njit(cache=True)
def match_of(first, second, category):
    """Return how well a category fits a user with these interests: 1, .6 or 0."""
    if category == first:
        return MATCH_FIRST
    return MATCH_SECOND if category == second else MATCH_NONE


@njit(cache=True, nogil=True)
def put(key, shown, product_id, channel, offers):
    """Put products on the lists of those to whom they were ``shown``, in this order.

    ``shown`` is row of the block, user id, product (or NOTHING), host, room and whether a tie to the
    host led there, six (n,) arrays. A product shown twice is one offer: who showed it last is paid. When a
    list is full, the offers with the highest priority stay; it is keyed by user and product, not by arrival.
    """
    row_of, user, product, host, room, tied = shown
    hosts, rooms, channels, ties = offers.host, offers.room, offers.channel, offers.tied
    count, products, priorities = offers.count, offers.product, offers.priority
    identity = np.zeros(product.shape[0], np.uint32)
    for i in range(product.shape[0]):
        if product[i] != NOTHING:
            identity[i] = product_id[product[i]]
    priority = draw_words(key, user, identity)[0]
    for i in range(product.shape[0]):
        row, p = row_of[i], product[i]
        at = _place_for(row, p, priority[i], count, products, priorities) if p != NOTHING else NOTHING
        if at != NOTHING:
            products[row, at], hosts[row, at], rooms[row, at] = p, host[i], room[i]
            channels[row, at], ties[row, at], priorities[row, at] = channel, tied[i], priority[i]


@njit(cache=True)
def _place_for(row, p, priority, count, products, priorities):
    """Return where on the list of ``row`` product ``p`` goes, or NOTHING if the list is full of better ones."""
    n, lowest = count[row], 0
    for j in range(n):
        if products[row, j] == p:
            return j
        if priorities[row, j] < priorities[row, lowest]:
            lowest = j
    if n < OFFERS:
        count[row] = n + 1
        return np.int64(n)
    return lowest if priority > priorities[row, lowest] else NOTHING


@njit(cache=True)
def engage(n_engaged, engaged, row, host):
    """Remember that the user engaged with ``host``; beyond the room there is, the latest replaces the last."""
    n = n_engaged[row]
    last = engaged.shape[1]
    engaged[row, min(n, last - 1)] = host
    if n < last:
        n_engaged[row] = n + 1


@njit(cache=True, inline="always")
def is_followed(follows, n_follows, u, host):
    """Tell whether user row ``u`` follows ``host``."""
    n, found = n_follows[u], False
    for k in range(FOLLOW_SLOTS):  # of fixed length: all slots are compared at once
        found |= (follows[u, k] == host) & (k < n)
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
    at = 0
    for k in range(running.shape[0] - 1):  # all of them: a search would be shorter, but branch where nobody can predict
        at += running[k] < u
    return np.int64(at)
