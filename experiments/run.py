"""Running a scenario: ``run(load("village"), days=28).metrics`` is a data frame with a row a day."""

import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.order_book import OrderBook
from experiments.pages import ORDERS, Ledger, Pages, kept, metrics_table, people_table
from experiments.provenance import TABLES, git_state, machine, table_by_id, versions
from experiments.results import Folder, Progress, read_manifest
from experiments.summary import Line, summary
from sim import source_hash
from sim.burn_in import kept_at
from sim.errors import ResultsError, ScenarioError
from sim.market import Market
from sim.scenario import Scenario
from sim.tables import Column

if TYPE_CHECKING:
    import pandas as pd


@dataclass
class Run:
    """What came of a run. Tables are data frames, read or made when first asked for."""

    scenario: Scenario
    fingerprint: str
    timing: dict[str, float]  # seconds
    tables: dict[str, Any]  # Arrow tables, or the Parquet files where they are

    @property
    def days(self) -> int:
        """Days simulated from day 0."""
        return self.scenario.days

    @cached_property
    def metrics(self) -> "pd.DataFrame":
        """A row a day, a column a metric; ``sim.metrics`` says what they are."""
        return self._frame("metrics")

    @cached_property
    def ledger(self) -> "pd.DataFrame":
        """A row a day and line: day, line, debit, credit, amount [Rp]."""
        return self._frame("ledger")

    @cached_property
    def users(self) -> "pd.DataFrame":
        """Everybody at the end, by id."""
        return self._frame("users").set_index("id")

    @cached_property
    def creators(self) -> "pd.DataFrame":
        """Everybody who is or could become a creator, at the end, by id."""
        return self._frame("creators").set_index("id")

    @cached_property
    def sellers(self) -> "pd.DataFrame":
        """Everybody who is or could become a seller, at the end, by id."""
        return self._frame("sellers").set_index("id")

    @cached_property
    def products(self) -> "pd.DataFrame":
        """All products at the end, by id."""
        return self._frame("products").set_index("id")

    @cached_property
    def orders(self) -> "pd.DataFrame":
        """A row an order, by day and buyer; only of a run with ``orders=True``."""
        return self._frame("orders")

    def summary(self) -> list[Line]:
        """Return the figures that sum the run up."""
        return summary(self.metrics, len(self.users))

    def _frame(self, name: str) -> "pd.DataFrame":
        if name not in self.tables:
            raise AttributeError(f"The run kept no {name}. Run it with orders=True.")
        table = self.tables[name]
        if isinstance(table, Path):
            table = _read(table)
        frame: pd.DataFrame = table.to_pandas()
        return frame


def run(
    scenario: Scenario,
    days: int | None = None,
    *,
    seed: int | None = None,
    out: str | Path | None = None,
    orders: bool = False,
    threads: int | None = None,
    progress: Progress = None,
    keep: bool = True,
) -> Run:
    """Simulate a scenario.

    Parameters
    ----------
    scenario : what to simulate.
    days, seed : in place of the scenario's own.
    out : a new or empty folder for the results; ``experiments.results`` says what is in it.
    orders : keep every single order, too.
    threads : threads to use, all cores if not given; the result is the same.
    progress : hears (days done, days in all), those of the burn-in included where it is simulated.
    keep : take a burnt-in market from disk if there is one, and keep it there if not.

    Raises
    ------
    ParameterError : days or seed are out of range.
    ResultsError : ``out`` cannot become a results folder; noticed before anything is simulated.
    LedgerError : the books did not close.
    """
    if not isinstance(scenario, Scenario):
        raise ScenarioError(f"run() takes a scenario, not {scenario!r:.60}. Write run(load({scenario!r:.60})).")
    changes = {"days": days, "seed": seed}
    scenario = scenario.but(**{name: value for name, value in changes.items() if value is not None})
    with Folder(out) if out is not None else nullcontext() as folder:
        done = _simulate(scenario, folder.here if folder else None, orders, threads, progress, keep)
        if folder:
            folder.publish(_manifest(done, orders))
            done.tables = {name: folder.target / file.name for name, file in done.tables.items()}
    return done


def read(folder: str | Path) -> Run:
    """Return the run whose results are in a folder.

    Raises
    ------
    EtalaseError : there is no readable manifest, or its scenario is not one of this version.
    """
    manifest, here = read_manifest(folder), Path(folder)
    scenario = Scenario.from_dict(manifest["scenario"])
    tables = {file.removesuffix(".parquet"): here / file for file in manifest["files"]}
    return Run(scenario, manifest["fingerprint"], dict(manifest["seconds"]), tables)


def _read(file: Path) -> Any:
    """Return the Arrow table in a file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.read_table(file)
    except (OSError, pa.ArrowException):
        raise ResultsError(f"{str(file)!r} is missing or damaged. Run the scenario again.") from None


def _simulate(
    scenario: Scenario, here: Path | None, orders: bool, threads: int | None, progress: Progress, keep: bool
) -> Run:
    """Run all days; tables go to files in the folder ``here``, if there is one."""
    tell = progress or (lambda done, total: None)
    at = kept_at(scenario.population, scenario.mechanisms, scenario.calendar, scenario.seed) if keep else None
    before = 0 if at is not None and at.exists() else scenario.calendar.burn_in
    total, began = before + scenario.days, time.perf_counter()
    tell(0, total)
    market = Market(scenario, threads=threads, on_day=lambda day: tell(day, total), keep=keep)
    settled = time.perf_counter()
    book = OrderBook(Pages(ORDERS, here and here / "orders.parquet") if orders else None)
    ledger = _lived(market, book, lambda day: tell(before + day, total))
    stepped = time.perf_counter()
    fingerprint = _fingerprint(market, book, ledger)
    tables = dict(_tables(market, book, ledger, here))
    timing = {"settling": settled - began, "simulating": stepped - settled, "writing": time.perf_counter() - stepped}
    return Run(scenario, fingerprint, timing, tables)


def measured(scenario: Scenario, origin: Scenario | None, keep: bool) -> tuple[dict[str, Column], str]:
    """Run a scenario on one thread; return every metric, (days,), and the fingerprint that ``run`` would give.

    ``origin`` is the scenario whose burnt-in market it goes on from, if not its own.
    """
    market, book = Market(scenario, origin=origin, threads=1, keep=keep), OrderBook()
    ledger = _lived(market, book, lambda day: None)
    return market.recorder.columns(), _fingerprint(market, book, ledger)


def _lived(market: Market, book: OrderBook, tell: Callable[[int], None]) -> Ledger:
    """Simulate all days of a market, and read its orders into ``book``; return its ledger."""
    ledger = Ledger()
    for day in range(market.settings.days):
        market.step()
        assert market.today is not None
        book.read(market.today)
        ledger.read(market.today)
        tell(day + 1)
    book.close()
    return ledger


def _fingerprint(market: Market, book: OrderBook, ledger: Ledger) -> str:
    """Return the fingerprint of all content: orders, metrics, ledger, everybody at the end."""
    whole = book.fingerprint
    whole.add("metrics", market.recorder.columns())
    whole.add_text("ledger", ledger.text())
    for name in TABLES:
        whole.add(name, table_by_id(market.state, name))
    return whole.text()


def _tables(market: Market, book: OrderBook, ledger: Ledger, here: Path | None) -> Iterator[tuple[str, Any]]:
    """Yield each table, or the file in ``here`` that it was written to, by name."""
    whole = {"metrics": lambda: metrics_table(market.recorder), "ledger": ledger.table}
    categories = market.settings.population.market().names
    whole |= {name: partial(people_table, market.state, name, categories) for name in TABLES}
    for name, make in whole.items():
        yield name, kept(make(), here and here / f"{name}.parquet")
    if book.pages:
        yield "orders", book.pages.close()


def _manifest(done: Run, orders: bool) -> dict[str, Any]:
    """Return what the manifest says, but for the files."""
    return {
        "fingerprint": done.fingerprint,
        "days": done.days,
        "seed": done.scenario.seed,
        "orders": orders,
        "scenario": done.scenario.to_dict(),
        "versions": versions(),
        "source": source_hash(),
        "git": git_state(),
        "machine": machine(),
        "seconds": {name: round(seconds, 3) for name, seconds in done.timing.items()},
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
    }
