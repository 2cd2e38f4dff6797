"""Struct-of-arrays tables: one array a column, one row an agent.

    @table
    class Users(Table):
        wallet: Column = column("Money at hand", dtype=np.int64, unit="Rp")

    users = Users.empty(1000)
    users.wallet[3]            # in Python
    users.arrays               # a named tuple of the same arrays, for kernels: users.wallet[u]

Nothing here knows what a market is.
"""

import dataclasses
import sys
from collections import namedtuple
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self, TypeAlias, TypeVar, dataclass_transform

import numpy as np
from numpy.typing import NDArray

Column: TypeAlias = NDArray[Any]

#: Stands for "no row" in a column of rows, and "no day" in a column of days.
NOTHING = -1
#: The largest day: has not happened, and is not going to unless something is done.
NEVER = np.iinfo(np.int32).max


def column(doc: str, *, dtype: Any = np.float32, unit: str = "1", default: Any = 0, width: int = 0) -> Any:
    """Declare a column of shape (n,), or (n, ``width``) where ``width`` is given."""
    return field(metadata={"doc": doc, "dtype": np.dtype(dtype), "unit": unit, "default": default, "width": width})


@dataclass
class Table:
    """Equal-length columns. Row i is one agent for the whole run; rows are never reused."""

    Arrays: ClassVar[Any]

    @classmethod
    def empty(cls, n: int) -> Self:
        """Return a table of ``n`` rows, every column at its declared default."""
        return cls(**{name: _blank(meta, n) for name, meta in cls.columns().items()})

    @classmethod
    def columns(cls) -> dict[str, Any]:
        """Return the declaration of each column (doc, dtype, unit, default, width), by name."""
        return {f.name: f.metadata for f in dataclasses.fields(cls)}

    @property
    def arrays(self) -> Any:
        """The columns as a named tuple, the form in which kernels take a table."""
        return self.Arrays(*(getattr(self, name) for name in self.Arrays._fields))

    def take(self, rows: Any) -> Self:
        """Return a new table with the given rows (an index array, mask or slice), copied."""
        return type(self)(**{name: np.array(getattr(self, name)[rows], order="C") for name in self.columns()})

    def copy(self) -> Self:
        """Return a copy that shares nothing with the original."""
        return self.take(slice(None))

    def __len__(self) -> int:
        return len(getattr(self, dataclasses.fields(self)[0].name))

    @property
    def nbytes(self) -> int:
        """Bytes of memory that the columns take."""
        return int(sum(getattr(self, name).nbytes for name in self.columns()))


def _blank(meta: Any, n: int) -> Column:
    shape = (n, meta["width"]) if meta["width"] else (n,)
    return np.full(shape, meta["default"], meta["dtype"])


T = TypeVar("T", bound=type[Table])


@dataclass_transform(kw_only_default=True, field_specifiers=(column,))
def table(cls: T) -> T:
    """Make a class of column declarations a table, with a named tuple of its own for kernels.

    The named tuple lives beside the class in its module, because numba's cache looks it up there.
    """
    made = dataclass(cls)  # the same class, with an __init__
    name = f"{cls.__name__}Arrays"
    arrays = namedtuple(name, [f.name for f in dataclasses.fields(made)])  # type: ignore[misc]
    arrays.__module__ = cls.__module__
    setattr(sys.modules[cls.__module__], name, arrays)
    made.Arrays = arrays
    return cls


def concatenate(tables: Sequence[Table]) -> Any:
    """Return one table with the rows of several tables of one kind, in order."""
    kind = type(tables[0])
    return kind(**{name: np.concatenate([getattr(t, name) for t in tables]) for name in kind.columns()})
