"""The calendar of Indonesia: paydays, double dates, Ramadan."""

import datetime

import pytest

from sim import calendar
from sim.calendar import RAMADAN, Calendar, describe, in_ramadan

DAY = datetime.timedelta(days=1)


def test_the_burn_in_ends_the_day_before_the_start():
    market = Calendar(start=datetime.date(2024, 3, 1), burn_in=84)
    assert market.on(84).date == datetime.date(2024, 3, 1)
    assert market.on(83).date == datetime.date(2024, 2, 29)


@pytest.mark.parametrize(
    ("date", "days"), [((2024, 1, 25), 0), ((2024, 1, 24), 30), ((2024, 3, 1), 5), ((2023, 3, 1), 4), ((2024, 1, 1), 7)]
)
def test_paydays_are_counted_from_the_last_25th(date, days):
    assert describe(datetime.date(*date)).pay_days == days


def test_double_dates_are_twelve_a_year():
    year = [describe(datetime.date(2024, 1, 1) + k * DAY) for k in range(366)]
    assert [day.date for day in year if day.double_date] == [datetime.date(2024, m, m) for m in range(1, 13)]
    assert [day.date for day in year if day.harbolnas] == [datetime.date(2024, 12, 12)]
    assert sum(day.weekend for day in year) == 104


def test_ramadan_is_as_announced():
    for first, last in RAMADAN:
        assert in_ramadan(first) and in_ramadan(last)
        assert not in_ramadan(first - DAY) and not in_ramadan(last + DAY)


def test_the_tabular_calendar_is_two_days_off_at_most(monkeypatch):
    announced = RAMADAN
    monkeypatch.setattr(calendar, "RAMADAN", ((datetime.date(1, 1, 1), datetime.date(1, 1, 1)),))
    for first, last in announced:
        year = [day for k in range(365) if in_ramadan(day := datetime.date(first.year, 1, 1) + k * DAY)]
        assert len(year) == 30
        assert abs((year[0] - first).days) <= 2 and abs((year[-1] - last).days) <= 2


def test_there_are_two_ramadans_in_2030():
    year = [in_ramadan(datetime.date(2030, 1, 1) + k * DAY) for k in range(365)]
    assert sum(b and not a for a, b in zip([False, *year], year, strict=False)) == 2
