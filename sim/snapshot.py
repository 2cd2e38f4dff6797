"""A state on disk: one uncompressed ``.npz`` file of plain arrays, written whole or not at all."""

import os
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from sim.ledger import ACCOUNTS
from sim.sampler import Proposal
from sim.state import Books, Creators, Dues, Orders, Parcel, Products, Sellers, State, Users
from sim.tables import Table

_TABLES: dict[str, type[Table]] = {"users": Users, "creators": Creators, "sellers": Sellers, "products": Products}
_FIXED = ("category_price", "popularity")
_PARCEL = tuple(f.name for f in fields(Parcel) if f.name not in ("orders", "dues"))


def save(state: State, path: Path) -> None:
    """Write ``state`` to ``path``; tables of single mechanisms (``state.own``) are not part of it."""
    arrays: dict[str, Any] = {name: getattr(state, name) for name in _FIXED}
    arrays |= {"category_names": np.array(state.category_names, np.str_), "scale": np.array(state.scale)}
    for name in _TABLES:
        _put(arrays, name, getattr(state, name))
    for name, proposal in state.proposals.items():
        arrays.update({f"proposal.{name}.{f}": getattr(proposal, f) for f in Proposal._fields})
    arrays.update({f"books.{f.name}": getattr(state.books, f.name) for f in fields(Books) if f.name != "midnight"})
    arrays["midnight"] = np.array([state.books.midnight.get(name, 0) for name in ACCOUNTS], np.int64)
    parcels = [[getattr(parcel, name) for name in _PARCEL] for parcel in state.parcels]
    arrays["parcels"] = np.array(parcels, np.int64).reshape(-1, len(_PARCEL))
    for parcel in state.parcels:
        _put(arrays, f"orders.{parcel.day}", parcel.orders)
        _put(arrays, f"dues.{parcel.day}", parcel.dues)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(f".{os.getpid()}.partial")
    with open(partial, "wb") as file:
        np.savez(file, **arrays)
    os.replace(partial, path)


def load(path: Path) -> State:
    """Read a state that ``save`` wrote."""
    with np.load(path, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    tables = {name: _get(arrays, name, kind) for name, kind in _TABLES.items()}
    state = State(**tables, **{name: arrays[name] for name in _FIXED})
    state.category_names, state.scale = tuple(arrays["category_names"].tolist()), float(arrays["scale"])
    names = {key.split(".")[1] for key in arrays if key.startswith("proposal.")}
    for name in sorted(names):
        state.proposals[name] = Proposal(*(arrays[f"proposal.{name}.{f}"] for f in Proposal._fields))
    for f in fields(Books):
        if f.name != "midnight":
            setattr(state.books, f.name, arrays[f"books.{f.name}"])
    state.books.midnight = dict(zip(ACCOUNTS, (int(x) for x in arrays["midnight"]), strict=True))
    for row in arrays["parcels"].tolist():
        numbers = dict(zip(_PARCEL, row, strict=True))
        day = numbers["day"]
        orders, dues = _get(arrays, f"orders.{day}", Orders), _get(arrays, f"dues.{day}", Dues)
        state.parcels.append(Parcel(orders=orders, dues=dues, **numbers))
    return state


def _put(arrays: dict[str, Any], name: str, table: Table) -> None:
    arrays.update({f"{name}:{column}": getattr(table, column) for column in table.columns()})


def _get(arrays: dict[str, Any], name: str, kind: type[Table]) -> Any:
    return kind(**{column: arrays[f"{name}:{column}"] for column in kind.columns()})
