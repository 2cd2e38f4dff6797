"""Everybody, registered with Mesa, and the follow graph that they live on."""

from typing import Any

import networkx as nx

from sim.plain.creator import Creator
from sim.plain.host import Host
from sim.plain.product import Product
from sim.plain.seller import Seller
from sim.plain.user import User
from sim.state import State
from sim.tables import NOTHING


class People:
    """The agents of a market, by row, and their ties."""

    def __init__(self, model: Any, state: State) -> None:
        self.users = [User(model, state.users, row) for row in range(len(state.users))]
        self.creators = [Creator(model, state.creators, row) for row in range(len(state.creators))]
        self.sellers = [Seller(model, state.sellers, row) for row in range(len(state.sellers))]
        self.products = [Product(model, state.products, row) for row in range(len(state.products))]
        self.hosts: list[Host] = [*self.creators, *self.sellers]
        self.by_category: list[list[Product]] = [[] for _ in range(state.n_categories)]
        for product in self.products:
            self.by_category[product.category].append(product)
        self.graph = nx.DiGraph()
        for agent in (*self.users, *self.hosts, *self.products):
            agent.people = self
            number = agent.unique_id
            model.register_agent(agent)
            agent.unique_id = number  # Mesa 3.5 gives numbers of its own
        self.graph.add_nodes_from((*self.users, *self.hosts))
        for user in self.users:
            for slot in range(user.n_follows):
                day = int(user.engaged_on[slot])
                self.graph.add_edge(user, self.hosts[user.follows[slot]], slot=slot, engaged_on=day)

    def seller(self, row: int) -> Seller | None:
        """Return the seller in a row, or None."""
        return None if row == NOTHING else self.sellers[row]

    def peers(self) -> dict[int, list[Seller]]:
        """Return whom each seller, by row, may look at: those of its cluster, or else of its category."""
        groups: dict[tuple[int, int], list[Seller]] = {}
        for seller in self.sellers:
            groups.setdefault(_group(seller), []).append(seller)
        return {seller.row: groups[_group(seller)] for seller in self.sellers}


def _group(seller: Seller) -> tuple[int, int]:
    return (1, seller.cluster) if seller.cluster > 0 else (0, seller.category)
