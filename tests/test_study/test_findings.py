"""What cannot be told is not told: failed runs, noise, and steps of options."""

from dataclasses import replace

import numpy as np
import pytest

from experiments.study import Choice, Effect, Grid, Kind, Measure, Morris, Number, Option, Sobol, execution, run_study
from experiments.study.designs import problem
from experiments.study.findings import leading, said
from experiments.study.page import write_page
from experiments.study.sensitivity import indices
from experiments.study.variance import shares
from tests.studies import B_P, GAMMA, PHI, small_study

SWITCH = Choice("switch", (Option("off"), Option("on", {B_P.path: 2.0})))
GMV = (Measure("gmv"),)


def ran(tmp_path, monkeypatch, design, factors, value, fails=lambda job: False, replicates=1):
    """Return the results of a study in which a function stands in for the market."""

    def simulate(job):
        found = {"gmv": None if fails(job) else value(job)}
        error = "ValueError: no" if fails(job) else None
        return {"seed": job.seed, "fingerprint": "0", "error": error, "seconds": 0.0, "outcomes": found}

    monkeypatch.setattr(execution, "simulate", simulate)
    study = small_study(factors=factors, design=design, outcomes=GMV, replicates=replicates)
    return run_study(study, tmp_path / "out")


def share(job, factor):
    return (job.values[factor.name] - factor.low) / (factor.high - factor.low)


def of(results, index):
    table = indices(results)
    return dict(zip(table["factor"][table["index"] == index], table["value"][table["index"] == index], strict=True))


def test_a_study_of_which_no_trajectory_is_whole_has_a_page_that_says_so(tmp_path, monkeypatch):
    fails = lambda job: job.point in (1, 5)  # noqa: E731
    results = ran(tmp_path, monkeypatch, Morris(trajectories=2), (GAMMA, PHI), lambda job: 1.0 + job.point, fails)
    assert "There are no indices of gmv: 0 of 2 blocks of points have all their values, and it takes 2." in said(
        results
    )
    assert "There are no indices for gmv" in write_page(results).read_text(encoding="utf-8")


def test_failed_runs_leave_a_sentence_on_what_is_left(tmp_path, monkeypatch):
    results = ran(
        tmp_path, monkeypatch, Morris(trajectories=4), (GAMMA, PHI, B_P), lambda job: share(job, GAMMA),
        lambda job: job.point == 5,
    )  # fmt: skip
    assert any("3 of 4 blocks of points are left of gmv" in line for line in said(results))


def test_a_factor_that_makes_runs_fail_is_not_said_to_move_nothing(tmp_path, monkeypatch):
    results = ran(
        tmp_path, monkeypatch, Sobol(points=32), (GAMMA, PHI, SWITCH), lambda job: share(job, GAMMA) + share(job, PHI),
        lambda job: job.values["switch"] == "on",
    )  # fmt: skip
    assert np.isnan(of(results, "S1")["switch"]) and np.isnan(of(results, "ST")["switch"])
    told = said(results)
    assert any("Nothing can be told of switch and gmv" in line for line in told)
    assert not any("switch does not move" in line for line in told)
    assert "switch" not in [name for name, *_ in leading(results, 5)["gmv"]]
    write_page(results)


def test_noise_is_not_ranked(tmp_path, monkeypatch):
    def noise(job):
        return np.random.default_rng([job.point, job.seed]).normal()

    results = ran(tmp_path, monkeypatch, Sobol(points=16), (GAMMA, PHI), noise, replicates=2)
    (part,) = shares(results)
    assert part.chance > 0.05 and part.noisy
    assert any("none of its indices can be told from noise" in line for line in said(results))
    assert not any("total effect" in line for line in said(results)) and leading(results, 5) == {}
    assert "No index of gmv can be told from noise" in write_page(results).read_text(encoding="utf-8")


def test_what_is_more_than_noise_is_ranked_and_the_rest_of_the_noise_is_said(tmp_path, monkeypatch):
    def noisy(job):
        return share(job, GAMMA) + 0.2 * np.random.default_rng([job.point, job.seed]).normal()

    results = ran(tmp_path, monkeypatch, Sobol(points=64), (GAMMA, PHI), noisy, replicates=2)
    assert leading(results, 1)["gmv"][0][0] == GAMMA.name
    (part,) = shares(results)
    assert part.of_means == pytest.approx(0.02 / (1 / 12 + 0.02), abs=0.05)
    assert any("between the means of points" in line for line in said(results))


def test_a_switch_and_a_number_are_on_one_scale(tmp_path, monkeypatch):
    """Both move the outcome by 1 from end to end."""
    value = lambda job: share(job, GAMMA) + (job.values["switch"] == "on")  # noqa: E731
    results = ran(tmp_path, monkeypatch, Morris(trajectories=6), (GAMMA, SWITCH), value)
    assert of(results, "mu_star") == {GAMMA.name: pytest.approx(1.0), "switch": pytest.approx(1.0)}
    assert of(results, "mu") == {GAMMA.name: pytest.approx(1.0), "switch": pytest.approx(1.0)}


def test_every_option_has_its_turn_and_whole_numbers_are_measured_by_their_own_steps(tmp_path, monkeypatch):
    five = Choice("five", tuple(Option(value, {B_P.path: value}) for value in (1, 2, 3, 4, 5)))
    shown = Number("mechanisms.search.shown", 4, 6)
    value = lambda job: job.values[shown.name] / 2 + job.values["five"]  # noqa: E731
    results = ran(tmp_path, monkeypatch, Morris(trajectories=10), (five, shown), value)
    turns = [point["five"] for point in results.study.points]
    assert [turns.count(option) > 0 for option in (1, 2, 3, 4, 5)] == [True] * 5
    assert of(results, "mu_star") == {"five": pytest.approx(2.0), shown.name: pytest.approx(1.0)}  # pairs lie 2 apart


def test_the_elementary_effects_of_numbers_are_salibs(tmp_path, monkeypatch):
    from SALib.analyze import morris as analyze

    value = lambda job: share(job, GAMMA) ** 2 * (1 + share(job, PHI))  # noqa: E731
    design = Morris(trajectories=10)
    results = ran(tmp_path, monkeypatch, design, (GAMMA, PHI, B_P), value)
    hand = analyze.analyze(problem(3), design.quantiles(3), results.runs["gmv"].to_numpy(), num_levels=4)
    for index in ("mu", "mu_star", "sigma"):
        np.testing.assert_allclose(list(of(results, index).values()), hand[index], atol=1e-12)
    table = indices(results)
    half = (table["high"] - table["value"])[table["index"] == "mu_star"]
    np.testing.assert_allclose(half, hand["mu_star_conf"].astype(float), rtol=0.15, atol=1e-12)


def test_costs_below_nothing_are_said_to_say_little(tmp_path, monkeypatch):
    results = ran(tmp_path, monkeypatch, Grid(levels=4), (GAMMA,), lambda job: share(job, GAMMA) - 0.5)
    cost = Effect("gmv", "voucher-war", Kind.COST, title="gmv")
    results.study = replace(results.study, outcomes=(cost,))
    assert any(line.startswith("2 of 4 runs of gmv are below 0") for line in said(results))
