"""The follow graph: users follow hosts.

Built by attachment: a user follows hosts drawn by their appeal and effort, mostly of its own interests
(homophily), so that a few hosts are followed by very many. The graph then lives in the follow slots
of users (``mechanisms/ties.py`` moves it); networkx sees it through ``sim.follow_graph``.
"""

import numpy as np
from numba import njit

from sim.offers import attention, category_at, is_followed
from sim.rng import Key, Stream, pack, poisson, uniform, unit, words
from sim.sampler import draw, propose, weigh
from sim.state import FOLLOW_SLOTS, State
from sim.tables import NOTHING, Column
from sim.traits import fill_expected_weight


def build_follows(state: State, seed: int, mean: float, homophily: float) -> None:
    """Fill the follow slots of every user, in place.

    ``mean`` is the mean number of follows drawn for a user, ``homophily`` the share of them that is
    drawn from the two interests; the rest may hit them too.
    """
    weights = np.zeros(len(state.hosts))
    fill_expected_weight(state.hosts.arrays, weights)
    weights[~state.active(0)] = 0.0
    proposal = propose(state.hosts.category, weights, state.host_identity, state.n_categories, 1.0)
    key = Key(int(seed), 0, int(Stream.FOLLOW_START))
    attach(key, state.users.arrays, weigh(proposal, weights), state.popularity, mean, homophily)
    count_followers(state)


@njit(cache=True)
def attach(key, users, sampler, popular, mean, homophily):
    """Write the follows of each user row, each host at most once."""
    for u in range(users.id.shape[0]):
        i = users.id[u]
        for k in range(poisson(uniform(key, i, 0), mean, FOLLOW_SLOTS)):
            first, both = attention(users.interest_share[u], homophily, 1.0)
            v = unit(words(key, i, pack(k, 0, 1))[0])
            g = category_at(v, first, both, users.interest[u], users.interest_2[u], popular)
            h, _ = draw(key, i, k + 1, g, sampler)
            if h != NOTHING and not is_followed(users.follows, users.n_follows, u, h):
                users.follows[u, users.n_follows[u]] = h
                users.n_follows[u] += 1


def count_followers(state: State) -> None:
    """Write how many users follow each host into the hosts table."""
    state.hosts.followers[:] = 0
    count(state.users.follows, state.hosts.followers)


@njit(cache=True)
def count(follows: Column, followers: Column) -> None:
    """Add one to ``followers`` (n_hosts,) for every follow slot in use."""
    for u in range(follows.shape[0]):
        for k in range(follows.shape[1]):
            if follows[u, k] != NOTHING:
                followers[follows[u, k]] += 1
