"""Free samples: a program buys goods from sellers and gives them to creators, who show them."""

from typing import cast

import numpy as np

from sim.mechanism import Today, own_table
from sim.programs.matching import Matching, Pairs, best_sellers
from sim.programs.paying import pay_bonus
from sim.tables import NOTHING


class Samples(Matching):
    """Pay sellers the price of one unit of what a creator is given, on the day on which they are brought together."""

    def bill(self, today: Today, me: int) -> None:
        super().bill(today, me)
        own, n = cast("Pairs", today.state.own[own_table(me)]), len(today.state.creators)
        given = own.partner[:n][own.since[:n] == today.counter]
        sellers = given[given != NOTHING]
        if len(sellers):
            price = today.state.products.price[best_sellers(today, sellers)]
            pay_bonus(today, me, (n + sellers).astype(np.int32), price, own.turn[n + sellers])
