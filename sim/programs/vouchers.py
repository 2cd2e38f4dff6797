"""Vouchers: a program pays a share of the price of what some users buy."""

import numpy as np
import pydantic

from sim.levers import Voucher
from sim.mechanism import Today
from sim.params import param
from sim.population import Population
from sim.programs.campaign import Campaign
from sim.programs.filters import Where, check, check_categories, select
from sim.tables import Column


class Vouchers(Campaign):
    """Give users who take part a voucher a day, good for some products."""

    sides = ("users",)

    side: str = "users"
    discount: float = param(0.2, "Part of the price that the program pays", unit="share of price", low=0, high=0.9)
    products: Where = pydantic.Field(default_factory=dict)

    @pydantic.model_validator(mode="after")
    def _products_make_sense(self) -> "Vouchers":
        check(self.products, "products", "products")
        return self

    def check(self, population: Population) -> None:
        super().check(population)
        check_categories(self.products, population.market().names, f"programs.{self.title}.products")

    def treat(self, today: Today, me: int, strength: Column) -> None:
        if self.is_open(today, me):
            good_for = select(self.products, "products", today.state, today.counter) if self.products else None
            today.levers.vouchers.append(Voucher(me, (self.discount * strength).astype(np.float32), good_for))
