"""A seller: restocks, goes LIVE some day, imitates peers, may give up."""

from typing import Any

from sim.mathematics import rupiah
from sim.mechanism import Today
from sim.mechanisms.learning import Learning, live_hazard, sign
from sim.mechanisms.supply import Supply, base_stock
from sim.plain.host import Host
from sim.rng import Stream, unit, words
from sim.state import PIPELINE, Sellers
from sim.tables import NEVER
from sim.views import view_of


@view_of(Sellers)
class Seller(Host):
    """A shop."""

    is_seller = True

    @property
    def place(self) -> int:
        return len(self.model.state.creators) + self.row

    def restock(self, rules: Supply, today: Today, promoted: dict[int, float]) -> None:
        """Put away what arrives, and order what is missing, as far as the cash goes."""
        cash = self.cash
        for product in self.products():
            product.arrive(today)
            if not self.in_business(today.counter):
                continue
            expected = max(product.daily, rules.prepare_for * promoted[product.row])
            missing = base_stock(float(rules.lead), rules.cover, float(rules.floor), expected) - product.coming()
            units = max(0, min(missing, cash // max(product.cost, 1)))
            cash -= units * product.cost
            product.pipeline[(today.counter + rules.lead) % PIPELINE] += units
            today.flows.restocked[product.row] = units

    def products(self) -> list[Any]:
        """Return the products of this seller."""
        mine: list[Any] = self.people.products[self.first_product : self.first_product + self.n_products]
        return mine

    def count_sales(self, rules: Learning, today: Today, prices: list[int]) -> None:
        """Remember what was sold today, and when last; ``prices`` are those of the orders."""
        if prices:
            self.last_sale = today.counter
        self.orders = self.orders + len(prices)
        self.revenue = self.revenue + sum(prices)
        self.earlier = self.earlier + (self.recent - self.earlier) / rules.memory
        self.recent = self.recent + (len(prices) - self.recent) / rules.memory

    def review(self, rules: Learning, today: Today) -> bool:
        """Once a week, perhaps give up after too long without a sale; return whether."""
        if not (self.joined <= today.counter and self.left == NEVER and self.is_own_weekday(today)):
            return False
        since = self.joined if self.last_sale == NEVER else self.last_sale
        chance = unit(words(today.key(Stream.GIVING_UP), self.unique_id, 1)[0])
        too_long = today.counter - since > 7 * rules.seller_low_weeks
        if not too_long or chance >= rules.seller_drop * today.levers.giving_up[self.place]:
            return False
        self.left = today.counter + 1
        return True

    def consider_live(self, rules: Learning, today: Today, share: float) -> None:
        """Once a week, feel the urge to go LIVE, of which ``share`` of the category do; adopt when it is enough."""
        if not self.in_business(today.counter) or self.live_chance > 0.0 or not self.is_own_weekday(today):
            return
        numbers = rules.growth, rules.memory, self.size
        urge = live_hazard(rules.bass_p, rules.bass_q, share, self.recent, self.earlier, *numbers)
        self.live_urge = self.live_urge + today.levers.live_attraction[self.row] * urge
        if self.live_urge >= self.live_threshold:
            self.live_chance, self.live_since = rules.live_chance, today.counter + 1

    def imitate(self, rules: Learning, today: Today, peers: list["Seller"]) -> dict[str, Any] | None:
        """Return what this seller takes over from a peer that sells more, if it looks at one today.

        Everybody decides on what peers did before anybody takes anything over.
        """
        looks, which, _, _ = (unit(w) for w in words(today.key(Stream.IMITATION), self.unique_id, 0))
        if not (self.in_business(today.counter) and self.is_own_weekday(today) and looks < rules.imitate):
            return None
        peer = peers[int(which * len(peers))]
        if not peer.in_business(today.counter) or peer.recent <= self.recent:
            return None
        gap = peer.commission - self.commission
        commission = self.commission + sign(gap) * min(rules.commission_step, abs(gap))
        theirs, ours = peer.products()[0], self.products()[0]
        dearer = theirs.price / theirs.reference - ours.price / ours.reference
        factor = 1.0 + rules.price_step * sign(dearer)
        prices = [max(rupiah(p.price * factor), min(p.price, p.cost + 1)) for p in self.products()]
        return {"open": peer.open, "commission": commission, "prices": prices}

    def take_over(self, plan: dict[str, Any]) -> None:
        """Do what was decided."""
        self.open, self.commission = plan["open"], plan["commission"]
        for product, price in zip(self.products(), plan["prices"], strict=True):
            product.price = price
