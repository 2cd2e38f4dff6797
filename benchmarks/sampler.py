"""The sampler against alias tables and inverse CDF: draws that change, draws a second.

Weights are log-normal with sd 2.4, so that the top 1 % have about .7 of them, as hosts in the feed do. "Aged" is
how far weights have moved since the proposal was frozen (sd of ln). A ratio is the number of draws that change over
the total variation distance between the two distributions: 1 is the least there can be.
"""

import numpy as np
from numba import njit
from scipy.stats import chisquare

from benchmarks.machine import median, table
from sim.mechanisms.discovery import ROOM
from sim.rng import Key, Stream, fill_words, unit
from sim.sampler import draw_batch, propose, weigh

KEY = Key(1, 7, int(Stream.FEED_PICK))
AGES = (0.0, 0.3, 0.6)


class Ours:
    """Rejection from a frozen proposal."""

    def __init__(self, frozen, draws):
        n = len(frozen)
        self.proposal = propose(np.zeros(n, np.int64), frozen, np.arange(n), 1, ROOM)
        self.agents = np.arange(draws, dtype=np.uint32)
        self.slots, self.groups = np.zeros(draws, np.uint32), np.zeros(draws, np.int8)
        self.pending, self.attempts = np.arange(draws, dtype=np.uint32), 0.0

    def draw(self, weight):
        out, sampler = np.empty(len(self.agents), np.int32), weigh(self.proposal, weight)
        return self.pick(sampler, out)

    def pick(self, sampler, out):
        tries = draw_batch(KEY, self.agents, self.slots, self.groups, self.pending.copy(), sampler, out)
        self.attempts = tries / len(out)
        return out


class Rival:
    """A sampler of today's weights, rebuilt when they change."""

    def __init__(self, frozen, draws):
        self.agents, self.zero = np.arange(draws, dtype=np.uint32), np.zeros(draws, np.uint32)

    def draw(self, weight):
        return self.pick(self.build(weight), np.empty(len(self.agents), np.int32))


class Inverse(Rival):
    """Inverse CDF by binary search."""

    def build(self, weight):
        return np.cumsum(weight) / weight.sum()

    def pick(self, running, out):
        search(KEY, self.agents, self.zero, running, out)
        return out


class Alias(Rival):
    """Alias table (Vose, 1991)."""

    def build(self, weight):
        return vose(weight * (len(weight) / weight.sum()))

    def pick(self, built, out):
        look_up(KEY, self.agents, self.zero, *built, out)
        return out


@njit
def search(key, agents, zero, running, out):
    words = np.empty((4, agents.shape[0]), np.uint32)
    fill_words(key, agents, zero, agents.shape[0], words[0], words[1], words[2], words[3])
    for i in range(out.shape[0]):
        out[i] = min(np.searchsorted(running, unit(words[0, i]), "right"), running.shape[0] - 1)


@njit
def vose(scaled):
    n = scaled.shape[0]
    cut, alias, left = np.ones(n), np.arange(n).astype(np.int32), scaled.copy()
    small, large = [i for i in range(n) if left[i] < 1.0], [i for i in range(n) if left[i] >= 1.0]
    while len(small) and len(large):
        s, big = small.pop(), large[-1]
        cut[s], alias[s] = left[s], big
        left[big] -= 1.0 - left[s]
        if left[big] < 1.0:
            small.append(large.pop())
    return cut, alias


@njit
def look_up(key, agents, zero, cut, alias, out):
    words = np.empty((4, agents.shape[0]), np.uint32)
    fill_words(key, agents, zero, agents.shape[0], words[0], words[1], words[2], words[3])
    for i in range(out.shape[0]):
        j = int(unit(words[0, i]) * cut.shape[0])
        out[i] = j if unit(words[1, i]) < cut[j] else alias[j]


def changes(now, frozen, rng):
    """Yield (what changes, new weights)."""
    rank, excess = np.argsort(-now), now / now.sum() - ROOM * frozen / frozen.sum()
    # one nobody is too rare to be seen: all of them at once, each of whom changes draws of its own
    some = {
        "a star": rank[1:2],
        "all nobodies": rank[len(now) // 2 :],
        "a random 1 %": np.flatnonzero(rng.random(len(now)) < 0.01),
    }
    if excess.max() > 0:
        some["the most outgrown"] = np.array([excess.argmax()])
    for name, who in some.items():
        more = now.copy()
        more[who] *= 1.1
        yield f"+10 % on {name}", more
    yield "1 % noise on all", now * np.exp(rng.normal(0, 0.01, len(now)))


def distance(a, b):
    """Return the total variation distance of two distributions given by weights."""
    return float(np.abs(a / a.sum() - b / b.sum()).sum() / 2)


def fits(drawn, weight):
    """Return the p-value of the frequencies of the 200 heaviest, and of the rest together."""
    top = np.argsort(-weight)[:200]
    counts, share = np.bincount(drawn, minlength=len(weight))[top], (weight / weight.sum())[top]
    seen, expected = np.append(counts, len(drawn) - counts.sum()), np.append(share, 1 - share.sum()) * len(drawn)
    return float(chisquare(seen, expected).pvalue)


def main(quick: bool) -> None:
    draws = 200_000 if quick else 2_000_000
    for n in (20_000, 400_000):
        rng = np.random.default_rng(n)
        frozen = np.exp(2.4 * np.clip(rng.normal(size=n), -3, 3))
        for age in AGES:
            now = frozen * np.exp(age * np.clip(rng.normal(size=n), -3, 3))
            rivals = {
                "frozen proposal": Ours(frozen, draws),
                "alias": Alias(frozen, draws),
                "inverse CDF": Inverse(frozen, draws),
            }
            before = {name: rival.draw(now) for name, rival in rivals.items()}
            rows = []
            for what, then in changes(now, frozen, rng):
                moved = distance(now, then)
                rows.append(
                    (what, moved, *(float(np.mean(r.draw(then) != before[k]) / moved) for k, r in rivals.items()))
                )
            rows.append(("chi-square p", "", *(fits(drawn, now) for drawn in before.values())))
            rows.append(("million draws/s", "", *(speed(rival, now, draws) for rival in rivals.values())))
            rows.append(("attempts per draw", "", rivals["frozen proposal"].attempts, 1.0, 1.0))
            table(f"{n:,} hosts, aged {age}", ("change", "distance", *rivals), rows)


def speed(rival, weight, draws):
    """Return million draws per second, the building of today's tables left out."""
    built = weigh(rival.proposal, weight) if isinstance(rival, Ours) else rival.build(weight)
    out = np.empty(draws, np.int32)
    return draws / median(lambda: rival.pick(built, out), 5)[0] / 1e6
