"""The figures above every picture: what two worlds have come to, and what differs."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from experiments.dashboard.twins import Twins
from experiments.dashboard.words import Words
from experiments.whatif.world import Life
from sim.mechanism import own_table
from sim.programs.enrolment import Enrolment
from sim.tables import NEVER


class Figure(NamedTuple):
    """A metric as a card: the mean of all days, or the last day; of agents, or of the whole market."""

    metric: str
    last: bool
    whole: bool
    written: Callable[[Words, float], str]


FIGURES = (
    Figure("gmv", False, True, Words.money),
    Figure("orders", False, True, Words.number),
    Figure("creators_active", True, True, Words.number),
    Figure("creators_above_minimum_wage", True, False, Words.share),
    Figure("creator_income_gini", True, False, Words.digits),
    Figure("platform_revenue_net", False, True, Words.money),
)
NEUTRAL = ("creator_income_gini", "creators_active")  # neither more nor less of it is good or bad as such
IN_POINTS = ("creators_above_minimum_wage",)  # what differs is a difference, not a ratio


def cards(twins: Twins, words: Words) -> list[dict[str, Any]]:
    """Return name, value in each world, and what differs, of each figure."""
    found = []
    for figure in FIGURES:
        values = value_of(twins, figure)
        base, variant = (figure.written(words, values[world]) for world in ("base", "variant"))
        found.append({
            "name": figure.metric,
            "title": words.text(f"card.{figure.metric}"),
            "base": base,
            "variant": variant if twins.two else "",
            "change": change(figure, values, words) if twins.two else "",
            "sign": _sign(values) if twins.two and figure.metric not in NEUTRAL else 0,
            "exact": {world: None if math.isnan(value) else value for world, value in values.items()},
        })  # fmt: skip
    return found


def value_of(twins: Twins, figure: Figure) -> dict[str, float]:
    """Return the value of a figure in each world, of the whole market where it is one of people or rupiah."""
    scale = twins.scale if figure.whole else 1.0
    if not figure.last:
        return {world: mean * scale for world, mean in twins.means(figure.metric).items()}
    return {world: float(column[-1]) * scale if len(column) else math.nan
            for world, column in twins.metric(figure.metric).items()}  # fmt: skip


def change(figure: Figure, values: dict[str, float], words: Words) -> str:
    """Say what differs between the worlds: a percentage, or points of a share, or rupiah where one made a loss."""
    base, variant = values["base"], values["variant"]
    if math.isnan(base) or math.isnan(variant):
        return "–"
    if figure.metric in IN_POINTS:
        return words.text("card.points", points=words.change(variant - base).removesuffix(" %"))
    if min(base, variant) < 0:  # from or to a loss no percentage means anything
        return ("+" if variant > base else "") + figure.written(words, variant - base)
    return words.change((variant - base) / base) if base else "–"


def _sign(values: dict[str, float]) -> int:
    more = values["variant"] - values["base"]
    return 0 if math.isnan(more) or not more else int(math.copysign(1, more))


def heads(life: Life, title: str, words: Words) -> str:
    """Say how many take or took part in a program, in the whole market; nothing if nobody enrols in it."""
    market = life.market
    titles = [program.title for program in market.settings.programs]
    own = market.state.own.get(own_table(titles.index(title)))
    if not isinstance(own, Enrolment):
        return ""
    n = int((own.since != NEVER).sum())
    return words.text(
        "program.heads", n=words.number(n * float(market.settings.population.scale)), agents=words.digits(n, 1)
    )
