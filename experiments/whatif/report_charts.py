"""Pictures of a report, each from one place in ``effects.json``; two of a kind where a phone needs its own."""

import csv
import datetime
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.charts import COLOURS
from experiments.markup import NARROW, WIDE, styled
from experiments.whatif.gains import BANDS
from experiments.whatif.matching import PARTS
from experiments.whatif.phrases import plain, text
from experiments.whatif.report_numbers import SIZES, Place

SMALL = 5  # agents in a world, below which a group is left out
FEWEST = 8  # provinces, below which there is no map
LEAST = 30  # people in a province, over all worlds, below which its share is chance
LOSS_TO_GAIN = ["#C04E00", "#F3B98C", "#E3E6EA", "#93C4E6", "#005A96"]
PART_COLOURS = ["#C9CED6", "#0072B2", "#3F97CC", "#7DB8DE", "#AFD3EC", "#E69F00", "#009E73"]
_TILES = Path(__file__).parent.parent / "data" / "tiles.csv"


def size_of(amounts: list[float]) -> tuple[float, str]:
    """Return a number to divide amounts by, and its name."""
    most = max((abs(amount) for amount in amounts), default=0.0)
    return next(((size, text(name)) for size, name in SIZES if most >= size), (1.0, ""))


def days(arm: Place, wide: bool) -> Any:
    """Draw GMV of both worlds by day, what differs, and when programs are on."""
    import altair as alt

    frame, title, width = by_day(arm), _rupiah(arm), (WIDE if wide else NARROW) - 90
    start = _start(arm)
    horizon = start + datetime.timedelta(days=int(arm.whole["days"]))
    x = alt.X("date:T", title=None, axis=alt.Axis(format="%-d %b", labelOverlap=True, tickCount=6))
    colour = alt.Color("world:N", sort=None, scale=alt.Scale(range=["#7A8490", COLOURS[0]]))
    long = frame.melt("date", [text("world.base"), text("world.arm")], "world", "gmv")
    lines = alt.Chart(long).mark_line(strokeWidth=1.8).encode(x, _y("gmv:Q", title), colour)
    more = alt.Chart(frame).mark_bar(color=COLOURS[0], width={"band": 0.9}).encode(
        alt.X("date:T", title=None, axis=None, timeUnit="yearmonthdate"), _y("more:Q", text("axis.more"))
    )  # fmt: skip
    end = alt.Chart(pd.DataFrame({"date": [pd.Timestamp(horizon)]})).mark_rule(strokeDash=[3, 3], color="#5A6673")
    top = (lines + end.encode(x="date:T")).properties(width=width, height=190 if wide else 160)
    middle = more.properties(width=width, height=70)
    rows = [top, middle]
    if arm.value["window"]:
        rows.append(_programs(arm).properties(width=width, height=26 * len(arm.value["window"])))
    return styled(
        alt.vconcat(*rows, bounds="flush", spacing=26).resolve_scale(x="shared", color="independent"), legend="top"
    )


def _y(field: str, title: str) -> Any:
    import altair as alt

    return alt.Y(field, title=title, axis=alt.Axis(tickCount=4, minExtent=38, maxExtent=38))


def _start(arm: Place) -> datetime.date:
    return datetime.date.fromisoformat(arm.whole["base"]["scenario"]["calendar"]["start"])


def _rupiah(arm: Place) -> str:
    _, name = size_of([x * arm.whole["scale"] for x in arm.whole["series"]["gmv"]])
    return text("axis.gmv", size=name)


def by_day(arm: Place) -> pd.DataFrame:
    """Return a row a day: date, GMV of both worlds and what differs, for the whole market."""
    scale = float(arm.whole["scale"])
    base, mine = ([x * scale for x in found] for found in (arm.whole["series"]["gmv"], arm.value["series"]["gmv"]))
    size, _ = size_of(base)
    frame = pd.DataFrame({"base": base, "arm": mine}) / size
    frame["more"] = frame["arm"] - frame["base"]
    frame["date"] = pd.date_range(_start(arm), periods=len(frame))
    return frame.rename(columns={"base": text("world.base"), "arm": text("world.arm")})


def _programs(arm: Place) -> Any:
    import altair as alt

    start, rows = pd.Timestamp(_start(arm)), []
    for title, (first, end) in arm.value["window"].items():
        ended = arm.value["programs"][title]["ended"]
        rows.append({"program": title, "first": start + pd.Timedelta(days=first), "end": start + pd.Timedelta(days=end),
                     "spent": None if ended is None else start + pd.Timedelta(days=ended)})  # fmt: skip
    frame = pd.DataFrame(rows).astype({"spent": "datetime64[ns]"})
    base = alt.Chart(frame).encode(alt.Y("program:N", axis=None, sort=None))
    x = alt.X("first:T", title=None, axis=None)
    bars = base.mark_bar(height=6, yOffset=6, color="#93C4E6").encode(x, alt.X2("end:T"))
    names = base.mark_text(align="left", dy=-4, fontSize=11, color="#1d2733").encode(x, text="program:N")
    spent = (
        base.transform_filter("isValid(datum.spent)")
        .mark_point(shape="cross", angle=45, size=90, filled=True, color="#C04E00", yOffset=6)
        .encode(alt.X("spent:T"))
    )
    return bars + names + spent


def shares(rows: Sequence[tuple[str, Mapping[str, float]]], wide: bool) -> Any:
    """Draw the parts of sales as shares, a bar for each of ``rows``: its name, and how much each part is."""
    import altair as alt

    data = [{"row": name, "part": text(f"part.{part}"), "order": k, "share": found[part] / max(sum(found.values()), 1)}
            for name, found in rows for k, part in enumerate(PARTS)]  # fmt: skip
    names = [text(f"part.{part}") for part in PARTS]
    chart = (
        alt.Chart(pd.DataFrame(data))
        .mark_bar(height=18)
        .encode(
            alt.Y("row:N", sort=None, title=None, axis=alt.Axis(labelLimit=190 if wide else 118, ticks=False)),
            alt.X("share:Q", stack="zero", title=None, axis=alt.Axis(format="%", tickCount=5)),
            alt.Color("part:N", sort=None, scale=alt.Scale(domain=names, range=PART_COLOURS),
                      legend=alt.Legend(columns=4 if wide else 2)),
            alt.Order("order:Q"),
        )
        .properties(height=alt.Step(27))
    )  # fmt: skip
    return styled(chart, WIDE if wide else NARROW)


def bands(side: Place) -> Any:
    """Draw for each group who loses and who gains, around those whose day is the same."""
    import altair as alt

    rows = [{"row": name, **row} for name, counts in _groups(side) for row in _bars(counts)]
    most = max(max(-row["first"], row["end"]) for row in rows)
    scale = alt.Scale(domain=[text(f"band.{k}") for k in range(len(BANDS))], range=LOSS_TO_GAIN)
    chart = (
        alt.Chart(pd.DataFrame(rows))
        .mark_bar(height=11)
        .encode(
            alt.Y("row:N", sort=None, title=None, axis=alt.Axis(labelLimit=150, ticks=False)),
            alt.X("first:Q", title=None, axis=None, scale=alt.Scale(domain=[-most, most], nice=False)),
            alt.X2("end:Q"),
            alt.Color("band:N", scale=scale, legend=alt.Legend(columns=2)),
        )
        .properties(height=alt.Step(16))
    )
    middle = alt.Chart(pd.DataFrame({"first": [0.0]})).mark_rule(color="#5A6673").encode(x="first:Q")
    return styled(chart + middle, NARROW)


def _groups(side: Place) -> list[tuple[str, list[int]]]:
    """Return name, size and bands of each group but provinces, everybody first."""
    seeds = side.whole["arms"][side.keys[1]]["gains_seeds"]
    found = [(text("group.all"), side.value["all"])]
    for group, members in side.value["groups"].items():
        if group != "province":
            found += [
                (text(f"group.{group}", member=plain("member", name)), counts) for name, counts in members.items()
            ]
    return [
        (text("group.size_of", group=name, n=f"{sum(counts) / seeds:,.0f}"), counts)
        for name, counts in found
        if sum(counts) >= SMALL * seeds
    ]


def _bars(counts: list[int]) -> list[dict[str, Any]]:
    """Return where the bands of one group begin and end, the middle of those who are alike at zero."""
    part = [count / max(sum(counts), 1) for count in counts]
    first = -part[0] - part[1] - part[2] / 2
    return [
        {"band": text(f"band.{k}"), "first": first + sum(part[:k]), "end": first + sum(part[: k + 1])}
        for k in range(len(part))
    ]


def provinces_map(side: Place, wide: bool) -> Any:
    """Draw by province the share who gain less the share who lose; None if everywhere there are too few."""
    import altair as alt

    found = balance(side.value["groups"]["province"])
    known = found.dropna(subset="balance")
    if len(known) < FEWEST:
        return None
    most = float(known["balance"].abs().max()) or 1.0
    scale = alt.Scale(domain=[-most, 0, most], range=[LOSS_TO_GAIN[0], "#F4F6F8", LOSS_TO_GAIN[4]], interpolate="rgb")
    legend = alt.Legend(format="+.0%", orient="bottom", gradientLength=160, padding=12)
    if not wide:
        chart = alt.Chart(known).mark_bar(height=9).encode(
            alt.Y("province:N", sort="-x", title=None, axis=alt.Axis(labelLimit=150, ticks=False)),
            alt.X("balance:Q", title=None, axis=alt.Axis(format="+.0%", tickCount=4)),
            alt.Color("balance:Q", scale=scale, legend=None),
        ).properties(height=alt.Step(14))  # fmt: skip
        return styled(chart, NARROW)
    base = alt.Chart(found).encode(alt.X("column:O", axis=None), alt.Y("row:O", axis=None))
    dark = alt.condition(f"abs(datum.balance) > {0.6 * most}", alt.value("white"), alt.value("#1d2733"))
    few = base.mark_rect(stroke="white", strokeWidth=2, color="#EDEFF2")
    tiles = base.mark_rect(stroke="white", strokeWidth=2).encode(alt.Color("balance:Q", scale=scale, legend=legend))
    names = base.mark_text(fontSize=10, dy=-6).encode(text="short:N", color=dark)
    values = base.transform_filter("isValid(datum.balance)").mark_text(fontSize=10, dy=7)
    return styled(few + tiles + names + values.encode(text=alt.Text("balance:Q", format="+.0%"), color=dark), WIDE, 230)


def balance(provinces: Mapping[str, list[int]]) -> pd.DataFrame:
    """Return a row a province: place of its tile, and the share who gain less the share who lose."""
    with _TILES.open(encoding="utf-8", newline="") as file:
        tiles = pd.DataFrame(list(csv.DictReader(file))).astype({"column": int, "row": int})
    counts = [provinces.get(name, [0] * len(BANDS)) for name in tiles["province"]]
    net = [(sum(c[3:]) - sum(c[:2])) / sum(c) if sum(c) >= LEAST else None for c in counts]
    return tiles.assign(balance=pd.Series(net, dtype="float64"))


def windows(side: Place) -> Any:
    """Draw what four ways to count say, for every pair of windows."""
    import altair as alt

    ways = ("mean_of_ratios", "ratio_of_sums", "difference_in_differences", "causal")
    rows = [
        {
            "row": text("window", **{k: row[k] for k in ("before", "after", "gap")}),
            "way": text(f"way.{way}"),
            "times": row[way],
        }
        for row in side.value
        for way in ways
        if row[way]
    ]
    one = alt.Chart(pd.DataFrame({"times": [1.0]})).mark_rule(color="#5A6673", strokeDash=[3, 3]).encode(x="times:Q")
    scale = alt.Scale(
        domain=[text(f"way.{way}") for way in ways], range=[COLOURS[1], COLOURS[3], "#E69F00", COLOURS[0]]
    )
    dots = (
        alt.Chart(pd.DataFrame(rows))
        .mark_circle(size=55, opacity=0.9)
        .encode(
            alt.X("times:Q", scale=alt.Scale(type="log", nice=False, padding=8), title=text("axis.times"),
                  axis=alt.Axis(format="~g", tickCount=5)),
            alt.Y("row:N", sort=None, title=None, axis=alt.Axis(labelLimit=140)),
            alt.Color("way:N", scale=scale, legend=alt.Legend(columns=2)),
        )
        .properties(height=alt.Step(17))
    )  # fmt: skip
    return styled(dots + one, NARROW)
