"""Stays in LIVE rooms: who is present when, and which product of the basket it makes an offer."""

import numpy as np
from numba import njit

from sim.layout import draw_gumbels
from sim.state import ROOM_SLICES, SECONDS
from sim.tables import NOTHING

TASTE = 1 << 31  # tastes for products are drawn beside the numbers of visits


@njit(cache=True, nogil=True)
def choose_products(key, visits, room, stays, rooms, appeal, product_id):
    """Return what the stays lead to, as ``offers.put`` takes it: six (n_stays,) arrays.

    Of a basket it is the product that fits the user best today: appeal and a Gumbel taste.
    """
    row_of, user, _ = visits
    stayed, followed = stays
    n, width = stayed.shape[0], rooms.basket.shape[1]
    row, who, product = np.empty(n, np.int32), np.empty(n, np.uint32), np.full(n, NOTHING, np.int32)
    host, r = np.empty(n, np.int32), np.empty(n, np.int32)
    agents, others = np.empty(n * width, np.uint32), np.zeros(n * width, np.uint32)
    for j in range(n):
        i = stayed[j]
        row[j], who[j], r[j], host[j] = row_of[i], user[i], room[i], rooms.host[room[i]]
        for k in range(width):
            agents[j * width + k] = user[i]
            if rooms.basket[r[j], k] != NOTHING:
                others[j * width + k] = TASTE | product_id[rooms.basket[r[j], k]]
    taste = draw_gumbels(key, agents, others)
    for j in range(n):
        best = -np.inf
        for k in range(width):
            p = rooms.basket[r[j], k]
            if p != NOTHING and appeal[p] + taste[j * width + k] > best:
                best, product[j] = appeal[p] + taste[j * width + k], p
    return row, who, product, host, r, followed


@njit(cache=True)
def overlaps(begin, end, busy_from, busy_to, n_busy):
    """Tell whether [begin, end] meets one of the first ``n_busy`` intervals."""
    for k in range(n_busy):
        if begin <= busy_to[k] and end >= busy_from[k]:
            return True
    return False


@njit(cache=True)
def count_stay(r, minute, length, minutes, rooms):
    """Count one stay, and how long it lasts in each slice of the session; return its whole minutes."""
    whole = int(length + 0.5)
    rooms.stays[r] += 1
    rooms.minutes[r] += whole
    begin, end = int(minute * SECONDS + 0.5), int((minute + length) * SECONDS + 0.5)
    part = minutes * SECONDS // ROOM_SLICES
    for k in range(ROOM_SLICES):
        rooms.seconds[r, k] += max(0, min(end, (k + 1) * part) - max(begin, k * part))
    return whole
