"""A bare market: many users who all face the same few offers, once. What a logit says of it is known exactly."""

import datetime

import numpy as np

from sim.calendar import describe
from sim.flows import Block, Flows, Offers
from sim.levers import Levers
from sim.mechanism import Plan, Today
from sim.state import Channel, Creators, Products, Sellers, State, Users
from sim.tables import NOTHING, Column

_PRICE = 100_000
USERS = 200_000


def shares(
    plan: Plan,
    appeal: Column,
    cut: Column | None = None,
    shown: Column | None = None,
    category: Column | None = None,
    **tastes: float,
) -> Column:
    """Return which share of ``USERS`` chooses each of n offers, and none of them: (n + 1,).

    The choice is that of the plan. ``appeal`` (n,) is in logit; ``cut`` (n,) is ln of price over reference price;
    ``shown`` (n,) says which are on offer; ``category`` (n,) which belong together. Shipping, seasons and all
    differences between users are left out.
    """
    n = len(appeal)
    cut, shown = np.zeros(n) if cut is None else cut, np.ones(n, np.bool_) if shown is None else shown
    state = _state(n, np.zeros(n, np.int8) if category is None else category)
    state.products.price[:] = np.rint(_PRICE * np.exp(cut))
    kind = next(type(m) for m in plan if m.name == "purchase")
    purchase = kind(**{"a_0": 0.0, "sigma_n": 0.0, "shipping": 0, "b_m": 0.0, "b_y": 0.0, "b_loc": 0.0,
                           "a_need": 0.0, **tastes})  # fmt: skip
    day = datetime.date(2024, 1, 9)  # an ordinary Tuesday
    today = Today(0, 0, describe(day), state, Levers.neutral(state), Flows.empty(state), 1, 1)
    today.flows.appeal[:] = appeal
    block = Block(0, USERS, Offers.empty(USERS), today.flows.counts)
    on_offer = np.flatnonzero(shown)
    block.offers.count[:], block.offers.product[:, : len(on_offer)] = len(on_offer), on_offer
    block.offers.channel[:], block.offers.host[:], block.offers.room[:] = Channel.SEARCH, NOTHING, NOTHING
    purchase.prepare(today)
    purchase.act(today, block)
    assert block.orders is not None
    bought = np.bincount(block.orders.product, minlength=n) / USERS
    return np.append(bought, 1.0 - bought.sum())


def _state(n: int, category: Column) -> State:
    users, sellers, products = Users.empty(USERS), Sellers.empty(n), Products.empty(n)
    users.id[:] = np.arange(USERS)
    users.wallet[:] = users.budget[:] = 10**9
    users.price_sensitivity[:] = 1.0
    sellers.id[:], sellers.joined[:], sellers.n_products[:] = np.arange(n), 0, 1
    sellers.first_product[:] = np.arange(n)
    products.id[:] = products.seller[:] = np.arange(n)
    products.category[:] = sellers.category[:] = category
    products.reference[:], products.stock[:] = _PRICE, USERS
    kinds = int(category.max()) + 1
    return State(
        users, Creators.empty(0), sellers, products, np.full(kinds, float(_PRICE)), np.arange(1, kinds + 1) / kinds
    )
