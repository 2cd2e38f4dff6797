"""The LIVE schedule of the day: which rooms are open when, and how many watch at once."""

from typing import Any

import numpy as np

from experiments.dashboard.twins import Twins
from experiments.dashboard.views.drawing import Plot, Rows, Show, View, data, finish, world_scale
from experiments.dashboard.words import Words
from experiments.whatif.world import Life
from sim.measures import viewers
from sim.state import DAYPART_MINUTES, ROOM_SLICES
from sim.tables import Column

MOST = 24  # rooms in the schedule, the fullest
SLOT = 10  # minutes of the curve of viewers
MINUTES = 24 * 60


def plots(show: Show) -> list[Plot]:
    """Return the pictures: viewers at once over the hours, and the schedule of the fullest rooms."""
    words = show.words
    return [
        Plot("viewers", _curve(show), words.text("live.viewers"), words.text("live.viewers.says")),
        Plot("rooms", _schedule(show), words.text("live.rooms"), words.text("live.rooms.says", most=MOST)),
    ]


def _hours(show: Show, field: str) -> Any:
    import altair as alt

    axis = alt.Axis(values=list(range(0, 25, 4)), labelExpr="format(datum.value, '02') + ':00'", grid=False)
    return alt.X(f"{field}:Q", title=show.words.text("axis.hour"), scale=alt.Scale(domain=[0, 24]), axis=axis)


def _curve(show: Show) -> dict[str, Any]:
    import altair as alt

    worlds = ["base", "variant"] if show.two else ["base"]
    lines = alt.Chart(data("viewers")).transform_fold(worlds, ["world", "viewers"]).mark_line(
        interpolate="step-after", strokeWidth=2
    ).encode(
        _hours(show, "hour"),
        alt.Y("viewers:Q", title=show.words.text("axis.viewers"), axis=alt.Axis(tickCount=4)),
        **world_scale(show),
    )  # fmt: skip
    return finish(lines, 150)


def _schedule(show: Show) -> dict[str, Any]:
    import altair as alt

    colour = alt.Scale(range=["#FBE9DC", "#F3B98C", "#D55E00", "#7A2E00"])
    legend = alt.Legend(title=show.words.text("axis.viewers"), orient="bottom", gradientLength=160, tickMinStep=1)
    bars = alt.Chart(data("rooms")).mark_bar(height={"band": 0.75}).encode(
        _hours(show, "from"), alt.X2("to:Q"),
        alt.Y("room:N", sort=alt.EncodingSortField("from", op="min"), title=None,
              axis=alt.Axis(labelLimit=140, ticks=False)),
        alt.Color("viewers:Q", scale=colour, legend=legend),
    )  # fmt: skip
    return finish(bars, 300)


def opened(life: Life) -> tuple[Column, Column]:
    """Return for each room and twelfth of its session when it begins, and how long it is: two (n_rooms, 12) [h]."""
    assert life.market.today is not None
    rooms = life.market.today.flows.rooms
    length = rooms.minutes[:, None] / ROOM_SLICES
    begin = rooms.daypart[:, None].astype(np.float64) * DAYPART_MINUTES + rooms.start[:, None]
    begins = begin + length * np.arange(ROOM_SLICES)
    return begins / 60, np.broadcast_to(length / 60, begins.shape)


def at_once(life: Life) -> Column:
    """Return how many watch LIVE at once, in the mean of each ten minutes of the last day, (144,) agents."""
    found = np.zeros(MINUTES // SLOT)
    if life.market.today is None:
        return found
    begins, length = opened(life)
    edges = np.arange(MINUTES // SLOT + 1) * SLOT / 60
    for begin, hours, people in zip(begins.ravel(), length.ravel(), viewers(life.market.today).ravel(), strict=True):
        first, last = int(begin * 60 // SLOT), min(int((begin + hours) * 60 // SLOT), len(found) - 1)
        for slot in range(first, last + 1):
            shared = min(begin + hours, edges[slot + 1]) - max(begin, edges[slot])
            found[slot] += people * max(shared, 0.0) * 60 / SLOT
    return found


def rows(twins: Twins) -> Rows:
    """Return viewers at once by ten minutes in both worlds, and the twelfths of the fullest rooms."""
    curve: dict[str, Any] = {"hour": np.arange(MINUTES // SLOT) * SLOT / 60}
    curve |= {world: at_once(life) * twins.scale for world, life in (twins.lives if twins.two else twins.lives[:1])}
    return {"viewers": curve, "rooms": _fullest(twins.variant)}


def _fullest(life: Life) -> dict[str, list[Any]]:
    """Return a row a twelfth of each of the fullest rooms, in the order of the day."""
    table: dict[str, list[Any]] = {name: [] for name in ("room", "from", "to", "viewers")}
    if life.market.today is None:
        return table
    people, (begins, length) = viewers(life.market.today), opened(life)
    fullest = np.argsort(-people.mean(axis=1), kind="stable")[:MOST]
    for room in sorted(fullest.tolist(), key=lambda room: (begins[room, 0], room)):
        for k in range(ROOM_SLICES):
            begin, end = begins[room, k], begins[room, k] + length[room, k]
            for name, value in zip(table, (_called(life, room), begin, end, people[room, k]), strict=True):
                table[name].append(value)
    return table


def _called(life: Life, room: int) -> str:
    """Return who opens a room, by the letter of the follow graph and the id."""
    state = life.market.state
    assert life.market.today is not None
    host = int(life.market.today.flows.rooms.host[room])
    return f"{'c' if host < len(state.creators) else 's'}{int(state.hosts.id[host])}"


def says(twins: Twins, words: Words) -> list[str]:
    """Say how many rooms there were, and how full."""
    if not twins.day:
        return [words.text("says.begin")]
    lines = []
    for world, life in twins.lives if twins.two else twins.lives[:1]:
        row = life.market.recorder.row
        lines.append(
            words.text("live.says.line", world=words.text(f"world.{world}" if twins.two else "world.only"),
                       rooms=words.number(float(row["live_rooms"]) * twins.scale),
                       mean=words.number(float(row["concurrent_viewers_mean"]), 2),
                       most=words.number(float(row["concurrent_viewers_max"]), 2))
        )  # fmt: skip
    return lines


VIEW = View("live", plots, rows, says)
