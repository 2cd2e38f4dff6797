"""Who gains, headline against truth, intervals: each against known answers."""

import numpy as np
import pytest
import scipy.stats

from experiments.whatif.assumptions import variants
from experiments.whatif.audit import Panel, audit
from experiments.whatif.gains import band, mobility
from experiments.whatif.intervals import interval, seeds_needed, variance_ratio
from sim.scenario import load
from sim.tables import NEVER


def test_bands_are_lost_and_gained_by_share():
    theirs = np.array([100, 100, 100, 100, 100, 100, 100, 0, 0])
    mine = np.array([94, 95, 99, 100, 101, 105, 106, 0, 1])
    assert band(mine, theirs).tolist() == [0, 1, 1, 2, 3, 3, 4, 2, 4]


def test_mobility_is_a_diagonal_where_nobody_moves_and_leaves_out_who_has_nothing():
    income = np.array([0, 0, *range(1, 11)])
    assert mobility(income, income) == (2 * np.eye(5, dtype=int)).tolist()
    assert mobility(income, np.where(income > 0, 11 - income, 0)) == (2 * np.eye(5, dtype=int)[::-1]).tolist()


# the audit: a panel in which every factor is known


def planted(takers=40, others=400, days=120, day=60, season=1.5, growth=2.0, effect=1.3):
    """Return sales in which takers were going to grow anyway, and take part on one day."""
    n = takers + others
    without = np.full((n, days), 1_000, np.int64)
    without[:, day:] = round(1_000 * season)
    without[:takers, day:] = round(1_000 * season * growth)
    with_it = without.copy()
    with_it[:takers, day:] = np.round(without[:takers, day:] * effect)
    taken = np.full(n, NEVER, np.int64)
    taken[:takers] = day
    return Panel(with_it, without, taken, np.zeros(n, np.int64))


def test_the_chain_finds_season_selection_and_effect():
    for row in audit(planted()):
        assert row["season"] == pytest.approx(1.5)
        assert row["selection"] == pytest.approx(2.0)
        assert row["causal"] == pytest.approx(1.3)
        assert row["estimator"] == pytest.approx(1.0)
        assert row["difference_in_differences"] == pytest.approx(2.6)  # controls do not know who was going to grow
        assert row["spillover"] == 1.0


@pytest.mark.parametrize("seed", range(3))
def test_the_chain_multiplies_to_the_headline_for_every_window(seed):
    rng = np.random.default_rng(seed)
    without = rng.poisson(0.4, (300, 130)) * 1_000
    with_it = without + rng.poisson(0.2, without.shape) * 1_000
    taken = np.where(np.arange(300) < 60, rng.integers(40, 80, 300), NEVER)
    rows = audit(Panel(with_it, without, taken, rng.integers(0, 3, 300)))
    assert len(rows) > 5
    for row in rows:
        product = row["estimator"] * row["season"] * row["selection"] * row["causal"]
        assert product == pytest.approx(row["mean_of_ratios"], rel=1e-9)


def test_tiny_baselines_are_the_estimator_s_part():
    found = planted(growth=1.0, season=1.0, effect=1.0)
    found.with_it[:20, :60] = 10  # half of the takers sold next to nothing before
    found.without[:20, :60] = 10
    row = audit(found)[0]
    assert row["mean_of_ratios"] == pytest.approx((100 + 1) / 2)
    assert row["ratio_of_sums"] == pytest.approx(2 / 1.01, rel=1e-6)
    assert row["causal"] == 1.0


def test_windows_that_do_not_fit_are_left_out():
    assert audit(planted(days=30, day=5)) == []


# intervals


def test_an_interval_is_student_s():
    found = interval([1.0, 2.0, 3.0, 4.0])
    assert (found.mean, found.half) == pytest.approx((2.5, 3.182446 * np.std([1, 2, 3, 4], ddof=1) / 2))
    assert np.isnan(interval([1.0]).half)


def test_seeds_needed_make_the_interval_as_narrow_as_asked():
    first = [1.0, 2.0, 3.0, 4.0, 5.0]
    n = seeds_needed(first, 0.5, 5)
    assert n == np.ceil((2.776445 / 0.5) ** 2 * 2.5) and seeds_needed(first, 1e9, 5) == 5
    assert interval([*first, *[3.0] * (n - 5)], first=5).half == pytest.approx(0.5, rel=0.02)


def test_a_skewed_interval_reaches_further_to_the_side_of_the_long_tail():
    values = [0.0] * 15 + [1.0, 2.0, 3.0, 10.0, 20.0]
    found, plain = interval(values, first=20), interval(values)
    assert found.high > plain.high and found.low > plain.low
    assert interval([1.0, 1.0, 1.0], first=3).half == 0


def covered(draw, truth, experiments, first=20, share=0.4, seed=1):
    """Return in how many of some experiments that stop when they are sure enough the truth is in the interval."""
    rng, hits = np.random.default_rng(seed), 0
    for _ in range(experiments):
        effects = draw(rng, first)
        while (n := seeds_needed(effects, share, first)) > len(effects):
            effects = [*effects, *draw(rng, n - len(effects))]
        found = interval(effects, first=first)
        hits += found.low <= truth <= found.high
    return hits


SHAPES = {
    "normal": (lambda rng, n: rng.normal(3, 1, n), 3.0),
    "skewed, like sums of sales": (lambda rng, n: rng.gamma(4, 0.5, n), 2.0),  # skewness 1
    "heavily skewed": (lambda rng, n: rng.exponential(1, n), 1.0),  # skewness 2
}


@pytest.mark.parametrize("draw, truth", SHAPES.values(), ids=SHAPES)
def test_the_interval_holds_its_level_though_seeds_are_added_until_it_is_narrow(draw, truth):
    hits = covered(draw, truth, 2_000)
    assert scipy.stats.binomtest(hits, 2_000, 0.95).pvalue > 0.01, hits


def test_the_variance_ratio_is_that_of_differences():
    assert variance_ratio([0, 10], [0, 1]) == 100


def test_the_low_end_of_an_assumption_is_the_lower_number():
    ends = {}
    for path, end, scenario in variants(load("village")):
        ends.setdefault(path, {})[end] = next(knob.value for knob in scenario.knobs() if knob.path == path)
    assert len(ends) == 10
    assert all(end["low"] < end["high"] for end in ends.values()), ends
    assert ends["mechanisms.live.l0"] == {"low": pytest.approx(-2.16), "high": pytest.approx(-1.44)}
