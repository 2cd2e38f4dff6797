"""The command ``etalase whatif``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from experiments.cli_options import Changes, Days, Json, Name, Workers, load_scenario, print_json, share, whole

if TYPE_CHECKING:
    from experiments.whatif.effects import Effects


Arms = Annotated[
    list[str] | None,
    typer.Argument(metavar="[ARM]...", help="A preset or file whose programs are added; A+B adds both."),
]
Seeds = Annotated[int, typer.Option(parser=whole(1, 1_000), metavar="N", help="Worlds: other people, other days.")]
Until = Annotated[
    float | None,
    typer.Option(parser=share, metavar="SHARE", help="Add seeds until the interval of --metric is narrower, e.g. 5%."),
]
Metric = Annotated[str, typer.Option(metavar="NAME", help="The metric that --until is about.")]
Budget = Annotated[
    int | None,
    typer.Option(parser=whole(1, 10**16), metavar="RP", help="Most that each arm may spend: compares at equal cost."),
]
Ranges = Annotated[bool, typer.Option("--ranges/--no-ranges", help="Also ask ten assumptions, low and high.")]
Apart = Annotated[bool, typer.Option("--apart", help="Also compare with worlds that share no luck.")]
Folder = Annotated[Path | None, typer.Option(metavar="DIR", help="Write report and data into this new folder.")]


def whatif(
    base: Name,
    arms: Arms = None,
    seeds: Seeds = 3,
    days: Days = None,
    until: Until = None,
    metric: Metric = "gmv",
    budget: Budget = None,
    ranges: Ranges = True,
    apart: Apart = False,
    changes: Changes = None,
    workers: Workers = 1,
    out: Folder = None,
    as_json: Json = False,
) -> None:
    """Simulate programs beside a market without them, as twins, and say what they cause.

    Without an ARM, the programs of SCENARIO itself are compared with the same market without them.
    """
    changes = changes or []
    own = [change for change in changes if not (arms and change.startswith("programs."))]
    scenario = load_scenario(base, own)
    from contextlib import nullcontext

    from experiments import cli_bar, results
    from experiments.whatif import compared, files
    from experiments.whatif import whatif as ask

    world, ways = compared(base, scenario, arms or (), changes)
    with results.Folder(out) if out is not None else nullcontext() as folder:
        with cli_bar.progress("living twice", "worlds") as tell:
            found = ask(
                world, ways, seeds=seeds, days=days, until=until, metric=metric, budget=budget, ranges=ranges,
                apart=apart, workers=workers, progress=tell,
            )  # fmt: skip
        found.whole["call"]["set"] = list(changes)
        if folder:
            files.publish(found, folder)
    if as_json:
        print_json(found.to_dict())
    else:
        print_effects(found, out)


ROWS = ("gmv", "orders", "gmv_video", "gmv_live", "gmv_search", "treated_creators_income", "treated_sellers_revenue",
        "commissions", "seller_margin", "platform_revenue_net", "creators_active", "umkm_connected")  # fmt: skip


def print_effects(found: "Effects", out: Path | None) -> None:
    """Print a table for each arm, and in a few lines what it costs and what of it is new."""
    from rich.text import Text

    from experiments.cli_tables import console, table

    screen, whole_ = console(), found.to_dict()
    for name, arm in whole_["arms"].items():
        screen.print(Text(f"{name}: {arm['title']}" + ("" if arm["twin"] else " (another market, not a twin)")))
        rows = [_row(metric, arm["metrics"][metric], whole_["scale"]) for metric in ROWS if metric in arm["metrics"]]
        head = ("a day", "without", "with", "effect", "+-", "assumptions", "noise")
        screen.print(table(head, rows, head[1:]))
        screen.print(Text("\n".join([*_said(arm, whole_["scale"], len(whole_["seeds"])), ""])))
    if out is not None:
        screen.print(Text(f"report in {out / 'report.html'}"))


def _row(name: str, metric: dict[str, Any], scale: float) -> tuple[str, ...]:
    """Return a metric's cells; money and counts are those of the whole market."""
    from experiments.whatif.report_tables import SHOWN
    from experiments.words import number, percent

    times = scale if SHOWN[name] in ("rupiah", "count") else 1
    ends = metric["range"]
    return (
        name, number(metric["base"] * times), number(metric["with"] * times), percent(metric["relative"]),
        percent(metric["relative_error"]), f"{percent(ends[0])} to {percent(ends[1])}" if ends else "-",
        percent(metric["noise"]),
    )  # fmt: skip


def _said(arm: dict[str, Any], scale: float, seeds: int) -> list[str]:
    """Return what of the gross sales is new, and what the arm costs."""
    from experiments.words import number, percent

    cost = arm["cost"]
    parts = arm["additionality"]["gross"] if arm["additionality"] else {}
    gross = sum(part["gmv"] for part in parts.values())
    lines = []
    if gross:
        shares = [f"{percent(part['gmv'] / gross)} {name}" for name, part in parts.items() if part["gmv"]]
        lines.append(f"of Rp{number(gross * scale / seeds)} sold with it: {', '.join(shares)}")
    if cost["spent"]:
        each = {"GMV": "gmv", "creator income": "creator_income", "UMKM margin": "umkm_margin"}
        found = {label: cost[f"per_additional_{key}"] for label, key in each.items()}
        per = ", ".join(f"Rp{number(rate)} per rupiah of {label}" for label, rate in found.items() if (rate or 0) > 0)
        lines.append(f"it costs Rp{number(cost['spent'] * scale)}" + (f": {per}, in addition" if per else ""))
    for title, program in arm["programs"].items():
        heads = [
            f"{number(program[side] * scale)} {side}" for side in ("users", "creators", "sellers") if program.get(side)
        ]
        ended = "" if program["ended"] is None else f"; its budget was spent on day {number(program['ended'])}"
        lines.append(f"{title}: {', '.join(heads) or 'for all'}{ended}")
    return lines
