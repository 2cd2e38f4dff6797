"""Where a run comes from: its content in one fingerprint, and the software and machine that made it."""

import hashlib
import importlib.metadata
import os
import platform
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

import sim
from sim.mechanism import Today
from sim.state import State
from sim.tables import NOTHING, Column

LIBRARIES = ("numpy", "numba", "mesa", "networkx", "pandas", "pyarrow", "pydantic", "scipy")
TABLES = ("users", "creators", "sellers", "products")
#: Columns that hold rows of another table; results have ids in their place.
REFERENCES = {
    ("users", "last_seller"): "sellers",
    ("users", "follows"): "hosts",
    ("creators", "showcase"): "products",
    ("sellers", "showcase"): "products",
    ("sellers", "first_product"): "products",
    ("products", "seller"): "sellers",
}


class Fingerprint:
    """A SHA-256 over named columns, added piece by piece in a fixed order."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()

    def add(self, name: str, columns: Mapping[str, Column]) -> None:
        """Add columns: their names, types, shapes and every bit; there is only one NaN."""
        for title, column in columns.items():
            little = np.ascontiguousarray(column, np.asarray(column).dtype.newbyteorder("<"))
            if little.dtype.kind == "f":
                little = np.where(np.isnan(little), np.array(np.nan, little.dtype), little)
            self._digest.update(f"{name}.{title}:{little.dtype.str}{little.shape};".encode())
            self._digest.update(little.tobytes())

    def add_text(self, name: str, text: str) -> None:
        """Add a text."""
        encoded = text.encode()
        self._digest.update(f"{name}:{len(encoded)};".encode() + encoded)

    def text(self) -> str:
        """Return the fingerprint so far, 64 hexadecimal digits."""
        return self._digest.hexdigest()


def ids_of(state: State, table: str) -> Column:
    """Return the ids of a table's rows; of ``hosts``, creators by id, sellers' own accounts by id + 2^31."""
    ids: Column = state.host_identity if table == "hosts" else getattr(state, table).id
    return ids


def as_ids(rows: Column, ids: Column) -> Column:
    """Return the ids that stand in ``rows``, NOTHING where there is none."""
    named: Column = np.append(ids, np.array(NOTHING, ids.dtype))[rows]
    return named


def table_by_id(state: State, table: str) -> dict[str, Column]:
    """Return the columns of a table sorted by id, with ids in place of rows of other tables."""
    whole = getattr(state, table)
    order = np.argsort(whole.id, kind="stable")
    found = {}
    for name in whole.columns():
        column = getattr(whole, name)[order]
        target = REFERENCES.get((table, name))
        found[name] = as_ids(column, ids_of(state, target)) if target else column
    return found


def orders_by_id(today: Today) -> tuple[Column, dict[str, Column]]:
    """Return today's orders in order of buyers' ids: their rows, and all columns with ids in place of rows.

    ``host`` is named as in ``ids_of``; a room by its host, who has one room a day.
    """
    state, orders = today.state, today.flows.orders
    users, products = state.users.id[orders.user], state.products.id[orders.product]
    order = np.lexsort((products, users))
    room_hosts = as_ids(today.flows.rooms.host, state.host_identity)
    named = {name: getattr(orders, name) for name in orders.columns()} | {
        "user": users,
        "product": products,
        "seller": state.sellers.id[orders.seller],
        "host": as_ids(orders.host, state.host_identity),
        "room": as_ids(orders.room, room_hosts),
    }
    return order, {name: column[order] for name, column in named.items()}


def versions() -> dict[str, str]:
    """Return the versions of this package, of Python and of the libraries that results may depend on."""
    own = {"etalase": sim.__version__, "python": platform.python_version()}
    return own | {name: importlib.metadata.version(name) for name in LIBRARIES}


def git_state() -> dict[str, Any] | None:
    """Return commit and whether anything was changed since; None outside a checkout."""
    root = Path(sim.__file__).parent.parent
    commit = _git(root, "rev-parse", "HEAD") if (root / ".git").exists() else None
    if commit is None:
        return None
    return {"commit": commit, "changed": _git(root, "status", "--porcelain") != ""}


def _git(root: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments], capture_output=True, text=True, timeout=30, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def machine() -> dict[str, Any]:
    """Return what is known of the machine, without names of people, hosts or folders."""
    return {
        "cpus": os.cpu_count(),
        "processor": _processor(),
        "architecture": platform.machine(),
        "system": f"{platform.system()} {platform.release()}",
    }


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    except OSError:
        names = []
    return names[0] if names else platform.processor()
