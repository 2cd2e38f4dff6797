"""Where do kernels and people part? The first day, mechanism, agent and column that differ.

    first_difference(load("village"), days=10)      # None: alike

For whoever changes a kernel or a rule: both markets live day by day, and after each mechanism everything that is
remembered or flows is compared, bit for bit.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from sim.burn_in import begin_day
from sim.day import Machine, simulate
from sim.errors import ScenarioError
from sim.flows import Block
from sim.market import Market
from sim.mechanism import Mechanism, Plan, Today
from sim.plain.market import PlainMarket
from sim.scenario import Scenario
from sim.state import Books
from sim.tables import Column, Table

MOST_USERS = 5_000
Everything = dict[str, Column]
_OWNERS = {"offers": "users", "counts of hosts": "hosts"}  # tables whose rows are those of another


@dataclass(frozen=True)
class Difference:
    """What differs first."""

    day: int
    mechanism: str
    column: str
    row: int
    id: int | None  # of the agent in that row, where it is one
    kernels: Any
    by_hand: Any

    def __str__(self) -> str:
        """Return it as a sentence."""
        who = f"row {self.row}" + (f" (id {self.id})" if self.id is not None else "")
        said = f"{self.kernels} by kernels, {self.by_hand} by hand"
        return f"day {self.day}, {self.mechanism}: {self.column} in {who} is {said}"


def first_difference(
    scenario: Scenario, days: int, on_day: Callable[[int], None] = lambda day: None
) -> Difference | None:
    """Live ``days`` in both markets; return where they part, or None.

    Raises
    ------
    ScenarioError : there are more users than people can act for in a reasonable time.
    """
    users = scenario.population.count(scenario.population.users)
    if users > MOST_USERS:
        raise ScenarioError(
            f"By hand, {users:,} users take too long; {MOST_USERS:,} are the most. Choose a larger population.scale."
        )
    markets = Market(scenario, threads=1), PlainMarket(scenario)
    for day in range(days):
        logs = [list(_lived(market)) for market in markets]
        for (name, mine), (_, theirs) in zip(*logs, strict=True):
            for column in mine:
                if found := _where(mine[column], theirs[column]):
                    row, a, b = found
                    return Difference(day, name, column, row, _id_of(markets[0], column, row), a, b)
        on_day(day + 1)
    return None


def _lived(market: Market) -> list[tuple[str, Everything]]:
    """Live a day; return everything there is after each mechanism."""
    scenario, log = market.settings, list[tuple[str, Everything]]()
    counter = scenario.calendar.burn_in + market.day
    today = market.today = begin_day(market.state, scenario.calendar, counter, scenario.seed, scenario.history)
    machine = Machine(threads=1, block=max(1, len(market.state.users)))
    simulate(_WatchedPlan(scenario.mechanisms, log), scenario.programs, today, machine)  # type: ignore[arg-type]
    market.day += 1
    return log


class _WatchedPlan:
    """A day whose mechanisms write down what they leave behind."""

    def __init__(self, plan: Plan, log: list[tuple[str, Everything]]) -> None:
        for phase in fields(plan):
            setattr(self, phase.name, tuple(_Watched(mechanism, log) for mechanism in getattr(plan, phase.name)))


class _Watched:
    def __init__(self, mechanism: Mechanism, log: list[tuple[str, Everything]]) -> None:
        self.mechanism, self.log, self.prepare = mechanism, log, mechanism.prepare

    def step(self, today: Today) -> None:
        self.mechanism.step(today)
        self.log.append((self.mechanism.name, dict(_everything(today, None))))

    def act(self, today: Today, block: Block) -> None:
        self.mechanism.act(today, block)
        self.log.append((self.mechanism.name, dict(_everything(today, block))))


def _everything(today: Today, block: Block | None) -> Iterator[tuple[str, Column]]:
    """Yield a copy of every column there is, by name."""
    state, flows = today.state, today.flows
    tables: dict[str, Table | None] = {
        "users": state.users, "hosts": state.hosts, "creators": state.creators, "sellers": state.sellers,
        "products": state.products, "orders": flows.orders, "dues": flows.dues, "rooms": flows.rooms,
        "closed": flows.closed, **state.own,
    }  # fmt: skip
    counts = flows.counts
    if block is not None:
        counts = block.counts
        tables |= {"offers": block.offers, "orders of the block": block.orders, "dues of the block": block.dues}
    tables |= {"counts of hosts": counts.hosts, "counts of rooms": counts.rooms}
    for name, table in tables.items():
        for column in table.columns() if table is not None else ():
            yield f"{name}.{column}", getattr(table, column).copy()
    yield "counts.totals", counts.totals.copy()
    for name in ("showcase", "posts", "fresh", "appeal", "perceived", "restocked", "joined", "gave_up"):
        yield f"flows.{name}", getattr(flows, name).copy()
    for account in fields(Books):
        if account.name != "midnight":
            yield f"books.{account.name}", getattr(state.books, account.name).copy()
    lines = sorted(flows.settled.items())
    yield "ledger.lines", np.array([f"{line}: {amount}" for line, amount in lines])


def _where(a: Column, b: Column) -> tuple[int, Any, Any] | None:
    """Return the first row in which two columns differ, and both values; None if they are alike."""
    n = min(len(a), len(b))
    unlike = a[:n] != b[:n]
    if a.dtype.kind == "f":
        unlike &= ~(np.isnan(a[:n]) & np.isnan(b[:n]))
    rows = np.flatnonzero(unlike.reshape(n, -1).any(axis=1)) if n else np.zeros(0, np.int64)
    if len(rows):
        return int(rows[0]), a[rows[0]].tolist(), b[rows[0]].tolist()
    if len(a) != len(b):
        return n, f"{len(a):,} rows", f"{len(b):,} rows"
    return None


def _id_of(market: Market, column: str, row: int) -> int | None:
    name = column.partition(".")[0]
    table: Any = getattr(market.state, _OWNERS.get(name, name), None)
    return int(table.id[row]) if hasattr(table, "id") and row < len(table) else None
