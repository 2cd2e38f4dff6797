"""The market before day 0: everybody who could ever join, drawn once.

Traits are drawn by id, so the first thousand users of a large market are the users of a small one.
Rows are given afterwards: users by interest, hosts by category and expected weight, so that what
is used together lies together. Ids stay with their owners.
"""

from typing import Self

import numpy as np
import pydantic

from sim.follow_graph import from_networkx, read_follow_graph, real_graph
from sim.inputs import Categories, categories, provinces
from sim.mathematics import exp
from sim.network import build_follows
from sim.params import Parametrised, param
from sim.rng import Key, Stream
from sim.state import Creators, Products, Sellers, State, Users
from sim.tables import Column
from sim.traits import (
    draw_creators,
    draw_product_counts,
    draw_products,
    draw_sellers,
    draw_users,
    fill_expected_weight,
    place_products,
    running_shares,
)

HOURS = 173.0  # of work in a month, by which monthly minimum wages are turned into hourly ones


class Population(Parametrised):
    """How many people there are, and how they differ."""

    scale: float = param(1000, "People that one agent stands for", unit="people", low=1, high=1_000_000)
    users: int = param(125_000_000, "Monthly users", unit="people", low=0, high=2_000_000_000, source="P1")
    creators: int = param(
        8_000_000, "Creators with income on day 0", unit="people", low=0, high=200_000_000, source="P2"
    )
    potential_creators: int = param(4_000_000, "People who may become creators", unit="people", low=0, high=200_000_000)
    sellers: int = param(21_000_000, "Sellers on day 0", unit="people", low=0, high=200_000_000, source="P3")
    potential_sellers: int = param(4_000_000, "People who may become sellers", unit="people", low=0, high=200_000_000)
    categories: tuple[str, ...] = param((), "Categories of the market, by name; empty is all of categories.csv")
    sellers_in: str = param("", "Province of all sellers; empty is every province, by its e-commerce businesses")
    bound: float = param(3, "Traits are drawn within this many sd", unit="sd", low=1, high=8)
    activity_shape: float = param(
        0.9, "Shape of the gamma distribution of activity", low=0.1, high=10, source="prototype"
    )
    activity_mean: float = param(
        12, "Promotional impressions per active day; videos of all kinds are about 75 (A3)",
        unit="1/day", low=0, high=500, source="prototype",
    )  # fmt: skip
    online_a: float = param(
        2.3, "First parameter of the beta distribution of the chance to be online", low=0.1, high=50, source="A9"
    )
    online_b: float = param(1.73, "Second parameter; the mean is a / (a + b) = .57", low=0.1, high=50, source="A9")
    student_share: float = param(0.25, "Students among users of 18-24", low=0, high=1, source="P10")
    price_sensitivity_sd: float = param(0.25, "Spread of price sensitivity", unit="ln", low=0, high=2)
    live_affinity_sd: float = param(
        0.8, "Spread of the rate of LIVE visits around the median user", unit="ln", low=0, high=2
    )
    need_sd: float = param(0.5, "Spread of the rate of shelf needs around the median user", unit="ln", low=0, high=2)
    propensity_sd: float = param(
        2.8, "Spread of the propensity to buy", unit="logit", low=0, high=6, source="prototype"
    )
    budget_mean: float = param(
        330_000, "Budget for this marketplace", unit="Rp/month", low=0, high=1e8, source="prototype; M7"
    )
    budget_sd: float = param(1.1, "Spread of budgets", unit="ln", low=0, high=3, source="prototype")
    budget_correlation: float = param(0.6, "Correlation of budget and propensity", low=-1, high=1, source="prototype")
    charm_sd: float = param(1.0, "Spread of the appeal of creators", unit="ln", low=0, high=4, source="prototype")
    effort_sd: float = param(1.8, "Spread of posts per day", unit="ln", low=0, high=4, source="A7; prototype")
    effort_median: float = param(0.2, "Median posts per day of creators", unit="1/day", low=0, high=20)
    creators_live: float = param(0.25, "Creators who go LIVE", low=0, high=1)
    sellers_live: float = param(0.023, "Sellers who go LIVE on day 0 of the burn-in", low=0, high=1, source="prototype")
    live_chance: float = param(
        0.3, "Median chance of a LIVE on a day, of those who do it: uniform up to twice this, but never more than 1",
        unit="1/day", low=0, high=1,
    )  # fmt: skip
    live_minutes: float = param(90, "Median length of a LIVE", unit="min", low=12, high=360, source="C4 advises 120")
    own_account: float = param(0.3, "Sellers who post videos of their own", low=0, high=1)
    own_charm: float = param(
        -0.5, "Appeal of sellers' own accounts against that of creators", unit="ln", low=-5, high=5
    )
    local_share: float = param(0.6, "Sellers of local products", low=0, high=1, source="P7")
    open_share: float = param(0.5, "Sellers whose affiliate plan is open", low=0, high=1, source="prototype")
    cluster_share: float = param(0.1, "Fashion sellers of DKI Jakarta that belong to Pasar Tanah Abang", low=0, high=1)
    inclusion_share: float = param(0.05, "Creators of groups that inclusive programs reach out to", low=0, high=1)
    hours_per_post: float = param(1.0, "Work on one post", unit="h", low=0, high=24)
    seller_hours: float = param(2.0, "Work of a seller for this marketplace", unit="h/day", low=0, high=24)
    reservation_ln: float = param(
        -4.5, "Mean of the personal factor of the reservation wage", unit="ln", low=-12, high=3, source="prototype"
    )
    reservation_sd: float = param(2.0, "Its spread", unit="ln", low=0, high=5, source="prototype")
    follow_graph: str = param(
        "", "Real follow graph of the beginning, twitch_zhtw or lastfm_asia; empty is one grown by the next two"
    )
    follows_mean: float = param(
        5, "Mean follows drawn for a user in the beginning; 12 at most are kept, and a host drawn twice is one",
        unit="hosts", low=0, high=12,
    )  # fmt: skip
    homophily: float = param(0.75, "Follows in the beginning that are drawn from the two interests", low=0, high=1)
    cost_low: float = param(0.45, "Least unit cost", unit="share of price", low=0, high=1)
    cost_high: float = param(0.75, "Largest unit cost", unit="share of price", low=0, high=1)
    stock_start: int = param(10, "Units on hand in the beginning", unit="units", low=0, high=10_000)
    working_capital: int = param(
        2_000_000, "Cash that a micro seller keeps in the business", unit="Rp", low=0, high=10**10
    )

    @pydantic.field_validator("follow_graph")
    @classmethod
    def _is_there(cls, name: str) -> str:
        if name:
            real_graph(name)
        return name

    @pydantic.field_validator("sellers_in")
    @classmethod
    def _on_the_map(cls, name: str) -> str:
        if name and name not in provinces().names:
            raise ValueError(f"There is no province {name!r}. Choose from {', '.join(provinces().names)}.")
        return name

    @pydantic.model_validator(mode="after")
    def _somebody(self) -> Self:
        kinds = ("users", "creators", "potential_creators", "sellers", "potential_sellers")
        if not any(self.count(getattr(self, kind)) for kind in kinds):
            raise ValueError(
                f"The market is empty: at scale = {self.scale:g} there are no users, creators or sellers."
                " Set more of them, or a smaller scale."
            )
        return self

    @pydantic.model_validator(mode="after")
    def _as_many_users_as_nodes(self) -> Self:
        users = self.count(self.users)
        nodes = real_graph(self.follow_graph).n_nodes if self.follow_graph else users
        if users != nodes:
            scale = f", or scale = {self.users / nodes:.9g}" if self.users >= nodes else ""
            raise ValueError(
                f"follow_graph = {self.follow_graph!r} has {nodes:,} users, but users / scale makes {users:,}."
                f" Set users = {round(nodes * self.scale)}{scale}."
            )
        return self

    def count(self, people: int) -> int:
        """Return how many agents stand for ``people``."""
        return round(people / self.scale)

    def places_of_sellers(self) -> Column:
        """Return the share of sellers in each province, (38,)."""
        known = provinces()
        return known.sellers if not self.sellers_in else np.array([float(n == self.sellers_in) for n in known.names])

    def market(self) -> Categories:
        """Return the categories of this market."""
        return categories(self.categories)


def draw_population(population: Population, seed: int, year: int = 2024) -> State:
    """Draw everybody, then give them rows; ``year`` is that of the minimum wages which they compare with."""
    kinds = population.market()
    users = draw_users_table(population, kinds, seed)
    wages = provinces().wage(year) / HOURS
    creators = draw_creators_table(population, kinds, wages, seed)
    sellers, products = draw_sellers_tables(population, kinds, wages, seed)
    users = users.take(np.lexsort((users.id, users.interest_2, users.interest)))
    creators = creators.take(_by_weight(creators))
    sellers, products = _sort_sellers(sellers, products)
    fixed = median_prices(kinds), running_shares(kinds.share), kinds.names, float(population.scale)
    return State(users, creators, sellers, products, *fixed)


def draw_follows(state: State, population: Population, seed: int) -> None:
    """Let users follow hosts, in place: as in a real graph if the population names one, else by attachment."""
    if population.follow_graph:
        from_networkx(read_follow_graph(population.follow_graph), state)
    else:
        build_follows(state, seed, population.follows_mean, population.homophily)


def draw_users_table(population: Population, kinds: Categories, seed: int) -> Users:
    """Draw the users, in order of id."""
    users = Users.empty(population.count(population.users))
    users.id[:] = np.arange(len(users))
    draw_users(_key(seed), users.arrays, *_shares(provinces().users, kinds.share), _numbers(population, USER_NUMBERS))
    return users


def draw_creators_table(population: Population, kinds: Categories, wages: Column, seed: int) -> Creators:
    """Draw actual, then potential creators, in order of id; ``wages`` (38,) are minimum wages [Rp/h]."""
    actual = population.count(population.creators)
    creators = Creators.empty(actual + population.count(population.potential_creators))
    creators.id[:] = np.arange(len(creators))
    creators.joined[:actual] = 0
    creators.eligible[:actual] = True
    numbers = _numbers(population, CREATOR_NUMBERS)
    draw_creators(_key(seed), creators.arrays, *_shares(provinces().users, kinds.share), wages, numbers)
    return creators


def draw_sellers_tables(
    population: Population, kinds: Categories, wages: Column, seed: int
) -> tuple[Sellers, Products]:
    """Draw actual, then potential sellers with their products, in order of id; ``wages`` as for creators."""
    actual = population.count(population.sellers)
    sellers = Sellers.empty(actual + population.count(population.potential_sellers))
    sellers.id[:] = np.arange(len(sellers))
    sellers.joined[:actual] = 0
    ranges = (kinds.commission_low, kinds.commission_high, kinds.fashion)
    shares = _shares(population.places_of_sellers(), kinds.share)
    jakarta = provinces().names.index("DKI Jakarta")
    draw_sellers(_key(seed), sellers.arrays, *shares, wages, *ranges, jakarta, _numbers(population, SELLER_NUMBERS))
    draw_product_counts(_key(seed), sellers.arrays)
    products = Products.empty(int(sellers.n_products.sum()))
    products.id[:] = np.arange(len(products))
    place_products(sellers.arrays, products.arrays)
    numbers = _numbers(population, PRODUCT_NUMBERS)
    draw_products(_key(seed), sellers.arrays, products.arrays, kinds.price_ln, kinds.price_ln_sd, numbers)
    _give_capital(sellers, products)
    return sellers, products


def _give_capital(sellers: Sellers, products: Products) -> None:
    """Let every seller have at least the cash that the goods in stock cost, so that dear goods can be restocked."""
    stock = np.zeros(len(sellers), np.int64)
    np.add.at(stock, products.seller, products.cost * products.stock)
    sellers.working_capital[:] = np.maximum(sellers.working_capital, stock)
    sellers.cash[:] = sellers.working_capital


def median_prices(kinds: Categories) -> Column:
    """Return the median price of each category [Rp], (n_categories,), the yardstick of dear and cheap."""
    return np.array([exp(x) for x in kinds.price_ln])


USER_NUMBERS = (
    "bound", "activity_shape", "activity_mean", "online_a", "online_b", "student_share", "price_sensitivity_sd",
    "live_affinity_sd", "need_sd", "propensity_sd", "budget_mean", "budget_sd", "budget_correlation",
)  # fmt: skip
CREATOR_NUMBERS = (
    "bound", "charm_sd", "effort_sd", "effort_median", "creators_live", "live_chance", "live_minutes",
    "inclusion_share", "student_share", "hours_per_post", "reservation_ln", "reservation_sd",
)  # fmt: skip
SELLER_NUMBERS = (
    "bound", "charm_sd", "effort_sd", "effort_median", "sellers_live", "live_chance", "live_minutes", "own_account",
    "own_charm", "local_share", "open_share", "cluster_share", "working_capital", "seller_hours",
    "reservation_ln", "reservation_sd",
)  # fmt: skip
PRODUCT_NUMBERS = ("bound", "cost_low", "cost_high", "stock_start")


def _numbers(population: Population, names: tuple[str, ...]) -> tuple[float, ...]:
    """Return some parameters in the order in which their kernel unpacks them."""
    return tuple(float(getattr(population, name)) for name in names)


def _key(seed: int) -> Key:
    return Key(int(seed), 0, int(Stream.USER_PLACE))


def _shares(places: Column, kinds: Column) -> tuple[Column, Column]:
    return running_shares(places), running_shares(kinds)


def _by_weight(creators: Creators) -> Column:
    """Return the order by category, then by expected weight in the feed, then by id."""
    expected = np.zeros(len(creators))
    fill_expected_weight(creators.arrays, expected)
    return np.lexsort((creators.id, -expected, creators.category))


def _sort_sellers(sellers: Sellers, products: Products) -> tuple[Sellers, Products]:
    """Sort sellers by category and id; their products follow them, so that both stay in one piece."""
    order = np.lexsort((sellers.id, sellers.category))
    sellers = sellers.take(order)
    rows = np.repeat(sellers.first_product, sellers.n_products)
    first = np.cumsum(sellers.n_products, dtype=np.int64) - sellers.n_products
    rows = rows + np.arange(len(rows)) - np.repeat(first, sellers.n_products)
    products = products.take(rows)
    products.seller[:] = np.repeat(np.arange(len(sellers)), sellers.n_products)
    sellers.first_product[:] = first
    sellers.showcase[:] = -1
    _show_own(sellers)
    return sellers, products


def _show_own(sellers: Sellers) -> None:
    """Let each seller's own account show the seller's first products."""
    for k in range(sellers.showcase.shape[1]):
        has = sellers.n_products > k
        sellers.showcase[has, k] = sellers.first_product[has] + k
