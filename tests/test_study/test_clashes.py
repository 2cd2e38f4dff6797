"""Parts of a study that would undo or ignore each other are refused, in one line."""

import pytest

from experiments.study import Effect, load_study
from sim.errors import ScenarioError
from sim.programs import HostExposure
from tests.studies import SMALL, hamlet, small_study

TOP = f"base: village\nset: {SMALL}\ndays: 2\noutcomes: [gmv]\n".replace("'", "")
OURS = (HostExposure(label="ours", take_up=0.5, factor=2.0),)
OWN = "own_programs: {ours: [{kind: host_exposure, label: ours, take_up: 0.3, factor: 2}]}\n"
EFFECT = TOP.replace("[gmv]", "[{effect: gmv, of: ours}]") + OWN
RULE = """from sim.mechanisms.purchase import Purchase
class Other(Purchase):
    @property
    def name(self):
        return 'purchase'
"""
B_P = "mechanisms.purchase.b_p"
WRONG = {
    "days": (TOP + "levers: {days: {low: 2, high: 9}}", "'days' is no factor.*Write 'days: N' at the top"),
    "seeds": (TOP + "levers: {seed: {values: [1, 2]}}", "'seed' is no factor.*Write 'replicates: N'"),
    "a name": (TOP + "levers: {a: {options: {x: {}, y: {set: {name: z}}}}}", "a: 'name' is no factor.*Leave it out"),
    "days of the base": (TOP.replace("set: {", "set: {days: 7, "), "'days' of the base is not used.*Write 'days: 7'"),
    "a number and an option": (
        TOP + f"levers: {{{B_P}: {{low: 1, high: 3}}, a: {{options: {{x: {{}}, y: {{set: {{{B_P}: 2}}}}}}}}}}",
        f"{B_P} and a both decide about {B_P}",
    ),
    "an option of a whole mechanism": (
        TOP + f"levers: {{{B_P}: {{low: 1, high: 3}}, a: {{options: {{x: {{}}, y: {{set: {{mechanisms.purchase:"
        " {b_p: 2}}}}}}",
        f"{B_P} and a both decide about {B_P}",
    ),
    "two options": (
        TOP + f"levers:\n  a: {{options: {{x: {{}}, y: {{set: {{{B_P}: 2}}}}}}}}\n"
        f"  b: {{options: {{x: {{}}, y: {{set: {{{B_P}: 3}}}}}}}}",
        f"a and b both decide about {B_P}",
    ),
    "one mechanism twice": (
        TOP + "levers:\n  a: {options: {x: {}, y: {mechanisms: [clashing.Other]}}}\n"
        "  b: {options: {x: {}, y: {mechanisms: [clashing.Other]}}}",
        "a and b both decide about the mechanism 'purchase'",
    ),
    "one program twice": (
        TOP + "levers:\n  a: {program: cold-start}\n  b: {options: {x: {}, y: {programs: [cold-start]}}}",
        "a and b both decide about the program 'cold-start'",
    ),
    "the effect of what a point has": (
        EFFECT + "levers: {a: {program: ours}}", "but a already adds its program 'ours'",
    ),
    "the effect of what the base has": (
        EFFECT + "programs: [{kind: host_exposure, label: ours, take_up: 0.3, factor: 2}]\n"
        "levers: {programs.ours.factor: {low: 1, high: 3}}",
        "the base 'village' already adds its program 'ours'. Write 'of: programs'",
    ),
    "the effect of a preset that a point has": (
        TOP.replace("[gmv]", "[{effect: gmv, of: cold-start}]") + "levers: {a: {program: cold-start}}",
        "but a already adds its program 'cold-start'",
    ),
    "a program by its number": (
        TOP + "programs: [{kind: host_exposure, label: ours}]\nlevers: {programs.0.factor: {low: 1, high: 3}}",
        "names a program by its number.*Give it a label",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", WRONG)
def test_what_would_be_undone_or_ignored_is_refused(tmp_path, kind):
    text, said = WRONG[kind]
    (tmp_path / "clashing.py").write_text(RULE)
    (tmp_path / "x.yaml").write_text(text)
    with pytest.raises(ScenarioError, match=said) as found:
        load_study(tmp_path / "x.yaml")
    assert "\n" not in str(found.value)


def test_python_is_refused_the_effect_of_what_the_base_has_too():
    base = hamlet().but(programs=OURS)
    with pytest.raises(ScenarioError, match="already adds its program 'ours'"):
        small_study(base=base, own_programs={"ours": OURS}, outcomes=(Effect("gmv", "ours"),))
