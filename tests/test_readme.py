"""What the README shows works as it stands."""

import re
from pathlib import Path

import pytest

from experiments.cli import app
from experiments.study import load_study
from sim.contract import check_mechanism
from sim.errors import MechanismError
from sim.market import Market
from sim.scenario import load
from tests.test_plain import lives_alike

README = (Path(__file__).parent.parent / "README.md").read_text()
BLOCKS = re.findall(r"```([\w ]+)\n(.*?)```", README, re.S)


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
    assert load(tmp_path / "mine.yaml").fingerprint() != load("indonesia-2024").fingerprint()


def test_the_study_can_be_run(tmp_path):
    (text,) = (code for kind, code in BLOCKS if kind == "yaml study")
    (tmp_path / "mine.yaml").write_text(text)
    assert load_study(tmp_path / "mine.yaml").size == 64 * 5 * 3


GUIDE = (Path(__file__).parent.parent / "docs" / "guide.md").read_text()


@pytest.fixture(scope="module")
def guide():
    """Run the guide from top to bottom; return what it defines."""
    names: dict = {}
    for code in re.findall(r"```python\n(.*?)```", GUIDE, re.S):
        exec(compile(code, "guide.md", "exec"), names)
    return names


def test_the_guide_changes_what_it_says_it_changes(guide):
    runs = [guide[name].fingerprint for name in ("base", "talked", "boosted", "simple")]
    assert len(set(runs)) == 4
    heard, base = (guide[name].metrics for name in ("talked", "base"))
    assert heard["orders"].sum() > base["orders"].sum()


def test_who_satisfices_buys_when_others_do_but_other_things(guide):
    village = load("village", ["population.users=2000", "calendar.burn_in=0", "mechanisms.purchase.a_0=0"])
    rule = guide["Satisficing"](**village.mechanisms["purchase"].model_dump())
    markets = [Market(village.but(mechanisms=village.mechanisms.replace(each)), keep=False)
               for each in (village.mechanisms["purchase"], rule)]  # fmt: skip
    for market in markets:
        market.step()
    best, first = (market.today.flows.orders for market in markets)
    assert best.user.tolist() == first.user.tolist()
    assert best.product.tolist() != first.product.tolist()


@pytest.mark.parametrize("plan", ["plan", "fast", "satisficing"])
def test_the_guide_s_mechanisms_live_in_the_market_by_hand_too(guide, plan):
    village = load("village", ["population.users=300", "calendar.burn_in=2"]).but(mechanisms=guide[plan])
    assert lives_alike(village, 4) == "alike"


MISTAKES = re.findall(r"```python bad\n(.*?)```\n\n((?:> [^\n]*\n)+)", GUIDE, re.S)


@pytest.mark.parametrize("code, said", MISTAKES, ids=[re.search(r"class (\w+)", code)[1] for code, _ in MISTAKES])
def test_the_guide_s_mistakes_are_refused_in_the_words_that_it_quotes(guide, code, said):
    names = dict(guide)
    exec(compile(code, "guide.md", "exec"), names)
    with pytest.raises(MechanismError) as refused:
        check_mechanism(names[re.search(r"class (\w+)", code)[1]]())
    assert str(refused.value) == " ".join(said.replace("> ", "").split())


def test_the_guide_shows_five_mistakes():
    assert len(MISTAKES) == 5
