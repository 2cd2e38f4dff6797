"""Tables of a study's page. Each number carries the file and place it comes from, with all its digits."""

import html
import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.markup import paragraph, table
from experiments.study.designs import OneAtATime
from experiments.study.factors import Choice, Distribution, Factor, Option
from experiments.study.outcomes import Outcome
from experiments.study.page_data import Tables, option_text, quantiles, short
from experiments.study.phrases import say, text, words
from experiments.study.variance import Shares
from experiments.words import number, percent, value_text

if TYPE_CHECKING:
    import pandas as pd

MOST_FACTORS = 20  # that a table or picture of indices shows
ROUNDING = 1e-12  # of an outcome; a smaller change of it is none
MOST_FAILED = 50  # runs that are listed
STATISTICS = ("low", "q5", "median", "q95", "high")
RUNS, INDICES = "runs.parquet", "sensitivity.parquet"


def value(x: float, shown: str | None = None, file: str = RUNS, **place: str) -> str:
    """Return a number that says where it comes from; a dash where it is not known."""
    if not math.isfinite(x):
        return f"<span class='unknown'>{say('dash')}</span>"
    told = "".join(f' data-{key}="{html.escape(str(word))}"' for key, word in place.items())
    words_for_it = number(x) if shown is None else shown
    return f'<span data-file="{file}"{told} data-value="{x!r}">{html.escape(words_for_it)}</span>'


def in_unit(tables: Tables, outcome: Outcome, x: float, **place: str) -> str:
    """Return a value of an outcome; shares in per cent."""
    return value(x, percent(x) if tables.unit(outcome) == "%" else None, outcome=outcome.name, **place)


def columns(*names: str) -> list[str]:
    """Return the headings of columns."""
    return [say(f"column.{name}") for name in names]


def outcomes(tables: Tables) -> str:
    """Return what each outcome is, and how it is spread over the points."""
    rows = [_outcome(tables, outcome) for outcome in tables.outcomes]
    head = columns("outcome", "over", *STATISTICS)
    return table(head, rows, say("outcomes.caption", points=f"{len(tables.points):,}"), cards=True)


def _outcome(tables: Tables, outcome: Outcome) -> list[str]:
    name = f"{html.escape(outcome.name)}<small>{html.escape(tables.meaning(outcome))}</small>"
    unit = html.escape(tables.unit(outcome))
    over = _over(tables, outcome) + (f" <small>{unit}</small>" if unit else "")
    if outcome.series:
        return [name, over, *[say("dash")] * len(STATISTICS)]
    known = tables.known(outcome)
    q5, _, median, q95 = [quantiles(known)[k] for k in (0, 1, 2, 4)]
    ends = (float(known.min()), float(known.max())) if len(known) else (math.nan, math.nan)
    found = dict(zip(STATISTICS, (ends[0], q5, median, q95, ends[1]), strict=True))
    cells = [in_unit(tables, outcome, x, statistic=statistic) for statistic, x in found.items()]
    return [name, over, *cells]


def _over(tables: Tables, outcome: Outcome) -> str:
    over, days = words("over", outcome.over.value), range(tables.study.days)[outcome.since : outcome.until]
    if len(days) == tables.study.days:
        return over
    return say("over.from", over=over, first=str(days[0]), last=str(days[-1]))


def factors(tables: Tables) -> str:
    """Return what varies, over what range, and what is declared of it."""
    rows = [_factor(tables, factor) for factor in tables.factors]
    head = columns("factor", "role", "range", "unit", "distribution", "base", "source")
    return table(head, rows, say("factors.caption"), cards=True, words=6)


def _factor(tables: Tables, factor: Factor) -> list[str]:
    declared = tables.declaration(factor)
    doc = f"<small>{html.escape(declared.doc)}</small>" if declared else ""
    source = html.escape(declared.source) if declared else say("dash")
    name = f"<code>{html.escape(factor.name)}</code>{doc}"
    role, unit = words("role", factor.role.value), html.escape(factor.unit if factor.unit != "1" else text("dash"))
    if isinstance(factor, Choice):
        listed = "<br>".join(_option(option) for option in factor.options)
        return [name, role, listed, unit, say("distribution.choice"), say("dash"), source]
    low, high = (f"<span data-end='{end}'>{number(getattr(factor, end))}</span>" for end in ("low", "high"))
    spread = _distribution(factor.distribution, mode=factor.mode, mean=factor.mean, sd=factor.sd)
    base = tables.study.value(factor, {})
    own = say("dash") if base is None else number(float(base))
    return [name, role, say("range", low=low, high=high), unit, spread, own, source]


def _distribution(kind: Distribution, **numbers: float) -> str:
    return say(f"distribution.{kind.value}", **{name: f"{x:g}" for name, x in numbers.items()})


def _option(option: Option) -> str:
    """Return an option, and what it does."""
    does = [f"{path} = {value_text(x)}" for path, x in option.set.items()]
    does += [text("does.programs", names=", ".join(option.programs))] if option.programs else []
    kinds = ", ".join(kind.__name__ for kind in option.mechanisms)
    does += [text("does.mechanisms", names=kinds)] if kinds else []
    does += [text("does.after", name=kind.__name__, place=place) for place, kind in option.after.items()]
    said = html.escape("; ".join(does) or text("does.nothing"))
    return f"<b>{html.escape(option_text(option.value))}</b> <small>{said}</small>"


def failed(runs: "pd.DataFrame") -> Iterator[str]:
    """Yield which runs failed, and why."""
    rows = [
        [
            f"<span data-failed='point'>{row['point']}</span>",
            str(row["seed"]),
            f"<code>{html.escape(row['error'])}</code>",
        ]
        for row in runs.head(MOST_FAILED).to_dict("records")
    ]
    yield table(columns("point", "seed", "error"), rows, say("failed.caption"), words=1)
    if len(runs) > MOST_FAILED:
        yield paragraph(say("failed.more", n=f"{len(runs) - MOST_FAILED:,}"), "soft")


def shares(found: Sequence[Shares]) -> str:
    """Return how the variance of each outcome splits."""
    rows = [
        [
            html.escape(share.outcome),
            *(
                value(x, percent(x), outcome=share.outcome, share=part)
                for part, x in (("points", share.points), ("seeds", share.seeds), ("noise", share.noise))
            ),
        ]
        for share in found
    ]
    return table(columns("outcome", "points", "seeds", "noise"), rows, say("shares.caption"), cards=True)


def index_table(
    tables: Tables, outcome: Outcome, rows: "pd.DataFrame", order: Sequence[str], names: Sequence[str]
) -> str:
    """Return a table of the indices ``names`` of the factors in ``order``, each with its interval if it has one."""
    found = {(row["factor"], row["index"]): row for row in rows.to_dict("records")}
    percents = tables.unit(outcome) == "%" and names[0] not in ("S1", "S2")
    labels, tiny = short(order), ROUNDING * float(np.abs(tables.known(outcome)).max(initial=0.0))
    body = []
    for rank, factor in enumerate(order, 1):
        name = html.escape(labels[factor]) + _levels(tables, factor)
        cells = [_index(found.get((factor, index)), percents, factor, tiny) for index in names]
        body.append([say("rank", rank=str(rank), name=name), *cells])
    ends = {"low": "change_low", "high": "change_high"}
    head = columns("pair" if names[0] == "S2" else "factor", *(ends.get(name, name) for name in names))
    caption = "pairs.caption" if names[0] == "S2" else f"indices.caption.{tables.study.design.kind}"
    return table(head, body, say(caption, outcome=html.escape(outcome.name)), cards=True)


def _levels(tables: Tables, factor: str) -> str:
    """Return the first and last level of a factor that moves alone."""
    design = tables.study.design
    if not isinstance(design, OneAtATime):
        return ""
    known = {one.name: one for one in tables.factors}
    mine = [option_text(value) for value in known[factor].levels(design.levels)]
    return f"<small>{say('levels', first=html.escape(mine[0]), last=html.escape(mine[-1]))}</small>"


def _index(row: dict[Any, Any] | None, percents: bool, factor: str, tiny: float) -> str:
    """Return the cell of one index, with its interval if it has one."""
    if row is None:
        return say("dash")
    shown = percent if percents else number
    place = {"file": INDICES, "outcome": row["outcome"], "factor": factor, "index": row["index"]}
    left = abs(row["value"]) < tiny  # of a sum of floats
    cell = value(row["value"], shown(0.0 if left else row["value"]), **place)
    if not math.isfinite(row["low"]):
        return cell
    return f"{cell} <small>{say('range', low=shown(row['low']), high=shown(row['high']))}</small>"
