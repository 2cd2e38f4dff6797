"""Mutants: the same market with one thing switched off or broken. A scorecard that no mutant fails says nothing.

Those of parameters switch a mechanism off. Those of code break what no parameter can: money, channels, keyed draws.
"""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, NamedTuple

from sim.flows import Block
from sim.mechanism import Mechanism, Today
from sim.mechanisms.discovery import Discovery
from sim.mechanisms.learning import Learning
from sim.mechanisms.purchase import Purchase, Tastes
from sim.mechanisms.rooms import Rooms
from sim.mechanisms.settlement import Settlement
from sim.scenario import Scenario
from sim.state import Channel


def called(name: str) -> Any:
    """Return a property: a broken mechanism goes by the name of the one whose place it takes."""
    return property(lambda self: name)


class Sized(Purchase):
    """Makes people the keener to buy, the more there are."""

    name: ClassVar[Any] = called("purchase")

    def tastes(self, today: Today) -> Tastes:
        was = super().tastes(today)
        return was._replace(base=was.base + 0.3 * math.log(len(today.state.users) / 30_000))


class Leak(Settlement):
    """A rupiah from nowhere, every evening."""

    name: ClassVar[Any] = called("settlement")

    def step(self, today: Today) -> None:
        super().step(today)
        today.state.users.wallet[:1] += 1


class Numb(Purchase):
    """Half as sensitive to prices as it says, a little keener, and with noise that offers of a kind share."""

    name: ClassVar[Any] = called("purchase")

    def tastes(self, today: Today) -> Tastes:
        was = super().tastes(today)
        return was._replace(b_p=was.b_p / 2, base=was.base + 0.1, sigma_n=was.sigma_n + 1.0)


class Jealous(Purchase):
    """Draws its luck anew when there is a program, whatever that does."""

    name: ClassVar[Any] = called("purchase")

    def act(self, today: Today, block: Block) -> None:
        super().act(replace(today, luck=today.luck + len(today.state.books.programs)), block)


class Unlocked(Rooms):
    """Opens rooms where LIVE is closed."""

    name: ClassVar[Any] = called("rooms")

    def step(self, today: Today) -> None:
        today.levers.open[Channel.LIVE] = True
        super().step(today)


class Restless(Discovery):
    """Fills every slot twice over."""

    name: ClassVar[Any] = called("discovery")

    def act(self, today: Today, block: Block) -> None:
        super().act(today, block)
        super().act(today, block)


class Boastful(Learning):
    """Takes twenty times what was paid for income."""

    name: ClassVar[Any] = called("learning")

    def step(self, today: Today) -> None:
        today.state.creators.income[:] /= 20
        super().step(today)
        today.state.creators.income[:] *= 20


class Mutant(NamedTuple):
    """One thing changed, and the lines that must notice."""

    name: str
    says: str
    changes: Mapping[str, Any]
    broken: Mechanism | None
    noticed_by: tuple[str, ...]

    def of(self, scenario: Scenario) -> Scenario:
        """Return the scenario with this one thing changed."""
        if self.broken is not None:
            was = scenario.mechanisms[self.broken.name]
            kind = type(self.broken)
            return scenario.but(mechanisms=scenario.mechanisms.replace(kind(**was.model_dump())))
        return scenario.with_values(self.changes)


def _off(name: str, says: str, changes: Mapping[str, Any], *noticed_by: str) -> Mutant:
    return Mutant(name, says, changes, None, noticed_by)


def _bad(broken: Mechanism, *noticed_by: str) -> Mutant:
    return Mutant(type(broken).__name__.lower(), (type(broken).__doc__ or "").strip(), {}, broken, noticed_by)


MUTANTS = (
    _off("no_social_proof", "sales of late persuade nobody and rank nothing",
         {"mechanisms.reputation.b_s": 0, "mechanisms.search.gamma_shelf": 0},
         "unpredictability", "seller_gini", "product_gini"),
    _off("no_momentum", "what was watched of late is shown no more than the rest",
         {"mechanisms.discovery.gamma": 0, "mechanisms.rooms.gamma_l": 0}, "views_gini", "views_top"),
    _off("no_popularity", "neither sales nor views of late count",
         {"mechanisms.reputation.b_s": 0, "mechanisms.search.gamma_shelf": 0, "mechanisms.discovery.gamma": 0,
          "mechanisms.rooms.gamma_l": 0}, "inequality", "unpredictability", "views_gini", "product_gini"),
    _off("no_ties", "nobody is shown, called or bought from because of a tie",
         {"mechanisms.discovery.phi": 0, "mechanisms.live.notified": 0, "mechanisms.search.loyalty": 0,
          "mechanisms.purchase.b_y": 0, "mechanisms.ties.p_follow": 0}, "follower_elasticity"),
    _off("uniform_taste", "all like all categories alike",
         {"mechanisms.discovery.rho": 0, "mechanisms.live.rho": 0, "mechanisms.search.rho": 0,
          "mechanisms.discovery.b_m": 0, "mechanisms.purchase.b_m": 0, "mechanisms.live.l_m": 0},
         "recommender_lift", "gmv_content"),
    _off("uniform_users", "all are equally inclined to buy", {"population.propensity_sd": 0},
         "nbd", "buyers_top", "nbd_k", "bought_once"),
    _off("no_budget", "money is no object", {"population.budget_mean": 100_000_000},
         "gmv_content", "price_slope"),
    _off("no_satiation", "purchases of late do not sate", {"mechanisms.purchase.b_sat": 0}),
    _off("no_live", "nobody goes LIVE",
         {"population.creators_live": 0, "population.sellers_live": 0, "mechanisms.learning.bass_p": 0,
          "mechanisms.learning.bass_q": 0}, "bass", "live_share", "live_sellers"),
    _off("no_shelf", "nobody searches", {"mechanisms.search.need": 0},
         "gmv_shelf", "orders", "order_value_shelf"),
    _off("random_feed", "the feed shows anybody", {"mechanisms.discovery.epsilon": 1},
         "concentrations", "views_on_followers", "recommender_lift", "recommender_concentrates", "views_gini"),
    _off("no_fads", "products do not take off and fade", {"mechanisms.reputation.fad_sd": 0},
         "concentrations", "seller_gini", "product_gini"),
    _off("blind_to_appeal", "neither quality nor fashion matters",
         {"mechanisms.reputation.b_q": 0, "mechanisms.reputation.fad_sd": 0, "mechanisms.search.c_q": 0,
          "mechanisms.search.c_f": 0}, "appeal"),
    _off("price_blind", "prices do not matter", {"mechanisms.purchase.b_p": 0, "mechanisms.reputation.b_x": 0},
         "own_price"),
    _off("one_offer", "the shelf shows one product, and there is no content",
         {"mechanisms.search.shown": 1, "mechanisms.live.visits": 0, "population.activity_mean": 0},
         "all_prices", "creators"),
    _off("equal_hosts", "hosts are equally charming and busy",
         {"population.charm_sd": 0, "population.effort_sd": 0}, "views_gini", "views_top", "commission_top"),
    _off("all_alike", "hosts and products are all alike, and nothing makes one known",
         {"population.charm_sd": 0, "population.effort_sd": 0, "mechanisms.discovery.epsilon": 1,
          "mechanisms.reputation.b_q": 0, "mechanisms.reputation.b_s": 0, "mechanisms.reputation.b_x": 0,
          "mechanisms.reputation.fad_sd": 0, "mechanisms.search.gamma_shelf": 0, "mechanisms.search.c_q": 0,
          "mechanisms.search.c_f": 0, "mechanisms.search.loyalty": 0, "mechanisms.purchase.b_y": 0},
         "views_heavy_tail", "views_hill", "income_heavy_tail", "sales_heavy_tail"),
    _off("one_day_posts", "posts draw nothing after their first day", {"mechanisms.supply.first_day": 1},
         "views_day_1", "views_week_1"),
    _off("no_growth_selection", "growing sellers adopt LIVE no sooner", {"mechanisms.learning.growth": 0}),
    _off("no_imitation", "sellers adopt LIVE for no one else's sake", {"mechanisms.learning.bass_q": 0}, "bass"),
    _off("no_herd_apart", "affiliates all prefer the same products", {"mechanisms.affiliates.ev_sd": 0},
         "creator_share"),
    _off("no_bounds", "popularity does not saturate, and traits are not truncated",
         {"population.bound": 8, "mechanisms.discovery.momentum_max": 10_000_000,
          "mechanisms.reputation.s_max": 1_000_000, "mechanisms.search.s_max": 1_000_000}, "views_bend"),
    _off("locked_in", "buyers go back to the last seller, whatever happens",
         {"mechanisms.search.loyalty": 1, "mechanisms.purchase.b_y": 5}, "double_jeopardy"),
    _off("nobody_joins", "nobody becomes a creator",
         {"mechanisms.entry.p_creator": 0, "mechanisms.entry.q_creator": 0}),
    _off("no_returns", "nothing comes back", {"mechanisms.fulfilment.c_0": -10}, "returns", "returns_live"),
    _bad(Sized(), "scale"),
    _bad(Leak(), "books"),
    _bad(Numb(), "logit_shares", "logit_elasticity", "irrelevance", "mixed"),
    _bad(Jealous(), "placebo"),
    _bad(Unlocked(), "no_room_no_visit"),
    _bad(Restless(), "attention"),
    _bad(Boastful(), "wage_bound"),
)  # fmt: skip
