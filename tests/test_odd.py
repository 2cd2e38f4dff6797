"""The page that describes the model: true to the code, and to itself."""

import re
from pathlib import Path

import pytest

from experiments import odd
from sim.inputs import FOLDER
from sim.scenario import load

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "model.md").read_text(encoding="utf-8")


def test_the_page_says_what_the_code_says():
    assert odd.renewed(PAGE) == PAGE, "run: python -m experiments.odd docs/model.md"


def test_what_the_page_refers_to_exists():
    facts = (FOLDER / "facts.csv").read_text(encoding="utf-8")
    known = set(re.findall(r"^(\w+),", facts, re.MULTILINE))
    assert {fact for fact in re.findall(r"\b[A-Z]\d{1,2}\b", PAGE) if fact not in ("U0", "R0")} <= known
    for path in re.findall(r"`(sim/[\w./]+)`", PAGE):
        assert (ROOT / path).exists(), path


def test_every_parameter_of_the_preset_is_on_the_page():
    for knob in load("indonesia-2024").knobs():
        assert f"| `{knob.path}` |" in PAGE


@pytest.mark.parametrize(
    "source, grade",
    [
        ("P1", odd.MEASURED),
        ("categories.csv: 4.84 among popular products", odd.MEASURED),
        ("H6", odd.BORROWED),
        ("C4, A7", odd.BORROWED),
        ("prototype; M7", odd.GUESSED),
        ("assumed", odd.GUESSED),
        ("model: payouts wait 7 days", odd.GUESSED),
    ],
)
def test_a_source_tells_how_far_a_number_is_known(source, grade):
    assert odd.grade(source) == grade


def test_a_page_without_room_for_a_part_is_refused():
    with pytest.raises(ValueError, match="begin columns"):
        odd.renewed("nothing")
