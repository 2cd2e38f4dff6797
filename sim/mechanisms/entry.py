"""Entry: people who could become creators or sellers do so when their time has come.

    urge_i <- urge_i + (p + q F) / 365 . r_i / (1 + r_i) . attraction_i,    r_i = income / reservation_i
    join when urge_i passes threshold_i ~ Exp(1), drawn once

A Bass (1969) hazard: ``p`` by oneself, ``q`` by imitation of the share ``F`` that has joined, scaled
by how the mean income of those in business compares with the own reservation income. The threshold belongs to the
person, so a program that attracts moves the day of joining and no draw. Who joins starts without
followers and may promote for commission once there are enough of them.
"""

import numpy as np
from numba import njit

from sim.mechanism import Mechanism, Phase, Today
from sim.params import param
from sim.state import Hosts
from sim.tables import NEVER, Column


class Entry(Mechanism):
    """Let those join whose time has come."""

    phase = Phase.BEFORE
    says = "creators and sellers join; creators with enough followers may promote"

    p_creator: float = param(0.10, "Hazard of becoming a creator by oneself", unit="1/year", low=0, high=10)
    q_creator: float = param(0.38, "Hazard by imitation", unit="1/year", low=0, high=10, source="B10")
    p_seller: float = param(0.05, "Hazard of becoming a seller by oneself", unit="1/year", low=0, high=10)
    q_seller: float = param(0.10, "Hazard by imitation", unit="1/year", low=0, high=10)
    followers_needed: int = param(
        47,
        "Followers that commission requires: 600, counted in follow slots",
        unit="followers",
        low=0,
        high=100_000,
        source="C4, A7",
    )

    def step(self, today: Today) -> None:
        creators, sellers, attraction = today.state.creators, today.state.sellers, today.levers.attraction
        n, counter = len(creators), today.counter
        chances = (self.p_creator, self.q_creator)
        today.flows.joined[0] = join(counter, creators.arrays, *_prospects(creators, counter), *chances, attraction[:n])
        chances = (self.p_seller, self.q_seller)
        today.flows.joined[1] = join(counter, sellers.arrays, *_prospects(sellers, counter), *chances, attraction[n:])
        creators.eligible |= creators.followers >= self.followers_needed


def _prospects(table: Hosts, counter: int) -> tuple[Column, float]:
    """Return everybody's reservation income and the income to expect [Rp/day]; equal where nobody could be asked."""
    here = (table.joined <= counter) & (table.left > counter)
    return (table.reservation, mean_income(table.income, here)) if here.any() else (np.ones(len(table)), 1.0)


def mean_income(income: Column, active: Column) -> float:
    """Return the mean of ``income`` [Rp/day] over ``active`` creators, in whole rupiah so that any order will do."""
    n = int(active.sum())
    return max(0.0, int(income[active].astype(int).sum()) / n) if n else 0.0


@njit(cache=True)
def hazard(p, q, joined_share, ratio):
    """Return the chance a day to join, ``ratio`` being expected over reservation income."""
    return (p + q * joined_share) / 365.0 * ratio / (1.0 + ratio)


@njit(cache=True, nogil=True)
def join(counter, hosts, reservation, income, p, q, attraction):
    """Cumulate the urge of all who have not joined, in place; return how many join today."""
    n, joined, new = hosts.id.shape[0], 0, 0
    for h in range(n):
        joined += hosts.joined[h] < NEVER
    share = joined / n if n else 0.0
    for h in range(n):
        if hosts.joined[h] == NEVER:
            hosts.urge[h] += hazard(p, q, share, income / max(reservation[h], 1.0)) * attraction[h]
            if hosts.urge[h] >= hosts.threshold[h]:
                hosts.joined[h] = counter
                new += 1
    return new
