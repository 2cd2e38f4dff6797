"""Free shipping: a program pays a share of the shipping of every order."""

from sim.levers import Shipping
from sim.mechanism import Today
from sim.params import param
from sim.programs.campaign import Timed


class FreeShipping(Timed):
    """Pay part of the shipping."""

    part: float = param(1.0, "Part of the shipping that the program pays", low=0, high=1)

    def act(self, today: Today, me: int) -> None:
        today.levers.shipping.append(Shipping(me, self.part))
