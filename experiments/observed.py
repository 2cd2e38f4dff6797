"""What a market looks like from outside, in the terms in which real ones are reported.

Every statistic says over which window before the end of the run it is taken; a run that is shorter
is taken whole. Orders are those that met stock.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from experiments import statistics as st
from experiments.run import Run
from sim.inputs import provinces
from sim.tables import Column

if TYPE_CHECKING:
    import pandas as pd

MONTH, FOUR_WEEKS, HALF_YEAR = 30, 28, 182  # days


class Statistic(NamedTuple):
    """One number about a run."""

    name: str
    doc: str
    unit: str
    window: int  # days before the end
    of: Callable[["Window"], float]


@dataclass
class Window:
    """The last days of a run that kept its orders."""

    run: Run
    length: int  # days

    @cached_property
    def days(self) -> int:
        """How many days there are."""
        return min(self.length, self.run.days)

    @cached_property
    def orders(self) -> "pd.DataFrame":
        """The orders of these days that met stock."""
        orders = self.run.orders
        late: pd.DataFrame = orders[(orders["day"] >= self.run.days - self.days) & (orders["status"] != "sold_out")]
        return late

    @cached_property
    def from_content(self) -> "pd.DataFrame":
        """Those from video and LIVE."""
        return self.orders[self.orders["channel"] != "search"]

    @cached_property
    def metrics(self) -> "pd.DataFrame":
        """The metrics of these days."""
        return self.run.metrics.tail(self.days)

    @cached_property
    def active(self) -> Column:
        """Which creators are in business at the end, (n_creators,) bool, by id."""
        today = self.run.days - 1 + self.run.scenario.calendar.burn_in
        creators = self.run.creators
        found: Column = ((creators["joined"] <= today) & (creators["left"] > today)).to_numpy()
        return found

    @cached_property
    def commission(self) -> Column:
        """Commission a month of each creator in business, returns taken off [Rp/month].

        The window ends before the first day of whose orders some may still come back.
        """
        orders = self.run.orders
        still_open = orders.loc[orders["status"] == "open", "day"]
        end = int(still_open.min()) if len(still_open) else self.run.days
        days = min(self.length, end)
        known = (orders["day"] >= end - days) & (orders["day"] < end)
        paid = orders[known & (orders["creator"] >= 0) & (orders["status"] == "paid_out")]
        by_creator = paid.groupby("creator")["commission"].sum().reindex(self.run.creators.index, fill_value=0)
        month: Column = by_creator.to_numpy()[self.active] * (MONTH / max(1, days))
        return month

    def per_month(self, amount: float) -> float:
        """Return an amount of these days per user and month."""
        return float(amount) * MONTH / (self.days * len(self.run.users))

    def gmv(self, *channels: str) -> float:
        """Return the price of orders from these channels [Rp]."""
        return float(self.orders.loc[self.orders["channel"].isin(channels), "price"].sum())

    def count(self, column: str) -> Column:
        """Return how many orders each has who has any, in no order; ``column`` is user, seller or product."""
        counts: Column = self.orders[column].value_counts().to_numpy()
        return counts

    def total(self, metric: str) -> float:
        """Return a metric's sum over these days."""
        return float(self.metrics[metric].sum())


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else math.nan


def above_wage(w: Window) -> float:
    """Return the share of creators in business with more commission than the minimum wage of their province."""
    year = int(str(w.run.metrics["date"].iloc[-1])[:4])
    wage = dict(zip(provinces().names, provinces().wage(year).tolist(), strict=True))
    least = w.run.creators["province"].astype(str).map(wage).to_numpy()[w.active]
    return float(np.mean(w.commission > least)) if len(least) else math.nan


def purchases(w: Window) -> Column:
    """Return the orders of every user, those without any included, (n_users,)."""
    counts: Column = w.orders["user"].value_counts().reindex(w.run.users.index, fill_value=0).to_numpy()
    return counts


def bought_once(w: Window) -> float:
    """Return the share of buyers with one order."""
    return float(np.mean(w.count("user") == 1)) if len(w.orders) else math.nan


def price_slope(w: Window) -> float:
    """Return the slope of ln orders on ln price across products with a sale."""
    sold = w.orders["product"].value_counts()
    return st.slope(w.run.products["price"].loc[sold.index].to_numpy(np.float64), sold.to_numpy(np.float64))


def returned(w: Window, live: bool) -> float:
    """Return the share of orders that came back, of those whose time to come back is over."""
    orders = w.orders[(w.orders["status"] != "open") & ((w.orders["channel"] == "live") == live)]
    return float((orders["status"] == "returned").mean()) if len(orders) else math.nan


STATISTICS = (
    Statistic("orders", "Orders per user and month", "1/month", 28, lambda w: w.per_month(len(w.orders))),
    Statistic("orders_shelf", "Orders from search per user and month", "1/month", 28,
              lambda w: w.per_month(int((w.orders["channel"] == "search").sum()))),
    Statistic("gmv_content", "GMV of video and LIVE per user and month", "Rp/month", 28,
              lambda w: w.per_month(w.gmv("video", "live"))),
    Statistic("gmv_shelf", "GMV from search per user and month", "Rp/month", 28,
              lambda w: w.per_month(w.gmv("search"))),
    Statistic("live_share", "LIVE in GMV of video and LIVE", "1", 28,
              lambda w: _ratio(w.gmv("live"), w.gmv("video", "live"))),
    Statistic("order_value", "Mean price of an order", "Rp", 28, lambda w: float(w.orders["price"].mean())),
    Statistic("order_value_content", "Mean price of an order from video or LIVE", "Rp", 28,
              lambda w: float(w.from_content["price"].mean())),
    Statistic("order_value_shelf", "Mean price of an order from search", "Rp", 28,
              lambda w: float(w.orders.loc[w.orders["channel"] == "search", "price"].mean())),
    Statistic("buyers", "Users who buy within four weeks", "1", 28, lambda w: float(np.mean(purchases(w) > 0))),
    Statistic("buyers_content", "Users who buy from video or LIVE within four weeks", "1", 28,
              lambda w: _ratio(w.from_content["user"].nunique(), len(w.run.users))),
    Statistic("buyers_top", "Orders of the top 20 % of buyers, half a year", "1", 182,
              lambda w: st.share_of_top(w.count("user"), 0.2)),
    Statistic("bought_once", "Buyers with one order, half a year", "1", 182, bought_once),
    Statistic("nbd_k", "Shape of the negative binomial of orders per user", "1", 28,
              lambda w: st.nbd_k(purchases(w))),
    Statistic("clicks", "Clicks per promotional impression", "1", 28,
              lambda w: _ratio(w.total("clicks"), w.total("impressions"))),
    Statistic("local", "Promotional impressions for local products", "1", 28,
              lambda w: float(w.metrics["local_share"].mean())),
    Statistic("own", "Promotional impressions of sellers' own accounts", "1", 28,
              lambda w: float(w.metrics["own_share"].mean())),
    Statistic("creator_share", "GMV of video and LIVE that pays a creator", "1", 28,
              lambda w: _ratio(float(w.orders.loc[w.orders["creator"] >= 0, "price"].sum()), w.gmv("video", "live"))),
    Statistic("live_stays", "Visits of LIVE rooms that stay", "1", 28,
              lambda w: _ratio(w.total("live_stays"), w.total("live_visits"))),
    Statistic("live_orders", "Orders per visit of a LIVE room", "1", 28,
              lambda w: _ratio(w.total("orders_live"), w.total("live_visits"))),
    Statistic("live_sellers", "Sellers in business who go LIVE, at the end", "1", 1,
              lambda w: float(w.metrics["sellers_live"].iloc[-1])),
    Statistic("rooms_small", "LIVE rooms with fewer than six viewers at once on average", "1", 28,
              lambda w: float(w.metrics["rooms_small"].mean())),
    Statistic("views_gini", "Gini of a day's impressions among hosts who post", "1", 28,
              lambda w: float(w.metrics["views_gini"].mean())),
    Statistic("views_top", "Impressions of the top 1 % of them", "1", 28,
              lambda w: float(w.metrics["views_top_share"].mean())),
    Statistic("commission_gini", "Gini of commission among creators in business", "1", 28,
              lambda w: st.gini(w.commission)),
    Statistic("commission_top", "Commission of the top 1 % of them", "1", 28,
              lambda w: st.share_of_top(w.commission, 0.01)),
    Statistic("commission_mean", "Mean commission of creators in business", "Rp/month", 28,
              lambda w: float(w.commission.mean()) if len(w.commission) else math.nan),
    Statistic("commission_any", "Creators in business with some commission", "1", 28,
              lambda w: float(np.mean(w.commission > 0)) if len(w.commission) else math.nan),
    Statistic("above_wage", "Creators in business with more than the minimum wage", "1", 28, above_wage),
    Statistic("seller_gini", "Gini of orders among sellers with a sale, half a year", "1", 182,
              lambda w: st.gini(w.count("seller"))),
    Statistic("product_gini", "Gini of orders among products with a sale, half a year", "1", 182,
              lambda w: st.gini(w.count("product"))),
    Statistic("price_slope", "Slope of ln orders on ln price across products with a sale, half a year", "1", 182,
              price_slope),
    Statistic("returns", "Orders from video and shelf that come back", "1", 28, lambda w: returned(w, False)),
    Statistic("returns_live", "Orders from LIVE that come back", "1", 28, lambda w: returned(w, True)),
    Statistic("creators", "Creators in business at the end, against those of day 0", "1", 1,
              lambda w: _ratio(float(w.active.sum()), float(w.run.metrics["creators_active"].iloc[0]))),
)  # fmt: skip


def observe(run: Run) -> dict[str, float]:
    """Return every statistic of a run that kept its orders and has a day, by name."""
    windows = {length: Window(run, length) for length in {s.window for s in STATISTICS}}
    return {s.name: float(s.of(windows[s.window])) for s in STATISTICS}
