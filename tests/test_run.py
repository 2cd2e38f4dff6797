"""A run: its tables against each other, and a fingerprint that hangs on content alone."""

import numpy as np
import pytest

from experiments.run import read, run
from sim.errors import ParameterError, ScenarioError
from sim.scenario import load

DAYS = 20
ESCROW = 7  # days
SMALL = ("calendar.burn_in=3", "population.users=600")


@pytest.fixture(scope="module")
def small():
    return load("village", SMALL)


@pytest.fixture(scope="module")
def done(small):
    return run(small, DAYS, orders=True, keep=False)


def test_there_is_a_row_a_day(done):
    assert done.metrics["day"].tolist() == list(range(DAYS))
    assert str(done.metrics["date"].iloc[-1]) == "2024-01-20"


@pytest.mark.parametrize("channel", ["video", "live", "search"])
def test_gmv_is_the_price_of_the_orders_that_met_stock(done, channel):
    orders = done.orders[(done.orders["channel"] == channel) & (done.orders["status"] != "sold_out")]
    gmv = orders.groupby("day")["price"].sum().reindex(range(DAYS), fill_value=0)
    assert gmv.tolist() == done.metrics[f"gmv_{channel}"].tolist()
    assert gmv.sum() > 0


def test_nothing_is_open_when_its_time_is_over(done):
    still_open = done.orders[done.orders["status"] == "open"]
    assert len(still_open) > 0
    assert still_open["day"].min() == DAYS - ESCROW


def test_what_came_back_is_what_the_metrics_and_the_ledger_say(done):
    back = done.orders[done.orders["status"] == "returned"]
    ledger = done.ledger[(done.ledger["line"] == "return") & (done.ledger["day"] >= ESCROW)]
    assert len(back) == done.metrics["returns"][ESCROW:].sum() > 0
    assert (back["price"] - back["subsidy"]).sum() == ledger["amount"].sum()


def test_commission_goes_to_creators_only(done):
    by_creator = done.orders["creator"] >= 0
    assert (done.orders.loc[~by_creator, "commission"] == 0).all()
    assert (done.orders.loc[by_creator, "commission"] > 0).any()


def test_a_room_is_named_where_and_only_where_the_channel_is_live(done):
    assert ((done.orders["room"] >= 0) == (done.orders["channel"] == "live")).all()


def test_rows_of_other_tables_are_ids(done):
    assert set(done.orders["seller"]) <= set(done.sellers.index)
    assert (done.products["seller"].loc[done.orders["product"]].to_numpy() == done.orders["seller"].to_numpy()).all()


def test_everybody_is_there_once_in_order_of_ids(done):
    for people in (done.users, done.creators, done.sellers, done.products):
        assert np.all(np.diff(people.index) > 0)
    assert set(done.creators["category"]) <= {"Fashion", "Beauty", "Food"} | set(done.products["category"])


def test_the_ledger_explains_the_platform(done):
    fees = done.ledger[done.ledger["line"] == "fee"].groupby("day")["amount"].sum()
    assert fees.sum() == done.metrics["platform_revenue_net"].sum() > 0


def test_the_fingerprint_does_not_hang_on_how(small, done, tmp_path):
    other = run(small, DAYS, threads=1, out=tmp_path / "out", keep=False)
    assert other.fingerprint == done.fingerprint
    assert other.metrics.equals(done.metrics)
    assert other.users.equals(done.users)


def test_what_was_written_is_read_again(small, done, tmp_path):
    run(small, DAYS, out=tmp_path / "out", orders=True, keep=False)
    again = read(tmp_path / "out")
    assert (again.scenario, again.fingerprint, again.days) == (done.scenario, done.fingerprint, DAYS)
    assert again.orders.equals(done.orders) and again.creators.equals(done.creators)
    assert again.summary() == done.summary()


def test_the_fingerprint_hangs_on_what(small, done):
    others = {
        run(small, DAYS - 1, keep=False).fingerprint,
        run(small, DAYS, seed=2, keep=False).fingerprint,
        run(small.with_value("mechanisms.purchase.b_p", 5.0), DAYS, keep=False).fingerprint,
    }
    assert len(others | {done.fingerprint}) == 4


def test_a_run_of_no_days_is_the_market_on_its_first_morning(small, tmp_path):
    nothing = run(small, 0, out=tmp_path / "out", orders=True, keep=False)
    assert len(nothing.metrics) == len(nothing.orders) == len(nothing.ledger) == 0
    assert len(nothing.users) == 600
    assert nothing.summary() == []


def test_progress_counts_to_the_end(small):
    told = []
    run(small, 4, progress=lambda done, total: told.append((done, total)), keep=False)
    assert told == [(k, 7) for k in range(8)]


@pytest.mark.parametrize("wrong", [{"days": -1}, {"days": 40_000}, {"seed": -1}, {"seed": 2**63}])
def test_what_is_out_of_range_is_refused(small, wrong):
    with pytest.raises(ParameterError, match="outside"):
        run(small, **wrong)


def test_orders_that_were_not_kept_are_not_there(small):
    with pytest.raises(AttributeError, match="orders=True"):
        run(small, 1, keep=False).orders  # noqa: B018


def test_a_summary_is_of_the_last_four_weeks(done):
    lines = {line.label.strip(): line for line in done.summary()}
    orders = done.orders[done.orders["status"] != "sold_out"]
    assert lines["order value"].value == orders["price"].sum() / len(orders)
    assert lines["monthly buyers"].value == orders["user"].nunique() / 600 or DAYS < 28
    assert lines["GMV"].value == pytest.approx(orders["price"].sum() / 600 * 30 / DAYS)


def test_a_name_is_no_scenario():
    with pytest.raises(ScenarioError, match=r"Write run\(load\('village'\)\)"):
        run("village")
