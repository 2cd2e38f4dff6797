"""The picture of a run shows what its tables say."""

import numpy as np
import pandas as pd
import pytest

from experiments import picture
from experiments.run import run
from sim.scenario import load


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("picture") / "out"
    run(load("village", ("calendar.burn_in=2", "population.users=300")), 5, out=out, keep=False)
    return out


def test_it_is_drawn(folder, tmp_path):
    picture.draw(folder).save(tmp_path / "picture.svg")
    drawn = (tmp_path / "picture.svg").read_text()
    assert all(words in drawn for words in ("<svg", "village, seed 1", "LIVE", "creators: income"))


def test_the_areas_add_up_to_gmv(folder):
    metrics = pd.read_parquet(folder / "metrics.parquet")
    areas = picture.by_channel(metrics).groupby("date")["gmv"].sum()
    assert np.allclose(areas, metrics["gmv"] / 1e6)


def test_a_lorenz_curve_of_equals_is_the_diagonal():
    curve = picture.lorenz("", np.full(50, 3))
    assert np.allclose(curve["held"], curve["people"])


def test_a_lorenz_curve_of_one_who_has_it_all_is_the_corner():
    curve = picture.lorenz("", np.array([0] * 999 + [7]))
    assert curve["held"].iloc[-2] == 0 and curve["held"].iloc[-1] == 1
    assert picture.lorenz("", np.array([], np.int64))["held"].sum() == 0
