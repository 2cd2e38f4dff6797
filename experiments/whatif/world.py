"""One simulated market, kept small enough to be held against its twin: days, orders, people at some days."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from experiments.provenance import orders_by_id, table_by_id
from sim.market import Market
from sim.mechanism import own_table
from sim.programs.enrolment import Enrolment
from sim.scenario import Scenario
from sim.state import Status
from sim.tables import NEVER, Column

#: What is kept of orders, with ids in place of rows; beside it ``margin``: price less fee, commission and unit cost.
ORDER_COLUMNS = ("user", "product", "seller", "host", "channel", "price", "subsidy", "commission", "top_up")
#: Days after which it is asked who gained and who lost; the last day of a run is one, too.
MARKS = (30, 90, 365)


@dataclass
class World:
    """What is known of a market after a run. All tables are in order of ids."""

    scenario: Scenario
    days: int
    metrics: dict[str, Column]  # (days,) by name
    orders: dict[str, Column]  # (n_orders,) in order of day and user, with day, kept (bool) and margin
    people: dict[str, dict[str, Column]]  # what does not change, by table and column
    marks: dict[int, dict[str, Column]]  # by day: what creators and sellers have taken in since day 0
    live_since: Column  # (n_sellers,) day on which a seller first went LIVE; below 0 before day 0, NEVER not at all
    programs: dict[str, dict[str, Any]]  # by title: spent [Rp], ended (day or None), side, and who takes part

    @property
    def gmv(self) -> int:
        """GMV over all days, orders that came back included [Rp]."""
        return int(self.orders["price"].sum())


class Life:
    """A market as it is lived day by day, with what reports will ask of it."""

    def __init__(
        self,
        scenario: Scenario,
        origin: Scenario | None = None,
        on_day: Callable[[int], None] = lambda day: None,
        keep: bool = True,
    ) -> None:
        """Settle the market of a scenario; ``origin`` is whose burnt-in market it goes on from, if not its own."""
        self.market = Market(scenario, origin=origin, threads=1, on_day=on_day, keep=keep)
        self.people = {name: _fixed(self.market, name) for name in ("users", "creators", "sellers", "products")}
        self._before = _taken_in(self.market)
        self._kept: list[tuple[int, Any, Column, dict[str, Column]]] = []
        self._marks: dict[int, dict[str, Column]] = {}

    @property
    def days(self) -> int:
        """Days lived."""
        return self.market.day

    def step(self) -> None:
        """Live a day."""
        self.market.step()
        self._kept.append(_orders(self.market))

    def taken_in(self) -> dict[str, Column]:
        """Return what creators were paid and sellers sold since day 0, by id [Rp]."""
        return {name: value - self._before[name] for name, value in _taken_in(self.market).items()}

    def sold(self) -> Column:
        """Return what each seller has sold since day 0, by row [Rp]."""
        sellers = self.market.state.sellers
        found: Column = sellers.revenue - self._before["revenue"][sellers.id]
        return found

    def mark(self) -> None:
        """Remember what everybody has taken in until today."""
        self._marks[self.days] = self.taken_in()

    def world(self) -> World:
        """Return what is known so far."""
        market = self.market
        metrics = {name: np.asarray(column) for name, column in market.recorder.columns().items()}
        orders = _joined(self._kept, self.people["products"]["cost"])
        burn_in = market.settings.calendar.burn_in
        since = table_by_id(market.state, "sellers")["live_since"].astype(np.int64)
        since = np.where(since == NEVER, NEVER, since - burn_in)
        return World(
            market.settings, self.days, metrics, orders, self.people, dict(self._marks), since, _programs(market)
        )


def simulate(
    scenario: Scenario,
    days: int,
    origin: Scenario | None = None,
    tell: Callable[[int], None] = lambda day: None,
    marks_at: Sequence[int] = MARKS,
) -> World:
    """Run a market for some days; ``origin`` is the scenario whose burnt-in market it goes on from."""
    life = Life(scenario, origin)
    for day in range(days):
        life.step()
        if day + 1 in marks_at:
            life.mark()
        tell(day + 1)
    return life.world()


def _fixed(market: Market, name: str) -> dict[str, Column]:
    """Return what reports ask of people, as it was on day 0."""
    wanted = {
        "users": ("id", "province", "income_decile", "student", "interest"),
        "creators": ("id", "province", "category", "student", "inclusion", "followers", "joined"),
        "sellers": ("id", "province", "category", "size", "local", "cluster", "joined", "recent", "earlier"),
        "products": ("id", "seller", "category", "local", "cost"),
    }
    table = table_by_id(market.state, name)
    return {column: table[column].copy() for column in wanted[name]}


def _taken_in(market: Market) -> dict[str, Column]:
    """Return what creators were paid, and what sellers sold, since the beginning [Rp]."""
    creators, sellers = table_by_id(market.state, "creators"), table_by_id(market.state, "sellers")
    paid = creators["earned_video"] + creators["earned_live"] + creators["earned_bonus"]
    return {"income": paid.astype(np.int64), "revenue": sellers["revenue"].astype(np.int64)}


def _orders(market: Market) -> tuple[int, Any, Column, dict[str, Column]]:
    """Return the orders of a day that is over; what becomes of them is asked later."""
    assert market.today is not None
    place, columns = orders_by_id(market.today)
    return market.today.day, market.today.flows.orders, place, columns


def _joined(kept: list[tuple[int, Any, Column, dict[str, Column]]], cost: Column) -> dict[str, Column]:
    """Return all accepted orders, one table."""
    parts = []
    for day, orders, place, columns in kept:
        status = orders.status[place]
        taken = status != Status.SOLD_OUT
        part = {name: columns[name][taken] for name in ORDER_COLUMNS}
        part["day"] = np.full(int(taken.sum()), day, np.int32)
        part["kept"] = status[taken] != Status.RETURNED
        part["margin"] = (columns["price"] - columns["fee"] - columns["commission"])[taken] - cost[part["product"]]
        parts.append(part)
    names = (*ORDER_COLUMNS, "day", "kept", "margin")
    if not parts:
        return {name: np.zeros(0, np.bool_ if name == "kept" else np.int64) for name in names}
    return {name: np.concatenate([part[name] for part in parts]) for name in names}


def _programs(market: Market) -> dict[str, dict[str, Any]]:
    """Return what each program did, by title."""
    found, books, burn_in = {}, market.state.books, market.settings.calendar.burn_in
    for me, program in enumerate(market.settings.programs):
        ended, own = int(books.spent_up[me]), market.state.own.get(own_table(me))
        found[program.title] = {
            "spent": -int(books.programs[me]),
            "ended": None if ended == NEVER else ended - burn_in,
            **(_treated(market, own) if isinstance(own, Enrolment) else {}),
        }
    return found


def _treated(market: Market, own: Enrolment) -> dict[str, Column]:
    """Return the day since which each takes part, by id (NEVER: not at all), for users or for creators and sellers."""
    state, burn_in = market.state, market.settings.calendar.burn_in
    since = np.where(own.since == NEVER, NEVER, own.since - burn_in)
    if len(own) == len(state.users) and len(own) != len(state.hosts):
        return {"users": since[np.argsort(state.users.id)]}
    n = len(state.creators)
    by_id = {
        "creators": (slice(0, n), np.argsort(state.creators.id)),
        "sellers": (slice(n, None), np.argsort(state.sellers.id)),
    }
    found = {side: since[rows][order] for side, (rows, order) in by_id.items()}
    if not own.assigned.all():
        found |= {f"drawn_{side}": own.assigned[rows][order] for side, (rows, order) in by_id.items()}
    return found
