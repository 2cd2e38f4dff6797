"""What is measured every midnight: each metric declared once.

Orders count on the day they are made, if they meet stock; ``gmv_net`` takes off what comes back on the
day it comes back. A change between two twins is worth to consumers what the uniform cut of prices is
that makes the same difference to ``log_sum``: difference / ``price_response``, times the baseline's GMV.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim import measures as m
from sim.flows import FIXED, Total
from sim.measures import Midnight, mean, ratio, share, sum_by, total
from sim.state import Channel, Orders
from sim.tables import Column

if TYPE_CHECKING:
    pass


@dataclass(frozen=True)
class Metric:
    """One number a day."""

    name: str
    doc: str
    unit: str
    measure: Callable[[Midnight], float | int]
    whole: bool = False  # kept as int64, else as float64


@dataclass(frozen=True)
class Family:
    """One number a day for each member of a list: ``gmv.category.Beauty`` and so on."""

    name: str
    doc: str
    unit: str
    members: str  # one of ``GROUPS``
    measure: Callable[[Midnight, int], Column]  # the second argument is the number of members


def count(name: str, doc: str, of: Total, unit: str = "1/day") -> Metric:
    """Declare a metric that is one of the day's counts."""
    return Metric(name, doc, unit, lambda day: total(day, of), whole=True)


def rate(name: str, doc: str, part: Total, whole: Total) -> Metric:
    """Declare a metric that is the ratio of two of the day's counts."""
    return Metric(name, doc, "1", lambda day: ratio(total(day, part), total(day, whole)))


def gmv_of(channel: Channel, name: str) -> Metric:
    """Declare the GMV of a channel."""
    doc = f"Price of orders from {name}"
    return Metric(f"gmv_{name}", doc, "Rp/day", lambda day: m.exact_sum(day.taken.price[day.of(channel)]), whole=True)


def orders_of(channel: Channel, name: str) -> Metric:
    """Declare the number of orders of a channel."""
    doc = f"Accepted orders from {name}"
    return Metric(f"orders_{name}", doc, "1/day", lambda day: int(day.of(channel).sum()), whole=True)


CHANNELS = ((Channel.VIDEO, "video"), (Channel.LIVE, "live"), (Channel.SEARCH, "search"))

SALES = (
    Metric("gmv", "Price of accepted orders", "Rp/day", lambda d: m.exact_sum(d.taken.price), True),
    *(gmv_of(*channel) for channel in CHANNELS),
    Metric("gmv_net", "GMV less the price of orders that came back today", "Rp/day",
           lambda d: m.exact_sum(d.taken.price) - d.flows.returned_value, True),
    Metric("orders", "Accepted orders", "1/day", lambda d: len(d.taken), True),
    *(orders_of(*channel) for channel in CHANNELS),
    Metric("order_value", "Mean price of an accepted order", "Rp",
           lambda d: ratio(m.exact_sum(d.taken.price), len(d.taken))),
    Metric("sold_out", "Orders that found no stock", "1/day", lambda d: int(d.flows.sold_out), True),
    Metric("buyers_today", "Users with an accepted order", "1/day", lambda d: len(np.unique(d.taken.user)), True),
    Metric("buyers_month", "Users with an accepted order in the last 28 days", "1",
           lambda d: int(m.bought_since(d, 28).sum()), True),
    Metric("repeat_share", "Users who have ordered twice or more, of those who have ordered", "1",
           lambda d: ratio(int((d.state.users.orders > 1).sum()), int((d.state.users.orders > 0).sum()))),
    Metric("delivered", "Orders delivered", "1/day", lambda d: int(d.flows.delivered), True),
    Metric("returns", "Orders that came back", "1/day", lambda d: int(d.flows.returned), True),
    Metric("return_rate", "Price of orders that came back, of those whose time to come back ended today", "1",
           lambda d: ratio(int(d.flows.returned_value), int(d.flows.returned_value) + m.kept_value(d))),
    Metric("rating_mean", "Mean rating of what was delivered", "stars",
           lambda d: ratio(int(d.flows.rating_sum), int(d.flows.delivered))),
)  # fmt: skip

MONEY = (
    Metric("fees", "Platform fees of accepted orders", "Rp/day", lambda d: m.exact_sum(d.taken.fee), True),
    Metric("commissions", "Commissions of accepted orders, without top-ups", "Rp/day",
           lambda d: m.exact_sum(d.taken.commission), True),
    Metric("subsidies", "What programs paid: parts of prices and shipping, top-ups, bonuses, costs", "Rp/day",
           m.subsidies, True),
    Metric("platform_revenue_net", "Fees paid out less what programs paid, returns taken off, by the ledger",
           "Rp/day", m.platform_net, True),
    Metric("seller_margin", "Price less fee, commission and unit cost of accepted orders", "Rp/day",
           lambda d: m.exact_sum(d.margins), True),
    Metric("escrow", "Money of orders that may still come back", "Rp", lambda d: int(d.state.books.escrow[0]), True),
    Metric("wallet_mean", "Mean money in users' wallets", "Rp",
           lambda d: ratio(m.exact_sum(d.state.users.wallet), len(d.state.users))),
    Metric("satiation_mean", "Mean satiation of users", "1", lambda d: mean(d.state.users.satiation)),
)  # fmt: skip

FEED = (
    count("users_online", "Users online", Total.ONLINE),
    count("impressions", "Promotional impressions", Total.IMPRESSIONS),
    count("clicks", "Impressions clicked through", Total.CLICKS),
    rate("watched_rate", "Share of impressions watched to the end", Total.WATCHED, Total.IMPRESSIONS),
    rate("engagement_rate", "Share of impressions engaged with", Total.ENGAGED, Total.IMPRESSIONS),
    rate("click_rate", "Share of impressions clicked through", Total.CLICKS, Total.IMPRESSIONS),
    rate("following_share", "Share of impressions to which following led; the feed shows followed hosts by weight too",
         Total.FOLLOWING, Total.IMPRESSIONS),
    rate("exploring_share", "Share of impressions by exploration", Total.EXPLORING, Total.IMPRESSIONS),
    rate("local_share", "Share of impressions of hosts whose first product is local", Total.LOCAL, Total.IMPRESSIONS),
    rate("own_share", "Share of impressions of sellers' own accounts", Total.OWN, Total.IMPRESSIONS),
    rate("attempts_per_pick", "Attempts of the sampler for a host drawn by weight", Total.ATTEMPTS, Total.PICKS),
    count("needs", "Needs that led to a search", Total.NEEDS),
    count("offers", "Offers that users compared", Total.OFFERS),
    count("offers_struck_out", "Offers above the wallet", Total.STRUCK_OUT),
    Metric("log_sum", "Value of the offers of the day over not buying (log-sum), all users together", "logit/day",
           lambda d: total(d, Total.LOG_SUM) / FIXED),
    Metric("price_response", "What a uniform cut of ln prices, not of shipping, by one would add to it, to first order",
           "logit/day", lambda d: total(d, Total.PRICE_RESPONSE) / FIXED),
    count("follows", "New follows", Total.FOLLOWS),
    count("unfollows", "Follows given up; not those that a new one replaced", Total.UNFOLLOWS),
    Metric("views_gini", "Gini of today's impressions among hosts who post", "1",
           lambda d: m.gini(d.flows.counts.hosts.views[d.posting])),
    Metric("views_top_share", "Impressions of the top 1 % of hosts who post", "1",
           lambda d: m.top_share(d.flows.counts.hosts.views[d.posting])),
    Metric("momentum_gini", "Gini of momentum among hosts who post", "1",
           lambda d: m.gini(m.fixed(d.state.hosts.momentum[d.posting]))),
    Metric("momentum_top_share", "Momentum of the top 1 % of hosts who post", "1",
           lambda d: m.top_share(m.fixed(d.state.hosts.momentum[d.posting]))),
)  # fmt: skip

LIVE = (
    Metric("live_rooms", "LIVE rooms", "1/day", lambda d: len(d.flows.rooms), True),
    Metric("live_minutes", "Minutes that rooms were open", "min/day",
           lambda d: m.exact_sum(d.flows.rooms.minutes), True),
    count("live_visits", "Visits of LIVE rooms", Total.VISITS),
    count("live_stays", "Visits that stayed", Total.STAYS),
    rate("live_stay_rate", "Share of visits that stayed", Total.STAYS, Total.VISITS),
    count("live_watched", "Minutes of these stays", Total.STAY_MINUTES, "min/day"),
    Metric("concurrent_viewers_mean", "Viewers at once, averaged over sessions and then over rooms", "1",
           m.viewers_mean),
    Metric("concurrent_viewers_max", "Largest mean of viewers at once over a twelfth of a session", "1",
           lambda d: float(m.peaks(d).max(initial=0.0))),
    Metric("rooms_nearly_empty", "Share of rooms with at most one viewer at once in the mean of every twelfth", "1",
           lambda d: share(m.peaks(d) <= 1)),
    Metric("rooms_small", "Share of rooms with fewer than six viewers at once, averaged over the session", "1",
           lambda d: m.rooms_below(d, 6)),
)  # fmt: skip

CREATORS = (
    Metric("creators_active", "Creators in business", "1", lambda d: int(d.creators_active.sum()), True),
    Metric("creators_joined", "Creators who joined", "1/day", lambda d: int(d.flows.joined[0]), True),
    Metric("creators_gave_up", "Creators who gave up", "1/day", lambda d: int(d.flows.gave_up[0]), True),
    Metric("creators_selling", "Creators who showed what was ordered", "1/day", m.creators_selling, True),
    Metric("creators_above_minimum_wage", "Share of creators in business with more than the minimum wage",
           "1", m.above_minimum_wage),
    Metric("creator_income_gini", "Gini of income among creators in business", "1",
           lambda d: m.gini(m.fixed(d.state.creators.income[d.creators_active]))),
    Metric("creator_income_top_share", "Income of the top 1 % of creators in business", "1",
           lambda d: m.top_share(m.fixed(d.state.creators.income[d.creators_active]))),
)  # fmt: skip

SELLERS = (
    Metric("sellers_active", "Sellers in business", "1", lambda d: int(d.sellers_active.sum()), True),
    Metric("sellers_joined", "Sellers who joined", "1/day", lambda d: int(d.flows.joined[1]), True),
    Metric("sellers_gave_up", "Sellers who gave up", "1/day", lambda d: int(d.flows.gave_up[1]), True),
    Metric("sellers_selling", "Sellers with an accepted order", "1/day",
           lambda d: len(np.unique(d.taken.seller)), True),
    Metric("sellers_surviving", "Share of those who have been sellers and still are", "1",
           lambda d: ratio(int(d.sellers_active.sum()), int((d.state.sellers.joined <= d.counter).sum()))),
    Metric("sellers_live", "Share of sellers in business who go LIVE", "1",
           lambda d: share(d.state.sellers.live_chance[d.sellers_active] > 0)),
    Metric("sellers_open", "Share of sellers in business with an open affiliate plan", "1",
           lambda d: share(d.state.sellers.open[d.sellers_active])),
    Metric("seller_gini", "Gini of sales of late among sellers in business", "1",
           lambda d: m.gini(m.fixed(d.state.sellers.recent[d.sellers_active]))),
    Metric("product_gini", "Gini of sales of late among products of sellers in business", "1",
           lambda d: m.gini(m.fixed(d.state.products.sold[m.products_offered(d)]))),
    Metric("umkm_connected", "Share of UMKM in business of whom some creator shows a product", "1", m.umkm_connected),
    Metric("umkm_gmv_share", "Share of GMV of UMKM sellers (micro, small and medium)", "1",
           lambda d: ratio(m.exact_sum(d.taken.price[m.umkm(d)[d.taken.seller]]), m.exact_sum(d.taken.price))),
)  # fmt: skip

#: Every metric, in the order of the columns.
METRICS: tuple[Metric, ...] = (*SALES, *MONEY, *FEED, *LIVE, *CREATORS, *SELLERS)

#: What is broken down: doc, unit, the orders it is about, and what each of them counts.
AMOUNTS: dict[str, tuple[str, str, Callable[[Midnight], Orders], Callable[[Orders], Column]]] = {
    "gmv": ("GMV", "Rp/day", lambda d: d.taken, lambda o: o.price),
    "orders": ("Accepted orders", "1/day", lambda d: d.taken, lambda o: np.ones(len(o), np.int64)),
    "returns": ("Orders that came back", "1/day", lambda d: d.back, lambda o: np.ones(len(o), np.int64)),
    "fees": ("Platform fees of accepted orders", "Rp/day", lambda d: d.taken, lambda o: o.fee),
    "commissions": ("Commissions of accepted orders", "Rp/day", lambda d: d.taken, lambda o: o.commission),
    "subsidies": (
        "What programs pay for accepted orders: parts of prices, top-ups",
        "Rp/day",
        lambda d: d.taken,
        lambda o: o.subsidy + o.top_up,
    ),
}
#: By what: doc, and the member that each order belongs to.
GROUPS: dict[str, tuple[str, Callable[[Midnight, Orders], Column]]] = {
    "channel": ("by channel", lambda d, o: o.channel),
    "category": ("by category", lambda d, o: d.state.products.category[o.product]),
    "province": ("by province of the seller", lambda d, o: d.state.sellers.province[o.seller]),
    "size": ("by size of the seller", lambda d, o: d.state.sellers.size[o.seller]),
    "origin": ("by origin of the product", lambda d, o: d.state.products.local[o.product].astype(np.int8)),
}


def broken_down(amount: str, group: str) -> Family:
    """Declare a family: one of the amounts by one of the groups."""
    (doc, unit, orders_of, counts), (by, members_of) = AMOUNTS[amount], GROUPS[group]

    def measure(day: Midnight, n: int) -> Column:
        orders = orders_of(day)
        return sum_by(members_of(day, orders), counts(orders), n)

    return Family(f"{amount}.{group}", f"{doc} {by}", unit, group, measure)


FAMILIES = tuple(broken_down(amount, group) for amount in AMOUNTS for group in GROUPS)
