"""Who gains and who loses: the same creators, sellers and users in both worlds, by group."""

import json
from dataclasses import replace
from typing import Any

from experiments.dashboard.twins import Twins
from experiments.dashboard.views.drawing import Plot, Rows, Show, View, data, finish, lookup
from experiments.dashboard.words import Words
from experiments.whatif.gains import BANDS, TIER_NAMES, gains
from sim.state import Size

SIDES = ("creators", "sellers", "users")
LOSS_TO_GAIN = ["#C04E00", "#F3B98C", "#E3E6EA", "#93C4E6", "#005A96"]
GROUPS = ("all", "income decile", "followers", "inclusion", "size", "local", "student", "treated")
HIGH = {"creators": 200, "sellers": 200, "users": 320}
SMALL = 5  # members, below which a group is left out


def plots(show: Show) -> list[Plot]:
    """Return the pictures; none if there is no twin to compare with."""
    words = show.words
    if not show.two:
        return []
    return [
        Plot(f"gains-{side}", _bands(show, side), words.text(f"gains.{side}"), words.text("gains.says"), half=True)
        for side in SIDES
    ]


def _bands(show: Show, side: str) -> dict[str, Any]:
    import altair as alt

    said = {band: show.words.text(f"band.{k}") for k, band in enumerate(BANDS)}
    colour = alt.Color("band:N", scale=alt.Scale(domain=list(BANDS), range=LOSS_TO_GAIN),
                       legend=alt.Legend(columns=2, labelExpr=lookup(said), title=None))  # fmt: skip
    bars = alt.Chart(data(side)).mark_bar(height={"band": 0.7}).encode(
        alt.Y("group:N", sort=alt.EncodingSortField("order", op="min"), title=None,
              axis=alt.Axis(labelLimit=170, ticks=False, labelExpr=_called(show))),
        alt.X("first:Q", title=show.words.text("gains.axis"), scale=alt.Scale(domain=[0, 1]),
              axis=alt.Axis(format=".0%", tickCount=4)),
        alt.X2("end:Q"), colour,
    )  # fmt: skip
    return finish(bars, HIGH[side])


def _called(show: Show) -> str:
    """Return a Vega expression that says the name of a group: ``followers.12 to 46`` and so on."""
    groups = {name: show.words.text(f"group.{name}") for name in GROUPS}
    known = ("yes", "no", *TIER_NAMES, *(size.name.lower() for size in Size))
    members = {name: show.words.name("member", name) for name in known}
    group, member = "split(datum.label, '.')[0]", "split(datum.label, '.')[1]"
    groups_said, members_said = (json.dumps(table, ensure_ascii=False) for table in (groups, members))
    return f"({groups_said}[{group}] || {group}) + ' ' + ({members_said}[{member}] || {member} || '')"


def found(twins: Twins) -> dict[str, Any]:
    """Return who gained and who lost until today: as ``etalase whatif`` says it of this day."""
    mine, theirs = (replace(life.world(), marks={twins.day: life.taken_in()}) for life in (twins.variant, twins.base))
    return gains(mine, theirs)[twins.day]


def rows(twins: Twins) -> Rows:
    """Return by side a row a group and band: where its bar begins and ends."""
    if not twins.two or not twins.day:
        return {}
    answer = found(twins)
    return {side: _bars(answer[side]) for side in SIDES}


def _bars(side: dict[str, Any]) -> dict[str, list[Any]]:
    groups = {"all": side["all"]}
    for group, members in side["groups"].items():
        large = {name: counts for name, counts in members.items() if sum(counts) >= SMALL}
        if group != "province" and len(large) > 1:  # one alone says what all say
            groups |= {f"{group}.{name}": counts for name, counts in large.items()}
    table: dict[str, list[Any]] = {"group": [], "order": [], "band": [], "first": [], "end": []}
    for name, counts in groups.items():
        _stack(table, name, counts)
    return table


def _stack(table: dict[str, list[Any]], name: str, counts: list[int]) -> None:
    """Add the bars of a group, losers first."""
    part = [count / max(sum(counts), 1) for count in counts]
    at = 0.0
    for band, share in zip(BANDS, part, strict=True):
        for column, value in (
            ("group", name),
            ("order", len(table["group"])),
            ("band", band),
            ("first", at),
            ("end", at + share),
        ):
            table[column].append(value)
        at += share


def says(twins: Twins, words: Words) -> list[str]:
    """Say how many gain and how many lose."""
    if not twins.two:
        return [words.text("gains.one")]
    if not twins.day:
        return [words.text("says.begin")]
    lines, answer = [], found(twins)
    for side in SIDES:
        lose, much = sum(answer[side]["all"][:2]), sum(answer[side]["all"][3:])
        lines.append(
            words.text("gains.says.line", side=words.text(f"side.{side}"), n=words.number(sum(answer[side]["all"])),
                       gain=words.number(much), lose=words.number(lose))
        )  # fmt: skip
    return lines


VIEW = View("gains", plots, rows, says)
