"""GMV a day by channel, in both worlds, what differs, and orders; with the programs on the time axis."""

from typing import Any

import numpy as np

from experiments.dashboard.twins import Twins, program_state
from experiments.dashboard.views.drawing import (
    CHANNEL_COLOURS,
    Plot,
    Rows,
    Show,
    View,
    all_days,
    data,
    dated,
    dates,
    finish,
    lookup,
    names,
    program_rows,
    short_numbers,
    spans,
    window,
    world_scale,
)
from experiments.dashboard.words import Words
from sim.calendar import Calendar


def plots(show: Show) -> list[Plot]:
    """Return the pictures."""
    words = show.words
    found = [Plot("gmv", _lines(show, "gmv", "axis.gmv", True), words.text("sales.gmv"), words.text("sales.gmv.says"))]
    if show.two:
        found.append(Plot("more", _more(show), words.text("sales.more"), words.text("sales.more.says")))
    found += [
        Plot(f"channels-{world}", _channels(show, world), words.text("sales.channels", world=_called(show, world)),
             half=show.two)
        for world in names(show)
    ]  # fmt: skip
    return [*found, Plot("orders", _lines(show, "orders", "axis.orders", False), words.text("sales.orders"))]


def _called(show: Show, world: str) -> str:
    return show.words.text(f"world.{world}" if show.two else "world.only")


def _lines(show: Show, metric: str, title: str, with_programs: bool) -> dict[str, Any]:
    import altair as alt

    chart = dated(alt.Chart(data("days")), show).transform_fold(
        [f"{metric}_{world}" for world in names(show)], ["world", metric]
    ).transform_calculate(world=f"replace(datum.world, '{metric}_', '')")  # fmt: skip
    lines = chart.mark_line(strokeWidth=2, clip=True).encode(
        dates(), _amount(show, f"{metric}:Q", title), **world_scale(show)
    )
    if not with_programs:
        return finish(lines + all_days(show))
    above = [marked(show), spans(show)] if show.two else [marked(show)]
    return finish(alt.layer(*above, lines, all_days(show)).resolve_scale(y="independent"), 210)


def marked(show: Show) -> Any:
    """Return thin lines where wages come and on double dates; needs the rows ``marks``."""
    import altair as alt

    return dated(alt.Chart(data("marks")), show).mark_rule(color="#C9A227", strokeDash=[2, 2]).encode(dates())


def marks(calendar: Calendar, until: int) -> list[int]:
    """Return the days from day 0 on which wages begin to come, and double dates."""
    days = [(day, calendar.on(calendar.burn_in + day)) for day in range(until)]
    return [day for day, on in days if on.double_date or on.pay_days == 0]


def _amount(show: Show, field: str, title: str) -> Any:
    import altair as alt

    axis = alt.Axis(tickCount=4, minExtent=44, maxExtent=44, labelExpr=short_numbers(show.words))
    return alt.Y(field, title=show.words.text(title), axis=axis, scale=alt.Scale(zero=True))


def _more(show: Show) -> dict[str, Any]:
    import altair as alt

    bars = dated(alt.Chart(data("days")), show).transform_calculate(
        more="datum.gmv_variant - datum.gmv_base", next="datum.day_date + 80000000"
    )
    bars = bars.mark_bar(clip=True).encode(
        dates(), _amount(show, "more:Q", "axis.more"), x2="next:T", y2=alt.datum(0),
        color=alt.condition("datum.more >= 0", alt.value("#0072B2"), alt.value("#C04E00")),
    )  # fmt: skip
    return finish(bars + all_days(show), 110)


def _channels(show: Show, world: str) -> dict[str, Any]:
    import altair as alt

    said = {name: show.words.text(f"channel.{name}") for name in CHANNEL_COLOURS}
    scale = alt.Scale(domain=list(CHANNEL_COLOURS), range=list(CHANNEL_COLOURS.values()))
    area = dated(alt.Chart(data("days")), show).transform_fold(
        [f"{name}_{world}" for name in CHANNEL_COLOURS], ["channel", "gmv"]
    ).transform_calculate(channel=f"replace(datum.channel, '_{world}', '')").mark_area(clip=True).encode(
        dates(), _amount(show, "gmv:Q", "axis.gmv"),
        alt.Color("channel:N", scale=scale, legend=alt.Legend(labelExpr=lookup(said), title=None)),
        alt.Order("order:Q"),
    )  # fmt: skip
    most = alt.Chart(data("most")).mark_point(opacity=0).encode(y="gmv:Q")  # both worlds on one scale
    return finish(area + most + all_days(show), 170)


def rows(twins: Twins) -> Rows:
    """Return a row a day: GMV and orders of the whole market, by world and channel."""
    n, found = twins.day, {"day": list(range(twins.day))}
    worlds = twins.lives if twins.two else twins.lives[:1]
    for name, metric in (("gmv", "gmv"), ("orders", "orders"), *((c, f"gmv_{c}") for c in CHANNEL_COLOURS)):
        values = twins.metric(metric)
        for world, _ in worlds:
            found[f"{name}_{world}"] = (values[world][:n] * twins.scale).tolist()
    most = max((max(found[f"gmv_{world}"], default=0.0) for world, _ in worlds), default=0.0)
    until = window(twins.day, twins.worlds.base.days)
    programs = program_rows(program_state(twins.variant), until)
    return {"days": found, "most": {"gmv": [most]}, "programs": programs, "window": {"day": [0, until]},
            "marks": {"day": marks(twins.worlds.base.calendar, until)}}  # fmt: skip


def says(twins: Twins, words: Words) -> list[str]:
    """Say how much was sold so far, and by how much more."""
    if not twins.day:
        return [words.text("says.begin")]
    sold = {world: float(np.sum(column)) * twins.scale for world, column in twins.metric("gmv").items()}
    if not twins.two:
        return [words.text("sales.says.one", gmv=words.money(sold["base"]), days=twins.day)]
    change = sold["variant"] / sold["base"] - 1 if sold["base"] else float("nan")
    line = words.text("sales.says.two", base=words.money(sold["base"]), variant=words.money(sold["variant"]),
                      change=words.change(change), days=twins.day)  # fmt: skip
    return [line, *_who_paid(twins, words)]


def _who_paid(twins: Twins, words: Words) -> list[str]:
    """Say what of the sales users paid themselves, where programs paid a part of prices."""
    paid = {world: twins.books(world)["order: users > escrow"] * twins.scale for world in ("base", "variant")}
    vouchers = twins.books("variant")["subsidy: programs > escrow"] * twins.scale
    if not vouchers or not paid["base"]:
        return []
    return [
        words.text("sales.says.paid", vouchers=words.money(vouchers), base=words.money(paid["base"]),
                   variant=words.money(paid["variant"]), change=words.change(paid["variant"] / paid["base"] - 1))
    ]  # fmt: skip


VIEW = View("sales", plots, rows, says)
