"""One page on what a program would really do: no network, fit for paper and for a phone.

Everything on it stands in ``effects.json``: each number carries the path it comes from (``data-path``), or the paths
and the formula (``data-from``, ``data-by``), with its value (``data-value``).
"""

import os
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from experiments.markup import STYLE, figures, listed, paragraph
from experiments.whatif import report_charts as charts
from experiments.whatif.matching import PARTS
from experiments.whatif.phrases import LANGUAGE, say, text
from experiments.whatif.report_answer import answer, called
from experiments.whatif.report_assumptions import assumptions
from experiments.whatif.report_gains import audit, gains
from experiments.whatif.report_html import heading
from experiments.whatif.report_numbers import Place, constant, named, quoted, span
from experiments.whatif.report_tables import (
    comparison,
    costs,
    displaced,
    lottery,
    metrics,
    net,
    parts,
    reach,
    sigma_rows,
    sigmas,
)
from sim import __version__

PAGE = "report.html"


def write_report(whole: dict[str, Any], folder: Path) -> Path:
    """Write ``report.html`` about what ``effects.json`` holds into a folder, whole or not at all; return it."""
    page = folder / PAGE
    new = folder / f"{PAGE}.partial-{os.getpid()}"
    try:
        new.write_text("\n".join(_page(Place(whole))), encoding="utf-8")
        os.replace(new, page)
    finally:
        new.unlink(missing_ok=True)
    return page


def _page(root: Place) -> Iterator[str]:
    arms = list(root / "arms")
    base = quoted(root / "base" / "name")
    yield f"<!doctype html><html lang='{LANGUAGE}'><head><meta charset='utf-8'><title>{say('title')}</title>"
    yield "<meta name='viewport' content='width=device-width, initial-scale=1'>"
    yield f"<style>{STYLE}</style></head><body><header><h1>{say('title')}</h1>"
    yield paragraph(say("head", base=f"<b>{base}</b>", first=quoted(root / "base" / "scenario" / "calendar" / "start"),
                        days=span((root / "days").number, "exact"), seeds=_seeds(root),
                        scale=span((root / "scale").number, "count")))  # fmt: skip
    yield paragraph(say("head.twins"))
    if len(arms) > 1:
        yield comparison(arms)
    yield "</header>"
    for k, arm in enumerate(arms):
        yield f"<article id='arm-{chr(97 + k % 26)}{k}'>"
        yield from _arm(arm)
        yield "</article>"
    yield f"<footer>{paragraph(say('foot', version=_version()), 'soft')}</footer></body></html>"


def _seeds(root: Place) -> str:
    number = (root / "arms" / next(iter(root.value["arms"])) / "gains_seeds").number
    return span(number, "exact")


def _version() -> str:
    return constant("sim:__version__", __version__)


def _arm(arm: Place) -> Iterator[str]:
    """Yield what is said of one arm, the answer first."""
    yield f"<h2>{called(arm)}</h2>{paragraph(quoted(arm / 'title'), 'soft')}"
    yield answer(arm)
    yield metrics(arm)
    drawn = (Place(arm.whole) / "series" / "gmv", arm / "series" / "gmv", arm / "window", arm / "programs")
    yield heading("days") + figures(
        say("days.caption"),
        [place.path for place in drawn],
        *(charts.days(arm, wide) for wide in (True, False)),
    )  # fmt: skip
    if arm.value["additionality"]:  # another market has other people: nobody to be matched with
        yield heading("parts") + _shares(arm) + parts(arm) + net(arm) + sigmas(arm) + displaced(arm)
        yield heading("cost") + costs(arm)
        yield gains(arm)
        yield audit(arm)
        yield lottery(arm)
        yield reach(arm)
    yield assumptions(arm)
    yield _sources(arm)


def _shares(arm: Place) -> str:
    """Return the bars of what was new, for the program, everybody else and the ends of ``sigma_n``."""
    found = arm / "additionality"
    places = [
        ("row.gmv", found / "gross", "gmv"),
        ("row.orders", found / "gross", "orders"),
        ("row.floor", found / "floor", "gmv"),
    ]
    places += [(f"row.{place.keys[-1]}", place / "gross", "gmv")
               for _, _, place in sigma_rows(arm) if place.keys[-1] != "additionality"]  # fmt: skip
    rows = [(text(key), {part: float((place / part / what).value) for part in PARTS}) for key, place, what in places]
    paths = [place.path for _, place, _ in places]
    return figures(say("shares.caption"), paths, *(charts.shares(rows, wide) for wide in (True, False)))


def _sources(arm: Place) -> str:
    """Return what the arm rests on, how to have the same numbers again, and what was not asked."""
    root = Place(arm.whole)
    out = [heading("sources")]
    for kind in ("assumptions", "sources"):
        lines = [quoted(place) for place in arm / kind]
        out.append(f"<h4>{say(f'sources.{kind}')}</h4>" + (listed(lines) if lines else paragraph(say("sources.none"))))
    out.append(f"<h4>{say('again')}</h4><pre>{_command(root)}</pre>")
    prints = {
        "base": f"<code>{quoted(root / 'base' / 'fingerprint')}</code>",
        "arm": f"<code>{quoted(arm / 'fingerprint')}</code>",
    }
    out.append(paragraph(say("again.says", **prints, version=_version(), seeds=_list_of_seeds(root)), "soft"))
    out.append(f"<h4>{say('limits')}</h4>" + listed(say(key) for key in limits(arm)))
    return "".join(out)


#: Options without a value: their name in the call, their flag, and when they are given.
SWITCHES = (("ranges", "--no-ranges", False), ("apart", "--apart", True))


def _command(root: Place) -> str:
    """Return the command that gives all numbers again."""
    base, arms = root / "base" / "name", list(root / "arms")
    names = (
        []
        if [arm.keys[-1] for arm in arms] == [base.value]
        else [named(arm, shlex.quote(str(arm.keys[-1]))) for arm in arms]
    )
    call = root / "call"
    changes = [f"--set {named(place, shlex.quote(str(place.value)))}" for place in call / "set"]
    if not any(str(place.value).startswith("seed=") for place in call / "set"):
        changes.append(f"--set seed={quoted(root / 'seeds' / 0)}")
    numbers = [f"--seeds {quoted(call / 'seeds')}", f"--days {quoted(root / 'days')}"]
    if call.value["until"] is not None:
        numbers.append(f"--until {quoted(call / 'until')} --metric {quoted(call / 'metric')}")
    if call.value["budget"] is not None:
        numbers.append(f"--budget {quoted(call / 'budget')}")
    switches = [named(call / name, flag) for name, flag, on in SWITCHES if call.value[name] is on]
    return " ".join(["etalase whatif", quoted(base), *names, *changes, *numbers, *switches])


def _list_of_seeds(root: Place) -> str:
    first, final = root / "seeds" / 0, root / "seeds" / (len(root.value["seeds"]) - 1)
    return say("seeds", first=quoted(first), last=quoted(final))


def limits(arm: Place) -> list[str]:
    """Return what was not asked, or could not be answered."""
    found = []
    if arm.value["gains_seeds"] < 2:
        found.append("limit.one_world")
    if not arm.value["metrics"]["gmv"]["noise"]:
        found.append("limit.no_noise")
    if not arm.value["twin"]:
        found.append("limit.not_twin")
    if not arm.value["metrics"]["gmv"]["assumptions"]:
        found.append("limit.no_ranges")
    if not any(arm.value.get("audit", {}).values()):
        found.append("limit.no_audit")
    if arm.whole.get("first_stage") is not None:
        found.append("limit.stages")
    return [*found, *(f"limit.{name}" for name in ("own", "first", "agents", "later", "answers", "welfare"))]
