"""A rival affiliate platform (YouTube x Shopee): creators who also work there post less here, and fewer join.

posts x (1 - away . strength),   hazard of joining x attraction
"""

from sim.mechanism import Today
from sim.params import param
from sim.programs.campaign import Campaign
from sim.tables import Column


class RivalPlatform(Campaign):
    """Let creators multi-home."""

    sides = ("creators",)

    away: float = param(0.3, "Part of the posts that goes to the rival", low=0, high=1)
    attraction: float = param(0.9, "Hazard of joining here, times this", low=0, high=10)

    def treat(self, today: Today, me: int, strength: Column) -> None:
        n = len(today.state.creators)
        today.levers.effort *= 1.0 - self.away * strength
        if self.is_open(today, me):
            today.levers.attraction[:n] *= self.attraction
