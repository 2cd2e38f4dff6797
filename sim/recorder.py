"""The recorder reads every declared metric each midnight, and keeps a row a day in flat arrays.

    recorder = Recorder(categories=("Beauty",), provinces=("Bali",))
    recorder.read(today)          # after settlement
    recorder.row["gmv"]           # the day just read
    recorder.to_frame()           # all days

A run of any length needs a few kilobytes a day.
"""

import math
from array import array
from collections.abc import Iterator
from dataclasses import fields
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.measures import Midnight
from sim.mechanism import Today
from sim.metrics import FAMILIES, METRICS, Metric
from sim.state import Channel, Size
from sim.tables import Column

if TYPE_CHECKING:
    import pandas as pd


class Recorder:
    """Reads every metric each midnight, and keeps a row a day in flat arrays.

    ``wages`` (n_provinces,) is the minimum wage [Rp/month] of the day to be read; without it
    ``creators_above_minimum_wage`` is NaN.
    """

    def __init__(
        self,
        categories: tuple[str, ...],
        provinces: tuple[str, ...],
        *,
        wages: Column | None = None,
        metrics: tuple[Metric, ...] = METRICS,
    ) -> None:
        self.wages = wages
        self.metrics = metrics
        self._members = {
            "channel": tuple(channel.name.lower() for channel in Channel),
            "category": categories,
            "province": provinces,
            "size": tuple(size.name.lower() for size in Size),
            "origin": ("imported", "local"),
        }
        self._columns: dict[str, Any] = {
            name: array("q" if whole else "d") for name, (_, _, whole) in self.declared().items()
        }
        self._row: dict[str, float | int] = dict.fromkeys(self._columns, math.nan)

    def declared(self) -> dict[str, tuple[str, str, bool]]:
        """Return (doc, unit, is it whole) of each column, by name, in order."""
        found = {"day": ("Days since day 0", "day", True), "date": ("Proleptic Gregorian ordinal", "day", True)}
        found |= {metric.name: (metric.doc, metric.unit, metric.whole) for metric in self.metrics}
        for family in FAMILIES:
            found |= {
                f"{family.name}.{name}": (family.doc, family.unit, True) for name in self._members[family.members]
            }
        return found

    @property
    def row(self) -> dict[str, float | int]:
        """The day read last, by name; every value NaN before the first."""
        return self._row

    def __len__(self) -> int:
        return len(self._columns["day"])

    def read(self, today: Today) -> None:
        """Read every metric off a day that is over, and append them."""
        day = Midnight(**{f.name: getattr(today, f.name) for f in fields(Today)}, wages=self.wages)
        self._row = dict(self._values(day))
        for name, value in self._row.items():
            self._columns[name].append(value)

    def _values(self, day: Midnight) -> Iterator[tuple[str, float | int]]:
        yield "day", day.day
        yield "date", day.date.date.toordinal()
        for metric in self.metrics:
            yield metric.name, metric.measure(day)
        for family in FAMILIES:
            names = self._members[family.members]
            for name, value in zip(names, family.measure(day, len(names)).tolist(), strict=True):
                yield f"{family.name}.{name}", value

    def column(self, name: str) -> Column:
        """Return a copy of one column, (days read,)."""
        return np.array(self._columns[name])

    def columns(self) -> dict[str, Column]:
        """Return a copy of every column, (days read,)."""
        return {name: np.array(values) for name, values in self._columns.items()}

    def to_frame(self) -> "pd.DataFrame":
        """Return a data frame with a row a day; ``date`` is a date."""
        import pandas as pd

        columns: dict[str, Any] = self.columns()
        columns["date"] = pd.to_datetime([date.fromordinal(d) for d in columns["date"].tolist()])
        return pd.DataFrame(columns)
