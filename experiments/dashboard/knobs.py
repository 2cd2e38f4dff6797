"""Sliders made from declarations: unit, range, source and grade stand with the parameter, and are read from there."""

import datetime
import math
from collections.abc import Iterable
from typing import Any

from experiments.dashboard.words import Words
from experiments.odd import grade
from experiments.whatif.assumptions import ASSUMPTIONS
from sim.params import Knob
from sim.programs.campaign import Campaign
from sim.scenario import Scenario

WIDE = 1_000.0  # a range so many times the value is typed, not slid
FREE = 100_000  # an end so high stands for none
STEPS = 200  # of a slider
#: Of the population, what a page lets people turn; the rest describes Indonesia.
POPULATION = ("scale", "users", "creators", "potential_creators", "sellers", "potential_sellers", "creators_live",
              "sellers_live", "live_minutes", "local_share", "open_share", "budget_mean")  # fmt: skip
USUAL = ("take_up", "start", "end", "budget")  # levers that most programs have and people ask for
TEN = frozenset(assumption.path for assumption in ASSUMPTIONS)


def groups(scenario: Scenario, words: Words) -> list[dict[str, Any]]:
    """Return the groups of sliders of a scenario, in the order of the page: programs, the ten, mechanisms, people."""
    knobs = [knob for knob in scenario.knobs() if _turns(knob)]
    levers = sorted((knob for knob in knobs if knob.path.startswith("programs.")), key=_rank)
    found = []
    for program in scenario.programs:
        title = words.text("knobs.program", program=program.title)
        found.append(_group("programs", f"programs.{program.title}.", title, levers, words))
    ten = [_slider(knob, words) for knob in knobs if knob.path in TEN]
    found.append({"key": "ten", "title": words.text("knobs.ten"), "knobs": ten})
    for mechanism in scenario.mechanisms:
        title = words.name("mechanism", mechanism.name)
        found.append(_group("mechanisms", f"mechanisms.{mechanism.name}.", title, knobs, words))
    people = [knob for knob in knobs if knob.path.removeprefix("population.") in POPULATION]
    found.append(_group("population", "population.", words.text("knobs.population"), people, words))
    return [group for group in found if group["knobs"]]


def _group(key: str, prefix: str, title: str, knobs: Iterable[Knob], words: Words) -> dict[str, Any]:
    mine = [_slider(knob, words) for knob in knobs if knob.path.startswith(prefix)]
    return {"key": f"{key}:{prefix}", "title": title, "knobs": mine}


def _rank(knob: Knob) -> int:
    """Put what a program does before when, for whom and how much; and those before what few turn."""
    name = knob.declaration.name
    if name not in Campaign.model_fields:
        return -1
    return USUAL.index(name) if name in USUAL else len(USUAL)


def _turns(knob: Knob) -> bool:
    """Tell whether a parameter is a number that the page changes."""
    value = knob.value
    number = isinstance(value, int | float) and not isinstance(value, bool | datetime.date)
    return number and knob.path.split(".")[0] in ("population", "mechanisms", "programs")


def _slider(knob: Knob, words: Words) -> dict[str, Any]:
    d, whole = knob.declaration, isinstance(knob.value, int)
    low, high = (end if math.isfinite(end) else None for end in (d.low, d.high))
    doc = words.name("doc", d.doc, d.doc)
    return {
        "path": knob.path,
        "name": words.name("knob", knob.path, doc),
        "symbol": d.name,
        "doc": doc,
        "unit": "" if d.unit == "1" else words.name("unit", d.unit),
        "low": low,
        "high": high,
        "step": step(low, high, whole),
        "slides": slides(knob.value, low, high),
        "free": high is not None and high >= FREE,
        "whole": whole,
        "value": knob.value,
        "source": d.source,
        "grade": words.name("grade", grade(d.source)),
    }


def slides(value: float, low: float | None, high: float | None) -> bool:
    """Tell whether a range is one that a slider can show, rather than a limit that nobody comes near."""
    if low is None or high is None or high >= FREE:
        return False
    return high - low <= 100 or (high - low <= WIDE * max(abs(value), 1e-9))


def step(low: float | None, high: float | None, whole: bool) -> float:
    """Return a round step that makes some hundred of a range."""
    if low is None or high is None or high <= low:
        return 1.0 if whole else 0.01
    size = 10.0 ** math.floor(math.log10((high - low) / STEPS))
    fine = next(size * k for k in (1, 2, 5, 10) if (high - low) / (size * k) <= STEPS)
    return max(fine, 1.0) if whole else float(f"{fine:.6g}")
