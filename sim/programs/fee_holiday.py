"""Fee holiday: sellers who take part pay less platform fee. The platform forgoes it; no budget pays."""

from sim.mechanism import Today
from sim.params import param
from sim.programs.campaign import Campaign
from sim.tables import Column


class FeeHoliday(Campaign):
    """Cut the platform fee."""

    sides = ("sellers",)

    side: str = "sellers"
    cut: float = param(1.0, "Part of the fee that is not asked", low=0, high=1)

    def treat(self, today: Today, me: int, strength: Column) -> None:
        today.levers.fee *= 1.0 - self.cut * strength[len(today.state.creators) :]
