"""Exposure: the feed shows some hosts, or some products, more often; to a target share, if one is set.

weight x factor                                        for hosts who take part, or products that meet ``products``
factor_t = factor_{t-1} (target / share_{t-1})^step    with a target, between 1/most and most
"""

import numpy as np
import pydantic

from sim.mathematics import power
from sim.mechanism import Today, own_table
from sim.params import param
from sim.population import Population
from sim.programs.campaign import Campaign, Timed
from sim.programs.filters import Where, check, check_categories, select
from sim.tables import NOTHING, Column, Table, column, table


class HostExposure(Campaign):
    """Show creators or sellers' own accounts more often in the feed."""

    factor: float = param(1.5, "Weight in the feed, times this", low=0, high=100)

    def treat(self, today: Today, me: int, strength: Column) -> None:
        today.levers.exposure *= 1.0 + (self.factor - 1.0) * strength


@table
class Steering(Table):
    """One row: where a program with a target stands."""

    factor: Column = column("Weight of the products, times this", dtype=np.float64, default=1.0)
    share: Column = column("Share of impressions yesterday", dtype=np.float64, default=-1.0)


class ProductExposure(Timed):
    """Show some products more often, in showcases and on the shelf."""

    products: Where = pydantic.Field(default_factory=dict)
    factor: float = param(1.5, "Weight of the products, times this; with a target, on the first day", low=0, high=100)
    target: float = param(0.0, "Share of impressions of hosts who show such products first; 0 none", low=0, high=1)
    step: float = param(0.2, "How fast a program with a target steers", low=0, high=5)
    most: float = param(20.0, "Largest factor, and smallest as its inverse, of one with a target", low=1, high=1e6)

    @pydantic.model_validator(mode="after")
    def _products_make_sense(self) -> "ProductExposure":
        check(self.products, "products", "products")
        return self

    def check(self, population: Population) -> None:
        """Refuse what does not fit a market."""
        check_categories(self.products, population.market().names, f"programs.{self.title}.products")

    def begin(self, state: object, seed: int) -> Table:
        own = Steering.empty(1)
        own.factor[0] = self.factor
        return own

    def act(self, today: Today, me: int) -> None:
        own = today.state.own[own_table(me)]
        assert isinstance(own, Steering)
        if self.target and own.share[0] >= 0.0:
            wanted = own.factor[0] * power(self.target / max(float(own.share[0]), 1e-9), self.step)
            own.factor[0] = min(max(wanted, 1.0 / self.most), self.most)
        today.levers.product_exposure[select(self.products, "products", today.state, today.counter)] *= own.factor[0]

    def bill(self, today: Today, me: int) -> None:
        super().bill(today, me)
        own = today.state.own[own_table(me)]
        assert isinstance(own, Steering)
        first, views = today.flows.showcase[:, 0], today.flows.counts.hosts.views.astype(np.int64)
        such = np.append(select(self.products, "products", today.state, today.counter), False)[first]
        seen = int(views[first != NOTHING].sum())
        own.share[0] = int(views[such].sum()) / seen if seen else -1.0
