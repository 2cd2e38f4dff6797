"""The figures that sum a run up, worked out by hand."""

import math

import numpy as np
import pandas as pd
import pytest

from experiments.summary import summary

DAYS, USERS = 40, 100
LATE = np.arange(DAYS) >= DAYS - 28
#: The last four weeks; every day before them has a 1 throughout, so that a wrong window is found out.
EACH_DAY = {
    "gmv": 70_000, "gmv_video": 40_000, "gmv_live": 20_000, "gmv_search": 10_000, "orders": 7, "buyers_month": 25,
    "gmv_net": 52_500, "clicks": 30, "impressions": 600, "live_stays": 9, "live_visits": 12, "creators_active": 50,
    "creators_above_minimum_wage": 0.125, "creator_income_gini": 0.5, "sellers_active": 40, "seller_gini": 0.75,
    "platform_revenue_net": 3_500,
}  # fmt: skip
EXPECTED = {
    "users": 100,
    # a month has 30 days
    "GMV": 70_000 * 30 / USERS, "  video": 12_000, "  LIVE": 6_000, "  shelf": 3_000,
    "orders": 7 * 30 / USERS, "order value": 10_000, "monthly buyers": 0.25, "returns": 0.25, "clicks": 0.05,
    "LIVE visits that stay": 0.75, "creators in business": 50, "  of them above the minimum wage": 0.125,
    "  Gini of their income": 0.5, "sellers in business": 40, "  Gini of their sales": 0.75, "platform revenue": 3_500,
}  # fmt: skip


@pytest.fixture
def metrics():
    return pd.DataFrame({name: np.where(LATE, value, 1.0) for name, value in EACH_DAY.items()})


def values(lines):
    return {line.label: line.value for line in lines}


def test_figures_are_of_the_last_four_weeks(metrics):
    assert values(summary(metrics, USERS)) == pytest.approx(EXPECTED)


def test_every_figure_has_its_unit_and_says_over_how_long(metrics):
    lines = {line.label: line for line in summary(metrics, USERS)}
    assert {name: lines[name].unit for name in ("GMV", "orders", "order value", "platform revenue")} == {
        "GMV": "Rp/user-month", "orders": "1/user-month", "order value": "Rp", "platform revenue": "Rp/day",
    }  # fmt: skip
    assert lines["GMV"].note == lines["clicks"].note == "mean of the last 28 days"


def test_amounts_are_summed_and_divided_and_states_are_those_of_the_last_day(metrics):
    # a day of many orders weighs more than one of few
    metrics.loc[DAYS - 1, ["orders", "gmv", "clicks", "impressions"]] = [91, 91_000, 600, 6_000]
    metrics.loc[DAYS - 1, ["buyers_month", "creators_active", "sellers_active", "seller_gini"]] = [80, 3, 2, 0.1]
    found = values(summary(metrics, USERS))
    assert found["orders"] == pytest.approx((27 * 7 + 91) * 30 / 28 / USERS)
    assert found["order value"] == pytest.approx((27 * 70_000 + 91_000) / (27 * 7 + 91))
    assert found["clicks"] == pytest.approx((27 * 30 + 600) / (27 * 600 + 6_000))
    assert [found[name] for name in ("monthly buyers", "creators in business", "sellers in business")] == [0.8, 3, 2]
    assert found["  Gini of their sales"] == 0.1


def test_a_short_run_is_summed_up_over_the_days_it_has(metrics):
    ten = summary(metrics.tail(10), USERS)
    assert values(ten) == pytest.approx(EXPECTED)
    assert ten[1].note == "mean of the last 10 days"
    assert summary(metrics.tail(1), USERS)[1].note == "of the only day"
    assert values(summary(metrics.tail(1), USERS)) == pytest.approx(EXPECTED)


def test_a_run_of_no_days_has_no_figures(metrics):
    assert summary(metrics.head(0), USERS) == []


def test_returns_are_a_share_of_value_not_a_mean_of_days(metrics):
    metrics.loc[DAYS - 1, ["gmv", "gmv_net"]] = [700_000, 700_000]
    assert values(summary(metrics, USERS))["returns"] == pytest.approx(27 * 17_500 / (27 * 70_000 + 700_000))


def test_where_nothing_is_sold_and_nobody_is_there_shares_have_no_value(metrics):
    metrics[:] = 0.0
    found = values(summary(metrics, 0))
    assert {name for name, value in found.items() if math.isnan(value)} == {
        "order value", "monthly buyers", "returns", "clicks", "LIVE visits that stay",
    }  # fmt: skip
    assert found["GMV"] == found["orders"] == found["users"] == 0


def test_columns_that_are_no_numbers_do_no_harm(metrics):
    metrics["date"] = pd.date_range("2024-01-01", periods=DAYS)
    assert values(summary(metrics, USERS)) == pytest.approx(EXPECTED)
