"""A creator: compares affiliate plans, revises the effort, may give up."""

from sim.mathematics import exp
from sim.mechanism import Today
from sim.mechanisms.affiliates import TRIES, Affiliates, score
from sim.mechanisms.learning import Learning, tanh_ln
from sim.plain.host import Host
from sim.rng import Stream, normal, unit, words
from sim.state import Creators
from sim.tables import NEVER, NOTHING
from sim.views import view_of


@view_of(Creators)
class Creator(Host):
    """Somebody who promotes products of others for commission."""

    @property
    def place(self) -> int:
        return self.row

    def choose_products(self, rules: Affiliates, today: Today) -> None:
        """Once a while, keep the best of the showcase and of some open plans of the niche."""
        due = (today.counter + self.unique_id) % rules.every == 0 or self.showcase[0] == NOTHING
        if self.in_business(today.counter) and self.eligible and due:
            found = self._look_around(rules, today)
            best = sorted(found, key=lambda p: -self._score(rules, today, p))  # equals stay in the order found
            self.showcase = (best + [NOTHING] * len(self.showcase))[: len(self.showcase)]
        today.flows.showcase[self.place] = self.showcase

    def _look_around(self, rules: Affiliates, today: Today) -> list[int]:
        """Return the products shown whose plan is open, then those looked at, each once."""
        found = [int(p) for p in self.showcase if p != NOTHING and self._is_open(today, p)]
        niche, looked_at = self.people.by_category[self.category], 0
        for k in range(TRIES * rules.looked_at if niche else 0):
            if looked_at == rules.looked_at:
                break
            chance = unit(words(today.key(Stream.AFFILIATE_SEARCH), self.unique_id, k)[0])
            product = niche[int(chance * len(niche))]
            if self._is_open(today, product.row):
                looked_at += 1
                if product.row not in found:
                    found.append(product.row)
        return found

    def _is_open(self, today: Today, product: int) -> bool:
        seller = self.people.sellers[self.people.products[product].seller]
        return bool(seller.open and seller.in_business(today.counter))

    def _score(self, rules: Affiliates, today: Today, p: int) -> float:
        product = self.people.products[p]
        taste = rules.ev_sd * normal(today.lasting(Stream.TASTE_FOR_PRODUCT), self.unique_id, product.unique_id)
        commission = self.people.sellers[product.seller].commission
        return float(score(product.price, commission, today.flows.appeal[p], rules.afford, taste))

    def review(self, rules: Learning, today: Today) -> bool:
        """Once a week, revise the effort; return whether this one gives up."""
        if not (self.joined <= today.counter and self.left == NEVER and self.is_own_weekday(today)):
            return False
        ratio = (self.income + rules.small) / (self.reservation + rules.small)
        effort, span = self.effort * exp(rules.effort_step * tanh_ln(ratio)), rules.effort_span
        self.effort = min(max(effort, self.usual_effort / span), self.usual_effort * span)
        self.low_weeks = self.low_weeks + 1 if ratio < 1.0 else 0
        chance = unit(words(today.key(Stream.GIVING_UP), self.unique_id, 0)[0])
        if self.low_weeks <= rules.low_weeks or chance >= rules.drop * today.levers.giving_up[self.place]:
            return False
        self.left = today.counter + 1
        return True
