"""Commission top-up: a program adds to the commission of those who take part."""

import numpy as np

from sim.levers import TopUp
from sim.mechanism import Today
from sim.params import param
from sim.programs.campaign import Campaign
from sim.tables import Column


class CommissionTopUp(Campaign):
    """Add a share of the price to each commission."""

    sides = ("creators",)

    points: float = param(0.05, "Addition to the commission", unit="share of price", low=0, high=1)

    def treat(self, today: Today, me: int, strength: Column) -> None:
        if self.is_open(today, me):
            share = (self.points * strength[: len(today.state.creators)]).astype(np.float32)
            today.levers.top_ups.append(TopUp(me, share))
