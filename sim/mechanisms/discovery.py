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

from sim.feed import Feed, choose_hosts
from sim.flows import Block, Total
from sim.layout import lay_out
from sim.mathematics import exp, log, saturate
from sim.mechanism import Mechanism, Phase, Today
from sim.offers import engage, is_followed, match_of, offer
from sim.params import param
from sim.rng import SLOTS, Stream, unit, words
from sim.sampler import propose, weigh
from sim.state import Channel
from sim.tables import NOTHING, Column

_VIDEO = int(Channel.VIDEO)
_ONLINE, _SLOTS, _IMPRESSIONS = int(Total.ONLINE), int(Total.SLOTS), int(Total.IMPRESSIONS)
_LOCAL, _OWN, _WATCHED = int(Total.LOCAL), int(Total.OWN), int(Total.WATCHED)
_ENGAGED, _CLICKS = int(Total.ENGAGED), int(Total.CLICKS)
_NEWCOMER = 5.0  # momentum expected of who has not joined yet [1/day]
_ROOM = 3.0  # bound of the proposal, in units of the sum of weights


class Videos(NamedTuple):
    """What a viewer of today meets: hosts, their products, and factors of the odds of a click."""

    odds: Column  # (n_hosts,) of a click, for a viewer without match or follow
    category: Column  # (n_hosts,) int8
    own: Column  # (n_hosts,) bool: seller's own account
    local: Column  # (n_hosts,) bool: shows a local product first
    showcase: Column  # (n_hosts, SHOWCASE)
    product_exposure: Column  # (n_products,)
    product_category: Column  # (n_products,)
    product_id: Column  # (n_products,)
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
    momentum_max: float = param(
        400, "Momentum at which more of it tells little", unit="1/day", low=1, high=1e7, source="prototype"
    )
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
        expected = np.where(active, state.hosts.momentum, np.maximum(state.hosts.momentum, _NEWCOMER)).astype(
            np.float32
        )
        out, posts = np.zeros(len(state.hosts)), np.maximum(state.hosts.effort, 0.0).astype(np.float64)
        weigh_hosts(
            state.hosts.arrays._replace(momentum=expected), posts, state.hosts.showcase, np.ones(len(out)),
            np.ones(len(state.products)), np.zeros(len(out)), (self.gamma, self.momentum_max, self.a_s), out,
        )  # fmt: skip
        out[state.hosts.left <= today.counter] *= 1e-3
        state.proposals["feed"] = propose(state.hosts.category, out, state.host_identity, state.n_categories, _ROOM)

    def prepare(self, today: Today) -> None:
        """Weigh the hosts, and what each shows."""
        today.flows.ready["feed"], today.flows.ready["videos"] = self.feed(today), self.videos(today)

    def feed(self, today: Today) -> Feed:
        """Return what chooses the hosts of today's slots, levers included."""
        return Feed(
            sampler=weigh(today.state.proposals["feed"], self.weights(today)),
            popular=today.state.popularity,
            shows=today.flows.posts > 0,
            n_creators=len(today.state.creators),
            phi=self.phi,
            epsilon=min(1.0, self.epsilon + today.levers.epsilon),
            rho=self.rho,
            kappa=self.kappa * today.levers.kappa,
        )

    def videos(self, today: Today) -> Videos:
        """Return what watching today's videos reads, levers included."""
        state, flows, levers = today.state, today.flows, today.levers
        odds = np.zeros(len(state.hosts))
        fill_odds(state.hosts.skill, levers.skill, self.b0, self.b_k, odds)
        first = flows.showcase[:, 0]
        return Videos(
            odds=odds,
            category=state.hosts.category,
            own=np.arange(len(state.hosts)) >= len(state.creators),
            local=state.products.local[first] & (first != NOTHING) if len(state.products) else first != NOTHING,
            showcase=flows.showcase,
            product_exposure=levers.product_exposure,
            product_category=state.products.category,
            product_id=state.products.id,
            match_1=exp(self.b_m),
            match_2=exp(0.6 * self.b_m),
            follow=exp(self.b_f),
            engage=exp(self.b_e),
            watch=exp(self.b_w),
        )

    def act(self, today: Today, block: Block) -> None:
        feed, videos = today.flows.ready["feed"], today.flows.ready["videos"]
        users, offers, totals = today.state.users.arrays, block.offers.arrays, block.counts.totals
        begin = go_online(today.key(Stream.ONLINE), block.start, users, offers, totals)
        if not today.levers.open[Channel.VIDEO]:
            return
        slots = lay_out(block.start, users.id, begin)
        keys = today.key(Stream.FEED), today.key(Stream.FEED_PICK)
        shown = choose_hosts(keys, block.start, users, slots, feed, totals)
        watch(keys[0], block.start, users, slots, shown, videos, offers, block.counts.hosts.arrays, totals)


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
        w = weight(
            posts[h], hosts.momentum[h], hosts.charm[h], hosts.skill[h] + skill_lever[h], gamma, momentum_max, a_s
        )
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
def fit(first, second, category):
    """Return how likely a product of ``category`` is the one clicked: match, and a little for any other."""
    return 0.1 + match_of(first, second, category)


@njit(cache=True)
def pick_product(u, h, showcase, exposure, category, first, second):
    """Return the product of the showcase of ``h`` at quantile ``u`` of fit x exposure, or NOTHING."""
    total = 0.0
    for k in range(showcase.shape[1]):
        if showcase[h, k] != NOTHING:
            total += fit(first, second, category[showcase[h, k]]) * exposure[showcase[h, k]]
    left, chosen = u * total, NOTHING
    for k in range(showcase.shape[1]):
        p = showcase[h, k]
        if p != NOTHING and left >= 0.0:
            chosen = p
            left -= fit(first, second, category[p]) * exposure[p]
    return chosen


@njit(cache=True, nogil=True)
def go_online(key, start, users, offers, totals):
    """Write who of the block is online; return where the slots of each row begin, (n_rows + 1,)."""
    ids, chance, activity, online = users.id, users.online, users.activity, offers.online
    begin = np.zeros(online.shape[0] + 1, np.int64)
    for row in range(online.shape[0]):
        u = start + row
        a, b, _, _ = words(key, ids[u], 0)
        online[row] = unit(a) < chance[u]
        slots = min(int(activity[u] + unit(b)), SLOTS) if online[row] else 0
        totals[_ONLINE] += online[row]
        begin[row + 1] = begin[row] + slots
    totals[_SLOTS] += begin[-1]
    return begin


@njit(cache=True, nogil=True)
def watch(key, start, users, slots, shown, videos, offers, hosts, totals):
    """Let each slot be watched, engaged with and clicked, as its uniform says; count in ``hosts`` and ``totals``."""
    row_of, user, _ = slots
    host, c, d = shown
    odds_of, category, own, local = videos.odds, videos.category, videos.own, videos.local
    interest, interest_2, follows, n_follows = users.interest, users.interest_2, users.follows, users.n_follows
    views, engaged, clicks = hosts.views, hosts.engaged, hosts.clicks
    watch_, engage_ = videos.watch, videos.engage
    for i in range(host.shape[0]):
        h, row, v = host[i], row_of[i], unit(c[i])
        if h == NOTHING:
            continue
        u = start + row
        follow = is_followed(follows, n_follows, u, h)
        odds = odds_of[h] * (videos.follow if follow else 1.0)
        if category[h] == interest[u]:
            odds *= videos.match_1
        elif category[h] == interest_2[u]:
            odds *= videos.match_2
        views[h] += 1
        totals[_IMPRESSIONS] += 1
        totals[_OWN] += own[h]
        totals[_LOCAL] += local[h]
        if not happens(v, odds * watch_):
            continue
        totals[_WATCHED] += 1
        if not happens(v, odds * engage_):
            continue
        totals[_ENGAGED] += 1
        engaged[h] += 1
        engage(offers, row, h)
        if not happens(v, odds):
            continue
        totals[_CLICKS] += 1
        clicks[h] += 1
        p = pick_product(
            unit(d[i]), h, videos.showcase, videos.product_exposure, videos.product_category, interest[u], interest_2[u]
        )
        if p != NOTHING:
            offer(key, user[i], videos.product_id[p], offers, row, p, h, NOTHING, _VIDEO, follow)


@njit(cache=True, inline="always")
def happens(v, odds):
    """Tell whether an event of these odds happens at the uniform ``v``: whether v < odds / (1 + odds)."""
    return v * (1.0 + odds) < odds
