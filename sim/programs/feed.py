"""The feed: how precisely it recommends, how much it explores, how much one host may have of it."""

from sim.mechanism import Today
from sim.params import param
from sim.programs.campaign import Timed


class Recommender(Timed):
    """Change how precisely the feed meets interests ("AI recommendations")."""

    precision: float = param(1.5, "Precision of the recommender, times this", low=0, high=10)

    def act(self, today: Today, me: int) -> None:
        today.levers.kappa *= self.precision


class Exploration(Timed):
    """Let the feed try more hosts whatever their popularity, so that newcomers are seen."""

    more: float = param(0.05, "Share of impressions that explore, in addition", low=0, high=1)

    def act(self, today: Today, me: int) -> None:
        today.levers.epsilon += self.more


class ExposureCap(Timed):
    """Hold every host to a largest share of its category in the feed."""

    most: float = param(0.05, "Largest share of a category's weight that one host may have", low=0, high=1)

    def act(self, today: Today, me: int) -> None:
        today.levers.exposure_cap = min(today.levers.exposure_cap, self.most)
