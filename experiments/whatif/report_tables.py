"""The figures that carry an answer: metrics, additionality, costs, reach."""

from collections.abc import Iterator

from experiments.markup import paragraph, table
from experiments.whatif.assumptions import SIGMA
from experiments.whatif.matching import PARTS
from experiments.whatif.phrases import say, words
from experiments.whatif.report_answer import (
    MOVED,
    Effect,
    called,
    days,
    gmv,
    gross,
    level,
    per_additional,
    per_world,
    scale,
    share,
)
from experiments.whatif.report_html import heading
from experiments.whatif.report_numbers import Number, Place, constant, fold, named, span
from sim.metrics import METRICS

#: What is shown, and how it is written.
SHOWN = {
    "gmv": "rupiah", "gmv_video": "rupiah", "gmv_live": "rupiah", "gmv_search": "rupiah", "orders": "count",
    "treated_creators_income": "rupiah", "treated_sellers_revenue": "rupiah", "commissions": "rupiah",
    "seller_margin": "rupiah", "subsidies": "rupiah", "platform_revenue_net": "rupiah",
    "creators_active": "count", "creators_above_minimum_wage": "percent", "creator_income_gini": "plain",
    "local_share": "percent", "umkm_connected": "percent", "umkm_gmv_share": "percent",
}  # fmt: skip
SIDES = ("users", "creators", "sellers")
PERCENT = 0.01  # shares of sales are told to the percent


def metrics(arm: Place) -> str:
    """Return the table of metrics."""
    rows = [
        (name, Effect(arm / "metrics" / name, kind)) for name, kind in SHOWN.items() if name in arm.value["metrics"]
    ]
    ratios = any("variance_ratio" in effect.row.value for _, effect in rows)
    columns = [say(f"column.{c}") for c in ("what", "without", "with", "effect", "error", "range", "noise")]
    columns += [say("column.variance_ratio")] * ratios
    seeds = span((arm / "gains_seeds").number, "exact")
    caption = say("metrics.caption", days=days(arm), seeds=seeds, level=level(), scale=span(scale(arm), "count"))
    caption += f" {say('metrics.ratio')}" if ratios else ""
    lines = [_metric(name, effect, ratios) for name, effect in rows]
    return heading("metrics") + table(columns, lines, caption, cards=True)


def _metric(name: str, found: Effect, ratios: bool) -> list[str]:
    docs = {metric.name: metric.doc for metric in METRICS}
    doc = words("doc", name, docs.get(name, ""))
    doc = "" if doc == words("metric", name) else f"<small>{doc}</small>"
    low, high = found.range
    range_ = (
        say("range", low=_part(found, low), high=_part(found, high)) if low.value is not None else say(_no_range(found))
    )
    cells = [
        f"{words('metric', name)}{doc}",
        found.level("base"),
        found.level("with"),
        effect(found),
        span(found.error, found.error_shown, found.error.value or None, unknown="one_world"),
        range_,
        _noise(found),
    ]
    if ratios:
        ratio = found.row / "variance_ratio"
        known = "variance_ratio" in found.row.value
        cells.append(span(ratio.number, "times", abs(ratio.value or 1) / 5, unknown="dash") if known else say("dash"))
    return cells


def _noise(found: Effect) -> str:
    """Return the noise floor; a nudge that moved nothing has not measured any."""
    if found.noise.value == 0:
        return f'<span class="unknown">{say("unmoved")}</span>'
    return span(found.noise, found.error_shown, found.noise.value, unknown="no_noise")


def _no_range(found: Effect) -> str:
    return "dash" if (found.row / "assumptions").value else "not_asked"


def effect(found: Effect) -> str:
    """Return an effect, or that there is none to tell."""
    if found.nothing:
        return f'<span class="unknown">{say("nothing")}</span>'
    if not found.told:
        return f'<span class="unknown">{say("chance")}</span>'
    return f"<span class='strong'>{span(found.effect, found.shown, found.uncertainty, sign=True)}</span>"


def _part(found: Effect, number: Number) -> str:
    return span(number, found.shown, found.uncertainty)


def parts(arm: Place) -> str:
    """Return the parts of gross sales, beside those of everybody else."""
    check(arm)
    rupiah, orders = gross(arm), gross(arm, "orders")
    floor = gross(arm, "gmv", "floor")
    columns = [say(f"column.{c}") for c in ("part", "rupiah", "of_rupiah", "orders", "of_orders", "floor")]
    rows = [
        [
            words("part", part),
            span(per_world(arm, rupiah[part]), "rupiah"),
            span(share(rupiah, (part,)), "percent", PERCENT, unknown="dash"),
            span(per_world(arm, orders[part]), "count"),
            span(share(orders, (part,)), "percent", PERCENT, unknown="dash"),
            span(share(floor, (part,)), "percent", PERCENT, unknown="dash"),
        ]
        for part in PARTS
    ]
    whole = [fold("sum", found.values()) for found in (rupiah, orders)]
    total = [say("part.all"), span(per_world(arm, whole[0]), "rupiah"), say("dash"),
             span(per_world(arm, whole[1]), "count"), say("dash"), say("dash")]  # fmt: skip
    return table(columns, [*rows, total], say("parts.caption"), cards=True)


def check(arm: Place) -> None:
    """Make sure that the parts add up to what was bought, as the table of channels counted it apart from them."""
    whole = sum(number.value or 0 for number in gross(arm).values())
    for kind in arm / "additionality" / "displaced":
        found = sum(sum(row) for row in (arm / "additionality" / "displaced" / kind.keys[-1] / "gmv").value)
        assert found == whole, f"{arm.path}: parts of gross sales are {whole:,.0f}, by {kind.keys[-1]} {found:,.0f}"


def net(arm: Place) -> str:
    """Return what gross and net are, and by how much they differ."""
    found = gmv(arm)
    error = (arm / "metrics" / "gmv" / "error").number * (Place(arm.whole) / "days").number * scale(arm)
    of_net = per_world(arm, (arm / "additionality" / "net" / "gmv").number)
    text = span(of_net, "rupiah", error.value or None, sign=True) if found.told else say("net.chance")
    total = per_world(arm, fold("sum", gross(arm).values()))
    lost = per_world(arm, (arm / "additionality" / "lost" / "gmv").number)
    return paragraph(say("net", gross=span(total, "rupiah"), net=text, lost=span(lost, "rupiah"), days=days(arm)))


def sigmas(arm: Place) -> str:
    """Return anyway, moved and new for the ends of how much noise offers share."""
    if not arm.value["sigma"]:
        return paragraph(say("sigma.not_asked"))
    rows = [[f"{title} ({value})", *_three(place)] for title, value, place in sigma_rows(arm)]
    return table([say(f"column.{c}") for c in ("sigma", "anyway", "moved", "new")], rows, say("sigma.caption"))


def sigma_rows(arm: Place) -> Iterator[tuple[str, str, Place]]:
    """Yield name, value and place of the parts for each value of ``sigma_n``."""
    own = arm / "scenario" / "mechanisms" / "purchase" / "sigma_n"
    for end in ("low", "own", "high") if arm.value["sigma"] else ():
        if end == "own":
            yield say("sigma.own"), span(own.number, "plain"), arm / "additionality"
        elif end in arm.value["sigma"]:
            value = constant(f"experiments.whatif.assumptions:SIGMA.{end}", f"{SIGMA[end]:g}")
            yield say(f"sigma.{end}"), value, arm / "sigma" / end


def _three(place: Place) -> list[str]:
    found = {part: (place / "gross" / part / "gmv").number for part in PARTS}
    return [span(share(found, names), "percent", PERCENT, unknown="dash") for names in (("anyway",), MOVED, ("new",))]


def displaced(arm: Place) -> str:
    """Return where what was bought would have been bought, by channel, size and origin of the seller."""
    tables, whole = [], fold("sum", gross(arm).values())
    for kind in arm / "additionality" / "displaced":
        came, went = (kind / "from").value, (kind / "to").value
        rows = [
            [words("kind", name)]
            + [
                span((kind / "gmv" / i / j).number / whole, "percent", PERCENT, unknown="dash")
                for j in range(len(went))
            ]
            for i, name in enumerate(came)
        ]
        columns = [say("displaced.from"), *(words("kind", name) for name in went)]
        tables.append(table(columns, rows, words("displaced", str(kind.keys[-1]))))
    return (
        f"<h4>{say('displaced')}</h4>{paragraph(say('displaced.says'), 'soft')}<div class='row'>{''.join(tables)}</div>"
    )


def costs(arm: Place) -> str:
    """Return what was spent, by program, and what a rupiah more costs."""
    cost = arm / "cost"
    income = [Effect(arm / "metrics" / name, "rupiah") for name in ("treated_creators_income", "commissions")
              if name in arm.value["metrics"]]  # fmt: skip
    margin = (Effect(arm / "metrics" / "seller_margin", "rupiah"),)
    rows = [
        [say("cost.spent"), span((cost / "spent").number * scale(arm), "rupiah")],
        [say("cost.gross"), span((cost / "per_gross_gmv").number, "rupiah", unknown="no_cost")],
        [say("cost.gmv"), per_additional(arm, "gmv", (gmv(arm),))],
        [say("cost.creator_income"), per_additional(arm, "creator_income", tuple(income))],
        [say("cost.umkm_margin"), per_additional(arm, "umkm_margin", margin)],
    ]
    return table([say("column.what"), say("column.rupiah")], rows, say("cost.caption")) + _programs(arm)


def _programs(arm: Place) -> str:
    columns = [say(f"column.{c}") for c in ("program", "spent", "ended", *SIDES)]
    rows = []
    for program in arm / "programs":
        heads = [
            span((program / side).number * scale(arm), "count") if program.value.get(side) else say("dash")
            for side in SIDES
        ]
        ended = (program / "ended").number
        day = say("day", day=span(ended, "count")) if ended.value is not None else say("not_ended")
        rows.append([named(program), span((program / "spent").number * scale(arm), "rupiah"), day, *heads])
    return table(columns, rows, say("programs.caption"), cards=True) if rows else ""


def reach(arm: Place) -> str:
    """Return by day whose orders have ever differed, and whose differ on that day."""
    rows = []
    for day in (arm / "reach" / "users").value:
        cells = [span((arm / "reach" / side / day).number, "percent", PERCENT) for side in SIDES]
        today = arm / "same_day" / day
        cells.append(span(today.number, "percent", PERCENT) if day in arm.value["same_day"] else say("dash"))
        rows.append([say("day", day=named(arm / "reach" / "users" / day)), *cells])
    columns = [say(f"column.{c}") for c in ("day", *SIDES, "same_day")]
    return heading("reach") + table(columns, rows)


def lottery(arm: Place) -> str:
    """Return what a lot among those eligible would tell, beside the twins' truth; nothing if there was no lot."""
    rows = []
    for place in arm / "lottery":
        heads = [span((place / name).number, "count") for name in ("may", "may_not")]
        found, error = (place / "estimate").number, (place / "error").number
        shares = [span(found, "percent", error.value), span(error, "percent", PERCENT)]
        rows.append([named(place), *heads, *shares, span((place / "truth").number, "percent", PERCENT)])
    columns = [say(f"column.{c}") for c in ("program", "may", "may_not", "estimate", "standard_error", "truth")]
    return heading("lottery") + table(columns, rows, say("lottery.caption"), cards=True) if rows else ""


def comparison(arms: list[Place]) -> str:
    """Return several arms beside each other."""
    columns = [say(f"column.{c}") for c in ("arm", "gmv_effect", "gmv_error", "spent", "per_additional", "new")]
    rows = []
    for k, arm in enumerate(arms):
        found = gmv(arm)
        name = f"<a href='#arm-{chr(97 + k % 26)}{k}'>{called(arm)}</a>" + (
            "" if arm.value["twin"] else f" {say('not_twin.short')}"
        )
        rows.append(
            [
                name,
                effect(found),
                span(found.error, found.error_shown, found.error.value or None, unknown="one_world"),
                span((arm / "cost" / "spent").number * scale(arm), "rupiah"),
                per_additional(arm, "gmv", (found,)),
                span(share(gross(arm), ("new",)), "percent", PERCENT, unknown="dash")
                if arm.value["additionality"]
                else say("dash"),
            ]
        )
    return f"<h2>{say('comparison')}</h2>" + table(columns, rows, say("comparison.caption"), cards=True)
