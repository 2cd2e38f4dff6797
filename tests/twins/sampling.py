"""A plain Python twin of the sampler, from the docstring of ``sim/sampler.py``: lists, dicts and loops."""

from collections import defaultdict
from fractions import Fraction

from tests.twins.chance import MASK, pack, unit, unit_fine

NOTHING = -1


def mark(identity):
    """Return the hash that orders ids in a trie."""
    x = identity & MASK
    x = ((x ^ (x >> 16)) * 0x7FEB352D) & MASK
    x = ((x ^ (x >> 15)) * 0x846CA68B) & MASK
    return x ^ (x >> 16)


def alias_table(weights):
    """Return (cut, alias) of each cell, by Vose's method with two stacks."""
    n = len(weights)
    total = 0.0
    for weight in weights:
        total += weight
    scaled = [weight * n / total for weight in weights]
    small, large = [i for i in range(n) if scaled[i] < 1.0], [i for i in range(n) if scaled[i] >= 1.0]
    cut, alias = [MASK] * n, list(range(n))
    while small and large:
        i, j = small.pop(), large.pop()
        cut[i], alias[i] = int(scaled[i] * MASK), j
        scaled[j] -= 1.0 - scaled[i]
        (small if scaled[j] < 1.0 else large).append(j)
    return cut, alias


class Group:
    """The members of one group: a frozen proposal, and the acceptance of today's weights."""

    def __init__(self, members, expected, ids, room):
        self.members = sorted(members, key=lambda m: (-expected[m], ids[m]))
        total = 0.0
        for m in self.members:
            total += expected[m]
        least = 1e-6 * total / len(self.members) if total > 0 else 1.0
        weights = [max(expected[m], least) for m in self.members]
        total = 0.0
        for weight in weights:
            total += weight
        self.bound = room * total
        self.cut, self.alias = alias_table(weights)
        self.ids = ids
        self.chance = [0.0] * len(self.members)
        for i in range(len(self.members)):
            own = self.cut[i] / 2**32
            self.chance[i] += own / len(self.members)
            self.chance[self.alias[i]] += (1.0 - own) / len(self.members)

    def weigh(self, weight):
        """Take today's weights."""
        total = 0.0
        for m in self.members:
            total += weight[m]
        limit = self.bound
        while 0 < total < limit / 8:
            limit /= 2
        self.accept, self.beyond, beyond = [], {}, 0.0
        for m, chance in zip(self.members, self.chance, strict=True):
            most = limit * chance
            self.accept.append(int(min(1.0, weight[m] / most) * MASK))
            if weight[m] > most:
                self.beyond[m] = weight[m] - most
                beyond += weight[m] - most
        self.enter = beyond / (limit + beyond)
        self.empty = total == 0

    def draw(self, dice, agent, slot):
        """Return (member, attempts)."""
        if self.empty:
            return NOTHING, 0
        n, attempt = len(self.members), 0
        while True:
            a, b, c, d = dice.words(agent, pack(slot, attempt))
            attempt += 1
            if unit(d) < self.enter:
                return descend(dice, agent, slot, attempt - 1, self.beyond, self.ids), attempt
            place = (a << 32 | b) * n >> 32  # a fraction of 64 bits, times n
            cell, rest = place >> 32, place & MASK
            cell = self.alias[cell] if rest >= self.cut[cell] else cell
            if c < self.accept[cell]:
                return self.members[cell], attempt


class Sampler:
    """All groups."""

    def __init__(self, group, expected, ids, n_groups, room):
        members = defaultdict(list)
        for m, g in enumerate(group):
            members[int(g)].append(m)
        ids = [int(i) for i in ids]
        expected = [float(weight) for weight in expected]
        self.groups = {g: Group(members[g], expected, ids, room) for g in range(n_groups) if members[g]}

    def weigh(self, weight):
        for group in self.groups.values():
            group.weigh([float(w) for w in weight])
        return self

    def draw(self, dice, agent, slot, group):
        return self.groups[group].draw(dice, agent, slot) if group in self.groups else (NOTHING, 0)


def descend(dice, agent, slot, attempt, weights, ids):
    """Return one of the members in ``weights`` by going down the bits of their marks, or NOTHING.

    Each fork compares the sums of both sides, which are exact fractions here.
    """
    left = {m: Fraction(float(w)) for m, w in weights.items() if w > 0}
    if not left:
        return NOTHING
    order = sorted(left, key=lambda m: mark(ids[m]))
    for bit in range(31, -1, -1):
        zeros = [m for m in order if not mark(ids[m]) >> bit & 1]
        ones = [m for m in order if mark(ids[m]) >> bit & 1]
        if not zeros or not ones:
            continue
        a, b, _, _ = dice.words(agent, pack(slot, attempt, bit + 1))
        lower, upper = (sum(left[m] for m in side) for side in (zeros, ones))
        order = zeros if unit_fine(a, b) < lower / (lower + upper) else ones
    return order[0]
