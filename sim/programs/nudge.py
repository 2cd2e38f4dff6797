"""Placebos: a program that does nothing, and one that does next to nothing.

The first shows that a program that moves no lever changes no bit. The second moves the luck of a few and nothing else
that matters: how far results move then is the noise floor.
"""

from sim.mechanism import Today
from sim.params import param
from sim.programs.campaign import Campaign, Timed
from sim.tables import Column


class Placebo(Timed):
    """Do nothing."""


class Nudge(Campaign):
    """Change the weight of those who take part by a millionth."""

    by: float = param(1e-6, "Change of the weight in the feed", low=0, high=0.01)

    def treat(self, today: Today, me: int, strength: Column) -> None:
        today.levers.exposure *= 1.0 + self.by * strength
