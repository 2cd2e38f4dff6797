"""The pictures of a run show what its tables say, and stand on a page of their own."""

import json

import numpy as np
import pytest

from experiments import charts, cli
from experiments.plot import plot
from experiments.run import read, run
from sim.errors import EtalaseError, ResultsError
from sim.inputs import provinces
from sim.scenario import load


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("plot") / "out"
    run(load("village", ("calendar.burn_in=28", "population.users=300")), 28, out=out, keep=False)
    return out


@pytest.fixture(scope="module")
def done(folder):
    return read(folder)


def test_a_page_holds_all_pictures_and_needs_no_network(folder):
    page = plot(folder).read_text(encoding="utf-8")
    assert page.count("<svg") == len(charts.CHARTS)
    assert all(chart.title in page or chart.title.replace("'", "&#x27;") in page for chart in charts.CHARTS)
    assert read(folder).fingerprint in page
    assert "<script" not in page and "src=" not in page and "<link" not in page


def test_a_page_says_what_was_run(folder, done):
    page = plot(folder).read_text(encoding="utf-8")
    assert "from 2024-01-01 to 2024-01-28, seed 1" in page
    assert "population.users = 300 instead of 1_000" in page and "The last 28 days" in page
    assert done.scenario.assumptions[0][:40] in page


def test_every_picture_is_a_png_too_and_drawing_again_replaces_them(folder):
    plot(folder)
    page = plot(folder)
    files = {file.name for file in page.parent.iterdir()}
    assert files == {"index.html", *(f"{chart.name}.png" for chart in charts.CHARTS)}
    assert all((page.parent / f"{c.name}.png").read_bytes().startswith(b"\x89PNG") for c in charts.CHARTS)
    assert sorted(entry.name for entry in folder.iterdir() if entry.is_dir()) == ["plots"]


def test_a_folder_that_is_somebody_elses_is_left_alone(folder, tmp_path):
    other = tmp_path / "run"
    other.mkdir()
    for file in folder.iterdir():
        if file.is_file():
            (other / file.name).write_bytes(file.read_bytes())
    (other / "plots").mkdir()
    (other / "plots" / "mine.txt").write_text("mine")
    with pytest.raises(ResultsError, match="holds no pictures"):
        plot(other)
    assert (other / "plots" / "mine.txt").read_text() == "mine"


def test_a_run_without_a_day_has_nothing_to_draw(tmp_path):
    run(load("village", ("calendar.burn_in=0", "population.users=30")), 0, out=tmp_path / "out", keep=False)
    with pytest.raises(ResultsError, match="no day"):
        plot(tmp_path / "out")


def test_what_is_no_run_is_refused(tmp_path):
    with pytest.raises(EtalaseError, match="not a results folder"):
        plot(tmp_path)


def test_a_market_without_creators_or_sellers_is_drawn_all_the_same(tmp_path):
    nobody = ("calendar.burn_in=0", "population.users=30", "population.creators=0", "population.potential_creators=0")
    run(load("village", nobody), 2, out=tmp_path / "a", keep=False)
    run(load("village", (*nobody, "population.sellers=0", "population.potential_sellers=0")), 2, out=tmp_path / "b",
        keep=False)  # fmt: skip
    assert plot(tmp_path / "a").is_file() and plot(tmp_path / "b").is_file()


def test_the_areas_add_up_to_gmv(done):
    areas = charts.by_channel(done.metrics).groupby("date")["gmv"].sum()
    assert np.allclose(areas, done.metrics["gmv"] / 1e6)


def test_incomes_above_the_wage_are_as_many_as_the_metric_says(done):
    over = charts.against_wage(done)
    assert len(over) == done.metrics["creators_active"].iloc[-1]
    assert np.isclose((over > 1).mean(), done.metrics["creators_above_minimum_wage"].iloc[-1])
    bars = charts.by_income(done)
    assert bars["creators"].sum() == (over >= charts.LEAST).sum()
    assert bars.loc[bars["wage"] == "above", "creators"].sum() == (over >= 1).sum()


def test_every_province_has_a_tile_of_its_own_and_shares_add_up(done):
    tiles = charts.by_province(done)
    assert sorted(tiles["province"]) == sorted(provinces().names)
    assert not tiles.duplicated(["column", "row"]).any() and not tiles["short"].duplicated().any()
    assert np.isclose(tiles["share"].sum(), 1)


def test_a_lorenz_curve_of_equals_is_the_diagonal():
    curve = charts.lorenz("", np.full(50, 3))
    assert np.allclose(curve["held"], curve["people"])


def test_a_lorenz_curve_of_one_who_has_it_all_is_the_corner():
    curve = charts.lorenz("", np.array([0] * 999 + [7]))
    assert curve["held"].iloc[-2] == 0 and curve["held"].iloc[-1] == 1
    assert charts.lorenz("", np.array([], np.int64))["held"].sum() == 0


@pytest.mark.parametrize(
    "spoil, said",
    [
        (
            lambda folder: (folder / "metrics.parquet").write_bytes(b"x"),
            "metrics.parquet: changed since it was written",
        ),
        (lambda folder: (folder / "users.parquet").unlink(), "users.parquet: missing"),
        (lambda folder: change(folder, files={}), "its manifest does not name metrics.parquet"),
    ],
)
def test_a_damaged_folder_is_not_drawn(tmp_path, capsys, spoil, said):
    small = load("village", ("population.users=100", "calendar.burn_in=0"))
    run(small, 2, out=tmp_path / "run", keep=False)
    spoil(tmp_path / "run")
    assert cli.main(["plot", str(tmp_path / "run")]) == 2
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1


def change(folder, **changes):
    """Change what a manifest says."""
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, **changes}))
