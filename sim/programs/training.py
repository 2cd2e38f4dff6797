"""Training: courses in content and LIVE, and help to produce them.

skill_c += skill . strength_c,   live skill alike,   chance of a LIVE + live_days . strength_c,   posts x effort
"""

from sim.mechanism import Today
from sim.params import param
from sim.programs.campaign import Campaign
from sim.tables import Column


class Training(Campaign):
    """Teach creators or sellers."""

    skill: float = param(0.5, "Skill that the full course gives", unit="sd", low=0, high=3)
    live_skill: float = param(0.0, "Skill in LIVE rooms that the full course gives", unit="sd", low=0, high=3)
    live_days: float = param(0.0, "LIVE days more, while taking part or the skill lasts", unit="1/day", low=0, high=1)
    effort: float = param(1.0, "Posts per day, times this", low=0, high=10)

    def treat(self, today: Today, me: int, strength: Column) -> None:
        levers = today.levers
        levers.skill += self.skill * strength
        levers.live_skill += self.live_skill * strength
        levers.live_chance += self.live_days * strength
        levers.effort *= 1.0 + (self.effort - 1.0) * strength
