"""The page on what a program would really do says nothing that effects.json does not hold."""

import copy
import html
import importlib
import json
import math
import re
from html.parser import HTMLParser
from urllib.parse import unquote

import pandas as pd
import pytest

from experiments.markup import table
from experiments.whatif import arm, whatif
from experiments.whatif import report_charts as charts
from experiments.whatif.matching import PARTS
from experiments.whatif.phrases import TEXTS, text
from experiments.whatif.report import limits, write_report
from experiments.whatif.report_answer import Effect, answer, gmv
from experiments.whatif.report_gains import CHAIN, product
from experiments.whatif.report_numbers import Number, Place, escape, figure, fixed, fold, span, written
from experiments.whatif.report_tables import SHOWN, check, comparison
from sim.inputs import provinces
from sim.metrics import METRICS
from sim.scenario import load

PEOPLE = {"users": 2000, "creators": 600, "potential_creators": 300, "sellers": 400, "potential_sellers": 100}
SMALL = ("calendar.burn_in=28", "population.scale=10", *(f"population.{who}={n}" for who, n in PEOPLE.items()))
VOUCHERS = """
extends: village
story: Half off for some
sources: ["Nobody, 2024"]
programs:
  - {kind: vouchers, label: half off, discount: 0.5, take_up: 0.5, end: 20, budget: 2_000_000}
"""
COURSE = """
extends: village
programs:
  - {kind: training, start: 14, capacity: 4_000, skill: 1.0, cost_per_head: 100_000, assign_share: 0.6}
  - {kind: matching, start: 14, partner_take_up: 0.8}
"""
VOID = {"meta", "br", "hr", "img", "link"}
UNITS = {"million": 1e6, "billion": 1e9, "trillion": 1e12, "%": 0.01, "points": 0.01}


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """Return what two small arms gave, with assumptions as if they had been asked."""
    folder = tmp_path_factory.mktemp("arms")
    names = []
    for name, words in (("half off 1.5.yaml", VOUCHERS), ("course.yaml", COURSE)):
        (folder / name).write_text(words, encoding="utf-8")
        names.append(str(folder / name))
    base = load("village", SMALL)
    arms = [arm(base, name, start=load("village")) for name in names]
    whole = whatif(base, arms, seeds=2, days=28, ranges=False, apart=True, least=0).to_dict()
    for one in whole["arms"].values():
        one["sigma"] = {"low": one["additionality"], "high": one["additionality"]}
        paths = {"mechanisms.purchase.b_p": {"low": 0.1, "high": 0.3}, "mechanisms.purchase.sigma_n": {"low": 0.12}}
        for row in one["metrics"].values():
            row["assumptions"], row["range"] = paths, [0.1, 0.3]
    return json.loads(json.dumps(whole, allow_nan=False))


@pytest.fixture(scope="module")
def page(found, tmp_path_factory):
    return write_report(found, tmp_path_factory.mktemp("page")).read_text(encoding="utf-8")


class Walk(HTMLParser):
    """Gathers every run of text with the tags it stands in."""

    def __init__(self, page):
        super().__init__()
        self.stack, self.texts, self.tags = [], [], []
        self.feed(page)
        assert not self.stack, "every tag is closed"

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.stack.append((tag, dict(attributes)))

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.stack.pop()[0] == tag

    def handle_data(self, data):
        self.texts.append((data, list(self.stack)))


def resolve(whole, path):
    """Return what stands at a path, read as the page's documentation says."""
    for key in path.split("."):
        whole = whole[int(key)] if isinstance(whole, list) else whole[unquote(key)]
    return whole


def worked_out(whole, attributes):
    """Return the value of a formula, computed apart from the page."""
    values = {f"p{k}": float(resolve(whole, path)) for k, path in enumerate(attributes["data-from"].split())}
    names = {"abs": abs, "sum": lambda *a: math.fsum(a), "min": lambda *a: min(a), "max": lambda *a: max(a),
             "median": lambda *a: sorted(a)[(len(a) - 1) // 2]}  # fmt: skip
    return eval(attributes["data-by"], {"__builtins__": {}}, {**names, **values})


def spelt(name):
    """Return how the constant ``module:name`` may be written."""
    module, _, parts = name.partition(":")
    value = importlib.import_module(module)
    for part in parts.split("."):
        value = value[int(part)] if part.isdigit() else value[part] if isinstance(value, dict) else getattr(value, part)
    return [value] if isinstance(value, str) else [f"{value:g}", f"{100 * value:g} %"]


def read(words):
    """Return the number that a reader sees, and half a unit of its last digit."""
    digits = re.search(r"[0-9][0-9,]*(\.[0-9]+)?", words)
    size = math.prod(scale for unit, scale in UNITS.items() if unit in words)
    sign = -1 if "−" in words else 1
    decimals = len((digits[1] or ".")[1:])
    whole = digits[0].replace(",", "")
    zeros = len(whole) - len(whole.rstrip("0")) if not decimals and float(whole) else 0
    return sign * float(whole) * size, 0.5 * size * 10.0 ** (zeros - decimals)


def test_every_number_is_where_it_says_and_reads_as_it_is(found, page):
    numbers = [(words, stack[-1][1]) for words, stack in Walk(page).texts if stack and "data-value" in stack[-1][1]]
    assert len(numbers) > 400
    for words, attributes in numbers:
        value = float(attributes["data-value"])
        source = resolve(found, attributes["data-path"]) if "data-path" in attributes else worked_out(found, attributes)
        assert math.isclose(float(source), value, rel_tol=1e-9, abs_tol=1e-12), attributes
        shown, half = read(words)
        assert abs(shown - value) <= half * 1.001, (words, value)


def test_words_names_and_constants_come_from_where_they_say(found, page):
    for words, stack in Walk(page).texts:
        attributes = stack[-1][1] if stack else {}
        if "data-path" in attributes and "data-value" not in attributes:
            assert words == str(resolve(found, attributes["data-path"]))
        if "data-key" in attributes:
            resolve(found, attributes["data-key"])
        if "data-constant" in attributes:
            assert words in spelt(attributes["data-constant"])


def test_no_digit_stands_on_the_page_without_a_source(page):
    sources = ("data-path", "data-from", "data-key", "data-constant")
    for words, stack in Walk(page).texts:
        tags = [tag for tag, _ in stack]
        if re.search("[0-9]", words) and not {"svg", "style"} & set(tags):
            sourced = any(name in attributes for tag, attributes in stack if tag != "figure" for name in sources)
            said = words.strip() in {html.unescape(t) for t in TEXTS.values()}
            assert sourced or (said and "td" not in tags), (words, tags)


def test_every_picture_names_what_it_was_drawn_from(found, page):
    drawn = [attributes for tag, attributes in Walk(page).tags if tag == "figure"]
    assert len(drawn) > 10
    for attributes in drawn:
        for path in attributes["data-from"].split():
            resolve(found, path)


def test_a_page_needs_no_network_and_no_names_of_pictures_clash(page):
    assert "<script" not in page and "src=" not in page and "<link" not in page and "@import" not in page
    assert not set(re.findall(r"https?://[^\"' )<]+", page)) - {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }
    names = re.findall(r' id="([^"]+)"', page)
    same = {name for name in names if names.count(name) > 1}
    assert not {name for name in same if not name.startswith("drawn")}
    assert "@media print" in page and "viewport" in page


def test_the_answer_stands_first_and_sections_in_their_order(page):
    first = page.split("<article")[1]
    places = [first.index(f"<h3>{html.escape(TEXTS[key])}</h3>")
              for key in ("metrics", "days", "parts", "cost", "gains", "reach", "tornado", "sources")]  # fmt: skip
    assert places == sorted(places) and first.index("class='answer") < places[0]
    assert html.escape(TEXTS["audit"]) not in first and html.escape(TEXTS["audit"]) in page.split("<article")[2]
    assert page.index(TEXTS["comparison"]) < page.index("<article")


def test_of_one_arm_there_is_nothing_to_compare(found, tmp_path):
    one = {**found, "arms": dict(list(found["arms"].items())[:1])}
    assert TEXTS["comparison"] not in write_report(one, tmp_path).read_text(encoding="utf-8")
    assert [file.name for file in tmp_path.iterdir()] == ["report.html"]


def test_the_same_effects_give_the_same_page(found, page, tmp_path):
    assert write_report(found, tmp_path).read_text(encoding="utf-8") == page


@pytest.mark.parametrize(
    ("value", "error", "shown"),
    [
        (17.89, 1.2, "17.9"), (17.89, 2.6, "17.9"), (17.89, 3.6, "18"), (17.89, 12, "18"), (17.89, 40, "20"),
        (17.89, 400, "0"), (-17.89, 3, "−18"), (0.1789, 0.00001, "0.179"), (1234567, None, "1,230,000"),
        (1234567, 30_000, "1,230,000"), (1234567, 600_000, "1,200,000"), (3, None, "3"), (0, 5, "0"),
        (0.98, 0.096, "0.98"), (0.5, 0.0, "0.500"),
    ],
)  # fmt: skip
def test_digits_below_the_error_are_not_printed(value, error, shown):
    assert figure(value, error) == shown


def test_numbers_are_written_as_people_read_them():
    assert written(0.1789, "percent", 0.012, sign=True) == "+17.9 %"
    assert written(-3_474_000.0, "rupiah", 200_000) == "−Rp 3.47 million"
    assert written(2.5e12, "rupiah") == "Rp 2.50 trillion" and written(0.8523, "rupiah", 0.05) == "Rp 0.85"
    assert written(999_960.0, "count") == "1.00 million" and written(0.012, "points", 0.003) == "1.2 points"
    assert written(7.1, "times", 0.1) == "7.10 ×" and written(1461, "exact") == "1,461"
    assert TEXTS["unknown"] in span(Number(None, ()), "percent")


def test_numbers_remember_how_they_were_made():
    whole = {"a b": {"1.5": 6.0}, "c": [2.0, None]}
    place = Place(whole)
    made = (place / "a b" / "1.5").number / (place / "c" / 0).number * fixed(2.0)
    assert made.value == 6 and worked_out(whole, {"data-from": " ".join(made.paths), "data-by": made.formula}) == 6
    assert made.paths == ("a%20b.1%2E5", "c.0") and unquote(escape("50 %.")) == "50 %."
    assert (made + (place / "c" / 1).number).value is None and (made / fixed(0.0)).value is None
    most = fold("max", [made, (place / "c" / 1).number, (place / "c" / 0).number])
    assert most.value == 6 and most.formula == "max(((p0/p1)*2.0),p2)" and fold("sum", []).value is None


def test_an_arm_of_which_little_was_asked_has_a_page_too(found, tmp_path):
    whole = copy.deepcopy(found)
    name = next(iter(whole["arms"]))
    bare = whole["arms"][name]
    whole["arms"] = {whole["base"]["name"]: bare}
    whole["base"]["scenario"]["classes"] = {"own": "somewhere.Else"}
    whole["call"]["seeds"] = 1
    bare |= {
        "twin": False,
        "programs": {},
        "window": {},
        "sigma": {},
        "gains_seeds": 1,
        "sources": [],
        "assumptions": [],
    }
    for row in bare["metrics"].values():
        row |= {"assumptions": {}, "range": None, "error": None, "relative_error": None, "noise": None}
        row.pop("variance_ratio")
    page = write_report(whole, tmp_path).read_text(encoding="utf-8")
    words = said(page)
    assert TEXTS["not_twin"] in words and TEXTS["tornado.not_asked"] in words and TEXTS["sigma.not_asked"] in words
    assert (
        TEXTS["limit.one_world"] in words
        and "etalase whatif village --set seed=1 --seeds 1 --days 28 --no-ranges" in words
    )
    assert (
        TEXTS["sources.none"] in words and "nan" not in words and "None" not in words.replace(TEXTS["sources.none"], "")
    )


def test_parameters_that_cannot_be_found_again_are_named_by_their_path(found, tmp_path):
    whole = copy.deepcopy(found)
    whole["base"]["scenario"]["classes"] = {"own": "somewhere.Else"}
    whole["call"]["seeds"] = 1
    words = said(write_report(whole, tmp_path).read_text(encoding="utf-8"))
    assert "mechanisms.purchase.b_p" in words and "Utility lost" not in words


def with_gmv(found, **row):
    """Return the first arm with other figures of GMV."""
    whole = copy.deepcopy(found)
    name = next(iter(whole["arms"]))
    whole["arms"][name]["metrics"]["gmv"] |= row
    return whole, Place(whole) / "arms" / name


def said(markup):
    return html.unescape(re.sub("<[^>]*>", "", markup))


def test_an_effect_larger_than_its_error_is_told_with_its_range_and_cost(found):
    told = {"relative": 0.1789, "relative_error": 0.012, "noise": 0.001, "range": [0.10, 0.18]}
    whole, place = with_gmv(found, **told)
    whole["arms"][place.keys[1]]["cost"] |= {"spent": 100.0, "per_additional_gmv": 0.8523}
    words = said(answer(place))
    assert words.startswith(
        "Over 28 days half off 1.5 raises GMV by 17.9 % (simulation error ±1.2 points; 10.0 % to 18.0 %"
    )
    assert "would have been bought anyway" in words and words.endswith("It costs Rp 0.85 per additional rupiah of GMV.")
    _, place = with_gmv(found, **told | {"relative": -0.17, "range": [-0.2, 0.1]})
    assert "lowers GMV by 17.0 %" in said(answer(place)) and "even its sign hangs on them" in said(answer(place))


@pytest.mark.parametrize("row", [{"relative_error": 0.05, "noise": 0.0}, {"relative_error": 0.001, "noise": 0.05}])
def test_an_effect_within_its_error_or_the_noise_floor_is_not_told(found, row):
    whole, place = with_gmv(found, relative=0.0412, effect=1.0, **row)
    assert "can be told from chance" in said(answer(place)) and "4.1" not in said(answer(place))
    assert "raises" not in said(answer(place)) and "additional" not in said(answer(place))
    assert TEXTS["chance"] in said(comparison([place])) and "4.1 %" not in said(comparison([place]))
    assert not gmv(place).told and whole


def test_of_one_world_and_of_no_difference_nothing_is_made(found):
    _, place = with_gmv(found, relative=0.3, relative_error=None, error=None)
    assert "a single world was simulated" in said(answer(place))
    _, place = with_gmv(found, relative=0.0, relative_error=0.0, effect=0.0, error=0.0)
    assert "changes nothing of GMV" in said(answer(place))


def test_a_nudge_that_moves_nothing_is_no_noise_floor_of_zero(found, tmp_path):
    whole, place = with_gmv(found, noise=0.0)
    assert "limit.no_noise" in limits(place)
    assert TEXTS["unmoved"] in said(write_report(whole, tmp_path).read_text(encoding="utf-8"))
    _, place = with_gmv(found, noise=0.01)
    assert "limit.no_noise" not in limits(place)


def test_another_market_is_said_to_be_no_twin(found):
    whole, place = with_gmv(found, relative=0.2, relative_error=0.01, noise=0.0)
    whole["arms"][place.keys[1]]["twin"] = False
    assert said(answer(place)).startswith(TEXTS["not_twin"]) and "raises" not in said(answer(place))
    assert "limit.not_twin" in limits(place) and TEXTS["not_twin.short"] in said(comparison([place]))


@pytest.mark.parametrize(("per", "words"), [(None, "cannot be said"), (-2.0, "cannot be said"), (2.0, "Rp 2.00")])
def test_a_cost_that_cannot_be_said_is_not_said(found, per, words):
    whole, place = with_gmv(found, relative=0.2, relative_error=0.001, noise=0.0)
    whole["arms"][place.keys[1]]["cost"] |= {"spent": 100.0, "per_additional_gmv": per}
    assert words in said(answer(place))


def test_parts_that_do_not_add_up_are_noticed(found):
    whole = copy.deepcopy(found)
    for name in whole["arms"]:
        check(Place(whole) / "arms" / name)
    whole["arms"][name]["additionality"]["gross"]["new"]["gmv"] += 1
    with pytest.raises(AssertionError, match="parts of gross sales"):
        check(Place(whole) / "arms" / name)


def test_a_chain_multiplies_to_its_headline(found):
    course = Place(found) / "arms" / list(found["arms"])[1]
    rows = [row for side in course / "audit" for row in side if all(row.value[name] for name in CHAIN)]
    assert rows
    for row in rows:
        assert math.isclose(product(row).value, row.value["mean_of_ratios"], rel_tol=1e-9)


def test_shares_are_told_in_points_and_from_zero_in_amounts(found):
    row = {
        "base": 0.4,
        "with": 0.5,
        "effect": 0.1,
        "error": 0.02,
        "relative": 0.25,
        "relative_error": 0.05,
        "noise": 0.01,
    }
    effect = Effect(Place({"row": {**row, "range": [0.2, 0.3]}, "scale": 10}) / "row", "percent")
    assert effect.shown == "points" and effect.effect.value == 0.1 and math.isclose(effect.range[1].value, 0.12)
    row |= {"base": 0.0, "relative": None, "relative_error": None, "noise": None, "range": None}
    effect = Effect(Place({"row": row, "scale": 10}) / "row", "rupiah")
    assert effect.shown == "rupiah" and effect.effect.value == 1.0 and effect.told


def test_metrics_of_the_table_are_declared():
    assert {name for name in SHOWN if not name.startswith("treated_")} <= {metric.name for metric in METRICS}
    assert all(f"metric.{name}" in TEXTS for name in SHOWN) and all(f"part.{part}" in TEXTS for part in PARTS)


def test_pictures_show_the_whole_market_and_bars_are_whole(found):
    place = Place(found) / "arms" / next(iter(found["arms"]))
    frame = charts.by_day(place)
    size, _ = charts.size_of([x * 10 for x in found["series"]["gmv"]])
    assert math.isclose(frame[text("world.base")].sum() * size, 10 * sum(found["series"]["gmv"]))
    bars = charts._bars([1, 2, 4, 0, 3])
    assert math.isclose(bars[-1]["end"] - bars[0]["first"], 1.0) and math.isclose(bars[2]["first"], -bars[2]["end"])
    assert charts.size_of([3.0]) == (1.0, "") and charts.size_of([2e9])[1] == "billion"


def test_a_province_with_few_people_is_left_grey():
    found = charts.balance({provinces().names[0]: [0, 10, 0, 30, 0], provinces().names[1]: [1, 0, 0, 0, 0]})
    known = found.dropna(subset="balance")
    assert list(known["province"]) == [provinces().names[0]] and list(known["balance"]) == [0.5]
    assert isinstance(found, pd.DataFrame) and len(found) == len(provinces().names)


def test_cells_of_cards_carry_the_name_of_their_column():
    made = table(["who", "it's <b>here</b>"], [["a", "b"]], cards=True)
    assert "data-label='it&#x27;s here'" in made and "class='cards'" in made
