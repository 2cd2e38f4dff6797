"""Search: the shelf.

    P(need)  = need . need_u . season
    weight_p = (1 + S(sold_p))^gamma exp(c_q q_p + c_f fad_p) exposure_p     while in stock

A need leads to a search in a category of interest. The shelf shows a few products drawn by weight, as
its ranking by sales and ratings would; a satisfied buyer looks up the last seller first.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from sim.flows import Block, Total
from sim.mathematics import exp, log, saturate
from sim.mechanism import Mechanism, Phase, Today
from sim.offers import attention, category_at, offer
from sim.params import param
from sim.rng import Stream, of, unit, words
from sim.sampler import Sampler, draw, propose, weigh
from sim.state import Channel
from sim.tables import NOTHING, Column

_SEARCH = int(Channel.SEARCH)
_ROOM = 4.0  # bound of the proposal, in units of the sum of weights


class Shelf(NamedTuple):
    """What every search of today reads."""

    sampler: Sampler
    popular: Column  # (n_categories,) running shares of categories
    product_id: Column  # (n_products,)
    first_product: Column  # (n_sellers,)
    n_products: Column  # (n_sellers,)
    sells: Column  # (n_sellers,) bool: in business


class Search(Mechanism):
    """Let users with a need search the shelf."""

    phase = Phase.USERS
    says = "users with a need search the shelf; what they find are offers too"

    need: float = param(0.07, "Chance of a need on an online day", unit="1/day", low=0, high=1, source="prototype")
    shown: int = param(4, "Products considered in one search", unit="products", low=1, high=8, source="prototype")
    loyalty: float = param(
        0.6, "Chance to look up the last seller first, at full satisfaction", low=0, high=1, source="prototype"
    )
    gamma_shelf: float = param(0.4, "Weight of sales in the ranking", low=0, high=2, source="prototype")
    s_max: float = param(
        30, "Sales of late at which more of them tell little", unit="orders", low=1, high=1e6, source="prototype"
    )
    c_q: float = param(
        0.3, "Weight of perceived quality in the ranking", unit="ln/sd", low=0, high=2, source="prototype"
    )
    c_f: float = param(1.0, "Weight of fashion in the ranking", unit="ln/logit", low=0, high=2, source="prototype")
    rho: float = param(0.75, "Attention on the two interests", low=0, high=1, source="prototype")

    def weights(self, today: Today) -> Column:
        """Return today's weight of every product on the shelf, (n_products,)."""
        state, out = today.state, np.zeros(len(today.state.products))
        sells = state.active(today.counter)[len(state.creators) :]
        numbers = (self.gamma_shelf, self.s_max, self.c_q, self.c_f)
        exposure = today.levers.product_exposure
        weigh_products(state.products.arrays, sells, today.flows.perceived, exposure, numbers, out)
        return out

    def freeze(self, today: Today) -> None:
        """Freeze the proposal of products at today's weights, as if all were on sale."""
        state, out = today.state, np.zeros(len(today.state.products))
        stocked = state.products.arrays._replace(stock=np.ones(len(out), np.int32))
        numbers = (self.gamma_shelf, self.s_max, self.c_q, self.c_f)
        everybody = np.ones(len(state.sellers), np.bool_)
        weigh_products(stocked, everybody, today.flows.perceived, np.ones(len(out)), numbers, out)
        state.proposals["shelf"] = propose(state.products.category, out, state.products.id, state.n_categories, _ROOM)

    def prepare(self, today: Today) -> None:
        """Weigh the products."""
        state = today.state
        today.flows.ready["shelf"] = Shelf(
            sampler=weigh(state.proposals["shelf"], self.weights(today)),
            popular=state.popularity,
            product_id=state.products.id,
            first_product=state.sellers.first_product,
            n_products=state.sellers.n_products,
            sells=state.active(today.counter)[len(state.creators) :],
        )

    def act(self, today: Today, block: Block) -> None:
        if not today.levers.open[Channel.SEARCH]:
            return
        search(
            today.key(Stream.NEED), block.start, today.state.users.arrays, today.flows.ready["shelf"],
            (self.need, self.loyalty, self.rho, today.levers.kappa), self.shown, block.offers.arrays,
            block.counts.totals,
        )  # fmt: skip


@njit(cache=True)
def rank_weight(sold, perceived, fad, gamma_shelf, s_max, c_q, c_f):
    """Return the weight of a product on the shelf."""
    return exp(gamma_shelf * log(1.0 + saturate(sold, s_max)) + c_q * perceived + c_f * fad)


@njit(cache=True, nogil=True)
def weigh_products(products, sells, perceived, exposure, numbers, out):
    """Write the weight of each product on the shelf into ``out`` (n_products,)."""
    gamma_shelf, s_max, c_q, c_f = numbers
    for p in range(out.shape[0]):
        out[p] = 0.0
        if products.stock[p] > 0 and sells[products.seller[p]]:
            rank = rank_weight(products.sold[p], perceived[p], products.fad[p], gamma_shelf, s_max, c_q, c_f)
            out[p] = rank * exposure[p]


@njit(cache=True, nogil=True)
def search(key, start, users, shelf, numbers, shown, offers, totals):
    """Let each online user of the block who has a need search; count in ``totals``."""
    need, loyalty, rho, kappa = numbers
    pick_key = of(key, Stream.SHELF_PICK.value)
    for row in range(offers.count.shape[0]):
        u = start + row
        i = users.id[u]
        a, b, c, d = words(key, i, 0)
        if not (offers.online[row] and unit(a) < need * users.need[u]):
            continue
        totals[Total.NEEDS.value] += 1
        first = 0
        s = users.last_seller[u]
        if s != NOTHING and shelf.sells[s] and unit(b) < loyalty * users.satisfaction[u]:
            p = shelf.first_product[s] + int(unit(c) * shelf.n_products[s])
            offer(key, i, shelf.product_id[p], offers, row, p, NOTHING, NOTHING, _SEARCH, False)
            first = 1
        first_chance, both = attention(users.interest_share[u], rho, kappa)
        g = category_at(unit(d), first_chance, both, users.interest[u], users.interest_2[u], shelf.popular)
        for slot in range(first, shown):
            p, _ = draw(pick_key, i, slot, g, shelf.sampler)
            if p != NOTHING:
                offer(key, i, shelf.product_id[p], offers, row, p, NOTHING, NOTHING, _SEARCH, False)
