"""The market by hand: the same wiring, another way to live a day."""

from dataclasses import fields
from typing import Any

from sim.market import Market
from sim.mechanism import Mechanism, Plan
from sim.plain.day import PLAIN, ByHand
from sim.plain.people import People
from sim.scenario import Scenario


class PlainMarket(Market):
    """A market whose agents act one after the other; the same bits as ``Market``, and some hundred times slower.

    ``people`` holds the agents, all registered with Mesa, and the follow graph. A mechanism that is not in ``DAY``
    runs as it is.
    """

    def __init__(self, scenario: Scenario, **options: Any) -> None:
        origin = options.pop("origin", None) or scenario
        options["threads"] = 1  # agents act one after the other
        super().__init__(scenario.but(mechanisms=by_hand(scenario.mechanisms)), origin=origin, **options)
        self.people = People(self, self.state)
        acted: list[Any] = [m for m in self.settings.mechanisms if issubclass(type(m), ByHand)]
        for mechanism in acted:
            mechanism.given(self.people)


def by_hand(plan: Plan) -> Plan:
    """Return the same day, with each mechanism of ``DAY`` acted out by people; the parameters stay."""
    return Plan(**{phase.name: tuple(_plain(m) for m in getattr(plan, phase.name)) for phase in fields(plan)})


def _plain(mechanism: Mechanism) -> Mechanism:
    for kind in PLAIN:
        if type(mechanism) is kind.__mro__[2]:  # the mechanism that it acts out
            acted: Any = kind(**mechanism.model_dump())
            found: Mechanism = acted
            return found
    return mechanism
