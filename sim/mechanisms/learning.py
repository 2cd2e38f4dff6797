"""Learning: what people take from the day.

    momentum_h <- rho_m momentum_h + (1 - rho_m) engaged_h          (LIVE momentum: stays)
    skill_h    <- skill_h + learn max(0, ceiling - skill_h) posts_h / (1 + posts_h)
    income_h   <- income_h + (paid_h - income_h) / memory      (paid out today: commission, or margin over cost)
  and once a week
    effort_c   <- effort_c exp(step tanh ln((income_c + small) / (reservation_c + small)))
    LIVE       :  urge_s <- urge_s + (p + q F_g) / 52 grown_s^growth (1 + size_s)^.3 . lever, adopt at Exp(1)
    plan_s     <- a step towards a peer that sells more: open plan, commission, price
    give up    :  with a chance after too many low weeks in a row

``(r^2 - 1) / (r^2 + 1) = tanh ln r``; ``grown = (1 + memory recent) / (1 + memory earlier)`` of
daily orders. ``F_g`` is the share of the category's sellers that go LIVE: the Bass (1969) hazard
with p and q of the textbook. Sellers look at one other seller a week, of their cluster or category.
Everybody reads the state as it was when the mechanism began, and writes only its own row.
"""

import numpy as np
from numba import njit

from sim.mathematics import exp, log, rupiah
from sim.mechanism import Mechanism, Phase, Today
from sim.params import param
from sim.rng import Stream, unit, words
from sim.state import Sellers, Status
from sim.tables import NEVER, Column

_WEEK = 7
_CATEGORIES = 1_000  # more than there are; the groups of clusters are numbered from here


class Learning(Mechanism):
    """Move momentum, skill, effort, plans; let some give up."""

    phase = Phase.EVENING
    says = "momentum, skill and effort move; sellers imitate; some give up"

    rho_m: float = param(0.95, "Part of momentum that is left after a day", low=0, high=0.999, source="prototype; A8")
    learn: float = param(
        0.0005, "Part of the way to the ceiling of skill that a day of posting goes", unit="1/day", low=0, high=0.1
    )
    ceiling: float = param(2.0, "Skill that doing alone can reach", unit="sd", low=-3, high=6)
    memory: float = param(
        28, "Days over which income and sales of late are averaged", unit="day", low=2, high=365, source="prototype"
    )
    effort_step: float = param(0.05, "Largest change of effort in a week", unit="ln", low=0, high=1, source="prototype")
    effort_span: float = param(4.0, "Effort stays within this factor of the temperament", low=1, high=100)
    small: float = param(180, "Income too small to matter", unit="Rp/day", low=1, high=1e6, source="prototype")
    low_weeks: int = param(
        8, "Low weeks in a row before a creator may give up", unit="week", low=1, high=520, source="prototype"
    )
    drop: float = param(0.02, "Chance a week to give up after them", unit="1/week", low=0, high=1, source="prototype")
    seller_low_weeks: int = param(
        26, "Weeks in a row without a sale before a seller may give up", unit="week", low=1, high=520
    )
    seller_drop: float = param(0.01, "Chance a week to give up after them", unit="1/week", low=0, high=1)
    bass_p: float = param(0.03, "Adoption of LIVE by oneself", unit="1/year", low=0, high=2, source="B10")
    bass_q: float = param(0.38, "Adoption of LIVE by imitation", unit="1/year", low=0, high=5, source="B10")
    growth: float = param(1.0, "How much growing sellers are ahead in adopting LIVE", low=0, high=3, source="prototype")
    live_chance: float = param(0.3, "Chance of a LIVE on a day, once adopted", unit="1/day", low=0, high=1)
    imitate: float = param(0.05, "Chance a week to take a step towards a better peer", unit="1/week", low=0, high=1)
    price_step: float = param(0.01, "Size of a step of the price", unit="share", low=0, high=0.2)
    commission_step: float = param(0.005, "Size of a step of the commission", unit="share of price", low=0, high=0.1)

    def step(self, today: Today) -> None:
        state, flows = today.state, today.flows
        hosts, counts = state.hosts, flows.counts.hosts
        grow(hosts.arrays, counts.arrays, flows.posts, (self.rho_m, self.learn, self.ceiling))
        hosts.followers += counts.gained - counts.lost
        earned, margin = paid_out(today)
        average(earned, self.memory, state.creators.income)
        average(margin, self.memory, state.sellers.income)
        self.count_sales(today)
        self.week(today)

    def count_sales(self, today: Today) -> None:
        """Let sellers remember how much they sold, and when last."""
        sellers, orders = today.state.sellers, today.flows.orders
        orders = orders.take(orders.status != Status.SOLD_OUT)
        sales = np.zeros(len(sellers), np.int64)
        np.add.at(sales, orders.seller, 1)
        np.add.at(sellers.revenue, orders.seller, orders.price)
        sellers.orders += sales
        sellers.last_sale[orders.seller] = today.counter
        average_sales(sales, self.memory, sellers.recent, sellers.earlier)

    def week(self, today: Today) -> None:
        """Do what people do once a week, each on the own weekday."""
        state, levers, n = today.state, today.levers, len(today.state.creators)
        key = today.key(Stream.GIVING_UP)
        creator_numbers = (self.effort_step, self.effort_span, self.small, float(self.low_weeks), self.drop)
        today.flows.gave_up[0] = review_creators(key, state.creators.arrays, levers.giving_up[:n], creator_numbers)
        seller_numbers = (float(self.seller_low_weeks), self.seller_drop)
        today.flows.gave_up[1] = review_sellers(key, state.sellers.arrays, levers.giving_up[n:], seller_numbers)
        share = live_share(state.sellers.arrays, today.counter, state.n_categories)
        adopt_live(
            today.counter, state.sellers.arrays, share, levers.live_attraction,
            (self.bass_p, self.bass_q, self.growth, self.memory, self.live_chance),
        )  # fmt: skip
        imitate_peers(
            today.key(Stream.IMITATION), state.sellers.copy().arrays, state.products.copy().arrays,
            _peers(state.sellers), (self.imitate, self.price_step, self.commission_step), state.sellers.arrays,
            state.products.arrays,
        )  # fmt: skip


def paid_out(today: Today) -> tuple[Column, Column]:
    """Return what creators earn (n_creators,) and sellers have over unit costs (n_sellers,) of today's payouts [Rp]."""
    n, kept = len(today.state.creators), today.flows.closed
    kept = kept.take(kept.status == Status.PAID_OUT)
    shown = kept.take(kept.shown_by_creator(n))
    earned, margin = np.zeros(n, np.int64), np.zeros(len(today.state.sellers), np.int64)
    np.add.at(earned, shown.host, shown.commission + shown.top_up)
    np.add.at(margin, kept.seller, kept.price - kept.fee - kept.commission - today.state.products.cost[kept.product])
    for bonus in today.flows.bonuses:
        to_creator = bonus.hosts < n
        np.add.at(earned, bonus.hosts[to_creator], bonus.amounts[to_creator])
        np.add.at(margin, bonus.hosts[~to_creator] - n, bonus.amounts[~to_creator])
    return earned, margin


def _peers(sellers: Sellers) -> tuple[Column, Column, Column]:
    """Return (rows, first, end): rows by cluster or else category, and where each seller's peers stand among them."""
    group = np.where(sellers.cluster > 0, sellers.cluster + _CATEGORIES, sellers.category)
    rows = np.argsort(group, kind="stable")
    return rows, np.searchsorted(group[rows], group, side="left"), np.searchsorted(group[rows], group, side="right")


@njit(cache=True, nogil=True)
def grow(hosts, counts, posts, numbers):
    """Move momentum and skill of each host on by a day, in place."""
    rho_m, learn, ceiling = numbers
    for h in range(posts.shape[0]):
        hosts.momentum[h] = rho_m * hosts.momentum[h] + (1.0 - rho_m) * counts.engaged[h]
        hosts.live_momentum[h] = rho_m * hosts.live_momentum[h] + (1.0 - rho_m) * counts.stays[h]
        hosts.skill[h] += learn * max(0.0, ceiling - hosts.skill[h]) * posts[h] / (1.0 + posts[h])


@njit(cache=True, nogil=True)
def average(today, memory, level):
    """Move ``level`` towards ``today`` (n,) by a ``memory``-th, in place."""
    for i in range(level.shape[0]):
        level[i] += (today[i] - level[i]) / memory


@njit(cache=True, nogil=True)
def average_sales(sales, memory, recent, earlier):
    """Move sales of late towards today's, and those before towards sales of late, in place."""
    for s in range(recent.shape[0]):
        earlier[s] += (np.float64(recent[s]) - earlier[s]) / memory  # two singles would be subtracted as singles
        recent[s] += (sales[s] - recent[s]) / memory


@njit(cache=True)
def tanh_ln(r):
    """Return tanh(ln r)."""
    return (r * r - 1.0) / (r * r + 1.0)


@njit(cache=True, nogil=True)
def review_creators(key, creators, lever, numbers):
    """Let creators whose weekday it is revise their effort, or give up; return how many do."""
    step, span, small, low_weeks, drop = numbers
    gone = 0
    for c in range(creators.id.shape[0]):
        here = creators.joined[c] <= key.day and creators.left[c] == NEVER
        if not here or (key.day + creators.id[c]) % _WEEK != 0:
            continue
        ratio = (creators.income[c] + small) / (creators.reservation[c] + small)
        effort = creators.effort[c] * exp(step * tanh_ln(ratio))
        usual = creators.usual_effort[c]
        creators.effort[c] = min(max(effort, usual / span), usual * span)
        creators.low_weeks[c] = creators.low_weeks[c] + 1 if ratio < 1.0 else 0
        if creators.low_weeks[c] > low_weeks and unit(words(key, creators.id[c], 0)[0]) < drop * lever[c]:
            creators.left[c] = key.day + 1
            gone += 1
    return gone


@njit(cache=True, nogil=True)
def review_sellers(key, sellers, lever, numbers):
    """Let sellers whose weekday it is give up after too long without a sale; return how many do."""
    low_weeks, drop = numbers
    gone = 0
    for s in range(sellers.id.shape[0]):
        here = sellers.joined[s] <= key.day and sellers.left[s] == NEVER
        if not here or (key.day + sellers.id[s]) % _WEEK != 0:
            continue
        since = sellers.joined[s] if sellers.last_sale[s] == NEVER else sellers.last_sale[s]
        if key.day - since > _WEEK * low_weeks and unit(words(key, sellers.id[s], 1)[0]) < drop * lever[s]:
            sellers.left[s] = key.day + 1
            gone += 1
    return gone


@njit(cache=True, nogil=True)
def live_share(sellers, day, n_categories):
    """Return the share of each category's sellers in business that go LIVE, (n_categories,)."""
    adopted, here = np.zeros(n_categories), np.zeros(n_categories)
    for s in range(sellers.id.shape[0]):
        if sellers.joined[s] <= day < sellers.left[s]:
            here[sellers.category[s]] += 1.0
            adopted[sellers.category[s]] += sellers.live_chance[s] > 0.0
    for g in range(n_categories):
        adopted[g] = adopted[g] / here[g] if here[g] else 0.0
    return adopted


@njit(cache=True)
def live_hazard(p, q, share, recent, earlier, growth, memory, size):
    """Return the hazard a week of adopting LIVE."""
    grown = log((1.0 + memory * recent) / (1.0 + memory * earlier))
    return (p + q * share) / 52.0 * exp(growth * grown + 0.3 * log(1.0 + size))


@njit(cache=True, nogil=True)
def adopt_live(day, sellers, share, lever, numbers):
    """Cumulate the urge to go LIVE of those whose weekday it is, in place; some adopt."""
    p, q, growth, memory, chance = numbers
    for s in range(sellers.id.shape[0]):
        here = sellers.joined[s] <= day < sellers.left[s]
        if not here or sellers.live_chance[s] > 0.0 or (day + sellers.id[s]) % _WEEK != 0:
            continue
        recent, earlier = sellers.recent[s], sellers.earlier[s]
        sellers.live_urge[s] += lever[s] * live_hazard(
            p, q, share[sellers.category[s]], recent, earlier, growth, memory, sellers.size[s]
        )
        if sellers.live_urge[s] >= sellers.live_threshold[s]:
            sellers.live_chance[s] = chance
            sellers.live_since[s] = day + 1


@njit(cache=True)
def sign(x):
    """Return -1, 0 or 1."""
    if x > 0.0:
        return 1.0
    return -1.0 if x < 0.0 else 0.0


@njit(cache=True, nogil=True)
def imitate_peers(key, was, were, peers, numbers, sellers, products):
    """Let sellers whose weekday it is take a step towards a peer that sells more, in place.

    ``was`` and ``were`` are copies of the tables of sellers and products as they were.
    """
    chance, price_step, commission_step = numbers
    rows, first, end = peers
    for s in range(was.id.shape[0]):
        here = was.joined[s] <= key.day < was.left[s]
        a, b, _, _ = words(key, was.id[s], 0)
        if not here or (key.day + was.id[s]) % _WEEK != 0 or unit(a) >= chance:
            continue
        peer = rows[first[s] + int(unit(b) * (end[s] - first[s]))]
        if not was.joined[peer] <= key.day < was.left[peer] or was.recent[peer] <= was.recent[s]:
            continue
        sellers.open[s] = was.open[peer]
        gap = np.float64(was.commission[peer]) - was.commission[s]
        sellers.commission[s] = was.commission[s] + sign(gap) * min(commission_step, abs(gap))
        p, o = was.first_product[s], was.first_product[peer]
        theirs, ours = were.price[o] / were.reference[o], were.price[p] / were.reference[p]
        factor = 1.0 + price_step * sign(theirs - ours)
        for k in range(p, p + was.n_products[s]):
            products.price[k] = max(rupiah(were.price[k] * factor), min(were.price[k], were.cost[k] + 1))
