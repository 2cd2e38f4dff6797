"""What a figure was measured on, and medians."""

import statistics
import time
from collections.abc import Callable
from importlib.metadata import version

from experiments.provenance import machine


def line() -> str:
    """Return the machine and the versions in one line."""
    about = machine()
    software = ", ".join(f"{name} {version(name)}" for name in ("numpy", "numba", "mesa"))
    return f"{about['processor']}, {about['cpus']} cores, {about['system']}; {software}"


def median(work: Callable[[], object], times: int) -> tuple[float, float]:
    """Return the median of ``times`` durations of ``work`` [s], and their range."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return statistics.median(took), max(took) - min(took)


def table(title: str, head: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    """Print a table: the first column to the left, numbers to the right."""
    cells = [head, *(tuple(f"{c:,.4g}" if isinstance(c, float) else str(c) for c in row) for row in rows)]
    wide = [max(len(row[k]) for row in cells) for k in range(len(head))]
    print(f"\n{title}")
    for row in cells:
        first, *rest = (
            cell.ljust(w) if k == 0 else cell.rjust(w) for k, (cell, w) in enumerate(zip(row, wide, strict=True))
        )
        print("  ".join([first, *rest]))
