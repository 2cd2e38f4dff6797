"""Running a scenario: ``run(load("village"), days=28).metrics`` is a data frame with a row a day."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    pass

WINDOW = 28  # days that a summary looks back
ROWS = 1 << 17  # orders that are kept in memory before they are written
OWN_ACCOUNT = 1 << 31  # from here on, hosts are sellers
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
    "creator": ("Id of the creator who is paid for the sale, if any", "1"),
    "room": ("Host of the LIVE room, if any: id of a creator, or id + 2^31 of a seller", "1"),
    "channel": ("Where the buyer met the product", "1"),
    "price": ("Price asked", "Rp"),
    "commission": ("Commission of the creator", "Rp"),
    "subsidy": ("Part of the price that programs pay", "Rp"),
    "status": ("What was known of it that evening", "1"),
}


class Pages:
    """An Arrow table that grows: kept in memory, or written in row groups where there is a file for it."""

    def __init__(self, docs: Docs, file: Path | None = None) -> None:
        self.docs, self.file = docs, file
        self._parts: list[Any] = []
        self._rows = 0
        self._writer: Any = None

    def add(self, columns: Mapping[str, Any]) -> None:
        """Append rows, given as columns."""
        self._parts.append(arrow(columns, self.docs))
        self._rows += len(self._parts[-1])
        if self.file is not None and self._rows >= ROWS:
            self._flush()

    def close(self) -> None:
        """Write what is left, and close the file."""
        if self.file is not None:
            self._flush()
            self._writer.close()

    def table(self) -> Any:
        """Return all rows as one Arrow table; from the file, if there is one."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        return pq.read_table(self.file) if self.file is not None else pa.concat_tables(self._parts)

    def _flush(self) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        if self._parts:
            whole = pa.concat_tables(self._parts)
            self._writer = self._writer or pq.ParquetWriter(self.file, whole.schema)
            self._writer.write_table(whole)
        self._parts, self._rows = [], 0


def arrow(columns: Mapping[str, Any], docs: Docs) -> Any:
    """Return an Arrow table whose fields carry what columns mean and their units."""
    import pyarrow as pa

    arrays = {name: column if isinstance(column, pa.Array) else pa.array(column) for name, column in columns.items()}
    fields = [
        pa.field(name, array.type, metadata={"doc": docs[name][0], "unit": docs[name][1]})
        for name, array in arrays.items()
    ]
    return pa.table(list(arrays.values()), schema=pa.schema(fields))
