"""Markets as Mesa's own tools make and drive models: from keywords, with a DataCollector and a network.

    mesa.batch_run(KernelModel, {"scenario": "village", "seed": [1, 2, 3], "mechanisms.discovery.gamma": [0.3, 0.5]},
                   max_steps=28)

A keyword is a dotted path of the scenario, as after ``--set``. A market draws from ``seed`` alone: runs that Mesa
merely repeats (``iterations``) are the same run again, so give seeds, or with Mesa 3.5 ``rng``.
"""

from typing import Any

import mesa
import networkx as nx
from mesa.space import NetworkGrid

from sim.errors import ScenarioError
from sim.market import Market
from sim.plain.creator import Creator
from sim.plain.market import PlainMarket
from sim.plain.seller import Seller
from sim.plain.user import User
from sim.scenario import Scenario, load


def scenario_of(scenario: str, rng: int | None, values: dict[str, Any]) -> Scenario:
    """Return a scenario with values by dotted path; ``rng``, as Mesa calls it, is the seed.

    Raises
    ------
    ScenarioError : both ``rng`` and ``seed`` are given, or what ``load`` and ``with_values`` raise.
    """
    if rng is not None and "seed" in values:
        raise ScenarioError(f"rng = {rng} and seed = {values['seed']} are two names of one number. Give one of them.")
    return load(scenario).with_values(values if rng is None else {**values, "seed": int(rng)})


class KernelModel(Market):
    """A market whose DataCollector holds every metric, a row a day."""

    def __init__(self, scenario: str = "village", rng: int | None = None, **kwargs: Any) -> None:
        super().__init__(scenario_of(scenario, rng, kwargs), threads=1)
        self.datacollector = mesa.DataCollector(model_reporters=_metrics(self))

    def step(self) -> None:
        """Simulate one day, and collect."""
        super().step()
        self.datacollector.collect(self)


class PlainModel(PlainMarket):
    """The market by hand, for Mesa's visualisation: agents on the network of follows, and what is collected of them."""

    def __init__(self, scenario: str = "village", rng: int | None = None, **kwargs: Any) -> None:
        super().__init__(scenario_of(scenario, rng, kwargs))
        self.grid = NetworkGrid(self._numbered())
        for place, agent in enumerate((*self.people.users, *self.people.hosts)):
            self.grid.place_agent(agent, place)
        self.datacollector = mesa.DataCollector(
            model_reporters=_metrics(self),
            agenttype_reporters={
                User: {"wallet": "wallet", "orders": "orders"},
                Creator: {"followers": "followers", "cash": "cash"},
                Seller: {"orders": "orders", "cash": "cash"},
            },
        )

    def step(self) -> None:
        """Simulate one day, redraw who follows whom, and collect."""
        super().step()
        self.grid.G.clear_edges()
        self.grid.G.add_edges_from(self._numbered().edges)
        self.datacollector.collect(self)

    def _numbered(self) -> "nx.DiGraph[int]":
        """Return the follow graph with numbers for agents, users first, as Mesa's drawing needs it."""
        numbered: nx.DiGraph[int] = nx.convert_node_labels_to_integers(self.people.graph)
        return numbered


def _metrics(market: Market) -> dict[str, Any]:
    return {metric.name: _reader(metric.name) for metric in market.recorder.metrics}


def _reader(name: str) -> Any:
    return lambda market: market.recorder.row[name]
