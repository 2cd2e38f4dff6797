"""Results on disk: a folder that appears whole or not at all, and that anybody can verify.

    manifest.json                                  the scenario, versions, machine, fingerprint, a hash of every file
    metrics.parquet  ledger.parquet                a row a day; a row a line of the ledger and day
    users|creators|sellers|products.parquet        everybody at the end, by id
    orders.parquet                                 every order, if asked for

While a run is under way it writes into a folder of its own beside the one that was asked for (inside
it, if that exists already), which a killed run leaves behind and the next run into the same place
removes. The manifest comes last: a folder without it holds no results. What columns mean, and their
units, stand in the metadata of their Parquet fields.
"""

import hashlib
import json
import os
import shutil
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from sim.errors import ResultsError

FORMAT = 1
MANIFEST = "manifest.json"
_HALF_DONE = ".partial-"
_LOCK, _PLACING = "lock", "placing"  # held by who fills the folder; what is being put in place
_MOMENT = 10.0  # seconds that somebody may need between making a folder and its lock
_open: set[Path] = set()  # folders that this process is filling

Progress = Callable[[int, int], None] | None


def check_out(path: str | Path) -> Path:
    """Return the absolute path of a folder that can become a results folder.

    Raises
    ------
    ResultsError : it is a file, is not empty, cannot be written, or another run is filling it.
    """
    if not str(path).strip():
        raise ResultsError("The folder for results has no name. Name a new or empty folder.")
    try:
        target = Path(os.path.abspath(path))
        _check_place(target)
        busy = [folder for folder in _half_done(target) if _is_filled(folder)]
    except (OSError, ValueError) as mistake:  # no permission, too long, or with characters that no path has
        said = getattr(mistake, "strerror", None) or mistake
        raise ResultsError(f"Cannot write results to {str(path)!r}: {said}. Name another folder.") from None
    if busy:
        raise ResultsError(
            f"Another run is writing to {str(path)!r}. Wait for it, or name another folder"
            f" (if there is no such run, delete {busy[0].name!r})."
        )
    return target


def _check_place(target: Path) -> None:
    if os.path.lexists(target) and not target.is_dir():
        raise ResultsError(f"{str(target)!r} is not a folder. Name a new or empty folder.")
    if target.is_dir() and set(target.iterdir()) - set(_left_in(target)):
        raise ResultsError(f"The folder {str(target)!r} is not empty. Name a new or empty folder.")
    nearest = target
    while not nearest.exists():
        nearest = nearest.parent
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        raise ResultsError(f"Cannot write into {str(nearest)!r}. Name another folder.")


def _half_done(target: Path) -> Iterator[Path]:
    """Yield what runs into ``target`` have begun and not finished."""
    for parent, start in ((target.parent, f"{target.name}{_HALF_DONE}"), (target, _HALF_DONE)):
        if parent.is_dir():
            yield from (entry for entry in parent.iterdir() if entry.name.startswith(start) and entry.is_dir())


def _left_in(target: Path) -> list[Path]:
    """Return what killed runs have left in a folder; what they had put in place already, first."""
    half = [entry for entry in target.iterdir() if entry.name.startswith(_HALF_DONE)]
    lists = [entry / _PLACING for entry in half if (entry / _PLACING).is_file()]
    names = [name for file in lists for name in file.read_text(encoding="utf-8").splitlines()]
    placed = [target / name for name in names if (target / name).is_file() and not (target / MANIFEST).exists()]
    return [*placed, *half]


def _is_filled(folder: Path) -> bool:
    """Return whether somebody is at work on a folder: then its lock is taken, in whatever container that is."""
    if folder in _open:
        return True
    try:
        with open(folder / _LOCK, "rb") as lock:
            return not locked(lock)
    except FileNotFoundError:  # from the moment before the lock was made, or long dead
        return time.time() - folder.stat().st_mtime < _MOMENT


def locked(lock: BinaryIO) -> bool:
    """Take a lock until the file is closed; return whether nobody else has it."""
    try:
        import fcntl
    except ImportError:  # Windows has no such locks: take every folder for a live one
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


class Folder:
    """A results folder in the making: ``with Folder(path) as folder: ...; folder.publish()``."""

    def __init__(self, path: str | Path) -> None:
        self.target = check_out(path)
        inside, own = self.target.is_dir(), f"{_HALF_DONE}{uuid.uuid4().hex[:12]}"
        self.here = self.target / own if inside else self.target.parent / f"{self.target.name}{own}"

    def __enter__(self) -> Self:
        try:
            if self.target.is_dir():
                for file in _left_in(self.target):
                    if file.is_file():
                        file.unlink()
            for left in list(_half_done(self.target)):
                shutil.rmtree(left)
            self.here.mkdir(parents=True)
            self._lock = open(self.here / _LOCK, "wb")
            locked(self._lock)
        except OSError as mistake:
            raise ResultsError(f"Cannot write results to {str(self.target)!r}: {mistake.strerror}.") from None
        _open.add(self.here)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, mistake: BaseException | None, trace: TracebackType | None
    ) -> None:
        _open.discard(self.here)
        self._lock.close()
        shutil.rmtree(self.here, ignore_errors=True)

    def publish(self, manifest: dict[str, Any]) -> None:
        """Write the manifest, and put all files where they were asked for, the manifest last."""
        files = sorted(file for file in self.here.iterdir() if file.name != _LOCK)
        manifest = {"format": FORMAT, **manifest, "files": {file.name: sha256(file) for file in files}}
        text = json.dumps(manifest, indent=1, allow_nan=False, ensure_ascii=False)
        (self.here / MANIFEST).write_text(text + "\n", encoding="utf-8")
        try:
            if self.here.parent == self.target:
                names = [*(file.name for file in files), MANIFEST]
                (self.here / _PLACING).write_text("\n".join(names), encoding="utf-8")
                for file in (*files, self.here / MANIFEST):
                    os.replace(file, self.target / file.name)
            else:
                (self.here / _LOCK).unlink()
                os.replace(self.here, self.target)
        except OSError as mistake:
            said = mistake.strerror
            raise ResultsError(f"Cannot put the results into {str(self.target)!r}: {said}. Run again.") from None


def sha256(file: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    with open(file, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def read_manifest(folder: str | Path) -> dict[str, Any]:
    """Return the manifest of a results folder.

    Raises
    ------
    ResultsError : there is none, or it is not one that this version can read.
    """
    path = Path(folder) / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as mistake:
        said = getattr(mistake, "strerror", None) or "it is not JSON"
        raise ResultsError(f"{str(folder)!r} is not a results folder: {MANIFEST} cannot be read ({said}).") from None
    kinds = {"scenario": dict, "days": int, "seed": int, "orders": bool, "fingerprint": str, "files": dict}
    kinds |= {"versions": dict, "source": str, "format": int, "seconds": dict}
    known = manifest if isinstance(manifest, dict) else {}
    if known.get("kind", "run") != "run":
        raise ResultsError(f"{str(folder)!r} holds a {str(known['kind'])[:40]}, not a run. Name the folder of a run.")
    wrong = [name for name, kind in kinds.items() if type(known.get(name)) is not kind]
    if wrong:
        raise ResultsError(f"{str(path)!r} is damaged: it has no proper {wrong[0]!r}.")
    if manifest["format"] != FORMAT:
        raise ResultsError(f"{str(path)!r} has format {manifest['format']}, and this version reads {FORMAT}.")
    return dict(manifest)


def replaced(file: Path, fill: Callable[[Path], object]) -> Path:
    """Let ``fill`` write a file, which appears whole or not at all; return it.

    Raises
    ------
    ResultsError : the disk is full, or the folder cannot be written.
    """
    part = file.with_name(f"{file.name}.part")
    try:
        fill(part)
        with open(part, "rb") as written:
            os.fsync(written.fileno())
        os.replace(part, file)
    except OSError as mistake:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise ResultsError(
            f"Cannot write {str(file)!r}: {mistake.strerror or mistake}. Make room, and call again"
            " (a study goes on with --resume)."
        ) from None
    return file
