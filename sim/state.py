"""What the market remembers from one day to the next, and what happened today.

Rows and ids: ``id`` is who somebody is, keys every draw and every output, and does not depend on
how large the market is. The row is where they are stored; references between tables are rows.
"""

from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np

from sim.sampler import Proposal
from sim.tables import NEVER, NOTHING, Column, Table, column, concatenate, table

FOLLOW_SLOTS = 12
SHOWCASE = 4
OFFERS = 8
ENGAGED = 16
DAYPARTS = 4
DAYPART_MINUTES = 360
ROOM_SLICES = 12
SECONDS = 60  # in a minute; a twelfth of a session is a whole number of them
PIPELINE = 14


class Channel(IntEnum):
    """Where a buyer met the product."""

    VIDEO = 0
    LIVE = 1
    SEARCH = 2


class Status(IntEnum):
    """What became of an order."""

    OPEN = 0
    SOLD_OUT = 1  # or the voucher was used up, and the wallet too small without it
    RETURNED = 2
    PAID_OUT = 3


class Size(IntEnum):
    """Seller size classes; the first three are UMKM (Law 20/2008)."""

    MICRO = 0
    SMALL = 1
    MEDIUM = 2
    LARGE = 3


@table
class Users(Table):
    """People who watch and buy."""

    id: Column = column("Who this is", dtype=np.int32)
    province: Column = column("Province", dtype=np.int8)
    age_band: Column = column("0: 18-24, 1: 25-34, 2: 35-44, 3: 45-54, 4: 55 and over", dtype=np.int8)
    student: Column = column("Is a university student", dtype=np.bool_)
    income_decile: Column = column("Decile of monthly budget, 0 the poorest", dtype=np.int8)
    interest: Column = column("First category of interest", dtype=np.int8)
    interest_2: Column = column("Second category of interest", dtype=np.int8)
    interest_share: Column = column("Weight of the first interest against the second")
    activity: Column = column("Promotional impressions per active day", unit="1/day")
    online: Column = column("Chance to be online on a day", unit="1/day")
    daypart: Column = column("Preferred daypart", dtype=np.int8)
    awake: Column = column("Bit d is set when awake in daypart d", dtype=np.uint8)
    payday: Column = column("Payday, days after the 25th of the month", dtype=np.int8, unit="day")
    price_sensitivity: Column = column("Multiplies the price coefficient", default=1)
    live_affinity: Column = column("Multiplies the rate of LIVE visits", default=1)
    local_preference: Column = column("Utility of a local product, in units of its coefficient")
    need: Column = column("Multiplies the rate of shelf needs", default=1)
    propensity: Column = column("Propensity to buy", unit="logit")
    budget: Column = column("Money per month for this marketplace", dtype=np.int64, unit="Rp/month")
    wallet: Column = column("Money at hand", dtype=np.int64, unit="Rp")
    satiation: Column = column("Purchases of late, exponentially weighted")
    orders: Column = column("Orders since the beginning", dtype=np.int32)
    last_order: Column = column("Counter day of the last order", dtype=np.int32, unit="day", default=NEVER)
    last_seller: Column = column("Row of the seller last delivered from", dtype=np.int32, default=NOTHING)
    satisfaction: Column = column("With that seller: chance to be content, 0 before the first delivery")
    n_follows: Column = column("Follow slots in use", dtype=np.int8)
    follows: Column = column("Rows of followed hosts", dtype=np.int32, default=NOTHING, width=FOLLOW_SLOTS)
    engaged_on: Column = column("Counter day of the last engagement", dtype=np.int32, unit="day", width=FOLLOW_SLOTS)


@table
class Hosts(Table):
    """Whoever shows products: creators, then sellers' own accounts. Both tables share these columns."""

    id: Column = column("Who this is", dtype=np.int32)
    province: Column = column("Province", dtype=np.int8)
    category: Column = column("Niche of a creator, category of a seller", dtype=np.int8)
    joined: Column = column("Counter day of joining", dtype=np.int32, unit="day", default=NEVER)
    left: Column = column("Counter day of leaving", dtype=np.int32, unit="day", default=NEVER)
    urge: Column = column("Cumulated hazard of joining")
    threshold: Column = column("Cumulated hazard at which this one joins, drawn once")
    skill: Column = column("Makes a viewer understand and trust the product", unit="sd")
    live_skill: Column = column("The same in a LIVE room", unit="sd")
    charm: Column = column("Fixed appeal to the feed", unit="ln")
    effort: Column = column("Posts per day", unit="1/day")
    usual_effort: Column = column("Posts per day by temperament", unit="1/day")
    backlog: Column = column("What earlier posts still draw, in posts of today", unit="1/day")
    momentum: Column = column("Engaged views per day, exponentially weighted", unit="1/day")
    live_momentum: Column = column("LIVE stays per day, exponentially weighted", unit="1/day")
    followers: Column = column("Users who follow", dtype=np.int32)
    live_minutes: Column = column("LIVE minutes on a LIVE day", dtype=np.int16, unit="min")
    live_chance: Column = column("Chance of a LIVE on a day; 0 until adopted", unit="1/day")
    daypart: Column = column("Daypart of the LIVE", dtype=np.int8)
    showcase: Column = column("Rows of promoted products", dtype=np.int32, default=NOTHING, width=SHOWCASE)
    reservation: Column = column("Income below which the effort does not pay", dtype=np.float64, unit="Rp/day")
    income: Column = column("Income paid out, exponentially weighted", dtype=np.float64, unit="Rp/day")
    cash: Column = column("Money at hand", dtype=np.int64, unit="Rp")


@table
class Creators(Hosts):
    """People who promote products of others for commission."""

    student: Column = column("Is a university student", dtype=np.bool_)
    inclusion: Column = column("Belongs to a group that inclusive programs reach out to", dtype=np.bool_)
    eligible: Column = column("May promote for commission", dtype=np.bool_)
    low_weeks: Column = column("Weeks in a row below the reservation income", dtype=np.int16, unit="week")
    earned_video: Column = column("Commission from video, paid out", dtype=np.int64, unit="Rp")
    earned_live: Column = column("Commission from LIVE, paid out", dtype=np.int64, unit="Rp")
    earned_bonus: Column = column("Bonuses and top-ups, paid out", dtype=np.int64, unit="Rp")


@table
class Sellers(Hosts):
    """Shops."""

    cluster: Column = column("Trade cluster; 0 none, 1 Pasar Tanah Abang", dtype=np.int16)
    size: Column = column("Size class, see Size", dtype=np.int8)
    local: Column = column("Sells local products", dtype=np.bool_)
    commission: Column = column("Share of the price offered to affiliates")
    open: Column = column("Affiliate plan is open to every eligible creator", dtype=np.bool_)
    live_urge: Column = column("Cumulated hazard of adopting LIVE")
    live_threshold: Column = column("Cumulated hazard at which LIVE is adopted, drawn once")
    live_since: Column = column("Counter day LIVE was adopted", dtype=np.int32, unit="day", default=NEVER)
    first_product: Column = column("Row of the first product", dtype=np.int32)
    n_products: Column = column("Products, in consecutive rows", dtype=np.int16)
    recent: Column = column("Orders of the last four weeks, exponentially weighted", unit="1/day")
    earlier: Column = column("The same, four weeks ago (lagged)", unit="1/day")
    last_sale: Column = column("Counter day of the last sale", dtype=np.int32, unit="day", default=NEVER)
    working_capital: Column = column("Cash kept in the business; more is withdrawn", dtype=np.int64, unit="Rp")
    orders: Column = column("Orders since the beginning", dtype=np.int64)
    revenue: Column = column("Price of orders since the beginning", dtype=np.int64, unit="Rp")


@table
class Products(Table):
    """What is sold."""

    id: Column = column("Who this is", dtype=np.int32)
    seller: Column = column("Row of the seller", dtype=np.int32)
    category: Column = column("Category", dtype=np.int8)
    local: Column = column("Is a local product", dtype=np.bool_)
    price: Column = column("Asking price", dtype=np.int64, unit="Rp")
    reference: Column = column("What was paid of late", dtype=np.float64, unit="Rp")
    cost: Column = column("Unit cost", dtype=np.int64, unit="Rp")
    quality: Column = column("True quality", unit="sd")
    fad: Column = column("Passing fashion", unit="logit")
    stock: Column = column("Units on hand", dtype=np.int32)
    pipeline: Column = column("Units on order, by arrival day modulo the width", dtype=np.int32, width=PIPELINE)
    rating_sum: Column = column("Sum of ratings of 1 to 5", dtype=np.int64)
    rating_count: Column = column("Number of ratings", dtype=np.int32)
    sold: Column = column("Orders of late, exponentially weighted", unit="orders")
    daily: Column = column("The same as a mean", dtype=np.float64, unit="orders/day")
    orders: Column = column("Orders since the beginning", dtype=np.int64)


@table
class Orders(Table):
    """Orders of one day, in order of the buyers' rows; one row an order."""

    user: Column = column("Row of the buyer", dtype=np.int32)
    product: Column = column("Row of the product", dtype=np.int32)
    seller: Column = column("Row of the seller", dtype=np.int32)
    host: Column = column("Row of the host who is paid for the sale, or NOTHING", dtype=np.int32, default=NOTHING)
    room: Column = column("Room of the day, or NOTHING", dtype=np.int32, default=NOTHING)
    channel: Column = column("Where the buyer met the product", dtype=np.int8)
    status: Column = column("What became of it", dtype=np.int8)
    price: Column = column("Price asked", dtype=np.int64, unit="Rp")
    subsidy: Column = column("Part of the price that programs pay", dtype=np.int64, unit="Rp")
    shipping: Column = column("Shipping paid by the buyer", dtype=np.int64, unit="Rp")
    fee: Column = column("Platform fee", dtype=np.int64, unit="Rp")
    commission: Column = column("Commission of the creator", dtype=np.int64, unit="Rp")
    top_up: Column = column("Addition to the commission that programs pay", dtype=np.int64, unit="Rp")
    promise: Column = column("Quality that the buyer expected", unit="sd")

    def shown_by_creator(self, n_creators: int) -> Column:
        """Return which orders a creator is paid for, (n,) bool."""
        shown: Column = (self.host != NOTHING) & (self.host < n_creators)
        return shown


@table
class Dues(Table):
    """What programs owe for single orders: part of the price, or part of the commission."""

    order: Column = column("Row of the order in the day's table", dtype=np.int32)
    program: Column = column("Index of the program", dtype=np.int16)
    subsidy: Column = column("Part of the price", dtype=np.int64, unit="Rp")
    top_up: Column = column("Addition to the commission", dtype=np.int64, unit="Rp")
    shipping: Column = column("Part of the shipping", dtype=np.int64, unit="Rp")


@table
class Rooms(Table):
    """LIVE rooms of one day, sorted by category, daypart and host."""

    host: Column = column("Row of the host", dtype=np.int32)
    category: Column = column("Category", dtype=np.int8)
    daypart: Column = column("Daypart", dtype=np.int8)
    start: Column = column("Minute of the daypart at which it opens", dtype=np.int16, unit="min")
    minutes: Column = column("How long it is open", dtype=np.int16, unit="min")
    pull: Column = column("Weight with which visitors find it", dtype=np.float64)
    discount: Column = column("Flash discount, share of the price")
    basket: Column = column("Rows of the products shown", dtype=np.int32, default=NOTHING, width=SHOWCASE)
    aside: Column = column("Units set aside for the room", dtype=np.int32, width=SHOWCASE)


@dataclass
class Parcel:
    """The orders of one day while their money is in escrow, and the terms under which they were made.

    A twin may deliver or pay out at other times from day 0 on, and live another history: what was ordered
    before keeps its days, and the luck by which it is experienced.
    """

    day: int  # counter day of the order
    orders: Orders
    dues: Dues
    arrives: int  # counter day on which buyers experience and rate it
    closes: int  # counter day on which it is kept for good, or comes back
    luck: int  # of what buyers experience, see ``Today.luck``


def _purse() -> Column:
    return np.zeros(1, np.int64)


@dataclass
class Books:
    """Balances [Rp] of the accounts that are not columns of a table, and what all accounts held last midnight."""

    platform: Column = field(default_factory=_purse)  # (1,)
    escrow: Column = field(default_factory=_purse)  # (1,)
    outside: Column = field(default_factory=_purse)  # (1,)
    programs: Column = field(default_factory=lambda: np.zeros(0, np.int64))  # (n_programs,) spent is < 0
    spent_up: Column = field(default_factory=lambda: np.zeros(0, np.int32))  # (n_programs,) counter day, or NEVER
    midnight: dict[str, int] = field(default_factory=dict)  # by account


@dataclass
class State:
    """The whole market at the start of a day."""

    users: Users
    creators: Creators
    sellers: Sellers
    products: Products
    category_price: Column  # (n_categories,) median price of a category [Rp], fixed
    popularity: Column  # (n_categories,) running shares of categories, fixed
    category_names: tuple[str, ...] = ()
    scale: float = 1.0  # people represented by one agent
    proposals: dict[str, Proposal] = field(default_factory=dict)  # frozen proposals of the samplers
    books: Books = field(default_factory=Books)
    parcels: list[Parcel] = field(default_factory=list)
    own: dict[str, Table] = field(default_factory=dict)  # tables that mechanisms and programs bring along
    hosts: Hosts = field(init=False)
    host_identity: Column = field(init=False)  # (n_hosts,) keys draws: ids of creators, ids of sellers + 2^31

    def __post_init__(self) -> None:
        """Store the columns that creators and sellers share once, side by side, as ``hosts``."""
        shared = [Hosts(**{c: getattr(t, c) for c in Hosts.columns()}) for t in (self.creators, self.sellers)]
        self.hosts = concatenate(shared)
        n = len(self.creators)
        for name in Hosts.columns():
            whole = getattr(self.hosts, name)
            setattr(self.creators, name, whole[:n])
            setattr(self.sellers, name, whole[n:])
        self.host_identity = self.hosts.id + np.where(np.arange(len(self.hosts)) < n, 0, 1 << 31)

    @property
    def n_categories(self) -> int:
        """Number of product categories."""
        return len(self.category_price)

    def active(self, day: int) -> Column:
        """Return which hosts are in business on counter day ``day``, (n_hosts,) bool."""
        return (self.hosts.joined <= day) & (self.hosts.left > day)
