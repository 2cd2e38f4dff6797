"""Two languages that say the same; numbers as each writes them; sliders from declarations."""

import datetime
import re
from dataclasses import replace

import pytest

from experiments.dashboard.cards import FIGURES, change
from experiments.dashboard.knobs import TEN, groups, slides, step
from experiments.dashboard.setup import Setup, markets, programs_of, worlds
from experiments.dashboard.views import VIEWS
from experiments.dashboard.views.drawing import Show, window
from experiments.dashboard.words import LANGUAGES, texts, words
from experiments.whatif.gains import TIER_NAMES
from sim.scenario import load
from sim.scenario_file import known_files

OWN_ENGLISH = (
    "preset.",
    "reason.",
    "member.",
    "doc.",
    "unit.",
    "story.",
    "assumption.",
)  # whose English is a name that the model has already


def test_both_languages_say_everything():
    english, indonesian = texts("en"), texts("id")
    assert set(english) <= set(indonesian)
    assert all(key.startswith(OWN_ENGLISH) for key in set(indonesian) - set(english))
    blanks = {key: re.findall(r"\{\w+\}", text) for key, text in english.items()}
    assert [key for key in english if sorted(blanks[key]) != sorted(re.findall(r"\{\w+\}", indonesian[key]))] == []


def test_every_preset_is_named_and_has_things_to_notice_and_to_try():
    for name, path in known_files().items():
        assert f"preset.{name}" in texts("id")
        offered = path.parent.name != "programs" or any(name in programs_of(market) for market in markets())
        if offered and name not in ("creator-labs-training", "creator-labs-live", "creator-labs-matching"):
            assert f"notice.{name}.1" in texts("en") and f"try.{name}.1" in texts("en"), name


def test_every_group_of_who_gains_is_named_in_indonesian():
    assert {f"member.{name}" for name in TIER_NAMES} <= set(texts("id"))


def test_every_story_and_assumption_of_a_preset_is_told_in_indonesian_with_the_same_numbers():
    said, keys = texts("id"), set()
    for name in known_files():
        scenario = load(name)
        told = {f"story.{name}": scenario.story.partition("\n")[2]}
        told |= {f"assumption.{name}.{k}": text for k, text in enumerate(scenario.assumptions, 1)}
        for key, english in told.items():
            assert numbers(english) == numbers(said[key]), key
        keys |= set(told)
    assert {key for key in said if key.startswith(("story.", "assumption."))} == keys


def numbers(text):
    """Return the digits of the numbers of a text, without points and commas, which languages set differently."""
    return sorted(re.sub("[.,]", "", number).lstrip("0") for number in re.findall(r"[.,]?\d[\d.,]*", text))


def test_every_mechanism_has_a_name():
    for mechanism in load("village").mechanisms:
        assert f"mechanism.{mechanism.name}" in texts("en")


@pytest.mark.parametrize(
    "value, english, indonesian",
    [
        (0.0, "0", "0"),
        (3.14159, "3.14", "3,14"),
        (1234.0, "1,234", "1.234"),
        (221_994.4, "221,994", "221.994"),
        (4_130_000.0, "4.13 million", "4,13 juta"),
        (2.5e9, "2.50 billion", "2,50 miliar"),
        (7e12, "7 trillion", "7 triliun"),
        (float("nan"), "–", "–"),
    ],
)
def test_numbers_are_written_as_the_language_writes_them(value, english, indonesian):
    assert words("en").number(value) == english
    assert words("id").number(value) == indonesian


def test_changes_have_their_sign_and_a_true_minus():
    assert words("en").change(-0.1234) == "−12.3 %"
    assert words("id").change(0.0567) == "+5,7 %"
    assert words("en").change(0.0) == "0 %"
    assert words("en").date(datetime.date(2024, 8, 17)) == "17 August 2024"
    assert words("id").date(datetime.date(2024, 8, 17)) == "17 Agustus 2024"


@pytest.mark.parametrize("language", LANGUAGES)
def test_sliders_say_what_is_declared(language):
    scenario = worlds(Setup("village", ("voucher-war",))).shown
    declared = {knob.path: knob for knob in scenario.knobs()}
    found = [slider for group in groups(scenario, words(language)) for slider in group["knobs"]]
    assert {slider["path"] for slider in found} >= TEN | {"programs.vouchers.discount", "population.scale"}
    for slider in found:
        knob = declared[slider["path"]]
        assert slider["value"] == knob.value and slider["source"] == knob.declaration.source
        assert (slider["low"] is None or slider["low"] == knob.declaration.low) and slider["grade"]
        if slider["slides"]:
            assert slider["whole"] or 50 <= (slider["high"] - slider["low"]) / slider["step"] <= 200


def test_every_slider_of_every_preset_is_indonesian_on_the_indonesian_page():
    needed = set()
    for market in markets():
        for program in programs_of(market):
            knobs = {knob.path: knob.declaration for knob in worlds(Setup(market, (program,))).shown.knobs()}
            shown = groups(worlds(Setup(market, (program,))).shown, words("en"))
            declared = [knobs[slider["path"]] for group in shown for slider in group["knobs"]]
            needed |= {f"doc.{d.doc}" for d in declared} | {f"unit.{d.unit}" for d in declared}
    same = {"unit.Rp", "unit.ln", "unit.logit", "unit.ln/logit", "unit.logit/ln", "unit.1"}
    assert len(needed) > 150 and needed - same - set(texts("id")) == set()
    assert {key for key in texts("id") if key.startswith(("doc.", "unit."))} - needed == set()


def test_every_number_of_a_mechanism_can_be_turned():
    scenario = load("village")
    found = {slider["path"] for group in groups(scenario, words("en")) for slider in group["knobs"]}
    numbers = {k.path for k in scenario.knobs() if k.path.startswith("mechanisms.") and type(k.value) in (int, float)}
    assert numbers <= found


def test_limits_that_nobody_comes_near_are_typed():
    assert slides(0.5, 0, 1) and slides(60, 0, 365) and not slides(10**17, 0, 10**17) and not slides(1, None, None)
    assert step(0, 1, False) == 0.005 and step(0, 365, True) == 2 and step(0, 3, True) == 1


@pytest.mark.parametrize(
    "metric, base, variant, said",
    [
        ("gmv", 4.0, 5.0, "+25.0 %"),
        ("gmv", 0.0, 5.0, "–"),
        ("platform_revenue_net", 200_000.0, -270_000.0, "−Rp470,000"),
        ("platform_revenue_net", -270_000.0, 200_000.0, "+Rp470,000"),
        ("creators_above_minimum_wage", 0.010, 0.012, "+0.2 points"),
    ],
)
def test_what_differs_is_said_in_the_unit_that_means_something(metric, base, variant, said):
    figure = next(figure for figure in FIGURES if figure.metric == metric)
    assert change(figure, {"base": base, "variant": variant}, words("en")) == said


def test_pictures_reach_a_little_further_than_the_day():
    reached = [window(day, 365) for day in (0, 30, 31, 90, 91, 364, 365, 400)]
    assert reached == [30, 30, 60, 90, 180, 365, 365, 400] and window(0, 14) == 14 and window(0, 0) == 1


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("two", [True, False])
def test_pictures_are_in_the_language_of_the_page(view, two):
    show = Show(words("en"), datetime.date(2024, 1, 1), two, 1.0, 1_000)
    english, indonesian = (str(VIEWS[view].plots(replace(show, words=words(lang)))) for lang in LANGUAGES)
    assert (english == indonesian) == (not VIEWS[view].plots(show))
