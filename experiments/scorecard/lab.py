"""Worlds to measure: one long run of a scenario, and short twins of it that differ in one thing from day 0 on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from experiments.run import Run, run
from sim.market import Market
from sim.mechanism import Program
from sim.scenario import Scenario
from sim.state import Orders, State, Status
from sim.tables import Column, concatenate

TWIN_DAYS = 42
Prepare = Callable[[State], None]


@dataclass
class World:
    """What happened in one world, by row; twins have the same rows."""

    state: State  # at the end
    orders: Orders  # all that met stock
    day: Column  # (n_orders,) day of each
    views: Column  # (days, n_hosts) int32
    metrics: dict[str, Column]  # (days,) each

    def sales(self, by: str, n: int, since: int = 0, until: int = 1_000_000) -> Column:
        """Return the orders of each product, seller, user or host, (n,), from day ``since`` to before ``until``."""
        these = (self.day >= since) & (self.day < until)
        rows = getattr(self.orders, by)[these]
        return np.bincount(rows[rows >= 0], minlength=n).astype(np.float64)

    def total(self, metric: str) -> float:
        """Return a metric's sum over all days."""
        return float(self.metrics[metric].sum())


@dataclass
class Lab:
    """A scenario under test; every world is simulated once."""

    base: Scenario
    days: int  # of the long run
    twin_days: int = TWIN_DAYS
    _worlds: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def run(self) -> Run:
        """The long run, with its orders."""
        return run(self.base, days=self.days, orders=True)

    @cached_property
    def start(self) -> State:
        """The market on the morning of day 0."""
        return Market(self.base).state

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        """Return what ``make`` gives, made once under this name."""
        if name not in self._worlds:
            self._worlds[name] = make()
        return self._worlds[name]

    def twin(
        self,
        name: str,
        changes: Mapping[str, Any] | None = None,
        *,
        program: Program | None = None,
        prepare: Prepare = lambda state: None,
        history: int = 0,
        days: int | None = None,
    ) -> World:
        """Return a world that differs from day 0 on, by parameters, a program, or a hand laid on its state."""
        scenario = self.base.with_values({**(changes or {}), "history": history})
        if program is not None:
            scenario = scenario.but(programs=(*scenario.programs, program))
        days = days or self.twin_days
        found: World = self.once(name, lambda: live(Market(scenario, origin=self.base), prepare, days))
        return found

    @property
    def plain(self) -> World:
        """The twin in which nothing differs."""
        return self.twin("plain")

    def random(self, n: int, share: float, salt: int = 0) -> Column:
        """Return a random part of ``n`` rows, (n,) bool, the same in every call."""
        chosen: Column = np.random.default_rng((self.base.seed, salt, n)).random(n) < share
        return chosen


def live(market: Market, prepare: Prepare, days: int) -> World:
    """Simulate ``days`` of a market on whose state ``prepare`` has laid hands."""
    prepare(market.state)
    views, orders, day = [], [], []
    for _ in range(days):
        market.step()
        today = market.today
        assert today is not None
        met = today.flows.orders.take(today.flows.orders.status != Status.SOLD_OUT)
        views.append(today.flows.counts.hosts.views.astype(np.int32))
        orders.append(met)
        day.append(np.full(len(met), today.day))
    return World(
        market.state, concatenate(orders), np.concatenate(day), np.array(views), dict(market.recorder.columns())
    )
