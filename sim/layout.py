"""What the users of a block do, laid side by side: slots of the feed, or visits of LIVE rooms.

Loops over such lists are short and touch few arrays, and numbers can be drawn for many at once.
"""

import numpy as np
from numba import njit

from sim.rng import fill_words

_SLOT_BITS = np.uint32(19)  # ``rng.pack`` of a number with attempt 0


@njit(cache=True, nogil=True)
def lay_out(start, ids, begin):
    """Return row, user id and number of each thing that the rows of a block do; three (n,) arrays.

    ``begin`` (n_rows + 1,) says where each row begins.
    """
    n = begin[-1]
    row_of, user, number = np.empty(n, np.int32), np.empty(n, np.uint32), np.empty(n, np.uint32)
    for row in range(begin.shape[0] - 1):
        for i in range(begin[row], begin[row + 1]):
            row_of[i], user[i], number[i] = row, ids[start + row], i - begin[row]
    return row_of, user, number


@njit(cache=True, nogil=True)
def draw_words(key, user, number, level):
    """Return ``words(key, user, pack(number, 0, level))`` of each, as four (n,) uint32 arrays."""
    n = user.shape[0]
    a, b, c, d = np.empty(n, np.uint32), np.empty(n, np.uint32), np.empty(n, np.uint32), np.empty(n, np.uint32)
    fill_words(key, user, (number << _SLOT_BITS) | np.uint32(level), n, a, b, c, d)
    return a, b, c, d
