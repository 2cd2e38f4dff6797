"""The recorder: a row a day of every declared metric, in columns that say what they are."""

import datetime
import math

import numpy as np
import pytest

from sim.calendar import describe
from sim.metrics import FAMILIES, METRICS, Metric
from sim.recorder import Recorder
from sim.state import Channel
from tests.small import market, morning, put_orders

CATEGORIES, PROVINCES = ("Beauty", "Books"), ("Aceh", "Bali", "Papua")
FIRST = datetime.date(2024, 2, 28)


def day(number, users=(), price=50_000):
    """Return a day on which some users of the search bought the product of the only seller."""
    today = morning(market(users=4, creators=2, categories=2), number)
    today.state.sellers.province[:] = 2
    today.date = describe(FIRST + datetime.timedelta(days=number))
    put_orders(today, list(users), 0, Channel.SEARCH, price=price)
    return today


@pytest.fixture
def recorder():
    made = Recorder(CATEGORIES, PROVINCES)
    for number, users in enumerate([[0], [], [1, 2, 3]]):
        made.read(day(number, users))
    return made


def test_before_the_first_day_every_value_is_nan():
    fresh = Recorder(CATEGORIES, PROVINCES)
    assert len(fresh) == 0 and list(fresh.row) == list(fresh.declared())
    assert all(math.isnan(value) for value in fresh.row.values())
    assert {len(column) for column in fresh.columns().values()} == {0}
    assert fresh.to_frame().shape == (0, len(fresh.declared()))


def test_each_day_adds_a_row(recorder):
    assert len(recorder) == 3
    columns = recorder.columns()
    assert columns["day"].tolist() == [0, 1, 2]
    assert columns["orders"].tolist() == [1, 0, 3]
    assert columns["gmv"].tolist() == [50_000, 0, 150_000]
    assert columns["gmv.category.Beauty"].tolist() == [50_000, 0, 150_000]
    assert {len(column) for column in columns.values()} == {3}


def test_the_row_is_the_day_read_last(recorder):
    assert (recorder.row["day"], recorder.row["orders"], recorder.row["gmv"]) == (2, 3, 150_000)
    assert recorder.row["orders.channel.search"] == 3
    assert list(recorder.row) == list(recorder.declared()) == list(recorder.columns())


def test_what_has_no_value_that_day_is_nan_and_only_that(recorder):
    assert np.isnan(recorder.columns()["order_value"]).tolist() == [False, True, False]
    assert np.isnan(recorder.columns()["creators_above_minimum_wage"]).all()  # nobody said what wages are


def test_counts_are_kept_whole_and_ratios_as_floats(recorder):
    kinds = {name: column.dtype.name for name, column in recorder.columns().items()}
    assert {kinds[name] for name in ("day", "date", "gmv", "orders", "escrow", "returns.size.micro")} == {"int64"}
    assert {kinds[name] for name in ("order_value", "return_rate", "views_gini", "log_sum")} == {"float64"}
    whole = {name: whole for name, (_, _, whole) in recorder.declared().items()}
    assert all((kinds[name] == "int64") == whole[name] for name in kinds)


def test_large_sums_are_kept_to_the_last_rupiah():
    recorder = Recorder(CATEGORIES, PROVINCES)
    recorder.read(day(0, [0, 1, 2], price=2**60 + 1))
    assert recorder.columns()["gmv"].tolist() == [3 * 2**60 + 3]


def test_every_column_says_what_it_is_and_its_unit(recorder):
    declared = recorder.declared()
    assert declared["gmv"] == ("Price of accepted orders", "Rp/day", True)
    assert declared["gmv.province.Bali"][:2] == ("GMV by province of the seller", "Rp/day")
    assert all(doc and unit for doc, unit, _ in declared.values())


def test_there_is_a_column_for_each_metric_and_each_member_of_each_family():
    declared = Recorder(CATEGORIES, PROVINCES).declared()
    members = {"channel": 3, "category": 2, "province": 3, "size": 4, "origin": 2}
    assert len(declared) == 2 + len(METRICS) + sum(members[family.members] for family in FAMILIES)
    assert {name for name in declared if name.startswith("fees.")} == {
        *(f"fees.channel.{name}" for name in ("video", "live", "search")),
        *(f"fees.category.{name}" for name in CATEGORIES),
        *(f"fees.province.{name}" for name in PROVINCES),
        *(f"fees.size.{name}" for name in ("micro", "small", "medium", "large")),
        "fees.origin.imported", "fees.origin.local",
    }  # fmt: skip


def test_orders_are_counted_where_the_seller_is(recorder):
    assert [recorder.row[f"orders.province.{name}"] for name in PROVINCES] == [0, 0, 3]


def test_a_data_frame_has_dates(recorder):
    frame = recorder.to_frame()
    assert [str(date.date()) for date in frame["date"]] == ["2024-02-28", "2024-02-29", "2024-03-01"]
    assert list(frame.columns) == list(recorder.declared())
    assert frame["orders"].tolist() == [1, 0, 3]


def test_columns_are_copies(recorder):
    recorder.columns()["gmv"][:] = 7
    assert recorder.columns()["gmv"].tolist() == [50_000, 0, 150_000]


def test_the_wage_is_that_of_the_day_that_is_read():
    recorder = Recorder(CATEGORIES, PROVINCES)
    for number, wage in enumerate([3_000, 1_000]):
        today = day(number)
        today.state.creators.income[:] = [50.0, 150.0]  # Rp a day
        recorder.wages = np.full(3, wage)
        recorder.read(today)
    assert recorder.columns()["creators_above_minimum_wage"].tolist() == [0.5, 1.0]


def test_a_metric_of_ones_own_is_read_like_any_other():
    stock = Metric("stock", "Units on hand", "units", lambda d: int(d.state.products.stock.sum()), whole=True)
    recorder = Recorder(CATEGORIES, PROVINCES, metrics=(stock,))
    recorder.read(day(0))
    assert recorder.row["stock"] == 10_000 and "gmv" not in recorder.row
    assert recorder.declared()["stock"] == ("Units on hand", "units", True)


def test_reading_a_day_leaves_it_as_it_was():
    today = day(0, [0, 1])
    before = today.state.users.copy(), today.flows.orders.copy()
    Recorder(CATEGORIES, PROVINCES).read(today)
    for was, table in zip(before, (today.state.users, today.flows.orders), strict=True):
        for name in was.columns():
            assert np.array_equal(getattr(was, name), getattr(table, name)), name
