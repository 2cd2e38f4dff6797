"""Scenarios: from YAML, to JSON and back, changed by path; whatever is wrong is said with its place."""

import datetime
import json
import math
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from sim.errors import EtalaseError, ParameterError, ScenarioError
from sim.mechanism import Mechanism, Phase, Program, insert_after
from sim.mechanisms import DAY
from sim.params import param
from sim.scenario import Scenario, load, presets

PRESETS = [name for name, _, _ in presets()]


class Rain(Mechanism):
    """An example of a mechanism that somebody brings along."""

    phase = Phase.AFTER
    chance: float = param(0.3, "Chance of rain", low=0, high=1)


class Parade(Program):
    """An example of a program."""

    start: datetime.date = param(datetime.date(2024, 8, 17), "First day", unit="date")
    budget: int = param(1_000_000, "Money", unit="Rp", low=0, high=10**12)
    share: float = param(0.1, "Share", low=0, high=1)
    open: bool = param(True, "Is open to all")
    cities: tuple[str, ...] = param(("Bandung",), "Where")


def write(folder, text, name="x.yaml"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def refused(path, *overrides, **extra):
    """Return the one line with which a scenario is refused."""
    with pytest.raises((ScenarioError, ParameterError)) as refusal:
        load(path, overrides, **extra)
    said = str(refusal.value)
    assert "\n" not in said
    return said


def again(scenario, **extra):
    return Scenario.from_dict(json.loads(json.dumps(scenario.to_dict(), allow_nan=False)), **extra)


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_tells_its_story_sources_and_assumptions(name):
    preset = load(name)
    assert preset.name == name
    assert preset.story and preset.sources and preset.assumptions


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_comes_back_from_json_as_it_was(name):
    assert again(load(name)) == load(name)


def test_the_baseline_is_indonesia_at_one_to_a_thousand():
    base = load("indonesia-2024")
    assert base.population.count(base.population.users) == 125_000
    assert (base.calendar.start, base.calendar.burn_in, base.days) == (datetime.date(2024, 1, 1), 84, 365)


def test_the_village_is_small():
    village = load("village").population
    assert village.count(village.users) == 1000
    assert len(village.market().names) == 3


def numbers_within(knob):
    low, high = knob.declaration.low, knob.declaration.high
    if isinstance(knob.value, int):
        return some.integers(int(low), int(high))
    return some.floats(low if math.isfinite(low) else -1e9, high if math.isfinite(high) else 1e9)


KNOBS = [k for k in Scenario().knobs() if isinstance(k.value, int | float) and not isinstance(k.value, bool)]
CHANGES = some.lists(some.sampled_from(KNOBS), max_size=6, unique_by=lambda k: k.path).flatmap(
    lambda turned: some.fixed_dictionaries({k.path: numbers_within(k) for k in turned})
)


@given(CHANGES, some.text(max_size=20), some.dates(datetime.date(1900, 1, 1), datetime.date(2199, 12, 31)))
def test_every_scenario_comes_back_from_json_as_it_was(changes, story, start):
    scenario = Scenario(story=story.encode("utf-8", "ignore").decode()).with_values(changes)
    scenario = scenario.with_value("calendar.start", start)
    back = again(scenario)
    assert back == scenario
    assert back.fingerprint() == scenario.fingerprint()
    assert {k.path: k.value for k in back.knobs()} == {k.path: k.value for k in scenario.knobs()}


@given(some.sampled_from(KNOBS), some.data())
def test_a_knob_turns_where_its_path_says_and_nowhere_else(knob, data):
    value = data.draw(numbers_within(knob))
    before = {k.path: k.value for k in Scenario().knobs()}
    after = {k.path: k.value for k in Scenario().with_value(knob.path, value).knobs()}
    assert after == {**before, knob.path: value}


def test_paths_of_parameters_are_unique():
    paths = [k.path for k in Scenario().knobs()]
    assert len(set(paths)) == len(paths)
    assert {"seed", "days", "calendar.start", "population.scale", "mechanisms.discovery.phi"} <= set(paths)


def test_dumping_the_model_spells_out_everything_too():
    assert Scenario().model_dump() == Scenario().to_dict()


def test_the_fingerprint_does_not_hang_on_words_or_on_how_long_one_looks():
    base = Scenario()
    assert base.but(name="b", story="s", sources=("x",), assumptions=("y",), days=3).fingerprint() == base.fingerprint()


@pytest.mark.parametrize("path, value", [("seed", 2), ("population.scale", 999), ("mechanisms.search.need", 0.08)])
def test_the_fingerprint_hangs_on_all_that_is_simulated(path, value):
    assert Scenario().with_value(path, value).fingerprint() != Scenario().fingerprint()


def test_numbers_of_numpy_are_numbers():
    changed = Scenario().with_values({"days": np.int64(3), "mechanisms.discovery.phi": np.float32(0.5)})
    assert (changed.days, changed.to_dict()["mechanisms"]["discovery"]["phi"]) == (3, 0.5)


def test_a_whole_number_may_be_written_with_an_exponent():
    assert Scenario().with_value("population.users", 1e6).population.users == 1_000_000


def test_a_variant_out_of_range_is_refused_in_one_line():
    with pytest.raises(ParameterError, match=r"Scenario.days = -1 is outside") as refusal:
        Scenario().but(days=-1)
    assert "\n" not in str(refusal.value)


def test_a_mechanism_of_ones_own_is_a_knob_like_any_other():
    plan = insert_after(DAY, "terms", Rain())
    wet = Scenario(mechanisms=plan).with_value("mechanisms.rain.chance", 0.9)
    assert {k.path: k.value for k in wet.knobs()}["mechanisms.rain.chance"] == 0.9
    assert wet.fingerprint() != Scenario().fingerprint()
    assert again(wet, plan=plan) == wet


def test_a_scenario_with_classes_of_its_own_is_not_rebuilt_as_something_else():
    wet = Scenario(mechanisms=insert_after(DAY, "terms", Rain()))
    with pytest.raises(ScenarioError, match="same plan"):
        again(wet)


def test_a_day_without_a_mechanism_is_not_the_same_day():
    short = Scenario(mechanisms=type(DAY)(DAY.before, DAY.users[:-1], DAY.after, DAY.evening))
    assert short.fingerprint() != Scenario().fingerprint()
    with pytest.raises(ScenarioError, match="same plan"):
        again(short)


PARADE = """
extends: village
programs:
  - kind: parade
    share: 0.25
  - {kind: parade, budget: 5_000}
"""


def test_programs_are_named_by_kind_and_changed_by_number(tmp_path):
    path = write(tmp_path, PARADE)
    fair = load(path, ["programs.1.share=0.5", "programs.0.start=2024-10-10"], programs=(Parade,))
    assert [p.share for p in fair.programs] == [0.25, 0.5]
    assert (fair.programs[0].start, fair.programs[1].budget) == (datetime.date(2024, 10, 10), 5000)
    assert "programs.1.share" in [k.path for k in fair.knobs()]
    assert again(fair, programs=(Parade,)) == fair
    assert fair.with_value("programs.0.cities", ["Solo"]).programs[0].cities == ("Solo",)


def test_a_single_program_is_changed_by_its_kind(tmp_path):
    path = write(tmp_path, "extends: village\nprograms: [{kind: parade}]")
    assert load(path, ["programs.parade.open=false"], programs=(Parade,)).programs[0].open is False


@pytest.mark.parametrize(
    "override, said",
    [
        ("programs.parade.share=1", "more than one program"),
        ("programs.7.share=1", "leads nowhere"),
        ("programs.parde.share=1", "Did you mean 'parade'?"),
        ("programs.1.share=7", "programs.parade.share = 7 is outside [0, 1]"),
        ("programs.1.shore=7", "Did you mean 'share'?"),
        ("programs.0.open=1", "is not true or false (Is open to all)"),
    ],
)
def test_a_wrong_path_into_programs_is_refused(tmp_path, override, said):
    assert said in refused(write(tmp_path, PARADE), override, programs=(Parade,))


def test_a_file_says_only_what_is_different(tmp_path):
    write(tmp_path, "extends: village\nseed: 5\npopulation: {users: 500}\n", "a.yaml")
    child = load(write(tmp_path, "extends: a.yaml\npopulation:\n  creators: 6\nmechanisms:\n", "b.yaml"))
    assert (child.name, child.seed) == ("b", 5)
    assert (child.population.users, child.population.creators, child.population.sellers) == (500, 6, 40)
    assert child.mechanisms == load("indonesia-2024").mechanisms


def test_lists_are_replaced_not_merged(tmp_path):
    child = load(write(tmp_path, "extends: village\npopulation: {categories: [Beauty]}\n"))
    assert child.population.categories == ("Beauty",)


def test_an_override_comes_after_the_file(tmp_path):
    assert load(write(tmp_path, "seed: 5"), ["seed=6"]).seed == 6


def test_equal_scenarios_have_equal_fingerprints_however_they_were_written(tmp_path):
    path = write(tmp_path, "extends: village\nmechanisms: {discovery: {phi: 0.1}}\n")
    assert load(path).fingerprint() == load("village").fingerprint()


def test_a_range_is_refused_with_place_meaning_and_advice(tmp_path):
    path = write(tmp_path, "# a comment\nmechanisms:\n  discovery:\n    kappa: 1\n    epsilon: 9\n")
    said = refused(path)
    assert said.startswith("mechanisms.discovery.epsilon = 9 is outside [0, 1] (Share of slots that explore), in ")
    assert said.endswith("x.yaml line 5. Choose a value in that range.")


def test_the_place_is_the_file_in_which_the_mistake_stands(tmp_path):
    write(tmp_path, "seed: -1\n", "parent.yaml")
    said = refused(write(tmp_path, "extends: parent.yaml\ndays: 3\n", "child.yaml"))
    assert "parent.yaml line 1" in said


def test_the_place_of_an_override_is_the_override():
    said = refused("village", "mechanisms.discovery.phi=9")
    assert ", in --set mechanisms.discovery.phi." in said


#: What stands in a file, and a part of what is said about it.
WRONG_FILES = {
    "an unknown section": ("popluation: {}", "line 1. Did you mean 'population'?"),
    "an unknown parameter": ("population:\n  userz: 3", "line 2. Did you mean 'users'?"),
    "an unknown mechanism": ("mechanisms:\n  discovry: {}", "line 2. Did you mean 'discovery'?"),
    "an unknown program": ("programs:\n  - kind: x", "There is no program 'x', in "),
    "a program without a kind": ("programs: [{share: 1}]", "A program has no kind"),
    "a program that is a word": ("programs: [vouchers]", "is not a mapping"),
    "programs that are no list": ("programs: {kind: x}", "is not a list"),
    "a section that is a number": ("population: 3", "population = 3 is not a mapping"),
    "a mechanism that is a list": ("mechanisms: {discovery: [1]}", "mechanisms.discovery = [1] is not a mapping"),
    "a whole number that is true": ("days: true", "days = true is not a whole number"),
    "a whole number in quotes": ("days: '3'", "days = '3' is not a whole number"),
    "a whole number with a half": ("days: 2.5", "days = 2.5 is not a whole number"),
    "a number that is text": ("population: {scale: big}", "'big' is not a finite number"),
    "a number that is nothing": ("population: {scale: }", "nothing is not a finite number"),
    "no number at all": ("population: {scale: .nan}", "nan is not a finite number"),
    "infinity": ("population: {scale: .inf}", "inf is not a finite number"),
    "a number beyond floats": ("population: {scale: 1e999}", "inf is not a finite number"),
    "a text that is a number": ("story: 3", "story = 3 is not text"),
    "a list that is a text": ("sources: one", "sources = 'one' is not a list of texts"),
    "a list of numbers": ("sources: [1]", "is not a list of texts"),
    "a date that never was": ("calendar: {start: 2024-02-30}", "is not a date like"),
    "a date as a number": ("calendar: {start: 20240101}", "is not a date like"),
    "a date beyond the calendar": ("calendar: {start: 9999-12-31}", "is outside the years"),
    "an unknown category": ("population: {categories: [Beuty]}", "Did you mean 'Beauty'?"),
    "a key written twice": ("seed: 1\ndays: 2\nseed: 3", "'seed' is written twice, in "),
    "a tag": ("story: !!python/object/apply:os.system [ls]", "has a tag"),
    "an anchor": ("story: &a x", "has an anchor or alias"),
    "an alias": ("story: *a", "has an anchor or alias"),
    "a merge key": ("population: {<<: {users: 3}}", "merge key"),
    "a key that is a number": ("1: 2", "has 1 as a key"),
    "a key that is a list": ("[a]: 2", "has a list or mapping as a key"),
    "two documents": ("seed: 1\n---\nseed: 2", "second document"),
    "brackets without an end": ("sources: [a, b", "is not YAML"),
    "a tab": ("population:\n\tusers: 3", "line 2 is not YAML"),
    "a list at the top": ("- seed", "is not a mapping of sections"),
    "a word at the top": ("seed", "is not a mapping of sections"),
    "nothing": ("", "is empty"),
    "a comment alone": ("# nothing yet\n", "is empty"),
    "thousands of digits": ("seed: " + "9" * 5000, "too long"),
    "deep brackets": ("sources: " + "[" * 100_000, "nest"),  # said by us, or by a YAML that has a limit of its own
    "more than a megabyte": ("# " + "x" * 1_000_000, "larger than 1 MB"),
    "a control character": ("story: \x07", "is not YAML"),
    "itself": ("extends: x.yaml", "leads in a circle"),
    "a parent that is not there": ("extends: parent.yaml", "There is no preset and no file 'parent.yaml', in "),
    "a parent that is a list": ("extends: [village]", "is not a name"),
    "a parent that is a folder": ("extends: .", "is a folder"),
}


@pytest.mark.parametrize("kind", WRONG_FILES)
def test_a_file_is_refused_that_has(tmp_path, kind):
    text, said = WRONG_FILES[kind]
    assert said in refused(write(tmp_path, text))


def test_a_circle_of_files_is_refused(tmp_path):
    for name, parent in (("a", "b"), ("b", "c"), ("c", "a")):
        write(tmp_path, f"extends: {parent}.yaml", f"{name}.yaml")
    assert "leads in a circle" in refused(tmp_path / "a.yaml")


def test_a_thousand_million_laughs_are_refused_at_once(tmp_path):
    laughs = "a: &a [ha, ha]\n" + "".join(
        f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    started = time.perf_counter()
    assert "anchor or alias" in refused(write(tmp_path, laughs))
    assert time.perf_counter() - started < 10


@pytest.mark.parametrize("data", [b"\xff\xfe\x00s", b"seed: \x80", bytes(range(256))])
def test_a_file_that_is_not_utf_8_is_refused(tmp_path, data):
    (tmp_path / "x.yaml").write_bytes(data)
    assert "UTF-8" in refused(tmp_path / "x.yaml")


def test_a_byte_order_mark_does_no_harm(tmp_path):
    (tmp_path / "x.yaml").write_bytes(b"\xef\xbb\xbfseed: 4")
    assert load(tmp_path / "x.yaml").seed == 4


@pytest.mark.parametrize("name", ["", "nowhere", "no/where.yaml", "x" * 5000, "a\0b", "a\nb"])
def test_a_file_that_is_not_there_is_refused(name):
    assert "There is no preset and no file" in refused(name)


def test_a_misspelt_preset_is_recognised():
    assert "Did you mean 'indonesia-2024'?" in refused("indonesia2024")


def test_a_folder_is_no_scenario(tmp_path):
    assert "is a folder" in refused(tmp_path)


@pytest.mark.parametrize(
    "override, said",
    [
        ("seed", "is not of the form path=value"),
        ("=3", "is not of the form path=value"),
        ("seed.x=3", "leads nowhere"),
        ("a.b.c=3", "has no section 'a'"),
        ("mechanisms.discovery.phy=3", "Did you mean 'phi'?"),
        ("seed=[", "--set seed is not YAML"),
        ("seed=*a", "anchor or alias"),
        ("programs.vouchers.share=3", "leads nowhere"),
        ("name=\udcff", "not text in UTF-8"),
    ],
)
def test_an_override_is_refused_that_leads_nowhere(override, said):
    assert said in refused("village", override)


@pytest.mark.parametrize("whole", [3, [1], {"seed": "1"}, {"sede": 1}, {"mechanisms": {"x": {}}}])
def test_json_that_is_no_scenario_is_refused(whole):
    with pytest.raises(EtalaseError):
        Scenario.from_dict(whole)


@given(some.text(max_size=80))
def test_any_text_is_a_scenario_or_is_refused_in_one_line(tmp_path_factory, text):
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(text.encode("utf-8", "ignore"))
    try:
        assert isinstance(load(path), Scenario)
    except EtalaseError as refusal:
        assert "\n" not in str(refusal)
