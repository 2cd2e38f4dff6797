"""A page of pictures of a run: one HTML file that needs no network, and a PNG of each picture."""

import html
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from experiments.charts import CHARTS, LEAST, against_wage
from experiments.results import read_manifest
from experiments.run import Run, read
from experiments.statistics import gini
from experiments.summary import WINDOW
from experiments.verify import refuse_damage
from experiments.words import number, value_text
from sim import __version__
from sim.errors import ResultsError
from sim.scenario import Scenario, load
from sim.scenario_file import presets

PAGE = "index.html"
FOLDER = "plots"
_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222 }
figure { margin: 2rem 0 } svg { max-width: 100%; height: auto } td { padding: .1rem 1rem .1rem 0 }
td.value { text-align: right; font-variant-numeric: tabular-nums } small, figcaption { color: #555 }
"""


def plot(folder: str | Path) -> Path:
    """Draw the run in a results folder into its folder ``plots``, in place of what was there; return the page.

    Raises
    ------
    EtalaseError : the folder holds no run, or one without a day.
    """
    run, target = read(folder), Path(folder) / FOLDER
    refuse_damage(Path(folder), read_manifest(folder))
    if not run.days:
        raise ResultsError(f"There is nothing to draw: the run in {str(folder)!r} has no day. Run it with --days.")
    if target.exists() and not (target / PAGE).is_file():
        raise ResultsError(f"{str(target)!r} is there already, and holds no pictures. Move it away.")
    new = target.with_name(f"{FOLDER}.partial-{os.getpid()}")
    try:
        new.mkdir()
        (new / PAGE).write_text("\n".join(_page(run, new)), encoding="utf-8")
        shutil.rmtree(target, ignore_errors=True)
        os.replace(new, target)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return target / PAGE


def _page(run: Run, folder: Path) -> Iterator[str]:
    """Yield the page, and write the pictures into ``folder`` on the way."""
    scenario = run.scenario
    title, _, story = scenario.story.strip().partition("\n")
    yield f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>{_text(scenario.name)}</title>"
    yield f"<meta name='viewport' content='width=device-width'><style>{_STYLE}</style></head><body>"
    yield f"<h1>{_text(title)}</h1><p>{_text(story)}</p>"
    first, last = (f"{day}" for day in run.metrics["date"].iloc[[0, -1]])
    yield f"<p>Scenario {_text(scenario.name)}: {run.days} days, from {first} to {last}, seed {scenario.seed}.</p>"
    if changes := list(_changes(scenario)):
        yield f"<p>Other than the preset of that name: {_text('; '.join(changes))}.</p>"
    yield f"<p><small>etalase {__version__}, fingerprint {run.fingerprint}</small></p>"
    yield f"<p>What it assumes:</p><ul>{''.join(f'<li>{_text(line)}</li>' for line in scenario.assumptions)}</ul>"
    yield from (f"<p>{_text(line)}</p>" for line in _findings(run))
    for chart in CHARTS:
        picture = chart.draw(run)
        svg = _drawn(picture, folder / f"{chart.name}.png")
        yield f"<figure><h2>{_text(chart.title)}</h2>{svg}<figcaption>{_text(chart.says)}</figcaption></figure>"
    yield f"<h2>The last {min(WINDOW, run.days)} days</h2><table>"
    for label, value, unit, note in run.summary():
        cells = f"<td>{_text(label.strip())}</td><td class='value'>{number(value)}</td>"
        yield f"<tr>{cells}<td>{_text(unit)}</td><td><small>{_text(note)}</small></td></tr>"
    yield "</table></body></html>"


def _changes(scenario: Scenario) -> Iterator[str]:
    """Yield what differs from the preset of the same name, if there is one."""
    if scenario.name in [name for name, _, _ in presets()]:
        usual = {knob.path: knob.value for knob in load(scenario.name).knobs()}
        for knob in scenario.knobs():
            if knob.path not in ("seed", "days") and usual.get(knob.path) != knob.value:
                yield f"{knob.path} = {value_text(knob.value)} instead of {value_text(usual.get(knob.path))}"


def _findings(run: Run) -> Iterator[str]:
    """Yield what a reader should take away, in words."""
    over = against_wage(run)
    if len(over):
        some, enough = float((over >= LEAST).mean()), float((over > 1).mean())
        yield (
            f"Of {len(over):,} creators in business, {some:.0%} have an income worth drawing, and {enough:.2%} more"
            f" than the minimum wage of their province; the Gini coefficient of their income is {gini(over):.2f}."
        )


def _drawn(chart: Any, png: Path) -> str:
    """Write a chart to a PNG, and return it as SVG."""
    import vl_convert

    spec = chart.to_dict()
    png.write_bytes(vl_convert.vegalite_to_png(spec, scale=2))
    return str(vl_convert.vegalite_to_svg(spec))


def _text(words: str) -> str:
    return html.escape(words)
