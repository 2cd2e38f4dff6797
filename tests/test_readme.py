"""What the README shows works as it stands."""

import re
from pathlib import Path

import pytest

from experiments.cli import app
from sim.scenario import load

README = (Path(__file__).parent.parent / "README.md").read_text()
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.S)


def test_the_python_runs_from_top_to_bottom():
    shown = [code for kind, code in BLOCKS if kind == "python"]
    assert len(shown) >= 3
    names: dict = {}
    for code in shown:
        exec(compile(code, "README.md", "exec"), names)
    assert len(names["result"].metrics) == 28
    assert names["graph"].number_of_nodes() > 1_000
    assert names["bored"].fingerprint != names["result"].fingerprint


def test_the_commands_exist():
    known = {command.name or command.callback.__name__ for command in app.registered_commands}
    used = set(re.findall(r"^etalase (\w+)", "\n".join(code for kind, code in BLOCKS if kind == "sh"), re.M))
    assert used and used <= known


@pytest.mark.parametrize("text", [code for kind, code in BLOCKS if kind == "yaml"])
def test_the_scenario_loads(tmp_path, text):
    (tmp_path / "mine.yaml").write_text(text)
    assert load(tmp_path / "mine.yaml").mechanisms != load("indonesia-2024").mechanisms


def test_the_guide_runs_from_top_to_bottom():
    guide = (Path(__file__).parent.parent / "docs" / "guide.md").read_text()
    names: dict = {}
    for code in re.findall(r"```python\n(.*?)```", guide, re.S):
        exec(compile(code, "guide.md", "exec"), names)
    runs = [names[name].fingerprint for name in ("base", "talked", "boosted", "simple")]
    assert len(set(runs)) == 4
    assert names["simple"].metrics["orders"].sum() < names["base"].metrics["orders"].sum()
