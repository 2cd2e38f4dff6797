"""exp, log and cos against 50 digits, and the same bits however they are run."""

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim import mathematics
from sim.mathematics import cos, exp, log, logistic, power, saturate
from tests.plain import compiled_and_plain

MOST_ULP = 2.0
DRAW = np.random.default_rng(20240101)


def either_sign(x):
    return x * DRAW.choice([-1.0, 1.0], x.size)


RANGES = {
    "exp wide": (exp, mpmath.exp, DRAW.uniform(-708.0, 709.0, 4000)),
    "exp narrow": (exp, mpmath.exp, DRAW.uniform(-1.0, 1.0, 4000)),
    "exp near 0": (exp, mpmath.exp, either_sign(np.geomspace(1e-18, 1.0, 2000))),
    "exp where k changes": (exp, mpmath.exp, np.nextafter((np.arange(-1000, 1000) + 0.5) * np.log(2.0), 0.0)),
    "log wide": (log, mpmath.log, np.geomspace(1e-305, 1e305, 4000)),
    "log narrow": (log, mpmath.log, DRAW.uniform(0.5, 2.0, 4000)),
    "log near 1": (log, mpmath.log, 1.0 + either_sign(np.geomspace(1e-15, 0.3, 2000))),
    "log of chances": (log, mpmath.log, 2.0 ** -DRAW.uniform(0.0, 53.0, 2000)),
    "cos of a turn": (cos, mpmath.cos, DRAW.uniform(0.0, 6.2831853, 4000)),
    "cos wide": (cos, mpmath.cos, DRAW.uniform(-10_000.0, 10_000.0, 4000)),
    "cos near 0": (cos, mpmath.cos, either_sign(np.geomspace(1e-12, 1.0, 2000))),
    "cos where it vanishes": (cos, mpmath.cos, (2 * np.arange(-3000, 3000) + 1) * (np.pi / 2)),
}


def ulps(value, truth):
    """Return the distance of ``value`` from ``truth`` in units in the last place of ``truth``."""
    return float(abs(mpmath.mpf(value) - truth) / mpmath.mpf(float(np.spacing(abs(float(truth))))))


@pytest.mark.parametrize("case", RANGES)
def test_functions_are_within_two_units_in_the_last_place(case):
    ours, true, arguments = RANGES[case]
    with mpmath.workdps(50):
        worst = max(ulps(ours(x), true(mpmath.mpf(x))) for x in arguments.tolist())
    assert worst <= MOST_ULP


def test_the_values_that_must_be_exact_are_exact():
    assert exp(0.0) == 1.0
    assert exp(-0.0) == 1.0
    assert log(1.0) == 0.0
    assert cos(0.0) == 1.0
    assert logistic(0.0) == 0.5
    assert saturate(0.0, 3.0) == 0.0


def test_exp_runs_over_to_infinity_and_under_to_zero():
    assert exp(709.0) < np.inf == exp(709.1) == exp(np.inf)
    assert exp(-708.0) > 0.0 == exp(-708.1) == exp(-np.inf)


def test_log_of_nothing_is_minus_infinity():
    assert log(0.0) == log(-0.0) == log(-1.0) == -np.inf


def test_log_of_infinity_is_infinity():
    assert log(np.inf) == np.inf


@pytest.mark.parametrize("function", [exp, log, cos], ids=["exp", "log", "cos"])
def test_a_missing_number_stays_missing(function):
    assert np.isnan(function(np.nan))


def test_log_reaches_the_smallest_normal_number():
    assert log(2.0**-1022) == pytest.approx(-1022.0 * np.log(2.0), rel=1e-15)


@given(st.floats(-700.0, 700.0), st.floats(1e-9, 5.0))
def test_exp_rises(x, step):
    assert exp(x) < exp(x + step) or x + step == x


@given(st.floats(1e-300, 1e300), st.floats(1e-9, 5.0))
def test_log_rises(x, step):
    assert log(x) < log(x * (1.0 + step))


@given(st.floats(-500.0, 700.0))
def test_log_undoes_exp(x):
    assert log(exp(x)) == pytest.approx(x, rel=1e-15, abs=1e-15)


@given(st.floats(-10_000.0, 10_000.0))
def test_cos_is_even_and_never_above_one(x):
    assert cos(x) == cos(-x)
    assert abs(cos(x)) <= 1.0


@given(st.floats(-700.0, 700.0))
def test_logistic_is_a_chance_and_its_mirror_image_the_rest(x):
    assert 0.0 <= logistic(x) <= 1.0
    assert logistic(x) + logistic(-x) == pytest.approx(1.0, abs=3e-16)


def test_logistic_has_the_known_values():
    assert logistic(2.0) == pytest.approx(0.8807970779778823, rel=1e-15)
    assert logistic(-800.0) == 0.0
    assert logistic(800.0) == 1.0


def test_power_has_the_known_values():
    assert power(2.0, 0.5) == pytest.approx(2.0**0.5, rel=1e-15)
    assert power(10.0, -3.0) == pytest.approx(1e-3, rel=1e-14)
    assert power(0.0, 0.6) == 0.0
    assert power(0.0, 0.0) == power(7.0, 0.0) == 1.0


@given(st.floats(0.0, 1e12), st.floats(1e-3, 1e6))
def test_saturation_is_below_its_argument_and_its_ceiling(x, ceiling):
    y = saturate(x, ceiling)
    assert 0.0 <= y <= x
    assert y <= ceiling * (1.0 + 1e-15)


def test_saturation_reaches_half_its_ceiling_at_its_ceiling():
    assert saturate(5.0, 5.0) == 2.5


def test_numba_gives_the_same_bits_as_plain_python():
    compiled, plain = compiled_and_plain(
        """
from sim.mathematics import cos, exp, log, logistic, power, saturate
grid = [i * 0.37 - 700.0 for i in range(3780)]
answer = [[f(x).hex() for x in grid] for f in (exp, cos, logistic)]
answer += [[float(log(exp(x))).hex() for x in grid if x > -690.0]]
answer += [[float(power(abs(x), 0.6)).hex() for x in grid], [float(saturate(abs(x), 9.0)).hex() for x in grid]]
"""
    )
    assert compiled == plain


def test_every_function_agrees_with_its_own_source():
    names = [n for n in vars(mathematics) if hasattr(getattr(mathematics, n), "py_func")]
    assert {"exp", "log", "cos", "logistic", "power", "saturate"} <= set(names)
    for name in names:
        kernel = getattr(mathematics, name)
        second = (0.7,) if kernel.py_func.__code__.co_argcount == 2 else ()
        for x in (1e-9, 0.3, 0.75, 1.4, 17.0, 700.0):
            assert float(kernel(x, *second)).hex() == float(kernel.py_func(x, *second)).hex(), name
