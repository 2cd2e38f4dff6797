"""A product: what everybody can see of it, what is in stock, what it sells."""

import numpy as np

from sim.mathematics import log, saturate
from sim.mechanism import Today
from sim.mechanisms.fulfilment import Fulfilment
from sim.mechanisms.reputation import Reputation, perceive
from sim.mechanisms.search import Search, rank_weight
from sim.rng import Stream, truncated_normal
from sim.state import PIPELINE
from sim.views import ProductView


class Product(ProductView):
    """Something on sale."""

    def drift(self, rules: Reputation, today: Today) -> None:
        """Once a week, become a little more or less fashionable."""
        step = rules.fad_sd * float(np.sqrt(1.0 - rules.fad_rho * rules.fad_rho))
        chance = truncated_normal(today.key(Stream.FAD), self.unique_id, 0, 3.0)
        self.fad = rules.fad_rho * self.fad + step * chance

    def appear(self, rules: Reputation, today: Today) -> None:
        """Work out perceived quality and appeal."""
        prior = rules.rating_prior, rules.prior_weight, rules.rating_slope
        perceived = perceive(self.rating_sum, self.rating_count, *prior)
        social = log(1.0 + saturate(self.sold, rules.s_max))
        dear = log(self.reference / today.state.category_price[self.category])
        today.flows.perceived[self.row] = perceived
        today.flows.appeal[self.row] = rules.b_q * perceived + rules.b_s * social + self.fad - rules.b_x * dear

    def shelf_weight(self, rules: Search, today: Today, on_sale: bool) -> float:
        """Return the weight on the shelf."""
        if self.stock <= 0 or not on_sale:
            return 0.0
        perceived = today.flows.perceived[self.row]
        rank = rank_weight(self.sold, perceived, self.fad, rules.gamma_shelf, rules.s_max, rules.c_q, rules.c_f)
        return float(rank * today.levers.product_exposure[self.row])

    def arrive(self, today: Today) -> None:
        """Put the goods that arrive today into stock."""
        pipeline, slot = self.pipeline, today.counter % PIPELINE
        self.stock = self.stock + int(pipeline[slot])
        pipeline[slot] = 0

    def coming(self) -> int:
        """Return the units on hand and on order."""
        return int(self.stock) + int(self.pipeline.sum())

    def remember(self, rules: Fulfilment, pull: float, paid: list[int]) -> None:
        """Move sales of late, and the price that buyers are used to; ``paid`` is what was paid, by order."""
        seen = sum(paid) / len(paid) if paid else float(self.price)
        self.reference = self.reference + pull * (seen - self.reference)
        self.sold = rules.sold_memory * self.sold + len(paid)
        self.daily = (1.0 - rules.sold_memory) * self.sold
        self.orders = self.orders + len(paid)
