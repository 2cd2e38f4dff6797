"""The store of a study: one folder, to which every run lands as it ends.

    study.json         the study, versions, machine; at the end also the record
    landed/KEY.parquet one row a run that is done: its outcomes, seed, fingerprint, duration, or its error
    runs.parquet       at the end: a row for each replicate of each point, in order, with the values of the factors

Runs are named by all that their result hangs on, so that what has landed is never simulated again, and what a killed
study leaves is always whole. Everything is Parquet that any tool reads; ``landed/*.parquet`` also while a study runs.
"""

import hashlib
import itertools
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from experiments.provenance import git_state, machine, versions
from experiments.results import locked, replaced
from experiments.study.factors import Factor, Number
from experiments.study.study import Study
from sim import source_hash
from sim.errors import ResultsError

FORMAT = 1
PIECE = 1_000  # rows of the table that are in memory at once
STUDY, RUNS, LANDED, LOCK = "study.json", "runs.parquet", "landed", "lock"
#: What a resumed study may not have changed: it would be another one.
SAME = ("base", "own_programs", "uncertainties", "levers", "outcomes", "days", "shared_burn_in")
OWN = ("seed", "fingerprint", "seconds", "error")


class Store:
    """A study's folder, open for one writer: ``with Store(path, study, resume=False) as store: ...``.

    Raises
    ------
    ResultsError : the folder is somebody else's, holds another study, or one that was not asked to go on.
    """

    def __init__(self, path: str | Path, study: Study, resume: bool) -> None:
        self.folder, self.study, self.resume = Path(os.path.abspath(path)), study, resume

    def __enter__(self) -> Self:
        self._refuse()
        try:
            (self.folder / LANDED).mkdir(parents=True, exist_ok=True)
            self._lock = open(self.folder / LOCK, "wb")
        except OSError as mistake:
            raise ResultsError(f"Cannot write to {str(self.folder)!r}: {mistake.strerror}. Name another.") from None
        if not locked(self._lock):
            self._lock.close()
            raise ResultsError(
                f"Another study is writing to {str(self.folder)!r}. Wait for it, or name another folder."
            )
        for left in (*self.folder.glob("*.part"), *(self.folder / LANDED).glob("*.part")):
            left.unlink(missing_ok=True)
        self._describe(None)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, mistake: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            (self.folder / LOCK).unlink(missing_ok=True)
        self._lock.close()

    def landed(self) -> set[str]:
        """Return the keys of what has landed; a file that cannot be read, or a run that failed, is tried again."""
        found = set()
        for file in sorted((self.folder / LANDED).glob("*.parquet")):
            row = _read_row(file)
            if row is None or row["error"]:
                file.unlink(missing_ok=True)
            else:
                found.add(file.stem)
        return found

    def land(self, key: str, row: Mapping[str, Any]) -> None:
        """Write one run, whole or not at all.

        Raises
        ------
        ResultsError : the disk is full or gone; what has landed before is kept.
        """
        import pyarrow as pa

        columns = {**{name: row[name] for name in OWN}, **row["outcomes"], "key": key}
        table = pa.Table.from_pylist([columns], schema=pa.schema(_own_fields(self.study)))
        _write([table], self.folder / LANDED / f"{key}.parquet")

    def close_with(self, runs: Iterable[tuple[int, str]]) -> str:
        """Write the table of all runs, given the number and key of each; return the record."""
        record = Record(self.study)
        _write(self._pages(runs, record), self.folder / RUNS)
        self._describe(record.text())
        return record.text()

    def _pages(self, runs: Iterable[tuple[int, str]], record: "Record") -> Iterator[Any]:
        """Yield the table of all runs in pieces, and count each row into the record."""
        import pyarrow as pa

        schema, study = schema_of(self.study), self.study
        every = iter(runs)
        while some := list(itertools.islice(every, PIECE)):
            rows = []
            for number, key in some:
                row = _read_row(self.folder / LANDED / f"{key}.parquet")
                if row is None:
                    raise ResultsError(f"The run {key} is missing from {str(self.folder)!r}. Go on with --resume.")
                point, replicate = divmod(number, study.replicates)
                values = {factor.name: study.value(factor, study.points[point]) for factor in study.factors}
                rows.append({"point": point, "replicate": replicate, **values, **row})
            piece = pa.Table.from_pylist(rows, schema=schema)
            for row in piece.to_pylist():
                record.add(row)
            yield piece

    def _refuse(self) -> None:
        """Refuse a folder that cannot be this study's."""
        if self.folder.exists() and not self.folder.is_dir():
            raise ResultsError(f"{str(self.folder)!r} is not a folder. Name a new or empty folder.")
        if not (self.folder / STUDY).exists():
            if self.folder.is_dir() and set(os.listdir(self.folder)) - {LANDED, LOCK, f"{STUDY}.part"}:
                raise ResultsError(f"The folder {str(self.folder)!r} is not empty. Name a new or empty folder.")
            return
        was = read_study_file(self.folder)
        if not self.resume:
            raise ResultsError(
                f"{str(self.folder)!r} holds a study already. Go on with it by --resume, or name a new folder."
            )
        if was["source"] != source_hash():
            raise ResultsError(
                f"{str(self.folder)!r} was made by another version of the model; their runs do not mix."
                " Name a new folder."
            )
        now = _as_json(self.study.to_dict())
        for name in SAME:
            if was["study"][name] != now[name]:
                raise ResultsError(
                    f"{str(self.folder)!r} holds a study with other {name.replace('_', ' ')}. Only its design and"
                    " replicates may change. Name a new folder."
                )

    def _describe(self, record: str | None) -> None:
        whole = {
            "format": FORMAT,
            "kind": "study",
            "study": self.study.to_dict(),
            "folder": str(self.study.folder.resolve()),
            "versions": versions(),
            "source": source_hash(),
            "git": git_state(),
            "machine": machine(),
            "record": record,
        }
        text = json.dumps(whole, indent=1, allow_nan=False, ensure_ascii=False) + "\n"
        replaced(self.folder / STUDY, lambda part: part.write_text(text, encoding="utf-8"))


class Record:
    """What can be cited of a study: a hash of its inputs, the version of the code, and all results in order."""

    def __init__(self, study: Study) -> None:
        self._digest = hashlib.sha256()
        self._add({**_as_json(study.to_dict()), "source": source_hash()})

    def add(self, row: Mapping[str, Any]) -> None:
        """Count in one run; how long it took does not count."""
        self._add({name: value for name, value in row.items() if name != "seconds"})

    def text(self) -> str:
        """Return the record so far, 64 hexadecimal digits."""
        return self._digest.hexdigest()

    def _add(self, what: Mapping[str, Any]) -> None:
        self._digest.update(json.dumps(what, sort_keys=True).encode())


def is_study(folder: Path) -> bool:
    """Return whether a folder holds a study, finished or not."""
    return (folder / STUDY).is_file()


def read_study_file(folder: Path) -> dict[str, Any]:
    """Return what a study's folder says about itself.

    Raises
    ------
    ResultsError : it holds no study, or the file is damaged.
    """
    try:
        whole: dict[str, Any] = json.loads((folder / STUDY).read_text(encoding="utf-8"))
        if whole["format"] != FORMAT or not {"study", "folder", "source", "record"} <= set(whole):
            raise ValueError
    except OSError as mistake:
        said = mistake.strerror or mistake
        raise ResultsError(f"{str(folder)!r} holds no study: {STUDY}: {said}. Name a folder of one.") from None
    except (ValueError, KeyError, TypeError):
        raise ResultsError(f"{str(folder / STUDY)!r} is damaged, or of another version. Name a new folder.") from None
    return whole


def schema_of(study: Study) -> Any:
    """Return the Arrow schema of the table of all runs."""
    import pyarrow as pa

    factors = [pa.field(f.name, _type_of(f), metadata={"unit": f.unit, "role": f.role.value}) for f in study.factors]
    return pa.schema([("point", pa.int32()), ("replicate", pa.int32()), *factors, *_own_fields(study)])


def _own_fields(study: Study) -> list[Any]:
    """Return the fields of what is kept of one run."""
    import pyarrow as pa

    of_outcome = {False: pa.float64(), True: pa.list_(pa.float64())}
    return [
        pa.field("seed", pa.int64()),
        *(pa.field(outcome.name, of_outcome[outcome.series]) for outcome in study.outcomes),
        *(pa.field(name, pa.string()) for name in ("fingerprint", "error", "key")),
        pa.field("seconds", pa.float64()),
    ]


def _type_of(factor: Factor) -> Any:
    import pyarrow as pa

    if isinstance(factor, Number):
        return pa.int64() if factor.whole else pa.float64()
    kinds = {type(option.value) for option in factor.options}
    if kinds <= {int, float}:
        return pa.int64() if kinds == {int} else pa.float64()
    return pa.bool_() if kinds == {bool} else pa.string()


def _read_row(file: Path) -> dict[str, Any] | None:
    """Return the one row of a file; None where it cannot be read."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        rows: list[dict[str, Any]] = pq.read_table(file).to_pylist()
    except (OSError, pa.ArrowException):
        return None
    return rows[0] if len(rows) == 1 else None


def _write(tables: Iterable[Any], file: Path) -> None:
    """Write tables as one Parquet file."""
    import pyarrow.parquet as pq

    def fill(part: Path) -> None:
        pieces = iter(tables)
        first = next(pieces)
        with pq.ParquetWriter(part, first.schema) as writer:
            for piece in itertools.chain([first], pieces):
                writer.write_table(piece)

    replaced(file, fill)


def _as_json(value: Any) -> Any:
    return json.loads(json.dumps(value))
