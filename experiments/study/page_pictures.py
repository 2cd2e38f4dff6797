"""Which pictures an outcome has, by design, and what is said below each."""

import html
import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.markup import figures, paragraph
from experiments.study import page_charts as charts
from experiments.study.designs import Grid, LatinHypercube, ListOfPoints, Morris, OneAtATime, Sobol
from experiments.study.factors import Choice, Factor
from experiments.study.outcomes import Outcome
from experiments.study.page_data import QUANTILES, Tables, level_texts, option_text, quantiles, short, titled
from experiments.study.page_tables import INDICES, MOST_FACTORS, RUNS, in_unit, index_table
from experiments.study.phrases import say, text

if TYPE_CHECKING:
    import pandas as pd

MOST_OPTIONS = 6  # of a factor, for a picture by option
MOST_CHOICES = 6  # factors that have one
FEW = 60  # points to an option, up to which each is drawn
Y_LEVELS = 2  # factors, from which on a grid is drawn in two


def numeric(tables: Tables, outcome: Outcome) -> Iterator[str]:
    """Yield the pictures of an outcome that is one number, or why there are none."""
    known, points = tables.known(outcome), len(tables.points)
    name = html.escape(outcome.name)
    if not len(known):
        yield paragraph(say("outcome.none", name=name))
    elif len(known) == 1:
        yield paragraph(
            say("outcome.alone", name=name, value=in_unit(tables, outcome, float(known[0]), statistic="median"))
        )
    elif known.min() == known.max():
        yield paragraph(
            say("outcome.constant", name=name, value=in_unit(tables, outcome, float(known[0]), statistic="low"))
        )
    else:
        if len(known) < points:
            yield paragraph(say("outcome.some", name=name, n=f"{points - len(known):,}", points=f"{points:,}"), "soft")
        yield from _by_design(tables, outcome)
        yield from _options(tables, outcome)


def _by_design(tables: Tables, outcome: Outcome) -> Iterator[str]:
    design = tables.study.design
    if isinstance(design, Grid):
        yield from _grid(tables, outcome)
    elif isinstance(design, Morris | Sobol | OneAtATime):
        rows = tables.indices[(tables.indices["outcome"] == outcome.name) & tables.indices["day"].isna()]
        rows = rows[np.isfinite(rows["value"])]
        if outcome.name in tables.noisy:
            yield paragraph(say("indices.noise", outcome=html.escape(outcome.name)), "warning")
        if not len(rows):
            yield paragraph(say("indices.none", outcome=html.escape(outcome.name)))
        elif isinstance(design, Morris):
            yield from _morris(tables, outcome, rows)
        elif isinstance(design, Sobol):
            yield from _sobol(tables, outcome, rows)
        else:
            yield from _tornado(tables, outcome, rows)


def _grid(tables: Tables, outcome: Outcome) -> Iterator[str]:
    """Yield a line for one number, a heat map for two factors or more."""
    moving = [factor for factor in tables.factors if tables.points[factor.name].nunique() > 1]
    if len(moving) >= Y_LEVELS:
        yield _heat(tables, outcome, moving)
    elif moving and not isinstance(moving[0], Choice):
        yield _line(tables, outcome, moving[0])


def _line(tables: Tables, outcome: Outcome, factor: Factor) -> str:
    runs = tables.results.runs
    runs = runs[runs["point"].isin(tables.points.index)]
    levels = runs.groupby(factor.name)[outcome.name].agg(["mean", "min", "max"]).reset_index()
    levels.columns = ["x", "mean", "low", "high"]
    size, y = tables.scaled(outcome, levels["high"])
    levels[["mean", "low", "high"]] /= size
    key = "line.caption" if tables.study.replicates > 1 else "line.caption.one"
    said = say(key, outcome=html.escape(outcome.name), factor=_code(factor.name), n=f"{tables.study.replicates:,}")
    return figures(
        said, [RUNS], *(charts.line(levels, axis(factor), titled(outcome.name, y), w) for w in (True, False))
    )


def _heat(tables: Tables, outcome: Outcome, moving: Sequence[Factor]) -> str:
    """Return a heat map of the first two factors that move, those of more levels across."""
    down, across = sorted(moving[:2], key=lambda factor: tables.points[factor.name].nunique())
    cells = tables.points.groupby([across.name, down.name], sort=True)[outcome.name].mean().reset_index()
    cells.columns = ["x", "y", "value"]
    size, unit = tables.scaled(outcome, cells["value"])
    missing = len(cells.dropna()) < cells["x"].nunique() * cells["y"].nunique()
    cells = cells.assign(x=cells["x"].map(level_texts(cells["x"])), y=cells["y"].map(level_texts(cells["y"]))).dropna()
    cells["value"] /= size
    signs = bool(cells["value"].min() < 0 < cells["value"].max())
    said = [
        say(
            "heat.caption.signs" if signs else "heat.caption",
            outcome=html.escape(outcome.name),
            x=_code(across.name),
            y=_code(down.name),
        )
    ]
    if len(moving) > Y_LEVELS:
        said.append(say("heat.averaged", others=", ".join(_code(factor.name) for factor in moving[2:])))
    if missing:
        said.append(say("heat.missing"))
    drawn = (charts.heat(cells, axis(across), axis(down), titled(outcome.name, unit), w) for w in (True, False))
    return figures(" ".join(said), [RUNS], *drawn)


def _tornado(tables: Tables, outcome: Outcome, rows: "pd.DataFrame") -> Iterator[str]:
    order = ordered(rows, ("low", "high"))
    shown = order[:MOST_FACTORS]
    base = float(tables.points[outcome.name].get(0, math.nan))
    dots = _changes(tables, outcome, shown, base)
    size, unit = tables.scaled(outcome, dots["change"])
    dots["change"] /= size
    bars = dots.groupby("name", sort=False)["change"].agg(["min", "max"]).reset_index()
    bars.columns = ["name", "first", "last"]
    bars["first"], bars["last"] = bars["first"].clip(upper=0), bars["last"].clip(lower=0)
    said = say("tornado.caption", outcome=html.escape(outcome.name), base=in_unit(tables, outcome, base, point="0"))
    title = titled(text("axis.change", outcome=outcome.name), unit)
    yield figures(said, [INDICES, RUNS], *(charts.tornado(bars, dots, title, w) for w in (True, False)))
    yield _left(order) + index_table(tables, outcome, rows, shown, ("low", "high"))


def _changes(tables: Tables, outcome: Outcome, shown: Sequence[str], base: float) -> "pd.DataFrame":
    """Return a row a level of each factor that is shown: name, change, which end."""
    import pandas as pd

    labels, found, study = short(shown), [], tables.study
    at = {(name, value): k for k, point in enumerate(study.points) for name, value in point.items()}
    for name in shown:
        levels = _levels(tables, name)
        for level in levels:
            end = "low" if level == levels[0] else "high" if level == levels[-1] else "between"
            change = float(tables.points[outcome.name].get(at.get((name, level), 0), math.nan)) - base
            found.append({"name": labels[name], "change": change, "end": text(f"level.{end}")})
    return pd.DataFrame(found).dropna()


def _levels(tables: Tables, name: str) -> list[Any]:
    """Return the levels at which a factor stands alone."""
    design, known = tables.study.design, {factor.name: factor for factor in tables.factors}
    return known[name].levels(design.levels) if isinstance(design, OneAtATime) else []


def _morris(tables: Tables, outcome: Outcome, rows: "pd.DataFrame") -> Iterator[str]:
    order = ordered(rows, ("mu_star",))
    shown, name = order[:MOST_FACTORS], html.escape(outcome.name)
    means = _labelled(rows[rows["index"] == "mu_star"], shown)
    size, unit = tables.scaled(outcome, means["value"])
    means[["value", "low", "high"]] /= size
    title, sigma = (text(key, outcome=titled(outcome.name, unit)) for key in ("axis.mu_star", "axis.sigma"))
    drawn = (charts.bars(means, title, w) for w in (True, False))
    yield figures(say("mu_star.caption", outcome=name), [INDICES], *drawn) + _left(order)
    both = rows[rows["factor"].isin(shown)].pivot(index="factor", columns="index", values="value").loc[shown] / size
    both["rank"] = range(1, len(both) + 1)
    spread = (charts.spread(both.reset_index(), title, sigma, w) for w in (True, False))
    yield figures(say("spread.caption", outcome=name), [INDICES], *spread)
    yield index_table(tables, outcome, rows, shown, ("mu_star", "mu", "sigma"))


def _sobol(tables: Tables, outcome: Outcome, rows: "pd.DataFrame") -> Iterator[str]:
    order = ordered(rows, ("ST",))
    shown, name = order[:MOST_FACTORS], html.escape(outcome.name)
    both = _labelled(rows[rows["index"].isin(["S1", "ST"])], shown)
    both["index"] = [text(f"index.{index}") for index in both["index"]]
    drawn = (charts.bars(both, text("axis.share"), w) for w in (True, False))
    yield figures(say("sobol.caption", outcome=name), [INDICES], *drawn) + _left(order)
    yield index_table(tables, outcome, rows, shown, ("S1", "ST"))
    pairs = rows[rows["index"] == "S2"]
    if len(pairs):
        best = ordered(pairs, ("S2",))
        yield index_table(tables, outcome, pairs, best[:MOST_FACTORS], ("S2",)) + _left(best)


def _labelled(rows: "pd.DataFrame", shown: Sequence[str]) -> "pd.DataFrame":
    """Return the rows of the factors that are shown, in their order, with short names."""
    labels = short(shown)
    mine = rows[rows["factor"].isin(shown)]
    place = mine["factor"].map({name: k for k, name in enumerate(shown)})
    mine = mine.assign(place=place).sort_values(["place", "index"])
    return mine.assign(name=mine["factor"].map(labels)).drop(columns=["place", "day"])


def ordered(rows: "pd.DataFrame", names: Sequence[str]) -> list[str]:
    """Return the factors by the largest size of the indices ``names``."""
    mine = rows[rows["index"].isin(names)]
    sizes = mine["value"].abs() if names != ("S2",) else mine["value"]
    return [str(name) for name in sizes.groupby(mine["factor"], sort=False).max().sort_values(ascending=False).index]


def _left(order: Sequence[str]) -> str:
    more = len(order) - MOST_FACTORS
    return paragraph(say("indices.left", n=f"{more:,}"), "soft") if more > 0 else ""


def _options(tables: Tables, outcome: Outcome) -> Iterator[str]:
    """Yield small pictures of the outcome by option, side by side."""
    if isinstance(tables.study.design, OneAtATime):
        return
    choices = [f for f in tables.factors if isinstance(f, Choice) and 1 < len(f.options) <= MOST_OPTIONS]
    choices = [f for f in choices if tables.points[f.name].nunique(dropna=False) > 1][:MOST_CHOICES]
    if choices:
        yield paragraph(say("options.says"), "soft")
        yield "<div class='tiles'>" + "".join(_option(tables, outcome, factor) for factor in choices) + "</div>"


def _option(tables: Tables, outcome: Outcome, factor: Choice) -> str:
    import pandas as pd

    size, unit = tables.scaled(outcome, tables.known(outcome))
    words = tables.points[factor.name].map(option_text, na_action=None)
    values = (tables.points[outcome.name] / size).groupby(words, sort=False)
    order = [option_text(option.value) for option in factor.options]
    groups = {
        option: values.get_group(option).dropna() for option in [*order, text("as_base")] if option in values.groups
    }
    few = max(map(len, groups.values()), default=0) <= FEW
    labels = [f"q{round(100 * q)}" for q in QUANTILES]
    rows = [dict(zip(labels, quantiles(group.to_numpy()), strict=True)) | {"option": option}
            for option, group in groups.items() if len(group)]  # fmt: skip
    dots = [{"option": option, "value": x} for option, group in groups.items() if few for x in group]
    drawn = charts.options(pd.DataFrame(rows), pd.DataFrame(dots), factor.name, unit)
    said = say("options.caption", outcome=html.escape(outcome.name), factor=_code(factor.name))
    return figures(said, [RUNS], drawn)


def seeds_of(tables: Tables) -> str:
    """Return how many seeds a point has, in words."""
    n = tables.study.replicates
    return say("seeds.one") if n == 1 else say("seeds.many", n=f"{n:,}")


def continuous(tables: Tables) -> bool:
    """Tell whether points are scattered over the ranges of numbers."""
    return isinstance(tables.study.design, LatinHypercube | ListOfPoints | Sobol)


def axis(factor: Factor) -> str:
    """Return what the axis of a factor says."""
    name = short([factor.name])[factor.name]
    return name if factor.unit == "1" else f"{name}, {factor.unit}"


def _code(name: str) -> str:
    return f"<code>{html.escape(name)}</code>"
