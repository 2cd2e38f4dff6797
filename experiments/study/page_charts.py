"""Pictures of a study, drawn from small tables; two of a kind where a phone needs its own."""

from typing import TYPE_CHECKING, Any

from experiments.charts import COLOURS
from experiments.markup import NARROW, WIDE, styled
from experiments.study.phrases import text

if TYPE_CHECKING:
    import pandas as pd

#: Of Okabe and Ito (2008), as the other pictures; the last is for all that is left.
MANY = [*COLOURS, "#56B4E9", "#E69F00", "#8A94A0"]
INK, SOFT, PALE = "#1d2733", "#5A6673", "#B4BDC7"
CELLS = 8  # levels to a side, up to which a heat map also says its numbers
TILE = 215  # width of a small picture, of which several stand in a row
DAY = 86_400_000  # milliseconds
NAMED = 8  # ranks that are written beside their dots


def _x(field: str, title: str, **more: Any) -> Any:
    import altair as alt

    axis = alt.Axis(tickCount=5, labelOverlap=True, **more.pop("axis", {}))
    return alt.X(field, title=title, scale=alt.Scale(zero=False, nice=True), axis=axis, **more)


def _y(field: str, title: str | None, **more: Any) -> Any:
    import altair as alt

    scale = alt.Scale(zero=more.pop("zero", False))
    axis = alt.Axis(tickCount=5, titleLimit=more.pop("limit", 190), minExtent=30)
    return alt.Y(field, title=title, scale=scale, axis=axis, **more)


def _dates(field: str, low: Any = None, high: Any = None) -> Any:
    import altair as alt

    ends = [alt.DateTime(year=d.year, month=d.month, date=d.day) for d in (low, high)] if low is not None else None
    axis = alt.Axis(format="%-d %b", labelOverlap=True, labelSeparation=8, tickCount=6, tickMinStep=DAY)
    return alt.X(field, title=None, axis=axis, scale=alt.Scale(domain=ends) if ends else alt.Undefined)


def _rows(wide: bool) -> Any:
    """Return an axis of names, which are cut on a phone if they are long."""
    import altair as alt

    axis = alt.Axis(labelLimit=290 if wide else 135, ticks=False, title=None)
    return alt.Y("name:N", sort=None, title=None, axis=axis)


def fan(days: "pd.DataFrame", spans: "pd.DataFrame", title: str, wide: bool) -> Any:
    """Draw quantiles by day (date, q5, q25, q50, q75, q95), and below them when programs are on."""
    import altair as alt

    width = (WIDE if wide else NARROW) - 90
    low, high = days["date"].min(), days["date"].max()
    base = alt.Chart(days).encode(_dates("date:T", low, high))
    outer = base.mark_area(color=COLOURS[0], opacity=0.18).encode(_y("q5:Q", title), alt.Y2("q95:Q"))
    inner = base.mark_area(color=COLOURS[0], opacity=0.32).encode(alt.Y("q25:Q"), alt.Y2("q75:Q"))
    middle = base.mark_line(color=COLOURS[0], strokeWidth=2).encode(alt.Y("q50:Q"))
    top = (outer + inner + middle).properties(width=width, height=200 if wide else 170)
    if not len(spans):
        return styled(top)
    rows = programs(spans, low, high).properties(width=width, height=24 * len(spans))
    return styled(alt.vconcat(top, rows, bounds="flush", spacing=28))


def programs(spans: "pd.DataFrame", low: Any, high: Any) -> Any:
    """Draw when programs are on (program, start, end)."""
    import altair as alt

    ends = [alt.DateTime(year=d.year, month=d.month, date=d.day) for d in (low, high)]
    base = alt.Chart(spans).encode(alt.Y("program:N", axis=None, sort=None))
    x = alt.X("start:T", axis=None, scale=alt.Scale(domain=ends))
    bars = base.mark_bar(height=6, yOffset=6, color="#E69F00", clip=True).encode(x, alt.X2("end:T"))
    return bars + base.mark_text(align="left", dy=-4, fontSize=11, color=INK).encode(x, text="program:N")


def line(levels: "pd.DataFrame", x: str, y: str, wide: bool) -> Any:
    """Draw means by the value of one number (x, mean, low, high), with the range of the seeds."""
    import altair as alt

    base = alt.Chart(levels).encode(_x("x:Q", x))
    band = base.mark_area(color=COLOURS[0], opacity=0.18).encode(_y("low:Q", y), alt.Y2("high:Q"))
    mean = base.mark_line(color=COLOURS[0], point=alt.OverlayMarkDef(color=COLOURS[0])).encode(alt.Y("mean:Q"))
    return styled(band + mean, WIDE if wide else NARROW, 260 if wide else 210)


def heat(cells: "pd.DataFrame", x: str, y: str, title: str, wide: bool) -> Any:
    """Draw means by the levels of two factors (x, y, value), which are words in order."""
    import altair as alt

    base = alt.Chart(cells).encode(
        alt.X("x:O", sort=None, title=x, axis=alt.Axis(labelAngle=0, labelOverlap=True, ticks=False)),
        alt.Y("y:O", sort=list(dict.fromkeys(cells["y"]))[::-1], title=y, axis=alt.Axis(labelLimit=90, ticks=False)),
    )
    least, most = float(cells["value"].min()), float(cells["value"].max())
    signs, far = least < 0 < most, max(-least, most)
    blues, both = (
        alt.Scale(scheme="blues", zero=False),
        alt.Scale(scheme="blueorange", domain=[-far, 0, far], reverse=True),
    )
    legend = alt.Legend(title=title, titleLimit=300, gradientLength=200, gradientThickness=10, tickCount=4)
    tiles = base.mark_rect(stroke="white").encode(alt.Color("value:Q", scale=both if signs else blues, legend=legend))
    chart = tiles
    if cells["x"].nunique() <= (CELLS if wide else CELLS - 3) and cells["y"].nunique() <= CELLS:
        dark = f"abs(datum.value) > {0.6 * far}" if signs else f"datum.value > {(least + most) / 2}"
        ink = alt.condition(dark, alt.value("white"), alt.value(INK))
        chart = tiles + base.mark_text(fontSize=11).encode(text=alt.Text("value:Q", format=".3g"), color=ink)
    size = 34 if cells["y"].nunique() <= CELLS else 18
    return styled(chart.properties(height=alt.Step(size)), WIDE if wide else NARROW)


def tornado(bars: "pd.DataFrame", dots: "pd.DataFrame", title: str, wide: bool) -> Any:
    """Draw changes at both ends (name, low, high) and at levels (name, change, end) against the base."""
    import altair as alt

    base = alt.Chart(bars).encode(_rows(wide))
    rule = base.mark_rule(strokeWidth=8, color=PALE).encode(
        _x("first:Q", title, axis={"format": "+,~f"}), alt.X2("last:Q")
    )
    zero = alt.Chart(bars.head(1).assign(zero=0.0)).mark_rule(color=INK).encode(x="zero:Q")
    kinds = [text(f"level.{end}") for end in ("low", "between", "high")]
    scale = alt.Scale(domain=kinds, range=[COLOURS[1], SOFT, COLOURS[0]])
    marks = alt.Chart(dots).mark_circle(size=75, opacity=1)
    ends = marks.encode(_rows(wide), alt.X("change:Q"), alt.Color("end:N", scale=scale))
    return styled((rule + zero + ends).properties(height=alt.Step(24)), WIDE if wide else NARROW)


def bars(rows: "pd.DataFrame", title: str, wide: bool) -> Any:
    """Draw indices with their intervals (name, index, value, low, high), one below the other for each name."""
    import altair as alt

    kinds = list(dict.fromkeys(rows["index"]))
    offset = alt.YOffset("index:N", sort=kinds)
    base = alt.Chart(rows).encode(_rows(wide), offset)
    scale = alt.Scale(domain=kinds, range=[COLOURS[0], "#E69F00"][: len(kinds)])
    colour = alt.Color("index:N", sort=kinds, scale=scale, legend=alt.Legend() if len(kinds) > 1 else None)
    x = alt.X("value:Q", title=title, axis=alt.Axis(tickCount=5))
    drawn = base.mark_bar(height={"band": 0.75}).encode(x, colour)
    error = base.mark_rule(color=INK).encode(alt.X("low:Q"), alt.X2("high:Q"))
    return styled((drawn + error).properties(height=alt.Step(11 if len(kinds) > 1 else 19)), WIDE if wide else NARROW)


def spread(rows: "pd.DataFrame", x: str, y: str, wide: bool) -> Any:
    """Draw sigma over mu* (rank, mu_star, sigma), each with its rank; the line is where both are the same."""
    import altair as alt
    import pandas as pd

    most = float(min(rows["mu_star"].max(), rows["sigma"].max()))
    same = alt.Chart(pd.DataFrame({"mu_star": [0.0, most], "sigma": [0.0, most]}))
    base = alt.Chart(rows).encode(_x("mu_star:Q", x), _y("sigma:Q", y))
    names = base.mark_text(align="left", dx=5, dy=-5, fontSize=11, color=INK)
    named = names.transform_filter(f"datum.rank <= {NAMED}").encode(text="rank:N")
    dashes = same.mark_line(strokeDash=[3, 3], color=PALE).encode(x="mu_star:Q", y="sigma:Q")
    chart = dashes + base.mark_circle(size=45, opacity=1, color=COLOURS[0]) + named
    return styled(chart, WIDE if wide else NARROW, 260 if wide else 230)


def days(rows: "pd.DataFrame", title: str, wide: bool) -> Any:
    """Draw indices by day (date, name, value), a line each; the last name is all others."""
    import altair as alt

    names = list(dict.fromkeys(rows["name"]))
    colours = [*MANY[: len(names) - 1], MANY[-1]] if names[-1] == text("others") else MANY[: len(names)]
    scale = alt.Scale(domain=names, range=colours)
    legend = alt.Legend(columns=2 if wide else 1, labelLimit=300, symbolType="stroke", symbolStrokeWidth=3)
    dash = alt.condition(f"datum.name === {text('others')!r}", alt.value([4, 3]), alt.value([1, 0]))
    chart = alt.Chart(rows).mark_line(strokeWidth=2, point=len(rows) == len(names)).encode(
        _dates("date:T"), _y("value:Q", title), alt.Color("name:N", scale=scale, legend=legend), strokeDash=dash
    )  # fmt: skip
    return styled(chart, WIDE if wide else NARROW, 230 if wide else 190)


def dots(rows: "pd.DataFrame", x: str, y: str, logarithmic: bool) -> Any:
    """Draw points (x, y)."""
    import altair as alt

    scale = alt.Scale(zero=False, nice=not logarithmic, type="log" if logarithmic else "linear")
    axis = alt.Axis(tickCount=4, labelOverlap=True, format="~g" if logarithmic else alt.Undefined)
    chart = alt.Chart(rows).mark_circle(size=16, opacity=0.55, color=COLOURS[0], aria=False)
    return styled(chart.encode(alt.X("x:Q", title=x, scale=scale, axis=axis), _y("y:Q", y)), TILE, 150)


def options(rows: "pd.DataFrame", points: "pd.DataFrame", x: str, y: str) -> Any:
    """Draw by option (option, q5 to q95) what the outcome is, and the points themselves (option, value) if any."""
    import altair as alt

    order = list(rows["option"])
    place = alt.X("option:N", sort=order, title=x, axis=alt.Axis(labelAngle=0, labelLimit=62, ticks=False))
    base = alt.Chart(rows).encode(place)
    whole = base.mark_rule(color=SOFT).encode(_y("q5:Q", y), alt.Y2("q95:Q"))
    box = base.mark_bar(width=26, color="#A9CBE4").encode(alt.Y("q25:Q"), alt.Y2("q75:Q"))
    middle = base.mark_tick(width=26, thickness=2.5, color=COLOURS[0]).encode(alt.Y("q50:Q"))
    chart = whole + box + middle
    if len(points):
        seen = alt.Chart(points).mark_circle(size=14, opacity=0.6, color=INK, aria=False)
        chart += seen.encode(place, alt.Y("value:Q"))
    return styled(chart, max(TILE, 66 * len(order)), 170)
