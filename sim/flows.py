"""What happens today: counts, rooms and orders; dropped at midnight, once the metrics have read them."""

from dataclasses import dataclass, field
from enum import IntEnum, auto
from typing import Any

import numpy as np

from sim.state import ENGAGED, OFFERS, ROOM_SLICES, Dues, Orders, Rooms, State
from sim.tables import NOTHING, Column, Table, column, table

FIXED = 1 << 20  # parts of a unit that fixed-point numbers count; whole numbers add up in any order


class Total(IntEnum):
    """Counts over all users of a day."""

    ONLINE = 0
    SLOTS = auto()  # promotional slots of the feed
    IMPRESSIONS = auto()  # of these, filled with a host
    FOLLOWING = auto()  # of these, to which following led
    EXPLORING = auto()  # of these, by exploration
    LOCAL = auto()  # impressions of hosts whose first product is local
    OWN = auto()  # impressions of sellers' own accounts
    WATCHED = auto()  # impressions watched to the end
    ENGAGED = auto()  # impressions engaged with
    CLICKS = auto()  # impressions clicked through
    PICKS = auto()  # hosts drawn by weight
    ATTEMPTS = auto()  # attempts of the sampler that it took
    VISITS = auto()  # visits of LIVE rooms
    NOTIFIED = auto()  # of these, to which a notification led
    STAYS = auto()  # of these, that stayed
    STAY_MINUTES = auto()  # minutes of these stays
    NEEDS = auto()  # needs that led to a search
    OFFERS = auto()  # offers that users compared
    STRUCK_OUT = auto()  # of these, above the wallet
    FOLLOWS = auto()  # new follows
    UNFOLLOWS = auto()  # follows given up
    LOG_SUM = auto()  # log-sums of users' offers, in parts of 1 / FIXED
    PRICE_RESPONSE = auto()  # their derivatives by a uniform cut of ln prices, in such parts


@table
class HostCounts(Table):
    """What users did with each host today."""

    views: Column = column("Promotional impressions", dtype=np.int32)
    engaged: Column = column("Impressions engaged with", dtype=np.int32)
    clicks: Column = column("Impressions clicked through", dtype=np.int32)
    stays: Column = column("Stays in the LIVE room", dtype=np.int32)
    gained: Column = column("New followers", dtype=np.int32)
    lost: Column = column("Followers lost", dtype=np.int32)


@table
class RoomCounts(Table):
    """What users did in each room today."""

    visits: Column = column("Visits", dtype=np.int32)
    stays: Column = column("Visits that stayed", dtype=np.int32)
    minutes: Column = column("Minutes of these stays", dtype=np.int32, unit="min")
    seconds: Column = column(
        "Length of these stays within each twelfth of the session", dtype=np.int64, unit="s", width=ROOM_SLICES
    )


@table
class Offers(Table):
    """What each user of a block may buy today; one row a user."""

    count: Column = column("Offers in use", dtype=np.int8)
    product: Column = column("Row of the product", dtype=np.int32, default=NOTHING, width=OFFERS)
    host: Column = column("Row of the host who showed it last, or NOTHING", dtype=np.int32, width=OFFERS)
    room: Column = column("Room, or NOTHING", dtype=np.int32, width=OFFERS)
    channel: Column = column("Where it was seen last", dtype=np.int8, width=OFFERS)
    tied: Column = column(
        "A tie to that host led there: a followed host's slot, a notification", dtype=np.bool_, width=OFFERS
    )
    priority: Column = column(
        "Keyed by user and product; the lowest go when there are too many", dtype=np.uint32, width=OFFERS
    )
    online: Column = column("Is online today", dtype=np.bool_)
    n_engaged: Column = column("Hosts engaged with", dtype=np.int8)
    engaged: Column = column("Rows of these hosts, the latest", dtype=np.int32, width=ENGAGED)
    ordered: Column = column("Offer that the user orders, or NOTHING", dtype=np.int8, default=NOTHING)


@dataclass
class Counts:
    """Integer sums over users; sums of sums, so that no division into blocks can change them."""

    hosts: HostCounts
    rooms: RoomCounts
    totals: Column  # (len(Total),) int64

    @classmethod
    def empty(cls, n_hosts: int, n_rooms: int) -> "Counts":
        """Return counts of nothing."""
        return cls(HostCounts.empty(n_hosts), RoomCounts.empty(n_rooms), np.zeros(len(Total), np.int64))

    def add(self, other: "Counts") -> None:
        """Add the counts of another part of the users, in place."""
        self.totals += other.totals
        for mine, theirs in ((self.hosts, other.hosts), (self.rooms, other.rooms)):
            for name in mine.columns():
                getattr(mine, name)[...] += getattr(theirs, name)


@dataclass
class Block:
    """Some consecutive users, and what is known of their day so far."""

    start: int
    stop: int
    offers: Offers  # (stop - start,) rows
    counts: Counts
    orders: Orders | None = None
    dues: Dues | None = None

    @property
    def rows(self) -> slice:
        """The rows of the users table that belong to this block."""
        return slice(self.start, self.stop)


@dataclass
class Flows:
    """What happened today, for the whole market."""

    counts: Counts
    rooms: Rooms
    orders: Orders
    dues: Dues
    closed: Orders  # orders of the day whose money left escrow today, those that found no stock included
    showcase: Column  # (n_hosts, SHOWCASE) products shown today, collaborations included
    posts: Column  # (n_hosts,) posts today; 0 for who is not in business
    fresh: Column  # (n_hosts,) posts that the feed can show: those of today and what earlier ones still draw
    appeal: Column  # (n_products,) utility that does not depend on the user [logit]
    perceived: Column  # (n_products,) quality as ratings tell it [sd]
    restocked: Column  # (n_products,) units that sellers buy today
    ready: dict[str, Any] = field(default_factory=dict)  # what mechanisms prepare for the blocks
    bonuses: list["Bonus"] = field(default_factory=list)
    costs: list["Cost"] = field(default_factory=list)
    exhausted: set[int] = field(default_factory=set)  # programs that could not pay all that they would have owed
    settled: dict[str, int] = field(default_factory=dict)  # lines of the ledger [Rp]
    joined: Column = field(default_factory=lambda: np.zeros(2, np.int64))  # creators, sellers
    gave_up: Column = field(default_factory=lambda: np.zeros(2, np.int64))
    sold_out: int = 0
    delivered: int = 0
    returned: int = 0
    returned_value: int = 0
    rating_sum: int = 0

    @classmethod
    def empty(cls, state: State) -> "Flows":
        """Return the flows of a day on which nothing has happened yet."""
        n_hosts, n_products = len(state.hosts), len(state.products)
        return cls(
            counts=Counts.empty(n_hosts, 0),
            rooms=Rooms.empty(0),
            orders=Orders.empty(0),
            dues=Dues.empty(0),
            closed=Orders.empty(0),
            showcase=state.hosts.showcase.copy(),
            posts=np.zeros(n_hosts),
            fresh=np.zeros(n_hosts),
            appeal=np.zeros(n_products),
            perceived=np.zeros(n_products),
            restocked=np.zeros(n_products, np.int64),
        )


@dataclass(frozen=True)
class Bonus:
    """What a program owes to hosts today, apart from orders."""

    program: int
    hosts: Column  # (n,) rows
    amounts: Column  # (n,) int64 [Rp]


@dataclass(frozen=True)
class Cost:
    """What a program pays today to trainers, insurers and others outside the market."""

    program: int
    amount: int  # [Rp]
