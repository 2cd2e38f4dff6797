"""Programs and classes that only a study knows: files beside it, lists in it, modules beside it."""

import os
import subprocess
import sys

import pytest

from experiments.study import Effect, Grid, load_study, read_study, run_study
from experiments.study.study_file import study_from
from sim.entries import Entry
from sim.errors import ResultsError, ScenarioError
from tests.studies import GAMMA, ROOT, SMALL, content, hamlet, small_study

PILOT = "programs:\n  - {kind: host_exposure, label: pilot, take_up: 0.5, factor: 2}\n"
TEXT = """
base: village
set: {SMALL}
days: 2
own_programs:
  ours: [{kind: host_exposure, label: ours, take_up: 0.3, factor: 2}]
levers:
  pilot: {program: pilot.yaml}
  programs.pilot.factor: {low: 1, high: 3}
  rule: {options: {plain: {}, other: {mechanisms: [NAME.Other]}}}
outcomes:
  - gmv
  - {effect: gmv, of: ours+voucher-war, kind: difference}
design: {kind: list, rows: [{pilot: with, programs.pilot.factor: 3}, {rule: other}, {}]}
"""
RULE = (
    "from sim.mechanisms.purchase import Purchase\n"
    "class Other(Purchase):\n    @property\n    def name(self):\n        return 'purchase'\n"
)


def written(folder, name):
    """Write a study, its program and its rule (a module of that name) to a folder; return the study's file."""
    folder.mkdir(exist_ok=True)
    (folder / "pilot.yaml").write_text(PILOT)
    (folder / f"{name}.py").write_text(RULE)
    file = folder / "study.yaml"
    file.write_text(TEXT.replace("{SMALL}", str(SMALL).replace("'", "")).replace("NAME", name))
    return file


def test_a_study_is_the_same_wherever_its_files_lie_and_whatever_becomes_of_them(tmp_path):
    first = load_study(written(tmp_path / "a", "rules_here"))
    done = run_study(first, tmp_path / "out")
    assert not len(done.failed)
    moved = load_study(written(tmp_path / "b", "rules_here"))
    assert run_study(moved, tmp_path / "again").record == done.record
    (tmp_path / "a" / "pilot.yaml").unlink()
    assert read_study(done.folder).study.to_dict() == first.to_dict()
    assert content(run_study(read_study(done.folder).study, tmp_path / "thrice")) == content(done)
    names = [outcome.name for outcome in done.study.outcomes]
    assert names == ["gmv", "difference of gmv by ours+voucher-war"]


def test_worlds_have_the_programs_that_the_file_and_the_study_name(tmp_path):
    study = load_study(written(tmp_path / "a", "rules_there"))
    worlds = [study.job(number).worlds for number in range(3)]
    titles = [[program.title for program in world["point"].programs] for world in worlds]
    assert titles == [["pilot"], [], []]
    assert worlds[0]["point"].programs[0].factor == 3
    for world in worlds:
        known = {program.title for program in world["ours+voucher-war"].programs}
        assert known >= {"ours"} and len(known) == len(world["point"].programs) + 2
    again = study_from(Entry.of(study.to_dict()), tmp_path / "a")
    assert [again.job(i).key() for i in range(3)] == [study.job(i).key() for i in range(3)]


def test_a_program_that_became_another_is_another_study(tmp_path):
    file = written(tmp_path / "a", "rules_kept")
    run_study(load_study(file), tmp_path / "out")
    (tmp_path / "a" / "pilot.yaml").write_text(PILOT.replace("0.5", "0.6"))
    with pytest.raises(ResultsError, match="other own programs"):
        run_study(load_study(file), tmp_path / "out", resume=True)


def test_another_process_elsewhere_finds_the_classes_beside_the_study(tmp_path):
    """Also in its workers, of both backends."""
    written(tmp_path / "a", "rules_far")
    elsewhere = {"cwd": "/", "env": {**os.environ, "PYTHONPATH": str(ROOT)}, "capture_output": True, "text": True}
    etalase = [sys.executable, "-m", "experiments.cli"]
    out = str(tmp_path / "out")
    run = [*etalase, "study", str(tmp_path / "a" / "study.yaml"), "--out", out, "--workers", "2"]
    for call in (run, [*etalase, "verify", out, "--sample", "100%"]):
        done = subprocess.run(call, check=False, **elsewhere)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("extends: village\nmechanisms: {purchase: {b_p: 2.0}}\n" + PILOT, "also changes mechanisms"),
        ("extends: village\npopulation: {users: 70}\n" + PILOT, "has other people"),
        ("name: nothing\n", "adds no program"),
    ],
)
def test_files_that_are_more_than_programs_are_refused(tmp_path, text, said):
    file = written(tmp_path / "a", "rules_no")
    file.write_text("".join(line for line in file.read_text().splitlines(True) if not line.startswith("set:")))
    (tmp_path / "a" / "pilot.yaml").write_text(text)
    with pytest.raises(ScenarioError, match=said):
        load_study(file)


@pytest.mark.parametrize(
    ("own", "of", "said"),
    [
        ({"voucher-war": ("ours",)}, "voucher-war", "Choose another"),
        ({"a+b": ("ours",)}, "voucher-war", "Choose another"),
        ({"ours": ()}, "ours", "has no program"),
        ({"ours": ("ours",)}, "ours+ours", "names a program twice"),
        ({"ours": ("ours",)}, "theirs", "no preset and no file 'theirs'"),
    ],
)
def test_names_that_mean_nothing_or_too_much_are_refused(tmp_path, own, of, said):
    ours = load_study(written(tmp_path / "a", "rules_none")).own_programs["ours"]
    mine = {name: ours if programs else () for name, programs in own.items()}
    with pytest.raises(ScenarioError, match=said):
        small_study(own_programs=mine, outcomes=(Effect("gmv", of),), factors=(GAMMA,), design=Grid(levels=2))


def test_python_names_its_programs_too(tmp_path):
    from sim.programs import HostExposure

    ours = {"ours": (HostExposure(take_up=0.5, factor=2.0),)}
    study = small_study(own_programs=ours, outcomes=(Effect("gmv", "ours"),), factors=(GAMMA,), base=hamlet())
    assert study.bases["ours"].programs == ours["ours"]
