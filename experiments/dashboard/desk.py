"""What goes to the page: a desk, which changes when somebody does something, and a frame, which changes every day."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from experiments.dashboard.cards import cards, heads
from experiments.dashboard.knobs import groups
from experiments.dashboard.player import PACES, Doing, Scene
from experiments.dashboard.setup import Setup, markets, programs_of, worlds
from experiments.dashboard.twins import Twins, program_state
from experiments.dashboard.views import VIEWS
from experiments.dashboard.views.drawing import Show, travelling
from experiments.dashboard.words import LANGUAGES, Words
from sim.scenario import load
from sim.scenario_file import presets

OF_PARTS = ("doc.", "unit.", "story.", "assumption.")  # texts that parts of the page bring with them
MOST_LINES = 6  # things to notice or to try of one preset


def desk(setup: Setup, start: str, view: str, words: Words, horizon: int, pace: str) -> dict[str, Any]:
    """Return texts, sliders, and pictures without their rows."""
    found = worlds(setup)
    scenario = found.shown
    show = Show(words, scenario.calendar.start, found.variant is not None,
                float(scenario.population.scale),
                round(scenario.population.users / scenario.population.scale))  # fmt: skip
    return {
        "texts": {key: text for key, text in words.catalogue.texts.items() if not key.startswith(OF_PARTS)},
        "language": words.language,
        "languages": LANGUAGES,
        "locale": words.vega(),
        "view": view,
        "views": [{"name": name, "title": words.text(f"view.{name}")} for name in VIEWS],
        "plots": [plot.__dict__ for plot in VIEWS[view].plots(show)],
        "markets": [{"name": name, "title": title(name, words)} for name in markets(start)],
        "base": setup.base,
        "programs": [{"name": name, "title": title(name, words), "on": name in setup.programs}
                     for name in programs_of(setup.base)],
        "groups": groups(worlds(replace(setup, changes=())).shown, words),
        "changes": dict(setup.changes),
        "seed": scenario.seed,
        "horizon": horizon,
        "tries": tries(setup, words),
        "stories": stories(setup, words),
        "pace": pace,
        "paces": list(PACES),
    }  # fmt: skip


def frame(scene: Scene, view: str, words: Words, link: Callable[[Setup], str]) -> dict[str, Any]:
    """Return the day: figures, rows of the pictures, and what is said of them."""
    twins = scene.twins
    found: dict[str, Any] = {"doing": scene.doing.value, "done": scene.done, "total": scene.total,
                             "target": scene.target, "wrong": scene.wrong, "view": view}  # fmt: skip
    if twins is None or scene.doing in (Doing.SETTLING, Doing.WRONG):
        return found | {"link": link(scene.setup)}
    return found | {
        "day": twins.day,
        "date": date(twins, words),
        "seed": twins.worlds.base.seed,
        "two": twins.two,
        "cards": cards(twins, words),
        "programs": program_lines(twins, words),
        "rows": travelling(VIEWS[view].rows(twins)),
        "says": [line[:1].upper() + line[1:] for line in VIEWS[view].says(twins, words)],
        "effect": effect(twins),
        "link": link(replace(scene.setup, day=twins.day)),
    }


def date(twins: Twins, words: Words) -> str:
    """Return the date of the last day lived; before the first, say that it is to come."""
    calendar = twins.worlds.base.calendar
    last = words.date(calendar.on(calendar.burn_in + max(twins.day - 1, 0)).date)
    return last if twins.day else words.text("day.before", date=last)


def effect(twins: Twins) -> float | None:
    """Return by what share GMV so far is more than in the twin; None if nothing can be said."""
    sold = {world: float(column.sum()) for world, column in twins.metric("gmv").items()}
    return sold["variant"] / sold["base"] - 1 if twins.two and sold["base"] else None


def program_lines(twins: Twins, words: Words) -> list[str]:
    """Say of each program how many take part, what it has spent, and whether its budget is spent."""
    lines = []
    for program in program_state(twins.variant) if twins.two else []:
        key = "program.line" if program["spent_up"] is None else "program.spent_up"
        spent = words.money(program["spent"] * twins.scale)
        lines.append(words.text(key, program=program["program"], spent=spent, day=program["spent_up"],
                                heads=heads(twins.variant, program["program"], words)))  # fmt: skip
    return lines


def title(name: str, words: Words) -> str:
    """Return what a preset is called."""
    return words.name("preset", name, _titles().get(name, Path(name).stem))


@cache
def _titles() -> dict[str, str]:
    return {preset: first for preset, _, first in presets()}


def stories(setup: Setup, words: Words) -> list[dict[str, Any]]:
    """Return story, sources and assumptions of the market and of each program; of presets, in the page's language."""
    found = []
    for name in (setup.base, *setup.programs):
        scenario, preset = load(name), name in _titles()
        body = scenario.story.partition("\n")[2] if preset else scenario.story  # a preset's first line is its title
        assumed = [words.name("assumption", f"{name}.{k}", text) for k, text in enumerate(scenario.assumptions, 1)]
        found.append({
            "title": title(name, words),
            "language": words.language if preset else "en",
            "story": words.name("story", name, body).strip(),
            "assumptions": assumed if preset else list(scenario.assumptions),
            "sources": list(scenario.sources),
        })  # fmt: skip
    return found


def tries(setup: Setup, words: Words) -> list[dict[str, Any]]:
    """Return what to notice and what to try, for the market and for each program."""
    found = []
    for name in (setup.base, *setup.programs):
        for kind in ("notice", "try"):
            lines = [words.name(kind, f"{name}.{k}", "") for k in range(1, MOST_LINES + 1)]
            heading = words.text(f"{kind}.heading", preset=title(name, words))
            found.append({"title": heading, "lines": [line for line in lines if line]})
    return [part for part in found if part["lines"]]
