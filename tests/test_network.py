import re
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.burn_in import draw_market, key_of
from sim.errors import ParameterError
from sim.follow_graph import HOST_SHARE, REAL_GRAPHS, from_networkx, read_follow_graph, to_networkx
from sim.inputs import FOLDER
from sim.market import Market
from sim.mechanisms import DAY
from sim.network import build_follows, count_followers
from sim.population import Population, draw_population
from sim.scenario import Scenario, load
from sim.state import FOLLOW_SLOTS
from sim.tables import NOTHING
from tests.small import CALENDAR, VILLAGE, market, village

SLOTS = ("n_follows", "follows", "engaged_on")
TOWN = VILLAGE.but(users=3_000, creators=300, sellers=60)


def slots(state):
    """Return all that users remember of whom they follow."""
    return {name: getattr(state.users, name).tolist() for name in SLOTS}


def in_degree(state):
    """Return how often each host stands in a slot."""
    used = state.users.follows[state.users.follows != NOTHING]
    return np.bincount(used, minlength=len(state.hosts))


def forget(state):
    """Return a copy of a market in which nobody follows anybody."""
    state.users.follows[:], state.users.n_follows[:], state.users.engaged_on[:] = NOTHING, 0, 0
    state.hosts.followers[:] = 0


# ---------------------------------------------------------------- as it is grown


@pytest.fixture(scope="module")
def grown():
    state = draw_population(TOWN, 1)
    build_follows(state, 1, 5.0, 0.75)
    return state


def test_users_follow_as_many_hosts_as_they_have_slots_in_use_each_once(grown):
    users = grown.users
    for u in range(len(users)):
        n = users.n_follows[u]
        assert len(set(users.follows[u, :n].tolist())) == n
        assert NOTHING not in users.follows[u, :n]
        assert set(users.follows[u, n:].tolist()) <= {NOTHING}


def test_users_follow_about_as_many_hosts_as_they_are_told_to(grown):
    assert 4.0 < grown.users.n_follows.mean() <= 5.05  # a host drawn twice is followed once


def test_a_host_has_as_many_followers_as_users_who_follow_it(grown):
    assert grown.hosts.followers.tolist() == in_degree(grown).tolist()


def test_only_hosts_in_business_are_followed(grown):
    assert grown.hosts.followers[~grown.active(0)].sum() == 0


def of_interest(state):
    """Return the share of follows that lead to a host of one of the user's two interests."""
    users = state.users
    u, k = np.nonzero(users.follows != NOTHING)
    category = state.hosts.category[users.follows[u, k]]
    return np.mean((category == users.interest[u]) | (category == users.interest_2[u]))


def test_users_follow_hosts_of_their_interests_and_the_more_so_the_more_homophily():
    wide = TOWN.but(categories=())
    share = []
    for homophily in (0.0, 0.5, 0.9):
        state = draw_population(wide, 1)
        build_follows(state, 1, 5.0, homophily)
        share.append(of_interest(state))
    assert share[0] < 0.35 and share[1] > share[0] + 0.25 and share[2] > 0.85


def test_a_few_hosts_have_most_of_the_followers(grown):
    followers = np.sort(grown.hosts.followers[grown.active(0)])[::-1]
    tenth = len(followers) // 10
    assert followers[:tenth].sum() > 0.5 * followers.sum()
    assert followers[0] > 20 * max(1.0, np.median(followers))


def test_a_user_more_changes_no_follow_of_the_others():
    # the hosts are the same, and every draw is keyed by the user
    follows = []
    for users in (150, 200):
        state = draw_population(VILLAGE.but(users=users), 1)
        build_follows(state, 1, 5.0, 0.75)
        follows.append({int(i): row.tolist() for i, row in zip(state.users.id, state.users.follows, strict=True)})
    assert all(follows[1][i] == row for i, row in follows[0].items())


def test_followers_are_still_those_who_follow_after_some_days():
    state = village(days=5).state
    assert state.hosts.followers.tolist() == in_degree(state).tolist()


# ---------------------------------------------------------------- there and back


@pytest.fixture(scope="module")
def lived():
    """A village in which follows came and went."""
    return village(days=4).state


def test_every_user_and_host_is_a_node_and_every_follow_an_edge(lived):
    graph = to_networkx(lived)
    assert graph.number_of_nodes() == len(lived.users) + len(lived.hosts)
    assert graph.number_of_edges() == lived.users.n_follows.sum()
    n = len(lived.creators)
    u = int(np.argmax(lived.users.n_follows))
    for h in lived.users.follows[u, : lived.users.n_follows[u]]:
        host = f"c{lived.creators.id[h]}" if h < n else f"s{lived.sellers.id[h - n]}"
        assert graph.has_edge(f"u{lived.users.id[u]}", host)
        assert graph.nodes[host]["category"] == lived.hosts.category[h]
        assert graph.in_degree(host) == lived.hosts.followers[h] == graph.nodes[host]["followers"]


def test_nodes_are_called_by_id_whatever_the_rows(lived):
    other = village(days=4).state
    other.users = other.users.take(np.random.default_rng(1).permutation(len(other.users)))
    assert nx.utils.graphs_equal(to_networkx(lived), to_networkx(other))
    assert list(to_networkx(lived)) == list(to_networkx(other))


def test_a_market_gets_back_the_very_follows_that_its_graph_shows(lived):
    graph, before, followers = to_networkx(lived), slots(lived), lived.hosts.followers.tolist()
    interests = lived.users.interest.tolist()
    forget(lived)
    from_networkx(graph, lived)
    assert slots(lived) == before
    assert lived.hosts.followers.tolist() == followers
    assert lived.users.interest.tolist() == interests


def test_follows_survive_a_file_and_another_order_of_nodes(lived, tmp_path):
    graph, before = to_networkx(lived), slots(lived)
    nx.write_graphml(graph, tmp_path / "follows.graphml")
    read = nx.read_graphml(tmp_path / "follows.graphml")
    other = nx.DiGraph()
    other.add_nodes_from(reversed(list(read.nodes(data=True))))
    other.add_edges_from(reversed(list(read.edges(data=True))))
    forget(lived)
    from_networkx(other, lived)
    assert slots(lived) == before


def test_a_follow_added_to_the_graph_comes_after_those_that_were():
    state = market(users=2, creators=3)
    graph = to_networkx(state)
    graph.add_edge("u5", "c7", slot=0, engaged_on=3)
    graph.add_edge("u5", "c5")
    from_networkx(graph, state)
    row, hosts = int(np.flatnonzero(state.users.id == 5)[0]), {int(i): r for r, i in enumerate(state.creators.id)}
    assert state.users.follows[row].tolist() == [hosts[7], hosts[5]] + [NOTHING] * (FOLLOW_SLOTS - 2)
    assert state.users.engaged_on[row, :2].tolist() == [3, 0]


def test_a_graph_of_another_market_is_refused():
    with pytest.raises(ParameterError, match=r"node 'u7' \(user of id 7\), whom the market does not have"):
        from_networkx(to_networkx(market(users=3)), market(users=2))


def test_an_edge_that_does_not_lead_from_a_user_to_a_host_is_refused():
    state = market(users=2, creators=2)
    graph = to_networkx(state)
    graph.add_edge("c5", "u5")
    with pytest.raises(ParameterError, match=r"'c5' > 'u5' does not go from a user to a host"):
        from_networkx(graph, state)


# ---------------------------------------------------------------- graphs from elsewhere

GRAPHS = st.integers(20, 60).flatmap(
    lambda n: st.tuples(st.just(n), st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=4 * n))
)


def made(n, edges, kind=nx.DiGraph):
    graph = kind()
    graph.add_nodes_from(range(n))
    graph.add_edges_from(edges)
    return graph


@settings(max_examples=60, deadline=None)
@given(GRAPHS, st.sampled_from([nx.Graph, nx.DiGraph, nx.MultiGraph, nx.MultiDiGraph]))
def test_the_most_followed_nodes_become_hosts_with_just_their_followers(drawn, kind):
    n, edges = drawn
    graph = made(n, edges, kind)
    state = market(users=n, creators=5, categories=3)
    from_networkx(graph, state)
    pairs = {(a, b) for a, b in edges if a != b} | (set() if graph.is_directed() else {(b, a) for a, b in edges})
    follows = {(a, b) for a, b in pairs if a != b}
    degree = sorted((sum(b == node for _, b in follows) for node in range(n)), reverse=True)[: round(HOST_SHARE * n)]
    assert sorted(state.hosts.followers.tolist(), reverse=True)[: len(degree)] == degree
    assert state.hosts.followers.tolist() == in_degree(state).tolist()
    assert state.users.n_follows.sum() == sum(degree)  # nobody has more than the slots: there are 4 hosts at most


@settings(max_examples=40, deadline=None)
@given(GRAPHS, st.randoms(use_true_random=False))
def test_the_order_of_nodes_and_edges_does_not_matter(drawn, chance):
    n, edges = drawn
    states = [market(users=n, creators=5, categories=3) for _ in range(2)]
    from_networkx(made(n, edges), states[0])
    nodes, mixed = list(range(n)), list(edges)
    chance.shuffle(nodes)
    chance.shuffle(mixed)
    graph = nx.DiGraph()
    graph.add_nodes_from(nodes)
    graph.add_edges_from(mixed)
    from_networkx(graph, states[1])
    assert slots(states[0]) == slots(states[1])
    assert states[0].users.interest.tolist() == states[1].users.interest.tolist()


def test_who_follows_more_hosts_than_there_are_slots_keeps_some_whatever_the_order():
    n = 400  # 24 hosts
    edges = [(u, h) for u in range(n) for h in range(24)]
    chosen = []
    for order in (edges, edges[::-1]):
        state = market(users=n, creators=30, categories=3)
        from_networkx(made(n, order), state)
        assert set(state.users.n_follows.tolist()) == {FOLLOW_SLOTS}
        chosen.append(slots(state))
    assert chosen[0] == chosen[1]
    followers = state.hosts.followers[state.hosts.followers > 0]
    assert len(followers) == 24
    assert np.all(np.abs(followers - 200) < 50)  # each host is as likely as any other to be kept


def test_the_most_followed_node_is_the_host_of_the_largest_weight():
    state = market(users=100, creators=10)
    state.hosts.charm[:] = np.arange(len(state.hosts))  # the seller, the last row, has most
    edges = [(u, 99) for u in range(40)] + [(u, 50) for u in range(20)]
    from_networkx(made(100, edges), state)
    assert state.sellers.followers.tolist() == [40]
    assert state.creators.followers.tolist()[-1] == 20


def test_users_are_interested_in_what_they_follow_and_else_as_drawn():
    state = market(users=100, creators=10, sellers=0, categories=4)
    state.creators.charm[:] = -np.arange(10)
    state.creators.category[:] = [2, 2, 3, 3, 3, 3, 0, 0, 0, 0]
    state.users.interest[:], state.users.interest_2[:] = 1, 0
    hosts = [(u, h) for h in range(6) for u in range(20, 60 - h)]  # nodes 0 to 5, the first most followed
    from_networkx(made(100, [*hosts, (10, 0), (11, 0), (11, 2), (11, 3)]), state)
    by_id = np.argsort(state.users.id)
    interests = np.stack([state.users.interest[by_id], state.users.interest_2[by_id]], axis=1)
    assert interests[5].tolist() == [1, 0]  # follows nobody
    assert interests[10].tolist() == [2, 1]
    assert interests[11].tolist() == [3, 2]
    assert interests[20].tolist() == [3, 2]


def test_a_graph_of_another_size_is_refused():
    with pytest.raises(ParameterError, match="100 nodes and the market 99 users"):
        from_networkx(made(100, []), market(users=99, creators=10))


def test_a_graph_with_more_hosts_than_the_market_is_refused():
    with pytest.raises(ParameterError, match=r"6 hosts \(the 6% most followed\) and the market 3 .* Raise population"):
        from_networkx(made(100, []), market(users=100, creators=2))


def test_nodes_that_cannot_be_told_apart_by_name_are_refused():
    graph = nx.Graph([(1, "1"), *((i, i + 1) for i in range(1, 30))])
    with pytest.raises(ParameterError, match="Two nodes are both written '1'"):
        from_networkx(graph, market(users=len(graph), creators=5))


# ---------------------------------------------------------------- the real graphs


def written_in_sources(name):
    """Return (nodes, edges) as SOURCES.md says them."""
    words = {"twitch_zhtw": "Twitch", "lastfm_asia": "LastFM"}[name]
    said = re.search(rf"{words}[^;,]*, ([\d,]+) nodes, ([\d,]+) edges", Path(FOLDER, "SOURCES.md").read_text())
    return tuple(int(number.replace(",", "")) for number in said.groups())


@pytest.mark.parametrize("name", REAL_GRAPHS)
def test_a_real_graph_has_the_nodes_and_edges_that_its_source_says(name):
    graph, real = read_follow_graph(name), REAL_GRAPHS[name]
    assert (graph.number_of_nodes(), graph.number_of_edges()) == written_in_sources(name)
    assert (real.n_nodes, real.n_edges) == written_in_sources(name)
    assert sorted(graph) == list(range(real.n_nodes))
    assert all(real.attribute in data for _, data in graph.nodes(data=True))


def test_a_graph_that_is_not_there_is_refused():
    with pytest.raises(ParameterError, match="no follow graph 'friendster'"):
        read_follow_graph("friendster")


def with_graph(name):
    return VILLAGE.but(users=REAL_GRAPHS[name].n_nodes, creators=480, sellers=60, follow_graph=name)


@pytest.mark.parametrize("name", REAL_GRAPHS)
def test_a_market_begins_with_the_degrees_of_a_real_graph(name):
    state = draw_market(with_graph(name), DAY, CALENDAR, 1)
    graph = read_follow_graph(name)
    top = sorted(graph, key=lambda node: (-graph.degree(node), node))[: round(HOST_SHARE * len(graph))]
    hosts, out = set(top), np.zeros(len(graph), int)
    for node in graph:
        out[node] = sum(other in hosts for other in graph[node])
    assert state.users.n_follows[np.argsort(state.users.id)].tolist() == np.minimum(out, FOLLOW_SLOTS).tolist()
    # users of at most 12 hosts keep them all; the followers of a host are these, and some of the others
    sure = np.array([sum(out[other] <= FOLLOW_SLOTS for other in graph[node]) for node in top])
    most = np.array([graph.degree(node) for node in top])
    found = np.sort(state.hosts.followers)[::-1][: len(top)]
    assert np.all(np.sort(sure)[::-1] <= found) and np.all(found <= most)
    assert np.count_nonzero(state.hosts.followers) <= len(top)
    assert state.hosts.followers.tolist() == in_degree(state).tolist()
    assert of_interest(state) > 0.8


@pytest.mark.parametrize("name", REAL_GRAPHS)
def test_a_market_with_a_real_graph_runs(name):
    scenario = Scenario(population=with_graph(name), calendar=CALENDAR.but(burn_in=2))
    market = Market(scenario, keep=False)
    for _ in range(3):
        market.step()
    state = market.state
    assert state.hosts.followers.tolist() == in_degree(state).tolist()
    assert sum(len(parcel.orders) for parcel in state.parcels) > 0


def test_the_follow_graph_is_part_of_the_key_of_a_burn_in():
    grown, real = with_graph("twitch_zhtw").but(follow_graph=""), with_graph("twitch_zhtw")
    assert key_of(grown, DAY, CALENDAR, 1) != key_of(real, DAY, CALENDAR, 1)


def test_a_scenario_names_its_follow_graph_and_comes_back_from_a_file():
    scenario = load("village", ["population.follow_graph=lastfm_asia", "population.users=7624"])
    assert scenario.population.follow_graph == "lastfm_asia"
    assert Scenario.from_dict(scenario.to_dict()) == scenario


def test_a_follow_graph_of_another_size_says_how_many_users_it_needs():
    said = (
        r"^population: follow_graph = 'twitch_zhtw' has 2,772 users, but users / scale makes 1,000. Set users = 2772."
    )
    with pytest.raises(ParameterError, match=said):
        load("village", ["population.follow_graph=twitch_zhtw"])
    with pytest.raises(ParameterError, match=r"or scale = 45093\.7951"):
        load("indonesia-2024", ["population.follow_graph=twitch_zhtw"])
    Population(follow_graph="twitch_zhtw", scale=45093.7951)


def test_a_follow_graph_that_is_not_there_is_refused_where_it_is_written():
    said = "population.follow_graph: There is no follow graph 'x'. Choose from twitch_zhtw, lastfm_asia."
    with pytest.raises(ParameterError, match=re.escape(said)):
        load("village", ["population.follow_graph=x"])


def test_followers_are_counted_anew():
    state = market(users=3, creators=2)
    state.users.follows[0, :2], state.users.follows[1, 0] = [0, 1], 1
    state.hosts.followers[:] = 99
    count_followers(state)
    assert state.hosts.followers.tolist() == [1, 2, 0]
