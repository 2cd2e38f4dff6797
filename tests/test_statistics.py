"""Statistics against closed forms and naive formulas."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from experiments.statistics import gini, nbd_k, share_of_top, slope


@given(some.lists(some.integers(0, 10**6), min_size=1, max_size=40).filter(any))
def test_gini_is_half_the_relative_mean_difference(values):
    x = np.array(values, float)
    naive = np.abs(x[:, None] - x[None, :]).mean() / (2 * x.mean())
    assert gini(x) == pytest.approx(naive, abs=1e-12)


def test_of_nothing_there_is_no_concentration():
    for nothing in (np.zeros(0), np.zeros(5)):
        assert math.isnan(gini(nothing)) and math.isnan(share_of_top(nothing, 0.2))


def test_the_top_fifth_of_equals_has_a_fifth():
    assert share_of_top(np.ones(50), 0.2) == pytest.approx(0.2)
    assert share_of_top(np.array([5.0]), 0.01) == 1.0


@pytest.mark.parametrize(("mean", "k"), [(0.7, 0.35), (2.0, 1.5), (0.1, 3.0)])
def test_the_shape_of_a_negative_binomial_is_found(mean, k):
    rng = np.random.default_rng(3)
    drawn = rng.negative_binomial(k, k / (k + mean), 400_000)
    assert nbd_k(drawn) == pytest.approx(k, rel=0.15)


def test_what_is_no_negative_binomial_has_no_shape():
    assert math.isnan(nbd_k(np.ones(10)))
    assert math.isnan(nbd_k(np.zeros(10)))


def test_the_slope_of_a_power_law_is_its_exponent():
    x = np.array([0.0, 1, 2, 5, 80])
    assert slope(x, 3 * x**0.7) == pytest.approx(0.7)
    assert math.isnan(slope(x[:2], x[:2])) and math.isnan(slope(np.ones(5), x))
