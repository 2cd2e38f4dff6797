import math

import numpy as np
import pytest
from scipy import stats

from experiments.study import (
    Choice,
    Distribution,
    Measure,
    Morris,
    Number,
    OneAtATime,
    Option,
    Over,
    Sobol,
    as_function,
    execution,
    problem_spec,
    run_study,
)
from experiments.study.designs import problem
from experiments.study.findings import leading, said
from experiments.study.page import write_page
from experiments.study.sensitivity import indices
from experiments.study.variance import shares
from sim.errors import ScenarioError
from tests.studies import B_P, GAMMA, PHI, small_study

FACTORS = (GAMMA, PHI, B_P)


def unit(job):
    """Return where a job's values lie between their ends, (k,)."""
    return np.array([(job.values[f.name] - f.low) / (f.high - f.low) for f in FACTORS])


def ishigami(x, a=7.0, b=0.1):
    """Ishigami and Homma (1990), in the unit cube."""
    one, two, three = 2 * math.pi * x - math.pi
    return math.sin(one) + a * math.sin(two) ** 2 + b * three**4 * math.sin(one)


def sobol_g(x, a=(0.0, 1.0, 9.0)):
    """Sobol's g function, as in Saltelli and Sobol (1995)."""
    return math.prod((abs(4 * xi - 2) + ai) / (1 + ai) for xi, ai in zip(x, a, strict=True))


def first_order_of_g(a=(0.0, 1.0, 9.0)):
    parts = [1 / (3 * (1 + ai) ** 2) for ai in a]
    whole = math.prod(1 + part for part in parts) - 1
    total = [part * math.prod(1 + other for j, other in enumerate(parts) if j != i) for i, part in enumerate(parts)]
    return [part / whole for part in parts], [part / whole for part in total]


#: First- and total-order indices, worked out by integration.
KNOWN = {"ishigami": ([0.3139, 0.4424, 0.0], [0.5576, 0.4424, 0.2437]), "sobol_g": first_order_of_g()}


def pretend(monkeypatch, function, noise=0.0):
    """Let a function of the unit cube stand in for the market."""

    def simulate(job):
        value = function(unit(job)) + noise * np.random.default_rng([job.point, job.seed]).normal() + job.seed
        outcomes = {"gmv": value, "orders": [value, -2 * value, 5.0]}
        return {"seed": job.seed, "fingerprint": "0", "error": None, "seconds": 0.0, "outcomes": outcomes}

    monkeypatch.setattr(execution, "simulate", simulate)


def study_of(design, **changes):
    return small_study(factors=FACTORS, design=design, **changes)


def of(table, outcome, index, day=None):
    rows = table[(table["outcome"] == outcome) & (table["index"] == index)]
    return rows[rows["day"].isna() if day is None else rows["day"] == day]["value"].to_numpy()


@pytest.mark.parametrize("name", KNOWN)
def test_sobols_indices_are_those_that_are_known_and_those_that_salib_gives_by_hand(tmp_path, monkeypatch, name):
    from SALib.analyze import sobol as analyze
    from SALib.sample import sobol as sample

    function = {"ishigami": ishigami, "sobol_g": sobol_g}[name]
    pretend(monkeypatch, function)
    results = run_study(study_of(Sobol(points=1024)), tmp_path / "out")
    found = indices(results)
    points = sample.sample(problem(3), 1024, calc_second_order=False, seed=1)
    hand = analyze.analyze(
        problem(3), np.array([function(x) for x in points]), calc_second_order=False, num_resamples=1_000, seed=1
    )
    for index, known in zip(("S1", "ST"), KNOWN[name], strict=True):
        np.testing.assert_allclose(of(found, "gmv", index), hand[index], rtol=1e-6, atol=1e-9)
        np.testing.assert_allclose(of(found, "gmv", index), known, atol=0.03)
        np.testing.assert_allclose(of(found, "orders", index, day=1), hand[index], rtol=1e-6, atol=1e-9)
    assert not len(of(found, "orders", "S1", day=2))  # what never moves has no indices


def test_morris_finds_the_slopes_of_a_plane_and_what_never_moves(tmp_path, monkeypatch):
    pretend(monkeypatch, lambda x: 3 * x[0] - 2 * x[1])
    results = run_study(study_of(Morris(trajectories=8)), tmp_path / "out")
    found = indices(results)
    np.testing.assert_allclose(of(found, "gmv", "mu"), [3, -2, 0], atol=1e-9)
    np.testing.assert_allclose(of(found, "gmv", "mu_star"), [3, 2, 0], atol=1e-9)
    np.testing.assert_allclose(of(found, "gmv", "sigma"), 0, atol=1e-9)
    assert f"{B_P.name} does not move gmv at all." in said(results)
    (first, index, value), (second, _, _) = leading(results, 2)["gmv"]
    assert (first, index, second) == (GAMMA.name, "mu_star", PHI.name) and value == pytest.approx(3)


def test_one_at_a_time_is_the_change_against_the_base(tmp_path):
    results = run_study(study_of(OneAtATime()), tmp_path / "out")
    gmv = results.runs["gmv"].tolist()
    found = indices(results)
    assert of(found, "gmv", "low").tolist() == [gmv[i] - gmv[0] for i in (1, 3, 5)]
    assert of(found, "gmv", "high").tolist() == [gmv[i] - gmv[0] for i in (2, 4, 6)]
    base = {knob.path: knob.value for knob in results.study.base.knobs()}
    assert results.runs[GAMMA.name].iloc[0] == base[GAMMA.name]


def test_small_samples_are_said_to_be_small_and_large_ones_are_not(tmp_path, monkeypatch):
    pretend(monkeypatch, ishigami)
    few = said(run_study(study_of(Sobol(points=8)), tmp_path / "few"))
    assert any(f"total effect of {B_P.name} on gmv is not distinguishable from 0 with 40 runs" in line for line in few)
    many = said(run_study(study_of(Sobol(points=1024)), tmp_path / "many"))
    assert not any("not distinguishable" in line for line in many)


def test_variance_is_split_into_factors_seeds_and_noise(tmp_path, monkeypatch):
    """A plane of variance 3/12 x 4, seeds 1 to 6 that shift all alike, and noise of sd .5."""
    pretend(monkeypatch, lambda x: 2 * x.sum(), noise=0.5)
    results = run_study(study_of(Sobol(points=256), replicates=6), tmp_path / "out")
    share = {part.outcome: part for part in shares(results)}["gmv"]
    whole = 1.0 + 3.5 + 0.25
    assert share.points == pytest.approx(1.0 / whole, abs=0.01)
    assert share.seeds == pytest.approx(3.5 / whole, abs=0.01)
    assert share.noise == pytest.approx(0.25 / whole, abs=0.01)


def test_a_failed_run_takes_its_trajectory_with_it_and_no_other(tmp_path, monkeypatch):
    pretend(monkeypatch, lambda x: 3 * x[0] - 2 * x[1])
    kept = execution.simulate

    def fails_once(job):
        row = kept(job)
        return {**row, "error": "no", "outcomes": {"gmv": None, "orders": None}} if job.point == 5 else row

    monkeypatch.setattr(execution, "simulate", fails_once)
    results = run_study(study_of(Morris(trajectories=4)), tmp_path / "out")
    np.testing.assert_allclose(of(indices(results), "gmv", "mu"), [3, -2, 0], atol=1e-9)


@pytest.mark.parametrize(
    ("factor", "truth"),
    [
        (Number("x", 2.0, 6.0), stats.uniform(2, 4)),
        (Number("x", 2.0, 6.0, Distribution.TRIANGULAR, mode=3), stats.triang(0.25, 2, 4)),
        (Number("x", 1.0, 100.0, Distribution.LOGUNIFORM), stats.loguniform(1, 100)),
        (Number("x", 2.0, 6.0, Distribution.NORMAL, mean=3, sd=1), stats.truncnorm(-1, 3, 3, 1)),
    ],
    ids=lambda value: getattr(value, "distribution", ""),
)
def test_numbers_are_spread_as_they_say(factor, truth):
    quantiles = np.linspace(0, 1, 41)
    values = [factor.value(q) for q in quantiles]
    np.testing.assert_allclose(values, truth.ppf(quantiles), rtol=1e-9)


@pytest.mark.parametrize(("low", "high"), [(2, 4), (0, 1), (3, 12)])
def test_whole_numbers_are_equally_likely_and_levels_go_from_end_to_end(low, high):
    number = Number("x", low, high, whole=True)
    values = [number.value(q) for q in (np.arange(5_040) + 0.5) / 5_040]
    assert {values.count(x) for x in range(low, high + 1)} == {5_040 // (high - low + 1)}
    assert (number.value(0.0), number.value(1.0)) == (low, high)
    assert number.levels(2) == [low, high] and number.levels(3)[0] == low and number.levels(3)[-1] == high


def test_the_base_stands_once_among_changes_one_at_a_time(tmp_path):
    """An option that changes nothing, and a level that the base has, are the base: no further points."""
    from tests.studies import hamlet

    base = {knob.path: knob.value for knob in hamlet().knobs()}
    phi = Choice(PHI.path, tuple(Option(x, {PHI.path: x}) for x in (base[PHI.path], 0.4)))
    boost = Choice("boost", (Option("without"), Option("with", programs=("cold-start",))))
    gamma = Number(GAMMA.path, base[GAMMA.path], 0.7)
    results = run_study(small_study(factors=(gamma, phi, boost), design=OneAtATime()), tmp_path / "out")
    runs = results.runs
    assert len(runs) == 4 and runs["key"].nunique() == 4
    assert runs[PHI.path].tolist() == [base[PHI.path]] * 2 + [0.4, base[PHI.path]]
    assert runs["boost"].tolist() == ["without"] * 3 + ["with"]
    found, gmv = indices(results), runs["gmv"].tolist()
    assert of(found, "gmv", "low").tolist() == [0.0, 0.0, 0.0]
    assert of(found, "gmv", "high").tolist() == [x - gmv[0] for x in gmv[1:]]
    assert "(base)" not in write_page(results).read_text(encoding="utf-8")


def test_options_are_equally_likely():
    choice = Choice("x", tuple(Option(value) for value in "abc"))
    values = [choice.value(q) for q in np.linspace(0, 1, 3_001)]
    assert [values.count(value) for value in "abc"] == pytest.approx([1_000] * 3, abs=2)


def test_salib_drives_the_market_as_a_problem_of_its_own(monkeypatch):
    pretend(monkeypatch, ishigami)
    spec, model = problem_spec(study_of(Sobol(), outcomes=(Measure("gmv"),)))
    assert spec["bounds"][0] == [GAMMA.low, GAMMA.high] and spec["names"] == [f.name for f in FACTORS]
    spec.sample_sobol(256, calc_second_order=False, seed=3)
    spec.evaluate(model)
    spec.analyze_sobol(calc_second_order=False, seed=3)
    np.testing.assert_allclose(spec.analysis["ST"], KNOWN["ishigami"][1], atol=0.1)
    with pytest.raises(ScenarioError, match="is a series"):
        problem_spec(study_of(Sobol(), outcomes=(Measure("orders", Over.SERIES),)))


def test_a_market_is_a_plain_function_of_its_factors(tmp_path, monkeypatch):
    study = study_of(OneAtATime(), replicates=2)
    market = as_function(study)
    runs = run_study(study, tmp_path / "out").runs
    assert market({GAMMA.name: GAMMA.high})["gmv"] == pytest.approx(runs["gmv"].iloc[4:6].mean(), rel=1e-12)
    orders = np.mean(runs["orders"].iloc[:2].tolist(), axis=0).tolist()
    assert market({})["orders"] == pytest.approx(orders)
    with pytest.raises(ScenarioError, match="is no factor"):
        market({"gamma": 1})
    with pytest.raises(ScenarioError, match=r"= 70, outside \[0.1, 0.7\]"):
        market({GAMMA.name: 70})
    none = {"seed": 1, "fingerprint": None, "error": "ValueError: no", "seconds": 0.0, "outcomes": {}}
    monkeypatch.setattr(execution, "simulate", lambda job: none)
    with pytest.raises(ScenarioError, match="A run failed: ValueError: no"):
        market({})
