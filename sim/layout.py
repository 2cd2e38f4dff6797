"""What the users of a block do, laid side by side: slots of the feed, visits of LIVE rooms, searches.

Loops over such lists are short and touch few arrays, and words of chance come several at a time.
"""

import numpy as np
from numba import njit

from sim.mathematics import cos, log
from sim.rng import fill_words, pack, unit_fine

_TWO_PI = 6.283185307179586


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
def draw_words(key, agents, others):
    """Return ``words(key, agent, other)`` of each of ``agents`` and ``others`` (n,), as four (n,) uint32 arrays."""
    n = agents.shape[0]
    a, b, c, d = np.empty(n, np.uint32), np.empty(n, np.uint32), np.empty(n, np.uint32), np.empty(n, np.uint32)
    fill_words(key, agents, others, n, a, b, c, d)
    return a, b, c, d


@njit(cache=True, nogil=True)
def draw_numbered(key, user, number, level):
    """Return ``words(key, user, pack(number, 0, level))`` of each of a list, as four (n,) uint32 arrays."""
    others = np.empty(user.shape[0], np.uint32)
    for i in range(user.shape[0]):
        others[i] = pack(number[i], 0, level)
    return draw_words(key, user, others)


@njit(cache=True, nogil=True)
def draw_rows(key, start, ids, n):
    """Return ``words(key, id, 0)`` of the ``n`` rows from ``start``, as four (n,) uint32 arrays."""
    agents = np.empty(n, np.uint32)
    for row in range(n):
        agents[row] = ids[start + row]
    return draw_words(key, agents, np.zeros(n, np.uint32))


@njit(cache=True, nogil=True)
def draw_uniforms(key, agents, others):
    """Return ``uniform(key, agent, other)`` of each of ``agents`` and ``others`` (n,)."""
    a, b, _, _ = draw_words(key, agents, others)
    out = np.empty(agents.shape[0])
    for i in range(out.shape[0]):
        out[i] = unit_fine(a[i], b[i])
    return out


@njit(cache=True, nogil=True)
def draw_gumbels(key, agents, others):
    """Return ``gumbel(key, agent, other)`` of each of ``agents`` and ``others`` (n,)."""
    a, b, _, _ = draw_words(key, agents, others)
    out = np.empty(agents.shape[0])
    for i in range(out.shape[0]):
        out[i] = -log(-log(unit_fine(a[i], b[i])))
    return out


@njit(cache=True, nogil=True)
def draw_normals(key, agents, others):
    """Return ``normal(key, agent, other)`` of each of ``agents`` and ``others`` (n,)."""
    a, b, c, d = draw_words(key, agents, others)
    out = np.empty(agents.shape[0])
    for i in range(out.shape[0]):
        out[i] = np.sqrt(-2.0 * log(unit_fine(a[i], b[i]))) * cos(_TWO_PI * unit_fine(c[i], d[i]))
    return out
