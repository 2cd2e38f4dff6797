"""What would change the answer: the effect on GMV with each of ten assumptions at its low and its high end."""

import textwrap
from typing import Any

import pandas as pd

from experiments.charts import COLOURS
from experiments.markup import NARROW, WIDE, figures, paragraph, styled, table
from experiments.whatif.assumptions import ASSUMPTIONS, Assumption
from experiments.whatif.phrases import plain, say, text, words
from experiments.whatif.report_answer import Effect, gmv
from experiments.whatif.report_html import heading
from experiments.whatif.report_numbers import Number, Place, constant, fixed, named, span
from sim.errors import EtalaseError
from sim.params import Declaration
from sim.scenario import Scenario

ENDS = ("low", "high")


def assumptions(arm: Place) -> str:
    """Return the section on assumptions, those that matter most first."""
    found = gmv(arm)
    asked = sorted(found.row / "assumptions", key=_spread, reverse=True)
    if not asked:
        return heading("tornado") + paragraph(say("tornado.not_asked"))
    wide, narrow = (tornado(found, asked, wide) for wide in (True, False))
    drawn = figures(
        say("tornado.caption"), [(found.row / "assumptions").path, (found.row / "relative").path], wide, narrow
    )
    columns = [
        say(f"column.{c}") for c in ("assumption", "at_low", "at_high", "value_low", "value_high", "unit", "source")
    ]
    declared = declarations(arm)
    rows = [_row(found, place, declared.get(str(place.keys[-1]))) for place in asked]
    return heading("tornado") + drawn + table(columns, rows, say("assumptions.caption"), cards=True, words=2)


def _spread(place: Place) -> float:
    ends = [value for value in place.value.values() if value is not None]
    return max(ends) - min(ends) if ends else 0.0


def declarations(arm: Place) -> dict[str, Declaration]:
    """Return what is known of each parameter; nothing if the scenario has classes that cannot be found again."""
    try:
        scenario = Scenario.from_dict(arm.whole["base"]["scenario"])
    except EtalaseError:
        return {}
    return {knob.path: knob.declaration for knob in scenario.knobs()}


def _row(found: Effect, place: Place, declared: Declaration | None) -> list[str]:
    path = str(place.keys[-1])
    doc = f"<small>{words('parameter', path, declared.doc) if declared else ''} <code>{named(place)}</code></small>"
    effects = [
        span((place / end).number, "percent", found.uncertainty, sign=True) if end in place.value else say("dash")
        for end in ENDS
    ]
    values = [_value(place, path, end, declared) for end in ENDS]
    known = (named(place, declared.unit), named(place, declared.source)) if declared else (say("dash"), say("dash"))
    return [f"{words('assumption', path)}{doc}", *effects, *values, *known]


def _value(place: Place, path: str, end: str, declared: Declaration | None) -> str:
    """Return the value of a parameter at one end, as it was asked."""
    k = next((k for k, a in enumerate(ASSUMPTIONS) if a.path == path), None)
    if k is None:
        return say("dash")
    found, number = ASSUMPTIONS[k], getattr(ASSUMPTIONS[k], end)
    if not found.times:
        return constant(f"experiments.whatif.assumptions:ASSUMPTIONS.{k}.{end}", f"{number:g}")
    return span(_times(place, found, number), "plain") if _within(place, found, number, declared) else say("limit")


def _times(place: Place, found: Assumption, number: float) -> Number:
    value = Place(place.whole) / "base" / "scenario"
    for key in found.path.split("."):
        value = value / key
    return value.number * fixed(number)


def _within(place: Place, found: Assumption, number: float, declared: Declaration | None) -> bool:
    value = _times(place, found, number).value
    return declared is None or value is None or declared.low <= value <= declared.high


def tornado(found: Effect, asked: list[Place], wide: bool) -> Any:
    """Draw the effect at both ends of each assumption, beside that of all worlds with its error."""
    import altair as alt

    rows = [
        {"row": label(str(place.keys[-1]), 99 if wide else 22), "end": text(f"end.{end}"), "effect": place.value[end]}
        for place in asked
        for end in ENDS
        if place.value.get(end) is not None
    ]
    effect, error = found.effect.value or 0.0, found.error.value or 0.0
    here = pd.DataFrame({"effect": [effect], "low": [effect - error], "high": [effect + error]})
    axis = alt.X("effect:Q", title=text("axis.effect"), axis=alt.Axis(format="+~%", tickCount=5))
    base = alt.Chart(pd.DataFrame(rows)).encode(
        alt.Y(
            "row:N",
            sort=None,
            title=None,
            axis=alt.Axis(labelLimit=300, ticks=False, labelExpr="split(datum.label, '\\n')"),
        )
    )
    band = alt.Chart(here).mark_rect(color="#DCE8F2").encode(alt.X("low:Q"), alt.X2("high:Q"))
    middle = alt.Chart(here).mark_rule(strokeDash=[4, 3], color=COLOURS[0]).encode(alt.X("effect:Q"))
    zero = alt.Chart(pd.DataFrame({"effect": [0.0]})).mark_rule(color="#1d2733").encode(alt.X("effect:Q"))
    bars = base.mark_rule(strokeWidth=7, color="#B4BDC7").encode(alt.X("min(effect):Q"), alt.X2("max(effect):Q"))
    scale = alt.Scale(domain=[text(f"end.{end}") for end in ENDS], range=[COLOURS[1], COLOURS[0]])
    dots = base.mark_circle(size=70, opacity=1).encode(axis, alt.Color("end:N", scale=scale))
    chart = (band + zero + bars + middle + dots).properties(height=alt.Step(22 if wide else 32))
    return styled(chart, WIDE if wide else NARROW)


def label(path: str, width: int) -> str:
    """Return the plain words for an assumption, or its path, in lines of some width."""
    return "\n".join(textwrap.wrap(plain("assumption", path), width))
