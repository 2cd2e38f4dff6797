"""The long checks: what they compute has known answers; the checks themselves are run by hand."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments.run import run
from experiments.validation.headline import adopters, headline
from experiments.validation.luck import PLATFORMS, components, fit, intervals, luck, rank
from experiments.validation.scales import against, measures
from experiments.validation.years import WATCHED
from experiments.whatif import arm
from experiments.whatif.world import simulate
from sim.metrics import METRICS
from sim.scenario import load
from sim.tables import NEVER

ROOT = Path(__file__).parent.parent
SMALL = ("calendar.burn_in=7", "population.users=300")


def made(person, position, platform, noise, n=4_000, n_platforms=4, n_worlds=8):
    """Return y and traits of a world whose components of variance are known."""
    rng = np.random.default_rng(1)
    trait = rng.normal(0, np.sqrt(person), n)
    a = trait + rng.normal(0, np.sqrt(position), n)
    b = rng.normal(0, np.sqrt(platform), (n_platforms, 1, n))
    return a + b + rng.normal(0, np.sqrt(noise), (n_platforms, n_worlds, n)), trait[:, None]


@pytest.mark.parametrize("shares", [(0.4, 0.3, 0.1, 0.2), (0.1, 0.0, 0.0, 0.9), (0.97, 0.01, 0.01, 0.01)])
def test_components_of_variance_are_found_again(shares):
    found = components(*made(*shares))
    assert list(found) == ["quality", "position", "platform", "luck"]
    assert sum(found.values()) == pytest.approx(1)
    assert list(found.values()) == pytest.approx(shares, abs=0.03)


def test_traits_that_mean_nothing_explain_nothing():
    rng = np.random.default_rng(2)
    assert fit(rng.normal(size=500), rng.normal(size=(500, 40))) < 0.1
    assert fit(np.arange(50.0), np.column_stack([np.arange(50.0)] * 2)) == pytest.approx(1)


def test_ranks_run_from_nought_to_one_and_equals_share():
    assert rank(np.array([5, 1, 1, 9])).tolist() == [0.625, 0.25, 0.25, 0.875]


def test_without_luck_ranks_do_not_move_and_with_nothing_else_they_move_everywhere():
    same = np.tile(rank(np.arange(1_000)), (6, 1))
    assert intervals(same)["width"].max() == 0 and (intervals(same)["stay"] == 1).all()
    rng = np.random.default_rng(3)
    shuffled = np.array([rank(rng.random(2_000)) for _ in range(8)])
    wide = intervals(shuffled).set_index("group")
    assert wide.loc["next 40 %", "width"] > 0.6
    assert wide["people"].sum() >= 2_000


def test_luck_is_measured_in_a_village():
    found = luck(load("village", SMALL), worlds=2, days=10)
    assert set(found) == {"creators", "sellers"}
    for of in found.values():
        assert sum(of.shares.values()) == pytest.approx(1) and min(of.shares.values()) >= 0
    assert found["sellers"].shares["luck"] > 0.05


def test_other_platforms_are_scenarios():
    base = load("village", SMALL)
    assert [base.with_values(changes) == base for changes in PLATFORMS.values()] == [True, False, False, False]


def test_what_is_measured_at_a_scale_agrees_with_the_run():
    done = run(load("village", SMALL), 28, orders=True, keep=False)
    found = measures(done)
    met = done.orders[done.orders["status"] != "sold_out"]
    assert found["orders"] == pytest.approx(len(met) / 300 / 28 * 30)
    assert found["gmv"] == pytest.approx(found["gmv_content"] + found["gmv_shelf"])


def test_scales_are_compared_with_one_of_them():
    table = pd.DataFrame(
        {"scale": [2000.0, 2000.0, 1000.0, 1000.0], "seed": [1, 2, 1, 2], "orders": [1.0, 3.0, 3.0, 5.0]}
    )
    assert against(table)["orders"].to_dict() == {2000.0: 0.5, 1000.0: 1.0}


def test_what_is_watched_for_years_is_measured():
    assert set(WATCHED) <= {metric.name for metric in METRICS}


@pytest.mark.parametrize("arguments, said", [
    (["luck", "nowhere", "--out", "new"], "There is no preset"),
    (["years", "village", "--out", "."], "not empty"),
    (["scales", "village", "--out", "new", "--set", "days=x"], "days = 'x'"),
])  # fmt: skip
def test_bad_usage_is_one_line(arguments, said):
    done = subprocess.run([sys.executable, "-m", "experiments.validation", *arguments], cwd=ROOT, capture_output=True,
                          text=True, timeout=60, check=False)  # fmt: skip
    assert done.returncode == 2 and said in done.stderr and done.stderr.count("\n") == 1


@pytest.mark.slow
def test_orders_a_head_do_not_hang_on_the_scale():
    seeds = [[measures(run(load("indonesia-2024", (f"population.scale={scale}", f"seed={seed}")), 28, orders=True))
              for seed in (1, 2, 3)] for scale in (4000, 1000)]  # fmt: skip
    for name in ("orders", "gmv"):
        few, many = (np.array([found[name] for found in of]) for of in seeds)
        error = np.sqrt(few.var(ddof=1) / 3 + many.var(ddof=1) / 3) / many.mean()
        assert abs(few.mean() / many.mean() - 1) < 0.03 + 2 * error


def test_the_headline_of_live_is_audited_against_a_twin_that_withholds_it():
    base = load("village", ("calendar.burn_in=7", "population.users=300", "population.sellers=120",
                            "population.sellers_live=0", "mechanisms.learning.bass_p=2.0"))  # fmt: skip
    found = headline(base, days=70, seeds=2)
    assert {"mean_of_ratios", "season", "selection", "causal"} <= set(found.columns) and len(found) >= 2
    assert (found.takers >= 10).all() and found.causal.between(0.3, 5).all()
    both = [
        simulate(s, 70, marks_at=()) for s in (base, arm(base, "live-withheld", start=load("indonesia-2024")).scenario)
    ]
    panel = adopters(*both)
    before = [panel.with_it[row, :day].sum() for row, day in enumerate(panel.taken) if day != NEVER]
    alike = [panel.without[row, :day].sum() for row, day in enumerate(panel.taken) if day != NEVER]
    assert np.corrcoef(before, alike)[0, 1] > 0.95  # twins until LIVE begins, but for what others' LIVE does to them
