"""A market and its twin, lived side by side, a day at a time."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from experiments.dashboard.setup import Worlds
from experiments.whatif.world import Life
from sim.entries import shown
from sim.errors import ScenarioError
from sim.market import Market
from sim.tables import Column

LARGEST = 3_000_000  # users: more would take minutes a day, and a memory that a page should not take

#: Hears how many of how many days of the burn-ins are done.
Tell = Callable[[int, int], None]


class Stopped(Exception):
    """Somebody wants something else before the market has settled."""


@dataclass
class Twins:
    """Two lives; without a program there is but one, and ``variant`` is ``base``."""

    worlds: Worlds
    base: Life
    variant: Life
    ledger: dict[str, Counter[str]] = field(default_factory=lambda: {"base": Counter(), "variant": Counter()})  # [Rp]

    @classmethod
    def settled(cls, worlds: Worlds, tell: Tell) -> "Twins":
        """Return both on day 0. ``tell`` may raise ``Stopped``.

        Raises
        ------
        ScenarioError : there are too many users for a page.
        """
        users = worlds.base.population.users
        if users / worlds.base.population.scale > LARGEST:
            raise ScenarioError(f"{shown(users)} users are too many for a page. Choose a larger population.scale.")
        burn_in = worlds.base.calendar.burn_in
        base = Life(worlds.base, on_day=lambda day: tell(day, burn_in))
        if worlds.variant is None:
            return cls(worlds, base, base)
        return cls(worlds, base, Life(worlds.variant, on_day=lambda day: tell(day, burn_in)))

    @property
    def two(self) -> bool:
        """Are there two of them?"""
        return self.base is not self.variant

    @property
    def day(self) -> int:
        """Days that both have lived."""
        return self.base.days

    @property
    def scale(self) -> float:
        """People that an agent stands for."""
        return float(self.worlds.base.population.scale)

    @property
    def lives(self) -> tuple[tuple[str, Life], ...]:
        """Both, by name."""
        return (("base", self.base), ("variant", self.variant))

    def step(self) -> None:
        """Live a day in both worlds."""
        for world, life in self.lives if self.two else self.lives[:1]:
            life.step()
            assert life.market.today is not None
            self.ledger[world].update(life.market.today.flows.settled)

    def books(self, world: str) -> Counter[str]:
        """Return what each line of a world's ledger has come to since day 0, of the agents [Rp]."""
        return self.ledger[world if self.two else "base"]

    def metric(self, name: str) -> dict[str, Column]:
        """Return a metric of all days, (days,), of each world."""
        return {world: column(life.market, name) for world, life in self.lives}

    def means(self, name: str) -> dict[str, float]:
        """Return the mean of a metric over the days, of each world; NaN before the first."""
        found = self.metric(name)
        return {world: float(np.nanmean(c)) if (~np.isnan(c)).any() else float("nan") for world, c in found.items()}


def column(market: Market, name: str) -> Column:
    """Return one metric of all days lived, (days,) float64."""
    found: Column = market.recorder.column(name).astype(np.float64)
    return found


def program_state(life: Life) -> list[dict[str, Any]]:
    """Return title, first day, end, day on which the budget was spent, and money spent, of each program."""
    market, found = life.market, []
    burn_in, books = market.settings.calendar.burn_in, market.state.books
    for me, program in enumerate(market.settings.programs):
        start, end = int(getattr(program, "start", 0)), int(getattr(program, "end", 10**6))
        spent_up = int(books.spent_up[me]) - burn_in
        over = spent_up if spent_up <= market.day else None
        found.append({"program": program.title, "start": start, "end": end if over is None else min(end, over),
                      "spent_up": over, "spent": -int(books.programs[me])})  # fmt: skip
    return found
