"""Plain Python twins of the random numbers, from the paper on Philox and the docstrings of ``sim/rng.py``."""

import math

from sim.mathematics import cos, exp, log

MASK = 0xFFFFFFFF


def philox(counter, key):
    """Return ten rounds of Philox4x32."""
    c, k = list(counter), list(key)
    for _ in range(10):
        first, second = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(second >> 32) ^ c[1] ^ k[0], second & MASK, (first >> 32) ^ c[3] ^ k[1], first & MASK]
        k = [(k[0] + 0x9E3779B9) & MASK, (k[1] + 0xBB67AE85) & MASK]
    return c


def unit(word):
    """Return the number in (0, 1) of one word."""
    return (word + 0.5) / 2**32


def unit_fine(word, other):
    """Return the number in (0, 1) of the upper 26 bits of two words."""
    return ((word >> 6) * 2**26 + (other >> 6) + 0.5) / 2**52


def pack(slot, attempt=0, level=0):
    """Return slot, attempt and level in one word."""
    return slot << 19 | attempt << 6 | level


class Dice:
    """The random numbers of one decision: a seed, a day, a stream."""

    def __init__(self, seed, day, stream):
        self.seed, self.day, self.stream = int(seed), int(day), int(stream)

    def words(self, agent, other=0):
        counter = (int(agent) & MASK, int(other) & MASK, self.day, self.stream)
        return philox(counter, (self.seed & MASK, self.seed >> 32))

    def units(self, agent, other=0):
        """Return the four words as four numbers in (0, 1)."""
        return [unit(word) for word in self.words(agent, other)]

    def uniform(self, agent, other=0):
        a, b, _, _ = self.words(agent, other)
        return unit_fine(a, b)

    def gumbel(self, agent, other=0):
        return -log(-log(self.uniform(agent, other)))

    def normal(self, agent, other=0):
        a, b, c, d = self.words(agent, other)
        return math.sqrt(-2.0 * log(unit_fine(a, b))) * cos(6.283185307179586 * unit_fine(c, d))


def poisson(u, mean, most):
    """Return the smallest k, at most ``most``, at which the Poisson distribution reaches ``u``."""
    term = total = exp(-mean)
    for k in range(most):
        if u <= total:
            return k
        term *= mean / (k + 1)
        total += term
    return most


def pick(u, running):
    """Return the first index whose running share reaches ``u``."""
    return next((i for i, share in enumerate(running) if share >= u), len(running) - 1)
