"""The follow graph as networkx sees it, and two real graphs that a market can begin with.

A market becomes a ``DiGraph`` by ``to_networkx``, and takes its follows from one by ``from_networkx``. A graph
from elsewhere says who is tied to whom, not who is who. Its nodes then become people of a market by these rules:

    users       all nodes, in the order of their names, are the users in the order of their ids
    hosts       the ``HOST_SHARE`` of nodes with the largest in-degree (an undirected edge goes both ways)
    who hosts   the hosts of the graph, most followed first, are the hosts of the market that are in business and
                post, largest expected weight in the feed first: creators and sellers' own accounts alike
    follows     the edges to hosts; of more than ``FOLLOW_SLOTS``, those whose hash of user and host is lowest
    interests   the two categories most frequent among the hosts that the user follows; ties, and who follows
                nobody, fall back on the interests that were drawn

No rule hangs on the order of nodes or edges.
"""

import csv
from collections.abc import Hashable
from itertools import pairwise
from typing import Any, NamedTuple

import networkx as nx
import numpy as np

from sim.errors import ParameterError
from sim.inputs import FOLDER
from sim.network import count_followers
from sim.rng import Key, Stream, fill_words
from sim.state import FOLLOW_SLOTS, Hosts, State, Users
from sim.tables import NOTHING, Column
from sim.traits import fill_expected_weight

#: Hosts among the nodes of a graph from elsewhere: 8 of 125 million users are creators (P1, P2).
HOST_SHARE = 0.06


class RealGraph(NamedTuple):
    """Where a real graph is, and how large it is (``sim/data/SOURCES.md``)."""

    edges: str
    nodes: str
    identity: str  # column of the node in the file of nodes
    attribute: str  # column that is kept as an attribute of the node
    n_nodes: int
    n_edges: int


REAL_GRAPHS = {
    "twitch_zhtw": RealGraph("ZHTW_edges.csv", "ZHTW_target.csv", "new_id", "views", 2_772, 63_462),
    "lastfm_asia": RealGraph("lastfm_asia_edges.csv", "lastfm_asia_target.csv", "id", "target", 7_624, 27_806),
}

#: Kinds of nodes of a market: the letter before the id, and the columns that a node shows.
KINDS = {
    "user": ("u", ("province", "interest", "interest_2", "activity")),
    "creator": ("c", ("province", "category", "followers", "effort")),
    "seller": ("s", ("province", "category", "followers", "effort")),
}


def to_networkx(state: State) -> nx.DiGraph:
    """Return who follows whom.

    Nodes are called ``u7``, ``c7`` and ``s7``: the user, creator and seller of id 7. They show ``kind``, ``id`` and
    some columns of the table; an edge from user to host shows its ``slot`` and the counter day ``engaged_on``.
    """
    graph = nx.DiGraph()
    names = {kind: _add_nodes(graph, kind, table) for kind, table in _tables(state).items()}
    users, host_names = state.users, names["creator"] + names["seller"]
    for u, k in zip(*np.nonzero(users.follows != NOTHING), strict=True):
        host = host_names[users.follows[u, k]]
        graph.add_edge(names["user"][u], host, slot=int(k), engaged_on=int(users.engaged_on[u, k]))
    return graph


def from_networkx(graph: nx.Graph, state: State) -> None:
    """Let the users of ``state`` follow as ``graph`` says, in place.

    A graph of ``to_networkx`` gives back the very slots; it says nothing of who is not in it. Any other graph makes
    its nodes users and hosts by the rules at the top of this file, and moves interests as well.

    Raises
    ------
    ParameterError : the graph and the market do not have the same people, or not the same number of users; the
        market has too few hosts; an edge does not go from a user to a host.
    """
    directed = nx.DiGraph(graph)
    ours = any(kind in KINDS for _, kind in directed.nodes(data="kind"))
    rows = _rows_of_ours(directed, state) if ours else _rows_by_rule(directed, state)
    _write_follows(state, *_edges(directed, *rows))
    if not ours:
        _write_interests(state)
    count_followers(state)


def read_follow_graph(name: str) -> nx.Graph:
    """Return a real graph of mutual follows, its nodes numbered from 0.

    ``"twitch_zhtw"``: Twitch streamers (Chinese), with lifetime ``views``; ``"lastfm_asia"``: LastFM users in Asia,
    with the number of a country as ``target``. Source: Rozemberczki and Sarkar (2020), FEATHER.

    Raises
    ------
    ParameterError : there is no such graph.
    """
    real = real_graph(name)
    graph = nx.Graph(name=name)
    for row in _read(real.nodes):
        graph.add_node(int(row[real.identity]), **{real.attribute: int(row[real.attribute])})
    graph.add_edges_from(tuple(int(end) for end in row.values()) for row in _read(real.edges))
    return graph


def real_graph(name: str) -> RealGraph:
    """Return what is known of the real graph called ``name``.

    Raises
    ------
    ParameterError : there is no such graph.
    """
    if name not in REAL_GRAPHS:
        raise ParameterError(f"There is no follow graph {name!r}. Choose from {', '.join(REAL_GRAPHS)}.")
    return REAL_GRAPHS[name]


def _read(name: str) -> list[dict[str, str]]:
    with open(FOLDER / "follow_graphs" / name, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _tables(state: State) -> dict[str, Users | Hosts]:
    return {"user": state.users, "creator": state.creators, "seller": state.sellers}


def _add_nodes(graph: nx.DiGraph, kind: str, table: Any) -> list[str]:
    """Add a node for each row, in order of id; return their names, in order of rows."""
    letter, columns = KINDS[kind]
    names = [f"{letter}{i}" for i in table.id]
    for row in np.argsort(table.id):
        shown = {name: getattr(table, name)[row].item() for name in ("id", *columns)}
        graph.add_node(names[row], kind=kind, **shown)
    return names


Rows = dict[Hashable, int]


def _rows_of_ours(graph: nx.DiGraph, state: State) -> tuple[Rows, Rows]:
    """Return the rows of users and of hosts, by node, of a graph that ``to_networkx`` made."""
    users: Rows = {}
    hosts: Rows = {}
    row_of = {kind: {int(i): row for row, i in enumerate(table.id)} for kind, table in _tables(state).items()}
    for node, data in graph.nodes(data=True):
        kind, identity = data.get("kind"), data.get("id")
        if kind not in KINDS or identity not in row_of[kind]:
            raise ParameterError(
                f"The graph has a node {node!r} ({kind} of id {identity}), whom the market does not have."
                " Take a market of the same population and seed."
            )
        row = row_of[kind][identity] + (len(state.creators) if kind == "seller" else 0)
        (users if kind == "user" else hosts)[node] = row
    for user, host in graph.edges:
        if user not in users or host not in hosts:
            raise ParameterError(f"The edge {user!r} > {host!r} does not go from a user to a host. Remove it.")
    return users, hosts


def _rows_by_rule(graph: nx.DiGraph, state: State) -> tuple[Rows, Rows]:
    """Return the rows of users and of hosts, by node, of a graph from elsewhere."""
    nodes = _by_name(graph)
    if len(nodes) != len(state.users):
        raise ParameterError(
            f"The graph has {len(nodes):,} nodes and the market {len(state.users):,} users."
            " Take a market of as many users as there are nodes."
        )
    degree = dict(graph.in_degree)
    selves = {node for node, _ in nx.selfloop_edges(graph)}
    followed = np.array([degree[node] - (node in selves) for node in nodes], np.int64)
    top = np.argsort(-followed, kind="stable")[: round(HOST_SHARE * len(nodes))]
    hosts = _hosts_by_weight(state)
    if len(hosts) < len(top):
        raise ParameterError(
            f"The graph has {len(top):,} hosts (the {HOST_SHARE:.0%} most followed) and the market {len(hosts):,} that"
            " are in business and post. Raise population.creators."
        )
    users = dict(zip(nodes, np.argsort(state.users.id).tolist(), strict=True))
    return users, {nodes[i]: int(h) for i, h in zip(top, hosts, strict=False)}


def _by_name(graph: nx.DiGraph) -> list[Hashable]:
    """Return the nodes in an order that is theirs, whatever the order in which they came: 2 before 10 before a."""
    nodes = sorted(graph, key=lambda node: (len(str(node)), str(node)))
    for one, other in pairwise(nodes):
        if str(one) == str(other):
            raise ParameterError(f"Two nodes are both written {str(one)!r}. Give every node a name of its own.")
    return nodes


def _hosts_by_weight(state: State) -> Column:
    """Return the rows of hosts in business that post, largest expected weight first."""
    weight = np.zeros(len(state.hosts))
    fill_expected_weight(state.hosts.arrays, weight)
    weight[~state.active(0)] = 0.0
    order = np.lexsort((state.host_identity, -weight))
    chosen: Column = order[weight[order] > 0.0]
    return chosen


def _edges(graph: nx.DiGraph, users: Rows, hosts: Rows) -> tuple[Column, Column, Column, Column]:
    """Return user row, host row, slot and day of engagement of every edge to a host, four (n,) arrays."""
    found = [
        (users[a], hosts[b], int(data.get("slot", FOLLOW_SLOTS)), int(data.get("engaged_on", 0)))
        for a, b, data in graph.edges(data=True)
        if b in hosts and a != b
    ]
    user, host, slot, day = np.array(found, np.int64).reshape(-1, 4).T
    return user, host, slot, day


def _write_follows(state: State, user: Column, host: Column, slot: Column, day: Column) -> None:
    """Fill the follow slots of all users from edges (n,): by slot, then by a hash of who they are."""
    users, identity = state.users, state.host_identity[host]
    order = np.lexsort((identity, _hash(users.id[user], identity), slot, user))
    user, host, day = user[order], host[order], day[order]
    at = np.arange(len(user)) - np.searchsorted(user, user)
    kept = at < FOLLOW_SLOTS
    users.follows[:], users.engaged_on[:] = NOTHING, 0
    users.follows[user[kept], at[kept]] = host[kept]
    users.engaged_on[user[kept], at[kept]] = day[kept]
    users.n_follows[:] = np.bincount(user[kept], minlength=len(users))


def _hash(users: Column, hosts: Column) -> Column:
    """Return a number for each pair of identities (n,)."""
    words = np.zeros((4, len(users)), np.uint32)
    fill_words(Key(0, 0, int(Stream.TIE_BREAK)), users, hosts, len(users), *words)
    first: Column = words[0]
    return first


def _write_interests(state: State) -> None:
    """Let the categories that each user follows most be its interests; ties are for those drawn before."""
    users, row = state.users, np.arange(len(state.users))
    often = np.zeros((len(users), state.n_categories), np.int64)
    u, k = np.nonzero(users.follows != NOTHING)
    np.add.at(often, (u, state.hosts.category[users.follows[u, k]]), 4)
    often[row, users.interest] += 2
    often[row, users.interest_2] += 1
    order = np.argsort(-often, axis=1, kind="stable")
    users.interest[:] = order[:, 0]
    users.interest_2[:] = order[:, min(1, state.n_categories - 1)]
