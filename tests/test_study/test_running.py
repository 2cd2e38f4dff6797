import errno
import itertools
import os
import signal

import numpy as np
import pyarrow.parquet as pq
import pytest

from experiments.study import (
    Choice,
    Effect,
    Grid,
    Kind,
    LatinHypercube,
    ListOfPoints,
    Measure,
    Number,
    Option,
    Over,
    execution,
    read_study,
    run_study,
    running,
)
from experiments.study.verify import verify_study
from sim.errors import ResultsError, ScenarioError
from sim.market import Market
from tests.studies import B_P, GAMMA, children, command, content, hamlet, kill, landed, small_study, wait_for

pytestmark = pytest.mark.filterwarnings("ignore:A worker stopped while some jobs were given")


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    study = small_study(design=LatinHypercube(points=3), replicates=2)
    return run_study(study, tmp_path_factory.mktemp("study") / "out")


def test_a_run_is_the_one_that_its_scenario_gives_alone(done):
    """Taken from the table, set by hand, and simulated without any of the study's code."""
    row = done.runs.iloc[3]
    values = {factor.path: row[factor.path] for factor in done.study.factors}
    market = Market(hamlet().with_values({**values, "seed": int(row["seed"])}), keep=False)
    for _ in range(3):
        market.step()
    columns = market.recorder.columns()
    assert row["gmv"] == columns["gmv"].mean()
    assert row["orders"].tolist() == columns["orders"].tolist()


def test_a_run_has_the_fingerprint_that_etalase_run_prints(done):
    from experiments.run import run

    row = done.runs.iloc[0]
    values = {factor.path: row[factor.path] for factor in done.study.factors}
    assert run(hamlet().with_values(values), 3, seed=int(row["seed"]), keep=False).fingerprint == row["fingerprint"]


def test_the_same_seeds_stand_at_every_point(done):
    assert done.runs["seed"].tolist() == [1, 2] * 3
    assert done.runs["point"].tolist() == [0, 0, 1, 1, 2, 2]
    assert done.runs["replicate"].tolist() == [0, 1] * 3


def test_an_effect_is_the_difference_of_two_worlds(tmp_path):
    outcomes = (
        Measure("gmv"), Effect("gmv", "voucher-war", Kind.DIFFERENCE, title="more"), Effect("gmv", "voucher-war"),
        Effect("gmv", "voucher-war", Kind.COST, title="cost"),
        Effect("orders", "voucher-war", Kind.DIFFERENCE, Over.SERIES, title="day by day"),
    )  # fmt: skip
    study = small_study(outcomes=outcomes, factors=(GAMMA,), design=Grid(levels=2), base=hamlet())
    row = run_study(study, tmp_path / "out").runs.iloc[0]
    from experiments.whatif import arm

    base = hamlet().with_value(GAMMA.path, GAMMA.low)
    worlds = []
    for scenario in (base, arm(base, "voucher-war").scenario):
        market = Market(scenario, origin=base, keep=False)
        for _ in range(3):
            market.step()
        worlds.append(market.recorder.columns())
    without, with_it = worlds
    assert row["gmv"] == without["gmv"].mean()
    assert row["more"] == pytest.approx(with_it["gmv"].mean() - without["gmv"].mean(), rel=1e-12) and row["more"] != 0
    assert row["share of gmv by voucher-war"] == pytest.approx(row["more"] / row["gmv"], rel=1e-12)
    assert row["cost"] == pytest.approx(with_it["subsidies"].sum() / (3 * row["more"]), rel=1e-12)
    assert row["day by day"].tolist() == (with_it["orders"] - without["orders"]).tolist()


def test_the_effect_of_the_bases_own_programs_is_told_against_a_world_without_them(tmp_path):
    from experiments.whatif import arm

    base = arm(hamlet(), "voucher-war").scenario
    title = next(program.title for program in base.programs)
    dose = Number(f"programs.{title}.discount", 0.0, 0.4)
    outcomes = (Effect("subsidies", "programs", Kind.DIFFERENCE, title="paid"),)
    study = small_study(base=base, factors=(dose,), outcomes=outcomes, design=Grid(levels=3), days=8)
    paid = run_study(study, tmp_path / "out").runs["paid"].tolist()
    assert paid[0] == 0 < paid[1] < paid[2]


@pytest.mark.parametrize(("workers", "backend"), [(2, "local"), (2, "ray")])
def test_the_record_does_not_depend_on_workers_or_backend(done, tmp_path, workers, backend):
    if backend == "ray":
        pytest.importorskip("ray")
    again = run_study(done.study, tmp_path / "out", workers=workers, backend=backend)
    assert again.record == done.record and content(again) == content(done)


def test_the_record_does_not_depend_on_the_order_of_runs(done, tmp_path, monkeypatch):
    monkeypatch.setattr(running, "in_turn", lambda runs: list(reversed(runs)))
    assert run_study(done.study, tmp_path / "out").record == done.record


def test_neighbours_in_the_order_of_runs_begin_with_different_burn_ins():
    runs = [running.Planned(i, str(i), f"burn-in {i % 20}") for i in range(100)]
    order = running.in_turn(runs)
    assert sorted(order) == runs
    assert all(a.burn_in != b.burn_in for a, b in itertools.pairwise(order))
    for at in range(0, 100, 5):  # few at a time
        assert len({run.burn_in for run in order[at : at + 16]}) <= 2 * running.AT_ONCE


def test_equal_points_are_run_once(tmp_path, monkeypatch):
    calls = []
    monkeypatch.setattr(execution, "simulate", lambda job: calls.append(job) or _made_up(job))
    rows = ({GAMMA.name: 0.3}, {GAMMA.name: 0.4}, {GAMMA.name: 0.3})
    results = run_study(small_study(factors=(GAMMA,), design=ListOfPoints(rows=rows)), tmp_path / "out")
    assert len(calls) == 2 and len(results.runs) == 3
    assert results.runs["gmv"][0] == results.runs["gmv"][2] != results.runs["gmv"][1]


def _made_up(job):
    value = job.values.get(GAMMA.name, 0.0)
    outcomes = {"gmv": value, "orders": [value]}
    return {"seed": job.seed, "fingerprint": "0", "error": None, "seconds": 0.0, "outcomes": outcomes}


def test_a_failing_run_is_a_row_and_is_tried_again_on_resuming(tmp_path, monkeypatch):
    def fails_at_half(job):
        if job.values[GAMMA.name] > 0.5:
            return {**_made_up(job), "error": "ValueError: no", "outcomes": {"gmv": None, "orders": None}}
        return _made_up(job)

    study = small_study(factors=(GAMMA,), design=Grid(levels=4))
    monkeypatch.setattr(execution, "simulate", fails_at_half)
    results = run_study(study, tmp_path / "out")
    assert results.failed["error"].tolist() == ["ValueError: no"] and np.isnan(results.runs["gmv"].iloc[3])
    calls = []
    monkeypatch.setattr(execution, "simulate", lambda job: calls.append(job) or _made_up(job))
    mended = run_study(study, tmp_path / "out", resume=True)
    assert len(calls) == 1 and not len(mended.failed) and mended.record != results.record


def test_what_goes_wrong_inside_a_run_does_not_stop_the_others(tmp_path, monkeypatch):
    monkeypatch.setattr("experiments.run.measured", _explodes_for_seed_2)
    results = run_study(small_study(factors=(GAMMA,), design=Grid(levels=2), replicates=2), tmp_path / "out")
    assert results.runs["error"].isna().tolist() == [True, False, True, False]
    assert results.failed["error"].iloc[0].startswith("ZeroDivisionError: a burst pipe (")


def _explodes_for_seed_2(scenario, origin, keep):
    if scenario.seed == 2:
        raise ZeroDivisionError("a burst\npipe")
    return {"gmv": np.ones(3), "orders": np.ones(3)}, "0"


def test_a_point_that_cannot_be_is_a_row(tmp_path):
    """Of two options that are fine alone: together, two programs have one name."""
    from sim.programs import HostExposure

    mine, its = HostExposure(label="mine"), HostExposure(label="its")
    factors = (
        Choice("called", (Option("mine"), Option("its", {"programs.mine.label": "its"}))),
        Choice("added", (Option("no"), Option("yes", programs=("more",)))),
    )
    rows = ({"called": "its"}, {"called": "its", "added": "yes"})
    asked = {"factors": factors, "base": hamlet().but(programs=(mine,)), "own_programs": {"more": (its,)}}
    results = run_study(small_study(**asked, design=ListOfPoints(rows=rows)), tmp_path / "out")
    assert "two are called 'its'" in results.runs["error"].iloc[1] and results.runs["error"].isna().iloc[0]


def test_a_study_may_grow_but_not_become_another(done, tmp_path, monkeypatch):
    study = small_study(factors=(GAMMA,), design=Grid(levels=3))
    run_study(study, tmp_path / "out")
    calls = []
    kept = execution.simulate
    monkeypatch.setattr(execution, "simulate", lambda job: calls.append(job) or kept(job))
    more = run_study(small_study(factors=(GAMMA,), design=Grid(levels=3), replicates=2), tmp_path / "out", resume=True)
    assert len(calls) == 3 and len(more.runs) == 6
    with pytest.raises(ResultsError, match="other uncertainties"):
        run_study(small_study(factors=(B_P,)), tmp_path / "out", resume=True)
    with pytest.raises(ResultsError, match="holds a study already"):
        run_study(study, tmp_path / "out")


def test_folders_that_are_not_the_studys_are_left_alone(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    for path, said in ((tmp_path / "mine", "is not empty"), (tmp_path / "mine" / "letter.txt", "is not a folder")):
        with pytest.raises(ResultsError, match=said):
            run_study(small_study(), path)
    assert [file.name for file in tmp_path.rglob("*")] == ["mine", "letter.txt"]
    with pytest.raises(ScenarioError, match="no backend 'cloud'"):
        run_study(small_study(), tmp_path / "out", backend="cloud")


def test_a_full_disk_is_one_line_and_nothing_is_lost(tmp_path, monkeypatch):
    study, kept, written = small_study(factors=(GAMMA,), design=Grid(levels=5)), os.fsync, []

    def full_after_four(file):
        written.append(file)
        if len(written) > 4:
            raise OSError(errno.ENOSPC, "No space left on device")
        kept(file)

    monkeypatch.setattr(os, "fsync", full_after_four)
    with pytest.raises(ResultsError, match=r"No space left on device\. Make room, and call again"):
        run_study(study, tmp_path / "out")
    monkeypatch.undo()
    before = landed(tmp_path)
    assert len(before) == 3 and not list((tmp_path / "out").rglob("*.part"))
    resumed = run_study(study, tmp_path / "out", resume=True)
    assert before.items() <= landed(tmp_path).items()
    assert content(resumed) == content(run_study(study, tmp_path / "undisturbed"))


def test_half_written_files_are_cleared_away(tmp_path):
    study = small_study(factors=(GAMMA,), design=Grid(levels=3))
    first = run_study(study, tmp_path / "out")
    files = sorted((tmp_path / "out" / "landed").iterdir())
    files[0].write_bytes(files[0].read_bytes()[:50])  # as after a power cut
    (tmp_path / "out" / "landed" / "x.parquet.part").write_bytes(b"PAR1")
    assert run_study(study, tmp_path / "out", resume=True).record == first.record
    assert not list((tmp_path / "out").rglob("*.part"))


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed")
    process = command(folder, "--workers", "2")
    assert process.wait(300) == 0, process.communicate()
    return read_study(folder / "out")


def test_a_killed_study_goes_on_where_it_was(tmp_path, undisturbed):
    process = command(tmp_path, "--workers", "2")
    wait_for(tmp_path, 4, process)
    kill(process.pid)
    process.wait()  # its workers go a little later
    before = landed(tmp_path)
    assert len(before) < 24
    again = command(tmp_path, "--workers", "2", "--resume")
    assert again.wait(300) == 0, again.communicate()
    again.communicate()
    assert before.items() <= landed(tmp_path).items()  # nothing that had landed was run again
    assert content(read_study(tmp_path / "out")) == content(undisturbed)


def test_a_killed_worker_is_replaced(tmp_path, undisturbed):
    process = command(tmp_path, "--workers", "2")
    wait_for(tmp_path, 4, process)
    workers = children(process.pid, "loky")
    assert workers
    kill(workers[-1])
    assert process.wait(300) == 0, process.communicate()
    process.communicate()
    assert content(read_study(tmp_path / "out")) == content(undisturbed)


def test_a_killed_worker_of_a_cluster_is_replaced(tmp_path, undisturbed):
    pytest.importorskip("ray")
    process = command(tmp_path, "--workers", "2", "--backend", "ray")
    wait_for(tmp_path, 4, process)
    workers = children(process.pid, "ray::one")
    assert workers
    kill(workers[0])
    assert process.wait(300) == 0, process.communicate()
    process.communicate()
    assert content(read_study(tmp_path / "out")) == content(undisturbed)


def test_an_interrupted_study_says_how_to_go_on(tmp_path):
    process = command(tmp_path, levels=300)
    wait_for(tmp_path, 2, process)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 130 and out == ""
    assert err.splitlines() == ["What has landed in 'out' is kept: go on with --resume.", "stopped"]
    with pytest.raises(ResultsError, match=r"is not finished\. Go on with --resume"):
        read_study(tmp_path / "out")


def test_one_study_writes_to_a_folder_at_a_time(tmp_path):
    process = command(tmp_path, levels=300)
    wait_for(tmp_path, 1, process)
    second = command(tmp_path, "--resume", levels=300)
    assert second.wait(60) == 2 and "Another study is writing" in second.communicate()[1]
    kill(process.pid)
    process.communicate()


def test_other_tools_read_the_table(done):
    import pandas as pd

    table = pq.read_table(done.folder / "runs.parquet")
    assert table.schema.field(GAMMA.name).metadata[b"unit"] == b"1"
    frame = pd.read_parquet(done.folder / "runs.parquet")
    assert frame["gmv"].tolist() == done.runs["gmv"].tolist()


def test_a_study_verifies_and_damage_is_found(tmp_path):
    results = run_study(small_study(factors=(GAMMA,), design=Grid(levels=4)), tmp_path / "out")
    verdict = verify_study(tmp_path / "out", 0.5)
    assert verdict.same and verdict.lines[-2] == "2 of 4 runs simulated again: the same"
    changed = results.table.to_pandas()
    changed.loc[:, "gmv"] += 1
    changed.to_parquet(tmp_path / "out" / "runs.parquet")
    verdict = verify_study(tmp_path / "out", 0.01)
    assert not verdict.same and any("changed since it was written" in line for line in verdict.lines)
    assert any("gmv = " in line for line in verdict.lines)


def test_a_series_may_be_empty_of_nothing(tmp_path):
    outcomes = (Measure("gmv", Over.LAST, since=1), Measure("orders", Over.MAX, title="most"))
    row = run_study(
        small_study(outcomes=outcomes, factors=(GAMMA,), design=Grid(levels=2)), tmp_path / "out"
    ).runs.iloc[0]
    assert row["gmv"] == int(row["gmv"]) and row["most"] == int(row["most"])
