"""Reputation: what everybody can see of a product, and how its fashion passes.

    q_p   = (n0 r0 + sum of ratings) / (n0 + ratings), as a distance from r0, in sd of quality
    v_p   = b_q q_p + b_s ln(1 + S(sold_p)) + fad_p - b_x ln(ref_p / pbar_g)
    S(x)  = x / (1 + x / s_max)
    fad_p <- rho fad_p + sd sqrt(1 - rho^2) N     once a week

``q_p`` is the posterior mean of a rating with ``n0`` imagined ratings of ``r0``. ``S`` saturates, so
that popularity does not depend on how many agents there are. ``b_x`` is small: dear and cheap
products differ in what they are, and a market that compared them by price alone would sell nothing
but the cheapest. The AR(1) of fads is what makes products take off and fade.
"""

import numpy as np
from numba import njit

from sim.mathematics import log, saturate
from sim.mechanism import Mechanism, Phase, Today
from sim.params import param
from sim.rng import Key, Stream, truncated_normal
from sim.state import State

_WEEK = 7


class Reputation(Mechanism):
    """Work out the appeal of every product."""

    phase = Phase.BEFORE
    says = "ratings, sales and fashion make the appeal of each product"

    b_q: float = param(0.25, "Utility of perceived quality", unit="logit/sd", low=0, high=2, source="prototype")
    b_s: float = param(0.10, "Utility of sales of late", unit="logit/ln", low=0, high=2, source="prototype; B8")
    s_max: float = param(
        30, "Sales of late at which more of them tell little", unit="orders", low=1, high=1e6, source="prototype"
    )
    b_x: float = param(
        0.10, "Utility lost by a dear product of its category", unit="logit/ln", low=0, high=3, source="prototype; H14"
    )
    rating_prior: float = param(4.5, "Rating expected of an unknown product", unit="stars", low=1, high=5)
    prior_weight: float = param(10, "Ratings that this expectation is worth", unit="ratings", low=0.1, high=1000)
    rating_slope: float = param(0.35, "Stars that buyers take one sd to make", unit="stars/sd", low=0.01, high=2)
    fad_rho: float = param(0.97, "Part of a fad that is left after a week", low=0, high=1, source="prototype")
    fad_sd: float = param(0.7, "Spread of fads", unit="logit", low=0, high=3, source="prototype")

    def begin(self, state: State, seed: int) -> None:
        drift(Key(seed, 0, Stream.FAD), state.products.id, 0.0, self.fad_sd, state.products.fad)

    def step(self, today: Today) -> None:
        state, flows = today.state, today.flows
        if today.counter % _WEEK == 0 and today.counter > 0:
            drift(today.key(Stream.FAD), state.products.id, self.fad_rho, self.fad_sd, state.products.fad)
        appraise(
            state.products.arrays, state.category_price,
            (self.b_q, self.b_s, self.s_max, self.b_x, self.rating_prior, self.prior_weight, self.rating_slope),
            flows.perceived, flows.appeal,
        )  # fmt: skip


@njit(cache=True, nogil=True)
def drift(key, ids, rho, sd, fad):
    """Move each of ``fad`` (n_products,) on by a week, in place."""
    step = sd * np.sqrt(1.0 - rho * rho)
    for p in range(fad.shape[0]):
        fad[p] = rho * fad[p] + step * truncated_normal(key, ids[p], 0, 3.0)


@njit(cache=True)
def perceive(rating_sum, rating_count, prior, weight, slope):
    """Return the perceived quality [sd] of a product with these ratings."""
    return ((weight * prior + rating_sum) / (weight + rating_count) - prior) / slope


@njit(cache=True, nogil=True)
def appraise(products, category_price, numbers, perceived, appeal):
    """Write perceived quality [sd] and appeal [logit] of each product into (n_products,) arrays."""
    b_q, b_s, s_max, b_x, prior, weight, slope = numbers
    for p in range(appeal.shape[0]):
        perceived[p] = perceive(products.rating_sum[p], products.rating_count[p], prior, weight, slope)
        social = log(1.0 + saturate(products.sold[p], s_max))
        dear = log(products.reference[p] / category_price[products.category[p]])
        appeal[p] = b_q * perceived[p] + b_s * social + products.fad[p] - b_x * dear
