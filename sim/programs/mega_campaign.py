"""Mega campaign: on double dates (11.11, 12.12 ...) people want more, and get more for it."""

import numpy as np
import pydantic

from sim.levers import Voucher
from sim.mechanism import Today
from sim.params import param
from sim.programs.campaign import Timed
from sim.programs.filters import Where, select


class MegaCampaign(Timed):
    """Raise the desire to buy and give everybody a voucher, on double dates or every day."""

    desire: float = param(0.3, "Utility of buying, in addition", unit="logit", low=-5, high=5)
    discount: float = param(0.1, "Part of the price that the program pays", unit="share of price", low=0, high=0.9)
    factor: float = param(1.0, "Weight in the feed and on the shelf of its products, times this", low=0, high=100)
    products: Where = pydantic.Field(default_factory=dict)
    only_double_dates: bool = True

    def act(self, today: Today, me: int) -> None:
        if self.only_double_dates and not today.date.double_date:
            return
        levers, good_for = today.levers, select(self.products, "products", today.state, today.counter)
        levers.desire += self.desire
        levers.product_exposure[good_for] *= self.factor
        if self.discount:
            share = np.full(len(today.state.users), self.discount, np.float32)
            levers.vouchers.append(Voucher(me, share, good_for))
