"""The market before day 0: everybody who could ever join, drawn once."""

from sim.params import Parametrised, param


class Population(Parametrised):
    """How many people there are, and how they differ."""

    scale: float = param(1000, "People that one agent stands for", unit="people", low=1, high=1_000_000)
    users: int = param(125_000_000, "Monthly users", unit="people", low=0, high=2_000_000_000, source="P1")
    creators: int = param(8_000_000, "Creators with income on day 0", unit="people", low=0, high=200_000_000, source="P2")
    potential_creators: int = param(4_000_000, "People who may become creators", unit="people", low=0, high=200_000_000)
    sellers: int = param(21_000_000, "Sellers on day 0", unit="people", low=0, high=200_000_000, source="P3")
    potential_sellers: int = param(4_000_000, "People who may become sellers", unit="people", low=0, high=200_000_000)
    categories: tuple[str, ...] = param((), "Categories of the market, by name; empty is all of categories.csv")
