"""Who a program is for: conditions on columns, as data.

    where: {province: [DKI Jakarta, Banten], followers: {at_least: 47}, student: true}

Every condition must hold. A value must be equal, a list must contain it, and ``at_least``, ``at_most``, ``above`` and
``below`` bound a number. Places, categories and sizes are named. Nothing is ever evaluated as code.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from sim.entries import close_to, shown
from sim.errors import ScenarioError
from sim.inputs import all_categories, provinces
from sim.state import Creators, Products, Sellers, Size, State, Users
from sim.tables import NEVER, Column, Table

Where = dict[str, Any]
BOUNDS = {"at_least": np.greater_equal, "at_most": np.less_equal, "above": np.greater, "below": np.less}
TABLES: dict[str, type[Table]] = {"users": Users, "creators": Creators, "sellers": Sellers, "products": Products}
#: Columns that are worked out: name, what it is.
WORKED_OUT = {
    "users": {},
    "creators": {"age": "days since joining", "live": "goes LIVE at times"},
    "sellers": {
        "age": "days since joining",
        "live": "goes LIVE at times",
        "umkm": "is micro, small or medium",
        "growth": "orders of the last four weeks over those of the four before, one added to each",
    },
    "products": {"umkm": "its seller is micro, small or medium", "cluster": "trade cluster of its seller"},
}
NAMED = {"province": "provinces", "category": "categories", "interest": "categories", "size": "sizes"}


def known_columns(side: str) -> tuple[str, ...]:
    """Return the columns that conditions on a table may name."""
    own = [name for name, meta in TABLES[side].columns().items() if not meta["width"]]
    return (*own, *WORKED_OUT[side])


def check(where: Mapping[str, Any], side: str, what: str) -> None:
    """Refuse conditions that mean nothing.

    Raises
    ------
    ValueError : says which condition of ``what``, and what to write instead.
    """
    for name, condition in where.items():
        if name not in known_columns(side):
            raise ValueError(f"{what}: {side} have no {shown(name)}. {close_to(name, known_columns(side))}")
        bounds = condition if isinstance(condition, Mapping) else {}
        for bound, value in bounds.items():
            if bound not in BOUNDS:
                raise ValueError(f"{what}.{name}: there is no bound {shown(bound)}. {close_to(bound, BOUNDS)}")
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise ValueError(f"{what}.{name}.{bound} = {shown(value)} is not a number. Write one.")
        for value in [] if bounds else _listed(condition):
            _check_value(name, value, what)


def _listed(condition: Any) -> list[Any]:
    return list(condition) if isinstance(condition, list | tuple) else [condition]


def _check_value(name: str, value: Any, what: str) -> None:
    if name in NAMED:
        names = {"provinces": provinces().names, "categories": all_categories().names, "sizes": _sizes()}[NAMED[name]]
        if value not in names:
            raise ValueError(f"{what}.{name}: there is no {shown(value)}. {close_to(str(value), names)}")
    elif not isinstance(value, bool | int | float):
        raise ValueError(f"{what}.{name} = {shown(value)} is neither a number nor true or false. Write one.")


def check_categories(where: Mapping[str, Any], names: tuple[str, ...], what: str) -> None:
    """Refuse categories that are not in the market at hand."""
    for name, condition in where.items():
        for value in _listed(condition) if NAMED.get(name) == "categories" else []:
            if value not in names:
                raise ScenarioError(f"{what}.{name}: this market has no {shown(value)}. {close_to(str(value), names)}")


def select(where: Mapping[str, Any], side: str, state: State, counter: int) -> Column:
    """Return who or what meets all conditions this morning, (n,) bool."""
    found = np.ones(len(getattr(state, side)), np.bool_)
    for name, condition in where.items():
        found &= _meets(values(name, side, state, counter), condition, _codes(name, state))
    return found


def _meets(column: Column, condition: Any, codes: Mapping[str, int]) -> Column:
    if isinstance(condition, Mapping):
        return np.asarray(np.logical_and.reduce([BOUNDS[bound](column, value) for bound, value in condition.items()]))
    wanted = [codes[value] if isinstance(value, str) else value for value in _listed(condition)]
    return np.asarray(np.isin(column, wanted))


def values(name: str, side: str, state: State, counter: int) -> Column:
    """Return a column, or what is worked out from columns, (n,)."""
    table = getattr(state, side)
    if side == "products" and name in WORKED_OUT["products"]:
        return np.asarray(values(name, "sellers", state, counter)[table.seller])
    if name == "age":
        return np.where(table.joined == NEVER, -1, counter - table.joined)
    if name == "live":
        return np.asarray(table.live_chance > 0)
    if name == "umkm":
        return np.asarray(table.size <= Size.MEDIUM)
    if name == "growth":
        recent, earlier = table.recent.astype(np.float64), table.earlier.astype(np.float64)
        return np.asarray((1.0 + 28.0 * recent) / (1.0 + 28.0 * earlier))
    column: Column = getattr(table, name)
    return column


def _sizes() -> tuple[str, ...]:
    return tuple(size.name.lower() for size in Size)


def _codes(name: str, state: State) -> dict[str, int]:
    """Return the number that stands for each name in a column."""
    kind = NAMED.get(name)
    names = {"provinces": provinces().names, "categories": state.category_names, "sizes": _sizes()}.get(kind or "", ())
    return {name: code for code, name in enumerate(names)}
