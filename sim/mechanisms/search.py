"""Search: the shelf.

    P(need)  = min(1, need . need_u)          on a day online; need_u is log-normal, 1 for the median user
    weight_p = (1 + S(sold_p))^gamma exp(c_q q_p + c_f fad_p) exposure_p     while in stock

A need leads to a search in a category of interest. The shelf shows a few products drawn by weight, as
its ranking by sales and ratings would; a satisfied buyer looks up the last seller first.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from sim.flows import Block, Total
from sim.layout import draw_rows
from sim.mathematics import exp, log, saturate
from sim.mechanism import Mechanism, Phase, Today
from sim.offers import attention, category_at, put, viewers_of
from sim.params import param
from sim.rng import Stream, unit
from sim.sampler import Sampler, draw_batch, propose, weigh
from sim.state import Channel
from sim.tables import NOTHING, Column

_SEARCH = int(Channel.SEARCH)
_ROOM = 4.0  # bound of the proposal, in units of the sum of weights


class Shelf(NamedTuple):
    """What every search of today reads."""

    sampler: Sampler
    popular: Column  # (n_categories,) running shares of categories
    first_product: Column  # (n_sellers,)
    n_products: Column  # (n_sellers,)
    sells: Column  # (n_sellers,) bool: in business


class Search(Mechanism):
    """Let users with a need search the shelf."""

    phase = Phase.USERS
    says = "users with a need search the shelf; what they find are offers too"

    need: float = param(
        0.07, "Chance of a need on an online day, of the median user", unit="1/day", low=0, high=1, source="prototype"
    )
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
            first_product=state.sellers.first_product,
            n_products=state.sellers.n_products,
            sells=state.active(today.counter)[len(state.creators) :],
        )

    def act(self, today: Today, block: Block) -> None:
        if not today.levers.open[Channel.SEARCH]:
            return
        table, shelf, totals = today.state.users, today.flows.ready["shelf"], block.counts.totals
        start, numbers = block.start, (self.loyalty, self.rho)
        needs = feel_needs(today.key(Stream.NEED), start, table.id, table.need, self.need, block.offers.online)
        totals[Total.NEEDS] += len(needs[0])
        pick_key, users = today.key(Stream.SHELF_PICK), viewers_of(table)
        shown = search(pick_key, start, table.id, users, table.satisfaction, needs, shelf, numbers, self.shown)
        put(today.key(Stream.OFFER_PRIORITY), shown, today.state.products.id, _SEARCH, block.offers.arrays)


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
def feel_needs(key, start, ids, need, chance, online):
    """Return the rows of the block that search, and three words of chance of each; four (n_searches,) arrays."""
    n = online.shape[0]
    a, b, c, d = draw_rows(key, start, ids, n)
    searching = np.empty(n, np.int32)
    left = 0
    for row in range(n):
        if online[row] and unit(a[row]) < chance * need[start + row]:
            searching[left] = row
            left += 1
    searching = searching[:left]
    return searching, b[searching], c[searching], d[searching]


@njit(cache=True, nogil=True)
def search(key, start, ids, users, satisfaction, needs, shelf, numbers, shown):
    """Return what the searches show, as ``offers.put`` takes it: six (n_searches x ``shown``,) arrays."""
    searching, b, c, d = needs
    loyalty, rho = numbers
    n = searching.shape[0] * shown
    row_of, user, slot = np.empty(n, np.int32), np.empty(n, np.uint32), np.empty(n, np.uint32)
    product, group, pending, left = np.empty(n, np.int32), np.empty(n, np.int8), np.empty(n, np.uint32), 0
    for j in range(searching.shape[0]):
        u = start + searching[j]
        first, both = attention(users.interest_share[u], rho, 1.0)
        g = category_at(unit(d[j]), first, both, users.interest[u], users.interest_2[u], shelf.popular)
        s = users.last_seller[u]
        loyal = s != NOTHING and shelf.sells[s] and unit(b[j]) < loyalty * satisfaction[u]
        for k in range(shown):
            i = j * shown + k
            row_of[i], user[i], slot[i], group[i] = searching[j], ids[u], k, g
            if loyal and k == 0:
                product[i] = shelf.first_product[s] + int(unit(c[j]) * shelf.n_products[s])
            else:
                pending[left] = i
                left += 1
    draw_batch(key, user, slot, group, pending[:left], shelf.sampler, product)
    nobody = np.full(n, NOTHING, np.int32)
    return row_of, user, product, nobody, nobody, np.zeros(n, np.bool_)
