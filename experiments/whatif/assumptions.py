"""The assumptions that results are asked to survive: each is set low and high, from day 0 on, in both worlds."""

from typing import NamedTuple

from sim.scenario import Scenario


class Assumption(NamedTuple):
    """A parameter that nobody has measured well, and how far it may be off."""

    path: str
    low: float
    high: float
    times: bool  # low and high multiply the value of the scenario; else they take its place


#: Of all 120 parameters of mechanisms, a fifth down and up, these move effects of vouchers, a LIVE bonus and closed
#: channels most (``experiments/studies/which-assumptions.yaml``); ``half_life`` is here because nothing at all is
#: known of it. The levels of clicks and purchases (``b0``, ``a_0``) move more, but are what calibration sets: another
#: level is another market, with three times the orders.
ASSUMPTIONS = (
    Assumption("mechanisms.purchase.sigma_n", 0.0, 2.0, False),
    Assumption("mechanisms.purchase.b_p", 0.7, 1.3, True),
    Assumption("mechanisms.purchase.a_need", 0.8, 1.2, True),
    Assumption("mechanisms.purchase.satiation_memory", 0.7, 0.93, False),
    Assumption("mechanisms.search.need", 0.8, 1.2, True),
    Assumption("mechanisms.reputation.rating_prior", 4.0, 4.9, False),
    Assumption("mechanisms.live.l0", 0.8, 1.2, True),
    Assumption("mechanisms.discovery.gamma", 0.7, 1.2, True),
    Assumption("mechanisms.fulfilment.sold_memory", 0.9, 0.98, False),
    Assumption("mechanisms.fulfilment.half_life", 14.0, 180.0, False),
)
#: Values of ``sigma_n`` for which additionality is shown: nobody has measured how much of it is displacement.
SIGMA = {"low": 0.0, "high": 2.0}


def variants(scenario: Scenario) -> list[tuple[str, str, Scenario]]:
    """Return path, end and scenario of each assumption at its low and its high end."""
    found = []
    values = {knob.path: knob for knob in scenario.knobs()}
    for a in ASSUMPTIONS:
        limit, factor = values[a.path].declaration, values[a.path].value if a.times else 1.0
        for end, value in zip(("low", "high"), sorted((factor * a.low, factor * a.high)), strict=True):
            found.append((a.path, end, scenario.with_value(a.path, min(max(value, limit.low), limit.high))))
    return found
