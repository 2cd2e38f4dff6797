"""What creators earn, against the minimum wage of their province; and how unequally it is shared."""

from typing import Any

import numpy as np

from experiments.dashboard.twins import Twins
from experiments.dashboard.views.drawing import (
    Plot,
    Rows,
    Show,
    View,
    data,
    finish,
    names,
    world_scale,
)
from experiments.dashboard.words import Words
from experiments.whatif.world import Life
from sim.inputs import provinces
from sim.tables import Column

MONTH = 30  # days
LOW, HIGH, WIDTH = -4.0, 2.0, 0.25  # of the bins [log10 of the wage]; less is counted in the first, more in the last
POINTS = 60  # of a Lorenz curve
SIDES = ("creators", "sellers")


def plots(show: Show) -> list[Plot]:
    """Return the pictures."""
    words = show.words
    return [
        Plot("incomes", _histogram(show), words.text("incomes.title"), words.text("incomes.says")),
        *(
            Plot(f"lorenz-{side}", _lorenz(show, side), words.text(f"lorenz.{side}"), words.text("lorenz.says"),
                 half=True)
            for side in SIDES
        ),
    ]  # fmt: skip


def _histogram(show: Show) -> dict[str, Any]:
    import altair as alt

    times = (
        f"datum.value == 0 ? '{show.words.text('incomes.wage')}' : datum.value > 0 ? "
        "'×' + format(pow(10, datum.value), ',') : '1/' + format(pow(10, -datum.value), ',')"
    )
    axis = alt.Axis(values=list(range(int(LOW), int(HIGH) + 1)), labelExpr=times)
    x = alt.X("low:Q", title=show.words.text("incomes.axis"), axis=axis, scale=alt.Scale(domain=[LOW, HIGH]))
    y = alt.Y("base:Q", title=show.words.text("axis.creators"), axis=alt.Axis(tickCount=4, tickMinStep=1))
    bins = alt.Chart(data("incomes"))
    bars = bins.mark_rect(color="#C9CED6").encode(x, y, x2="high:Q", y2=alt.datum(0))
    layers = [bars]
    if show.two:
        scale = world_scale(show)["color"]
        steps = bins.transform_fold(names(show), ["world", "creators"])
        layers.append(steps.mark_line(interpolate="step-after", strokeWidth=2).encode(x, alt.Y("creators:Q"), scale))
    wage = alt.Chart(alt.InlineData([{"low": 0}])).mark_rule(strokeDash=[4, 3]).encode(x="low:Q")
    return finish(alt.layer(*layers, wage), 210)


def _lorenz(show: Show, side: str) -> dict[str, Any]:
    import altair as alt

    chart = alt.Chart(data("lorenz")).transform_fold([f"{side}_{world}" for world in names(show)], ["world", "held"])
    chart = chart.transform_calculate(world=f"replace(datum.world, '{side}_', '')")
    percent = alt.Axis(format="%", tickCount=5)
    lines = chart.mark_line(strokeWidth=2).encode(
        alt.X("people:Q", title=show.words.text("lorenz.people"), axis=percent),
        alt.Y("held:Q", title=show.words.text("lorenz.held"), axis=percent),
        **world_scale(show),
    )
    ends = alt.InlineData([{"people": 0, "held": 0}, {"people": 1, "held": 1}])
    equal = alt.Chart(ends).mark_line(color="#B6BEC8", strokeDash=[2, 3]).encode(x="people:Q", y="held:Q")
    return finish(equal + lines, 210)


def _counter(life: Life) -> int:
    """Return the counter day that was lived last."""
    return life.market.settings.calendar.burn_in + max(life.days - 1, 0)


def in_business(life: Life) -> tuple[Column, Column]:
    """Return which creators and which sellers were in business on the last day."""
    active = life.market.state.active(_counter(life))
    n = len(life.market.state.creators)
    return active[:n], active[n:]


def against_wage(life: Life) -> Column:
    """Return the monthly income over the minimum wage of the province, of each creator in business, (n,)."""
    creators, calendar = life.market.state.creators, life.market.settings.calendar
    active = in_business(life)[0]
    wage = provinces().wage(calendar.on(_counter(life)).date.year)[creators.province[active]]
    found: Column = creators.income[active] * MONTH / wage
    return found


def bins(over: Column) -> tuple[Column, Column]:
    """Return where bins begin [log10 of the wage], and how many creators each holds; the ends hold all beyond."""
    edges = np.arange(LOW, HIGH + WIDTH / 2, WIDTH)
    with np.errstate(divide="ignore"):
        decades = np.clip(np.log10(over), LOW, HIGH - WIDTH / 2)
    return edges[:-1], np.histogram(decades, edges)[0]


def lorenz(values: Column) -> Column:
    """Return which share of the whole the poorest have, at ``POINTS`` shares of people from 0 to 1."""
    running = np.concatenate([[0.0], np.cumsum(np.sort(values))])
    at = np.linspace(0.0, 1.0, len(running))
    found: Column = np.interp(np.linspace(0.0, 1.0, POINTS), at, running / max(running[-1], 1e-12))
    return found


def holdings(life: Life) -> dict[str, Column]:
    """Return what is shared: the income of creators in business, and what sellers in business have sold since day 0."""
    creators, sellers = in_business(life)
    return {"creators": life.market.state.creators.income[creators], "sellers": life.sold()[sellers]}


def rows(twins: Twins) -> Rows:
    """Return bins of incomes and points of Lorenz curves, of each world."""
    found: dict[str, Any] = {}
    curves: dict[str, Any] = {"people": np.linspace(0.0, 1.0, POINTS)}
    for world, life in twins.lives if twins.two else twins.lives[:1]:
        low, found[world] = bins(against_wage(life))
        for side, values in holdings(life).items():
            curves[f"{side}_{world}"] = lorenz(values)
    return {"incomes": {"low": low, "high": low + WIDTH, **found}, "lorenz": curves}


def says(twins: Twins, words: Words) -> list[str]:
    """Say how many earn the minimum wage, and how unequal incomes are."""
    if not twins.day:
        return [words.text("says.begin")]
    found = []
    for world, life in twins.lives if twins.two else twins.lives[:1]:
        row = life.market.recorder.row
        found.append(
            words.text("incomes.says.line", world=words.text(f"world.{world}" if twins.two else "world.only"),
                       n=words.number(float(row["creators_active"]) * twins.scale),
                       share=words.share(float(row["creators_above_minimum_wage"])),
                       gini=words.digits(float(row["creator_income_gini"]), 2))
        )  # fmt: skip
    return found


VIEW = View("incomes", plots, rows, says)
