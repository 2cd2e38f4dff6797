"""Supply: posts, stock, and collaborations.

    posts_h   = effort_h . lever        while in business
    fresh_h   = f posts_h + b_h,        b_h <- keep (b_h + posts_h (1 - f) (1 - keep) / keep)
    order     = max(0, S_p - on hand - on order),   S_p = floor + cover . (lead + 1) . expected_p
    expected  = max(daily sales, a . momentum of the hosts who show p)
    showcase  = own choice, with the collaborations that programs arrange in front

A post draws a share ``f`` of its views on its first day, the rest over the days that follow, fewer each
day: ``fresh`` is the number of posts of today that would draw as much. With f = .32 and keep = .95,
35 % of the views of a post come within two days, half within a week, 99 % within 90 days (A8: 38, 55, 100 %).

Base stock (Arrow, Harris and Marschak, 1951): what is missing up to ``S_p`` is ordered every day, as
far as the seller's cash goes, and arrives after the lead time. Sellers see who promotes their goods, and
prepare for what those usually sell. What is out of stock in the morning is not shown that day.
"""

import numpy as np
from numba import njit

from sim.flows import FIXED
from sim.mechanism import Mechanism, Phase, Today
from sim.params import param
from sim.rng import Stream, words
from sim.state import PIPELINE, State
from sim.tables import NOTHING, Column


class Supply(Mechanism):
    """Post, restock, and put collaborations into showcases."""

    phase = Phase.BEFORE
    says = "hosts post, goods arrive and are ordered, collaborations enter showcases"

    lead: int = param(4, "Time from order to arrival of goods", unit="day", low=1, high=PIPELINE - 1)
    cover: float = param(2.0, "Stock against expected sales over the lead time", low=0, high=20)
    floor: int = param(5, "Least base stock", unit="units", low=0, high=100_000)
    prepare_for: float = param(
        0.003, "Orders expected per engaged view of a host who shows the product", unit="1/view", low=0, high=1
    )
    first_day: float = param(0.32, "Views of a post that come on its first day", low=0.01, high=1, source="A8")
    keep: float = param(
        0.95, "Of the views that a post draws on a later day, those that it draws on the next", low=0.01, high=0.999,
        source="A8",
    )  # fmt: skip

    def begin(self, state: State, seed: int) -> None:
        """Let hosts in business have posted as usual."""
        state.hosts.backlog[:] = np.where(state.active(0), (1.0 - self.first_day) * state.hosts.effort, 0.0)

    def step(self, today: Today) -> None:
        state, flows = today.state, today.flows
        active = state.active(today.counter)
        self._post(today, active)
        collaborate(*_in_turn(today), flows.showcase)
        promoted = reach(flows.showcase, state.hosts.momentum, active, len(state.products))
        restock(
            today.counter, state.sellers.arrays, state.products.arrays, active[len(state.creators) :],
            np.maximum(state.products.daily, self.prepare_for * promoted),
            (float(self.lead), self.cover, float(self.floor)), flows.restocked,
        )  # fmt: skip
        take_down(flows.showcase, active[len(state.creators) :][state.products.seller] & (state.products.stock > 0))

    def _post(self, today: Today, active: Column) -> None:
        """Post, and let earlier posts grow old."""
        hosts, flows = today.state.hosts, today.flows
        flows.posts[:] = np.where(active, hosts.effort * today.levers.effort, 0.0)
        flows.fresh[:] = np.where(active, self.first_day * flows.posts + hosts.backlog, 0.0)
        later = (1.0 - self.first_day) * (1.0 - self.keep) / self.keep
        hosts.backlog[:] = np.where(active, self.keep * (hosts.backlog + later * flows.posts), 0.0)


def reach(showcase: Column, momentum: Column, active: Column, n_products: int) -> Column:
    """Return the engaged views a day of the active hosts who show each product, (n_products,)."""
    seen = np.where(
        active, np.rint(momentum.astype(np.float64) * FIXED), 0.0
    )  # whole, so that any order of adding will do
    shown = np.where(showcase == NOTHING, n_products, showcase).ravel()
    found: Column = np.bincount(shown, np.repeat(seen, showcase.shape[1]), n_products + 1)[:n_products]
    return found / FIXED


def take_down(showcase: Column, offered: Column) -> None:
    """Take products that are not ``offered`` (n_products,) bool out of ``showcase`` (n_hosts, SHOWCASE), in place."""
    bad = (showcase != NOTHING) & ~np.append(offered, True)[showcase]  # so that NOTHING is nothing
    hosts = np.flatnonzero(bad.any(axis=1))
    rest = np.where(bad[hosts], NOTHING, showcase[hosts])
    order = np.argsort(rest == NOTHING, axis=1, kind="stable")  # what is left moves up
    showcase[hosts] = np.take_along_axis(rest, order, axis=1)


def _in_turn(today: Today) -> tuple[Column, Column]:
    """Return creators and products (n_links,) that programs link today, the highest priority last.

    Equals stand in an order that depends on who is linked, not on the order in which they came.
    """
    links = today.levers.links
    creators = np.concatenate([np.zeros(0, np.int64), *(link.creators for link in links)])
    products = np.concatenate([np.zeros(0, np.int64), *(link.products for link in links)])
    priority = np.repeat([link.priority for link in links], [len(link.creators) for link in links])
    tie = np.zeros(len(creators), np.uint32)
    hash_links(
        today.lasting(Stream.TIE_BREAK), today.state.creators.id[creators], today.state.products.id[products], tie
    )
    order = np.lexsort((products, creators, tie, priority))
    return creators[order], products[order]


@njit(cache=True)
def hash_links(key, creators, products, out):
    """Write a hash of each pair of ids into ``out`` (n,)."""
    for i in range(out.shape[0]):
        out[i] = np.uint32(words(key, creators[i], products[i])[0])


@njit(cache=True)
def collaborate(creators, products, showcase):
    """Put each product in front of its creator's showcase, in place; the last slot makes room."""
    for i in range(creators.shape[0]):
        shown = showcase[creators[i]]
        at = shown.shape[0] - 1
        for k in range(shown.shape[0]):
            if shown[k] == products[i] or shown[k] == NOTHING:
                at = k
                break
        for k in range(at, 0, -1):
            shown[k] = shown[k - 1]
        shown[0] = products[i]


@njit(cache=True)
def base_stock(lead, cover, floor, daily):
    """Return the units up to which stock is filled, for expected ``daily`` sales."""
    return int(np.ceil(floor + cover * (lead + 1.0) * daily - 1e-6))


@njit(cache=True, nogil=True)
def restock(counter, sellers, products, active, expected, numbers, bought):
    """Let goods arrive and order new ones, in place; write the units bought into ``bought`` (n_products,)."""
    lead, cover, floor = numbers
    width = products.pipeline.shape[1]
    for s in range(sellers.id.shape[0]):
        cash = sellers.cash[s]
        for p in range(sellers.first_product[s], sellers.first_product[s] + sellers.n_products[s]):
            products.stock[p] += products.pipeline[p, counter % width]
            products.pipeline[p, counter % width] = 0
            if not active[s]:
                continue
            coming = products.stock[p] + products.pipeline[p].sum()
            units = base_stock(lead, cover, floor, expected[p]) - coming
            units = max(0, min(units, cash // max(products.cost[p], 1)))
            cash -= units * products.cost[p]
            products.pipeline[p, (counter + int(lead)) % width] += units
            bought[p] = units
