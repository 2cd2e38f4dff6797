"""Discovery: the feed of short videos.

    w_h      = posts_h (1 + S(momentum_h))^gamma exp(charm_h + a_s skill_h) exposure_h xbar_h
    ln odds  = b0 + b_m match + b_k skill_h + b_f follows
    P(click) = odds / (1 + odds);  the same with odds e^be for engaging and e^bw for watching to the end

Each promotional slot of an online user shows a followed host (chance ``phi``, if anyone is followed
and posts), or any active creator (chance ``epsilon``), or a host of a category drawn from the
user's interests, by weight. ``xbar`` is the mean exposure of the products in the showcase. Clicking,
engaging and watching are nested events on one uniform. A click puts a product of the showcase, drawn
by fit x exposure, on the user's list of offers. ``phi`` is also the causal elasticity of views by
followers (Tian, Dew and Iyengar, 2024: .10).
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from sim.flows import Block, Total
from sim.mathematics import exp, log, saturate
from sim.mechanism import Mechanism, Phase, Today
from sim.offers import category_at, engage, is_followed, match_of, offer
from sim.params import param
from sim.rng import ATTEMPTS, SLOTS, Stream, of, pack, uniform, unit, words
from sim.sampler import Sampler, draw, propose, weigh
from sim.state import Channel
from sim.tables import NOTHING, Column

_VIDEO = int(Channel.VIDEO)
_NEWCOMER = 5.0  # momentum expected of who has not joined yet [1/day]
_ROOM = 3.0  # bound of the proposal, in units of the sum of weights
_EXPLORER = 63  # level of the draws that explore, beyond those of the sampler


class Feed(NamedTuple):
    """What every slot of today reads."""

    sampler: Sampler
    popular: Column  # (n_categories,) running shares of categories
    shows: Column  # (n_hosts,) bool: can be shown
    odds: Column  # (n_hosts,) of a click, for a viewer without match or follow
    category: Column  # (n_hosts,) int8
    own: Column  # (n_hosts,) bool: seller's own account
    local: Column  # (n_hosts,) bool: shows a local product first
    showcase: Column  # (n_hosts, SHOWCASE)
    product_exposure: Column  # (n_products,)
    product_category: Column  # (n_products,)
    product_id: Column  # (n_products,)


class Appetite(NamedTuple):
    """The parameters that the kernel reads, programs included."""

    phi: float
    epsilon: float
    kappa: float
    rho: float
    match_1: float  # factor of the odds for the first interest
    match_2: float
    follow: float
    engage: float
    watch: float


class Discovery(Mechanism):
    """Show each user their feed."""

    phase = Phase.USERS
    says = "the feed shows each user videos; clicks become offers"

    phi: float = param(0.10, "Share of slots that show a followed host", low=0, high=1, source="H6")
    epsilon: float = param(0.05, "Share of slots that explore", low=0, high=1, source="prototype")
    kappa: float = param(1.0, "Precision of the recommender", low=0, high=5, source="prototype")
    rho: float = param(0.75, "Attention on the two interests before sharpening", low=0, high=1, source="prototype")
    gamma: float = param(0.5, "Growth of weight with momentum", low=0, high=0.8, source="prototype")
    momentum_max: float = param(400, "Momentum at which more of it tells little", unit="1/day", low=1, high=1e7, source="prototype")
    a_s: float = param(0.3, "Weight of skill in the feed", unit="ln/sd", low=0, high=2, source="prototype")
    b0: float = param(-4.6, "Click", unit="logit", low=-12, high=2, source="prototype")
    b_m: float = param(1.3, "Click, by match of interest", unit="logit", low=0, high=5, source="prototype")
    b_k: float = param(0.3, "Click, by skill", unit="logit/sd", low=0, high=3, source="prototype")
    b_f: float = param(0.6, "Click, if followed", unit="logit", low=0, high=5, source="prototype")
    b_e: float = param(1.4, "Engaging, above clicking", unit="logit", low=0, high=6, source="prototype")
    b_w: float = param(3.4, "Watching to the end, above clicking", unit="logit", low=0, high=9, source="A6; R1")

    def weights(self, today: Today) -> Column:
        """Return today's weight of every host in the feed, (n_hosts,)."""
        out = np.zeros(len(today.state.hosts))
        levers, flows = today.levers, today.flows
        weigh_hosts(
            today.state.hosts.arrays, flows.posts, flows.showcase, levers.exposure, levers.product_exposure,
            levers.skill, (self.gamma, self.momentum_max, self.a_s), out,
        )  # fmt: skip
        if np.isfinite(levers.exposure_cap):
            cap_weights(today.state.hosts.category, levers.exposure_cap, today.state.n_categories, out)
        return out

    def freeze(self, today: Today) -> None:
        """Freeze the proposal of hosts at today's weights; who is not in business is expected to be middling."""
        state = today.state
        active = state.active(today.counter + 1)
        expected = np.where(active, state.hosts.momentum, np.maximum(state.hosts.momentum, _NEWCOMER)).astype(np.float32)
        out, posts = np.zeros(len(state.hosts)), np.maximum(state.hosts.effort, 0.0).astype(np.float64)
        weigh_hosts(
            state.hosts.arrays._replace(momentum=expected), posts, state.hosts.showcase, np.ones(len(out)),
            np.ones(len(state.products)), np.zeros(len(out)), (self.gamma, self.momentum_max, self.a_s), out,
        )  # fmt: skip
        out[state.hosts.left <= today.counter] *= 1e-3
        state.proposals["feed"] = propose(state.hosts.category, out, state.host_identity, state.n_categories, _ROOM)

    def prepare(self, today: Today) -> None:
        """Weigh the hosts, and what a click on each is worth."""
        state, flows, levers = today.state, today.flows, today.levers
        odds = np.zeros(len(state.hosts))
        fill_odds(state.hosts.skill, levers.skill, self.b0, self.b_k, odds)
        first = flows.showcase[:, 0]
        flows.ready["feed"] = Feed(
            sampler=weigh(state.proposals["feed"], self.weights(today)),
            popular=state.popularity,
            shows=flows.posts > 0,
            odds=odds,
            category=state.hosts.category,
            own=np.arange(len(state.hosts)) >= len(state.creators),
            local=state.products.local[first] & (first != NOTHING) if len(state.products) else first != NOTHING,
            showcase=flows.showcase,
            product_exposure=levers.product_exposure,
            product_category=state.products.category,
            product_id=state.products.id,
        )
        flows.ready["appetite"] = self.appetite(today)

    def appetite(self, today: Today) -> Appetite:
        """Return the numbers of the kernel, with today's levers."""
        return Appetite(
            phi=self.phi,
            epsilon=min(1.0, self.epsilon + today.levers.epsilon),
            kappa=self.kappa * today.levers.kappa,
            rho=self.rho,
            match_1=exp(self.b_m),
            match_2=exp(0.6 * self.b_m),
            follow=exp(self.b_f),
            engage=exp(self.b_e),
            watch=exp(self.b_w),
        )

    def act(self, today: Today, block: Block) -> None:
        if not today.levers.open[Channel.VIDEO]:
            return
        browse(
            today.key(Stream.FEED), block.start, today.state.users.arrays, today.flows.ready["feed"],
            today.flows.ready["appetite"], len(today.state.creators), block.offers.arrays,
            block.counts.hosts.arrays, block.counts.totals,
        )  # fmt: skip


@njit(cache=True)
def weight(posts, momentum, charm, skill, gamma, momentum_max, a_s):
    """Return the weight of a host in the feed, before exposure."""
    return posts * exp(gamma * log(1.0 + saturate(momentum, momentum_max)) + charm + a_s * skill)


@njit(cache=True, nogil=True)
def weigh_hosts(hosts, posts, showcase, exposure, product_exposure, skill_lever, numbers, out):
    """Write the weight of each host in the feed into ``out`` (n_hosts,)."""
    gamma, momentum_max, a_s = numbers
    for h in range(out.shape[0]):
        if posts[h] <= 0.0:
            out[h] = 0.0
            continue
        total, shown = 0.0, 0
        for k in range(showcase.shape[1]):
            if showcase[h, k] != NOTHING:
                total += product_exposure[showcase[h, k]]
                shown += 1
        mean = total / shown if shown else 1.0
        w = weight(posts[h], hosts.momentum[h], hosts.charm[h], hosts.skill[h] + skill_lever[h], gamma, momentum_max, a_s)
        out[h] = w * exposure[h] * mean


@njit(cache=True, nogil=True)
def cap_weights(category, cap, n_categories, weights):
    """Cut each weight to the share ``cap`` of its category's sum, in place."""
    total = np.zeros(n_categories)
    for h in range(weights.shape[0]):
        total[category[h]] += weights[h]
    for h in range(weights.shape[0]):
        weights[h] = min(weights[h], cap * total[category[h]])


@njit(cache=True, nogil=True)
def fill_odds(skill, lever, b0, b_k, out):
    """Write the odds of a click on each host, without match or follow, into ``out`` (n_hosts,)."""
    for h in range(out.shape[0]):
        out[h] = exp(b0 + b_k * (skill[h] + lever[h]))


@njit(cache=True)
def explore(key, user, slot, shows, n_creators):
    """Return any creator who can be shown, all with the same chance, or NOTHING after many tries."""
    for attempt in range(ATTEMPTS if n_creators else 0):
        c = int(unit(words(key, user, pack(slot, attempt, _EXPLORER))[0]) * n_creators)
        if shows[c]:
            return c
    return NOTHING


@njit(cache=True)
def pick_product(u, feed, h, first, second):
    """Return the product of the showcase of ``h`` at quantile ``u`` of fit x exposure, or NOTHING."""
    total = 0.0
    for k in range(feed.showcase.shape[1]):
        p = feed.showcase[h, k]
        if p != NOTHING:
            total += fit(first, second, feed.product_category[p]) * feed.product_exposure[p]
    left, chosen = u * total, NOTHING
    for k in range(feed.showcase.shape[1]):
        p = feed.showcase[h, k]
        if p != NOTHING and left >= 0.0:
            chosen = p
            left -= fit(first, second, feed.product_category[p]) * feed.product_exposure[p]
    return chosen


@njit(cache=True)
def fit(first, second, category):
    """Return how likely a product of ``category`` is the one clicked: match, and a little for any other."""
    return 0.1 + match_of(first, second, category)


@njit(cache=True, nogil=True)
def browse(key, start, users, feed, appetite, n_creators, offers, hosts, totals):
    """Fill the slots of each online user of the block; count in ``hosts`` and ``totals``."""
    online_key, pick_key = of(key, Stream.ONLINE.value), of(key, Stream.FEED_PICK.value)
    for row in range(offers.count.shape[0]):
        u = start + row
        i = users.id[u]
        offers.online[row] = uniform(online_key, i, 0) < users.online[u]
        if not offers.online[row]:
            continue
        totals[Total.ONLINE.value] += 1
        slots = min(int(users.activity[u] + uniform(online_key, i, 1)), SLOTS)
        totals[Total.SLOTS.value] += slots
        for slot in range(slots):
            a, b, c, d = words(key, i, pack(slot, 0, 0))
            h, how = choose_host(a, b, pick_key, i, u, slot, users, feed, appetite, n_creators, totals)
            if h == NOTHING:
                continue
            totals[how] += 1
            watch(unit(c), unit(d), key, i, u, row, h, users, feed, appetite, offers, hosts, totals)


@njit(cache=True)
def choose_host(a, b, pick_key, i, u, slot, users, feed, appetite, n_creators, totals):
    """Return the host of one slot (or NOTHING), and the count it belongs to."""
    branch = unit(a)
    if branch < appetite.phi and users.n_follows[u] > 0:
        h = users.follows[u, int(unit(b) * users.n_follows[u])]
        if feed.shows[h]:
            return np.int64(h), Total.FOLLOWING.value
    if branch >= 1.0 - appetite.epsilon:
        return np.int64(explore(pick_key, i, slot, feed.shows, n_creators)), Total.EXPLORING.value
    g = category_at(unit(b), users, u, appetite.rho, appetite.kappa, feed.popular)
    h, attempts = draw(pick_key, i, slot, g, feed.sampler)
    totals[Total.ATTEMPTS.value] += attempts
    return np.int64(h), Total.PICKS.value


@njit(cache=True)
def watch(v, u_product, key, i, u, row, h, users, feed, appetite, offers, hosts, totals):
    """Let one impression be watched, engaged with and clicked, as the uniform ``v`` says."""
    first, second = users.interest[u], users.interest_2[u]
    odds = feed.odds[h]
    if feed.category[h] == first:
        odds *= appetite.match_1
    elif feed.category[h] == second:
        odds *= appetite.match_2
    follows = is_followed(users, u, h)
    if follows:
        odds *= appetite.follow
    totals[Total.IMPRESSIONS.value] += 1
    totals[Total.OWN.value] += feed.own[h]
    totals[Total.LOCAL.value] += feed.local[h]
    hosts.views[h] += 1
    if v * (1.0 + odds * appetite.watch) >= odds * appetite.watch:
        return
    totals[Total.WATCHED.value] += 1
    if v * (1.0 + odds * appetite.engage) >= odds * appetite.engage:
        return
    totals[Total.ENGAGED.value] += 1
    hosts.engaged[h] += 1
    engage(offers, row, h)
    if v * (1.0 + odds) >= odds:
        return
    totals[Total.CLICKS.value] += 1
    hosts.clicks[h] += 1
    p = pick_product(u_product, feed, h, first, second)
    if p != NOTHING:
        offer(key, i, feed.product_id[p], offers, row, p, h, NOTHING, _VIDEO, follows)
