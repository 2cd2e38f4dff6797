"""What whatever a user does has in common: chance, interests, the list of offers."""

from typing import TYPE_CHECKING, Any

from sim.flows import Block
from sim.mechanism import Today
from sim.offers import attention, category_at, engage, match_of
from sim.rng import Key, Stream, unit, words
from sim.state import OFFERS, Channel
from sim.tables import NOTHING
from sim.views import UserView

if TYPE_CHECKING:
    from sim.plain.host import Host


class Person(UserView):
    """Somebody with interests, a list of offers, and luck."""

    people: Any = None  # everybody else, and the graph; given when the market begins

    def units(self, key: Key, other: int = 0) -> list[float]:
        """Return the four uniforms that chance has for this user, today, in one decision."""
        return [unit(word) for word in words(key, self.unique_id, other)]

    def match(self, category: int) -> float:
        """Return how well a category fits the interests."""
        return float(match_of(self.interest, self.interest_2, category))

    def category(self, u: float, rho: float, kappa: float) -> int:
        """Return the category at quantile ``u`` of what this user pays attention to."""
        first, both = attention(self.interest_share, rho, kappa)
        return int(category_at(u, first, both, self.interest, self.interest_2, self.model.state.popularity))

    def remember(self, block: Block, host: "Host") -> None:
        """Remember to have engaged with a host."""
        engage(block.offers.n_engaged, block.offers.engaged, self.row - block.start, host.place)

    def consider(
        self, today: Today, block: Block, product: int, host: int, room: int, channel: Channel, tied: bool
    ) -> None:
        """Put an offer on today's list; a product shown twice is one offer, and who showed it last is paid."""
        if product == NOTHING:
            return
        offers, row = block.offers, self.row - block.start
        priority = words(today.key(Stream.OFFER_PRIORITY), self.unique_id, today.state.products.id[product])[0]
        at = self._place_for(offers, row, product, priority)
        if at is not None:
            offers.product[row, at], offers.host[row, at], offers.room[row, at] = product, host, room
            offers.channel[row, at], offers.tied[row, at], offers.priority[row, at] = channel, tied, priority

    def _place_for(self, offers: Any, row: int, product: int, priority: int) -> int | None:
        """Return where on the list an offer goes: where the product is, at the end, or in place of the least."""
        n = int(offers.count[row])
        listed = offers.product[row, :n].tolist()
        if product in listed:
            return int(listed.index(product))
        if n < OFFERS:
            offers.count[row] = n + 1
            return n
        lowest = int(offers.priority[row].argmin())
        return lowest if priority > offers.priority[row, lowest] else None
