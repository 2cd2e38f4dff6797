"""Affiliates: creators choose what to promote.

    score_cp = ln(price_p commission_p) + v_p - ln(1 + (price_p / afford)^2) + ev_sd N(c, p)

Once a week each creator looks at a few products of open plans in its niche and keeps the best of
these and the present showcase: price x commission x expected conversion, times a taste of its own
for the product (without it all would promote the same one). ``afford`` stands for how few wallets a
dear product meets.
"""

import numpy as np
from numba import njit

from sim.mathematics import log
from sim.mechanism import Mechanism, Phase, Today
from sim.params import param
from sim.rng import Stream, normal, unit, words
from sim.state import SHOWCASE
from sim.tables import NOTHING

_MOST = 32
TRIES = 8  # draws per product looked at, in search of an open plan


class Affiliates(Mechanism):
    """Let creators fill their showcases."""

    phase = Phase.BEFORE
    says = "creators compare affiliate plans and choose what to promote"

    looked_at: int = param(
        6,
        "Open plans looked at in a week",
        unit="products",
        low=0,
        high=_MOST - SHOWCASE,
        source="prototype",
    )
    ev_sd: float = param(
        1.0, "Spread of a creator's own taste for a product", unit="ln", low=0, high=5, source="prototype"
    )
    afford: float = param(
        400_000, "Price at which half of the conversion is lost for want of means", unit="Rp", low=1_000, high=1e9
    )
    every: int = param(7, "Days between two looks", unit="day", low=1, high=365, source="prototype")

    def step(self, today: Today) -> None:
        state, flows = today.state, today.flows
        n = len(state.creators)
        active = state.active(today.counter)
        open_plan = (state.sellers.open & active[n:])[state.products.seller]
        start = np.searchsorted(state.products.category, np.arange(state.n_categories + 1)).astype(np.int64)
        choose_showcases(
            today.key(Stream.AFFILIATE_SEARCH), today.lasting(Stream.TASTE_FOR_PRODUCT), state.creators.arrays,
            state.products.arrays, state.sellers.commission, active[:n], open_plan, start, flows.appeal,
            (float(self.looked_at), self.ev_sd, self.afford, float(self.every)), state.creators.showcase,
        )  # fmt: skip
        flows.showcase[:n] = state.creators.showcase


@njit(cache=True)
def score(price, commission, appeal, afford, taste):
    """Return the logarithm of what a product promises its promoter."""
    dear = price / afford
    return log(price * commission) + appeal - log(1.0 + dear * dear) + taste


@njit(cache=True, nogil=True)
def choose_showcases(
    key, taste_key, creators, products, commission, active, open_plan, start, appeal, numbers, showcase
):
    """Write the chosen products of each creator whose turn it is into ``showcase`` (n_creators, SHOWCASE)."""
    looked_at, ev_sd, afford, every = numbers
    candidates, scores = np.empty(_MOST, np.int32), np.empty(_MOST)
    for c in range(creators.id.shape[0]):
        due = (key.day + creators.id[c]) % int(every) == 0 or showcase[c, 0] == NOTHING
        if not (active[c] and creators.eligible[c] and due):
            continue
        n = gather(key, creators.id[c], int(looked_at), creators.category[c], start, open_plan, showcase[c], candidates)
        for j in range(n):
            p = candidates[j]
            taste = ev_sd * normal(taste_key, creators.id[c], products.id[p])
            scores[j] = score(products.price[p], commission[products.seller[p]], appeal[p], afford, taste)
        keep_best(candidates, scores, n, showcase[c])


@njit(cache=True)
def gather(key, identity, looked_at, category, start, open_plan, shown, candidates):
    """Write the products shown that are still open, then those looked at, into ``candidates``; return how many."""
    n = 0
    for k in range(shown.shape[0]):
        if shown[k] != NOTHING and open_plan[shown[k]]:
            candidates[n] = shown[k]
            n += 1
    size, found = start[category + 1] - start[category], 0
    for k in range(TRIES * looked_at if size > 0 else 0):
        p = start[category] + int(unit(words(key, identity, k)[0]) * size)
        if found == looked_at:
            break
        if open_plan[p]:
            found += 1
            if not np.any(candidates[:n] == p):
                candidates[n] = p
                n += 1
    return n


@njit(cache=True)
def keep_best(candidates, scores, n, shown):
    """Write the best of the first ``n`` candidates into ``shown``, best first, NOTHING where there are too few."""
    for k in range(shown.shape[0]):
        best = -1
        for j in range(n):
            if candidates[j] != NOTHING and (best < 0 or scores[j] > scores[best]):
                best = j
        shown[k] = candidates[best] if best >= 0 else NOTHING
        if best >= 0:
            candidates[best] = NOTHING
