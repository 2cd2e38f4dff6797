"""Identities: what is true by definition or by accounting, whatever the parameters are."""

import math

import numpy as np
from scipy.stats import chisquare

from experiments.observed import MONTH
from experiments.scorecard import bare
from experiments.scorecard.lab import Lab
from experiments.scorecard.lines import IDENTITY, Line
from experiments.scorecard.probes import Closed, Placebo
from sim.inputs import provinces
from sim.state import Channel

_APPEAL = np.array([0.0, -0.5, 0.4])


def books(lab: Lab) -> float:
    """Return by how much the ledger and people's money at the end differ at most [Rp]."""
    run, start, worst = lab.run, lab.start, 0
    for account, table, column in (("users", "users", "wallet"), ("sellers", "sellers", "cash"),
                                   ("creators", "creators", "cash")):  # fmt: skip
        ledger = run.ledger
        moved = sum(sign * int(ledger.loc[ledger[side] == account, "amount"].sum())
                    for side, sign in (("credit", 1), ("debit", -1)))  # fmt: skip
        before = int(getattr(getattr(start, table), column).sum())
        worst = max(worst, abs(before + moved - int(getattr(run, table)[column].sum())))
    return float(worst)


def logit_shares(lab: Lab) -> float:
    """Return the p-value of the shares of three offers and none against exp(V) / sum exp(V)."""
    expected = np.append(np.exp(_APPEAL), 1.0)
    found = bare.shares(lab.base.mechanisms, _APPEAL)
    return float(chisquare(found * bare.USERS, expected / expected.sum() * bare.USERS).pvalue)


def logit_elasticity(lab: Lab) -> float:
    """Return the own-price elasticity of an offer over what a logit says, -b_p (1 - share)."""
    plan, dearer = lab.base.mechanisms, np.array([0.1, 0.0, 0.0])
    before, after = bare.shares(plan, _APPEAL, b_p=3.1), bare.shares(plan, _APPEAL, dearer, b_p=3.1)
    odds = [shares[0] / (1.0 - shares[0]) for shares in (before, after)]
    return math.log(odds[1] / odds[0]) / (-3.1 * 0.1)


def irrelevance(lab: Lab, sigma_n: float) -> float:
    """Return by how much the odds of two offers change when a third, of the kind of the first, is gone [ln].

    Independence of irrelevant alternatives (Luce, 1959): not at all, unless offers of a category share their noise.
    """
    category, gone = np.array([0, 1, 0], np.int8), np.array([True, True, False])
    both = [
        bare.shares(lab.base.mechanisms, _APPEAL, shown=shown, category=category, sigma_n=sigma_n)
        for shown in (None, gone)
    ]
    odds = [shares[0] / shares[1] for shares in both]
    return math.log(odds[1] / odds[0])


def mixed(lab: Lab) -> float:
    """Return what shared noise does to these odds, over what a mixed logit says (McFadden and Train, 2000).

    The shares of a mixed logit are those of a logit, integrated over the noise of the two categories.
    """
    sigma_n = 2.0
    nodes, weights = np.polynomial.hermite_e.hermegauss(64)
    first, second = np.meshgrid(sigma_n * nodes, sigma_n * nodes)
    chance = np.outer(weights, weights) / weights.sum() ** 2

    def odds(third: float) -> float:
        """Return the odds of the first two offers, beside ``third`` times the third one."""
        a, b, c = (np.exp(v + z) for v, z in zip(_APPEAL, (first, second, first), strict=True))
        whole = 1.0 + a + b + third * c
        return float((chance * a / whole).sum() / (chance * b / whole).sum())

    return irrelevance(lab, sigma_n) / math.log(odds(0.0) / odds(1.0))


def attention(lab: Lab) -> float:
    """Return the largest share of slots that were filled on a day."""
    users = lab.start.users
    most = float((users.activity + 1.0).sum())
    return float(lab.run.metrics["impressions"].max()) / most


def visits_without_rooms(lab: Lab) -> float:
    """Return visits and orders where LIVE is closed."""
    world = lab.twin("LIVE closed", program=Closed(channel=int(Channel.LIVE)), days=7)
    return world.total("live_visits") + world.total("orders_live")


def placebo(lab: Lab) -> float:
    """Return in how many orders, views and wallets a program that does nothing makes a difference."""
    plain, treated = lab.plain, lab.twin("placebo", program=Placebo())
    if len(plain.orders) != len(treated.orders):
        return math.inf
    pairs = [(plain.orders.product, treated.orders.product), (plain.orders.user, treated.orders.user),
             (plain.views, treated.views), (plain.state.users.wallet, treated.state.users.wallet)]  # fmt: skip
    return float(sum(int((a != b).sum()) for a, b in pairs))


def wage_bound(lab: Lab) -> float:
    """Return the share of creators above the minimum wage less the most that all commission could lift there."""
    run = lab.run
    month = run.metrics.tail(28)
    pool = float(month["commissions"].sum()) * MONTH / len(month)
    wages = dict(zip(provinces().names, provinces().wage(int(str(month["date"].iloc[-1])[:4])).tolist(), strict=True))
    least = np.sort(run.creators["province"].astype(str).map(wages).to_numpy())
    most = int(np.searchsorted(np.cumsum(least), pool, side="right")) / max(
        1.0, float(month["creators_active"].iloc[-1])
    )
    return float(month["creators_above_minimum_wage"].iloc[-1]) - most


LINES = (
    Line("books", IDENTITY, "Money at the end is money at the beginning and what the ledger moved [Rp]", 0, 0,
         "double entry", books, "settlement"),
    Line("logit_shares", IDENTITY, "Shares of offers in a bare market are those of a logit [p-value]", 0.001, 1,
         "McFadden 1974", logit_shares, "purchase"),
    Line("logit_elasticity", IDENTITY, "Odds react to ln price by b_p, exactly [ratio]", 0.97, 1.03,
         "McFadden 1974", logit_elasticity, "purchase: b_p"),
    Line("irrelevance", IDENTITY, "Without shared noise, odds do not hang on a third offer [ln]", -0.02, 0.02,
         "Luce 1959", lambda lab: irrelevance(lab, 0.0), "purchase: noise keyed by user and product"),
    Line("mixed", IDENTITY, "With shared noise, they hang on it as in a mixed logit [ratio]", 0.9, 1.1,
         "McFadden and Train 2000", mixed, "purchase: sigma_n"),
    Line("attention", IDENTITY, "Impressions over the slots there are", 0, 1, "definition", attention, "discovery"),
    Line("no_room_no_visit", IDENTITY, "LIVE visits and orders when LIVE is closed", 0, 0, "definition",
         visits_without_rooms, "live: rooms"),
    Line("placebo", IDENTITY, "What a program that does nothing changes", 0, 0, "common random numbers", placebo,
         "draws keyed by who, when and why"),
    Line("wage_bound", IDENTITY, "Creators above the minimum wage, over what all commission could lift there", -1, 0,
         "X3", wage_bound, "settlement"),
)  # fmt: skip
