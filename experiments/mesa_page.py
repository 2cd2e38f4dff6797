"""Mesa's own page on a small market: who follows whom, and the day's figures.

solara run experiments/mesa_page.py
"""

from typing import Any

from mesa.visualization import Slider, SolaraViz, SpaceRenderer, make_plot_component
from mesa.visualization.components import AgentPortrayalStyle

from experiments.mesa_models import PlainModel
from sim.plain.creator import Creator
from sim.plain.user import User

FEW = {
    "population.users": 100,
    "population.creators": 10,
    "population.potential_creators": 5,
    "population.sellers": 10,
    "population.potential_sellers": 5,
}
TURNABLE = {
    "rng": Slider("Seed", 1, 1, 100, 1),
    "mechanisms.discovery.phi": Slider("Share of the feed for followed hosts", 0.1, 0, 1, 0.05),
    "mechanisms.ties.p_follow": Slider("Chance to follow after engaging", 0.05, 0, 1, 0.05),
}
COLOURS = {User: "#bbbbbb", Creator: "#d55e00"}  # sellers are blue; Okabe and Ito's colours, which all can tell apart


def portray(agent: Any) -> AgentPortrayalStyle:
    """Draw users small and grey, creators orange and sellers blue, the larger the more follow them."""
    followers = 0 if isinstance(agent, User) else agent.followers
    return AgentPortrayalStyle(color=COLOURS.get(type(agent), "#0072b2"), size=20 + 8 * followers, alpha=0.9)


def draw(model: PlainModel) -> SpaceRenderer:
    """Return the drawing of the follow graph."""
    thin = {"edge_kwargs": {"alpha": 0.15, "arrows": False}, "node_kwargs": {"node_size": 0}}
    return SpaceRenderer(model, backend="matplotlib").render(agent_portrayal=portray, space_kwargs=thin)


market = PlainModel("village", **FEW)
page = SolaraViz(
    market,
    draw(market),
    components=[make_plot_component("orders"), make_plot_component("gmv"), make_plot_component("follows")],
    model_params={"scenario": "village", **FEW, **TURNABLE},
    name="A village of a hundred people",
    play_interval=500,
)
