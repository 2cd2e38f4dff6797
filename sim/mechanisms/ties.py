"""Ties: users begin and cease to follow hosts.

    P(follow h)   = p_follow                                     for each engagement with a host not followed
    P(unfollow h) = neglect (1 - exp(-idle / patience)) + disappointment [last seller, satisfaction < 1/2]

A user attends to at most ``FOLLOW_SLOTS`` hosts; when all slots are taken, a new one replaces the one
least recently engaged with.
"""

import numpy as np
from numba import njit

from sim.flows import Block, Total
from sim.layout import draw_words
from sim.mathematics import exp
from sim.mechanism import Mechanism, Phase, Today
from sim.params import param
from sim.rng import Stream, unit
from sim.tables import NOTHING

_FOLLOWS, _UNFOLLOWS = int(Total.FOLLOWS), int(Total.UNFOLLOWS)


class Ties(Mechanism):
    """Let today's engagement and neglect move the follow graph."""

    phase = Phase.USERS
    says = "engagement leads to following, neglect and disappointment to unfollowing"

    p_follow: float = param(0.05, "Chance to follow after an engagement", low=0, high=1, source="prototype")
    neglect: float = param(0.002, "Chance a day to unfollow a host long neglected", unit="1/day", low=0, high=1)
    patience: float = param(60, "Time without engagement that wears a tie out", unit="day", low=1, high=3650)
    disappointment: float = param(
        0.02, "Chance a day to unfollow a last seller who disappointed", unit="1/day", low=0, high=1
    )

    def act(self, today: Today, block: Block) -> None:
        users, rows, identity = today.state.users, block.rows, today.state.host_identity
        ids, slots = users.id[rows], (users.follows[rows], users.n_follows[rows], users.engaged_on[rows])
        engaged, totals, hosts = block.offers, block.counts.totals, block.counts.hosts
        counts = hosts.gained, hosts.lost
        key = today.key(Stream.FOLLOW)
        renew(key, ids, slots, identity, self.p_follow, engaged.n_engaged, engaged.engaged, counts, totals)
        last, numbers = users.last_seller[rows], (self.neglect, self.patience, self.disappointment)
        unhappy = (last != NOTHING) & (users.satisfaction[rows] < 0.5)
        unhappy_with = np.where(unhappy, last + len(today.state.creators), NOTHING)
        wear_out(today.key(Stream.UNFOLLOW), ids, slots, identity, numbers, unhappy_with, hosts.lost, totals)


@njit(cache=True)
def wear(idle, neglect, patience):
    """Return the chance to unfollow a host not engaged with for ``idle`` days."""
    return neglect * (1.0 - exp(-idle / patience))


@njit(cache=True)
def slot_of(follows, n_follows, u, host):
    """Return the slot in which user row ``u`` follows ``host``, or NOTHING."""
    for k in range(n_follows[u]):
        if follows[u, k] == host:
            return k
    return NOTHING


@njit(cache=True)
def follow(follows, n_follows, engaged_on, u, host, day, lost):
    """Let user row ``u`` follow ``host``, in place of the least recently engaged host if need be."""
    k = np.int64(n_follows[u])
    if k == follows.shape[1]:
        k = 0
        for j in range(1, follows.shape[1]):
            if engaged_on[u, j] < engaged_on[u, k]:
                k = j
        lost[follows[u, k]] += 1
    else:
        n_follows[u] += 1
    follows[u, k], engaged_on[u, k] = host, day


@njit(cache=True)
def unfollow(follows, n_follows, engaged_on, u, k):
    """Take slot ``k`` of user row ``u`` away; the last slot moves up."""
    last = n_follows[u] - 1
    follows[u, k], engaged_on[u, k] = follows[u, last], engaged_on[u, last]
    follows[u, last], engaged_on[u, last] = NOTHING, 0
    n_follows[u] = last


@njit(cache=True)
def list_hosts(ids, identity, n_listed, listed):
    """Return the row and host of each entry in the lists of the rows, with the ids of both: four (n,) arrays."""
    n = 0
    for u in range(ids.shape[0]):
        n += n_listed[u]
    row_of, host = np.empty(n, np.int32), np.empty(n, np.int32)
    user, other = np.empty(n, np.uint32), np.empty(n, np.uint32)
    i = 0
    for u in range(ids.shape[0]):
        for k in range(n_listed[u]):
            h = listed[u, k]
            row_of[i], host[i], user[i], other[i] = u, h, ids[u], identity[h]
            i += 1
    return row_of, host, user, other


@njit(cache=True)
def chance_by(i, p_follow, row_of, host):
    """Return the chance to follow by engagement ``i``: there is one at each engagement with this host so far."""
    not_yet, j = 1.0 - p_follow, i - 1
    while j >= 0 and row_of[j] == row_of[i]:
        if host[j] == host[i]:
            not_yet *= 1.0 - p_follow
        j -= 1
    return 1.0 - not_yet


@njit(cache=True, nogil=True)
def renew(key, ids, slots, identity, p_follow, n_engaged, engaged, counts, totals):
    """Let each engagement of the block renew a tie, or make one; count in ``counts`` (gained, lost) and ``totals``."""
    follows, n_follows, engaged_on = slots
    gained, lost = counts
    row_of, host, user, other = list_hosts(ids, identity, n_engaged, engaged)
    chance = draw_words(key, user, other)[0]
    for i in range(host.shape[0]):
        u, h = row_of[i], host[i]
        k = slot_of(follows, n_follows, u, h)
        if k != NOTHING:
            engaged_on[u, k] = key.day
        elif unit(chance[i]) < chance_by(i, p_follow, row_of, host):
            follow(follows, n_follows, engaged_on, u, h, key.day, lost)
            gained[h] += 1
            totals[_FOLLOWS] += 1


@njit(cache=True, nogil=True)
def wear_out(key, ids, slots, identity, numbers, unhappy_with, lost, totals):
    """Let ties of the block come undone; ``unhappy_with`` is the host of a last seller who disappointed, or NOTHING."""
    follows, n_follows, engaged_on = slots
    neglect, patience, disappointment = numbers
    row_of, host, user, other = list_hosts(ids, identity, n_follows, follows)
    at = draw_words(key, user, other)[0]
    most = neglect + disappointment  # no chance is larger, and few ties need to know theirs
    for i in range(host.shape[0] - 1, -1, -1):  # from the last slot of a row: the one that moves up has had its turn
        if unit(at[i]) >= most:
            continue
        u, h = row_of[i], host[i]
        k = slot_of(follows, n_follows, u, h)
        chance = wear(key.day - engaged_on[u, k], neglect, patience)
        if h == unhappy_with[u]:
            chance += disappointment
        if unit(at[i]) < chance:
            unfollow(follows, n_follows, engaged_on, u, k)
            lost[h] += 1
            totals[_UNFOLLOWS] += 1
