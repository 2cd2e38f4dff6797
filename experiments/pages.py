"""Tables of results: Arrow columns that say what they mean, kept in memory or streamed to Parquet."""

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from experiments.provenance import REFERENCES, table_by_id
from sim.inputs import provinces
from sim.measures import sides
from sim.mechanism import Today
from sim.recorder import Recorder
from sim.state import Channel, Size, State, Status
from sim.tables import Column
from sim.views import narrow

Docs = Mapping[str, tuple[str, str]]  # doc and unit of columns, by name

LEDGER: Docs = {
    "day": ("Days since day 0", "day"),
    "line": ("Why the money moved", "1"),
    "debit": ("Account that it left", "1"),
    "credit": ("Account that it went to", "1"),
    "amount": ("How much, summed over the day", "Rp"),
}
ORDERS: Docs = {
    "day": ("Days since day 0", "day"),
    "user": ("Id of the buyer", "1"),
    "product": ("Id of the product", "1"),
    "seller": ("Id of the seller", "1"),
    "creator": ("Id of the creator who is paid for the sale; -1 if none is", "1"),
    "room": ("Host of the LIVE room: id of a creator, or id + 2^31 of a seller; -1 if there was none", "1"),
    "channel": ("Where the buyer met the product", "1"),
    "price": ("Price asked", "Rp"),
    "subsidy": ("Part of the price that programs pay", "Rp"),
    "shipping": ("Shipping paid by the buyer", "Rp"),
    "fee": ("Platform fee", "Rp"),
    "commission": ("Commission of the creator", "Rp"),
    "top_up": ("Addition to the commission that programs pay", "Rp"),
    "status": (
        "paid_out: kept for good; open: may still come back; returned; sold_out: found no stock, and no part of GMV",
        "1",
    ),
}
CHANNELS = tuple(channel.name.lower() for channel in Channel)
STATUSES = tuple(status.name.lower() for status in Status)
SIZES = tuple(size.name.lower() for size in Size)
ROWS = 1 << 17  # rows that are kept in memory before they are written


class Pages:
    """A table that grows: in memory, or in a Parquet file of several row groups."""

    def __init__(self, docs: Docs, file: Path | None = None) -> None:
        self.docs, self.file = docs, file
        self._parts: list[Any] = []
        self._rows = 0
        self._writer: Any = None

    def add(self, columns: Mapping[str, Any]) -> None:
        """Append rows, given as columns; every time the same columns, of the same types."""
        self._parts.append(arrow(columns, self.docs))
        self._rows += len(self._parts[-1])
        if self.file is not None and self._rows >= ROWS:
            self._flush()

    def close(self) -> Any:
        """Return the whole table, or the file when all is written."""
        if self.file is None:
            return self._whole()
        self._flush()
        self._writer.close()
        return self.file

    def _whole(self) -> Any:
        import pyarrow as pa

        return pa.concat_tables(self._parts)

    def _flush(self) -> None:
        import pyarrow.parquet as pq

        if self._parts:
            whole = self._whole()
            self._writer = self._writer or pq.ParquetWriter(self.file, whole.schema)
            self._writer.write_table(whole)
        self._parts, self._rows = [], 0


def arrow(columns: Mapping[str, Any], docs: Docs) -> Any:
    """Return an Arrow table whose fields say what columns mean, and their units."""
    import pyarrow as pa

    arrays = {name: column if isinstance(column, pa.Array) else pa.array(column) for name, column in columns.items()}
    fields = [
        pa.field(name, array.type, metadata={"doc": docs[name][0], "unit": docs[name][1]})
        for name, array in arrays.items()
    ]
    return pa.table(list(arrays.values()), schema=pa.schema(fields))


def named(codes: Column, names: tuple[str, ...]) -> Any:
    """Return an Arrow column of the names that stand at ``codes`` (n,)."""
    import pyarrow as pa

    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int8)), pa.array(names, pa.string()))


class Ledger:
    """The lines of the ledger of each day, in order of days and names."""

    def __init__(self) -> None:
        self._lines: list[tuple[int, str, int]] = []

    def read(self, today: Today) -> None:
        """Take in the lines of a day that is over."""
        self._lines += [(today.day, line, amount) for line, amount in sorted(today.flows.settled.items())]

    def text(self) -> str:
        """Return all lines as one text."""
        return "\n".join(f"{day} {line} {amount}" for day, line, amount in self._lines)

    def table(self) -> Any:
        """Return an Arrow table, a row a line and day."""
        import pyarrow as pa

        parts = [(day, *sides(line), amount) for day, line, amount in self._lines]
        kinds = (pa.int32(), pa.string(), pa.string(), pa.string(), pa.int64())
        columns = {
            name: pa.array([part[k] for part in parts], kind)
            for k, (name, kind) in enumerate(zip(LEDGER, kinds, strict=True))
        }
        return arrow(columns, LEDGER)


def metrics_table(recorder: Recorder) -> Any:
    """Return an Arrow table of what was recorded, a row a day; ``date`` is a date."""
    import pyarrow as pa

    columns: dict[str, Any] = recorder.columns()
    columns["date"] = pa.array([date.fromordinal(day) for day in columns["date"].tolist()], pa.date32())
    docs = {name: (doc, unit) for name, (doc, unit, _) in recorder.declared().items()}
    return arrow(columns, {**docs, "date": ("Date", "1")})


def people_table(state: State, table: str, categories: tuple[str, ...]) -> Any:
    """Return an Arrow table of users, creators, sellers or products, by id."""
    names = {
        "province": provinces().names, "category": categories, "interest": categories, "interest_2": categories,
        "size": SIZES,
    }  # fmt: skip
    columns: dict[str, Any] = dict(narrow(table_by_id(state, table)))
    columns |= {name: named(columns[name], names[name]) for name in columns.keys() & names.keys()}
    return arrow(columns, dict(_meanings(state, table)))


def kept(table: Any, file: Path | None) -> Any:
    """Write an Arrow table to a file and return the file; without one, return the table."""
    if file is None:
        return table
    import pyarrow.parquet as pq

    pq.write_table(table, file)
    return file


def _meanings(state: State, table: str) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield (name, (doc, unit)) of each narrow column; what was a row is an id in results."""
    whole = getattr(state, table)
    for name, meta in whole.columns().items():
        doc = meta["doc"]
        if (table, name) in REFERENCES:
            doc = doc.replace("Rows of", "Ids of").replace("Row of", "Id of")
            doc += " (of sellers' own accounts: id + 2^31)" if REFERENCES[table, name] == "hosts" else ""
        for column in narrow({name: getattr(whole, name)[:0]}):
            yield column, (doc, meta["unit"])
