"""The follow network of a small market, and the day's sales along it.

An order runs from its buyer to the host who showed the product, and on to the seller. What is drawn is what is counted.
"""

from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from experiments.dashboard.twins import Twins
from experiments.dashboard.views.drawing import CHANNEL_COLOURS, Plot, Rows, Show, View, data, finish, lookup
from experiments.dashboard.words import Words
from experiments.whatif.world import Life
from sim.state import Channel, State, Status
from sim.tables import NOTHING, Column

MOST_USERS = 3_000
KINDS = ("user", "creator", "seller")
KIND_COLOURS = {"user": "#7A8490", "creator": "#D55E00", "seller": "#0072B2"}
GOLDEN = 2.399963229728653  # radians: seeds of a sunflower lie so far apart
_PLACES: "WeakKeyDictionary[Life, tuple[Column, Column]]" = WeakKeyDictionary()
NAMED = 5  # hosts whose names are written
SPREAD = 0.055  # of people around the middle of those they follow


def plots(show: Show) -> list[Plot]:
    """Return the picture; none of a market that is too large to be drawn."""
    words = show.words
    if show.users > MOST_USERS:
        return []
    return [Plot("network", _drawing(show), words.text("network.title"), words.text("network.says"))]


def _drawing(show: Show) -> dict[str, Any]:
    import altair as alt

    nodes = data("nodes")
    off, square = {"axis": None}, alt.Scale(domain=[-1.25, 1.25], nice=False)
    x, y = alt.X("x:Q", scale=square, **off), alt.Y("y:Q", scale=square, **off)

    def ends(name: str) -> Any:
        place = alt.LookupData(data=nodes, key="node", fields=["x", "y"])
        tails = alt.Chart(data(name)).transform_lookup(lookup="tail", from_=place, as_=["x", "y"])
        return tails.transform_lookup(lookup="head", from_=place, as_=["x2", "y2"])

    follows = ends("follows").mark_rule(color="#8A94A0", opacity=0.12, strokeWidth=0.6).encode(x, y, x2="x2", y2="y2")
    said = {name: show.words.text(f"channel.{name}") for name in CHANNEL_COLOURS}
    channels = alt.Scale(domain=list(CHANNEL_COLOURS), range=list(CHANNEL_COLOURS.values()))
    strokes = alt.Legend(labelExpr=lookup(said), title=None, symbolType="stroke")
    sales = ends("sales").mark_rule(strokeWidth=1.8, opacity=0.85).encode(
        x, y, x2="x2", y2="y2",
        color=alt.Color("channel:N", scale=channels, legend=strokes),
    )  # fmt: skip
    kinds = {name: show.words.text(f"kind.{name}") for name in KINDS}
    dots = alt.Chart(nodes).mark_point(filled=True, opacity=0.9).encode(
        x, y, alt.Size("size:Q", scale=alt.Scale(domain=[0, 60], range=[14, 260], clamp=True), legend=None),
        shape=alt.Shape("kind:N", scale=alt.Scale(domain=list(KINDS), range=["circle", "triangle-up", "square"]),
                        legend=alt.Legend(labelExpr=lookup(kinds), title=None)),
        fill=alt.Fill("kind:N", scale=alt.Scale(domain=list(KINDS), range=list(KIND_COLOURS.values())),
                      legend=alt.Legend(labelExpr=lookup(kinds), title=None)),
        tooltip=["name:N", "kind:N", "size:Q"],
    )  # fmt: skip
    place = alt.LookupData(data=nodes, key="node", fields=["x", "y"])
    titles = alt.Chart(data("named")).transform_lookup(lookup="node", from_=place)
    titles = titles.mark_text(dy=-11, fontWeight="bold", fontSize=12).encode(x, y, text="name:N")
    return finish(follows + sales + dots + titles, 520)


def places(state: State) -> tuple[Column, Column]:
    """Return where everybody stands: hosts and users, (n_hosts, 2) and (n_users, 2).

    Hosts of a category stand together like the seeds of a sunflower, the most followed in the middle; people stand
    around the middle of the hosts that they follow, or outside if they follow nobody.
    """
    hosts = np.zeros((len(state.hosts), 2))
    n = state.n_categories
    for category in range(n):
        angle = 2 * np.pi * category / n + np.pi / 2
        centre = 0.62 * np.array([np.cos(angle), np.sin(angle)]) if n > 1 else np.zeros(2)
        members = np.flatnonzero(state.hosts.category == category)
        members = members[np.argsort(-state.hosts.followers[members], kind="stable")]
        k = np.arange(len(members))
        radius = 0.42 * np.sqrt((k + 0.5) / max(len(members), 1))
        hosts[members] = centre + radius[:, None] * np.column_stack([np.cos(k * GOLDEN), np.sin(k * GOLDEN)])
    return hosts, _people(state, hosts)


def _people(state: State, hosts: Column) -> Column:
    followed = state.users.follows != NOTHING
    points = hosts[np.where(followed, state.users.follows, 0)] * followed[:, :, None]
    number = followed.sum(axis=1)
    angle = state.users.id * GOLDEN
    ring = np.column_stack([np.cos(angle), np.sin(angle)])
    middle = points.sum(axis=1) / np.maximum(number, 1)[:, None]
    found: Column = np.where((number > 0)[:, None], middle + SPREAD * ring, 1.18 * ring)
    return found


def sales(life: Life) -> dict[str, Column]:
    """Return the lines of the day's accepted orders, (n,): tail and head as nodes, channel, and the order."""
    state, today = life.market.state, life.market.today
    if today is None:
        return {name: np.zeros(0, np.int64) for name in ("tail", "head", "channel", "order")}
    orders = today.flows.orders
    taken = np.flatnonzero(orders.status != Status.SOLD_OUT)
    seller = len(state.creators) + orders.seller[taken].astype(np.int64)
    host = orders.host[taken].astype(np.int64)
    shown = (host != NOTHING) & (host != seller)
    first = {"tail": len(state.hosts) + orders.user[taken].astype(np.int64), "head": np.where(shown, host, seller)}
    second = {"tail": host[shown], "head": seller[shown]}
    legs = {name: np.concatenate([first[name], second[name]]) for name in first}
    channel = np.concatenate([orders.channel[taken], orders.channel[taken][shown]])
    return {**legs, "channel": channel, "order": np.concatenate([taken, taken[shown]])}


def busiest(life: Life) -> list[tuple[int, int]]:
    """Return the hosts by whom most of the day's orders came, as nodes, and how many orders that were."""
    lines = sales(life)
    bought = lines["head"][lines["tail"] >= len(life.market.state.hosts)]  # where each buyer's line ends
    counts = np.bincount(bought)
    return [(int(node), int(counts[node])) for node in np.argsort(-counts, kind="stable")[:NAMED] if counts[node]]


def host_names(state: State) -> list[str]:
    """Return what hosts are called: c or s, and their id."""
    return [f"{'c' if row < len(state.creators) else 's'}{i}" for row, i in enumerate(state.hosts.id.tolist())]


def rows(twins: Twins) -> Rows:
    """Return nodes (hosts, then users), follows and sales of the world with the program."""
    life = twins.variant
    state = life.market.state
    if len(state.users) > MOST_USERS:
        return {}
    hosts, users = (place.round(3) for place in _kept_places(life))
    users_at, slots = np.nonzero(state.users.follows != NOTHING)
    lines = sales(life)
    n = len(state.creators)
    kinds = np.array(KINDS)[np.repeat([1, 2, 0], [n, len(state.hosts) - n, len(state.users)])]
    names = [*host_names(state), *(f"u{i}" for i in state.users.id)]
    size = np.concatenate([state.hosts.followers, np.zeros(len(state.users), np.int32)])
    xy = np.concatenate([hosts, users])
    busy = [node for node, _ in busiest(life)]
    return {
        "named": {"node": busy, "name": [names[node] for node in busy]},
        "nodes": {"node": np.arange(len(xy)), "x": xy[:, 0], "y": xy[:, 1], "kind": kinds, "name": names, "size": size},
        "follows": {"tail": len(state.hosts) + users_at, "head": state.users.follows[users_at, slots]},
        "sales": {"tail": lines["tail"], "head": lines["head"],
                  "channel": [Channel(k).name.lower() for k in lines["channel"].tolist()]},
    }  # fmt: skip


def _kept_places(life: Life) -> tuple[Column, Column]:
    """Return where everybody stands, as on the day on which it was first asked, so that nobody jumps."""
    if life not in _PLACES:
        _PLACES[life] = places(life.market.state)
    return _PLACES[life]


def says(twins: Twins, words: Words) -> list[str]:
    """Say how many orders and follows are drawn."""
    life = twins.variant
    users = life.market.state.users
    if len(users) > MOST_USERS:
        return [
            words.text("network.large", users=words.number(float(len(users))), most=words.number(float(MOST_USERS)))
        ]
    orders = len(np.unique(sales(life)["order"]))
    found = words.text("network.count", orders=words.number(float(orders)),
                       follows=words.number(float((users.follows != NOTHING).sum())))  # fmt: skip
    names = host_names(life.market.state)
    hosts = ", ".join(f"{names[node]} ({n})" for node, n in busiest(life))
    return [found, words.text("network.busiest", hosts=hosts)] if hosts else [found]


VIEW = View("network", plots, rows, says)
