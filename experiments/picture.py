"""A picture of a run: ``python -m experiments.picture results/indonesia-2024 picture.svg``.

Left, GMV by channel and day; right, Lorenz curves of who gets how much of it. Needs the extra ``experiments``.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.results import read_manifest

#: Told apart by people who are colour-blind (Okabe and Ito 2008).
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7"]
CHANNELS = {"gmv_video": "video", "gmv_live": "LIVE", "gmv_search": "shelf"}
POINTS = 200  # of a Lorenz curve


def draw(folder: Path) -> Any:
    """Return the chart of a results folder."""
    import altair as alt

    manifest = read_manifest(folder)
    title = f"{manifest['scenario']['name']}, seed {manifest['seed']}, fingerprint {manifest['fingerprint'][:12]}"
    sales = (
        alt.Chart(by_channel(pd.read_parquet(folder / "metrics.parquet")))
        .mark_area()
        .encode(
            alt.X("date:T", title=None),
            alt.Y("gmv:Q", title="GMV, million Rp a day"),
            alt.Color("channel:N", scale=alt.Scale(range=COLOURS[:3]), title="GMV from"),
        )
        .properties(width=420, height=240, title="Sales by channel")
    )
    shares = (
        alt.Chart(pd.concat([lorenz(name, values) for name, values in holdings(folder).items()]))
        .mark_line()
        .encode(
            alt.X("people:Q", title="share of them, poorest first", axis=alt.Axis(format="%")),
            alt.Y("held:Q", title="share of the whole", axis=alt.Axis(format="%")),
            alt.Color("of:N", scale=alt.Scale(range=COLOURS), title="Whose what"),
        )
        .properties(width=240, height=240, title="Concentration")
    )
    return alt.hconcat(sales, shares, title=title).resolve_scale(color="independent")


def by_channel(metrics: pd.DataFrame) -> pd.DataFrame:
    """Return a row a day and channel: date, channel, gmv [million Rp]."""
    long = metrics[["date", *CHANNELS]].rename(columns=CHANNELS).melt("date", list(CHANNELS.values()), "channel", "gmv")
    return long.assign(date=pd.to_datetime(long["date"]), gmv=long["gmv"] / 1e6)


def holdings(folder: Path) -> dict[str, Any]:
    """Return what is shared among whom, at the end."""
    tables = (pd.read_parquet(folder / f"{name}.parquet") for name in ("users", "creators", "sellers"))
    users, creators, sellers = tables
    day = pd.read_parquet(folder / "metrics.parquet", columns=["day"])["day"].max()
    counter = day + read_manifest(folder)["scenario"]["calendar"]["burn_in"]
    here = (creators["joined"] <= counter) & (creators["left"] > counter)
    selling = (sellers["joined"] <= counter) & (sellers["left"] > counter)
    return {
        "buyers: orders": users.loc[users["orders"] > 0, "orders"].to_numpy(),
        "sellers: revenue": sellers.loc[selling, "revenue"].to_numpy(),
        "creators: followers": creators.loc[here, "followers"].to_numpy(),
        "creators: income": creators.loc[here, "income"].to_numpy(),
    }


def lorenz(name: str, values: Any) -> pd.DataFrame:
    """Return the Lorenz curve of non-negative ``values`` (n,): people, held, both shares; and of whom."""
    running = np.concatenate([[0.0], np.cumsum(np.sort(values))])
    people = np.linspace(0.0, 1.0, POINTS)
    held = np.interp(people, np.linspace(0.0, 1.0, len(running)), running / max(running[-1], 1.0))
    return pd.DataFrame({"of": name, "people": people, "held": held})


if __name__ == "__main__":
    draw(Path(sys.argv[1])).save(sys.argv[2])
