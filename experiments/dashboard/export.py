"""What can be taken away: the setup, both scenarios, the data of both worlds, and a report."""

import base64
import io
import json
import tempfile
import zipfile
from pathlib import Path

import yaml

from experiments.dashboard.setup import Setup, worlds
from experiments.dashboard.twins import Twins
from experiments.dashboard.words import Words
from experiments.provenance import versions
from experiments.whatif.arms import Arm
from sim.errors import ScenarioError
from sim.scenario import Scenario, load

SEEDS = 5  # worlds of a report
_KINDS = {"setup": "text/yaml", "scenario": "text/yaml", "data": "application/zip", "report": "text/html"}


def make(kind: str, setup: Setup, twins: Twins | None, words: Words) -> dict[str, str]:
    """Return name, type and content (base64) of a file.

    Raises
    ------
    ScenarioError : there is nothing yet that could be in it.
    """
    made = {"setup": _setup, "scenario": _scenario, "data": _data, "report": _report}
    if kind not in made:
        raise ScenarioError(words.text("wrong.export"))
    name, content = made[kind](setup, twins, words)
    return {"name": name, "type": _KINDS[kind], "content": base64.b64encode(content).decode("ascii")}


def _setup(setup: Setup, twins: Twins | None, words: Words) -> tuple[str, bytes]:
    return f"{_stem(setup)}-page.yaml", setup.file().encode()


def _scenario(setup: Setup, twins: Twins | None, words: Words) -> tuple[str, bytes]:
    return f"{_stem(setup)}.yaml", written(worlds(setup).shown).encode()


def written(scenario: Scenario) -> str:
    """Return a scenario as a file that ``etalase run`` reads, every parameter spelt out."""
    return yaml.safe_dump(scenario.to_dict(), sort_keys=False, allow_unicode=True)


def _data(setup: Setup, twins: Twins | None, words: Words) -> tuple[str, bytes]:
    """Return a ZIP of both scenarios, all metrics of all days of both, the setup, and what made them."""
    if twins is None or not twins.day:
        raise ScenarioError(words.text("wrong.nothing"))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for world, life in twins.lives if twins.two else twins.lives[:1]:
            file.writestr(f"{world}.csv", life.market.recorder.to_frame().to_csv(index=False))
            file.writestr(f"{world}.yaml", written(life.market.settings))
        columns = twins.base.market.recorder.declared()
        about = {"columns": {name: f"{doc} [{unit}]" for name, (doc, unit, _) in columns.items()},
                 "versions": versions()}  # fmt: skip
        file.writestr("columns.json", json.dumps(about, indent=1))
        file.writestr("page.yaml", setup.file())
    return f"{_stem(setup)}-day{twins.day}.zip", buffer.getvalue()


def _report(setup: Setup, twins: Twins | None, words: Words) -> tuple[str, bytes]:
    """Return the report of ``etalase whatif`` on these programs until this day, with a few seeds and no ranges."""
    found = worlds(setup)
    if found.variant is None or not setup.day:
        raise ScenarioError(words.text("wrong.report"))
    from experiments.whatif import whatif
    from experiments.whatif.report import write_report

    name = "+".join(setup.programs) or setup.base
    stories = tuple(load(preset) for preset in setup.programs or (setup.base,))
    arm = Arm(name, found.variant, True, stories)
    effects = whatif(found.base, [arm], seeds=SEEDS, days=setup.day, ranges=False, least=0)
    with tempfile.TemporaryDirectory() as folder:
        write_report(effects.to_dict(), Path(folder))
        return f"{_stem(setup)}-report.html", (Path(folder) / "report.html").read_bytes()


def _stem(setup: Setup) -> str:
    return "-".join([Path(setup.base).stem, *setup.programs])
