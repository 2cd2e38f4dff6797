"""The users' phase of a village, against twins in plain Python that take one user after the other."""

import numpy as np
import pytest

from sim.flows import Total
from sim.levers import Voucher
from sim.mechanisms.discovery import Discovery
from sim.mechanisms.live import Live
from sim.mechanisms.purchase import Purchase
from sim.mechanisms.search import Search
from sim.mechanisms.ties import Ties
from sim.tables import NOTHING
from tests.small import block, village
from tests.twins.village import Bonds, Choice, Feed, Offers, Rooms, Shelf, follows_of, host_weights

DISCOVERY = Discovery(b0=-2.0, phi=0.15, epsilon=0.1)
LIVE = Live(visits=4.0, half=1.0, l0=0.0, minutes=40)
SEARCH = Search(need=0.5)
PURCHASE = Purchase(a_0=-1.0)
TIES = Ties(p_follow=0.4, neglect=0.3, disappointment=0.5)


@pytest.fixture(scope="module")
def today():
    """The fourth morning of a village, with levers pulled."""
    today = village(days=3)
    chance = np.random.default_rng(1)
    levers = today.levers
    levers.exposure[:], levers.product_exposure[:] = chance.choice([0.5, 1, 4], len(levers.exposure)), 1.0
    levers.product_exposure[::3] = 2.0
    levers.skill[:], levers.live_skill[:] = chance.normal(0, 1, (2, len(levers.skill)))
    some = chance.random(len(today.state.products)) < 0.5
    everybody = np.full(len(today.state.users), 0.15, np.float32)
    levers.vouchers += [Voucher(0, everybody, some), Voucher(1, (everybody * 5).astype(np.float32), ~some)]
    today.state.books.programs = np.zeros(2, np.int64)
    users = today.state.users
    users.last_seller[:] = np.where(chance.random(len(users)) < 0.5, chance.integers(0, 25, len(users)), NOTHING)
    users.satisfaction[:] = np.where(users.last_seller == NOTHING, 0, chance.random(len(users)))
    users.engaged_on[:] = 0
    return today


@pytest.fixture(scope="module")
def plain(today):
    """What the twins make of the day."""
    state = today.state
    expected = expected_weights(state)
    feed, rooms = Feed(DISCOVERY, today, expected["feed"]), Rooms(LIVE, today)
    shelf, choice, bonds = Shelf(SEARCH, today, expected["shelf"]), Choice(PURCHASE, today), Bonds(TIES, today)
    made = {"offers": [], "orders": {}, "follows": [], "needs": 0, "slots": 0}
    made["hosts"] = [[0, 0, 0, 0] for _ in range(len(state.hosts))]
    made["rooms"] = [[0] * 15 for _ in range(len(today.flows.rooms))]
    before = state.users.satiation.copy()
    for u in range(len(state.users)):
        offers = Offers(today, state.users.id[u])
        online = feed.act(u, offers, made["hosts"])
        rooms.act(u, online, offers, made["hosts"], made["rooms"])
        made["needs"] += shelf.act(u, online, offers)
        made["slots"] += feed.slots(u)[1]
        made["offers"].append(offers.kept())
        order = choice.act(u, offers)
        if order != NOTHING:
            made["orders"][u] = order
        made["follows"].append(bonds.act(u, offers))
    made["satiation"] = state.users.satiation.copy()
    state.users.satiation[:] = before
    return made


def expected_weights(state):
    """Give both samplers proposals of their own, so that the twins need not know how the market freezes them."""
    from sim.sampler import propose

    chance = np.random.default_rng(2)
    feed, shelf = chance.lognormal(0, 1.5, len(state.hosts)), chance.lognormal(0, 1.5, len(state.products))
    args = (state.n_categories,)
    state.proposals["feed"] = propose(state.hosts.category, feed, state.host_identity, *args, 3.0)
    state.proposals["shelf"] = propose(state.products.category, shelf, state.products.id, *args, 4.0)
    return {"feed": feed, "shelf": shelf}


@pytest.fixture(scope="module")
def kernels(today, plain):
    """What the kernels make of the same day."""
    mechanisms = (DISCOVERY, LIVE, SEARCH, PURCHASE, TIES)
    made = block(today, online=False)
    for mechanism in mechanisms:
        mechanism.prepare(today)
    for mechanism in mechanisms:
        mechanism.act(today, made)
    return made


def test_the_village_has_something_of_everything(today, plain, kernels):
    totals = today.flows.counts.totals
    for count in Total:
        assert totals[count] > 0, count.name
    assert max(len(offers) for offers in plain["offers"]) == 8
    assert len(plain["orders"]) > 20


def test_hosts_weigh_in_the_feed_what_the_twin_says(today):
    assert DISCOVERY.weights(today).tolist() == host_weights(DISCOVERY, today)


def test_every_host_is_seen_engaged_with_and_clicked_as_by_the_twin(today, plain, kernels):
    counts = today.flows.counts.hosts
    found = np.stack([counts.views, counts.engaged, counts.clicks, counts.stays], axis=1)
    assert found.tolist() == plain["hosts"]
    assert today.flows.counts.totals[Total.SLOTS] == plain["slots"]


def test_every_room_is_visited_as_by_the_twin(today, plain, kernels):
    counts = today.flows.counts.rooms
    found = np.column_stack([counts.visits, counts.stays, counts.minutes, counts.seconds])
    assert found.tolist() == plain["rooms"]


def test_every_user_has_the_offers_of_the_twin(today, plain, kernels):
    offers = kernels.offers
    for u in range(len(today.state.users)):
        found = {
            int(offers.product[u, j]): (
                int(offers.host[u, j]), int(offers.room[u, j]), int(offers.channel[u, j]), bool(offers.tied[u, j])
            )
            for j in range(offers.count[u])
        }  # fmt: skip
        assert found == plain["offers"][u]
    assert today.flows.counts.totals[Total.NEEDS] == plain["needs"]


def test_every_user_orders_what_the_twin_orders(today, plain, kernels):
    orders = kernels.orders
    found = {
        int(u): (int(p), int(price), int(subsidy))
        for u, p, price, subsidy in zip(orders.user, orders.product, orders.price, orders.subsidy, strict=True)
    }
    assert found == plain["orders"]
    assert today.state.users.satiation.tolist() == plain["satiation"].tolist()


def test_every_user_follows_whom_the_twin_follows(today, plain, kernels):
    users = today.state.users
    for u in range(len(users)):
        engaged = (int(day) for day in users.engaged_on[u])
        assert dict(zip(follows_of(users, u), engaged, strict=False)) == plain["follows"][u]
