"""The scorecard: lines, mutants, and which line notices which."""

import json
import math

import numpy as np
import pandas as pd
import pytest

from experiments import cli
from experiments.scorecard import files, score
from experiments.scorecard.identity import LINES as IDENTITIES
from experiments.scorecard.lab import Lab
from experiments.scorecard.lines import GRADES, IDENTITY, MAGNITUDE, PATTERN, Line
from experiments.scorecard.matrix import Matrix, matrix
from experiments.scorecard.mutants import MUTANTS
from experiments.scorecard.pattern import better, hill
from experiments.scorecard.score import LINES, Score, fails, found, scorecard
from experiments.targets import targets
from sim.inputs import FOLDER
from sim.scenario import load

FACTS = set(pd.read_csv(FOLDER / "facts.csv")["id"])
SMALL = ("calendar.burn_in=14", "population.users=300")


def small(*changes):
    return load("village", (*SMALL, *changes))


@pytest.fixture(scope="module")
def lab():
    return Lab(small(), days=28, twin_days=14)


def line(name="x", grade=PATTERN, low=0.0, high=1.0, of=lambda lab: 0.5):
    return Line(name, grade, "", low, high, "", of)


# lines


def test_lines_are_many_and_each_says_where_it_comes_from():
    assert len(LINES) >= 25 and len({known.name for known in LINES}) == len(LINES)
    for known in LINES:
        assert known.grade in GRADES and known.says and known.source and known.low <= known.high
        assert known.mechanism or known.grade == MAGNITUDE


def test_the_facts_that_targets_name_exist():
    for target in targets():
        assert set(target.facts.replace(";", " ").split()) <= FACTS
        assert target.low < target.high and target.low <= target.value <= target.high


@pytest.mark.parametrize("value, holds", [(0.0, True), (1.0, True), (1.01, False), (-0.01, False), (math.nan, False)])
def test_a_line_holds_within_its_band(value, holds):
    assert line().holds(value) is holds


def test_what_cannot_be_measured_is_nan_and_fails():
    def broken(lab):
        raise ValueError("math domain error")

    assert math.isnan(found(line(of=broken), None))
    assert fails([Score(line(), math.nan)])


def test_a_magnitude_may_fail_and_an_identity_may_not():
    assert not fails([Score(line(grade=MAGNITUDE), 9.0)])
    assert fails([Score(line(grade=IDENTITY), 9.0)]) and fails([Score(line(grade=PATTERN), 9.0)])


def test_patterns_are_not_judged_among_few():
    few = scorecard(Lab(small(), 1), [line(), line("y", IDENTITY)])
    assert [(s.judged, s.found) for s in few[1:]] == [(True, 0.5)]
    assert not few[0].judged and math.isnan(few[0].found)
    assert not fails([Score(line(), 9.0, judged=False)])


def test_the_identities_hold_in_a_village(lab):
    assert [(s.line.name, s.found) for s in scorecard(lab, IDENTITIES) if not s.holds] == []


def test_tails_are_told_apart():
    rng = np.random.default_rng(1)
    assert better(rng.lognormal(0, 2, 20_000), "lognormal", "exponential") > 2
    assert better(rng.exponential(1, 20_000), "lognormal", "exponential") < 0
    assert better(rng.lognormal(0, 2, 20_000), "truncated_power_law", "power_law") > 2
    assert abs(better(rng.pareto(1.0, 20_000) + 1, "truncated_power_law", "power_law")) < 2


def test_the_tail_exponent_is_that_of_a_pareto():
    assert hill(np.random.default_rng(1).pareto(0.8, 100_000) + 1, 0.05) == pytest.approx(0.8, rel=0.05)


# worlds


def test_the_twin_in_which_nothing_differs_is_the_run_itself(lab):
    orders = lab.run.orders
    early = orders[(orders["day"] < lab.twin_days) & (orders["status"] != "sold_out")]
    assert lab.plain.sales("product", len(lab.start.products)).sum() == len(early)


def test_a_twin_with_other_parameters_shares_the_burn_in(lab):
    other = lab.twin("dear", {"mechanisms.purchase.a_0": -20.0}, days=3)
    assert other.total("orders") < lab.plain.metrics["orders"][:3].sum()
    assert (other.state.users.id == lab.start.users.id).all()


def test_histories_are_other_lives_of_the_same_people(lab):
    lives = [lab.twin(f"life {h}", history=h, days=7) for h in (0, 1, 2)]
    assert np.array_equal(lives[0].views, lab.plain.views[:7])
    assert not np.array_equal(lives[1].views, lives[2].views)
    assert all((life.state.users.budget == lab.start.users.budget).all() for life in lives)


# mutants


def test_every_identity_has_a_mutant_that_breaks_it():
    assert {known.name for known in IDENTITIES} == {known.name for m in MUTANTS for known in to_identities(m)}


def test_every_mutant_differs_from_the_market_in_something():
    indonesia = load("indonesia-2024")
    for mutant in MUTANTS:
        assert mutant.of(indonesia) != indonesia, mutant.name
        assert set(mutant.noticed_by) <= {known.name for known in LINES}, mutant.name


def to_identities(mutant):
    return [known for known in IDENTITIES if known.name in mutant.noticed_by]


@pytest.mark.parametrize("mutant", [m for m in MUTANTS if to_identities(m)], ids=lambda mutant: mutant.name)
def test_broken_code_is_noticed_by_the_lines_that_are_declared_for_it(lab, mutant):
    broken = Lab(mutant.of(lab.base), lab.days, lab.twin_days)
    assert [known.name for known in to_identities(mutant) if known.holds(found(known, broken))] == []


@pytest.fixture
def table():
    mutants = {m.name: m for m in MUTANTS}
    noticing = next(m for m in MUTANTS if m.name == "leak")
    held = [Score(line(noticing.noticed_by[0]), 0.5), Score(line("idle"), 0.5), Score(line("failing"), 9.0)]
    figures = {noticing.name: {noticing.noticed_by[0]: 7.0, "idle": 0.5, "failing": 0.5}}
    return Matrix(held, figures), mutants[noticing.name]


def test_a_matrix_tells_who_notices_whom(table):
    said, mutant = table
    assert said.notices(said.base[0].line, mutant)
    assert not said.notices(said.base[1].line, mutant) and not said.notices(said.base[2].line, mutant)
    assert said.idle() == ["idle"] and said.missed() == []
    rows = {row.split()[0]: row.split()[1:] for row in said.text() if row.startswith((mutant.noticed_by[0], "idle"))}
    assert rows[mutant.noticed_by[0]] == ["X"] and rows["idle"] == ["."]


def test_a_matrix_tells_what_is_missed(table):
    said, mutant = table
    blind = replace_found(said, mutant, {**said.found[mutant.name], mutant.noticed_by[0]: 0.5})
    assert blind.missed() == [(mutant.noticed_by[0], mutant.name)]
    assert any("!" in row for row in blind.text() if row.startswith(mutant.noticed_by[0]))


def replace_found(said, mutant, figures):
    return said._replace(found={mutant.name: figures})


def test_mutants_are_asked_one_after_the_other_or_at_once():
    counted = line("users", IDENTITY, 0, 0, of=lambda lab: float(lab.base.population.propensity_sd == 0))
    two = [m for m in MUTANTS if m.name in ("uniform_users", "no_fads")]
    told = []
    said = matrix(small(), mutants=two, lines=[counted], progress=lambda done, total: told.append((done, total)))
    assert said.found == {"uniform_users": {"users": 1.0}, "no_fads": {"users": 0.0}}
    assert told == [(1, 2), (2, 2)]


# the command


@pytest.fixture
def asked(monkeypatch):
    scores = [Score(line("a", IDENTITY), 0.5), Score(line("b"), math.nan), Score(line("c", high=math.inf), 2.0)]
    monkeypatch.setattr(score, "scorecard", lambda lab, progress=None: scores)
    return scores


def test_the_command_prints_lines_and_fails_with_them(asked, capsys):
    assert cli.main(["scorecard", "village", "--quick"]) == 1
    said = capsys.readouterr().out
    assert "identity: 1 of 1 hold" in said and "pattern: 1 of 2 hold" in said and "0 or more" in said
    asked.pop(1)
    assert cli.main(["scorecard", "village"]) == 0


def test_the_command_speaks_json_and_leaves_a_table(asked, capsys, tmp_path):
    assert cli.main(["scorecard", "village", "--json", "--out", str(tmp_path / "out")]) == 1
    said = json.loads(capsys.readouterr().out)
    assert [(s["line"], s["found"], s["holds"]) for s in said["lines"]] == [
        ("a", 0.5, True),
        ("b", None, False),
        ("c", 2.0, True),
    ]
    table = pd.read_csv(tmp_path / "out" / "scorecard.csv")
    assert table["line"].tolist() == ["a", "b", "c"] and table["found"].isna().tolist() == [False, True, False]
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["kind"] == "scorecard" and manifest["scenario"]["name"] == "village"
    assert cli.main(["verify", str(tmp_path / "out")]) == 2
    assert "holds a scorecard, not a run" in capsys.readouterr().err


def test_a_missing_package_is_one_line(monkeypatch, capsys):
    def absent(lab, progress=None):
        raise ModuleNotFoundError("No module named 'powerlaw'", name="powerlaw")

    monkeypatch.setattr(score, "scorecard", absent)
    assert cli.main(["scorecard", "village"]) == 2
    assert "pip install 'etalase[experiments]'" in capsys.readouterr().err


def test_the_matrix_is_a_table_of_cells(table):
    said, mutant = table
    cells = list(files.as_dict(small(), True, said.base, said)["mutants"])
    assert {(c["mutant"], c["line"], c["notices"]) for c in cells} == {
        (mutant.name, mutant.noticed_by[0], True),
        (mutant.name, "idle", False),
        (mutant.name, "failing", False),
    }


@pytest.mark.slow
def test_the_quick_scorecard_of_indonesia_holds():
    assert [s.line.name for s in fails(scorecard(score.lab_of(load("indonesia-2024"), quick=True)))] == []
