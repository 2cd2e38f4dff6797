"""Matching: creators are brought together with sellers, and promote their products.

A creator who takes part gets up to ``sellers_each`` sellers of the same niche; each pair is kept as long as the
creator takes part. The creator shows what sells best at that seller of late.
"""

from typing import cast

import numpy as np
import pydantic

from sim.levers import Links
from sim.mechanism import Today, own_table
from sim.params import param
from sim.population import Population
from sim.programs.campaign import Campaign
from sim.programs.enrolment import Enrolment, ranked
from sim.programs.filters import Where, check, check_categories, known_columns, select, values
from sim.tables import NEVER, NOTHING, Column, column, table

MOST = 4  # partners of a creator: as many as a showcase holds


@table
class Pairs(Enrolment):
    """Creators who take part with their partners, and the sellers who are partners."""

    partner: Column = column("Rows of the sellers that this creator works with", dtype=np.int32, default=-1, width=MOST)


class Matching(Campaign):
    """Arrange collaborations between creators and sellers."""

    sides = ("creators",)
    rows = Pairs

    partners: Where = pydantic.Field(default_factory=dict)
    partner_take_up: float = param(1.0, "Share of these sellers who want to take part", low=0, high=1)
    partner_select_on: str = ""
    partner_select_power: float = param(
        0.0, "How much more those sellers apply who rank high on partner_select_on", low=0, high=20
    )
    sellers_each: int = param(2, "Sellers whom a creator works with", unit="sellers", low=1, high=MOST)
    priority: float = param(1.0, "Rank in showcases against other collaborations", low=0, high=100)

    @pydantic.model_validator(mode="after")
    def _partners_make_sense(self) -> "Matching":
        check(self.partners, "sellers", "partners")
        if self.partner_select_on and self.partner_select_on not in known_columns("sellers"):
            raise ValueError(f"partner_select_on = {self.partner_select_on!r} is no column of sellers.")
        return self

    def check(self, population: Population) -> None:
        super().check(population)
        check_categories(self.partners, population.market().names, f"programs.{self.title}.partners")

    def treat(self, today: Today, me: int, strength: Column) -> None:
        own = cast("Pairs", today.state.own[own_table(me)])
        self.pair(today, own)
        inside = np.flatnonzero((own.since <= today.counter) & (own.until > today.counter))
        creator, slot = np.nonzero(own.partner[inside] != NOTHING)
        if len(creator):
            sellers = own.partner[inside][creator, slot]
            self.link(today, me, inside[creator].astype(np.int32), best_sellers(today, sellers))

    def link(self, today: Today, me: int, creators: Column, products: Column) -> None:
        """Put ``products`` (n,) into the showcases of ``creators`` (n,)."""
        today.levers.links.append(Links(creators, products, self.priority))

    def pair(self, today: Today, own: Pairs) -> None:
        """Give creators who joined today their partners, both in the order of their turn."""
        n = len(today.state.creators)
        new = np.flatnonzero(own.since[:n] == today.counter)
        if not len(new):
            return
        free = self._free_sellers(today, own)
        for c in new[np.argsort(own.turn[new], kind="stable")]:
            queue = free.get(int(today.state.creators.category[c]), [])
            mine = [queue.pop(0) for _ in range(min(self.sellers_each, len(queue)))]
            own.partner[c, : len(mine)] = mine
            own.since[n + np.array(mine, np.int64)] = today.counter

    def _free_sellers(self, today: Today, own: Pairs) -> dict[int, list[int]]:
        """Return sellers who want a partner and have none, by category, in the order of their turn."""
        state, n = today.state, len(today.state.creators)
        fit = select(self.partners, "sellers", state, today.counter) & state.active(today.counter)[n:]
        fit &= own.assigned[n:] & (own.since[n:] == NEVER)
        pull: Column | float = 1.0
        if self.partner_select_on and self.partner_select_power:
            value = values(self.partner_select_on, "sellers", state, today.counter)
            pull = ranked(value, fit, self.partner_select_power)
        fit &= own.wish[n:] < self.partner_take_up * pull
        rows = np.flatnonzero(fit)
        free: dict[int, list[int]] = {}
        for s in rows[np.argsort(own.turn[n + rows], kind="stable")]:
            free.setdefault(int(state.sellers.category[s]), []).append(int(s))
        return free


def best_sellers(today: Today, sellers: Column) -> Column:
    """Return the product of each seller (n,) that sold best of late, the first of equals."""
    products, first, count = today.state.products, today.state.sellers.first_product, today.state.sellers.n_products
    best = [int(first[s]) + int(products.sold[first[s] : first[s] + count[s]].argmax()) for s in sellers]
    return np.array(best, np.int32)
