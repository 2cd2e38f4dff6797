"""Patterns: signs, orders and shapes that are known of such markets, and must come out."""

import math

import numpy as np
from scipy.stats import spearmanr

from experiments import statistics as st
from experiments.observed import Window, purchases
from experiments.scorecard.adoption import bass_q, live_causal, live_naive, live_selection
from experiments.scorecard.lab import Lab
from experiments.scorecard.lines import PATTERN, VERY_MANY, Line
from experiments.scorecard.probes import HostBoost, OneDayOfPosts, PriceCut, without_followers
from sim.tables import Column

HALF_YEAR = 182
WORLDS = 4  # histories that are compared where luck is the question
SOCIAL = {"mechanisms.reputation.b_s": 0.0, "mechanisms.search.gamma_shelf": 0.0, "mechanisms.discovery.gamma": 0.0,
          "mechanisms.rooms.gamma_l": 0.0}  # fmt: skip
RANDOM_FEED = {"mechanisms.discovery.epsilon": 1.0}


def better(values: Column, one: str, other: str) -> float:
    """Return the normalised log-likelihood ratio of one tail over another (Clauset et al., 2009).

    The tail is the upper fifth of the positive values; above 3 the first is the better one beyond doubt.
    """
    import powerlaw

    positive = np.asarray(values, np.float64)[np.asarray(values) > 0]
    fit = powerlaw.Fit(positive, xmin=float(np.quantile(positive, 0.8)), verbose=False)
    return float(fit.distribution_compare(one, other, normalized_ratio=True)[0])


def hill(values: Column, part: float) -> float:
    """Return the tail exponent of the largest ``part`` of positive values (Hill, 1975)."""
    positive = np.sort(np.asarray(values, np.float64)[np.asarray(values) > 0])[::-1]
    k = max(1, int(len(positive) * part))
    return k / float(np.log(positive[:k] / positive[k]).sum())


def views_of_hosts(lab: Lab) -> Column:
    """Return the views of each host in the plain twin, (n_hosts,)."""
    seen: Column = lab.plain.views.sum(axis=0).astype(np.float64)
    return seen


def earned(lab: Lab) -> Column:
    """Return the commission of each creator in business in half a year, (n_creators,)."""
    return Window(lab.run, HALF_YEAR).commission


def concentrations(lab: Lab) -> float:
    """Return the smaller step down in concentration, from creators' commission to sellers' orders to buyers'."""
    late = Window(lab.run, HALF_YEAR)
    creators, sellers, buyers = st.gini(late.commission), st.gini(late.count("seller")), st.gini(late.count("user"))
    return min(creators - sellers, sellers - buyers)


def views_on_followers(lab: Lab) -> float:
    """Return the slope of ln views on ln followers across creators with ten followers or more."""
    n = len(lab.start.creators)
    followers = lab.start.hosts.followers[:n].astype(np.float64)
    return st.slope(np.where(followers >= 10, followers, 0.0), views_of_hosts(lab)[:n])


def follower_elasticity(lab: Lab) -> float:
    """Return ln of views lost over ln of followers lost, where half of their followers leave a tenth of creators."""
    hosts = np.append(lab.random(len(lab.start.creators), 0.1), np.zeros(len(lab.start.sellers), np.bool_))
    leaves = lab.random(len(lab.start.users), 0.5)
    before = int(lab.start.hosts.followers[hosts].sum())
    follows = lab.start.users.follows
    lost = int((hosts[follows] & (follows >= 0) & leaves[:, None]).sum())
    twin = lab.twin("followers leave", prepare=without_followers(hosts, leaves), days=7)
    views = [world.views[:7, hosts].sum() for world in (lab.plain, twin)]
    return math.log(views[1] / views[0]) / math.log(1 - lost / before)


def accrual(lab: Lab, days: int) -> float:
    """Return the share of views that more posts of one day bring within ``days``, of those within six weeks."""
    hosts = np.append(lab.random(len(lab.start.creators), 0.1, 1), np.zeros(len(lab.start.sellers), np.bool_))
    twin = lab.twin("one day of posts", program=OneDayOfPosts(hosts=hosts, times=3.0))
    more = (twin.views[:, hosts].astype(np.int64) - lab.plain.views[:, hosts]).sum(axis=1)
    return float(more[:days].sum() / more.sum())


def double_jeopardy(lab: Lab) -> float:
    """Return the rank correlation of buyers and orders per buyer, across sellers with 20 orders or more in half a year.

    Small brands have fewer buyers, who also buy them less often (Ehrenberg, Goodhardt and Barwise, 1990).
    """
    orders = Window(lab.run, HALF_YEAR).orders
    by_seller = orders.groupby("seller")["user"].agg(["size", "nunique"])
    many = by_seller[by_seller["size"] >= 20]
    return float(spearmanr(many["nunique"], many["size"] / many["nunique"]).statistic)


def nbd(lab: Lab) -> float:
    """Return the users without an order in four weeks over those that a Poisson distribution of the mean would have.

    A negative binomial, people who differ in how often they buy, has more of them (Ehrenberg, 1959).
    """
    counts = purchases(Window(lab.run, 28))
    return float(np.mean(counts == 0)) / math.exp(-float(counts.mean()))


def own_price(lab: Lab) -> float:
    """Return the elasticity of a product's orders by its own price, where a twentieth of products are 10 % cheaper."""
    cheap = lab.random(len(lab.start.products), 0.05, 2)
    twin = lab.twin("cheaper products", program=PriceCut(products=cheap, share=0.1))
    sold = [world.sales("product", len(cheap))[cheap].sum() for world in (lab.plain, twin)]
    return math.log(sold[1] / sold[0]) / math.log(0.9)


def all_prices(lab: Lab) -> float:
    """Return the elasticity of the market's orders by all prices, over that of a product by its own."""
    everything = np.ones(len(lab.start.products), np.bool_)
    twin = lab.twin("everything cheaper", program=PriceCut(products=everything, share=0.1))
    return math.log(len(twin.orders) / len(lab.plain.orders)) / math.log(0.9) / own_price(lab)


def exposure(lab: Lab) -> float:
    """Return the elasticity of sellers' orders by exposure, where a tenth of creators are shown half as much more.

    Sellers count whose products get more than half of their views from these creators, in the plain twin.
    """
    n = len(lab.start.creators)
    boosted = np.append(lab.random(n, 0.1, 3), np.zeros(len(lab.start.sellers), np.bool_))
    twin = lab.twin("creators shown more", program=HostBoost(hosts=boosted, times=1.5))
    relies = reliance(lab, boosted) > 0.5
    sold = [world.sales("seller", len(relies))[relies].sum() for world in (lab.plain, twin)]
    return math.log(sold[1] / sold[0]) / math.log(1.5)


def reliance(lab: Lab, hosts: Column) -> Column:
    """Return which share of the views of each seller's products, on day 0, comes from ``hosts``, (n_sellers,)."""
    showcase, views = lab.start.hosts.showcase, lab.plain.views[:7].sum(axis=0)
    shown = showcase >= 0
    seller = lab.start.products.seller[showcase[shown]]
    seen = np.repeat(views, shown.sum(axis=1)).astype(np.float64)
    theirs = np.repeat(hosts, shown.sum(axis=1))
    whole = np.bincount(seller, seen, len(lab.start.sellers))
    part: Column = np.bincount(seller, seen * theirs, len(lab.start.sellers)) / np.maximum(whole, 1.0)
    return part


def recommender_lift(lab: Lab) -> float:
    """Return clicks per impression over those of a feed that shows anybody."""
    at_random = lab.twin("random feed", RANDOM_FEED, days=14)
    rates = [w.metrics["clicks"][:14].sum() / w.metrics["impressions"][:14].sum() for w in (lab.plain, at_random)]
    return float(rates[0] / rates[1])


def recommender_concentrates(lab: Lab) -> float:
    """Return the Gini of views, less that of a feed that shows anybody."""
    at_random = lab.twin("random feed", RANDOM_FEED, days=14)
    n = len(lab.start.creators)
    return st.gini(lab.plain.views[:14, :n].sum(axis=0)) - st.gini(at_random.views[:, :n].sum(axis=0))


def sold_by_history(lab: Lab, social: bool) -> Column:
    """Return the orders of products in the last four weeks of several histories, (WORLDS, n_products)."""
    found = []
    for history in range(1, WORLDS + 1):
        name = f"history {history}{'' if social else ', no social proof'}"
        world = lab.twin(name, {} if social else SOCIAL, history=history, days=84)
        found.append(world.sales("product", len(lab.start.products), since=56))
    return np.array(found)


def inequality(lab: Lab) -> float:
    """Return by how much social proof raises the Gini of products' sales (Salganik, Dodds and Watts, 2006)."""
    with_, without = (np.mean([st.gini(s) for s in sold_by_history(lab, social)]) for social in (True, False))
    return float(with_ - without)


def unpredictability(lab: Lab) -> float:
    """Return how much a product's sales differ between histories, over the same without social proof.

    As Salganik, Dodds and Watts (2006) ask, product by product, but with the variance that counting few orders makes
    taken off: the median over products with five orders or more of (variance - mean) / mean^2.
    """
    found = []
    for social in (True, False):
        sold = sold_by_history(lab, social)
        mean = sold.mean(axis=0)
        some = mean >= 5
        found.append(np.median((sold.var(axis=0, ddof=1) - mean)[some] / mean[some] ** 2))
    return float(found[0] / found[1])


def appeal_and_success(lab: Lab) -> float:
    """Return the rank correlation of a product's appeal on day 0 with its mean sales across histories, if it sells."""
    sold, products = sold_by_history(lab, True).mean(axis=0), lab.start.products
    some = sold > 0
    return float(spearmanr((products.quality + products.fad)[some], sold[some]).statistic)


def small_creators_convert(lab: Lab) -> float:
    """Return commission per follower of creators below the median of followers over that of the top tenth."""
    w = Window(lab.run, HALF_YEAR)
    followers, money = lab.run.creators["followers"].to_numpy(np.float64)[w.active], w.commission
    some = followers > 0
    middle, top = np.quantile(followers[some], [0.5, 0.9])
    rates = [money[these].sum() / followers[these].sum() for these in (some & (followers <= middle), followers > top)]
    return float(rates[0] / rates[1])


def scale(lab: Lab) -> float:
    """Return orders a head at half as many agents, over those of this market."""
    half = lab.base.with_values({"population.scale": lab.base.population.scale * 2})
    few = lab.once("half as many agents", lambda: Lab(half, lab.days, lab.twin_days).plain)
    rates = [len(world.orders) / len(world.state.users) for world in (few, lab.plain)]
    return float(rates[0] / rates[1])


INF = math.inf
LINES = (
    Line("views_heavy_tail", PATTERN, "Views of hosts: log-normal against exponential tail [normalised ratio]", 3, INF,
         "H1; H3: 6.6", lambda lab: better(views_of_hosts(lab), "lognormal", "exponential"),
         "discovery: charm, effort, momentum"),
    Line("views_bend", PATTERN, "Views of hosts: truncated power law against power law [normalised ratio]", 3, INF,
         "H3: 3.3", lambda lab: better(views_of_hosts(lab), "truncated_power_law", "power_law"),
         "population: truncated log-normal traits; momentum saturates"),
    Line("views_hill", PATTERN, "Tail exponent of the 5 % of hosts with most views", 0.5, 1.1, "H3: .64-1.0",
         lambda lab: hill(views_of_hosts(lab), 0.05), "discovery: charm, effort, momentum"),
    Line("income_heavy_tail", PATTERN, "Commission of creators: log-normal against exponential tail", 3, INF, "H7; H9",
         lambda lab: better(earned(lab), "lognormal", "exponential"), "discovery"),
    Line("sales_heavy_tail", PATTERN, "Orders of sellers: log-normal against exponential tail", 3, INF, "H14; H15",
         lambda lab: better(Window(lab.run, HALF_YEAR).count("seller"), "lognormal", "exponential"),
         "reputation, affiliates"),
    Line("concentrations", PATTERN, "Creators are more unequal than sellers, and these than buyers [Gini]", 0.02, 1,
         "H3; H14; B1", concentrations, "attention before money"),
    Line("views_on_followers", PATTERN, "Slope of ln views on ln followers across creators", 0.7, 1.3, "H4; H5",
         views_on_followers, "ties: who is seen is followed"),
    Line("follower_elasticity", PATTERN, "What followers cause in views [elasticity]", 0.04, 0.2, "H6",
         follower_elasticity, "discovery: phi"),
    Line("views_day_1", PATTERN, "Views that more posts bring on their first day", 0.22, 0.42, "A8",
         lambda lab: accrual(lab, 1), "supply: first_day"),
    Line("views_week_1", PATTERN, "Views that they bring in their first week", 0.42, 0.68, "A8",
         lambda lab: accrual(lab, 7), "supply: keep"),
    Line("double_jeopardy", PATTERN, "Small sellers' buyers also buy less often [rank correlation]", 0.3, 1, "B2",
         double_jeopardy, "purchase: shared tastes, loyalty"),
    Line("nbd", PATTERN, "Users without an order in four weeks, over what a Poisson distribution says", 2, 20, "B1; B2",
         nbd, "population: propensity"),
    Line("own_price", PATTERN, "Elasticity of a product's orders by its own price", -3.5, -1.8, "B6", own_price,
         "purchase: b_p"),
    Line("all_prices", PATTERN, "Elasticity by all prices, over that by one's own", 0.2, 0.7, "theory", all_prices,
         "purchase: offers compete; wallets"),
    Line("exposure", PATTERN, "Elasticity of sellers' orders by exposure", 0.05, 0.35, "B7", exposure,
         "discovery, search"),
    Line("recommender_lift", PATTERN, "Clicks per impression, over those of a random feed", 1.5, 4.5, "R1; R2",
         recommender_lift, "discovery: kappa, match, skill"),
    Line("recommender_concentrates", PATTERN, "Gini of views, less that of a random feed", 0.05, 1, "R5",
         recommender_concentrates, "discovery: weights"),
    Line("inequality", PATTERN, "Social proof raises the inequality of sales [Gini]", 0.01, 1, "E15", inequality,
         "reputation: b_s, momentum"),
    Line("unpredictability", PATTERN, "Social proof makes success differ between histories [ratio]", 1.05, 10, "E15",
         unpredictability, "reputation: b_s, momentum"),
    Line("appeal", PATTERN, "Appeal and success go together, not as one [rank correlation]", 0.1, 0.9, "E15",
         appeal_and_success, "reputation: quality, fads"),
    Line("live_naive", PATTERN, "Adopters' orders after adopting LIVE over before, mean of ratios", 2, 20, "E1",
         live_naive, "learning: growing sellers adopt", needs=VERY_MANY),
    Line("live_causal", PATTERN, "Adopters' orders with LIVE over the same sellers' without", 1.1, 2.2, "E2; E3",
         live_causal, "live", needs=VERY_MANY),
    Line("live_selection", PATTERN, "Adopters' growth before they adopt, over the market's [ratio]", 1.02, 5,
         "E1; E3", live_selection, "learning: growth", needs=VERY_MANY),
    Line("bass", PATTERN, "Imitation in the adoption of LIVE [1/year]", 0.1, 1.5, "B10", bass_q, "learning: bass_q"),
    Line("small_creators_convert", PATTERN, "Commission per follower, small creators over large", 1.05, 50, "E6",
         small_creators_convert, "ties: slots are few", needs=VERY_MANY),
    Line("scale", PATTERN, "Orders a head with half as many agents, over these", 0.95, 1.05, "model", scale,
         "saturating functions; ties as channels"),
)  # fmt: skip
