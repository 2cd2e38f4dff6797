import re
from pathlib import Path
from textwrap import indent

import pytest

from experiments import cli
from experiments.study import Choice, Number, Role, load_study
from experiments.study.study_file import shipped, study_from
from sim.entries import Entry
from sim.errors import EtalaseError

GOOD = """
name: good
base: village
set: {population.users: 300}
days: 5
replicates: 2
uncertainties:
  mechanisms.discovery.gamma: {}
  mechanisms.purchase.b_p: {times: [0.5, 2]}
  mechanisms.live.*: {times: [0.9, 1.1]}
levers:
  boost: {program: cold-start}
  programs.cold-start.factor: {low: 1, high: 4, distribution: triangular, mode: 2}
  mechanisms.discovery.phi: {values: [0.0, 0.1]}
  rule: {options: {plain: {}, fast: {set: {mechanisms.purchase.sigma_n: 0}}}}
outcomes:
  - gmv
  - {metric: orders, over: series, since: 2}
  - {effect: gmv, of: voucher-war+live-bonus, kind: cost, title: price}
design: {kind: latin-hypercube, points: 4}
"""


def written(tmp_path, text):
    file = tmp_path / "x.yaml"
    file.write_text(text)
    return file


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    return load_study(written(tmp_path_factory.mktemp("study"), GOOD))


def test_a_file_says_all_of_a_study(good):
    factors = {factor.name: factor for factor in good.factors}
    gamma = factors["mechanisms.discovery.gamma"]
    assert (gamma.low, gamma.high, gamma.role) == (0, 0.8, Role.UNCERTAINTY)
    b_p = {knob.path: knob for knob in good.base.knobs()}["mechanisms.purchase.b_p"]
    assert (factors[b_p.path].low, factors[b_p.path].high) == (
        max(b_p.value / 2, b_p.declaration.low),
        min(b_p.value * 2, b_p.declaration.high),
    )
    assert isinstance(factors["boost"], Choice) and factors["boost"].role == Role.LEVER
    assert [option.value for option in factors["mechanisms.discovery.phi"].options] == [0.0, 0.1]
    assert good.base.population.users == 300 and good.size == 8
    live = [name for name in factors if name.startswith("mechanisms.live.")]
    assert len(live) > 3 and all(isinstance(factors[name], Number) for name in live)
    assert [outcome.name for outcome in good.outcomes] == ["gmv", "orders", "price"]


def test_what_a_study_writes_down_reads_back_as_the_same(good):
    again = study_from(Entry.of(good.to_dict()))
    assert again.to_dict() == good.to_dict()
    assert [again.job(i).key() for i in range(again.size)] == [good.job(i).key() for i in range(good.size)]


def test_a_point_has_its_values_in_all_its_worlds(good):
    for number in range(good.size):
        job = good.job(number)
        assert set(job.worlds) == {"point", "voucher-war+live-bonus"} and not job.problem
        boosted = job.values["boost"] == "with"
        for world in job.worlds.values():
            assert world.mechanisms["discovery"].gamma == job.values["mechanisms.discovery.gamma"]
            assert world.seed == 1 + number % 2
            found = [program for program in world.programs if program.title == "cold-start"]
            assert [program.factor for program in found] == [job.values["programs.cold-start.factor"]] * boosted
            assert job.values["rule"] == "plain" or world.mechanisms["purchase"].sigma_n == 0
        assert len(job.worlds["voucher-war+live-bonus"].programs) == 2 + boosted


def test_a_whole_number_stays_one(tmp_path):
    text = "base: village\nuncertainties: {population.users: {low: 200, high: 401}}\noutcomes: [gmv]\n"
    study = load_study(written(tmp_path, text + "design: {kind: grid, levels: 4}"))
    assert [point["population.users"] for point in study.points] == [200, 267, 334, 401]
    assert [study.job(i).worlds["point"].population.users for i in range(4)] == [200, 267, 334, 401]


def test_the_shape_of_multiples_is_told_in_multiples(tmp_path):
    text = (
        "base: village\noutcomes: [gmv]\nset: {mechanisms.purchase.b_p: 2.0}\nuncertainties: {mechanisms.purchase.b_p: "
    )
    peaked = load_study(written(tmp_path, text + "{times: [0.5, 2], distribution: triangular}}")).factors[0]
    assert (peaked.low, peaked.mode, peaked.high) == (1.0, 2.0, 4.0)
    bell = load_study(written(tmp_path, text + "{times: [0.5, 2], distribution: normal, mean: 1.1, sd: 0.2}}")).factors[
        0
    ]
    assert (bell.mean, bell.sd) == (pytest.approx(2.2), pytest.approx(0.4))


def test_mechanisms_are_swapped_and_added_by_the_path_of_their_class(tmp_path):
    (tmp_path / "my_rules.py").write_text(
        "from sim.mechanism import Mechanism\nfrom sim.mechanisms.purchase import Purchase\n"
        "class Other(Purchase):\n    @property\n    def name(self):\n        return 'purchase'\n"
        "class Idle(Mechanism):\n    def step(self, today):\n        pass\n"
    )
    text = (
        "base: village\nset: {mechanisms.purchase.b_p: 2.0}\nlevers:\n  rule:\n    options:\n      old: {}\n"
        "      new: {mechanisms: [my_rules.Other]}\n      more: {after: {fulfilment: my_rules.Idle}}\noutcomes: [gmv]\n"
    )
    study = load_study(written(tmp_path, text))
    old, new, more = (study.job(i).worlds["point"].mechanisms for i in range(3))
    assert type(new["purchase"]).__name__ == "Other" and new["purchase"].b_p == old["purchase"].b_p == 2.0
    assert [m.name for m in more.after].index("idle") == [m.name for m in more.after].index("fulfilment") + 1
    keys = [study.job(i).key() for i in range(3)]
    assert len(set(keys)) == 3
    assert study_from(Entry.of(study.to_dict()), tmp_path).to_dict() == study.to_dict()


def test_points_are_read_from_a_table(tmp_path):
    (tmp_path / "points.csv").write_text("mechanisms.discovery.gamma,boost\n0.2,with\n0.4,\n,without\n")
    text = "base: village\nuncertainties: {mechanisms.discovery.gamma: {}}\nlevers: {boost: {program: cold-start}}\n"
    study = load_study(written(tmp_path, text + "outcomes: [gmv]\ndesign: {kind: list, file: points.csv}"))
    assert study.points == [
        {"mechanisms.discovery.gamma": 0.2, "boost": "with"}, {"mechanisms.discovery.gamma": 0.4}, {"boost": "without"},
    ]  # fmt: skip


TABLES = {
    "a column twice": ("gamma,phi,gamma\n.1,.2,.3\n", "has the column 'mechanisms.discovery.gamma' twice"),
    "a column without a name": ("gamma,\n.1,.2\n", "has a column without a name"),
    "a short row": ("gamma,phi\n.1\n", "Row 1 of 'points.csv' has fewer cells than its header"),
    "a long row": ("gamma,phi\n.1,.2,.3\n", "Row 1 of 'points.csv' has more cells than its header"),
    "semicolons": ("gamma;phi\n.1;.2\n", "has semicolons between its columns"),
    "no rows": ("gamma,phi\n", "has no rows"),
    "nothing": ("", "has no rows"),
    "half a seller": ("gamma,shown\n.1,2.5\n", "shown = '2.5', which is not a whole number"),
}
COLUMNS = {"gamma": "mechanisms.discovery.gamma", "phi": "mechanisms.discovery.phi", "shown": "mechanisms.search.shown"}
OF_TABLE = (
    "base: village\nuncertainties: {mechanisms.discovery.gamma: {}, mechanisms.discovery.phi: {},"
    " mechanisms.search.shown: {low: 2, high: 8}}\noutcomes: [gmv]\ndesign: {kind: list, file: points.csv}"
)


def table(tmp_path, text):
    for short, path in COLUMNS.items():
        text = text.replace(short, path)
    (tmp_path / "points.csv").write_text(text)
    return load_study(written(tmp_path, OF_TABLE))


@pytest.mark.parametrize("kind", TABLES)
def test_tables_that_could_mean_two_things_are_refused(tmp_path, kind):
    text, said = TABLES[kind]
    with pytest.raises(EtalaseError, match=said) as found:
        table(tmp_path, text)
    assert "\n" not in str(found.value)


def test_spaces_around_cells_and_whole_numbers_with_a_point_are_no_mistake(tmp_path):
    study = table(tmp_path, "gamma , shown\n 0.1, 4.0\n")
    assert study.points == [{"mechanisms.discovery.gamma": 0.1, "mechanisms.search.shown": 4}]


RULES = """from sim.mechanism import Mechanism, Phase
from sim.mechanisms.purchase import Purchase
class Satisficing(Purchase):
    @property
    def name(self):
        return "purchase"
class WordOfMouth(Mechanism):
    phase = Phase.USERS
    def act(self, today, block):
        pass
"""


def test_the_examples_of_the_guide_together_are_a_study(tmp_path):
    guide = (Path(__file__).parents[2] / "docs" / "studies.md").read_text(encoding="utf-8")
    numbers, choices, own, outcomes = re.findall(r"```yaml\n(.*?)```", guide, re.DOTALL)
    (tmp_path / "guide_rules.py").write_text(RULES)
    (tmp_path / "pilot.yaml").write_text("programs: [{kind: host_exposure, label: pilot, factor: 2}]\n")
    levers = "boost: {program: cold-start}\npilot: {program: pilot.yaml}\n" + choices
    text = f"base: village\nuncertainties:\n{indent(numbers, ' ')}levers:\n{indent(levers, ' ')}"
    text = f"{text}{own}outcomes:\n{outcomes}".replace("my_rules", "guide_rules")
    study = load_study(written(tmp_path, text + "design: {kind: latin-hypercube, points: 20}\n"))
    assert not [problem for number in range(study.size) if (problem := study.job(number).problem)]


@pytest.mark.parametrize("file", shipped(), ids=lambda file: file.stem)
def test_the_studies_that_ship_can_be_run(file, capsys):
    study = load_study(file.stem)
    assert study.story and study.size >= 4
    assert cli.main(["study", file.stem, "--dry-run"]) == 0
    assert "cannot be simulated" not in capsys.readouterr().out


TOP = "base: village\noutcomes: [gmv]\n"
FACTOR = TOP + "uncertainties:\n  mechanisms.discovery.gamma: "
WRONG = {
    "no base": ("outcomes: [gmv]", "The study has no 'base', in x.yaml"),
    "no outcome": ("base: village\nuncertainties: {mechanisms.discovery.gamma: {}}", "has no 'outcomes'"),
    "no factor": (TOP, "The study has no factor"),
    "a section that is none": (TOP + "levrs: {}", "A study has no 'levrs', in x.yaml line 3. Did you mean 'levers'?"),
    "an unknown base": ("base: vilage\noutcomes: [gmv]", "Did you mean 'village'?"),
    "a base that is a list": ("base: [1]\noutcomes: [gmv]", "base = [1] is not a name"),
    "a path that leads nowhere": (
        TOP + "uncertainties:\n  mechanisms.discovery.gama: {low: 0, high: 1}", "'gamma'? (in x.yaml line 4)",
    ),
    "an end that the model does not allow": (FACTOR + "{low: 0, high: 9}", "= 9.0 is outside [0, 0.8]"),
    "ends the wrong way round": (FACTOR + "{low: 0.5, high: 0.2}", "low = 0.5 is not below high = 0.2"),
    "times and ends": (FACTOR + "{times: [0.5, 2], low: 0}", "has 'times' and also 'low' or 'high'"),
    "a word for a number": (FACTOR + "{low: zero}", "is not a finite number"),
    "a misspelt word": (FACTOR + "{hihg: 0.2}", "Did you mean 'high'?"),
    "a distribution that is none": (FACTOR + "{distribution: poisson}", "distribution"),
    "loguniform from 0": (FACTOR + "{distribution: loguniform}", "loguniform needs low above 0"),
    "a mode outside": (FACTOR + "{distribution: triangular, mode: 3}", "mode = 3 is outside [0, 0.8]"),
    "a normal without spread": (FACTOR + "{distribution: normal, mean: 0.3, sd: 0}", "sd = 0 is not above 0"),
    "a normal without a mean": (FACTOR + "{distribution: normal, sd: 0.1}", "normal needs 'mean'"),
    "a normal of multiples without spread": (FACTOR + "{distribution: normal, times: [0.5, 1.5]}", "normal needs 'sd'"),
    "a triangle without its peak": (FACTOR + "{distribution: triangular}", "triangular needs 'mode'"),
    "a mean of no use": (FACTOR + "{mean: 0.3}", "uniform has no 'mean', in x.yaml line 4. Leave it out"),
    "a misspelt path": (
        TOP + "uncertainties: {mechanisms.discovery.gama: {}}", "Did you mean 'mechanisms.discovery.gamma'?",
    ),
    "a program of one's own that nobody names": (
        FACTOR + "{}\nown_programs: {ours: [{kind: host_exposure}]}", "ours: no option and no effect names it",
    ),
    "a number without a range": (TOP + "uncertainties: {seed: {}, calendar.start: {}}", "is not a number"),
    "a pattern that fits nothing": (TOP + "uncertainties: {mechanisms.nothing.*: {}}", "No number fits"),
    "one value": (TOP + "levers: {mechanisms.discovery.phi: {values: [0.1]}}", "not a list of two or more"),
    "two kinds of choice": (TOP + "levers: {a: {program: cold-start, values: [1, 2]}}", "Keep one of them"),
    "an unknown program": (TOP + "levers: {a: {program: cold-strat}}", "Did you mean 'cold-start'?"),
    "a program of other people": (TOP + "levers: {a: {program: affiliate-60k}}", "has other people"),
    "options of several kinds": (
        TOP + "levers: {mechanisms.discovery.phi: {values: [0.1, low]}}", "are not all numbers, all words",
    ),
    "an option twice": (TOP + "levers: {mechanisms.discovery.phi: {values: [0.1, 0.1]}}", "has an option twice"),
    "one option": (TOP + "levers: {a: {options: {x: {}}}}", "fewer than two options"),
    "an option that sets nothing known": (
        TOP + "levers: {a: {options: {x: {}, y: {set: {mechanisms.live.hlaf: 1}}}}}", "Did you mean 'half'?",
    ),
    "a class that is none": (
        TOP + "levers: {a: {options: {x: {}, y: {mechanisms: [my.Rule]}}}}", "There is no class 'my.Rule'",
    ),
    "a class that is no mechanism": (
        TOP + "levers: {a: {options: {x: {}, y: {mechanisms: [os.path]}}}}", "os.path is not a mechanism",
    ),
    "an unknown metric": ("base: village\noutcomes: [gnv]\n" + FACTOR.removeprefix(TOP) + "{}", "no metric 'gnv'"),
    "an unknown reduction": (
        "base: village\noutcomes: [{metric: gmv, over: median}]\n" + FACTOR.removeprefix(TOP) + "{}", "over",
    ),
    "an outcome of no day": (
        "base: village\ndays: 5\noutcomes: [{metric: gmv, since: 9}]\n" + FACTOR.removeprefix(TOP) + "{}", "of no day",
    ),
    "an effect of nothing known": (
        "base: village\noutcomes: [{effect: gmv, of: voucher-wars}]\n" + FACTOR.removeprefix(TOP) + "{}",
        "Did you mean 'voucher-war'?",
    ),
    "an effect on the base's programs, of which there are none": (
        "base: village\noutcomes: [{effect: gmv, of: programs}]\n" + FACTOR.removeprefix(TOP) + "{}", "has no program",
    ),
    "an outcome twice": ("base: village\noutcomes: [gmv, gmv]\n" + FACTOR.removeprefix(TOP) + "{}", "is there twice"),
    "an outcome called as a column": (
        "base: village\noutcomes: [{metric: gmv, title: seed}]\n" + FACTOR.removeprefix(TOP) + "{}", "'seed' is there",
    ),
    "a design that is none": (FACTOR + "{}\ndesign: {kind: sobl}", "Did you mean 'sobol'?"),
    "points that are no power of two": (FACTOR + "{}\ndesign: {kind: sobol, points: 100}", "Choose 64 or 128"),
    "odd levels": (FACTOR + "{}\ndesign: {kind: morris, levels: 5}", "levels = 5 is odd"),
    "no days": (FACTOR + "{}\ndays: 0", "days = 0 is outside"),
    "more runs than anybody has time for": (FACTOR + "{}\n  'mechanisms.*': {}\ndesign: {levels: 9}", "more than"),
    "a table that is not there": (FACTOR + "{}\ndesign: {kind: list, file: p.csv}", "No such file"),
    "a list without points": (FACTOR + "{}\ndesign: {kind: list}", "needs either 'file' (a CSV) or 'rows'"),
    "a table with a stranger": (FACTOR + "{}\ndesign: {kind: list, rows: [{age: 3}]}", "has a column 'age'"),
    "a row outside the range": (
        FACTOR + "{low: 0, high: 0.5}\ndesign: {kind: list, rows: [{}, {mechanisms.discovery.gamma: 0.6}]}",
        "Row 2 of the list has mechanisms.discovery.gamma = 0.6, outside [0, 0.5]",
    ),
    "a row of no number": (
        FACTOR + "{}\ndesign: {kind: list, rows: [{mechanisms.discovery.gamma: .nan}]}", "which is not a number",
    ),
    "half a whole number": (
        TOP + "uncertainties: {mechanisms.search.shown: {low: 2, high: 8}}\n"
        "design: {kind: list, rows: [{mechanisms.search.shown: 2.5}]}",
        "mechanisms.search.shown = 2.5, which is not a whole number",
    ),
    "a table with a word": (
        FACTOR + "{}\ndesign: {kind: list, rows: [{mechanisms.discovery.gamma: much}]}", "which is not a number",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", WRONG)
def test_one_line_answers(tmp_path, monkeypatch, capsys, kind):
    monkeypatch.chdir(tmp_path)
    text, said = WRONG[kind]
    written(tmp_path, text)
    assert cli.main(["study", "x.yaml", "--out", "out"]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("etalase: ") and err.count("\n") == 1 and said in err, err
    assert [file.name for file in tmp_path.iterdir()] == ["x.yaml"]


@pytest.mark.parametrize(
    ("text", "said"), [("class Odd(:", "SyntaxError"), ("1 / 0", "ZeroDivisionError: division by")]
)
def test_a_module_that_cannot_be_imported_is_one_line(tmp_path, monkeypatch, capsys, text, said):
    name = f"broken_{said[:4].lower()}"
    (tmp_path / f"{name}.py").write_text(text)
    written(tmp_path, TOP + f"levers: {{a: {{options: {{x: {{}}, y: {{mechanisms: [{name}.Odd]}}}}}}}}")
    assert cli.main(["study", str(tmp_path / "x.yaml"), "--dry-run"]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1 and "cannot be imported" in err and said in err


MISFIT = """
base: village
set: {population.scale: 50}
days: 1
programs: [{kind: training, label: class, capacity: 3, where: {age: {at_least: 0}}}]
uncertainties: {programs.class.skill: {values: [0.1, 0.2]}}
outcomes: [gmv]
"""


def test_a_study_of_which_nothing_can_be_simulated_ends_with_a_line_and_a_code(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    written(tmp_path, MISFIT)
    assert cli.main(["study", "x.yaml", "--dry-run"]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1 and "No point of the study can be simulated" in err and "less than one agent" in err
    assert cli.main(["study", "x.yaml", "--out", "out"]) == 1
    err = capsys.readouterr().err
    assert "etalase: all 2 runs failed: " in err and "less than one agent" in err


def test_python_is_told_the_same(good):
    with pytest.raises(EtalaseError, match="has no option 'perhaps'"):
        {factor.name: factor for factor in good.factors}["boost"].option("perhaps")
