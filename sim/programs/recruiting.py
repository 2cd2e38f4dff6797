"""Recruiting: people who are not creators (or sellers) yet hear of it, and join sooner.

hazard of joining x (1 + (attraction - 1) strength)
"""

from sim.mechanism import Today
from sim.params import param
from sim.programs.campaign import Campaign
from sim.tables import Column


class Recruiting(Campaign):
    """Draw potential creators or sellers into the market."""

    outsiders = True

    attraction: float = param(5.0, "Hazard of joining, times this", low=0, high=100)

    def treat(self, today: Today, me: int, strength: Column) -> None:
        today.levers.attraction *= 1.0 + (self.attraction - 1.0) * strength
