"""Is a results folder what it was, and does the same run made again give the same?"""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from experiments.provenance import TABLES, versions
from experiments.results import MANIFEST, Progress, read_manifest, sha256
from sim import source_hash
from sim.errors import ResultsError


@dataclass(frozen=True)
class Verdict:
    """Whether a run came out the same again, and what was found, a line each."""

    same: bool
    lines: list[str]


def verify(folder: str | Path, progress: Progress = None) -> Verdict:
    """Compare a results folder with its manifest, and with the same run made again, burn-in included.

    Raises
    ------
    EtalaseError : the folder has no readable manifest, or its scenario cannot be run.
    """
    from experiments.run import run
    from sim.scenario import Scenario

    path, manifest = Path(folder), read_manifest(folder)
    wrong = list(_changed_files(path, manifest["files"]))
    scenario = Scenario.from_dict(manifest["scenario"])
    with tempfile.TemporaryDirectory(prefix="etalase-") as scratch:
        new = Path(scratch) / "again"
        options = {
            "seed": manifest["seed"],
            "orders": manifest["orders"],
            "out": new,
            "progress": progress,
            "keep": False,
        }
        again = run(scenario, manifest["days"], **options)
        names = sorted(file.name for file in new.glob("*.parquet"))
        if names != sorted(manifest["files"]):
            wrong.append(f"{MANIFEST}: names {', '.join(sorted(manifest['files'])) or 'no files'}")
        wrong += [line for name in names for line in _difference(path / name, new / name)]
    damaged = again.fingerprint == manifest["fingerprint"]
    if not damaged:
        wrong.append(f"fingerprint: {manifest['fingerprint']} in the manifest, {again.fingerprint} now")
    end = "the same" if not wrong else "the same, but the folder is damaged" if damaged else "NOT the same"
    lines = [*other_software(manifest), *wrong, f"{manifest['days']} days simulated again: {end}"]
    return Verdict(not wrong, [*lines, f"fingerprint {again.fingerprint}"])


def other_software(manifest: dict[str, Any]) -> Iterator[str]:
    """Yield a line for each version that is not the one of then; that alone need not change a number."""
    now, then = {**versions(), "source": source_hash()}, {**manifest["versions"], "source": manifest["source"]}
    for name in sorted({*now, *then}):
        if now.get(name) != then.get(name):
            yield f"{name}: {then.get(name, 'none')} then, {now.get(name, 'none')} now"


def refuse_damage(folder: Path, manifest: dict[str, Any]) -> None:
    """Refuse a results folder whose tables are not those that were written.

    Raises
    ------
    ResultsError : names the first file that is missing or changed.
    """
    for name in (
        f"{table}.parquet" for table in ("metrics", "ledger", *TABLES) if f"{table}.parquet" not in manifest["files"]
    ):
        raise ResultsError(f"{str(folder)!r} is damaged: its manifest does not name {name}. Run the scenario again.")
    for line in _changed_files(folder, manifest["files"]):
        raise ResultsError(f"{str(folder)!r} is damaged: {line}. Run the scenario again.")


def _changed_files(folder: Path, files: dict[str, Any]) -> Iterator[str]:
    for name, expected in sorted(files.items()):
        file = folder / Path(name).name
        if not file.is_file():
            yield f"{name}: missing"
        elif sha256(file) != expected:
            yield f"{name}: changed since it was written"


def _difference(old: Path, new: Path) -> Iterator[str]:
    """Yield a line on the first difference between two Parquet files, if there is one."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not old.is_file():  # said already
        return
    try:
        with pq.ParquetFile(old) as then, pq.ParquetFile(new) as now:
            if not then.schema_arrow.equals(now.schema_arrow, check_metadata=True):
                yield f"{old.name}: the columns, their types, meanings or units are not the same"
                return
            for a, b in zip_longest(then.iter_batches(), now.iter_batches()):
                if a is None or b is None or len(a) != len(b):
                    yield f"{old.name}: {then.metadata.num_rows} rows in the folder, {now.metadata.num_rows} now"
                    return
                for line in _first_difference(a.to_pandas(), b.to_pandas()):
                    yield f"{old.name}: {line}"
                    return
    except (OSError, pa.ArrowException):
        yield f"{old.name}: cannot be read"


def _first_difference(a: Any, b: Any) -> Iterator[str]:
    for name in a.columns:
        then, now = a[name].astype(object), b[name].astype(object)  # object: labels may differ, too
        unlike = ((then != now) & ~(then.isna() & now.isna())).to_numpy().nonzero()[0]
        if len(unlike):
            row = int(unlike[0])
            yield f"{name} at {a.columns[0]} {a.iloc[row, 0]}: {then.iloc[row]} in the folder, {now.iloc[row]} now"
            return
