"""Social insurance (BPJS Ketenagakerjaan): who is covered gives up less readily.

chance to give up x (1 - relief . strength)
"""

from sim.mechanism import Today
from sim.params import param
from sim.programs.campaign import Campaign
from sim.tables import Column


class SocialInsurance(Campaign):
    """Cover creators or small sellers; the premium is ``cost_per_day``."""

    relief: float = param(0.2, "Part of the chance to give up that cover takes away", low=0, high=1)

    def treat(self, today: Today, me: int, strength: Column) -> None:
        today.levers.giving_up *= 1.0 - self.relief * strength
