"""Every declared metric of one day of a village, told anew by plain pandas from orders, ledger and people."""

import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from sim.flows import Bonus, Total
from sim.inputs import provinces
from sim.levers import Shipping, TopUp, Voucher
from sim.market import Market
from sim.mechanism import Program
from sim.metrics import FAMILIES, METRICS
from sim.recorder import Recorder
from sim.scenario import load
from sim.tables import NEVER, NOTHING
from tests.small import market, morning

DAYS = 10  # longer than money stays in escrow
CHANGES = (
    "population.users=800", "calendar.burn_in=5", "mechanisms.purchase.a_0=-2", "mechanisms.fulfilment.c_0=-1",
    "population.stock_start=3", "population.sellers_live=0.3", "population.creators_live=0.6",
    "population.own_account=0.6", "mechanisms.fulfilment.escrow=7", "mechanisms.learning.drop=1",
    "mechanisms.learning.seller_drop=1",
)  # fmt: skip


class Generous(Program):
    """Pays parts of prices, shipping and commissions, and bonuses."""

    def pull(self, today, me):
        users, creators = len(today.state.users), len(today.state.creators)
        today.levers.vouchers.append(Voucher(me, np.full(users, 0.2, np.float32), today.state.products.local))
        today.levers.top_ups.append(TopUp(me, np.full(creators, 0.05, np.float32)))
        today.levers.shipping.append(Shipping(me, 0.5))

    def bill(self, today, me):
        hosts = np.flatnonzero(today.flows.counts.hosts.clicks)
        today.flows.bonuses.append(Bonus(me, hosts, np.full(len(hosts), 1_000)))


def frame(table, **more):
    """Return the narrow columns of a table as a data frame."""
    columns = {name: getattr(table, name) for name in table.columns()}
    return pd.DataFrame({name: column for name, column in columns.items() if column.ndim == 1} | more)


def told(orders, state):
    """Return orders as a data frame that says of whom and of what they are."""
    sellers, products = orders.seller, orders.product
    return frame(
        orders, category=state.products.category[products], origin=state.products.local[products],
        province=state.sellers.province[sellers], size=state.sellers.size[sellers], cost=state.products.cost[products],
    )  # fmt: skip


def stir(state):
    """Let some who could join do so, some creators be rich, some of all who had enough give up; some have left."""
    state.sellers.size[:] = state.sellers.id % 4
    state.creators.left[2], state.sellers.left[[4, 5]] = 3, 3
    state.hosts.threshold[::2] = 0
    state.creators.income[::5] = 10**6
    state.creators.low_weeks[:], state.creators.reservation[1::5] = 100, 10**12
    state.sellers.last_sale[1::2], state.sellers.joined[1::2] = -999, -999


def purse(state):
    return int(state.books.platform[0]) + int(state.books.programs.sum())


@pytest.fixture(scope="module")
def day():
    """A day of a village that is over: its row of metrics, and what it is made of."""
    village = Market(load("village", CHANGES).but(programs=(Generous(), Generous())), keep=False)
    for _ in range(DAYS - 1):
        village.step()
    before = purse(village.state)
    stir(village.state)
    village.step()
    state, flows = village.state, village.today.flows
    orders = told(flows.orders, state)
    hosts = frame(state.hosts, posts=flows.posts, creator=np.arange(len(state.hosts)) < len(state.creators))
    counter = village.today.counter
    return SimpleNamespace(
        row=village.recorder.row, state=state, flows=flows, counter=counter,
        orders=orders, taken=orders[orders["status"] != 1], closed=told(flows.closed, state),
        users=frame(state.users), products=frame(state.products), rooms=frame(flows.rooms),
        sellers=frame(state.sellers).assign(active=(state.sellers.joined <= counter) & (state.sellers.left > counter)),
        creators=frame(state.creators).query("joined <= @counter and left > @counter"),
        posting=hosts[hosts["posts"] > 0], hosts=hosts, earned=purse(state) - before,
        viewers=pd.DataFrame(flows.counts.rooms.seconds / 60).div(flows.rooms.minutes / 12, axis=0),
    )  # fmt: skip


def gini(values):
    x = np.array(values, float)
    return np.abs(x[:, None] - x[None, :]).mean() / (2 * x.mean())


def top(values):
    x = np.sort(np.array(values, float))[::-1]
    return x[: math.ceil(len(x) / 100)].sum() / x.sum()


def selling(day):
    return day.sellers[day.sellers["active"]]


def owed(day):
    """Return what is in escrow: price and top-ups of orders that may still come back."""
    waiting = pd.concat([frame(parcel.orders) for parcel in day.state.parcels])
    return waiting.loc[waiting["status"] == 0, ["price", "top_up"]].to_numpy().sum()


def paid_by_programs(day):
    dues = frame(day.flows.dues)
    made = dues[~dues["order"].isin(day.orders.index[day.orders["status"] == 1])]
    bonuses = sum(int(bonus.amounts.sum()) for bonus in day.flows.bonuses)
    return made[["subsidy", "top_up", "shipping"]].to_numpy().sum() + bonuses


def margin(day):
    return (day.taken["price"] - day.taken["fee"] - day.taken["commission"] - day.taken["cost"]).sum()


def returned_of_closed(day):
    value = day.closed.groupby("status")["price"].sum()
    return value[2] / (value[2] + value[3])


def connected(day):
    """Return the share of UMKM sellers in business of whom a creator in business shows a product."""
    shown = {int(p) for c in day.creators.index for p in day.flows.showcase[c] if p != NOTHING}
    sellers = set(day.products["seller"].iloc[sorted(shown)])
    umkm = selling(day)[selling(day)["size"] != 3]
    return umkm.index.isin(sellers).mean()


def above_wage(day):
    wage = provinces().wage(2024)[day.creators["province"]]
    return (day.creators["income"] * 30 > wage).mean()


def of_channel(column, code):
    return lambda d: d.taken.loc[d.taken["channel"] == code, column].agg("sum" if column == "price" else "count")


#: What each metric must be; ``log_sum`` and other counts that nothing else remembers are in the next test.
EXPECTED = {
    "gmv": lambda d: d.taken["price"].sum(),
    "gmv_video": of_channel("price", 0), "gmv_live": of_channel("price", 1), "gmv_search": of_channel("price", 2),
    "gmv_net": lambda d: d.taken["price"].sum() - d.closed.loc[d.closed["status"] == 2, "price"].sum(),
    "orders": lambda d: len(d.taken),
    "orders_video": of_channel("user", 0), "orders_live": of_channel("user", 1), "orders_search": of_channel("user", 2),
    "order_value": lambda d: d.taken["price"].mean(),
    "sold_out": lambda d: (d.orders["status"] == 1).sum(),
    "buyers_today": lambda d: d.taken["user"].nunique(),
    "buyers_month": lambda d: (d.users["last_order"] != NEVER).sum(),  # the market is younger than 28 days
    "repeat_share": lambda d: (d.users.query("orders > 0")["orders"] >= 2).mean(),
    "delivered": lambda d: d.flows.delivered,
    "returns": lambda d: (d.closed["status"] == 2).sum(),
    "return_rate": returned_of_closed,
    "rating_mean": lambda d: d.flows.rating_sum / d.flows.delivered,
    "fees": lambda d: d.taken["fee"].sum(),
    "commissions": lambda d: d.taken["commission"].sum(),
    "subsidies": paid_by_programs,
    "platform_revenue_net": lambda d: d.earned,
    "seller_margin": margin,
    "escrow": owed,
    "wallet_mean": lambda d: d.users["wallet"].mean(),
    "satiation_mean": lambda d: d.users["satiation"].astype(float).mean(),
    "impressions": lambda d: d.flows.counts.hosts.views.sum(),
    "clicks": lambda d: d.flows.counts.hosts.clicks.sum(),
    "engagement_rate": lambda d: d.flows.counts.hosts.engaged.sum() / d.flows.counts.hosts.views.sum(),
    "click_rate": lambda d: d.flows.counts.hosts.clicks.sum() / d.flows.counts.hosts.views.sum(),
    "own_share": lambda d: d.flows.counts.hosts.views[~d.hosts["creator"]].sum() / d.flows.counts.hosts.views.sum(),
    "follows": lambda d: d.flows.counts.hosts.gained.sum(),
    "views_gini": lambda d: gini(d.flows.counts.hosts.views[d.posting.index]),
    "views_top_share": lambda d: top(d.flows.counts.hosts.views[d.posting.index]),
    "momentum_gini": lambda d: gini(d.posting["momentum"]),
    "momentum_top_share": lambda d: top(d.posting["momentum"]),
    "live_rooms": lambda d: len(d.rooms),
    "live_minutes": lambda d: d.rooms["minutes"].sum(),
    "live_visits": lambda d: d.flows.counts.rooms.visits.sum(),
    "live_stays": lambda d: d.flows.counts.rooms.stays.sum(),
    "live_stay_rate": lambda d: d.flows.counts.rooms.stays.sum() / d.flows.counts.rooms.visits.sum(),
    "live_watched": lambda d: d.flows.counts.rooms.minutes.sum(),
    "concurrent_viewers_mean": lambda d: d.viewers.to_numpy().mean(),
    "concurrent_viewers_max": lambda d: d.viewers.to_numpy().max(),
    "rooms_nearly_empty": lambda d: (d.viewers.max(axis=1) <= 1).mean(),
    "rooms_small": lambda d: (d.viewers.mean(axis=1) < 6).mean(),
    "creators_active": lambda d: len(d.creators),
    "creators_joined": lambda d: (d.state.creators.joined == d.counter).sum(),
    "creators_gave_up": lambda d: (d.state.creators.left == d.counter + 1).sum(),
    "creators_selling": lambda d: d.taken.loc[d.taken["host"].isin(d.creators.index), "host"].nunique(),
    "creators_above_minimum_wage": above_wage,
    "creator_income_gini": lambda d: gini(d.creators["income"]),
    "creator_income_top_share": lambda d: top(d.creators["income"]),
    "sellers_active": lambda d: len(selling(d)),
    "sellers_joined": lambda d: (d.sellers["joined"] == d.counter).sum(),
    "sellers_gave_up": lambda d: (d.sellers["left"] == d.counter + 1).sum(),
    "sellers_selling": lambda d: d.taken["seller"].nunique(),
    "sellers_surviving": lambda d: d.sellers.query("joined != @NEVER")["active"].mean(),
    "sellers_live": lambda d: (selling(d)["live_chance"] > 0).mean(),
    "sellers_open": lambda d: selling(d)["open"].mean(),
    "seller_gini": lambda d: gini(selling(d)["recent"]),
    "product_gini": lambda d: gini(d.products.loc[d.products["seller"].isin(selling(d).index), "sold"]),
    "umkm_connected": connected,
    "umkm_gmv_share": lambda d: d.taken.loc[d.taken["size"] != 3, "price"].sum() / d.taken["price"].sum(),
}  # fmt: skip

#: Metrics that are counts of users' doings alone, and what they are when Total k has happened k + 1 times.
COUNTED = {
    "users_online": Total.ONLINE + 1,
    "watched_rate": (Total.WATCHED + 1) / (Total.IMPRESSIONS + 1),
    "following_share": (Total.FOLLOWING + 1) / (Total.IMPRESSIONS + 1),
    "exploring_share": (Total.EXPLORING + 1) / (Total.IMPRESSIONS + 1),
    "local_share": (Total.LOCAL + 1) / (Total.IMPRESSIONS + 1),
    "attempts_per_pick": (Total.ATTEMPTS + 1) / (Total.PICKS + 1),
    "needs": Total.NEEDS + 1,
    "offers": Total.OFFERS + 1,
    "offers_struck_out": Total.STRUCK_OUT + 1,
    "log_sum": (Total.LOG_SUM + 1) / 2**20,
    "price_response": (Total.PRICE_RESPONSE + 1) / 2**20,
    "unfollows": Total.UNFOLLOWS + 1,
}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_metric_is_what_the_tables_say(day, name):
    expected = EXPECTED[name](day)
    assert day.row[name] == pytest.approx(expected, rel=1e-6)  # floats are kept to a millionth


def test_the_day_is_one_on_which_everything_happens(day):
    # else a metric could be wrong and nobody would notice
    assert not {name for name in EXPECTED if not day.row[name] or math.isnan(day.row[name])}
    assert set(day.taken["size"]) == {0, 1, 2, 3} and day.row["sellers_surviving"] < 1


def test_counts_are_read_off_the_days_totals():
    today, recorder = morning(market()), Recorder(("Beauty",), provinces().names)
    today.flows.counts.totals[:] = np.arange(1, len(Total) + 1)
    recorder.read(today)
    assert {name: recorder.row[name] for name in COUNTED} == pytest.approx(COUNTED)


def test_no_metric_goes_without_a_test_and_each_says_what_it_is_and_its_unit():
    names = [metric.name for metric in METRICS]
    assert len(set(names)) == len(names)
    assert set(names) == EXPECTED.keys() | COUNTED.keys() and not EXPECTED.keys() & COUNTED.keys()
    assert all(said.doc[0].isupper() and said.unit and not said.doc.endswith(".") for said in (*METRICS, *FAMILIES))


AMOUNTS = {
    "gmv": lambda d: d.taken.assign(amount=d.taken["price"]),
    "orders": lambda d: d.taken.assign(amount=1),
    "returns": lambda d: d.closed[d.closed["status"] == 2].assign(amount=1),
    "fees": lambda d: d.taken.assign(amount=d.taken["fee"]),
    "commissions": lambda d: d.taken.assign(amount=d.taken["commission"]),
    "subsidies": lambda d: d.taken.assign(amount=d.taken["subsidy"] + d.taken["top_up"]),
}
MEMBERS = {
    "channel": ("video", "live", "search"),
    "category": ("Women's Fashion", "Beauty", "Food and Drink"),
    "province": provinces().names,
    "size": ("micro", "small", "medium", "large"),
    "origin": ("imported", "local"),
}


@pytest.mark.parametrize("amount", AMOUNTS)
@pytest.mark.parametrize("group", MEMBERS)
def test_a_family_breaks_the_whole_down(day, amount, group):
    rows = AMOUNTS[amount](day)
    by = rows.groupby(rows[group].astype(int))["amount"].sum()
    found = {name.removeprefix(f"{amount}.{group}."): v for name, v in day.row.items() if f"{amount}.{group}." in name}
    assert found == {name: by.get(code, 0) for code, name in enumerate(MEMBERS[group])}
    assert sum(found.values()) == rows["amount"].sum() > 0
    assert amount == "subsidies" or sum(found.values()) == day.row[amount]


def test_there_is_a_family_for_each_amount_and_group():
    assert {family.name for family in FAMILIES} == {f"{amount}.{group}" for amount in AMOUNTS for group in MEMBERS}
