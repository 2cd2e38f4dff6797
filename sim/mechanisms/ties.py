"""Ties: users begin and cease to follow hosts.

    P(follow h)   = p_follow                                     for each engagement with a host not followed
    P(unfollow h) = neglect (1 - exp(-idle / patience)) + disappointment [last seller, satisfaction < 1/2]

A user attends to at most ``FOLLOW_SLOTS`` hosts; when all slots are taken, a new one replaces the one
least recently engaged with.
"""

import numpy as np
from numba import njit

from sim.flows import Block, Total
from sim.mathematics import exp
from sim.mechanism import Mechanism, Phase, Today
from sim.params import param
from sim.rng import Stream, of, unit, words
from sim.tables import NOTHING


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
        tie(
            today.key(Stream.FOLLOW), block.start, today.state.users.arrays, today.state.host_identity,
            len(today.state.creators),
            (self.p_follow, self.neglect, self.patience, self.disappointment), block.offers.arrays,
            block.counts.hosts.gained, block.counts.hosts.lost, block.counts.totals,
        )  # fmt: skip


@njit(cache=True)
def wear(idle, neglect, patience):
    """Return the chance to unfollow a host not engaged with for ``idle`` days."""
    return neglect * (1.0 - exp(-idle / patience))


@njit(cache=True)
def slot_of(users, u, host):
    """Return the slot in which user row ``u`` follows ``host``, or NOTHING."""
    for k in range(users.n_follows[u]):
        if users.follows[u, k] == host:
            return k
    return NOTHING


@njit(cache=True)
def follow(users, u, host, day, lost):
    """Let user row ``u`` follow ``host``, in place of the least recently engaged host if need be."""
    k = np.int64(users.n_follows[u])
    if k == users.follows.shape[1]:
        k = 0
        for j in range(1, users.follows.shape[1]):
            if users.engaged_on[u, j] < users.engaged_on[u, k]:
                k = j
        lost[users.follows[u, k]] += 1
    else:
        users.n_follows[u] += 1
    users.follows[u, k], users.engaged_on[u, k] = host, day


@njit(cache=True)
def unfollow(users, u, k):
    """Take slot ``k`` of user row ``u`` away; the last slot moves up."""
    last = users.n_follows[u] - 1
    users.follows[u, k], users.engaged_on[u, k] = users.follows[u, last], users.engaged_on[u, last]
    users.follows[u, last] = NOTHING
    users.n_follows[u] = last


@njit(cache=True, nogil=True)
def tie(key, start, users, identity, n_creators, numbers, offers, gained, lost, totals):
    """Update the follow slots of each user of the block; count in ``gained``, ``lost`` and ``totals``."""
    p_follow, neglect, patience, disappointment = numbers
    away = of(key, Stream.UNFOLLOW.value)
    for row in range(offers.count.shape[0]):
        u = start + row
        i = users.id[u]
        for j in range(offers.n_engaged[row]):
            h = offers.engaged[row, j]
            k = slot_of(users, u, h)
            if k != NOTHING:
                users.engaged_on[u, k] = key.day
            elif unit(words(key, i, identity[h])[0]) < p_follow:
                follow(users, u, h, key.day, lost)
                gained[h] += 1
                totals[Total.FOLLOWS.value] += 1
        unhappy = users.last_seller[u] != NOTHING and users.satisfaction[u] < 0.5
        for k in range(users.n_follows[u] - 1, -1, -1):
            h = users.follows[u, k]
            chance = wear(key.day - users.engaged_on[u, k], neglect, patience)
            if unhappy and h == n_creators + users.last_seller[u]:
                chance += disappointment
            if chance > 0.0 and unit(words(away, i, identity[h])[0]) < chance:
                unfollow(users, u, k)
                lost[h] += 1
                totals[Total.UNFOLLOWS.value] += 1
