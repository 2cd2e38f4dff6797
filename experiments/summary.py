"""The figures that sum a run up, each over its last four weeks."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import pandas as pd

WINDOW, MONTH = 28, 30  # days


class Line(NamedTuple):
    """One figure."""

    label: str
    value: float
    unit: str
    note: str


def summary(metrics: "pd.DataFrame", users: int) -> list[Line]:
    """Return the figures of the last four weeks of ``metrics`` (a row a day); none if there is no day."""
    return list(_lines(metrics.tail(WINDOW), users)) if len(metrics) else []


def _lines(late: "pd.DataFrame", users: int) -> Iterator[Line]:
    days, total, last = len(late), late.sum(numeric_only=True), late.iloc[-1]
    over = f"mean of the last {days} days" if days > 1 else "of the only day"
    month = MONTH / (days * users) if users else 0.0
    yield Line("users", users, "users", "")
    for channel, said in (("gmv", "GMV"), ("gmv_video", "  video"), ("gmv_live", "  LIVE"), ("gmv_search", "  shelf")):
        yield Line(said, total[channel] * month, "Rp/user-month", over)
    yield Line("orders", total["orders"] * month, "1/user-month", over)
    yield Line("order value", _ratio(total["gmv"], total["orders"]), "Rp", over)
    yield Line("monthly buyers", _ratio(last["buyers_month"], users), "share of users", "bought in the last 28 days")
    back = _ratio(total["gmv"] - total["gmv_net"], total["gmv"])
    yield Line("returns", back, "share of GMV", over)
    yield Line("clicks", _ratio(total["clicks"], total["impressions"]), "per impression", over)
    yield Line("LIVE visits that stay", _ratio(total["live_stays"], total["live_visits"]), "share", over)
    yield Line("creators in business", last["creators_active"], "creators", "at the end")
    yield Line("  of them above the minimum wage", last["creators_above_minimum_wage"], "share", "income of four weeks")
    yield Line("  Gini of their income", last["creator_income_gini"], "", "at the end")
    yield Line("sellers in business", last["sellers_active"], "sellers", "at the end")
    yield Line("  Gini of their sales", last["seller_gini"], "", "at the end")
    yield Line("platform revenue", total["platform_revenue_net"] / days, "Rp/day", "fees less what programs paid")


def _ratio(part: float, whole: float) -> float:
    return float(part) / float(whole) if whole else float("nan")
