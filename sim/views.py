"""Mesa agents as thin views of rows, and sets of them that work on whole columns.

    market.users[3]                                     # the user in row 3: a mesa.Agent
    market.users.by_id(17).wallet                       # the user with id 17
    market.users.select(province=5).agg("wallet", sum)
    market.creators.groupby("category").count()

A view holds no data: it reads and writes the table of its market. It is made when asked for and not registered with the
model, so it costs nothing while nobody looks; ``register_views`` registers all agents of a small market, for Mesa.

Views may write every column, and the next evening the books will say (``LedgerError``) if money was made of nothing.
References (``products.seller``) are rows of the other table, ``hosts`` being creators, then sellers.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, overload

import mesa
import numpy as np

from sim.errors import EtalaseError
from sim.state import Creators, Products, Sellers, Users
from sim.tables import Column, Table

if TYPE_CHECKING:
    import pandas as pd


class View(mesa.Agent):  # type: ignore[misc]
    """One row of a table; every column is a property, and ``unique_id`` is the agent's id.

    ``mesa.Agent.__init__`` is not called: it would register the view, and Mesa 3.3 keeps every model
    that it was called for.
    """

    def __init__(self, model: Any, table: Table, row: int) -> None:
        self.model = model
        self.table = table
        self.row = row
        self.unique_id = int(getattr(table, "id")[row])  # noqa: B009 (tables have different columns)
        self.pos = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, View) and self.table is other.table and self.row == other.row

    def __hash__(self) -> int:
        return hash((id(self.table), self.row))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.unique_id} in row {self.row}>"

    def as_dict(self) -> dict[str, Any]:
        """Return every column of this row, by name; wide columns as lists."""
        return {name: getattr(self.table, name)[self.row].tolist() for name in self.table.columns()}


V = TypeVar("V", bound=type[View])


def view_of(kind: type[Table]) -> Callable[[V], V]:
    """Give a view a property for each column of a table, with the column's own words."""

    def add(view: V) -> V:
        for name, meta in kind.columns().items():
            setattr(view, name, _property(name, f"{meta['doc']} [{meta['unit']}]"))
        return view

    return add


def _property(name: str, doc: str) -> property:
    def read(view: View) -> Any:
        value = getattr(view.table, name)[view.row]
        return value if isinstance(value, np.ndarray) else value.item()

    def write(view: View, value: Any) -> None:
        getattr(view.table, name)[view.row] = value

    return property(read, write, doc=doc)


@view_of(Users)
class UserView(View):
    """A user."""


@view_of(Creators)
class CreatorView(View):
    """A creator."""


@view_of(Sellers)
class SellerView(View):
    """A seller."""


@view_of(Products)
class ProductView(View):
    """A product."""


class AgentColumns:
    """Some rows of a table, answering like Mesa's ``AgentSet`` but on whole columns where it can.

    Parameters
    ----------
    model : the market they live in.
    table : the table they are rows of.
    view : the class of the views of single rows.
    rows : (n,) rows, in order; all rows if not given.
    """

    def __init__(self, model: Any, table: Table, view: type[View], rows: Column | None = None) -> None:
        self.model = model
        self.table = table
        self.view = view
        self.rows: Column = np.arange(len(table)) if rows is None else rows

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[View]:
        return (self.view(self.model, self.table, int(row)) for row in self.rows)

    def __contains__(self, agent: object) -> bool:
        return isinstance(agent, View) and agent.table is self.table and agent.row in self.rows

    def __repr__(self) -> str:
        return f"<{len(self):,} of {len(self.table):,} {type(self.table).__name__.lower()}>"

    @overload
    def __getitem__(self, place: int) -> View: ...
    @overload
    def __getitem__(self, place: slice) -> "AgentColumns": ...
    def __getitem__(self, place: int | slice) -> "View | AgentColumns":
        """Return the view at a place in this set, or the set of a slice of places."""
        if isinstance(place, slice):
            return self._of(self.rows[place])
        return self.view(self.model, self.table, int(self.rows[place]))

    def by_id(self, unique_id: int) -> View:
        """Return the view of the agent with this id.

        Raises
        ------
        EtalaseError : nobody in this set has that id.
        """
        found = self.rows[self.get("id") == unique_id]
        if not len(found):
            raise EtalaseError(f"Nobody here has the id {unique_id}; there are {len(self)} in {self!r}.")
        return self.view(self.model, self.table, int(found[0]))

    def select(
        self, which: Column | Callable[[Any], bool] | None = None, *, at_most: int | None = None, **equal: Any
    ) -> "AgentColumns":
        """Return those that fit, in order.

        Parameters
        ----------
        which : a mask (n,), fast; or a function of a view, slow but readable.
        at_most : take the first so many.
        equal : columns and the value each must have.
        """
        mask = np.ones(len(self), np.bool_)
        for name, value in equal.items():
            if isinstance(value, str):
                raise EtalaseError(f"{name} = {value!r} is a name, and columns hold numbers. Give the number.")
            mask &= self.get(name) == value
        if callable(which):
            mask[mask] = [bool(which(agent)) for agent in self._of(self.rows[mask])]
        elif which is not None:
            mask &= _mask(which, len(self))
        return self._of(self.rows[mask][:at_most])

    @overload
    def get(self, names: str) -> Column: ...
    @overload
    def get(self, names: list[str]) -> list[Column]: ...
    def get(self, names: str | list[str]) -> Column | list[Column]:
        """Return a copy of a column, (n,); or of several, as a list."""
        if not isinstance(names, str):
            return [self._column(name)[self.rows] for name in names]
        return self._column(names)[self.rows]

    def set(self, name: str, value: Any) -> "AgentColumns":
        """Write one value, or a column of values (n,), into a column."""
        self._column(name)[self.rows] = value
        return self

    def agg(self, name: str, how: Callable[[Column], Any] | Iterable[Callable[[Column], Any]]) -> Any:
        """Return ``how(column)``; for several functions, a list. Narrow numbers are widened: a sum may need it."""
        column = self.get(name)
        if column.dtype.kind in "iuf":
            column = column.astype(np.float64 if column.dtype.kind == "f" else np.int64)
        return how(column) if callable(how) else [function(column) for function in how]

    def groupby(self, by: str | Callable[[Any], Hashable]) -> "Groups":
        """Return the groups with equal values of a column, or of a function of a view."""
        labels = self.get(by).tolist() if isinstance(by, str) else [by(agent) for agent in self]
        places: dict[Hashable, list[int]] = {}
        for place, label in enumerate(labels):
            places.setdefault(label, []).append(place)
        return Groups({label: self._of(self.rows[at]) for label, at in sorted(places.items())})

    def map(self, method: str | Callable[..., Any], *arguments: Any, **named: Any) -> list[Any]:
        """Return what a method of each view, or a function of it, returns."""
        if isinstance(method, str):
            return [getattr(agent, method)(*arguments, **named) for agent in self]
        return [method(agent, *arguments, **named) for agent in self]

    def do(self, method: str | Callable[..., Any], *arguments: Any, **named: Any) -> "AgentColumns":
        """Call a method of each view, or a function of it, in order."""
        self.map(method, *arguments, **named)
        return self

    def shuffle_do(self, method: str | Callable[..., Any], *arguments: Any, **named: Any) -> "AgentColumns":
        """Do the same in an order that the model's own generator of Mesa draws; the market does not use that one."""
        order = list(range(len(self)))
        self.model.random.shuffle(order)
        self._of(self.rows[order]).do(method, *arguments, **named)
        return self

    def to_frame(self) -> "pd.DataFrame":
        """Return a data frame, a row an agent, indexed by id; wide columns as ``follows.0``, ``follows.1`` ..."""
        import pandas as pd

        columns = {name: self._column(name)[self.rows] for name in self.table.columns()}
        return pd.DataFrame(narrow(columns)).set_index("id")

    def _of(self, rows: Column) -> "AgentColumns":
        return type(self)(self.model, self.table, self.view, rows)

    def _column(self, name: str) -> Column:
        if name not in self.table.columns():
            known = ", ".join(self.table.columns())
            raise EtalaseError(f"{type(self.table).__name__} have no column {name!r}; they have {known}.")
        column: Column = getattr(self.table, name)
        return column


class Groups:
    """Sets by label, answering like Mesa's ``GroupBy``."""

    def __init__(self, groups: Mapping[Any, AgentColumns]) -> None:
        self.groups = dict(groups)

    def __iter__(self) -> Iterator[tuple[Any, AgentColumns]]:
        return iter(self.groups.items())

    def __len__(self) -> int:
        return len(self.groups)

    def count(self) -> dict[Any, int]:
        """Return how many each group has."""
        return {label: len(group) for label, group in self}

    def agg(self, name: str, how: Callable[[Column], Any]) -> dict[Any, Any]:
        """Return ``how(column)`` of each group."""
        return {label: group.agg(name, how) for label, group in self}

    def map(self, function: Callable[..., Any], *arguments: Any, **named: Any) -> dict[Any, Any]:
        """Return ``function(group)`` of each group."""
        return {label: function(group, *arguments, **named) for label, group in self}

    def do(self, method: str | Callable[..., Any], *arguments: Any, **named: Any) -> "Groups":
        """Call a method of each view, or a function of it, group by group."""
        for _, group in self:
            group.do(method, *arguments, **named)
        return self


def _mask(which: Column, n: int) -> Column:
    mask = np.asarray(which)
    if mask.dtype != np.bool_ or mask.shape != (n,):
        raise EtalaseError(f"A mask of {n} agents has shape ({n},) and type bool, not {mask.shape} and {mask.dtype}.")
    return mask


def narrow(columns: Mapping[str, Column]) -> dict[str, Column]:
    """Return the same columns with each wide one (n, k) as ``k`` of its own, ``name.0`` and so on."""
    flat: dict[str, Column] = {}
    for name, column in columns.items():
        if column.ndim == 1:
            flat[name] = column
        else:
            flat |= {f"{name}.{k}": column[:, k] for k in range(column.shape[1])}
    return flat


def register_views(market: Any) -> None:
    """Register a view of every user, creator, seller and product with Mesa; for small markets (7 microseconds each).

    Mesa 3.5 numbers what is registered; the views keep their ids.
    """
    for agents in (market.users, market.creators, market.sellers, market.products):
        for agent in agents:
            identity = agent.unique_id
            market.register_agent(agent)
            agent.unique_id = identity
