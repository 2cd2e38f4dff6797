"""Fulfilment: stock, delivery, ratings, returns.

    experience   e   = quality_p + sd N(order)
    rating           = round(r0 + slope e + noise), within 1 to 5
    satisfaction     = logistic(s0 + s1 (e - promise))
    P(return)        = logistic(c0 + c_live [LIVE] - c_gap (e - promise))
    sold_p      <- memory sold_p + orders_p
    reference_p <- reference_p + (1 - 2^(-1 / half-life)) (paid_p - reference_p)

Orders meet stock in an order fixed by hash: in a room first what was set aside for it, then what is
left for all; the rest are told "sold out". What was ordered ``delivery`` days ago is rated and makes
satisfaction; what was ordered ``escrow`` days ago is kept, or returned and back in stock: both days are
fixed with the order. The promise is the quality perceived when the order was made.
"""

import numpy as np
from numba import njit

from sim.layout import draw_words
from sim.mathematics import exp, logistic
from sim.mechanism import Mechanism, Phase, Today
from sim.params import param
from sim.rng import Key, Stream, normal, of, uniform
from sim.state import Channel, Parcel, Status
from sim.tables import NOTHING

_LIVE = int(Channel.LIVE)
LN_2 = 0.6931471805599453


class Fulfilment(Mechanism):
    """Deliver, rate and return."""

    phase = Phase.AFTER
    says = "orders meet stock; deliveries are rated; some come back"

    delivery: int = param(3, "Time from order to delivery; escrow at most", unit="day", low=0, high=7)
    escrow: int = param(
        7, "Time from order to payout or return", unit="day", low=1, high=60, source="model: payouts wait 7 days"
    )
    experience_sd: float = param(
        0.8, "Spread of what a buyer experiences around true quality", unit="sd", low=0, high=5
    )
    rating_mean: float = param(
        4.6,
        "Rating of a product of mean quality, before rounding",
        unit="stars",
        low=1,
        high=5,
        source="categories.csv: 4.84 among popular products",
    )
    rating_slope: float = param(0.35, "Stars that one sd of experience makes", unit="stars/sd", low=0, high=2)
    s_0: float = param(0.5, "Satisfaction when the promise is just kept", unit="logit", low=-5, high=5)
    s_1: float = param(1.0, "Satisfaction, by experience above promise", unit="logit/sd", low=0, high=5)
    c_0: float = param(-2.6, "Return when the promise is just kept", unit="logit", low=-10, high=2, source="B5")
    c_live: float = param(0.8, "Return of what was bought LIVE", unit="logit", low=-2, high=3, source="B5")
    c_gap: float = param(0.7, "Return, by experience below promise", unit="logit/sd", low=0, high=5)
    sold_memory: float = param(
        0.95, "Part of sales of late that is left after a day", low=0, high=0.999, source="prototype"
    )
    half_life: float = param(
        60, "Half-life of the price that buyers are used to", unit="day", low=0, high=365, source="model: 0-365"
    )

    def step(self, today: Today) -> None:
        self.ship(today)
        self.deliver(today)
        self.close(today)

    def ship(self, today: Today) -> None:
        """Let today's orders meet stock; remember the promise; move sales of late and reference prices."""
        products, orders, rooms = today.state.products, today.flows.orders, today.flows.rooms
        orders.promise[:] = today.flows.perceived[orders.product]
        users = today.state.users.id[orders.user]
        turn = draw_words(today.key(Stream.STOCK_TURN), users, products.id[orders.product])[0]
        order = np.lexsort((users, turn))
        today.flows.sold_out = int(serve(order, products.stock, rooms.arrays, orders.arrays))
        pull = 1.0 - float(exp(-LN_2 / self.half_life)) if self.half_life else 1.0
        remember(orders.arrays, products.arrays, self.sold_memory, pull)
        unserved = orders.user[orders.status == Status.SOLD_OUT]
        np.subtract.at(today.state.users.satiation, unserved, np.float32(1.0))  # what one does not get does not sate
        buyers = orders.user[orders.status != Status.SOLD_OUT]
        np.add.at(today.state.users.orders, buyers, 1)
        today.state.users.last_order[buyers] = today.counter
        today.state.parcels.append(self.parcel(today))

    def parcel(self, today: Today) -> Parcel:
        """Return today's orders, with the days that are fixed for them now."""
        arrives, closes = today.counter + min(self.delivery, self.escrow), today.counter + self.escrow
        return Parcel(today.counter, today.flows.orders, today.flows.dues, arrives, closes, int(today.luck))

    def deliver(self, today: Today) -> None:
        """Let buyers experience what arrives today."""
        numbers = (self.experience_sd, self.rating_mean, self.rating_slope, self.s_0, self.s_1)
        users, products = today.state.users.arrays, today.state.products.arrays
        for parcel in today.state.parcels:
            if parcel.arrives == today.counter:
                delivered, stars = rate(key_of(today, parcel), parcel.orders.arrays, users, products, numbers)
                today.flows.delivered += int(delivered)
                today.flows.rating_sum += int(stars)

    def close(self, today: Today) -> None:
        """Decide which of the orders whose time is over come back; the rest are kept for good."""
        numbers = (self.experience_sd, self.c_0, self.c_live, self.c_gap)
        users, products = today.state.users.arrays, today.state.products.arrays
        for parcel in today.state.parcels:
            if parcel.closes == today.counter:
                returned, value = send_back(key_of(today, parcel), parcel.orders.arrays, users, products, numbers)
                today.flows.returned += int(returned)
                today.flows.returned_value += int(value)


def key_of(today: Today, parcel: Parcel) -> Key:
    """Return the key of what buyers experience: luck and day of the order, whenever it is asked."""
    return today.key(Stream.RATING)._replace(seed=parcel.luck, day=parcel.day)


@njit(cache=True, nogil=True)
def serve(order, stock, rooms, orders):
    """Serve orders in the given order, in place; return how many find nothing left."""
    left = stock.copy()  # for all, without what is set aside
    for r in range(rooms.host.shape[0]):
        for k in range(rooms.basket.shape[1]):
            if rooms.basket[r, k] != NOTHING:
                left[rooms.basket[r, k]] -= rooms.aside[r, k]
    sold_out = 0
    for o in order:
        if orders.status[o] != Status.OPEN.value:
            continue
        p, r = orders.product[o], orders.room[o]
        served = False
        if r != NOTHING:
            for k in range(rooms.basket.shape[1]):
                if rooms.basket[r, k] == p and rooms.aside[r, k] > 0 and not served:
                    rooms.aside[r, k] -= 1
                    served = True
        if not served and left[p] > 0:
            left[p] -= 1
            served = True
        if served:
            stock[p] -= 1
        else:
            orders.status[o] = Status.SOLD_OUT.value
            sold_out += 1
    return sold_out


@njit(cache=True, nogil=True)
def remember(orders, products, memory, pull):
    """Move sales of late and reference prices on by a day, in place; a product not sold is known by its price."""
    n = products.id.shape[0]
    count, paid = np.zeros(n, np.int64), np.zeros(n, np.int64)
    for o in range(orders.product.shape[0]):
        if orders.status[o] != Status.SOLD_OUT.value:
            count[orders.product[o]] += 1
            paid[orders.product[o]] += orders.price[o] - orders.subsidy[o]
    for p in range(n):
        seen = paid[p] / count[p] if count[p] else np.float64(products.price[p])
        products.reference[p] += pull * (seen - products.reference[p])
        products.sold[p] = memory * products.sold[p] + count[p]
        products.daily[p] = (1.0 - memory) * products.sold[p]
        products.orders[p] += count[p]


@njit(cache=True)
def experience(key, user, product, quality, sd):
    """Return what this buyer experiences of this order; the same whenever it is asked."""
    return quality + sd * normal(key, user, product)


@njit(cache=True)
def rating_of(e, mean, slope, u):
    """Return the stars that experience ``e`` makes; ``u`` rounds up or down by chance."""
    return min(max(int(np.floor(mean + slope * e + u)), 1), 5)


@njit(cache=True, nogil=True)
def rate(key, orders, users, products, numbers):
    """Let buyers rate what was delivered, in place; return (deliveries, sum of stars)."""
    sd, mean, slope, s_0, s_1 = numbers
    round_key = of(key, Stream.RATING_ROUND.value)
    delivered = stars = 0
    for o in range(orders.user.shape[0]):
        if orders.status[o] == Status.SOLD_OUT.value:
            continue
        u, p = orders.user[o], orders.product[o]
        e = experience(key, users.id[u], products.id[p], products.quality[p], sd)
        rating = rating_of(e, mean, slope, uniform(round_key, users.id[u], products.id[p]))
        products.rating_sum[p] += rating
        products.rating_count[p] += 1
        users.last_seller[u] = orders.seller[o]
        users.satisfaction[u] = logistic(s_0 + s_1 * (e - orders.promise[o]))
        delivered += 1
        stars += rating
    return delivered, stars


@njit(cache=True)
def return_chance(gap, live, c_0, c_live, c_gap):
    """Return the chance that an order comes back; ``gap`` is experience less promise [sd]."""
    return logistic(c_0 + c_live * live - c_gap * gap)


@njit(cache=True, nogil=True)
def send_back(key, orders, users, products, numbers):
    """Mark each order as returned or kept, and restock what returns; return (returns, their price)."""
    sd, c_0, c_live, c_gap = numbers
    draw_key = of(key, Stream.RETURN.value)
    n = value = 0
    for o in range(orders.user.shape[0]):
        if orders.status[o] != Status.OPEN.value:
            continue
        i, p = users.id[orders.user[o]], orders.product[o]
        gap = experience(key, i, products.id[p], products.quality[p], sd) - orders.promise[o]
        live = orders.channel[o] == _LIVE
        if uniform(draw_key, i, products.id[p]) < return_chance(gap, live, c_0, c_live, c_gap):
            orders.status[o] = Status.RETURNED.value
            products.stock[p] += 1
            n += 1
            value += orders.price[o]
        else:
            orders.status[o] = Status.PAID_OUT.value
    return n, value
