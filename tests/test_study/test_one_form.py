"""A study has one form, however it was written: so that its record is the same, and it verifies."""

import pytest

from experiments.study import Choice, Grid, ListOfPoints, Number, Option, load_study, run_study
from experiments.study.study_file import study_from
from experiments.study.verify import verify_study
from sim.entries import Entry
from sim.errors import ScenarioError
from tests.studies import GAMMA, SMALL, small_study

TOP = f"base: village\nset: {SMALL}\ndays: 2\noutcomes: [gmv]\ndesign: {{kind: grid, levels: 2}}\n".replace("'", "")


def written(tmp_path, text):
    file = tmp_path / "x.yaml"
    file.write_text(TOP + text)
    return load_study(file)


@pytest.mark.parametrize(
    "factor",
    [
        "mechanisms.discovery.gamma: {}",
        "mechanisms.purchase.b_p: {values: [2.0, 9.0]}",
        "mechanisms.search.shown: {values: [4, 8]}",
        "mechanisms.search.shown: {low: 4, high: 8.0}",
    ],
)
def test_a_study_verifies_whatever_numbers_it_was_written_with(tmp_path, factor):
    study = written(tmp_path, f"levers: {{{factor}}}\n")
    done = run_study(study, tmp_path / "out")
    assert not len(done.failed)
    verdict = verify_study(done.folder, 0.01)
    assert verdict.same, verdict.lines
    assert study_from(Entry.of(study.to_dict())).to_dict() == study.to_dict()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("mechanisms.discovery.gamma: {}", "mechanisms.discovery.gamma: {low: 0, high: .8}"),
        ("mechanisms.purchase.b_p: {values: [2, 9]}", "mechanisms.purchase.b_p: {values: [2.0, 9.0]}"),
        ("mechanisms.search.shown: {low: 4, high: 8}", "mechanisms.search.shown: {low: 4.0, high: 8.0}"),
    ],
)
def test_two_ways_to_write_the_same_are_the_same_study(tmp_path, one, other):
    first, second = (written(tmp_path, f"levers: {{{factor}}}\n") for factor in (one, other))
    assert repr(first.to_dict()) == repr(second.to_dict())  # as text: 0 == 0.0
    assert [first.job(i).key() for i in range(2)] == [second.job(i).key() for i in range(2)]


def test_python_and_lists_of_points_have_the_same_form():
    whole = small_study(factors=(Number(GAMMA.path, 0, 0.5),), design=Grid(levels=2))
    assert repr(whole.to_dict()) == repr(
        small_study(factors=(Number(GAMMA.path, 0.0, 0.5),), design=Grid(levels=2)).to_dict()
    )
    rows = [({GAMMA.name: "0.5"}, {GAMMA.name: 0}), ({GAMMA.name: 0.5}, {GAMMA.name: 0.0})]
    factors = (Number(GAMMA.path, 0, 0.5),)
    first, second = (small_study(factors=factors, design=ListOfPoints(rows=some)) for some in rows)
    assert repr(first.to_dict()) == repr(second.to_dict())


def test_options_that_are_numbers_have_one_kind():
    choice = Choice("dose", (Option(1), Option(2.5, {GAMMA.path: 0})))
    study = small_study(factors=(choice,), design=Grid())
    assert [repr(point["dose"]) for point in study.points] == ["1.0", "2.5"]
    assert repr(study.factors[0].options[1].set[GAMMA.path]) == "0.0"


def test_an_end_of_a_whole_number_is_one(tmp_path):
    with pytest.raises(ScenarioError, match=r"shown: high = 7.5, but it is a whole number"):
        written(tmp_path, "levers: {mechanisms.search.shown: {low: 4, high: 7.5}}\n")
    study = written(tmp_path, "levers: {mechanisms.search.shown: {times: [0.77, 1.4]}}\n")
    assert type(study.factors[0].low) is int


TALK = """from sim.mechanism import Mechanism
from sim.params import param
class Talk(Mechanism):
    loudness: float = param(0.5, "How loud", low=0, high=2)
    def step(self, today):
        pass
"""


def test_parameters_that_only_some_points_have_are_factors_with_their_declared_range(tmp_path):
    (tmp_path / "talks.py").write_text(TALK)
    study = written(
        tmp_path,
        "levers:\n  talk: {options: {no: {}, yes: {after: {fulfilment: talks.Talk}}}}\n  boost: {program: cold-start}\n"
        "uncertainties: {mechanisms.talk.loudness: {}, programs.cold-start.take_up: {}}\n",
    )
    loud = next(factor for factor in study.factors if factor.name.endswith("loudness"))
    assert (loud.low, loud.high) == (0.0, 2.0)
    worlds = [(point, study.worlds_of(point)["point"]) for point in study.points]
    for point, world in worlds:
        there = [m.loudness for m in world.mechanisms if m.name == "talk"]
        assert there == [point["mechanisms.talk.loudness"]] * (point["talk"] == "yes")
    with pytest.raises(ScenarioError, match="There is no mechanism 'talks'"):
        written(tmp_path, "uncertainties: {mechanisms.talks.loudness: {low: 0, high: 1}}\n")
