"""Pictures of outcomes that are one a day: how points spread, and which factors matter when."""

import html
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from experiments.markup import figures, paragraph
from experiments.study import page_charts as charts
from experiments.study.designs import Morris, Sobol
from experiments.study.outcomes import Outcome
from experiments.study.page_data import QUANTILES, Tables, short, titled
from experiments.study.page_tables import INDICES, RUNS
from experiments.study.phrases import say, text
from sim.tables import Column

if TYPE_CHECKING:
    import pandas as pd

MOST_LINES = 6


def series(tables: Tables, outcome: Outcome) -> Iterator[str]:
    """Yield the pictures of an outcome that is one a day, or why there are none."""
    table = tables.by_day(outcome)
    if not np.isfinite(table).any():
        yield paragraph(say("outcome.none", name=html.escape(outcome.name)))
        return
    yield _fan(tables, outcome, table)
    yield from _indices(tables, outcome)


def _fan(tables: Tables, outcome: Outcome, table: Column) -> str:
    import pandas as pd

    name = html.escape(outcome.name)
    known = np.isfinite(table).any(axis=0)
    found = np.full((len(QUANTILES), table.shape[1]), np.nan)
    found[:, known] = np.nanquantile(table[:, known], QUANTILES, axis=0)
    size, unit = tables.scaled(outcome, found.ravel())
    days = pd.DataFrame({f"q{round(100 * q)}": row / size for q, row in zip(QUANTILES, found, strict=True)})
    days["date"] = dates(tables, tables.first_day(outcome) + np.arange(len(days)))
    spans = _spans(tables, outcome, days["date"])
    said = (
        say("fan.alone", outcome=name)
        if len(table) == 1
        else say("fan.caption", outcome=name, points=f"{len(table):,}")
    )
    same = len(table) > 1 and bool((np.nanmax(table[:, known], axis=0) == np.nanmin(table[:, known], axis=0)).all())
    more = [say("fan.same")] if same else []
    more += [say("fan.programs")] if len(spans) else []
    return figures(
        " ".join([said, *more]),
        [RUNS],
        *(charts.fan(days, spans, titled(outcome.name, unit), w) for w in (True, False)),
    )


def _spans(tables: Tables, outcome: Outcome, shown: "pd.Series[pd.Timestamp]") -> "pd.DataFrame":
    """Return when programs are on, as far as the days that are shown."""
    import pandas as pd

    found = [
        {"program": span.program, "start": max(start, shown.min()), "end": min(end, shown.max())}
        for span in tables.programs(outcome)
        for start, end in [dates(tables, np.array([span.start, span.end]))]
        if start <= shown.max() and end > shown.min()
    ]
    return pd.DataFrame(found)


def dates(tables: Tables, days: Column) -> "pd.DatetimeIndex":
    """Return the dates of days of the study."""
    import pandas as pd

    return pd.Timestamp(tables.study.base.calendar.start) + pd.to_timedelta(days, unit="D")


def _indices(tables: Tables, outcome: Outcome) -> Iterator[str]:
    """Yield a line a factor, those that matter most on average."""
    design = tables.study.design
    if not isinstance(design, Morris | Sobol):
        return
    index = "ST" if isinstance(design, Sobol) else "mu_star"
    table = tables.indices
    mine = table[(table["outcome"] == outcome.name) & (table["index"] == index)]
    if not len(mine):
        yield paragraph(say("indices.none", outcome=html.escape(outcome.name)))
        return
    if outcome.name in tables.noisy:
        yield paragraph(say("indices.noise", outcome=html.escape(outcome.name)), "warning")
    by_day = mine.pivot(index="day", columns="factor", values="value")
    order = [str(name) for name in by_day.mean().sort_values(ascending=False).index]
    lines, left = by_day[order[:MOST_LINES]].rename(columns=short(order)), order[MOST_LINES:]
    if left:
        lines = lines.assign(**{text("others"): by_day[left].max(axis=1)})
    said = [say(f"days.caption.{index}", outcome=html.escape(outcome.name))]
    said += [say("days.others", n=f"{len(left):,}")] if left else []
    yield _lines(tables, outcome, lines, index, " ".join(said))


def _lines(tables: Tables, outcome: Outcome, lines: "pd.DataFrame", index: str, said: str) -> str:
    size, unit = tables.scaled(outcome, lines.to_numpy().ravel()) if index == "mu_star" else (1.0, "")
    title = text("axis.mu_star", outcome=titled(outcome.name, unit)) if index == "mu_star" else text("index.ST")
    long = (lines / size).reset_index().melt("day", var_name="name", value_name="value")
    long["date"] = dates(tables, tables.first_day(outcome) + long["day"].to_numpy(np.int64))
    return figures(said, [INDICES], *(charts.days(long.drop(columns="day"), title, w) for w in (True, False)))
