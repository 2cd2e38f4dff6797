"""Fitting goes on where it was stopped, and leaves a scenario."""

import math
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from experiments import calibrate
from experiments.calibrate import SPACE, fit, report, suggest
from experiments.targets import Target, targets, total_misfit
from sim.scenario import load

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("fit")


@pytest.fixture(scope="module")
def village():
    return load("village", ("calendar.burn_in=2", "population.users=120"))


@pytest.fixture(autouse=True)
def _short(monkeypatch):
    monkeypatch.setattr(calibrate, "DAYS", 5)


def test_a_fit_goes_on_where_it_was_stopped(village, folder):
    first = [trial.params for trial in fit(village, folder, trials=2, seed=1).trials]
    again = fit(village, folder, trials=3, seed=1)
    assert [trial.params for trial in again.trials][:2] == first
    assert len(again.trials) == 3
    assert len(fit(village, folder, trials=3, seed=1).trials) == 3


def test_the_present_parameters_are_tried_first(village, folder):
    here = {knob.path: knob.value for knob in village.knobs()}
    tried = fit(village, folder, trials=1, seed=1).trials[0].params
    assert tried == {path: min(max(here[path], low), high) for path, low, high, _ in SPACE}


def test_what_is_left_is_a_scenario_and_a_table(village, folder, tmp_path):
    said = report(fit(village, folder, trials=1, seed=1), folder)
    assert len(said.splitlines()) == 1 + len(targets())
    assert len(pd.read_csv(folder / "trials.csv")) >= 1
    mine = tmp_path / "mine.yaml"
    mine.write_text("extends: village\n" + (folder / "best.yaml").read_text())
    assert load(mine).population.propensity_sd != math.inf


def test_paths_of_the_search_are_parameters_within_their_ranges(village):
    knobs = {knob.path: knob.declaration for knob in village.knobs()}
    for path, low, high, _ in SPACE:
        assert knobs[path].low <= low < high <= knobs[path].high


def test_suggestions_stay_within_the_space():
    class Middle:
        def suggest_float(self, path, low, high, log):
            return (low * high) ** 0.5 if log else (low + high) / 2

    assert set(suggest(Middle())) == {path for path, *_ in SPACE}


TARGET = Target("orders", 2.0, 1.0, 4.0, 1.0, "fit", "", "", "")


@pytest.mark.parametrize(
    "found, misfit", [(2.0, 0.0), (1.0, 1.0), (4.0, 1.0), (3.0, 0.25), (99.0, 25.0), (math.nan, 25.0)]
)
def test_misfit_is_one_at_the_edge_of_the_band(found, misfit):
    assert TARGET.misfit(found) == pytest.approx(misfit)


def test_the_total_is_a_weighted_mean_of_what_is_fitted():
    right = {t.statistic: t.value for t in targets()}
    assert total_misfit(right) == 0
    heavy = max((t for t in targets() if t.use == "fit"), key=lambda t: t.weight)
    weights = sum(t.weight for t in targets() if t.use == "fit")
    assert total_misfit({**right, heavy.statistic: heavy.high}) == pytest.approx(heavy.weight / weights)
    unused = next(t for t in targets() if t.use == "check")
    assert total_misfit({**right, unused.statistic: 1e9}) == 0


def test_an_unknown_scenario_is_one_line(tmp_path):
    done = subprocess.run([sys.executable, "-m", "experiments.calibrate", "nowhere", "--out", str(tmp_path / "x")],
                          cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)  # fmt: skip
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "no preset" in done.stderr
    assert not (tmp_path / "x").exists()
