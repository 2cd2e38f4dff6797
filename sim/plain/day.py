"""The day by hand: the mechanisms of ``DAY``, each acted out by people, one after the other."""

from typing import Any

import numpy as np
import pydantic

from sim.feed import cap_weights
from sim.flows import FIXED, Block, Counts
from sim.mechanism import Today
from sim.mechanisms.affiliates import Affiliates
from sim.mechanisms.discovery import Discovery
from sim.mechanisms.entry import Entry
from sim.mechanisms.fulfilment import Fulfilment
from sim.mechanisms.funding import Funding
from sim.mechanisms.learning import Learning
from sim.mechanisms.live import Live
from sim.mechanisms.purchase import Purchase
from sim.mechanisms.reputation import Reputation
from sim.mechanisms.rooms import Rooms
from sim.mechanisms.search import Search
from sim.mechanisms.settlement import Settlement
from sim.mechanisms.supply import Supply
from sim.mechanisms.terms import Terms
from sim.mechanisms.ties import Ties
from sim.plain import parcels
from sim.plain.books import Clerk, fix_terms, fund
from sim.plain.people import People
from sim.rng import Stream, words
from sim.state import Channel, Dues, Orders, Status
from sim.state import Rooms as RoomTable
from sim.tables import NEVER, NOTHING, Column, concatenate


class ByHand(pydantic.BaseModel):
    """A mechanism that people act out."""

    _people: Any = pydantic.PrivateAttr(default=None)

    @property
    def name(self) -> str:
        """The name of the mechanism that it acts out."""
        return str(super().name).removeprefix("plain_")  # type: ignore[misc]

    def given(self, people: People) -> "ByHand":
        """Return this mechanism, told who the people are."""
        self._people = people
        return self


class PlainEntry(ByHand, Entry):
    def step(self, today: Today) -> None:
        people, joined = self._people, today.flows.joined
        joined[0] = self._join(today, people.creators, self.p_creator, self.q_creator)
        joined[1] = self._join(today, people.sellers, self.p_seller, self.q_seller)
        for creator in people.creators:
            creator.eligible = creator.eligible or creator.followers >= self.followers_needed

    def _join(self, today: Today, hosts: list[Any], p: float, q: float) -> int:
        here = [host for host in hosts if host.in_business(today.counter)]
        income = max(0.0, sum(int(host.income) for host in here) / len(here)) if here else None
        share = sum(host.joined < NEVER for host in hosts) / len(hosts) if hosts else 0.0
        return sum([host.feel_urge(p, q, share, income, today) for host in hosts])


class PlainReputation(ByHand, Reputation):
    def step(self, today: Today) -> None:
        for product in self._people.products:
            if today.counter % 7 == 0 and today.counter > 0:
                product.drift(self, today)
            product.appear(self, today)


class PlainAffiliates(ByHand, Affiliates):
    def step(self, today: Today) -> None:
        for creator in self._people.creators:
            creator.choose_products(self, today)


class PlainSupply(ByHand, Supply):
    def step(self, today: Today) -> None:
        people, showcase = self._people, today.flows.showcase
        for host in people.hosts:
            host.post(self, today)
        self._collaborate(today)
        promoted: dict[int, float] = {product.row: 0.0 for product in people.products}
        for host in people.hosts:
            seen = float(np.rint(host.momentum * FIXED)) if host.in_business(today.counter) else 0.0
            for p in showcase[host.place]:
                if p != NOTHING:
                    promoted[p] += seen / FIXED
        for seller in people.sellers:
            seller.restock(self, today, promoted)
        for host in people.hosts:
            offered = [p for p in showcase[host.place] if p != NOTHING and self._is_offered(today, p)]
            showcase[host.place] = offered + [NOTHING] * (showcase.shape[1] - len(offered))

    def _is_offered(self, today: Today, p: int) -> bool:
        product = self._people.products[p]
        return bool(product.stock > 0 and self._people.sellers[product.seller].in_business(today.counter))

    def _collaborate(self, today: Today) -> None:
        """Put linked products in front of showcases, the highest priority last, equals by hash."""
        key, state, links = today.lasting(Stream.TIE_BREAK), today.state, []
        for link in today.levers.links:
            for c, p in zip(link.creators, link.products, strict=True):
                turn = int(words(key, state.creators.id[c], state.products.id[p])[0])
                links.append((link.priority, turn, int(c), int(p)))
        for _, _, c, p in sorted(links):
            shown = today.flows.showcase[c].tolist()
            if p in shown:
                shown.remove(p)
            elif NOTHING in shown:
                shown.remove(NOTHING)
            today.flows.showcase[c] = [p, *shown][: today.flows.showcase.shape[1]]


class PlainRooms(ByHand, Rooms):
    def step(self, today: Today) -> None:
        if not today.levers.open[Channel.LIVE]:
            return
        hosts = [host for host in self._people.hosts if host.goes_live(today)]
        hosts.sort(key=lambda host: (host.category, host.daypart, host.place))
        shown_in: dict[int, int] = {}
        for host in hosts:
            for p in today.flows.showcase[host.place]:
                shown_in[p] = shown_in.get(p, 0) + 1
        rooms = RoomTable.empty(len(hosts))
        for r, host in enumerate(hosts):
            host.open_room(self, today, rooms, r, shown_in)
        today.flows.rooms, today.flows.counts = rooms, Counts.empty(len(self._people.hosts), len(rooms))


class PlainDiscovery(ByHand, Discovery):
    def weights(self, today: Today) -> Column:
        found = np.array([host.feed_weight(self, today) for host in self._people.hosts], np.float64)
        if np.isfinite(today.levers.exposure_cap):
            cap_weights(today.state.hosts.category, today.levers.exposure_cap, today.state.n_categories, found)
        return found

    def act(self, today: Today, block: Block) -> None:
        for user in self._people.users[block.rows]:
            user.browse(self, today, block)


class PlainLive(ByHand, Live):
    def act(self, today: Today, block: Block) -> None:
        for user in self._people.users[block.rows]:
            user.visit_rooms(self, today, block)


class PlainSearch(ByHand, Search):
    def weights(self, today: Today) -> Column:
        products, sellers = self._people.products, self._people.sellers
        weights = [p.shelf_weight(self, today, sellers[p.seller].in_business(today.counter)) for p in products]
        return np.array(weights, np.float64)

    def act(self, today: Today, block: Block) -> None:
        for user in self._people.users[block.rows]:
            user.search(self, today, block)


class PlainPurchase(ByHand, Purchase):
    def act(self, today: Today, block: Block) -> None:
        orders, dues = [], []
        for user in self._people.users[block.rows]:
            user.choose(self, today, block)
            if block.offers.ordered[user.row - block.start] != NOTHING:
                orders.append(user.order(self, today, block))
                dues += user.owed(self, today, orders[-1], len(orders) - 1)
        block.orders = concatenate([Orders.empty(0), *orders])
        block.dues = concatenate([Dues.empty(0), *dues, *self.shipping_dues(today, len(orders))])


class PlainTies(ByHand, Ties):
    def act(self, today: Today, block: Block) -> None:
        for user in self._people.users[block.rows]:
            user.mind_ties(self, today, block)


class PlainFulfilment(ByHand, Fulfilment):
    def step(self, today: Today) -> None:
        parcels.ship(self, today, self._people)
        parcels.deliver(self, today, self._people)
        parcels.close(self, today, self._people)


class PlainFunding(ByHand, Funding):
    def step(self, today: Today) -> None:
        fund(today, self._people)


class PlainTerms(ByHand, Terms):
    def step(self, today: Today) -> None:
        fix_terms(self, today, self._people)


class PlainSettlement(ByHand, Settlement):
    def step(self, today: Today) -> None:
        Clerk(self, today, self._people).settle()


class PlainLearning(ByHand, Learning):
    def step(self, today: Today) -> None:
        people, flows = self._people, today.flows
        for host in people.hosts:
            host.grow(self, today)
        self._earn(today)
        sold: dict[int, list[int]] = {seller.row: [] for seller in people.sellers}
        for o in range(len(flows.orders)):
            if flows.orders.status[o] != Status.SOLD_OUT:
                sold[flows.orders.seller[o]].append(int(flows.orders.price[o]))
        for seller in people.sellers:
            seller.count_sales(self, today, sold[seller.row])
        flows.gave_up[0] = sum([creator.review(self, today) for creator in people.creators])
        flows.gave_up[1] = sum([seller.review(self, today) for seller in people.sellers])
        self._adopt(today)
        peers = people.peers()
        plans = [seller.imitate(self, today, peers[seller.row]) for seller in people.sellers]
        for seller, plan in zip(people.sellers, plans, strict=True):
            if plan is not None:
                seller.take_over(plan)

    def _earn(self, today: Today) -> None:
        """Let hosts average what was paid out to them today: commission, or what is left over unit costs."""
        people, kept, n = self._people, today.flows.closed, len(self._people.creators)
        earned = [0] * len(people.hosts)
        for o in range(len(kept)):
            if kept.status[o] != Status.PAID_OUT:
                continue
            if NOTHING != kept.host[o] < n:
                earned[kept.host[o]] += int(kept.commission[o] + kept.top_up[o])
            cost = people.products[kept.product[o]].cost
            earned[n + kept.seller[o]] += int(kept.price[o] - kept.fee[o] - kept.commission[o]) - cost
        for bonus in today.flows.bonuses:
            for place, amount in zip(bonus.hosts, bonus.amounts, strict=True):
                earned[place] += int(amount)
        for host in people.hosts:
            host.income = host.income + (earned[host.place] - host.income) / self.memory

    def _adopt(self, today: Today) -> None:
        """Let sellers feel the urge to go LIVE, by how many of their category do."""
        sellers = self._people.sellers
        for_each: dict[int, list[bool]] = {}
        for seller in sellers:
            if seller.in_business(today.counter):
                for_each.setdefault(seller.category, []).append(seller.live_chance > 0.0)
        shares = {category: sum(live) / len(live) for category, live in for_each.items()}
        for seller in sellers:
            seller.consider_live(self, today, shares.get(seller.category, 0.0))


PLAIN: tuple[type[ByHand], ...] = (
    PlainEntry, PlainReputation, PlainAffiliates, PlainSupply, PlainRooms, PlainDiscovery, PlainLive, PlainSearch,
    PlainPurchase, PlainTies, PlainTerms, PlainFunding, PlainFulfilment, PlainSettlement, PlainLearning,
)  # fmt: skip
