"""The market by hand gives the same bits as the kernels, whatever the market is like."""

import gc
import weakref

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.errors import ScenarioError
from sim.flows import Cost
from sim.levers import Links, Shipping, TopUp, Voucher
from sim.market import Market
from sim.mechanism import Program, left
from sim.plain import browsing
from sim.plain.books import Clerk
from sim.plain.debug import first_difference
from sim.plain.host import Host
from sim.plain.market import PlainMarket
from sim.plain.product import Product
from sim.plain.seller import Seller
from sim.plain.user import User
from sim.scenario import load
from sim.state import Channel
from sim.tables import NOTHING

TABLES = ("users", "creators", "sellers", "products")


class Everything(Program):
    """Pulls every lever there is, some for some."""

    def pull(self, today, me):
        levers, state = today.levers, today.state
        odd = state.host_identity % 2 == 1
        levers.exposure[odd], levers.effort[odd], levers.skill[odd], levers.live_skill[odd] = 1.7, 1.3, 0.5, 0.4
        levers.live_chance[odd], levers.room_pull[odd], levers.attraction[odd], levers.giving_up[odd] = 0.2, 2.0, 3.0, 2
        levers.live_attraction[:], levers.fee[:], levers.product_exposure[::2] = 4.0, 0.5, 1.5
        levers.desire, levers.kappa, levers.epsilon, levers.exposure_cap = 0.3, 1.2, 0.05, 0.1
        some = np.full(len(state.users), 0.2, np.float32)
        levers.vouchers += [Voucher(me, some, state.products.id % 3 == 0), Voucher(me, some * 4)]
        levers.top_ups.append(TopUp(me, np.full(len(state.creators), 0.05, np.float32)))
        levers.shipping.append(Shipping(me, 0.5))
        n = min(len(state.creators), len(state.products))
        levers.links.append(Links(np.arange(n), np.arange(n)[::-1].copy(), 1.0))


class Poor(Program):
    """Promises everybody more than it can pay."""

    def pull(self, today, me):
        levers, state = today.levers, today.state
        levers.budgets[me] = 60_000
        levers.vouchers.append(Voucher(me, np.full(len(state.users), 0.5, np.float32)))
        levers.top_ups.append(TopUp(me, np.full(len(state.creators), 0.2, np.float32)))
        levers.shipping.append(Shipping(me, 0.7))

    def bill(self, today, me):
        today.flows.costs.append(Cost(me, min(7_000, left(today, me))))


class Shut(Program):
    """Closes channels."""

    def pull(self, today, me):
        today.levers.open[[Channel.LIVE, Channel.SEARCH]] = False
        if today.day % 2:
            today.levers.open[Channel.VIDEO] = False


def differences(a, b):
    """Yield what differs between two markets after a day."""
    for name in TABLES:
        for column in getattr(a.state, name).columns():
            if not np.array_equal(getattr(getattr(a.state, name), column), getattr(getattr(b.state, name), column)):
                yield f"{name}.{column}"
    for name in ("orders", "dues", "rooms", "closed"):
        mine, theirs = getattr(a.today.flows, name), getattr(b.today.flows, name)
        for column in mine.columns():
            if not np.array_equal(getattr(mine, column), getattr(theirs, column)):
                yield f"{name}.{column}"
    for mine, theirs in ((a.today.flows.counts.hosts, b.today.flows.counts.hosts),
                         (a.today.flows.counts.rooms, b.today.flows.counts.rooms)):  # fmt: skip
        for column in mine.columns():
            if not np.array_equal(getattr(mine, column), getattr(theirs, column)):
                yield f"counts.{column}"
    if not np.array_equal(a.today.flows.counts.totals, b.today.flows.counts.totals):
        yield "counts.totals"
    if a.today.flows.settled != b.today.flows.settled:
        yield "ledger"
    rows = [{name: repr(value[-1]) for name, value in market.recorder.columns().items()} for market in (a, b)]
    yield from (f"metrics.{name}" for name in rows[0] if rows[0][name] != rows[1][name])


def lives_alike(scenario, days, origin=None):
    """Live some days in both markets, and say on which day what differs first."""
    kernels, plain = (kind(scenario, origin=origin, keep=False) for kind in (Market, PlainMarket))
    for day in range(days):
        kernels.step()
        plain.step()
        if found := sorted(set(differences(kernels, plain))):
            return f"day {day}: {', '.join(found)}"
    return "alike"


@st.composite
def scenarios(draw):
    """Draw a small market, edge cases included."""
    people = {
        "users": draw(st.sampled_from([0, 1, 7, 30, 60])),
        "creators": draw(st.sampled_from([0, 1, 5, 25])),
        "potential_creators": draw(st.sampled_from([0, 3, 10])),
        "sellers": draw(st.sampled_from([0, 1, 4, 15])),
        "potential_sellers": draw(st.sampled_from([0, 2, 6])),
        "budget_mean": draw(st.sampled_from([0, 50_000, 2_000_000])),
        "sellers_live": draw(st.sampled_from([0, 0.5])),
        "creators_live": draw(st.sampled_from([0, 0.8])),
        "live_chance": 0.8,
        "stock_start": draw(st.sampled_from([0, 1, 20])),
        "follows_mean": draw(st.sampled_from([0, 4, 12])),
    }
    if not any(people[kind] for kind in ("users", "creators", "potential_creators", "sellers", "potential_sellers")):
        people["users"] = 1
    mechanisms = {
        "purchase.a_0": draw(st.sampled_from([-6.0, -2.0, 1.0])),
        "purchase.sigma_n": draw(st.sampled_from([0.0, 1.5])),
        "discovery.phi": draw(st.sampled_from([0.0, 0.1, 1.0])),
        "discovery.epsilon": draw(st.sampled_from([0.0, 0.3, 1.0])),
        "discovery.b0": draw(st.sampled_from([-4.6, 0.0])),
        "live.visits": draw(st.sampled_from([0.0, 5.0])),
        "live.l0": 0.5,
        "search.need": draw(st.sampled_from([0.0, 0.9])),
        "ties.p_follow": draw(st.sampled_from([0.05, 0.9])),
        "ties.neglect": draw(st.sampled_from([0.002, 0.5])),
        "ties.disappointment": 0.5,
        "learning.imitate": 0.9,
        "learning.bass_p": draw(st.sampled_from([0.03, 2.0])),
        "learning.low_weeks": 1,
        "learning.drop": 0.5,
        "learning.seller_low_weeks": 1,
        "learning.seller_drop": 0.5,
        "entry.p_creator": 8.0,
        "entry.p_seller": 8.0,
        "fulfilment.delivery": draw(st.sampled_from([0, 3])),
        "fulfilment.escrow": draw(st.sampled_from([1, 7])),
        "fulfilment.c_0": draw(st.sampled_from([-2.0, 1.0])),
    }
    changes = [f"population.{k}={v}" for k, v in people.items()] + [
        f"mechanisms.{k}={v}" for k, v in mechanisms.items()
    ]
    start = draw(st.sampled_from(["2024-01-01", "2024-12-10", "2025-09-28"]))
    changes += [f"seed={draw(st.integers(0, 2**40))}", "calendar.burn_in=0", f"calendar.start={start}"]
    programs = draw(st.sampled_from([(), (Poor(),), (Everything(),), (Shut(),), (Everything(), Poor(), Shut())]))
    return load("village", changes).but(programs=programs)


alike = settings(deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


@settings(alike, max_examples=200)
@given(scenarios())
def test_any_market_is_lived_alike_by_hand_and_by_kernels(scenario):
    assert lives_alike(scenario, 3) == "alike"


@pytest.mark.slow
@settings(alike, max_examples=2_000)
@given(scenarios())
def test_many_markets_are_lived_alike_by_hand_and_by_kernels(scenario):
    assert lives_alike(scenario, 9) == "alike"


@pytest.mark.parametrize("programs", [(), (Everything(),)])
def test_the_village_is_lived_alike_for_three_weeks(programs):
    scenario = load("village", ("calendar.burn_in=10", "population.users=250")).but(programs=programs)
    assert lives_alike(scenario, 21) == "alike"


def test_a_twin_that_delivers_sooner_lives_another_history_alike():
    base = load("village", ("calendar.burn_in=9", "population.users=150", "mechanisms.purchase.a_0=-2"))
    sooner = {"mechanisms.fulfilment.delivery": 1, "mechanisms.fulfilment.escrow": 2, "history": 3}
    assert lives_alike(base.with_values(sooner), 8, base) == "alike"


# the debugger


def parted(monkeypatch, owner, name, wrong, stock=10):
    """Return what the debugger says when one thing is done wrongly by hand."""
    monkeypatch.setattr(owner, name, wrong)
    few = ("calendar.burn_in=0", "population.users=60", f"population.stock_start={stock}")
    return first_difference(load("village", few), days=2)


def test_the_debugger_finds_nothing_where_nothing_is():
    days = []
    assert first_difference(load("village", ("calendar.burn_in=3", "population.users=60")), 2, days.append) is None
    assert days == [1, 2]


@pytest.mark.parametrize(
    "owner, name, wrong, stock, mechanism, column",
    [
        (Host, "grow", lambda host, rules, today: None, 10, "learning", "hosts.skill"),
        (Product, "shelf_weight", lambda product, rules, today, on_sale: 1.0, 10, "search", "offers."),
        (Seller, "restock", lambda seller, rules, today, promoted: None, 0, "supply", "products.pipeline"),
        (Clerk, "pay_goods", lambda clerk: None, 0, "settlement", "hosts.cash"),
        (browsing, "happens", lambda v, odds: v < odds, 10, "discovery", "offers.n_engaged"),
    ],
)
def test_the_debugger_names_mechanism_and_column(monkeypatch, owner, name, wrong, stock, mechanism, column):
    found = parted(monkeypatch, owner, name, wrong, stock)
    assert (found.day, found.mechanism) == (0, mechanism) and column in str(found)
    assert found.kernels != found.by_hand


def test_the_debugger_names_the_agent(monkeypatch):
    def forgetful(user, *arguments):
        original(user, *arguments)
        user.satiation += user.unique_id == 17

    original = User.choose
    found = parted(monkeypatch, User, "choose", forgetful)
    assert (found.mechanism, found.id) == ("purchase", 17)


def test_too_many_users_are_refused():
    with pytest.raises(ScenarioError, match="take too long"):
        first_difference(load("indonesia-2024"), 1)


# Mesa and networkx


@pytest.fixture(scope="module")
def plain():
    market = PlainMarket(load("village", ("calendar.burn_in=5", "population.users=150")), keep=False)
    for _ in range(5):
        market.step()
    return market


def test_everybody_is_registered_with_mesa(plain):
    people = plain.people
    assert len(plain.agents) == sum(map(len, (people.users, people.creators, people.sellers, people.products)))
    assert len(plain.agents_by_type[type(people.users[0])]) == 150
    (found,) = plain.agents.select(lambda agent: agent is people.users[3])
    assert found.unique_id == people.users[3].unique_id


def test_the_follow_graph_is_what_the_columns_say(plain):
    graph, people, state = plain.people.graph, plain.people, plain.state
    assert graph.number_of_nodes() == len(people.users) + len(people.hosts)
    assert graph.number_of_edges() == state.users.n_follows.sum() > 0
    for user in people.users:
        assert [host.place for host in user.followed()] == [h for h in user.follows if h != NOTHING]
    followers = [graph.in_degree(host) for host in people.hosts]
    assert followers == state.hosts.followers.tolist()


def test_an_agent_writes_its_columns(plain):
    user = plain.people.users[7]
    user.wallet = 123
    assert plain.state.users.wallet[7] == 123 and plain.users[7].wallet == 123


def test_a_market_by_hand_is_freed_when_nobody_holds_it():
    market = PlainMarket(load("village", ("calendar.burn_in=0", "population.users=20")), keep=False)
    market.step()
    gone = weakref.ref(market)
    del market
    gc.collect()
    assert gone() is None
