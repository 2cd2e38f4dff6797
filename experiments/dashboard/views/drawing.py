"""What the pictures of the page share: their form, axes of dates, the two worlds, and rows as they travel."""

import datetime
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from experiments.dashboard.twins import Twins
from experiments.dashboard.words import Words
from experiments.markup import styled

#: Of the base and of its twin; the base is dashed, so that no picture hangs on colour alone.
WORLD_COLOURS = {"base": "#5A6673", "variant": "#0072B2"}
#: Told apart by people who are colour-blind (Okabe and Ito 2008).
CHANNEL_COLOURS = {"video": "#0072B2", "live": "#D55E00", "search": "#009E73"}
SIZES = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"), (1e3, "thousand"))
DAY = 86_400_000  # milliseconds
WINDOWS = (30, 60, 90, 180, 365, 730)  # days that pictures reach over, where the market goes on longer
EXACT = 6  # digits that travel

Columns = Mapping[str, Sequence[Any] | Any]
Rows = dict[str, Columns]


@dataclass(frozen=True)
class Plot:
    """A picture: its specification, and what stands above and below it."""

    name: str
    spec: dict[str, Any]
    title: str
    caption: str = ""
    narrow: dict[str, Any] | None = None  # on a phone, where it needs another
    half: bool = False  # two of them stand side by side


@dataclass(frozen=True)
class Show:
    """What pictures are drawn for: a market's first date, the days shown, one world or two, people for an agent."""

    words: Words
    start: datetime.date
    two: bool
    scale: float
    users: int


@dataclass(frozen=True)
class View:
    """Something to look at: pictures that stay while days pass, rows that change, and a sentence that says it."""

    name: str
    plots: Callable[[Show], list[Plot]]
    rows: Callable[[Twins], Rows]
    says: Callable[[Twins, Words], list[str]]


def names(show: Show) -> list[str]:
    """Return the worlds that there are."""
    return ["base", "variant"] if show.two else ["base"]


def data(name: str) -> Any:
    """Return data that come later, under a name."""
    import altair as alt

    return alt.NamedData(name=name)


def finish(chart: Any, height: int = 190, legend: str = "top") -> dict[str, Any]:
    """Return a specification as wide as its place, in the style of the page."""
    chart = chart.properties(width="container", height=height)
    found: dict[str, Any] = styled(chart.properties(background="transparent"), legend=legend).to_dict(validate=False)
    return found


def dates(field: str = "day") -> Any:
    """Return an axis of dates; ``field`` holds days since day 0, of which ``dated`` makes dates."""
    import altair as alt

    axis = alt.Axis(format="%-d %b", labelOverlap=True, tickCount=6, grid=False)
    return alt.X(f"{field}_date:T", title=None, scale=alt.Scale(type="utc", nice=False), axis=axis)


def all_days(show: Show) -> Any:
    """Return an invisible layer that holds the axis of dates open over all days shown; needs the rows ``window``."""
    import altair as alt

    return dated(alt.Chart(data("window")), show).mark_point(opacity=0).encode(dates())


def dated(chart: Any, show: Show, *fields: str) -> Any:
    """Return a chart whose ``fields``, days since day 0, are dates too."""
    made = {f"{field}_date": f"datum.{field} * {DAY} + {_milliseconds(show.start)}" for field in fields or ("day",)}
    return chart.transform_calculate(**made)


def _milliseconds(date: datetime.date) -> int:
    return (date - datetime.date(1970, 1, 1)).days * DAY


def world_scale(show: Show) -> dict[str, Any]:
    """Return colour and dashes of the worlds, with a legend in the language of the page."""
    import altair as alt

    worlds = names(show)
    said = {world: show.words.text(f"world.{world}" if show.two else "world.only") for world in worlds}
    legend = alt.Legend(labelExpr=lookup(said), title=None, symbolType="stroke") if show.two else None
    colours = alt.Scale(domain=worlds, range=[WORLD_COLOURS[world] for world in worlds])
    dashes = alt.Scale(domain=worlds, range=[[5, 3], [1, 0]] if show.two else [[1, 0]])
    return {
        "color": alt.Color("world:N", scale=colours, legend=legend),
        "strokeDash": alt.StrokeDash("world:N", scale=dashes, legend=legend),
    }


def lookup(said: Mapping[str, str]) -> str:
    """Return a Vega expression that says the label of a legend or axis in other words."""
    return f"{json.dumps(dict(said), ensure_ascii=False)}[datum.label] || datum.label"


def short_numbers(words: Words, value: str = "datum.value") -> str:
    """Return a Vega expression that writes a large number in few letters."""
    parts = [
        f"abs({value}) >= {size:.0f} ? format({value} / {size:.0f}, ',.3~r') + ' {words.text(f'short.{name}')}'"
        for size, name in SIZES
    ]
    return " : ".join([*parts, f"format({value}, ',.3~r')"])


def spans(show: Show, n: int = 8) -> Any:
    """Return bars that say when programs are on, for the top of a picture over days; needs the rows ``programs``."""
    import altair as alt

    base = dated(alt.Chart(data("programs")), show, "start", "end")
    level = alt.Y("level:Q", axis=None, scale=alt.Scale(domain=[0, n], reverse=True))
    x, end = dates("start"), alt.X2("end_date:T")
    bars = base.mark_bar(height=9, color="#93C4E6", opacity=0.6).encode(x, level, x2=end)
    texts = base.mark_text(align="left", dx=3, fontSize=10, color="#1d2733").encode(x, level, text="program:N")
    return bars + texts


def window(day: int, last: int) -> int:
    """Return until which day pictures reach: days to come leave room for those that were."""
    return next((end for end in WINDOWS if day <= end < last), max(day, last, 1))


def program_rows(programs: Sequence[Mapping[str, Any]], horizon: int) -> Columns:
    """Return the rows ``programs``: a bar for each that begins within the days shown."""
    seen = [p for p in programs if p["start"] < horizon]
    return {
        "program": [p["program"] for p in seen],
        "start": [p["start"] for p in seen],
        "end": [min(p["end"], horizon) for p in seen],
        "level": [0.5 + k for k in range(len(seen))],
    }


def travelling(rows: Rows) -> dict[str, dict[str, list[Any]]]:
    """Return rows as they travel to the browser: columns of plain values, what has no value as None."""
    return {name: {column: _plain(values) for column, values in columns.items()} for name, columns in rows.items()}


def _plain(values: Any) -> list[Any]:
    return [_short(value) for value in (values.tolist() if isinstance(values, np.ndarray) else values)]


def _short(value: Any) -> Any:
    if not isinstance(value, float):
        return value
    if not math.isfinite(value):
        return None
    return int(value) if value == int(value) and abs(value) < 1e15 else float(f"{value:.{EXACT}g}")
