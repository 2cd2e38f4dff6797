"""How one number is read off a day: exact sums, shares and concentrations.

    G = (2 sum_i i x_(i) - (n + 1) sum x) / (n sum x),   x_(1) <= ... <= x_(n)

(Gini's mean difference over twice the mean). Floats are rounded to fixed point before they are added
up, and integers are added up exactly: neither the order of rows nor the way a library adds can change
a bit. What has no value (a share of nothing) is NaN.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sim.flows import FIXED, Total
from sim.mechanism import Today
from sim.state import ROOM_SLICES, SECONDS, Channel, Orders, Size, Status
from sim.tables import NEVER, NOTHING, Column

MONTH = 30  # days


@dataclass
class Midnight(Today):
    """A day that is over, with what several metrics look at; computed once, when first asked for."""

    wages: Column | None = None  # (n_provinces,) provincial minimum wage [Rp/month]

    @cached_property
    def taken(self) -> Orders:
        """Today's orders that met stock."""
        orders = self.flows.orders
        return orders.take(orders.status != Status.SOLD_OUT)

    @cached_property
    def back(self) -> Orders:
        """Orders that came back today."""
        closed = self.flows.closed
        return closed.take(closed.status == Status.RETURNED)

    @cached_property
    def margins(self) -> Column:
        """What sellers keep of each of these: price less fee, commission and unit cost [Rp]."""
        taken = self.taken
        return taken.price - taken.fee - taken.commission - self.state.products.cost[taken.product]

    @cached_property
    def creators_active(self) -> Column:
        """Which creators are in business, (n_creators,) bool."""
        return self.state.active(self.counter)[: len(self.state.creators)]

    @cached_property
    def sellers_active(self) -> Column:
        """Which sellers are in business, (n_sellers,) bool."""
        return self.state.active(self.counter)[len(self.state.creators) :]

    @cached_property
    def posting(self) -> Column:
        """Which hosts post videos, (n_hosts,) bool."""
        return self.flows.fresh > 0

    def of(self, channel: Channel) -> Column:
        """Return which of today's accepted orders came from a channel, (n_taken,) bool."""
        found: Column = self.taken.channel == channel
        return found


def fixed(values: Column) -> Column:
    """Return floats as int64 fixed point."""
    return np.rint(np.asarray(values, np.float64) * FIXED).astype(np.int64)


def exact_sum(values: Column) -> int:
    """Return the exact sum of integers, however large."""
    whole = np.asarray(values, np.int64)
    return (int((whole >> 32).sum()) << 32) + int((whole & 0xFFFFFFFF).sum())


def ranked_sum(ordered: Column) -> int:
    """Return the exact ``sum_i i x_i`` of non-negative integers, ``i`` counted from 1."""
    rank = np.arange(1, len(ordered) + 1, dtype=np.int64)
    bits = 62 - 2 * len(ordered).bit_length()  # so that ranks x a slice of these bits cannot overflow
    slices = range(0, 63, bits)
    return sum(int(((ordered >> low & ((1 << bits) - 1)) * rank).sum()) << low for low in slices)


def ratio(part: int, whole: int) -> float:
    """Return ``part / whole``, correctly rounded; NaN of nothing."""
    return part / whole if whole else math.nan


def gini(values: Column) -> float:
    """Return the Gini coefficient of non-negative integers: 0 all alike, near 1 one has it all."""
    ordered = np.sort(np.asarray(values, np.int64))
    n, whole = len(ordered), exact_sum(ordered)
    return ratio(2 * ranked_sum(ordered) - (n + 1) * whole, n * whole)


def top_share(values: Column, percent: int = 1) -> float:
    """Return the share of the largest ``percent`` (rounded up) of non-negative integers in their sum."""
    ordered = np.sort(np.asarray(values, np.int64))
    k = -(-len(ordered) * percent // 100)
    return ratio(exact_sum(ordered[len(ordered) - k :]), exact_sum(ordered))


def mean(values: Column) -> float:
    """Return the mean of floats, by fixed point."""
    return ratio(exact_sum(fixed(values)), len(values) * FIXED)


def share(mask: Column) -> float:
    """Return the share of rows that are true."""
    return ratio(int(np.count_nonzero(mask)), len(mask))


def sum_by(groups: Column, amounts: Column, n: int) -> Column:
    """Return the sum of integers in each of ``n`` groups, (n,)."""
    out = np.zeros(n, np.int64)
    np.add.at(out, groups, amounts)
    return out


def total(day: Today, which: Total) -> int:
    """Return one of the day's counts over all users."""
    return int(day.flows.counts.totals[which])


def sides(line: str) -> tuple[str, str, str]:
    """Return reason, debit and credit of a line of the ledger.

    >>> sides("payout: escrow > sellers")
    ('payout', 'escrow', 'sellers')
    """
    reason, accounts = line.split(": ")
    debit, credit = accounts.split(" > ")
    return reason, debit, credit


def subsidies(day: Today) -> int:
    """Return what programs paid today, returns not yet taken off [Rp]."""
    return sum(amount for line, amount in day.flows.settled.items() if sides(line)[1] == "programs")


def kept_value(day: Today) -> int:
    """Return the price of orders kept for good since today, which their lines in the ledger add up to [Rp]."""
    lines = ("payout: escrow > sellers", "fee: escrow > platform", "commission: escrow > creators")
    return sum(day.flows.settled.get(line, 0) for line in lines)


def platform_net(day: Today) -> int:
    """Return fees paid out, less what programs paid, plus what returns gave back to them [Rp]."""
    net = 0
    for line, amount in day.flows.settled.items():
        _, debit, credit = sides(line)
        net += amount * ((credit in ("platform", "programs")) - (debit in ("platform", "programs")))
    return net


def umkm(day: Midnight) -> Column:
    """Return which sellers are UMKM (micro, small or medium), (n_sellers,) bool."""
    return day.state.sellers.size <= Size.MEDIUM


def umkm_connected(day: Midnight) -> float:
    """Return the share of UMKM sellers in business of whom some creator in business shows a product."""
    shown = day.flows.showcase[: len(day.state.creators)][day.creators_active]
    connected = np.zeros(len(day.state.sellers), np.bool_)
    connected[day.state.products.seller[shown[shown != NOTHING]]] = True
    return share(connected[day.sellers_active & umkm(day)])


def above_minimum_wage(day: Midnight) -> float:
    """Return the share of creators in business whose income, for 30 days, exceeds their province's minimum wage."""
    if day.wages is None:
        return math.nan
    creators = day.state.creators
    return share((creators.income * MONTH > day.wages[creators.province])[day.creators_active])


def creators_selling(day: Midnight) -> int:
    """Return how many creators showed what somebody ordered today."""
    host = day.taken.host
    return len(np.unique(host[(host != NOTHING) & (host < len(day.state.creators))]))


def bought_since(day: Midnight, days: int) -> Column:
    """Return which users have ordered within the last ``days`` days, (n_users,) bool."""
    last = day.state.users.last_order
    bought: Column = (last != NEVER) & (last > day.counter - days)
    return bought


def products_offered(day: Midnight) -> Column:
    """Return which products belong to sellers in business, (n_products,) bool."""
    return day.sellers_active[day.state.products.seller]


def viewers(day: Today) -> Column:
    """Return viewers at once of each room, in the mean of each twelfth of its session, (n_rooms, ROOM_SLICES)."""
    part = day.flows.rooms.minutes.astype(np.int64) * SECONDS // ROOM_SLICES
    found: Column = day.flows.counts.rooms.seconds / part[:, None]
    return found


def peaks(day: Today) -> Column:
    """Return the largest of these means of each room, (n_rooms,)."""
    most: Column = viewers(day).max(axis=1, initial=0.0)
    return most


def viewers_mean(day: Today) -> float:
    """Return viewers at once, averaged over rooms and twelfths of their sessions."""
    return mean(viewers(day).ravel())


def rooms_below(day: Today, least: int) -> float:
    """Return the share of rooms with fewer than ``least`` viewers at once, averaged over the session."""
    watched = day.flows.counts.rooms.seconds.sum(axis=1)
    return share(watched < least * day.flows.rooms.minutes.astype(np.int64) * SECONDS)
