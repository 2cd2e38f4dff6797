"""``python -m experiments.validation luck|scales|years|headline --out DIR``: a long check; leaves tables as CSV."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from experiments import cli_bar
from experiments.results import check_out
from experiments.validation.headline import headline
from experiments.validation.luck import luck
from experiments.validation.scales import against, scales
from experiments.validation.years import years
from sim.errors import EtalaseError
from sim.scenario import Scenario, load


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m experiments.validation", description=__doc__)
    parser.add_argument("what", choices=("luck", "scales", "years", "headline"))
    parser.add_argument("scenario", nargs="?", default="indonesia-2024")
    parser.add_argument("--out", type=Path, required=True, help="a new or empty folder")
    parser.add_argument("--set", action="append", default=[], metavar="PATH=VALUE", help="change a parameter")
    parser.add_argument("--worlds", type=int, default=8, help="histories of each platform (luck)")
    parser.add_argument("--days", type=int, default=182, help="days of each history (luck, headline)")
    parser.add_argument("--seeds", type=int, default=2, help="seeds of each scale (scales), or of the audit (headline)")
    asked = parser.parse_args()
    try:
        folder, base = check_out(asked.out), load(asked.scenario, asked.set)
        with telling(asked.what) as tell:
            tables = dict(TABLES[asked.what](base, asked, tell))
    except EtalaseError as mistake:
        print(f"validation: {mistake}", file=sys.stderr)
        return 2
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.csv")
        print(f"\n{name}\n{table.to_string(float_format='{:.4g}'.format)}")
    return 0


@contextmanager
def telling(what: str) -> Iterator[Any]:
    """Give a progress bar that counts days for years, worlds else."""
    with cli_bar.progress(what, "days" if what == "years" else "worlds") as tell:
        yield tell


def _luck(base: Scenario, asked: Any, tell: Any) -> Iterator[tuple[str, pd.DataFrame]]:
    found = luck(base, asked.worlds, asked.days, tell)
    yield "shares", pd.DataFrame({kind: of.shares for kind, of in found.items()})
    for kind, of in found.items():
        yield f"ranks of {kind}".replace(" ", "_"), of.ranks


def _scales(base: Scenario, asked: Any, tell: Any) -> Iterator[tuple[str, pd.DataFrame]]:
    found = scales(base, asked.seeds, tell)
    yield "scales", found
    yield "against_1000", against(found)


def _years(base: Scenario, asked: Any, tell: Any) -> Iterator[tuple[str, pd.DataFrame]]:
    yield "years", years(base, tell).T


def _headline(base: Scenario, asked: Any, tell: Any) -> Iterator[tuple[str, pd.DataFrame]]:
    yield "headline", headline(base, asked.days, asked.seeds, tell)


TABLES = {"headline": _headline, "luck": _luck, "scales": _scales, "years": _years}

if __name__ == "__main__":
    sys.exit(main())
