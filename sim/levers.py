"""What programs may move and mechanisms read, with the values at which nothing is moved.

Numbers compose by + (neutral 0), by x (neutral 1) or by minimum (neutral infinity); vouchers,
top-ups and links are lists whose effect does not depend on their order. So programs commute.
"""

from dataclasses import dataclass, field

import numpy as np

from sim.state import Channel, State
from sim.tables import Column

#: A budget that nothing can use up [Rp].
NO_LIMIT = 10**17


@dataclass(frozen=True)
class Voucher:
    """A program pays a share of the price of what some users buy today."""

    program: int  # index of the program that pays
    share: Column  # (n_users,) float32, share of the price
    products: Column | None = None  # (n_products,) bool: which products it is good for; None is all


@dataclass(frozen=True)
class TopUp:
    """A program adds to the commission of some creators today."""

    program: int  # index of the program that pays
    share: Column  # (n_creators,) float32, share of the price


@dataclass(frozen=True)
class Links:
    """A program puts products into showcases: collaborations, equal priorities broken by hash."""

    creators: Column  # (n_links,) rows
    products: Column  # (n_links,) rows
    priority: float = 0.0


@dataclass(frozen=True)
class Shipping:
    """A program pays a share of the shipping of every order today."""

    program: int  # index of the program that pays
    share: float


@dataclass
class Levers:
    """Today's levers; made anew every morning, so that nothing that a program does outlives it."""

    exposure: Column  # (n_hosts,) x weight in the feed
    effort: Column  # (n_hosts,) x posts per day
    skill: Column  # (n_hosts,) + skill [sd]
    live_skill: Column  # (n_hosts,) + skill in LIVE rooms [sd]
    live_chance: Column  # (n_hosts,) + chance of a LIVE [1/day]
    room_pull: Column  # (n_hosts,) x weight of rooms
    attraction: Column  # (n_hosts,) x hazard of joining
    giving_up: Column  # (n_hosts,) x chance to give up
    live_attraction: Column  # (n_sellers,) x hazard of adopting LIVE
    fee: Column  # (n_sellers,) x platform fee
    product_exposure: Column  # (n_products,) x weight of the product in showcases and on the shelf
    desire: float = 0.0  # + utility of buying [logit]
    kappa: float = 1.0  # x precision of the recommender
    epsilon: float = 0.0  # + share of impressions that explore
    exposure_cap: float = np.inf  # minimum: largest share of a category's weight that one host may have
    vouchers: list[Voucher] = field(default_factory=list)
    top_ups: list[TopUp] = field(default_factory=list)
    links: list[Links] = field(default_factory=list)
    shipping: list[Shipping] = field(default_factory=list)
    budgets: Column = field(default_factory=lambda: np.zeros(0, np.int64))  # (n_programs,) what each may spend [Rp]
    open: Column = field(default_factory=lambda: np.ones(len(Channel), np.bool_))  # minimum: is the channel open

    def aid(self, shipping: int) -> list[tuple[int, int]]:
        """Return (program, rupiah) that each program pays of the shipping of an order; together never more than it."""
        whole = max(1.0, sum(sorted(given.share for given in self.shipping)))
        return [(given.program, int(shipping * given.share / whole + 1e-6)) for given in self.shipping]

    @classmethod
    def neutral(cls, state: State) -> "Levers":
        """Return levers at which nothing is moved."""
        n_hosts, n_sellers, n_products = len(state.hosts), len(state.sellers), len(state.products)
        return cls(
            exposure=np.ones(n_hosts),
            effort=np.ones(n_hosts),
            skill=np.zeros(n_hosts),
            live_skill=np.zeros(n_hosts),
            live_chance=np.zeros(n_hosts),
            room_pull=np.ones(n_hosts),
            attraction=np.ones(n_hosts),
            giving_up=np.ones(n_hosts),
            live_attraction=np.ones(n_sellers),
            fee=np.ones(n_sellers),
            product_exposure=np.ones(n_products),
            budgets=np.full(len(state.books.programs), NO_LIMIT, np.int64),
        )
