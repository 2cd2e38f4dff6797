"""How people and products differ: the traits drawn before day 0, one kernel a table.

    ln budget_u = ln mean - sd^2 / 2 + sd (r z1 + sqrt(1 - r^2) z2),   a_u = sd_a z1
    activity_u ~ gamma,  online_u ~ beta,  posts_h = median exp(sd z),  price_p = exp(mu_g + sd_g z)

with every z a standard normal number within a bound: the largest of many agents must not grow with
their number, or nothing could be compared between scales.
"""

from collections.abc import Sequence

import numpy as np
from numba import njit

from sim.mathematics import exp
from sim.rng import Stream, beta, exponential, gamma, of, poisson, truncated_normal, uniform
from sim.tables import Column

_AGE = np.array([0.30, 0.62, 0.82, 0.93, 1.0])  # running shares of the age bands; assumed
_DAYPART = np.array([0.15, 0.40, 0.85, 1.0])  # running shares of preferred dayparts; assumed
_SIZE = np.array([0.88, 0.98, 0.996, 1.0])  # running shares of seller sizes; assumed
_SIZE_PRODUCTS = np.array([0.7, 2.0, 4.0, 6.0])  # mean products beyond the first; assumed
_SIZE_EFFORT = np.array([1.0, 2.0, 4.0, 8.0])  # posts of own accounts against a micro seller; assumed
_SIZE_CAPITAL = np.array([1.0, 4.0, 20.0, 100.0])  # cash against a micro seller; assumed
#: Upper ends of the deciles of the standard normal distribution.
_DECILES = np.array([-1.2816, -0.8416, -0.5244, -0.2533, 0.0, 0.2533, 0.5244, 0.8416, 1.2816])
_MOST_PRODUCTS = 12


def running_shares(shares: Sequence[float] | Column) -> Column:
    """Return running sums of ``shares`` (n,) with a last entry of exactly 1."""
    out = np.empty(len(shares))
    total = 0.0
    for i, share in enumerate(shares):
        total += float(share)
        out[i] = total
    if len(out):
        out[-1] = 1.0
    return out


@njit(cache=True)
def choose(u, running):
    """Return the index at quantile ``u`` of the distribution with ``running`` sums (n,)."""
    return np.searchsorted(running, u)


@njit(cache=True)
def _lognormal(key, agent, slot, bound, sd):
    return exp(sd * truncated_normal(key, agent, slot, bound))


@njit(cache=True)
def draw_users(key, users, places, kinds, numbers):
    """Fill the traits of every user from its id."""
    (bound, shape, mean, online_a, online_b, students, price_sd, live_sd, need_sd, propensity_sd, budget_mean,
     budget_sd, correlation) = numbers  # fmt: skip
    other = np.sqrt(1.0 - correlation * correlation)
    for u in range(users.id.shape[0]):
        i = users.id[u]
        users.province[u] = choose(uniform(of(key, Stream.USER_PLACE.value), i), places)
        users.age_band[u] = choose(uniform(of(key, Stream.USER_AGE.value), i), _AGE)
        users.student[u] = users.age_band[u] == 0 and uniform(of(key, Stream.USER_AGE.value), i, 1) < students
        _draw_interests(of(key, Stream.USER_INTEREST.value), i, u, users, kinds)
        users.activity[u] = mean / shape * gamma(of(key, Stream.USER_ACTIVITY.value), i, 0, shape)
        users.online[u] = beta(of(key, Stream.USER_ONLINE.value), i, 0, online_a, online_b)
        _draw_hours(of(key, Stream.USER_DAYPART.value), i, u, users)
        users.payday[u] = int(8.0 * uniform(of(key, Stream.USER_PAYDAY.value), i))
        users.price_sensitivity[u] = _lognormal(of(key, Stream.USER_PRICE_SENSITIVITY.value), i, 0, bound, price_sd)
        users.live_affinity[u] = _lognormal(of(key, Stream.USER_LIVE_AFFINITY.value), i, 0, bound, live_sd)
        users.need[u] = _lognormal(of(key, Stream.USER_LIVE_AFFINITY.value), i, 1, bound, need_sd)
        users.local_preference[u] = 1.0 + truncated_normal(of(key, Stream.USER_LOCAL_PREFERENCE.value), i, 0, bound)
        means = of(key, Stream.USER_MEANS.value)
        z1, z2 = truncated_normal(means, i, 0, bound), truncated_normal(means, i, 1, bound)
        users.propensity[u] = propensity_sd * z1
        z = correlation * z1 + other * z2
        users.income_decile[u] = np.searchsorted(_DECILES, z)
        users.budget[u] = int(budget_mean * exp(budget_sd * z - 0.5 * budget_sd * budget_sd))
        users.wallet[u] = int(users.budget[u] * uniform(means, i, 2 << 19))


@njit(cache=True)
def _draw_interests(key, i, u, users, kinds):
    """Draw two different categories (one, if the market has no more) and the share of the first."""
    users.interest[u] = choose(uniform(key, i, 0), kinds)
    users.interest_2[u] = users.interest[u]
    attempt = 1
    while users.interest_2[u] == users.interest[u] and kinds.shape[0] > 1 and attempt < 4096:
        users.interest_2[u] = choose(uniform(key, i, attempt), kinds)
        attempt += 1
    users.interest_share[u] = 0.5 + 0.5 * uniform(key, i, 1 << 20)


@njit(cache=True)
def _draw_hours(key, i, u, users):
    """Draw the preferred daypart, and the one to sleep through: the night for most."""
    preferred = choose(uniform(key, i, 0), _DAYPART)
    asleep = 3 if uniform(key, i, 1) < 0.7 else int(4.0 * uniform(key, i, 2))
    if asleep == preferred:
        asleep = (preferred + 1 + int(3.0 * uniform(key, i, 3))) % 4
    users.daypart[u] = preferred
    users.awake[u] = 15 & ~(1 << asleep)


@njit(cache=True)
def _draw_account(key, i, h, hosts, side, live_share, chance, minutes, bound):
    """Draw what creators and sellers share: skills and LIVE habits; ``side`` 0 creators, 1 sellers."""
    skill = of(key, Stream.HOST_SKILL.value)
    hosts.skill[h] = truncated_normal(skill, i, 2 * side, bound)
    hosts.live_skill[h] = truncated_normal(skill, i, 2 * side + 1, bound)
    live = of(key, Stream.HOST_LIVE.value)
    hosts.daypart[h] = choose(uniform(live, i, 4 * side + 1), _DAYPART)
    hosts.live_minutes[h] = int(min(max(12.0, minutes * _lognormal(live, i, 8 + side, bound, 0.6)), 360.0))
    if uniform(live, i, 4 * side) < live_share:
        hosts.live_chance[h] = min(1.0, 2.0 * chance * uniform(live, i, 4 * side + 2))


@njit(cache=True)
def draw_creators(key, creators, places, kinds, wages, numbers):
    """Fill the traits of every creator from its id; ``wages`` (38,) are minimum wages [Rp/h]."""
    (bound, charm_sd, effort_sd, effort_median, live_share, chance, minutes, inclusion, students, hours,
     reservation_ln, reservation_sd) = numbers  # fmt: skip
    for c in range(creators.id.shape[0]):
        i = creators.id[c]
        creators.province[c] = choose(uniform(of(key, Stream.HOST_PLACE.value), i, 0), places)
        creators.category[c] = choose(uniform(of(key, Stream.HOST_CATEGORY.value), i, 0), kinds)
        _draw_account(key, i, c, creators, 0, live_share, chance, minutes, bound)
        creators.charm[c] = charm_sd * truncated_normal(of(key, Stream.HOST_CHARM.value), i, 0, bound)
        creators.effort[c] = effort_median * _lognormal(of(key, Stream.HOST_EFFORT.value), i, 0, bound, effort_sd)
        creators.usual_effort[c] = creators.effort[c]
        flags = of(key, Stream.CREATOR_FLAGS.value)
        creators.student[c] = uniform(flags, i, 0) < students
        creators.inclusion[c] = uniform(flags, i, 1) < inclusion
        factor = exp(reservation_ln + reservation_sd * truncated_normal(
            of(key, Stream.CREATOR_RESERVATION.value), i, 0, bound))  # fmt: skip
        creators.reservation[c] = wages[creators.province[c]] * hours * max(0.1, creators.usual_effort[c]) * factor
        creators.threshold[c] = exponential(of(key, Stream.CREATOR_THRESHOLD.value), i)


@njit(cache=True)
def draw_sellers(key, sellers, places, kinds, wages, low, high, fashion, jakarta, numbers):
    """Fill the traits of every seller from its id; ``wages`` (38,) are minimum wages [Rp/h]."""
    (bound, charm_sd, effort_sd, effort_median, live_share, chance, minutes, own, own_charm, local, open_share,
     cluster, capital, hours, reservation_ln, reservation_sd) = numbers  # fmt: skip
    for s in range(sellers.id.shape[0]):
        i = sellers.id[s]
        sellers.province[s] = choose(uniform(of(key, Stream.HOST_PLACE.value), i, 1), places)
        g = choose(uniform(of(key, Stream.HOST_CATEGORY.value), i, 1), kinds)
        sellers.category[s] = g
        _draw_account(key, i, s, sellers, 1, live_share, chance, minutes, bound)
        size = choose(uniform(of(key, Stream.SELLER_SIZE.value), i), _SIZE)
        sellers.size[s] = size
        sellers.working_capital[s] = int(capital * _SIZE_CAPITAL[size])
        kind = of(key, Stream.SELLER_KIND.value)
        sellers.local[s] = uniform(kind, i, 0) < local
        sellers.open[s] = uniform(kind, i, 1) < open_share
        sellers.cluster[s] = 1 if sellers.province[s] == jakarta and fashion[g] and uniform(kind, i, 2) < cluster else 0
        sellers.charm[s] = own_charm + charm_sd * truncated_normal(of(key, Stream.HOST_CHARM.value), i, 1, bound)
        if uniform(kind, i, 3) < own:
            posts = _lognormal(of(key, Stream.HOST_EFFORT.value), i, 1, bound, effort_sd)
            sellers.effort[s] = effort_median * _SIZE_EFFORT[size] * posts
        sellers.usual_effort[s] = sellers.effort[s]
        sellers.commission[s] = low[g] + (high[g] - low[g]) * uniform(of(key, Stream.SELLER_COMMISSION.value), i)
        personal = truncated_normal(of(key, Stream.SELLER_RESERVATION.value), i, 0, bound)
        sellers.reservation[s] = wages[sellers.province[s]] * hours * exp(reservation_ln + reservation_sd * personal)
        threshold = of(key, Stream.SELLER_THRESHOLD.value)
        sellers.threshold[s] = exponential(threshold, i, 0)
        sellers.live_threshold[s] = exponential(threshold, i, 1)
        if sellers.live_chance[s] > 0.0:
            sellers.live_since[s] = 0


@njit(cache=True)
def draw_product_counts(key, sellers):
    """Write how many products each seller has: one, and a Poisson number more by size."""
    for s in range(sellers.id.shape[0]):
        u = uniform(of(key, Stream.PRODUCT_COUNT.value), sellers.id[s])
        sellers.n_products[s] = 1 + poisson(u, _SIZE_PRODUCTS[sellers.size[s]], _MOST_PRODUCTS - 1)


@njit(cache=True)
def place_products(sellers, products):
    """Give each seller consecutive rows of the products table."""
    p = 0
    for s in range(sellers.id.shape[0]):
        sellers.first_product[s] = p
        for _ in range(sellers.n_products[s]):
            products.seller[p], products.category[p] = s, sellers.category[s]
            products.local[p] = sellers.local[s]
            p += 1


@njit(cache=True)
def draw_products(key, sellers, products, price_ln, price_sd, numbers):
    """Fill the traits of every product, keyed by seller id and number, whatever the products before."""
    bound, cost_low, cost_high, stock = numbers
    for p in range(products.id.shape[0]):
        s = products.seller[p]
        i, k, g = sellers.id[s], p - sellers.first_product[s], products.category[p]
        z = truncated_normal(of(key, Stream.PRODUCT_PRICE.value), i, k, bound)
        price = max(10, int(exp(price_ln[g] + price_sd[g] * z) / 100.0)) * 100
        products.price[p], products.reference[p] = price, price
        share = cost_low + (cost_high - cost_low) * uniform(of(key, Stream.PRODUCT_COST.value), i, k)
        products.cost[p] = int(price * share)
        products.quality[p] = truncated_normal(of(key, Stream.PRODUCT_QUALITY.value), i, k, bound)
        products.stock[p] = int(stock)


@njit(cache=True)
def fill_expected_weight(hosts, out):
    """Write the weight in the feed that posts and charm alone would give, into ``out`` (n_hosts,)."""
    for h in range(out.shape[0]):
        out[h] = hosts.effort[h] * exp(hosts.charm[h])
