"""What adopting LIVE seems to do, and does: before and after, and against the same sellers who may not."""

import numpy as np
from scipy.optimize import curve_fit

from experiments.scorecard.lab import Lab, World
from experiments.scorecard.probes import nobody_adopts_live
from sim.tables import NEVER, Column

HALF_YEAR = 182
_SPAN = 56  # days before and after


def adopted(lab: Lab) -> Column:
    """Return which sellers adopt LIVE in the first half of the plain half-year twin."""
    since, first = plain_half_year(lab).state.sellers.live_since, lab.base.calendar.burn_in
    found: Column = (since != NEVER) & (since >= first + _SPAN) & (since < first + HALF_YEAR - _SPAN)
    return found


def plain_half_year(lab: Lab) -> World:
    """Return the plain twin, half a year long."""
    return lab.twin("plain, half a year", days=HALF_YEAR)


def before_and_after(lab: Lab, blocked: bool) -> tuple[Column, Column]:
    """Return the orders of each adopter in the 8 weeks before and after it adopts, two (n_adopters,) arrays."""
    world = plain_half_year(lab)
    since, who = world.state.sellers.live_since - lab.base.calendar.burn_in, np.flatnonzero(adopted(lab))
    if blocked:
        world = lab.twin("nobody adopts LIVE", prepare=nobody_adopts_live, days=HALF_YEAR)
    seller, day = world.orders.seller, world.day
    before, after = np.zeros(len(since)), np.zeros(len(since))
    relative = day - since[seller]
    np.add.at(before, seller[(relative >= -_SPAN) & (relative < 0)], 1)
    np.add.at(after, seller[(relative >= 0) & (relative < _SPAN)], 1)
    return before[who], after[who]


def live_naive(lab: Lab) -> float:
    """Return the mean of adopters' ratios of orders after adopting LIVE over before, as a press release has it."""
    before, after = before_and_after(lab, blocked=False)
    some = before > 0
    return float(np.mean(after[some] / before[some]))


def live_causal(lab: Lab) -> float:
    """Return the orders of adopters after adopting LIVE over those of the same sellers where nobody may adopt."""
    return float(before_and_after(lab, blocked=False)[1].sum() / before_and_after(lab, blocked=True)[1].sum())


def live_selection(lab: Lab) -> float:
    """Return how adopters' orders grew before they adopted LIVE, over how all orders grew over the same days.

    Growth is from one span of 8 weeks to the next. What is above 1 had nothing to do with LIVE.
    """
    orders, sellers = lab.run.orders, lab.run.sellers
    orders = orders[orders["status"] != "sold_out"]
    since = sellers["live_since"] - lab.base.calendar.burn_in
    since = since[(since >= 2 * _SPAN) & (since < lab.run.days)]
    relative = (orders["day"] - orders["seller"].map(since)).to_numpy()  # NaN for who does not adopt
    mine = [np.count_nonzero((relative >= -k * _SPAN) & (relative < (1 - k) * _SPAN)) for k in (1, 2)]
    before = np.concatenate([[0], np.cumsum(np.bincount(orders["day"], minlength=lab.run.days))])
    days = since.to_numpy()
    everybody = [(before[days - (k - 1) * _SPAN] - before[days - k * _SPAN]).sum() for k in (1, 2)]
    return float(mine[0] / mine[1] / (everybody[0] / everybody[1]))


def bass_q(lab: Lab) -> float:
    """Return the imitation parameter of a Bass curve fitted to the share of sellers who go LIVE [1/year]."""
    share = lab.run.metrics["sellers_live"].to_numpy()
    years = np.arange(len(share)) / 365.0

    def curve(t: Column, q: float) -> Column:
        """Return the share at time t that follows from the first share, with p = .03 a year."""
        p, a = 0.03, share[0]
        k = (1.0 - a) / (p + q * a)
        found: Column = (1.0 - k * p * np.exp(-(p + q) * t)) / (1.0 + k * q * np.exp(-(p + q) * t))
        return found

    return float(curve_fit(curve, years, share, p0=[0.4], bounds=(0.0, 5.0))[0][0])
