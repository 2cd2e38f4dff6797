"""Luck: many lives of the same people, on the platform as it is and on others.

    y_ipw = mean + a_i + b_ip + e_ipw        rank of person i by income, on platform p, in history w

The share of the variance of ``y`` that is ``e`` is luck: the same people, the same platform, the same day 0. ``b`` is
what a platform's rules make of a person. ``a`` is who a person is and what had happened by day 0, which a regression
on traits tells apart (quality, position). Components are estimated by analysis of variance; ranks run from 0 to 1.
"""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from experiments.results import Progress
from experiments.scorecard.lab import World, live
from sim.market import Market
from sim.scenario import Scenario
from sim.state import State
from sim.tables import Column

WINDOW = 28  # days before the end over which income is counted
#: Rules that the platform could have instead.
PLATFORMS: dict[str, dict[str, Any]] = {
    "as it is": {},
    "popularity does not count": {"mechanisms.discovery.gamma": 0.0, "mechanisms.search.gamma_shelf": 0.0},
    "more exploration": {"mechanisms.discovery.epsilon": 0.25},
    "sharper recommendations": {"mechanisms.discovery.kappa": 2.0},
}
GROUPS = (("top 1 %", 0.99, 1.0), ("next 9 %", 0.9, 0.99), ("next 40 %", 0.5, 0.9), ("lower half", 0.0, 0.5))


class Luck(NamedTuple):
    """What was found about one kind of people."""

    shares: dict[str, float]  # of the variance of ranks: quality, position, platform, luck
    ranks: pd.DataFrame  # a row a group: how far the rank of a person differs between histories


def luck(base: Scenario, worlds: int, days: int, progress: Progress = None) -> dict[str, Luck]:
    """Return the luck of the creators and of the sellers who are in business on day 0."""
    start = Market(base).state
    here = start.active(base.calendar.burn_in)
    n = len(start.creators)
    rows = {"creators": np.flatnonzero(here[:n]), "sellers": np.flatnonzero(here[n:])}
    ranks: dict[str, list[list[Column]]] = {kind: [[] for _ in PLATFORMS] for kind in rows}
    for number, changes in enumerate(PLATFORMS.values()):
        for history in range(1, worlds + 1):
            scenario = base.with_values({**changes, "history": history})
            world = live(Market(scenario, origin=base), lambda state: None, days)
            for kind, these in rows.items():
                ranks[kind][number].append(rank(incomes(world, kind, days)[these]))
            if progress:
                progress(number * worlds + history, worlds * len(PLATFORMS))
    traits = {"creators": traits_of_creators(start), "sellers": traits_of_sellers(start)}
    found = {}
    for kind, these in rows.items():
        y: Column = np.array(ranks[kind])
        found[kind] = Luck(components(y, traits[kind][these]), intervals(y[0]))
    return found


def incomes(world: World, kind: str, days: int) -> Column:
    """Return commission of creators, or revenue after fee and commission of sellers, over the last days [Rp], (n,)."""
    late, orders = world.day >= days - WINDOW, world.orders
    if kind == "creators":
        n = len(world.state.creators)
        paid = late & (orders.host >= 0) & (orders.host < n)
        return np.bincount(orders.host[paid], orders.commission[paid].astype(np.float64), n)
    kept = (orders.price - orders.fee - orders.commission)[late].astype(np.float64)
    return np.bincount(orders.seller[late], kept, len(world.state.sellers))


def rank(values: Column) -> Column:
    """Return the rank of each value from 0 to 1, (n,); equals share the mean of theirs."""
    found: Column = (rankdata(values) - 0.5) / len(values)
    return found


def components(y: Column, traits: Column) -> dict[str, float]:
    """Return the shares of the variance of ``y`` (platforms, worlds, n); ``traits`` is (n, n_traits)."""
    n_platforms, n_worlds, _ = y.shape
    noise = float(y.var(axis=1, ddof=1).mean())
    cells = y.mean(axis=1)
    platform = max(0.0, float(cells.var(axis=0, ddof=1).mean()) - noise / n_worlds)
    means = cells.mean(axis=0)
    person = max(0.0, float(means.var(ddof=1)) - platform / n_platforms - noise / (n_platforms * n_worlds))
    explained = min(person, float(means.var(ddof=1)) * fit(means, traits))
    whole = noise + platform + person
    parts = {"quality": explained, "position": person - explained, "platform": platform, "luck": noise}
    return {name: part / whole for name, part in parts.items()}


def fit(y: Column, traits: Column) -> float:
    """Return the adjusted share of the variance of ``y`` (n,) that a linear regression on ``traits`` explains."""
    x = np.column_stack([np.ones(len(y)), traits])
    used = int(np.linalg.matrix_rank(x))
    left = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    return max(0.0, 1.0 - float(left @ left) / (len(y) - used) / float(y.var(ddof=1)))


def intervals(y: Column) -> pd.DataFrame:
    """Return how far ranks ``y`` (worlds, n) of one person differ, a row a group by mean rank.

    ``width`` is the median width of the interval of a person's rank that holds nine histories in ten; ``stay`` how
    often a person of the group ranks at least as high as the group begins.
    """
    means = rank(y.mean(axis=0))
    low, high = np.quantile(y, [0.05, 0.95], axis=0)
    rows = []
    for name, least, most in GROUPS:
        these = (means >= least) & (means <= most)
        if these.any():
            width, stay = float(np.median((high - low)[these])), float((y[:, these] >= least).mean())
            rows.append({"group": name, "people": int(these.sum()), "width": width, "stay": stay})
    return pd.DataFrame(rows)


def traits_of_creators(start: State) -> Column:
    """Return what creators are like whatever happens to them, (n, n_traits), with niches as 0 and 1."""
    c = start.creators
    own = [c.charm, c.charm**2, c.skill, c.live_skill, c.usual_effort, np.log(c.usual_effort + 1e-3), c.live_chance]
    return np.column_stack([*own, np.eye(start.n_categories)[c.category]])


def traits_of_sellers(start: State) -> Column:
    """Return what sellers are like whatever happens to them, (n, n_traits), with categories as 0 and 1."""
    s, p, n = start.sellers, start.products, len(start.sellers)
    products = np.bincount(p.seller, minlength=n)
    own = [s.charm, np.log(s.usual_effort + 1e-3), s.skill, products, np.bincount(p.seller, p.quality, n) / products,
           np.bincount(p.seller, np.log(p.price), n) / products, s.local, s.open, s.commission, s.size,
           s.live_chance]  # fmt: skip
    return np.column_stack([*own, np.eye(start.n_categories)[s.category]])
