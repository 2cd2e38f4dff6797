"""The 38 provinces as equal tiles: where sellers sell from, and where they sell more or less than in the twin."""

import csv
from functools import cache
from pathlib import Path
from typing import Any

import experiments
from experiments.dashboard.twins import Twins, column
from experiments.dashboard.views.drawing import Plot, Rows, Show, View, data, finish
from experiments.dashboard.words import Words

_TILES = Path(experiments.__file__).parent / "data" / "tiles.csv"
LARGEST = 12  # provinces that a phone shows
LEAST = 0.005  # of GMV, below which a province's change is chance and is not coloured


def plots(show: Show) -> list[Plot]:
    """Return the pictures."""
    words = show.words
    found = [
        Plot("map", _tiles(show, "share", "blues"), words.text("map.share"), words.text("map.share.says"),
             narrow=_bars(show, "share"))
    ]  # fmt: skip
    if show.two:
        found.append(
            Plot("map-change", _tiles(show, "change", ""), words.text("map.change"), words.text("map.change.says"),
                 narrow=_bars(show, "change"))
        )  # fmt: skip
    return found


def _scale(value: str) -> Any:
    import altair as alt

    if value == "share":
        return alt.Scale(scheme="blues", type="sqrt")
    return alt.Scale(domain=[-0.2, 0, 0.2], range=["#C04E00", "#F4F6F8", "#005A96"], interpolate="rgb", clamp=True)


def _format(value: str) -> str:
    return ".1%" if value == "share" else "+.0%"


def _tiles(show: Show, value: str, scheme: str) -> dict[str, Any]:
    import altair as alt

    base = alt.Chart(data("provinces")).encode(alt.X("column:O", axis=None), alt.Y("row:O", axis=None))
    known = base.transform_filter(f"isValid(datum.{value})")
    legend = alt.Legend(format=_format(value), title=None, orient="bottom", gradientLength=160)
    empty = base.mark_rect(stroke="white", strokeWidth=2, color="#EDEFF2")
    tiles = known.mark_rect(stroke="white", strokeWidth=2).encode(
        alt.Color(f"{value}:Q", scale=_scale(value), legend=legend)
    )
    dark = "datum.share > 0.12" if value == "share" else "abs(datum.change) > 0.12"
    colour = alt.condition(f"isValid(datum.{value}) && {dark}", alt.value("white"), alt.value("#1d2733"))
    texts = base.mark_text(fontSize=10, dy=-6).encode(text="short:N", color=colour)
    values = known.mark_text(fontSize=10, dy=7).encode(text=alt.Text(f"{value}:Q", format=_format(value)), color=colour)
    return finish(empty + tiles + texts + values, 260)


def _bars(show: Show, value: str) -> dict[str, Any]:
    import altair as alt

    most = alt.Chart(data("provinces")).transform_window(
        rank="rank()", sort=[alt.SortField("share", order="descending")]
    ).transform_filter(f"datum.rank <= {LARGEST} && isValid(datum.{value})")  # fmt: skip
    bars = most.mark_bar(height={"band": 0.7}).encode(
        alt.Y("province:N", sort=alt.EncodingSortField("share", order="descending"), title=None,
              axis=alt.Axis(labelLimit=150, ticks=False)),
        alt.X(f"{value}:Q", title=None, axis=alt.Axis(format=_format(value), tickCount=4)),
        alt.Color(f"{value}:Q", scale=_scale(value), legend=None),
    )  # fmt: skip
    return finish(bars, 220)


@cache
def tiles() -> dict[str, list[Any]]:
    """Return province, its short name, and the place of its tile."""
    with _TILES.open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    found: dict[str, list[Any]] = {name: [row[name] for row in table] for name in ("province", "short")}
    return found | {name: [int(row[name]) for row in table] for name in ("column", "row")}


def rows(twins: Twins) -> Rows:
    """Return a row a province: its sellers' share of GMV so far, and how much more they sold than in the twin."""
    sold = {
        world: [float(column(life.market, f"gmv.province.{name}").sum()) for name in tiles()["province"]]
        for world, life in twins.lives
    }
    whole = max(sum(sold["variant"]), 1.0)
    change = [
        mine / theirs - 1 if theirs > LEAST * sum(sold["base"]) else None
        for mine, theirs in zip(sold["variant"], sold["base"], strict=True)
    ]
    share = [value / whole if value else None for value in sold["variant"]]
    return {"provinces": {**tiles(), "share": share, "change": change, **sold}}


def says(twins: Twins, words: Words) -> list[str]:
    """Say where most is sold from, and where the change is largest."""
    found = rows(twins)["provinces"]
    places = [(share, name) for share, name in zip(found["share"], found["province"], strict=True) if share]
    if not places:
        return [words.text("says.begin")]
    top = sorted(places, reverse=True)[:3]
    lines = [words.text("map.says", places=", ".join(f"{name} ({words.share(share)})" for share, name in top))]
    known = [(c, name) for c, name in zip(found["change"], found["province"], strict=True) if c is not None]
    if twins.two and known:
        (low, loser), (high, winner) = min(known), max(known)
        lines.append(words.text("map.says.change", winner=winner, high=words.change(high), loser=loser,
                                low=words.change(low)))  # fmt: skip
    return lines


VIEW = View("map", plots, rows, says)
