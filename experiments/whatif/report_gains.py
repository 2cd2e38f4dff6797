"""Who gains and who loses, and the headline against the truth, in words and tables."""

from collections.abc import Iterator

from experiments.markup import figures, listed, paragraph, table
from experiments.whatif.gains import BANDS
from experiments.whatif.phrases import say, words
from experiments.whatif.report_answer import scale
from experiments.whatif.report_charts import bands, provinces_map, windows
from experiments.whatif.report_html import heading
from experiments.whatif.report_numbers import Number, Place, fold, named, span

SIDES = ("users", "creators", "sellers")
#: The chain of a headline, and what it is held against.
CHAIN = ("mean_of_ratios", "estimator", "season", "selection", "causal")
HELD = ("mean_of_ratios", "ratio_of_sums", "difference_in_differences", "causal")
TIMES = 0.1  # ratios are told to the hundredth
PERCENT = 0.01
ONE = 3.0  # people are told to the head


def gains(arm: Place) -> str:
    """Return the section on who gains and who loses."""
    parts = [heading("gains")]
    for side in SIDES:
        drawn = [
            figures(
                say("bands.caption", who=words("side", side), day=named(day)), [(day / side).path], bands(day / side)
            )
            for day in arm / "gains"
        ]
        parts.append(f"<h4>{words('side', side)}</h4>{_shares(arm, side)}<div class='row'>{''.join(drawn)}</div>")
    return "".join([*parts, _provinces(arm), _inequality(arm), _mobility(arm)])


def _shares(arm: Place, side: str) -> str:
    """Return by day how many lose and gain, all of a side together."""
    rows = []
    for day in arm / "gains":
        count = [(day / side / "all" / k).number for k in range(len(BANDS))]
        whole = fold("sum", count)
        found = (fold("sum", count[:2]) / whole, count[2] / whole, fold("sum", count[3:]) / whole)
        rows.append([say("day", day=named(day)), *(span(n, "percent", PERCENT, unknown="dash") for n in found)])
    return table([say(f"column.{c}") for c in ("day", "lose", "none", "gain")], rows)


def last(arm: Place) -> Place:
    """Return the last day on which gains were counted."""
    marks: list[Place] = list(arm / "gains")
    return marks[-1]


def _provinces(arm: Place) -> str:
    drawn = []
    for side in SIDES:
        place = last(arm) / side
        wide, narrow = provinces_map(place, wide=True), provinces_map(place, wide=False)
        caption = say("provinces.caption", who=words("side", side), day=named(last(arm)))
        if wide is not None:
            drawn.append(figures(caption, [(place / "groups" / "province").path], wide, narrow))
    return f"<h4>{say('provinces')}</h4>" + ("".join(drawn) or paragraph(say("provinces.few")))


def _inequality(arm: Place) -> str:
    rows = []
    for day in arm / "gains":
        for side in SIDES:
            before, after = ((day / side / "gini" / k).number for k in range(2))
            label = say("gini", who=words("side", side), day=named(day))
            rows.append([label, span(before, "plain"), span(after, "plain")])
        wage = day / "creators" / "above_wage"
        rows.append([say("wage", day=named(day)), *(span((wage / k).number, "percent") for k in range(2))])
    columns = [say(f"column.{c}") for c in ("what", "without", "with")]
    return f"<h4>{say('inequality')}</h4>" + table(columns, rows, say("inequality.caption"))


def _mobility(arm: Place) -> str:
    place = last(arm) / "creators" / "mobility"
    names = [words("fifth", str(k)) for k in range(len(place.value))]
    seeds = (arm / "gains_seeds").number
    rows = [[names[i], *(span((row / j).number / seeds, "count", 0.5) for j in range(len(names)))]
            for i, row in enumerate(place)]  # fmt: skip
    caption = say("mobility.caption", day=named(last(arm)))
    return f"<h4>{say('mobility')}</h4>" + table([say("column.without"), *names], rows, caption)


def audit(arm: Place) -> str:
    """Return the headline against the truth; nothing if no pair of windows fits."""
    sides = [place for place in arm / "audit" if place.value]
    if not sides:
        return ""
    rows = [[words("side", str(side.keys[-1])), *(_over(side, name) for name in ("takers", *HELD))] for side in sides]
    columns = [say(f"column.{c}") for c in ("side", "takers", *HELD)]
    parts = [heading("audit"), table(columns, rows, say("audit.caption"), cards=True)]
    links = [
        [words("side", str(side.keys[-1])), *(_over(side, name) for name in (*CHAIN, "spillover"))] for side in sides
    ]
    columns = [say(f"column.{c}") for c in ("side", *CHAIN, "spillover")]
    parts.append(table(columns, links, say("chain.caption"), cards=True))
    parts += [_chain(side) for side in sides]
    parts.append(listed(say(f"chain.{name}") for name in (*CHAIN, "difference_in_differences", "spillover")))
    drawn = [figures(say("windows.caption", who=words("side", str(side.keys[-1]))), [side.path], windows(side))
             for side in sides]  # fmt: skip
    return "".join(parts) + f"<div class='row'>{''.join(drawn)}</div>"


def _over(side: Place, name: str) -> str:
    """Return the median over all windows, and the range."""
    numbers = [(row / name).number * scale(side) if name == "takers" else (row / name).number for row in side]
    kind, error = ("count", ONE) if name == "takers" else ("times", TIMES)
    low, mid, high = (span(fold(how, numbers), kind, error) for how in ("min", "median", "max"))
    if all(number.value is None for number in numbers):
        return low
    return f"<b>{mid}</b> <small>({say('median_range', low=low, high=high)})</small>"


def _chain(side: Place) -> str:
    """Return the chain of the pair of windows in the middle, where it holds exactly."""
    rows = sorted(_whole(side), key=lambda row: float((row / "mean_of_ratios").value))
    if not rows:
        return ""
    row = rows[(len(rows) - 1) // 2]
    links = {name: span((row / name).number, "plain", TIMES / 10) for name in CHAIN}
    ends = {name: span((row / name).number, "count") for name in ("before", "after", "gap")}
    return paragraph(say("chain", who=words("side", str(side.keys[-1])), **links, **ends))


def _whole(side: Place) -> Iterator[Place]:
    """Yield the pairs of windows of which all links are known."""
    for row in side:
        if all(row.value[name] is not None for name in CHAIN):
            yield row


def product(row: Place) -> Number:
    """Return what the links of a chain make when multiplied."""
    found = (row / CHAIN[1]).number
    for name in CHAIN[2:]:
        found = found * (row / name).number
    return found
