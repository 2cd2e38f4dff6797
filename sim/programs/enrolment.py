"""Who takes part in a campaign: the list, the queue, and how strongly each is treated."""

import numpy as np
from numba import njit

from sim.mathematics import power
from sim.tables import NEVER, Column, Table, column, table


@table
class Enrolment(Table):
    """Who takes part; a row a user, or a row a host (creators, then sellers)."""

    wish: Column = column("Takes part where the threshold is above this, drawn once", dtype=np.float64)
    turn: Column = column("Place in the queue, drawn once", dtype=np.uint32)
    assigned: Column = column("May take part, by the draw of the evaluation", dtype=np.bool_)
    wave: Column = column("Days after the start from which this one may take part", dtype=np.int32, unit="day")
    since: Column = column("Counter day of joining", dtype=np.int32, unit="day", default=NEVER)
    until: Column = column("Counter day of leaving", dtype=np.int32, unit="day", default=NEVER)


def ranked(value: Column, among: Column, strength: float) -> Column:
    """Return (1 + k) r^k, with r the rank of each ``among`` (n,) from 0 to 1 and k the ``strength``; 0 for others."""
    out = np.zeros(len(value))
    rows = np.flatnonzero(among)
    levels, place = np.unique(value[rows], return_inverse=True)
    below = np.concatenate([[0], np.cumsum(np.bincount(place, minlength=len(levels)))])
    middle = (below[:-1] + below[1:]) / 2.0 / max(1, len(rows))  # those who are equal rank alike
    out[rows] = [(1.0 + strength) * power(max(float(r), 1e-12), strength) for r in middle[place]]
    return out


def admit(own: Enrolment, wanting: Column, room: int, counter: int) -> None:
    """Let the first ``room`` of those who want to, by their turn, take part from today on."""
    rows = np.flatnonzero(wanting)
    first = rows[np.argsort(own.turn[rows], kind="stable")][: max(0, room)]
    own.since[first] = counter


@njit(cache=True)
def fill_strength(since, until, counter, build_up, half_life, out):
    """Write how strongly each is treated today into ``out`` (n,)."""
    for i in range(out.shape[0]):
        if since[i] > counter:
            continue
        days = min(counter, until[i] - 1) - since[i] + 1
        full = min(1.0, days / build_up) if build_up else 1.0
        if until[i] > counter:
            out[i] = full
        elif half_life > 0.0:
            out[i] = full * power(0.5, (counter - until[i] + 1) / half_life)
