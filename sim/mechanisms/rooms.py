"""Rooms: who goes LIVE today, when, with what.

    pull_r = minutes_r / 60 . exp(a_l live_skill_h) . (1 + S(live_momentum_h))^gamma_l . lever

A host with a showcase opens a room with its own chance, in its daypart, at a minute drawn for the
day. The room shows the host's showcase at a flash discount and sets stock aside.
"""

import numpy as np
from numba import njit

from sim.flows import Counts
from sim.mathematics import exp, log, saturate
from sim.mechanism import Mechanism, Phase, Today
from sim.params import param
from sim.rng import Stream, unit, words
from sim.state import DAYPART_MINUTES, Channel
from sim.state import Rooms as RoomTable
from sim.tables import NOTHING


class Rooms(Mechanism):
    """Open the LIVE rooms of the day."""

    phase = Phase.BEFORE
    says = "hosts open LIVE rooms, with a basket, a discount and stock set aside"

    a_l: float = param(0.4, "Pull of LIVE skill", unit="ln/sd", low=0, high=3, source="prototype")
    gamma_l: float = param(0.4, "Pull of rooms that kept their viewers of late", low=0, high=1, source="prototype")
    momentum_max: float = param(100, "LIVE momentum at which more of it tells little", unit="1/day", low=1, high=1e6)
    flash: float = param(
        0.15,
        "Largest flash discount; the day's is uniform up to it",
        unit="share of price",
        low=0,
        high=0.9,
        source="E2: 7.6 % on average",
    )
    aside: float = param(0.3, "Stock set aside for rooms", unit="share of stock", low=0, high=1)

    def step(self, today: Today) -> None:
        state, flows, levers = today.state, today.flows, today.levers
        if not levers.open[Channel.LIVE]:
            return
        chance = np.where(state.active(today.counter), state.hosts.live_chance + levers.live_chance, 0.0)
        opens = np.zeros(len(state.hosts), np.bool_)
        decide(today.key(Stream.ROOM_SCHEDULE), state.host_identity, chance, flows.showcase, opens)
        hosts = np.flatnonzero(opens)
        order = np.lexsort((hosts, state.hosts.daypart[hosts], state.hosts.category[hosts]))
        rooms = RoomTable.empty(len(hosts))
        rooms.host[:] = hosts[order]
        numbers = (self.a_l, self.gamma_l, self.momentum_max, self.flash, self.aside)
        furnish(
            today.key(Stream.ROOM_SCHEDULE), state.host_identity, state.hosts.arrays, flows.showcase,
            state.products.stock, levers.live_skill, levers.room_pull, numbers, rooms.arrays,
        )  # fmt: skip
        flows.rooms, flows.counts = rooms, Counts.empty(len(state.hosts), len(rooms))


@njit(cache=True, nogil=True)
def decide(key, identity, chance, showcase, opens):
    """Write who goes LIVE into ``opens`` (n_hosts,)."""
    for h in range(opens.shape[0]):
        if chance[h] > 0.0 and showcase[h, 0] != NOTHING:
            opens[h] = unit(words(key, identity[h], 0)[0]) < chance[h]


@njit(cache=True)
def pull_of(minutes, live_skill, momentum, a_l, gamma_l, momentum_max):
    """Return the weight with which visitors find a room."""
    return minutes / 60.0 * exp(a_l * live_skill + gamma_l * log(1.0 + saturate(momentum, momentum_max)))


@njit(cache=True, nogil=True)
def furnish(key, identity, hosts, showcase, stock, skill_lever, pull_lever, numbers, rooms):
    """Fill the rooms table (n_rooms,) whose hosts are given."""
    a_l, gamma_l, momentum_max, flash, aside = numbers
    shown_in = np.zeros(stock.shape[0], np.int32)
    for r in range(rooms.host.shape[0]):
        for k in range(showcase.shape[1]):
            if showcase[rooms.host[r], k] != NOTHING:
                shown_in[showcase[rooms.host[r], k]] += 1
    for r in range(rooms.host.shape[0]):
        h = rooms.host[r]
        _, b, c, _ = words(key, identity[h], 0)
        rooms.category[r], rooms.daypart[r] = hosts.category[h], hosts.daypart[h]
        rooms.minutes[r] = hosts.live_minutes[h]
        rooms.start[r] = int(unit(b) * (DAYPART_MINUTES - hosts.live_minutes[h]))
        skill = hosts.live_skill[h] + skill_lever[h]
        rooms.pull[r] = pull_lever[h] * pull_of(
            hosts.live_minutes[h], skill, hosts.live_momentum[h], a_l, gamma_l, momentum_max
        )
        rooms.discount[r] = flash * unit(c)
        for k in range(showcase.shape[1]):
            p = showcase[h, k]
            rooms.basket[r, k] = p
            rooms.aside[r, k] = int(aside * stock[p] / shown_in[p]) if p != NOTHING else 0
