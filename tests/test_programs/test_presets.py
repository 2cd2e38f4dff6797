"""The presets of programs: each stands on a market that ships, names its assumptions, and fits."""

from pathlib import Path

import pytest

from sim.programs import PROGRAMS
from sim.scenario import load
from sim.scenario_file import folder, known_files

FILES = [path for path in known_files().values() if path.parent.name == "programs"]
MARKETS = [path.stem for path in known_files().values() if path.parent == folder()]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_preset_adds_programs_to_a_market_and_says_what_it_assumes(file):
    scenario = load(file.stem)
    assert scenario.name == file.stem and scenario.programs
    assert any("assumed" in line or "As in" in line or "factor" in line or "None beyond" in line or "precision" in line
               or "target" in line or "repeat" in line for line in scenario.assumptions)  # fmt: skip
    for program in scenario.programs:
        program.check(scenario.population)
    same = [name for name in MARKETS if load(name).mechanisms == scenario.mechanisms]
    sizes = [load(name).population.but(scale=scenario.population.scale) for name in same]
    assert scenario.population in sizes


def test_every_program_that_was_asked_for_is_there():
    assert {file.stem for file in FILES} >= {
        "creator-labs-tanah-abang", "creator-labs-training", "creator-labs-live", "creator-labs-matching",
        "youth-affiliate", "voucher-war", "live-bonus", "local-first", "social-commerce-ban", "fee-holiday",
        "cold-start", "double-twelve", "bpjs-cover", "ai-recommender", "rival-affiliate", "affiliate-60k",
    }  # fmt: skip


def test_the_arms_of_creator_labs_are_its_parts():
    whole = load("creator-labs-tanah-abang").programs
    parts = [load(f"creator-labs-{part}").programs for part in ("training", "live", "matching")]
    assert sorted(p.title for p in whole) == sorted(part.title for (part,) in parts)
    assert all(part in whole for (part,) in parts)


def test_the_page_on_programs_names_every_kind_and_no_other():
    page = (Path(__file__).parents[2] / "docs" / "programs.md").read_text()
    table = page[page.index("| kind |") : page.index("All that people take part in")]
    named = {word for line in table.splitlines() for word in line.split("|")[1:2][0:1] if word}
    kinds = {kind.strip(" `") for cell in named for kind in cell.split(",")} - {"kind", "---"}
    assert kinds == {kind.model_construct().name for kind in PROGRAMS}
