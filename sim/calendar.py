"""The calendar: which date a counter day is, and what is special about it in Indonesia."""

import datetime
from dataclasses import dataclass
from enum import IntEnum

from sim.params import Parametrised, param

_DAY = datetime.timedelta(days=1)
_HIJRA = 227_015  # ordinal of the first day of the Islamic calendar

#: First and last day of Ramadan as announced by the government (sidang isbat); the dates of 2026 and
#: later are computed from the calendar and may be a day off.
RAMADAN = (
    (datetime.date(2023, 3, 23), datetime.date(2023, 4, 21)),
    (datetime.date(2024, 3, 12), datetime.date(2024, 4, 9)),
    (datetime.date(2025, 3, 1), datetime.date(2025, 3, 30)),
    (datetime.date(2026, 2, 19), datetime.date(2026, 3, 20)),
    (datetime.date(2027, 2, 8), datetime.date(2027, 3, 9)),
    (datetime.date(2028, 1, 28), datetime.date(2028, 2, 26)),
)


class Daypart(IntEnum):
    """The four parts of a day, six hours each, from six in the morning."""

    MORNING = 0
    AFTERNOON = 1
    EVENING = 2
    NIGHT = 3


@dataclass(frozen=True)
class CalendarDay:
    """One date and what is special about it."""

    date: datetime.date
    weekend: bool
    pay_days: int  # days since the last 25th of a month
    double_date: bool  # 1.1, 2.2 ... 12.12, days of sales campaigns
    harbolnas: bool  # 12 December, the national online shopping day
    ramadan: bool


class Calendar(Parametrised):
    """When a scenario starts, and how long the market settles before that."""

    start: datetime.date = param(datetime.date(2024, 1, 1), "Date of day 0", unit="date")
    burn_in: int = param(84, "Days simulated before day 0, without programs", unit="day", low=0, high=3650)

    def on(self, counter: int) -> CalendarDay:
        """Return the calendar of a counter day (days since the burn-in began)."""
        return describe(self.start + (counter - self.burn_in) * _DAY)


def in_ramadan(date: datetime.date) -> bool:
    """Return whether a date is in Ramadan: as announced, and by the tabular Islamic calendar in other years.

    The tabular calendar may be a day or two off (Reingold and Dershowitz, 2018, Calendrical Calculations, chapter 7).
    """
    if RAMADAN[0][0].year <= date.year <= RAMADAN[-1][1].year:
        return any(first <= date <= end for first, end in RAMADAN)
    day = date.toordinal()
    year = (30 * (day - _HIJRA) + 10_646) // 10_631
    new_year = (year - 1) * 354 + (3 + 11 * year) // 30 + _HIJRA
    month = (11 * (day - new_year) + 330) // 325
    return month == 9


def describe(date: datetime.date) -> CalendarDay:
    """Return what is special about a date."""
    last = date if date.day >= 25 else date.replace(day=1) - _DAY
    return CalendarDay(
        date=date,
        weekend=date.weekday() >= 5,
        pay_days=(date - last.replace(day=25)).days,
        double_date=date.day == date.month,
        harbolnas=(date.month, date.day) == (12, 12),
        ramadan=in_ramadan(date),
    )
