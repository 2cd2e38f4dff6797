"""Pictures of a run, each with the words that go with it. Needs the extra ``experiments``."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from experiments.run import Run
from experiments.summary import MONTH, WINDOW
from sim.inputs import provinces
from sim.tables import Column

#: Told apart by people who are colour-blind (Okabe and Ito 2008).
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7"]
CHANNELS = {"gmv_video": "video", "gmv_live": "LIVE", "gmv_search": "shelf"}
POINTS = 200  # of a Lorenz curve
WIDTH, HEIGHT = 560, 280
LEAST = 1e-4  # of the minimum wage; less is the fading memory of an income
_TIMES = (
    "datum.value == 0 ? 'the wage' : "
    "datum.value > 0 ? format(pow(10, datum.value), ',') + ' x' : '1/' + format(pow(10, -datum.value), ',')"
)
_TILES = Path(__file__).parent / "data" / "tiles.csv"


class Chart(NamedTuple):
    """A picture, and what is said about it."""

    name: str  # of its file
    title: str
    says: str
    draw: Callable[[Run], Any]  # an Altair chart


def sales(run: Run) -> Any:
    """Draw GMV a day by channel."""
    import altair as alt

    return (
        alt.Chart(by_channel(run.metrics))
        .mark_area()
        .encode(
            dates(),
            alt.Y("gmv:Q", title="GMV, million Rp a day"),
            alt.Color("channel:N", scale=alt.Scale(range=COLOURS[:3]), title="GMV from"),
        )
        .properties(width=WIDTH, height=HEIGHT)
    )


def dates() -> Any:
    """Return an axis of dates, without hours."""
    import altair as alt

    return alt.X("date:T", title=None, axis=alt.Axis(format="%-d %b", labelOverlap=True, tickMinStep=86_400_000))


def by_channel(metrics: pd.DataFrame) -> pd.DataFrame:
    """Return a row a day and channel: date, channel, gmv [million Rp]."""
    long = metrics[["date", *CHANNELS]].rename(columns=CHANNELS).melt("date", list(CHANNELS.values()), "channel", "gmv")
    return long.assign(date=pd.to_datetime(long["date"]), gmv=long["gmv"] / 1e6)


def incomes(run: Run) -> Any:
    """Draw how creators' monthly incomes compare with the minimum wage of their provinces."""
    import altair as alt

    axis = alt.Axis(values=list(range(-6, 4)), labelExpr=_TIMES)
    bars = (
        alt.Chart(by_income(run))
        .mark_rect()
        .encode(
            alt.X("low:Q", title="monthly income over the minimum wage of the province", axis=axis),
            alt.X2("high:Q"),
            alt.Y("creators:Q", title="creators"),
            alt.Y2(datum=0),
            alt.Color("wage:N", scale=alt.Scale(domain=["below", "above"], range=COLOURS[:2]), title="minimum wage"),
        )
        .properties(width=WIDTH, height=HEIGHT)
    )
    line = alt.Chart(pd.DataFrame({"low": [0.0]})).mark_rule(strokeDash=[4, 3]).encode(x="low:Q")
    return bars + line


def by_income(run: Run) -> pd.DataFrame:
    """Return a row a quarter of a decade of income over the minimum wage: low and high end [log10], creators."""
    decades = np.log10([times for times in against_wage(run) if times >= LEAST])
    ends = np.arange(np.floor(decades.min(initial=0.0)), np.ceil(decades.max(initial=0.0)) + 0.125, 0.25)
    low, found = ends[:-1], np.histogram(decades, ends)[0]
    return pd.DataFrame(
        {"low": low, "high": low + 0.25, "creators": found, "wage": np.where(low >= 0, "above", "below")}
    )


def against_wage(run: Run) -> Column:
    """Return the income of a month over the provincial minimum wage, of each creator in business, (n,)."""
    creators = run.creators[in_business(run, run.creators)]
    year = int(str(run.metrics["date"].iloc[-1])[:4])
    wages = dict(zip(provinces().names, provinces().wage(year).tolist(), strict=True))
    income: Column = creators["income"].to_numpy() * MONTH
    over: Column = income / creators["province"].astype(str).map(wages).to_numpy(np.float64)
    return over


def in_business(run: Run, hosts: pd.DataFrame) -> "pd.Series[bool]":
    """Tell which of ``hosts`` (creators or sellers) are in business at the end."""
    counter = int(run.metrics["day"].iloc[-1]) + run.scenario.calendar.burn_in
    return (hosts["joined"] <= counter) & (hosts["left"] > counter)


def concentration(run: Run) -> Any:
    """Draw Lorenz curves."""
    import altair as alt

    curves = (
        alt.Chart(pd.concat([lorenz(name, values) for name, values in holdings(run).items()]))
        .mark_line()
        .encode(
            alt.X("people:Q", title="share of them, poorest first", axis=alt.Axis(format="%")),
            alt.Y("held:Q", title="share of the whole", axis=alt.Axis(format="%")),
            alt.Color("of:N", scale=alt.Scale(range=COLOURS), title="who: what they hold"),
        )
        .properties(width=HEIGHT, height=HEIGHT)
    )
    equal = pd.DataFrame({"people": [0.0, 1.0], "held": [0.0, 1.0]})
    return curves + alt.Chart(equal).mark_line(strokeDash=[4, 3], color="grey").encode(x="people:Q", y="held:Q")


def holdings(run: Run) -> dict[str, Column]:
    """Return what is shared among whom, at the end."""
    creators = run.creators[in_business(run, run.creators)]
    return {
        "buyers: orders": run.users.loc[run.users["orders"] > 0, "orders"].to_numpy(),
        "sellers: revenue": run.sellers.loc[in_business(run, run.sellers), "revenue"].to_numpy(),
        "creators: followers": creators["followers"].to_numpy(),
        "creators: income": creators["income"].to_numpy(),
    }


def lorenz(name: str, values: Column) -> pd.DataFrame:
    """Return the Lorenz curve of non-negative ``values`` (n,): people, held, both shares; and of whom."""
    running = np.concatenate([[0.0], np.cumsum(np.sort(values))])
    people = np.linspace(0.0, 1.0, POINTS)
    held = np.interp(people, np.linspace(0.0, 1.0, len(running)), running / max(running[-1], 1.0))
    return pd.DataFrame({"of": name, "people": people, "held": held})


def places(run: Run) -> Any:
    """Draw the provinces as tiles, coloured by the sales of the sellers there."""
    import altair as alt

    sold = by_province(run)
    base = alt.Chart(sold).encode(alt.X("column:O", axis=None), alt.Y("row:O", axis=None))
    blues = alt.Scale(scheme="blues", type="sqrt")
    tiles = base.mark_rect(stroke="white", strokeWidth=2).encode(alt.Color("share:Q", title="of GMV", scale=blues))
    colour = alt.condition(alt.datum.share > float(sold["share"].max()) / 4, alt.value("white"), alt.value("black"))
    names = base.mark_text(fontSize=10, dy=-6).encode(text="short:N", color=colour)
    shares = base.mark_text(fontSize=10, dy=7).encode(text=alt.Text("share:Q", format=".1%"), color=colour)
    return (tiles + names + shares).properties(width=WIDTH, height=HEIGHT)


def by_province(run: Run) -> pd.DataFrame:
    """Return a row a province: place of its tile, and its sellers' share of the GMV of the last four weeks."""
    late = run.metrics.tail(WINDOW)
    with _TILES.open(encoding="utf-8", newline="") as file:
        tiles = pd.DataFrame(list(csv.DictReader(file))).astype({"column": int, "row": int})
    sold = np.array([float(late[f"gmv.province.{name}"].sum()) for name in tiles["province"]])
    return tiles.assign(share=sold / max(sold.sum(), 1.0))


def live(run: Run) -> Any:
    """Draw LIVE rooms a day, and viewers at once in a room."""
    import altair as alt

    data = run.metrics.assign(date=pd.to_datetime(run.metrics["date"]))
    rows = []
    for name, title, colour in (("live_rooms", "LIVE rooms a day", COLOURS[0]),
                                ("concurrent_viewers_mean", "viewers at once, mean room", COLOURS[1]),
                                ("concurrent_viewers_max", "viewers at once, fullest room", COLOURS[2])):  # fmt: skip
        encoded = alt.Chart(data).mark_line(color=colour).encode(dates(),
                                                                 alt.Y(f"{name}:Q", title=None))  # fmt: skip
        rows.append(encoded.properties(width=WIDTH, height=HEIGHT // 3, title=title))
    return alt.vconcat(*rows)


CHARTS = (
    Chart("sales", "Sales by channel",
          "GMV is the price of orders that meet stock; LIVE is sales from rooms, shelf those from search. Sales swell "
          "after the 25th of a month, when wages are paid, and peak on double dates (1.1, 2.2 ...).", sales),
    Chart("incomes", "Creators' income and the minimum wage",
          "Commission of a month, over the minimum wage of the creator's province, on a scale of powers of ten. "
          "Creators with less than a ten-thousandth of it are left out.", incomes),
    Chart("concentration", "Who has how much",
          "Lorenz curves: the further below the diagonal of equals, the more of it is held by few.", concentration),
    Chart("provinces", "Where sellers sell from",
          "Shares of GMV by province of the seller, at the end (four weeks at most), on a map of equal tiles.", places),
    Chart("live", "LIVE",
          "How many rooms there are, and how few watch most of them.", live),
)  # fmt: skip
