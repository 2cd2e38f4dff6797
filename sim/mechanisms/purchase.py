"""Purchase: one choice among all offers of the day and not buying.

    U_j = a_0 + a_u + season + v_j - b_p sens_u ln((paid_j + ship_u) / (ref_j + ship)) + b_m match + b_t tied
          + [video] b_d skill_h  + [live] (a_live + b_l live_skill_h)  + [search] a_need
          + b_loc local_u [local_j] + b_y satisfaction_u [last seller] - b_sat satiation_u
          + sigma_n N(u, category, day) + G(u, j, day),        U_0 = G(u, nothing, day)

``v_j`` is the appeal of the product, ``G`` standard Gumbel: a mixed nested logit (McFadden, 1974;
McFadden and Train, 2000). ``G`` is keyed by user and product, so an offer that enters or leaves does
not change what the user thinks of the others. An offer is tied when following led to its slot of the
feed, or a notification to its room; to follow its host is not enough. Price acts against what was paid
of late for the same product. ``sigma_n`` is shared by the offers of a category: the larger it is, the
more a sale is taken from other sellers rather than new. Offers above the wallet are struck out.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numba import njit

from sim.flows import Block
from sim.layout import draw_gumbels, draw_normals
from sim.mathematics import log
from sim.mechanism import Mechanism, Phase, Today
from sim.offers import match_of
from sim.params import param
from sim.prices import afford, asked, subsidy_of
from sim.rng import Stream
from sim.state import Channel, Dues, Orders
from sim.surplus import add_surplus
from sim.tables import NOTHING, Column, concatenate

_LIVE, _SEARCH = int(Channel.LIVE), int(Channel.SEARCH)
OUTSIDE = 0xFFFFFFFF  # the product id of not buying


class Goods(NamedTuple):
    """What every choice of today reads of products, hosts and rooms."""

    id: Column  # (n_products,)
    category: Column  # (n_products,)
    seller: Column  # (n_products,)
    local: Column  # (n_products,) bool
    price: Column  # (n_products,) [Rp]
    reference: Column  # (n_products,) [Rp]
    appeal: Column  # (n_products,) [logit]
    skill: Column  # (n_hosts,) levers included
    live_skill: Column  # (n_hosts,) levers included
    discount: Column  # (n_rooms,)
    voucher: Column  # (n_vouchers, n_users) share of the price
    voucher_for: Column  # (n_vouchers, n_products) bool


class Tastes(NamedTuple):
    """The parameters that the kernel reads; ``base`` is a_0 with season and programs."""

    base: float
    b_p: float
    b_m: float
    b_t: float
    b_d: float
    a_live: float
    b_l: float
    a_need: float
    b_loc: float
    b_y: float
    b_sat: float
    sigma_n: float
    satiation_memory: float
    shipping: float
    shipping_paid: float
    voucher_cap: float


class Choices(NamedTuple):
    """Everything that the users of a block can afford, user by user, in the order in which they were shown it."""

    row: Column  # (n,) row of the user in the block
    number: Column  # (n,) which of the user's offers
    value: Column  # (n,) utility, noise included [logit]
    nothing: Column  # (n,) utility of not buying, for this user [logit]


class Purchase(Mechanism):
    """Let each user choose one offer, or none."""

    phase = Phase.USERS
    says = "each user compares the offers of the day with not buying"

    a_0: float = param(-6.3, "Buying against not buying", unit="logit", low=-20, high=5, source="prototype")
    b_p: float = param(
        3.1, "Utility lost by paying more than of late", unit="logit/ln", low=0, high=10, source="B6; prototype"
    )
    b_m: float = param(0.5, "Match of interest", unit="logit", low=0, high=3, source="prototype")
    b_t: float = param(0.3, "A tie to the host led to the offer", unit="logit", low=0, high=3, source="prototype")
    b_d: float = param(0.25, "Skill of the host of a video", unit="logit/sd", low=0, high=3, source="prototype")
    a_live: float = param(0.2, "Being in a LIVE room", unit="logit", low=-3, high=3, source="prototype")
    b_l: float = param(0.25, "LIVE skill of the host of a room", unit="logit/sd", low=0, high=3, source="prototype")
    a_need: float = param(0.9, "Having searched", unit="logit", low=-3, high=5, source="prototype")
    b_loc: float = param(0.2, "Local product", unit="logit", low=-3, high=3, source="prototype")
    b_y: float = param(0.8, "Satisfaction with the last seller", unit="logit", low=0, high=5, source="prototype")
    b_sat: float = param(0.2, "Purchases of late", unit="logit", low=0, high=5, source="prototype")
    sigma_n: float = param(
        1.0, "Noise that the offers of a category share; displacement hangs on it", unit="logit", low=0, high=3
    )
    satiation_memory: float = param(
        0.85, "Part of satiation that is left after a day", low=0, high=0.999, source="prototype"
    )
    shipping: int = param(5_000, "Shipping that a buyer pays", unit="Rp/order", low=0, high=200_000)
    voucher_cap: float = param(0.9, "Largest share of a price that vouchers may pay together", low=0, high=1)
    payday: float = param(0.15, "Season: from the 25th to the 1st", unit="logit", low=-2, high=2)
    weekend: float = param(0.05, "Season: Saturday and Sunday", unit="logit", low=-2, high=2)
    double_date: float = param(0.5, "Season: 1.1, 2.2 ... 12.12", unit="logit", low=-2, high=3)
    harbolnas: float = param(0.3, "Season: 12 December, on top of the double date", unit="logit", low=-2, high=3)
    ramadan: float = param(0.2, "Season: Ramadan", unit="logit", low=-2, high=2, source="prototype")

    def season(self, today: Today) -> float:
        """Return the utility that the calendar adds today."""
        date = today.date
        return (
            self.payday * (date.date.day >= 25 or date.date.day == 1)
            + self.weekend * date.weekend
            + self.double_date * date.double_date
            + self.harbolnas * date.harbolnas
            + self.ramadan * date.ramadan
        )

    def prepare(self, today: Today) -> None:
        """Gather what the choices of today read."""
        state, flows, levers = today.state, today.flows, today.levers
        products, shape = state.products, (len(levers.vouchers), len(state.users))
        voucher, voucher_for = np.zeros(shape, np.float32), np.ones((shape[0], len(products)), np.bool_)
        for v, given in enumerate(levers.vouchers):
            voucher[v] = given.share
            if given.products is not None:
                voucher_for[v] = given.products
        flows.ready["goods"] = Goods(
            products.id, products.category, products.seller, products.local, products.price, products.reference,
            flows.appeal, state.hosts.skill + levers.skill, state.hosts.live_skill + levers.live_skill,
            flows.rooms.discount, voucher, voucher_for,
        )  # fmt: skip
        flows.ready["tastes"] = self.tastes(today)

    def tastes(self, today: Today) -> Tastes:
        """Return the numbers of the kernel, with season and levers."""
        same = {name: float(getattr(self, name)) for name in Tastes._fields if name in type(self).model_fields}
        return Tastes(
            **same,
            base=self.a_0 + self.season(today) + today.levers.desire,
            shipping_paid=float(self.shipping - sum(amount for _, amount in today.levers.aid(self.shipping))),
        )

    def act(self, today: Today, block: Block) -> None:
        goods, tastes = today.flows.ready["goods"], today.flows.ready["tastes"]
        users, offers, start = today.state.users, block.offers.arrays, block.start
        satiation, keys = users.satiation[block.rows], (today.key(Stream.TASTE_TODAY), today.key(Stream.CATEGORY_TODAY))
        fade(satiation, tastes.satiation_memory)
        affordable = afford(start, users.wallet, goods, tastes, offers, block.counts.totals)
        noise = draw_noise(keys, start, users.id, goods, offers, affordable)
        value = value_offers(start, users.arrays, goods, tastes, offers, affordable, noise)
        choices = Choices(affordable[0], affordable[1], value, noise[2])
        add_surplus(start, users.price_sensitivity, tastes, choices, affordable[2], noise[0], block.counts.totals)
        self.decide(choices, block)
        n = int(np.count_nonzero(block.offers.ordered != NOTHING))
        block.orders, block.dues = Orders.empty(n), Dues.empty(n * goods.voucher.shape[0])
        write_orders(start, satiation, goods, tastes, offers, block.orders.arrays, block.dues.arrays)
        payers = np.array([v.program for v in today.levers.vouchers], np.int16)
        block.dues.program[:] = payers[block.dues.program]
        block.dues = concatenate([block.dues, *self.shipping_dues(today, n)])

    def decide(self, choices: "Choices", block: Block) -> None:
        """Write which of their offers users order into ``block.offers.ordered``; another choice rule overrides this."""
        choose(choices, block.offers.ordered)

    def shipping_dues(self, today: Today, n: int) -> Iterator[Dues]:
        """Yield what each program owes for the shipping of ``n`` orders."""
        for program, amount in today.levers.aid(self.shipping):
            dues = Dues.empty(n)
            dues.order[:], dues.program[:], dues.shipping[:] = np.arange(n), program, amount
            yield dues


@njit(cache=True)
def utility(paid, reference, appeal, match, tied, tastes, sensitivity):
    """Return the part of utility that price, product and match make, before host, user and noise."""
    dear = log(max(paid + tastes.shipping_paid, 1.0) / (reference + tastes.shipping))
    return tastes.base + appeal - tastes.b_p * sensitivity * dear + tastes.b_m * match + tastes.b_t * tied


@njit(cache=True)
def channel_utility(channel, host, skill, live_skill, tastes):
    """Return the part of utility that the channel and its host make."""
    if channel == _SEARCH:
        return tastes.a_need
    if channel == _LIVE:
        return tastes.a_live + tastes.b_l * live_skill[host]
    return tastes.b_d * skill[host]


@njit(cache=True, nogil=True)
def draw_noise(keys, start, ids, goods, offers, affordable):
    """Return the noise of each affordable offer, of its category, and of not buying; three (n,) arrays."""
    row_of, number, _ = affordable
    n = row_of.shape[0]
    user, product, category = np.empty(n, np.uint32), np.empty(n, np.uint32), np.empty(n, np.uint32)
    for i in range(n):
        p = offers.product[row_of[i], number[i]]
        user[i], product[i], category[i] = ids[start + row_of[i]], goods.id[p], goods.category[p]
    nothing = draw_gumbels(keys[0], user, np.full(n, OUTSIDE, np.uint32))
    return draw_gumbels(keys[0], user, product), draw_normals(keys[1], user, category), nothing


@njit(cache=True, nogil=True)
def value_offers(start, users, goods, tastes, offers, affordable, noise):
    """Return the utility of each affordable offer, noise included, (n,)."""
    row_of, number, paid = affordable
    own_noise, category_noise, _ = noise
    out = np.empty(row_of.shape[0])
    for i in range(row_of.shape[0]):
        row, j = row_of[i], number[i]
        u, p, sensitivity = start + row, offers.product[row, j], users.price_sensitivity[start + row]
        match = match_of(users.interest[u], users.interest_2[u], goods.category[p])
        value = utility(paid[i], goods.reference[p], goods.appeal[p], match, offers.tied[row, j], tastes, sensitivity)
        value += channel_utility(offers.channel[row, j], offers.host[row, j], goods.skill, goods.live_skill, tastes)
        own = (
            users.propensity[u]
            + tastes.b_loc * users.local_preference[u] * goods.local[p]
            + tastes.b_y * users.satisfaction[u] * (users.last_seller[u] == goods.seller[p])
            - tastes.b_sat * users.satiation[u]
        )
        value += own + own_noise[i]
        value += tastes.sigma_n * category_noise[i]
        out[i] = value
    return out


@njit(cache=True, nogil=True)
def choose(choices, ordered):
    """Write the offer of the highest utility of each user, if it beats not buying, into ``ordered`` (n_rows,)."""
    last, best = -1, 0.0
    for i in range(choices.row.shape[0]):
        row = choices.row[i]
        if row != last:
            last, best = row, choices.nothing[i]
        if choices.value[i] > best:
            best, ordered[row] = choices.value[i], choices.number[i]


@njit(cache=True, nogil=True)
def fade(satiation, memory):
    """Let the satiation of each user of the block fade by a day, in place."""
    for u in range(satiation.shape[0]):
        satiation[u] *= memory


@njit(cache=True, nogil=True)
def write_orders(start, satiation, goods, tastes, offers, orders, dues):
    """Write the orders of the block into ``orders``, and what each voucher owes for them into ``dues``."""
    n = 0
    vouchers = goods.voucher.shape[0]
    for row in range(offers.count.shape[0]):
        j = offers.ordered[row]
        if j == NOTHING:
            continue
        u, p, r = start + row, offers.product[row, j], offers.room[row, j]
        satiation[row] += 1.0
        orders.user[n], orders.product[n], orders.seller[n] = u, p, goods.seller[p]
        orders.host[n], orders.room[n], orders.channel[n] = offers.host[row, j], r, offers.channel[row, j]
        orders.price[n] = asked(p, r, goods.price, goods.discount)
        orders.shipping[n] = int(tastes.shipping_paid)
        for v in range(vouchers):
            due = n * vouchers + v
            dues.order[due], dues.program[due] = n, v
            dues.subsidy[due] = subsidy_of(
                orders.price[n], p, u, goods.voucher, goods.voucher_for, tastes.voucher_cap, v
            )
            orders.subsidy[n] += dues.subsidy[due]
        n += 1
