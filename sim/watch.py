"""Watching a mechanism at work: what it remembers, which columns it writes, from which streams it draws."""

import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

import numpy as np
import pydantic

from sim.errors import MechanismError
from sim.flows import Block
from sim.ledger import accounts, total
from sim.mechanism import Mechanism, Today
from sim.rng import Key
from sim.state import State
from sim.tables import Column, Table

#: The one mechanism that may move money.
MOVER = "settlement"
TABLES = ("users", "creators", "sellers", "products", "hosts")
MONEY = ("users.wallet", "creators.cash", "sellers.cash", "hosts.cash")
PURSES = ("books.platform", "books.programs", "books.escrow", "books.outside")
#: Who is who, and what belongs to whom: fixed when the market is drawn.
WHO = (
    "users.id", "creators.id", "sellers.id", "products.id", "hosts.id", "products.seller", "sellers.first_product",
    "sellers.n_products", "category_price", "popularity", "host_identity",
)  # fmt: skip


def arrays_in(thing: Any, name: str = "") -> Iterator[tuple[str, Column]]:
    """Yield every array and number in tables, dataclasses, mappings and lists, under dotted names."""
    if isinstance(thing, np.ndarray):
        yield name, thing
    elif isinstance(thing, bool | int | float | np.generic):
        yield name, np.asarray(thing)
    elif is_dataclass(thing):
        for inner in fields(thing):
            yield from arrays_in(getattr(thing, inner.name), f"{name}.{inner.name}".lstrip("."))
    elif isinstance(thing, dict):
        for key in sorted(thing, key=str):
            yield from arrays_in(thing[key], f"{name}.{key}".lstrip("."))
    elif isinstance(thing, list | tuple):
        for i, inner in enumerate(thing):
            yield from arrays_in(inner, f"{name}.{i}")


def same(one: Column, other: Column) -> bool:
    """Tell whether two arrays agree to the last bit."""
    return one.shape == other.shape and one.dtype == other.dtype and one.tobytes() == other.tobytes()


def memory(mechanism: Mechanism) -> dict[str, bytes]:
    """Return what a mechanism carries in itself and in its class, by name, each as bytes."""
    kind = type(mechanism)
    held = {**vars(mechanism), **(mechanism.__pydantic_private__ or {})}
    held |= {f"{kind.__name__}.{name}": getattr(kind, name) for name in kind.__class_vars__}
    return {name: _bytes(value) for name, value in held.items()}


def _bytes(value: Any) -> bytes:
    try:
        return pickle.dumps(value)
    except Exception:  # whatever cannot be written down is known by its name
        return repr(value).encode()


@dataclass
class Listening(Today):
    """A day that hears from which streams draws are taken, and whether the mechanism that is judged takes them."""

    judging: bool = False
    heard: tuple[set[int], set[int]] = field(default_factory=lambda: (set(), set()))  # by others, by the judged

    def key(self, stream: int) -> Key:
        """Return the key of one decision today."""
        self.heard[self.judging].add(int(stream))
        return super().key(stream)


class Watched:
    """A mechanism under watch, to be put into a plan in its place.

    ``written`` has the columns of the state that it wrote.

    Raises
    ------
    MechanismError : by any of its methods, when the mechanism writes what it must not write.
    """

    def __init__(self, mechanism: Mechanism) -> None:
        self.mechanism, self.written = mechanism, set[str]()
        self.name, self.phase, self.says = mechanism.name, mechanism.phase, mechanism.says
        self.who = type(mechanism).__name__

    def begin(self, state: State, seed: int) -> Table | None:
        """Watch ``begin``."""
        with self._watch(state):
            return self.mechanism.begin(state, seed)

    def freeze(self, today: Today) -> None:
        """Watch ``freeze``, which may set proposals."""
        with self._watch(today.state, proposals=False):
            self.mechanism.freeze(today)

    def prepare(self, today: Today) -> None:
        """Watch ``prepare``."""
        with self._judging(today), self._watch(today.state):
            self.mechanism.prepare(today)

    def step(self, today: Today) -> None:
        """Watch ``step``."""
        with self._judging(today), self._watch(today.state):
            self.mechanism.step(today)

    def act(self, today: Today, block: Block) -> None:
        """Watch ``act``, which may write users of its block alone."""
        flows = _copied({"flows": {n: v for n, v in vars(today.flows).items() if n != "ready"}, "levers": today.levers})
        users = {name: column.copy() for name, column in arrays_in(today.state.users, "users")}
        before = set(self.written)
        with self._judging(today), self._watch(today.state):
            self.mechanism.act(today, block)
        now = {"flows": today.flows, "levers": today.levers}
        changed = [name for name, column in arrays_in(now) if name in flows and not same(column, flows[name])]
        changed += [name for name in sorted(self.written - before) if not name.startswith("users.")]
        for name, column in arrays_in(today.state.users, "users"):
            was, is_now = (np.delete(c, np.s_[block.start : block.stop], axis=0) for c in (users[name], column))
            if not same(was, is_now):
                changed.append(f"{name} of users outside the block")
        self.written |= before
        if changed:
            raise MechanismError(
                f"{self.who}.act writes {changed[0]}, while other blocks run. Write users of the block only, count in"
                " block.counts, and do the rest in the phase after."
            )

    @contextmanager
    def _judging(self, today: Today) -> Iterator[None]:
        """Put down the streams that are asked for meanwhile to this mechanism."""
        if isinstance(today, Listening):
            today.judging = True
        yield
        if isinstance(today, Listening):
            today.judging = False

    @contextmanager
    def _watch(self, state: State, proposals: bool = True) -> Iterator[None]:
        """Refuse what must not be written meanwhile; remember what was."""
        before = {name: (column, column.copy()) for name, column in _columns(state)}
        frozen, held = dict(state.proposals), _wealth(state)
        try:
            yield
        except pydantic.ValidationError as mistake:
            if mistake.errors()[0]["type"] != "frozen_instance":
                raise
            raise self._remembers(str(mistake.errors()[0]["loc"][0])) from None
        written = set()
        for name, column in _columns(state):
            was, content = before.get(name, (column, column))
            if column is not was:
                raise MechanismError(
                    f"{self.who} puts another array in the place of state.{name}, which others go on reading."
                    f" Write into it: state.{name}[:] = ..."
                )
            if not same(column, content):
                written.add(name)
        self._judge(written, _wealth(state) - held)
        if proposals and any(state.proposals.get(name) is not one for name, one in frozen.items()):
            raise MechanismError(f"{self.who} changes state.proposals, which twins share. Do it in freeze().")
        self.written |= {name for name in written if not name.startswith("hosts.")}

    def _judge(self, written: set[str], made: int) -> None:
        """Refuse columns that no mechanism may write, and money by anybody but the mover."""
        for name in sorted(written & {*WHO}):
            raise MechanismError(f"{self.who} writes {name}, which says who is who. Leave it as it was drawn.")
        for name in sorted(written & {*MONEY, *PURSES}):
            if self.name != MOVER:
                raise MechanismError(
                    f"{self.who} moves money: it writes {name}. Leave money to {MOVER}: change what orders or programs"
                    " owe (flows.orders, flows.dues, flows.bonuses), or write a program."
                )
        if made:
            raise MechanismError(
                f"{self.who} makes Rp{made:,}: all accounts together must stay at what they were."
                " Move money with Journal.move, from one account to another."
            )

    def _remembers(self, name: str) -> MechanismError:
        return MechanismError(
            f"{self.who} keeps something in itself: {name!r} changes while it runs."
            " Return a table from begin(), and keep it there: today.state.own[self.name]."
        )

    def refuse_memory(self, before: dict[str, bytes]) -> None:
        """Refuse a mechanism whose ``memory`` is not what it was."""
        now = memory(self.mechanism)
        for name in sorted(before.keys() | now.keys()):
            if before.get(name) != now.get(name):
                raise self._remembers(name)


def _columns(state: State) -> Iterator[tuple[str, Column]]:
    """Yield every array of the state that no mechanism brought along."""
    for name in (*TABLES, "books", "category_price", "popularity", "host_identity"):
        for inner, column in arrays_in(getattr(state, name), name):
            if not inner.startswith("books.midnight"):
                yield inner, column


def _copied(thing: Any) -> dict[str, Column]:
    return {name: column.copy() for name, column in arrays_in(thing)}


def _wealth(state: State) -> int:
    """Return what all accounts hold together [Rp]."""
    return sum(total(account.holdings) for account in accounts(state).values())
