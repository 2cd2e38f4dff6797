"""Orders meet stock; deliveries are rated; some come back. The formulas are in ``sim/mechanisms/fulfilment.py``."""

from sim.mathematics import exp, logistic
from sim.mechanism import Today
from sim.mechanisms.fulfilment import LN_2, Fulfilment, experience, key_of, rating_of, return_chance
from sim.plain.people import People
from sim.rng import Stream, of, uniform, words
from sim.state import Channel, Orders, Parcel, Status
from sim.tables import NOTHING


def ship(rules: Fulfilment, today: Today, people: People) -> None:
    """Let today's orders meet stock, in an order fixed by hash; what is sold out does not sate."""
    orders, key = today.flows.orders, today.key(Stream.STOCK_TURN)
    buyers = [people.users[row] for row in orders.user]
    goods = [people.products[row] for row in orders.product]
    orders.promise[:] = [today.flows.perceived[product.row] for product in goods]
    turns = [
        (int(words(key, buyer.unique_id, product.unique_id)[0]), buyer.unique_id)
        for buyer, product in zip(buyers, goods, strict=True)
    ]
    for_all = _not_set_aside(today, people)
    for o in sorted(range(len(orders)), key=lambda o: turns[o]):
        if orders.status[o] != Status.OPEN:  # too dear without the voucher that was used up
            buyers[o].satiation -= 1.0
        elif _is_set_aside(today, orders, o):
            goods[o].stock -= 1
        elif for_all[orders.product[o]] > 0:
            for_all[orders.product[o]] -= 1
            goods[o].stock -= 1
        else:
            orders.status[o] = Status.SOLD_OUT
            today.flows.sold_out += 1
            buyers[o].satiation -= 1.0
    paid: dict[int, list[int]] = {product.row: [] for product in people.products}
    for o in range(len(orders)):
        if orders.status[o] != Status.SOLD_OUT:
            paid[orders.product[o]].append(int(orders.price[o] - orders.subsidy[o]))
            buyers[o].orders += 1
            buyers[o].last_order = today.counter
    pull = 1.0 - exp(-LN_2 / rules.half_life) if rules.half_life else 1.0
    for product in people.products:
        product.remember(rules, pull, paid[product.row])
    arrives, closes = today.counter + min(rules.delivery, rules.escrow), today.counter + rules.escrow
    today.state.parcels.append(Parcel(today.counter, orders, today.flows.dues, arrives, closes, int(today.luck)))


def _not_set_aside(today: Today, people: People) -> list[int]:
    """Return what is left of each product for all, besides what rooms have set aside."""
    left, rooms = [product.stock for product in people.products], today.flows.rooms
    for r in range(len(rooms)):
        for p, units in zip(rooms.basket[r], rooms.aside[r], strict=True):
            if p != NOTHING:
                left[p] -= int(units)
    return left


def _is_set_aside(today: Today, orders: Orders, o: int) -> bool:
    """Take a unit from what the room of an order has set aside; return whether there was one."""
    rooms, r = today.flows.rooms, orders.room[o]
    for k in range(rooms.basket.shape[1] if r != NOTHING else 0):
        if rooms.basket[r, k] == orders.product[o] and rooms.aside[r, k] > 0:
            rooms.aside[r, k] -= 1
            return True
    return False


def deliver(rules: Fulfilment, today: Today, people: People) -> None:
    """Let buyers experience and rate what arrives today."""
    for parcel in [parcel for parcel in today.state.parcels if parcel.arrives == today.counter]:
        key, orders = key_of(today, parcel), parcel.orders
        for o in range(len(orders)):
            if orders.status[o] == Status.SOLD_OUT:
                continue
            user, product = people.users[orders.user[o]], people.products[orders.product[o]]
            felt = experience(key, user.unique_id, product.unique_id, product.quality, rules.experience_sd)
            chance = uniform(of(key, int(Stream.RATING_ROUND)), user.unique_id, product.unique_id)
            stars = rating_of(felt, rules.rating_mean, rules.rating_slope, chance)
            product.rating_sum += stars
            product.rating_count += 1
            user.last_seller = orders.seller[o]
            user.satisfaction = logistic(rules.s_0 + rules.s_1 * (felt - float(orders.promise[o])))
            today.flows.delivered += 1
            today.flows.rating_sum += stars


def close(rules: Fulfilment, today: Today, people: People) -> None:
    """Decide which of the orders whose time is over come back; the rest are kept for good."""
    for parcel in [parcel for parcel in today.state.parcels if parcel.closes == today.counter]:
        key, orders = key_of(today, parcel), parcel.orders
        for o in range(len(orders)):
            if orders.status[o] != Status.OPEN:
                continue
            user, product = people.users[orders.user[o]], people.products[orders.product[o]]
            felt = experience(key, user.unique_id, product.unique_id, product.quality, rules.experience_sd)
            gap, live = felt - float(orders.promise[o]), bool(orders.channel[o] == Channel.LIVE)
            chance = uniform(of(key, int(Stream.RETURN)), user.unique_id, product.unique_id)
            if chance < return_chance(gap, live, rules.c_0, rules.c_live, rules.c_gap):
                orders.status[o] = Status.RETURNED
                product.stock += 1
                today.flows.returned += 1
                today.flows.returned_value += int(orders.price[o])
            else:
                orders.status[o] = Status.PAID_OUT
