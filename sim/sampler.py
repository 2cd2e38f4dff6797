"""Draw one of many by weight, so that a small change of weights changes few draws.

Rejection from a frozen proposal. Within a group (a category), ``q_i`` is fixed once, with a bound
``B``; ``w_i`` is today's weight:

    propose i with chance q_i (alias table); accept when a uniform is below min(1, w_i / (B q_i)).

What exceeds the bound, ``e_i = max(0, w_i - B q_i)``, forms a short list of outgrown members, which
an attempt enters with chance E / (B + E), E = sum e_i. So i is drawn with chance w_i / sum w,
exactly, whatever ``q`` and ``B`` are; these decide only how many attempts it takes. When one weight
changes, only attempts that propose that member, or enter the list, can end differently: about
two draws change per draw that must, however many members there are. (Inverse-CDF and alias sampling
of today's weights move every boundary behind the change.)

Members of the list are drawn from a trie (``sim/trie.py``).

References: Vose (1991) for alias tables; von Neumann (1951) for rejection.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from sim.rng import ATTEMPTS, fill_words, pack, unit, words
from sim.tables import NOTHING, Column
from sim.trie import Trie, descend, descend_together, fill_marks, make_trie

_U32 = np.uint64(0xFFFFFFFF)
_S32, _S63 = np.uint64(32), np.uint64(63)
_TWO_32 = 4294967296.0
_FEWEST = 0.125  # when less than this share of attempts is accepted, the bound is lowered for today
_TOGETHER = 4096  # draws whose lists stay in the cache
_NEXT_ATTEMPT = np.uint32(1 << 6)  # in the numbers of ``rng.pack``

#: What one attempt reads, side by side: 16 bytes, four to a line of the cache.
CELL = np.dtype([("cut", np.uint32), ("alias", np.int32), ("accept", np.uint32), ("member", np.int32)])


class Proposal(NamedTuple):
    """A frozen proposal for every group: which member, how likely, under which bound."""

    start: Column  # (n_groups + 1,) int64: cells of group g are start[g] : start[g + 1]
    cells: Column  # (n_members,) CELL
    chance: Column  # (n_members,) float64: chance of the cell's member within its group, as the table has it
    bound: Column  # (n_groups,) float64: B
    marks: Column  # (n_members,) uint32: hashed id of the cell's member


class Sampler(NamedTuple):
    """A proposal with today's weights."""

    start: Column
    cells: Column
    outgrown: Column  # (n_groups,) float64: chance that an attempt enters the list
    trie: Trie


def propose(group: Column, weight: Column, ids: Column, n_groups: int, room: float) -> Proposal:
    """Freeze a proposal at the expected ``weight`` (n,) of every member.

    ``group`` (n,) says where a member belongs; ``room`` is the bound in units of the sum of weights
    (more room: fewer outgrow it, more attempts). Members of weight 0 get a millionth of the mean.
    """
    order = np.lexsort((ids, -weight, group)).astype(np.int32)
    start = np.zeros(n_groups + 1, np.int64)
    start[1:] = np.cumsum(np.bincount(group, minlength=n_groups))
    cells, chance, bound = np.zeros(len(order), CELL), np.zeros(len(order)), np.zeros(n_groups)
    cells["member"] = order
    _fill_alias(start, np.ascontiguousarray(weight[order], np.float64), room, cells, chance, bound)
    marks = np.zeros(len(order), np.uint32)
    fill_marks(ids[order], marks)
    return Proposal(start, cells, chance, bound, marks)


@njit(cache=True)
def _fill_alias(start, weight, room, cells, chance, bound):
    """Fill the alias table of each group (Vose, 1991), serially, so that its bits are the same anywhere."""
    for g in range(bound.shape[0]):
        lo, n = start[g], start[g + 1] - start[g]
        total = 0.0
        for i in range(n):
            total += weight[lo + i]
        least = 1e-6 * total / n if total > 0.0 else 1.0
        total = 0.0
        for i in range(n):
            total += max(weight[lo + i], least)
        bound[g] = room * total
        scaled = np.empty(n)
        small, large = np.empty(n, np.int64), np.empty(n, np.int64)
        n_small = n_large = 0
        for i in range(n):
            scaled[i] = max(weight[lo + i], least) * n / total
            if scaled[i] < 1.0:
                small[n_small] = i
                n_small += 1
            else:
                large[n_large] = i
                n_large += 1
        while n_small > 0 and n_large > 0:
            n_small -= 1
            n_large -= 1
            i, j = small[n_small], large[n_large]
            cells[lo + i].cut = np.uint32(scaled[i] * (_TWO_32 - 1.0))
            cells[lo + i].alias = j
            scaled[j] -= 1.0 - scaled[i]
            if scaled[j] < 1.0:
                small[n_small] = j
                n_small += 1
            else:
                large[n_large] = j
                n_large += 1
        for k in range(n_large):
            cells[lo + large[k]].cut, cells[lo + large[k]].alias = np.uint32(_U32), large[k]
        for k in range(n_small):
            cells[lo + small[k]].cut, cells[lo + small[k]].alias = np.uint32(_U32), small[k]
        _read_chances(cells[lo : lo + n], chance[lo : lo + n])


@njit(cache=True)
def _read_chances(cells, chance):
    """Write the chance with which the finished table proposes each cell, rounding of cuts included."""
    n = cells.shape[0]
    for i in range(n):
        own = cells[i].cut / _TWO_32
        chance[i] += own / n
        chance[cells[i].alias] += (1.0 - own) / n


def weigh(proposal: Proposal, weight: Column) -> Sampler:
    """Return the sampler of today's ``weight`` (n_members,), by member."""
    start, n_groups = proposal.start, len(proposal.bound)
    cells = proposal.cells.copy()
    excess = np.zeros(len(cells))
    outgrown = np.zeros(n_groups)
    _fill_accept(start, proposal.chance, proposal.bound, weight, cells, excess, outgrown)
    listed = np.flatnonzero(excess)
    group = (np.searchsorted(start, listed, side="right") - 1).astype(np.int64)
    trie = make_trie(group, proposal.marks[listed], excess[listed], cells["member"][listed], n_groups)
    return Sampler(start, cells, outgrown, trie)


@njit(cache=True, nogil=True)
def _fill_accept(start, chance, bound, weight, cells, excess, outgrown):
    """Write the acceptance of each cell, what outgrows the bound, and the chance to enter the list."""
    for g in range(bound.shape[0]):
        total = 0.0
        for i in range(start[g], start[g + 1]):
            total += weight[cells[i].member]
        limit = bound[g]
        while 0.0 < total < _FEWEST * limit:  # far from what was expected: a market almost closed
            limit *= 0.5
        beyond = 0.0
        for i in range(start[g], start[g + 1]):
            most = limit * chance[i]
            w = weight[cells[i].member]
            cells[i].accept = np.uint32(min(1.0, w / most) * (_TWO_32 - 1.0))
            if w > most:
                excess[i] = w - most
                beyond += w - most
        outgrown[g] = beyond / (limit + beyond) if total > 0.0 else -1.0


@njit(cache=True, inline="always")
def attempt_cell(a, b, c, lo, n, cells):
    """Return the cell that one attempt proposes, and whether it is accepted.

    ``a`` and ``b`` together are a 64-bit fraction: times ``n``, its whole part is the cell, the rest
    the coin between the cell and its alias.
    """
    place = np.uint64(a) * n + ((np.uint64(b) * n) >> _S32)
    own = lo + (place >> _S32)
    other = lo + np.uint64(cells[own].alias)
    # all ones if the coin falls on the alias, else 0: a choice by arithmetic, since nobody could predict a branch
    takes_alias = (((place & _U32) - np.uint64(cells[own].cut)) >> _S63) - np.uint64(1)
    cell = own + (takes_alias & (other - own))
    return cell, np.uint64(c) < np.uint64(cells[cell].accept)


@njit(cache=True)
def draw(key, agent, slot, group, sampler):
    """Return (member, attempts): a member of ``group`` by weight, or NOTHING if all weights are 0."""
    lo = np.uint64(sampler.start[group])
    n = np.uint64(sampler.start[group + 1]) - lo
    enter, trie = sampler.outgrown[group], sampler.trie
    if n == 0 or enter < 0.0:
        return np.int32(NOTHING), 0
    for attempt in range(ATTEMPTS):
        a, b, c, d = words(key, agent, pack(slot, attempt, 0))
        if unit(d) < enter:
            return descend(key, agent, slot, attempt, trie.root[group], trie.forks), attempt + 1
        cell, accepted = attempt_cell(a, b, c, lo, n, sampler.cells)
        if accepted:
            return sampler.cells[cell].member, attempt + 1
    return np.int32(NOTHING), ATTEMPTS


@njit(cache=True, nogil=True)
def draw_batch(key, agents, slots, groups, pending, sampler, out):
    """Write ``draw`` of each of ``agents`` (n,) at ``pending`` (m,) positions into ``out`` (n,); return the attempts.

    The same draws, attempt by attempt for many at once: words come several at a time, and memory is
    asked for many cells before the first one is needed.
    """
    start, outgrown, attempts = sampler.start, sampler.outgrown, 0
    place, group = np.empty(_TOGETHER, np.uint32), np.empty(_TOGETHER, np.uint8)
    who, other = np.empty(_TOGETHER, np.uint32), np.empty(_TOGETHER, np.uint32)
    n = 0
    for i in pending:
        g = groups[i]
        out[i] = NOTHING
        if start[g + 1] > start[g] and outgrown[g] >= 0.0:
            place[n], group[n], who[n], other[n] = i, g, agents[i], pack(slots[i], 0, 0)
            n += 1
        if n == _TOGETHER:
            attempts += _draw_together(key, who, other, place, group, n, sampler, out)
            n = 0
    return attempts + _draw_together(key, who, other, place, group, n, sampler, out)


@njit(cache=True)
def _draw_together(key, who, other, place, group, left, sampler, out):
    """Draw for the first ``left`` of ``who`` from ``group`` into ``out`` at ``place``; return the attempts.

    Nearly without branches, which nobody could predict: whoever is not accepted moves up in the lists.
    """
    start, cells, outgrown, root = sampler.start, sampler.cells, sampler.outgrown, sampler.trie.root
    a, b = np.empty(left, np.uint32), np.empty(left, np.uint32)
    c, d = np.empty(left, np.uint32), np.empty(left, np.uint32)
    # those who enter the list of outgrown members
    enter_who, enter_other = np.empty(left + 1, np.uint32), np.empty(left + 1, np.uint32)
    enter_place, node = np.empty(left + 1, np.uint32), np.empty(left + 1, np.int32)
    attempts, entered = 0, np.uint64(0)
    for _ in range(ATTEMPTS):
        fill_words(key, who, other, left, a, b, c, d)
        attempts += left
        still = np.uint64(0)
        for j in range(np.uint64(left)):
            i, g, agent, number = place[j], group[j], who[j], other[j]
            lo = np.uint64(start[g])
            cell, accepted = attempt_cell(a[j], b[j], c[j], lo, np.uint64(start[g + np.uint64(1)]) - lo, cells)
            enters = unit(d[j]) < outgrown[g]
            enter_who[entered], enter_other[entered], enter_place[entered], node[entered] = agent, number, i, root[g]
            entered += np.uint64(enters)
            out[i] = cells[cell].member  # unless it is refused, and the next attempt writes another
            place[still], group[still], who[still], other[still] = i, g, agent, number + _NEXT_ATTEMPT
            still += np.uint64(not (accepted | enters))
        left = np.int64(still)
        if left == 0:
            break
    for j in range(left):
        out[place[j]] = NOTHING
    descend_together(key, enter_who, enter_other, node, enter_place, np.int64(entered), sampler.trie.forks, out)
    return attempts
