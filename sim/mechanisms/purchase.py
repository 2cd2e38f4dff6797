"""Purchase: one choice among all offers of the day and not buying.

    U_j = a_0 + a_u + season + v_j - b_p sens_u ln((paid_j + ship_u) / (ref_j + ship)) + b_m match + b_t follows
          + [video] b_d skill_h  + [live] (a_live + b_l live_skill_h)  + [search] a_need
          + b_loc local_u [local_j] + b_y satisfaction_u [last seller] - b_sat satiation_u
          + sigma_n N(u, category, day) + G(u, j, day),        U_0 = G(u, nothing, day)

``v_j`` is the appeal of the product, ``G`` standard Gumbel: a mixed nested logit (McFadden, 1974;
McFadden and Train, 2000). ``G`` is keyed by user and product, so an offer that enters or leaves does
not change what the user thinks of the others. Price acts against what was paid of late for the same
product. ``sigma_n`` is shared by the offers of a category: the larger it is, the more a sale is taken
from other sellers rather than new. Offers above the wallet are struck out.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from sim.flows import Block, Total
from sim.mathematics import log
from sim.mechanism import Mechanism, Phase, Today
from sim.offers import match_of
from sim.params import param
from sim.rng import Stream, gumbel, normal, of
from sim.state import Channel, Dues, Orders
from sim.tables import NOTHING, Column

_LIVE, _SEARCH = int(Channel.LIVE), int(Channel.SEARCH)
_OUTSIDE = 0xFFFFFFFF  # the product id of not buying


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


class Purchase(Mechanism):
    """Let each user choose one offer, or none."""

    phase = Phase.USERS
    says = "each user compares the offers of the day with not buying"

    a_0: float = param(-6.3, "Buying against not buying", unit="logit", low=-20, high=5, source="prototype")
    b_p: float = param(
        3.1, "Utility lost by paying more than of late", unit="logit/ln", low=0, high=10, source="B6; prototype"
    )
    b_m: float = param(0.5, "Match of interest", unit="logit", low=0, high=3, source="prototype")
    b_t: float = param(0.3, "Following the host", unit="logit", low=0, high=3, source="prototype")
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
            shipping_paid=float(int(self.shipping * today.levers.shipping)),
        )

    def act(self, today: Today, block: Block) -> None:
        goods, tastes = today.flows.ready["goods"], today.flows.ready["tastes"]
        users, offers = today.state.users.arrays, block.offers.arrays
        n = choose(today.key(Stream.TASTE_TODAY), block.start, users, goods, tastes, offers, block.counts.totals)
        block.orders, block.dues = Orders.empty(n), Dues.empty(n * goods.voucher.shape[0])
        write_orders(block.start, users, goods, tastes, offers, block.orders.arrays, block.dues.arrays)
        payers = np.array([v.program for v in today.levers.vouchers], np.int16)
        block.dues.program[:] = payers[block.dues.program]


@njit(cache=True)
def subsidy_of(price, product, user, goods, cap, voucher):
    """Return what one voucher pays of ``price`` [Rp], all together being held to the share ``cap``."""
    total = 0.0
    for v in range(goods.voucher.shape[0]):
        total += goods.voucher[v, user] * goods.voucher_for[v, product]
    held = min(1.0, cap / total) if total > 0.0 else 0.0
    return int(price * goods.voucher[voucher, user] * goods.voucher_for[voucher, product] * held)


@njit(cache=True)
def subsidies(price, product, user, goods, cap):
    """Return what all vouchers pay of ``price`` [Rp]."""
    total = 0
    for v in range(goods.voucher.shape[0]):
        total += subsidy_of(price, product, user, goods, cap, v)
    return total


@njit(cache=True)
def asked(product, room, goods):
    """Return the price asked [Rp]: the flash price in a room, whole rupiah."""
    if room == NOTHING:
        return np.int64(goods.price[product])
    return np.int64(goods.price[product] * (1.0 - goods.discount[room]))


@njit(cache=True)
def utility(paid, reference, appeal, match, follows, tastes, sensitivity):
    """Return the part of utility that price, product and match make, before host, user and noise."""
    dear = log((paid + tastes.shipping_paid) / (reference + tastes.shipping))
    return tastes.base + appeal - tastes.b_p * sensitivity * dear + tastes.b_m * match + tastes.b_t * follows


@njit(cache=True)
def channel_utility(channel, host, goods, tastes):
    """Return the part of utility that the channel and its host make."""
    if channel == _SEARCH:
        return tastes.a_need
    if channel == _LIVE:
        return tastes.a_live + tastes.b_l * goods.live_skill[host]
    return tastes.b_d * goods.skill[host]


@njit(cache=True)
def own_utility(users, u, product, goods, tastes):
    """Return the part of utility that the user's own history and tastes make."""
    last = users.last_seller[u] == goods.seller[product]
    return (
        users.propensity[u]
        + tastes.b_loc * users.local_preference[u] * goods.local[product]
        + tastes.b_y * users.satisfaction[u] * last
        - tastes.b_sat * users.satiation[u]
    )


@njit(cache=True, nogil=True)
def choose(key, start, users, goods, tastes, offers, totals):
    """Write the offer that each user of the block orders into ``offers.ordered``; return how many order."""
    noise_key, n = of(key, Stream.CATEGORY_TODAY.value), 0
    for row in range(offers.count.shape[0]):
        u = start + row
        users.satiation[u] *= tastes.satiation_memory
        if offers.count[row] == 0:
            continue
        i = users.id[u]
        best = gumbel(key, i, _OUTSIDE)
        totals[Total.OFFERS.value] += offers.count[row]
        for j in range(offers.count[row]):
            p, r = offers.product[row, j], offers.room[row, j]
            price = asked(p, r, goods)
            paid = price - subsidies(price, p, u, goods, tastes.voucher_cap)
            if paid + tastes.shipping_paid > users.wallet[u]:
                totals[Total.STRUCK_OUT.value] += 1
                continue
            g = goods.category[p]
            match = match_of(users.interest[u], users.interest_2[u], g)
            sensitivity = users.price_sensitivity[u]
            value = utility(
                paid, goods.reference[p], goods.appeal[p], match, offers.follows[row, j], tastes, sensitivity
            )
            value += channel_utility(offers.channel[row, j], offers.host[row, j], goods, tastes)
            value += own_utility(users, u, p, goods, tastes) + gumbel(key, i, goods.id[p])
            if tastes.sigma_n > 0.0:
                value += tastes.sigma_n * normal(noise_key, i, g)
            if value > best:
                best = value
                offers.ordered[row] = j
        if offers.ordered[row] != NOTHING:
            users.satiation[u] += 1.0
            n += 1
    return n


@njit(cache=True, nogil=True)
def write_orders(start, users, goods, tastes, offers, orders, dues):
    """Write the orders of the block into ``orders``, and what each voucher owes for them into ``dues``."""
    n = 0
    vouchers = goods.voucher.shape[0]
    for row in range(offers.count.shape[0]):
        j = offers.ordered[row]
        if j == NOTHING:
            continue
        u, p, r = start + row, offers.product[row, j], offers.room[row, j]
        orders.user[n], orders.product[n], orders.seller[n] = u, p, goods.seller[p]
        orders.host[n], orders.room[n], orders.channel[n] = offers.host[row, j], r, offers.channel[row, j]
        orders.price[n] = asked(p, r, goods)
        orders.shipping[n] = int(tastes.shipping_paid)
        for v in range(vouchers):
            due = n * vouchers + v
            dues.order[due], dues.program[due] = n, v
            dues.subsidy[due] = subsidy_of(orders.price[n], p, u, goods, tastes.voucher_cap, v)
            orders.subsidy[n] += dues.subsidy[due]
        n += 1
