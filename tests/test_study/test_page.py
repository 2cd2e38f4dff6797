"""The page of a study: its numbers are those of the tables, it needs no network, and it is honest about nothing."""

import html
import math
import re
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from experiments.study import (
    Choice,
    Effect,
    Grid,
    Kind,
    LatinHypercube,
    ListOfPoints,
    Measure,
    Morris,
    Number,
    OneAtATime,
    Option,
    Over,
    Results,
    Role,
    Sobol,
    Study,
    page_charts,
    run_study,
)
from experiments.study.designs import DESIGNS
from experiments.study.findings import said
from experiments.study.page import write_indices, write_page
from experiments.study.page_data import Tables, level_texts, option_text, short
from experiments.study.page_pictures import MOST_FACTORS
from experiments.study.page_scatter import MOST_NUMBERS
from experiments.study.phrases import TEXTS, say, text
from experiments.study.sensitivity import COLUMNS, indices
from experiments.study.variance import shares
from sim.scenario import load

GAMMA = Number("mechanisms.discovery.gamma", 0.0, 0.8)
PRICE = Number("mechanisms.purchase.b_p", 3.0, 6.0)
BOOST = Choice("boost", (Option(False), Option(True, programs=("cold-start",))))
DAYS = Measure("gmv", Over.SERIES, title="gmv by day")
HOSTILE = "<script>alert(1)</script> & \"quoted\" 'names'"


USUAL = (Measure("gmv"), Measure("orders"), DAYS)


def study(design, factors=(GAMMA, PRICE, BOOST), outcomes=USUAL, **more):
    return Study("a study", load("village"), tuple(factors), tuple(outcomes), design, **{"days": 4, **more})


@pytest.fixture(scope="module")
def grid(tmp_path_factory):
    asked = study(Grid(levels=2), [GAMMA, PRICE], [Measure("gmv"), Effect("gmv", "cold-start")], replicates=2)
    return run_study(asked, tmp_path_factory.mktemp("studies") / "grid")


@pytest.fixture(scope="module")
def tornado(tmp_path_factory):
    return run_study(study(OneAtATime(levels=3), replicates=2), tmp_path_factory.mktemp("studies") / "tornado")


@pytest.fixture(scope="module")
def morris(tmp_path_factory):
    return run_study(study(Morris(trajectories=3)), tmp_path_factory.mktemp("studies") / "morris")


@pytest.fixture(scope="module")
def sobol(tmp_path_factory):
    asked = study(Sobol(points=4, second_order=True), replicates=2)
    return run_study(asked, tmp_path_factory.mktemp("studies") / "sobol")


@pytest.fixture(scope="module")
def hypercube(tmp_path_factory):
    return run_study(study(LatinHypercube(points=8)), tmp_path_factory.mktemp("studies") / "hypercube")


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    """Points that somebody wrote down; at one of them, every run fails."""
    asked = study(
        ListOfPoints(rows=({GAMMA.path: 0.1}, {GAMMA.path: 0.5, "boost": True}, {}, {GAMMA.path: 0.7})), [GAMMA, BOOST]
    )
    found = run_study(asked, tmp_path_factory.mktemp("studies") / "rows")
    return spoilt(found, [3], "ValueError: <b>broken</b> (step, line 7)")


ALL = ("grid", "tornado", "morris", "sobol", "hypercube", "rows")


def spoilt(results, points, error):
    """Return the results as if the runs of some points had failed."""
    runs = results.runs.copy()
    for name in [outcome.name for outcome in results.study.outcomes]:
        runs[name] = [None if point in points else x for point, x in zip(runs["point"], runs[name], strict=True)]
        if not isinstance(next((x for x in runs[name] if x is not None), None), np.ndarray):
            runs[name] = runs[name].astype(float)
    runs["error"] = pd.Series([error if point in points else None for point in runs["point"]], dtype="object")
    return with_runs(results, runs, results.study)


def with_runs(results, runs, asked):
    found = Results(results.folder, asked, results.record)
    found.__dict__["runs"] = runs
    return found


@pytest.fixture(params=ALL)
def results(request):
    return request.getfixturevalue(request.param)


class Parsed(HTMLParser):
    """What a test asks of a page: numbers with their places, words, and what it would load."""

    def __init__(self, page):
        super().__init__()
        self.numbers, self.tags, self.loads, self._open = [], [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.tags.append(tag)
        self.loads += [found[name] for name in ("src", "href", "xlink:href") if name in found]
        if "data-value" in found:
            self.numbers.append(found)


def written(results, tmp_path):
    return write_page(results, tmp_path).read_text(encoding="utf-8")


def words_of(page):
    return html.unescape(re.sub("<[^>]*>", "", page))


def numbers(page, *needed):
    return [n for n in Parsed(page).numbers if all(f"data-{name}" in n for name in needed)]


def test_outcomes_on_the_page_are_those_of_the_table_of_runs(results, tmp_path):
    found = numbers(written(results, tmp_path), "outcome", "statistic")
    runs = results.runs[~results.runs["point"].isin(results.failed["point"])]
    share = {"q5": 0.05, "median": 0.5, "q95": 0.95}
    of_outcomes = [n for n in found if n["data-statistic"] in ("low", "high", *share)]
    assert len({n["data-outcome"] for n in of_outcomes}) == len([o for o in results.study.outcomes if not o.series])
    for n in of_outcomes:
        points = runs.groupby("point")[n["data-outcome"]].mean()
        expected = {"low": points.min(), "high": points.max()}.get(n["data-statistic"])
        expected = points.quantile(share[n["data-statistic"]]) if expected is None else expected
        assert float(n["data-value"]) == pytest.approx(expected, rel=1e-12)


def test_the_head_says_how_much_was_run(results, tmp_path):
    found = {n["data-statistic"]: float(n["data-value"]) for n in numbers(written(results, tmp_path), "statistic")}
    assert found["runs"] == len(results.runs) and found["points"] == len(results.study.points)
    assert found["seconds"] == pytest.approx(results.runs.drop_duplicates("key")["seconds"].sum())
    assert found.get("failed", 0) == len(results.failed)


@pytest.mark.parametrize("design", ["tornado", "morris", "sobol"])
def test_indices_on_the_page_are_those_of_the_analysis(design, request, tmp_path):
    results = request.getfixturevalue(design)
    table = indices(results)
    known = {(r["outcome"], r["factor"], r["index"]): r["value"] for r in table[table["day"].isna()].to_dict("records")}
    shown = {(n["data-outcome"], n["data-factor"], n["data-index"]): float(n["data-value"])
             for n in numbers(written(results, tmp_path), "index")}  # fmt: skip
    assert shown == {key: value for key, value in known.items() if math.isfinite(value)} and shown


def test_indices_are_a_table_beside_the_page(sobol, grid, tmp_path):
    page = write_page(sobol, tmp_path)
    table = pd.read_parquet(page.with_name("sensitivity.parquet"))
    pd.testing.assert_frame_equal(table, indices(sobol).astype({"day": "Int32"}))
    assert tuple(table.columns) == COLUMNS
    (tmp_path / "other").mkdir()
    assert write_indices(grid, tmp_path / "other") is None and not list((tmp_path / "other").iterdir())


def test_shares_and_sentences_are_those_of_the_analysis(tornado, tmp_path):
    page = written(tornado, tmp_path)
    shown = {(n["data-outcome"], n["data-share"]): float(n["data-value"]) for n in numbers(page, "share")}
    expected = {(s.outcome, part): getattr(s, part) for s in shares(tornado) for part in ("points", "seeds", "noise")}
    assert shown == expected and expected
    assert all(sentence in words_of(page) for sentence in said(tornado))


def test_correlations_are_of_ranks(hypercube, tmp_path):
    found = [n for n in numbers(written(hypercube, tmp_path), "factor") if n["data-statistic"] == "spearman"]
    runs = hypercube.runs
    assert len(found) == 4
    for n in found:
        rho = runs[n["data-factor"]].corr(runs[n["data-outcome"]], method="spearman")
        assert float(n["data-value"]) == pytest.approx(rho)


def test_the_page_loads_nothing(results, tmp_path):
    page = written(results, tmp_path)
    parsed = Parsed(page)
    assert not [url for url in parsed.loads if not url.startswith("#")]
    assert not {"script", "link", "iframe", "img", "object"} & set(parsed.tags)
    assert "@import" not in page
    assert all(target.startswith("#") for target in re.findall(r"url\(['\"]?([^)'\"]*)", page))


def test_every_picture_says_what_it_shows(results, tmp_path):
    page = written(results, tmp_path)
    pictures = re.findall(r"<svg [^>]*>", page)
    assert pictures and all(re.search(r'role="img" aria-label="[^"]{10,}"', picture) for picture in pictures)
    assert page.count("<figure") == page.count("<figcaption")
    for drawn in re.findall(r"<svg .*?</svg>", page, re.DOTALL):
        ElementTree.fromstring(drawn)


def test_a_page_says_nothing_of_the_machine_s_words_for_nothing(results, tmp_path):
    page = words_of(written(results, tmp_path))
    assert not re.search(r"\b(nan|None|NaT|inf|Undefined|NaN)\b", page)


def test_factors_say_what_is_declared_of_them(grid, tmp_path):
    page = words_of(written(grid, tmp_path))
    declared = {knob.path: knob.declaration for knob in grid.study.base.knobs()}
    for factor in grid.study.factors:
        assert factor.name in page and declared[factor.name].doc in page and declared[factor.name].source in page


def test_the_page_says_the_record_and_how_to_verify_it(grid, tmp_path):
    page = words_of(written(grid, tmp_path))
    assert grid.record in page and "etalase verify grid --sample 5%" in page and "etalase study FILE --out grid" in page


def test_failed_runs_are_listed_and_their_points_left_out(rows, tmp_path):
    page = written(rows, tmp_path)
    assert "ValueError: <b>broken</b> (step, line 7)" in words_of(page) and "<b>broken" not in page
    assert say("failed") in page and len(Tables(rows).points) == 3
    assert page.count("data-failed") == 1


def test_hostile_words_stay_words(grid, tmp_path):
    asked = replace(grid.study, name=HOSTILE, story=HOSTILE)
    page = written(Results(grid.folder, asked, grid.record), tmp_path)
    assert "<script" not in page and page.count(html.escape(HOSTILE)) >= 2
    titled = replace(grid.study, outcomes=(Measure("gmv", title=HOSTILE), *grid.study.outcomes[1:]))
    runs = grid.runs.rename(columns={"gmv": HOSTILE})
    page = written(with_runs(grid, runs, titled), tmp_path)
    assert "<script" not in page and HOSTILE in words_of(page)
    assert [n for n in Parsed(page).numbers if n.get("data-outcome") == HOSTILE]


def test_all_runs_failed_leaves_only_why(results, tmp_path):
    broken = spoilt(results, range(len(results.study.points)), "ValueError: nothing works")
    page = words_of(written(broken, tmp_path))
    assert f"All {len(results.runs)} runs failed" in page and "ValueError: nothing works" in page
    assert "<svg" not in written(broken, tmp_path) and not (tmp_path / "sensitivity.parquet").exists()


def test_one_point_is_not_compared_with_anything(rows, tmp_path):
    page = words_of(written(spoilt(rows, [0, 1, 3], "ValueError: no"), tmp_path))
    assert "gmv has a value at one point only" in page and "at the one point that ran" in page


@pytest.mark.parametrize("value, says", [(math.nan, "outcome.none"), (7.5, "outcome.constant")])
def test_an_outcome_without_a_value_or_without_change_is_said_to_be_so(results, value, says, tmp_path):
    runs = results.runs.assign(gmv=value)
    page = words_of(written(with_runs(results, runs, results.study), tmp_path))
    start = TEXTS[says].partition(": {value}")[0].partition(", so")[0].format(name="gmv")
    assert start in page


def test_a_series_without_any_value_is_said_to_be_so(hypercube, tmp_path):
    runs = hypercube.runs.assign(**{DAYS.name: [np.full(4, np.nan)] * len(hypercube.runs)})
    assert "No point has a value of gmv by day" in words_of(
        written(with_runs(hypercube, runs, hypercube.study), tmp_path)
    )


def test_one_seed_is_said_to_tell_nothing_of_chance(hypercube, grid, tmp_path):
    assert text("findings.one_seed") in words_of(written(hypercube, tmp_path))
    assert text("findings.one_seed") not in words_of(written(grid, tmp_path))


def test_a_choice_of_one_option_has_no_picture_by_option(grid, tmp_path):
    single = Choice("rule", (Option("usual"),))
    asked = replace(grid.study, factors=(*grid.study.factors, single))
    page = written(with_runs(grid, grid.runs.assign(rule="usual"), asked), tmp_path)
    assert "class='tiles'" not in page and "rule" in words_of(page)


def test_programs_stand_on_the_axis_of_days(tornado, grid, tmp_path):
    known = [p.title for p in load("cold-start").programs]
    assert [span.program for span in Tables(tornado).programs(DAYS)] == known
    assert [span.program for span in Tables(grid).programs(Effect("gmv", "cold-start"))] == known
    assert Tables(grid).programs(Measure("gmv")) == []  # only the twins of its points have the program
    never = replace(tornado.study, design=ListOfPoints(rows=({"boost": False}, {})))
    assert Tables(Results(tornado.folder, never, "")).programs(DAYS) == []
    page = written(tornado, tmp_path)
    assert text("fan.programs") in words_of(page)


def test_of_many_factors_the_first_are_shown_and_the_others_counted(morris, tmp_path):
    many = [
        Number(knob.path, 0.9 * knob.value, 1.1 * knob.value)
        for knob in morris.study.base.knobs()
        if knob.path.startswith(("mechanisms.purchase.", "mechanisms.live.", "mechanisms.discovery."))
        and type(knob.value) is float
        and knob.declaration.low <= 0.9 * knob.value < 1.1 * knob.value <= knob.declaration.high
    ]
    many = many[: MOST_FACTORS + 2]
    design = Morris(trajectories=2)
    asked = study(design, many, [Measure("gmv")])
    n = len(asked.points)
    rng = np.random.Generator(np.random.Philox(1))
    runs = pd.DataFrame({f.name: [p[f.name] for p in asked.points] for f in many}).assign(
        point=range(n),
        replicate=0,
        seed=1,
        gmv=rng.normal(size=n),
        error=None,
        seconds=0.1,
        key=[str(k) for k in range(n)],
    )
    page = written(with_runs(morris, runs, asked), tmp_path)
    assert "2 more factors, which matter less, are left out" in words_of(page)
    assert len({n["data-factor"] for n in numbers(page, "index")}) == MOST_FACTORS == len(many) - 2
    evenly = replace(asked, design=LatinHypercube(points=n))
    page = written(with_runs(morris, runs, evenly), tmp_path)
    assert f"{MOST_NUMBERS} of {len(many)} numbers" in words_of(page)


def test_many_points_are_drawn_every_so_many(hypercube, tmp_path):
    n = 1_500
    asked = replace(hypercube.study, factors=(GAMMA,), outcomes=(Measure("gmv"),), design=LatinHypercube(points=n))
    x = np.linspace(0, 0.8, n)
    runs = pd.DataFrame(
        {GAMMA.name: x, "point": range(n), "seed": 1, "gmv": x**2, "error": None, "seconds": 0.1, "key": x}
    )
    page = written(with_runs(hypercube, runs, asked), tmp_path)
    assert "750 of 1,500 points are drawn" in words_of(page) and len(page) < 500_000


def levelled(results, asked, values):
    """Return results in which the outcome ``gmv`` of each run is given."""
    points = [asked.points[k // asked.replicates] for k in range(asked.size)]
    runs = pd.DataFrame([{factor.name: point[factor.name] for factor in asked.factors} for point in points])
    known = {"point": np.arange(asked.size) // asked.replicates, "seed": np.arange(asked.size) % asked.replicates}
    runs = runs.assign(**known, gmv=values, error=None, seconds=0.1, key=[str(k) for k in range(asked.size)])
    return with_runs(results, runs, asked)


def test_a_grid_of_one_number_is_a_line_with_the_range_of_the_seeds(grid, tmp_path):
    asked = replace(grid.study, factors=(GAMMA,), outcomes=(Measure("gmv"),), design=Grid(levels=3), replicates=2)
    found = levelled(grid, asked, [1.0, 3.0, 5.0, 9.0, 2.0, 2.0])
    assert "the mean over 2 seeds; the band goes from the lowest seed to the highest" in words_of(
        written(found, tmp_path)
    )
    levels = drawn_by("line", found, tmp_path)[0]
    assert levels["mean"].tolist() == [2.0, 7.0, 2.0] and levels["low"].tolist() == [1.0, 5.0, 2.0]
    assert levels["high"].tolist() == [3.0, 9.0, 2.0]


def test_a_grid_of_three_factors_is_averaged_over_the_third(grid, tmp_path):
    asked = replace(grid.study, factors=(GAMMA, PRICE, BOOST), outcomes=(Measure("gmv"),), design=Grid(levels=2))
    asked = replace(asked, replicates=1)
    found = levelled(grid, asked, np.arange(8.0))
    assert "Averaged over the levels of all others: boost" in words_of(written(found, tmp_path))
    cells = drawn_by("heat", found, tmp_path)[0]
    assert sorted(cells["value"]) == [0.5, 2.5, 4.5, 6.5]
    runs = found.runs.assign(gmv=[np.nan, np.nan, *range(2, 8)])
    assert text("heat.missing") in words_of(written(with_runs(found, runs, asked), tmp_path))


def test_below_and_above_nothing_have_their_own_colours(grid, tmp_path):
    asked = replace(grid.study, outcomes=(Measure("gmv"),), design=Grid(levels=2), replicates=1)
    assert "blue is above 0" in words_of(written(levelled(grid, asked, [-1.0, 0.0, 1.0, 3.0]), tmp_path))
    assert "blue is above 0" not in words_of(written(levelled(grid, asked, [1.0, 2.0, 1.0, 3.0]), tmp_path))


def test_the_fan_has_quantiles_of_the_points_and_the_right_dates(rows, tmp_path):
    days = drawn_by("fan", rows, tmp_path)[0]
    good = [
        x for x, error in zip(rows.runs[DAYS.name], rows.runs["error"], strict=True) if error is None or error != error
    ]
    expected = np.quantile(np.stack(good), [0.05, 0.25, 0.5, 0.75, 0.95], axis=0) / 1e6
    assert pytest.approx(expected) == days[["q5", "q25", "q50", "q75", "q95"]].to_numpy().T
    assert [str(date)[:10] for date in days["date"]] == ["2024-01-01", "2024-01-02", "2024-01-03", "2024-01-04"]


def test_a_tornado_has_every_level(tornado, tmp_path):
    bars, dots = drawn_by("tornado", tornado, tmp_path)
    means = tornado.runs.groupby("point")["gmv"].mean()
    assert sorted(dots["change"] * 1e3) == pytest.approx(sorted(means - means[0]))  # without boosts: the base
    assert (bars["first"] <= 0).all() and (bars["last"] >= 0).all()


def drawn_by(name, results, tmp_path):
    """Return the tables from which the first picture of a kind is drawn."""
    with pytest.MonkeyPatch.context() as patch:
        seen, draw = [], getattr(page_charts, name)
        patch.setattr(page_charts, name, lambda *given: (seen.append(given), draw(*given))[1])
        write_page(results, tmp_path)
    return [part for part in seen[0] if isinstance(part, pd.DataFrame)]


def test_names_are_as_short_as_they_can_be_told_apart():
    assert short(["mechanisms.live.rho", "programs.a.start"]) == {
        "mechanisms.live.rho": "live.rho", "programs.a.start": "a.start"}  # fmt: skip
    assert short(["mechanisms.a.b", "programs.a.b"]) == {n: n for n in ("mechanisms.a.b", "programs.a.b")}
    assert short(["mechanisms.a.b x mechanisms.c.d"]) == {"mechanisms.a.b x mechanisms.c.d": "a.b x c.d"}
    assert level_texts([1000.1, 1000.2]) == {1000.1: "1000.1", 1000.2: "1000.2"}
    assert level_texts([1 / 3, True]) == {1 / 3: "0.3333", True: "on"}
    assert [option_text(x) for x in (None, True, False, 0.25, "word")] == [
        "(base)",
        "on",
        "off",
        "0.25",
        "word",
    ]


@pytest.mark.parametrize(
    "outcome, unit",
    [(Measure("gmv"), "Rp/day"), (Measure("gmv", Over.SUM), "Rp"), (Measure("creator_income_gini"), ""),
     (Effect("gmv", "cold-start"), "%"), (Effect("orders", "cold-start", "cost"), "Rp each")],
)  # fmt: skip
def test_units_are_those_of_what_is_kept(grid, outcome, unit):
    assert Tables(grid).unit(outcome) == unit


def test_roles_and_kinds_have_words(grid):
    for role in Role:
        assert f"role.{role.value}" in TEXTS
    for design in DESIGNS:
        assert f"design.{design.kind}" in TEXTS
    for kind in Kind:
        assert f"kind.{kind.value}" in TEXTS
    for over in Over:
        assert f"over.{over.value}" in TEXTS
