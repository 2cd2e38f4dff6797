"""The ledger: every movement of money is a line with two sides, and nothing else moves it."""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from sim.errors import LedgerError
from sim.mechanism import Today
from sim.state import State, Status
from sim.tables import Column

ACCOUNTS = ("users", "creators", "sellers", "platform", "programs", "escrow", "outside")


class Account(NamedTuple):
    """One kind of account: its name, and what each of its holders has [Rp]."""

    name: str
    holdings: Column


def accounts(state: State) -> dict[str, Account]:
    """Return all accounts, by name. They are the columns themselves: what moves here moves there."""
    books = state.books
    holdings = {
        "users": state.users.wallet,
        "creators": state.creators.cash,
        "sellers": state.sellers.cash,
        "platform": books.platform,
        "programs": books.programs,
        "escrow": books.escrow,
        "outside": books.outside,
    }
    return {name: Account(name, column) for name, column in holdings.items()}


def total(amounts: Column) -> int:
    """Return an exact sum of whole rupiah."""
    return int(np.asarray(amounts).sum(dtype=np.int64))


@dataclass
class Journal:
    """The lines of one day: ``reason: debit > credit`` to rupiah, and by how much each account moved."""

    state: State
    lines: dict[str, int]
    change: dict[str, int] = field(default_factory=dict)

    def move(
        self, reason: str, debit: str, credit: str, amounts: Column, *, of: Column | int = 0, to: Column | int = 0
    ) -> None:
        """Move ``amounts`` (n,) [Rp] from the rows ``of`` of one account to the rows ``to`` of another."""
        book = accounts(self.state)
        np.subtract.at(book[debit].holdings, np.broadcast_to(of, amounts.shape), amounts)
        np.add.at(book[credit].holdings, np.broadcast_to(to, amounts.shape), amounts)
        self.note(reason, debit, credit, total(amounts))

    def note(self, reason: str, debit: str, credit: str, amount: int) -> None:
        """Write down a movement that has been made."""
        self.change[debit] = self.change.get(debit, 0) - amount
        self.change[credit] = self.change.get(credit, 0) + amount
        if amount:
            line = f"{reason}: {debit} > {credit}"
            self.lines[line] = self.lines.get(line, 0) + amount


def check_books(today: Today, journal: Journal) -> None:
    """Compare the books with their lines, every evening.

    Raises
    ------
    LedgerError : an account moved by anything but its lines, escrow is not what open orders are worth,
        or somebody is overdrawn, or a program beyond its budget; names the account and the day.
    """
    books, day = today.state.books, today.day
    for name, account in accounts(today.state).items():
        held = total(account.holdings)
        moved = held - books.midnight.get(name, 0) - journal.change.get(name, 0)
        if moved:
            raise LedgerError(
                f"Day {day}: the account {name!r} moved by Rp{moved:,} that no line of the ledger explains."
            )
        books.midnight[name] = held
    over = np.flatnonzero(books.programs + today.levers.budgets < 0)
    if len(over):
        raise LedgerError(f"Day {day}: program {over[0]} spent more than its budget. Let it owe only what it has left.")
    owed = sum(total((p.orders.price + p.orders.top_up)[p.orders.status == Status.OPEN]) for p in today.state.parcels)
    if books.midnight["escrow"] != owed:
        raise LedgerError(
            f"Day {day}: the account 'escrow' holds Rp{books.midnight['escrow']:,} for Rp{owed:,} of open orders."
        )
    for name in ("users", "creators", "sellers"):
        holdings = accounts(today.state)[name].holdings
        if len(holdings) and holdings.min() < 0:
            row = int(holdings.argmin())
            raise LedgerError(f"Day {day}: row {row} of the account {name!r} is overdrawn: Rp{int(holdings[row]):,}.")


def open_books(state: State) -> None:
    """Take what everybody holds before the first day as given by the outside, so that all accounts sum to zero."""
    held = {name: total(account.holdings) for name, account in accounts(state).items()}
    state.books.outside[0] -= sum(held.values())
    state.books.midnight = {**held, "outside": int(state.books.outside[0])}
