"""The orders of a run: held back until it is known what became of them, then counted in and written down."""

from collections import deque
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from experiments.pages import CHANNELS, STATUSES, Pages, named
from experiments.provenance import Fingerprint, orders_by_id
from sim.mechanism import Today
from sim.state import Orders, Status
from sim.tables import NOTHING, Column

OWN_ACCOUNT = 1 << 31  # hosts with ids from here on are sellers


@dataclass
class _Waiting:
    day: int
    orders: Orders
    place: Column  # (n,) rows of ``orders``, by id
    columns: dict[str, Column]  # by id


@dataclass
class OrderBook:
    """Reads each day's orders, in order of days; ``pages`` gets them too where somebody wants to keep them."""

    pages: Pages | None = None
    fingerprint: Fingerprint = field(default_factory=Fingerprint)
    _waiting: deque[_Waiting] = field(default_factory=deque)

    def __post_init__(self) -> None:
        """Let the pages know their columns, even if nobody ever orders."""
        if self.pages:
            nothing = Orders.empty(0)
            self.pages.add(_told(0, {name: getattr(nothing, name) for name in nothing.columns()}))

    def read(self, today: Today) -> None:
        """Take in the orders of a day that is over, and let go of those whose money has left escrow."""
        place, columns = orders_by_id(today)
        self._waiting.append(_Waiting(today.day, today.flows.orders, place, columns))
        while self._waiting and not (self._waiting[0].orders.status == Status.OPEN).any():
            self._write(self._waiting.popleft())

    def close(self) -> None:
        """Take the orders that are still open as they are."""
        while self._waiting:
            self._write(self._waiting.popleft())

    def _write(self, waiting: _Waiting) -> None:
        columns = {**waiting.columns, "status": waiting.orders.status[waiting.place]}
        self.fingerprint.add(f"orders {waiting.day}", columns)
        if self.pages:
            self.pages.add(_told(waiting.day, columns))


def _told(day: int, columns: dict[str, Column]) -> dict[str, Any]:
    """Return columns of orders as people read them."""
    host = columns["host"]
    return {
        "day": np.full(len(host), day, np.int32),
        "user": columns["user"],
        "product": columns["product"],
        "seller": columns["seller"],
        "creator": np.where((host != NOTHING) & (host < OWN_ACCOUNT), host, NOTHING).astype(np.int32),
        "room": columns["room"].astype(np.int64),
        "channel": named(columns["channel"], CHANNELS),
        **{name: columns[name] for name in ("price", "subsidy", "shipping", "fee", "commission", "top_up")},
        "status": named(columns["status"], STATUSES),
    }
