"""Prices: what is asked for an offer, what vouchers pay of it, and which offers a user can pay."""

import numpy as np
from numba import njit

from sim.flows import Total
from sim.tables import NOTHING

_OFFERS, _STRUCK_OUT = int(Total.OFFERS), int(Total.STRUCK_OUT)
#: Shares of vouchers count in millionths: .7 is .7 in single precision too, and whole numbers add up in any order.
PARTS = 1_000_000


@njit(cache=True)
def parts_of(share):
    """Return a share of a price in millionths, the nearest."""
    return int(np.floor(share * PARTS + 0.5))


@njit(cache=True)
def part_of(price, share, together, cap):
    """Return what one voucher of ``share`` pays of ``price`` [Rp], rounded down, where all are good for ``together``.

    Shares are in millionths. All are cut alike to the share ``cap``; rounded up, they could pay more than that.
    """
    most = int(cap * PARTS + 1e-6)
    return price * (share if together <= most else share * most // together) // PARTS


@njit(cache=True)
def subsidy_of(price, product, user, voucher, voucher_for, cap, v):
    """Return what voucher ``v`` pays of ``price`` [Rp], all together being held to the share ``cap``."""
    together = 0
    for w in range(voucher.shape[0]):
        together += parts_of(voucher[w, user]) * voucher_for[w, product]
    return part_of(price, parts_of(voucher[v, user]) * voucher_for[v, product], together, cap)


@njit(cache=True)
def asked(product, room, price, discount):
    """Return the price asked [Rp]: the flash price in a room, whole rupiah."""
    if room == NOTHING:
        return np.int64(price[product])
    return np.int64(price[product] * (1.0 - discount[room]))


@njit(cache=True, nogil=True)
def afford(start, wallet, goods, tastes, offers, totals):
    """Return row, number on its list and price to pay [Rp] of each offer of the block that its user can pay."""
    count, product, room = offers.count, offers.product, offers.room
    price, discount, voucher, voucher_for = goods.price, goods.discount, goods.voucher, goods.voucher_for
    n = 0
    for row in range(count.shape[0]):
        n += count[row]
    row_of, number, paid = np.empty(n, np.int32), np.empty(n, np.int8), np.empty(n, np.int64)
    totals[_OFFERS] += n
    left = 0
    for row in range(count.shape[0]):
        for j in range(count[row]):
            p, u = product[row, j], start + row
            whole = asked(p, room[row, j], price, discount)
            part = whole
            for v in range(voucher.shape[0]):
                part -= subsidy_of(whole, p, u, voucher, voucher_for, tastes.voucher_cap, v)
            row_of[left], number[left], paid[left] = row, j, part
            left += part + tastes.shipping_paid <= wallet[u]
    totals[_STRUCK_OUT] += n - left
    return row_of[:left], number[:left], paid[:left]
