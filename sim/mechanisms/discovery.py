"""Discovery: the feed of short videos.

    w_h      = fresh_h (1 + S(momentum_h))^gamma exp(charm_h + a_s skill_h) exposure_h xbar_h
    ln odds  = b0 + b_m match + b_k skill_h + b_f tied
    P(click) = odds / (1 + odds);  the same with odds e^be for engaging and e^bw for watching to the end

Each promotional slot of an online user shows a followed host (chance ``phi``, if anyone is followed
and posts), or any active creator (chance ``epsilon``), or a host of a category drawn from the
user's interests, by weight. ``xbar`` is the mean exposure of the products in the showcase. Clicking,
engaging and watching are nested events on one uniform. A click puts a product of the showcase, drawn
by fit x exposure, on the user's list of offers. A slot is "tied" when following led there, not when the
recommender happens to draw a followed host: one agent stands for many hosts, of whom the user
follows a few, and such coincidences would hang on how many agents there are. ``phi`` is also the
causal elasticity of views by followers (Tian, Dew and Iyengar, 2024: .10).
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from sim.feed import Feed, cap_weights, choose_hosts, go_online, list_unknown
from sim.flows import Block, Total
from sim.layout import lay_out
from sim.mathematics import exp, log, saturate
from sim.mechanism import Mechanism, Phase, Today
from sim.offers import engage, match_of, put, viewers_of
from sim.params import param
from sim.rng import Stream, unit
from sim.sampler import propose, weigh
from sim.state import Channel
from sim.tables import NOTHING, Column

_VIDEO = int(Channel.VIDEO)
_IMPRESSIONS, _LOCAL, _OWN = int(Total.IMPRESSIONS), int(Total.LOCAL), int(Total.OWN)
_WATCHED, _ENGAGED, _CLICKS = int(Total.WATCHED), int(Total.ENGAGED), int(Total.CLICKS)
_NEWCOMER = 5.0  # momentum expected of who has not joined yet [1/day]
#: Bound of the proposal, in units of the sum of weights: three attempts a draw while little outgrows it.
ROOM = 3.0


#: What one impression reads of a host, side by side: odds of a click, for a viewer without match or follow;
#: category; whether this is a seller's own account; whether it shows a local product first.
HOST = np.dtype([("odds", np.float64), ("category", np.int8), ("own", np.bool_), ("local", np.bool_)], align=True)


class Videos(NamedTuple):
    """What a viewer of today meets: hosts, their products, and factors of the odds of a click."""

    hosts: Column  # (n_hosts,) HOST
    showcase: Column  # (n_hosts, SHOWCASE)
    product_exposure: Column  # (n_products,)
    product_category: Column  # (n_products,)
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
    b_f: float = param(0.6, "Click, where following led there", unit="logit", low=0, high=5, source="prototype")
    b_e: float = param(1.4, "Engaging, above clicking", unit="logit", low=0, high=6, source="prototype")
    b_w: float = param(3.4, "Watching to the end, above clicking", unit="logit", low=0, high=9, source="A6; R1")

    def weights(self, today: Today) -> Column:
        """Return today's weight of every host in the feed, (n_hosts,)."""
        out = np.zeros(len(today.state.hosts))
        levers, flows = today.levers, today.flows
        weigh_hosts(
            today.state.hosts.arrays, flows.fresh, flows.showcase, levers.exposure, levers.product_exposure,
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
        state.proposals["feed"] = propose(state.hosts.category, out, state.host_identity, state.n_categories, ROOM)

    def prepare(self, today: Today) -> None:
        """Weigh the hosts, and what each shows."""
        today.flows.ready["feed"], today.flows.ready["videos"] = self.feed(today), self.videos(today)

    def feed(self, today: Today) -> Feed:
        """Return what chooses the hosts of today's slots, levers included."""
        shows, n = today.flows.fresh > 0, len(today.state.creators)
        return Feed(
            sampler=weigh(today.state.proposals["feed"], self.weights(today)),
            popular=today.state.popularity,
            shows=shows,
            unknown=list_unknown(today.state.host_identity[:n], shows[:n]),
            n_creators=n,
            phi=self.phi,
            epsilon=min(1.0, self.epsilon + today.levers.epsilon),
            rho=self.rho,
            kappa=self.kappa * today.levers.kappa,
        )

    def videos(self, today: Today) -> Videos:
        """Return what watching today's videos reads, levers included."""
        state, flows, levers = today.state, today.flows, today.levers
        odds, hosts = np.zeros(len(state.hosts)), np.zeros(len(state.hosts), HOST)
        fill_odds(state.hosts.skill, levers.skill, self.b0, self.b_k, odds)
        first = flows.showcase[:, 0]
        hosts["odds"], hosts["category"] = odds, state.hosts.category
        hosts["own"] = np.arange(len(hosts)) >= len(state.creators)
        hosts["local"] = first != NOTHING
        if len(state.products):
            hosts["local"] &= state.products.local[first]
        return Videos(
            hosts=hosts,
            showcase=flows.showcase,
            product_exposure=levers.product_exposure,
            product_category=state.products.category,
            match_1=exp(self.b_m),
            match_2=exp(0.6 * self.b_m),
            follow=exp(self.b_f),
            engage=exp(self.b_e),
            watch=exp(self.b_w),
        )

    def act(self, today: Today, block: Block) -> None:
        feed, videos = today.flows.ready["feed"], today.flows.ready["videos"]
        table, offers, totals = today.state.users, block.offers.arrays, block.counts.totals
        key, start = today.key(Stream.ONLINE), block.start
        begin = go_online(key, start, table.id, table.online, table.activity, block.offers.online, totals)
        if not today.levers.open[Channel.VIDEO]:
            return
        users, slots = viewers_of(table), lay_out(start, table.id, begin)
        keys = today.key(Stream.FEED), today.key(Stream.FEED_PICK)
        shown = choose_hosts(keys, start, users, slots, feed, totals)
        clicks = watch(start, users, slots, shown, videos, offers, block.counts.hosts.arrays, totals)
        picked = pick_products(start, users, slots, shown, clicks, videos)
        put(today.key(Stream.OFFER_PRIORITY), picked, today.state.products.id, _VIDEO, offers)


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
    if total <= 0.0:
        return chosen
    for k in range(showcase.shape[1]):
        p = showcase[h, k]
        if p != NOTHING and left >= 0.0:
            chosen = p
            left -= fit(first, second, category[p]) * exposure[p]
    return chosen


@njit(cache=True, nogil=True)
def watch(start, users, slots, shown, videos, offers, counts, totals):
    """Let each slot be watched, engaged with and clicked, as its uniform says; count in ``counts`` and ``totals``.

    Return which slots are clicked, and whether a tie led there: two (n_clicks,) arrays.
    """
    row_of, host, tied, chance = slots[0], shown[0], shown[1], shown[2]
    hosts, watch_, engage_ = videos.hosts, videos.watch, videos.engage
    # factors of the odds, looked up: nobody could predict a branch
    of_follow = np.array([1.0, videos.follow])
    of_match = np.array([1.0, videos.match_2, videos.match_1, videos.match_1])
    interest, interest_2 = users.interest, users.interest_2
    engaged, n_engaged = offers.engaged, offers.n_engaged
    views, engagements, clicks = counts.views, counts.engaged, counts.clicks
    clicked, n_clicks = np.empty(host.shape[0], np.int32), 0
    impressions = own = local = watched = engagements_ = 0
    for i in range(host.shape[0]):
        if host[i] == NOTHING:
            continue
        h, row, v = np.uint32(host[i]), np.uint32(row_of[i]), unit(chance[i])
        u, category = np.uint32(start + row), hosts[h].category
        match = 2 * np.uint8(category == interest[u]) | np.uint8(category == interest_2[u])
        odds = hosts[h].odds * of_follow[np.uint8(tied[i])] * of_match[match]
        views[h] += 1
        impressions += 1
        own += hosts[h].own
        local += hosts[h].local
        watches = happens(v, odds * watch_)
        watched += watches
        if not (watches & happens(v, odds * engage_)):
            continue
        engagements_ += 1
        engagements[h] += 1
        engage(n_engaged, engaged, row, h)
        clicked[n_clicks] = i
        clicks[h] += happens(v, odds)
        n_clicks += happens(v, odds)
    totals[_IMPRESSIONS] += impressions
    totals[_OWN] += own
    totals[_LOCAL] += local
    totals[_WATCHED] += watched
    totals[_ENGAGED] += engagements_
    totals[_CLICKS] += n_clicks
    return clicked[:n_clicks], tied[clicked[:n_clicks]]


@njit(cache=True, inline="always")
def happens(v, odds):
    """Tell whether an event of these odds happens at the uniform ``v``: whether v < odds / (1 + odds)."""
    return v * (1.0 + odds) < odds


@njit(cache=True, nogil=True)
def pick_products(start, users, slots, shown, clicks, videos):
    """Return what the clicks lead to, as ``offers.put`` takes it: six (n_clicks,) arrays."""
    row_of, user, _ = slots
    host, _, _, chance = shown
    clicked, tied = clicks
    n, interest, interest_2 = clicked.shape[0], users.interest, users.interest_2
    showcase, exposure, category = videos.showcase, videos.product_exposure, videos.product_category
    row, who, room = np.empty(n, np.int32), np.empty(n, np.uint32), np.full(n, NOTHING, np.int32)
    product, promoter = np.empty(n, np.int32), np.empty(n, np.int32)
    for j in range(n):
        i = clicked[j]
        u = start + row_of[i]
        row[j], who[j], promoter[j] = row_of[i], user[i], host[i]
        product[j] = pick_product(unit(chance[i]), host[i], showcase, exposure, category, interest[u], interest_2[u])
    return row, who, product, promoter, room, tied
