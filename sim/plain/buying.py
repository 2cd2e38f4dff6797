"""Search and choice, of one user; the formulas are in ``sim/mechanisms/search.py`` and ``purchase.py``."""

from typing import Any

from sim.flows import FIXED, Block, Total
from sim.mathematics import exp, log
from sim.mechanism import Today
from sim.mechanisms.purchase import OUTSIDE, Purchase, Tastes, channel_utility, utility
from sim.mechanisms.search import Search
from sim.plain.person import Person
from sim.prices import asked, part_of, parts_of
from sim.rng import Stream, gumbel, normal
from sim.sampler import draw
from sim.state import Channel, Dues, Orders
from sim.surplus import price_part
from sim.tables import NOTHING


class Buying(Person):
    """Needs, the shelf, and one choice a day."""

    def search(self, rules: Search, today: Today, block: Block) -> None:
        """Search the shelf, if there is a need; a content buyer looks up the last seller first."""
        if not (today.levers.open[Channel.SEARCH] and block.offers.online[self.row - block.start]):
            return
        need, loyal, which, place = self.units(today.key(Stream.NEED))
        if need >= rules.need * self.need:
            return
        block.counts.totals[Total.NEEDS] += 1
        shelf, first = today.flows.ready["shelf"], 0
        seller = self.people.seller(self.last_seller)
        if seller is not None and shelf.sells[seller.row] and loyal < rules.loyalty * self.satisfaction:
            product = seller.first_product + int(which * seller.n_products)
            self.consider(today, block, product, NOTHING, NOTHING, Channel.SEARCH, False)
            first = 1
        category = self.category(place, rules.rho, 1.0)
        for slot in range(first, rules.shown):
            product, _ = draw(today.key(Stream.SHELF_PICK), self.unique_id, slot, category, shelf.sampler)
            self.consider(today, block, product, NOTHING, NOTHING, Channel.SEARCH, False)

    def choose(self, rules: Purchase, today: Today, block: Block) -> None:
        """Order the offer of most utility, if it beats buying nothing; what is dearer than the wallet is struck out."""
        tastes, key, totals = today.flows.ready["tastes"], today.key(Stream.TASTE_TODAY), block.counts.totals
        self.satiation = self.satiation * rules.satiation_memory
        best, odds, moved, offered = gumbel(key, self.unique_id, OUTSIDE), 0.0, 0.0, 0
        row, choice = self.row - block.start, NOTHING
        for j in range(block.offers.count[row]):
            product, room = self.people.products[block.offers.product[row, j]], block.offers.room[row, j]
            price = asked(product.row, room, today.state.products.price, today.flows.rooms.discount)
            paid = price - sum(self.vouchers(rules, today, product, price))
            totals[Total.OFFERS] += 1
            if paid + tastes.shipping_paid > self.wallet:
                totals[Total.STRUCK_OUT] += 1
                continue
            offered += 1
            value, noise = self.value(tastes, today, block, row, j, paid)
            own = exp(value - noise)
            odds += own
            moved += own * tastes.b_p * self.price_sensitivity * price_part(paid, tastes.shipping_paid)
            if value > best:
                best, choice = value, j
        if offered:
            totals[Total.LOG_SUM] += int(log(1.0 + odds) * FIXED)
            totals[Total.PRICE_RESPONSE] += int(moved / (1.0 + odds) * FIXED)
        block.offers.ordered[row] = choice
        if choice != NOTHING:
            self.satiation += 1.0

    def value(self, tastes: Tastes, today: Today, block: Block, row: int, j: int, paid: int) -> tuple[float, float]:
        """Return the utility of the offer ``j`` of the list, and the part of it that is noise of its own."""
        offers, goods = block.offers, today.flows.ready["goods"]
        product = self.people.products[offers.product[row, j]]
        appeal, tied = today.flows.appeal[product.row], offers.tied[row, j]
        match = self.match(product.category)
        value = utility(paid, product.reference, appeal, match, tied, tastes, self.price_sensitivity)
        value += channel_utility(offers.channel[row, j], offers.host[row, j], goods.skill, goods.live_skill, tastes)
        own = (
            self.propensity
            + tastes.b_loc * self.local_preference * product.local
            + tastes.b_y * self.satisfaction * (self.last_seller == product.seller)
            - tastes.b_sat * self.satiation
        )
        noise = gumbel(today.key(Stream.TASTE_TODAY), self.unique_id, product.unique_id)
        shared = normal(today.key(Stream.CATEGORY_TODAY), self.unique_id, product.category)
        return value + (own + noise) + tastes.sigma_n * shared, noise

    def vouchers(self, rules: Purchase, today: Today, product: Any, price: int) -> list[int]:
        """Return what each voucher would pay of a price [Rp]; together they are held to a share of it."""
        given = today.levers.vouchers
        good = [v.products is None or bool(v.products[product.row]) for v in given]
        shares = [parts_of(float(v.share[self.row])) * here for v, here in zip(given, good, strict=True)]
        return [part_of(price, share, sum(shares), rules.voucher_cap) for share in shares]

    def order(self, rules: Purchase, today: Today, block: Block) -> Orders:
        """Return the order of the offer that was chosen, a table of one row."""
        offers, row, order = block.offers, self.row - block.start, Orders.empty(1)
        j = offers.ordered[row]
        product, room = self.people.products[offers.product[row, j]], offers.room[row, j]
        order.user[0], order.product[0], order.seller[0] = self.row, product.row, product.seller
        order.host[0], order.room[0], order.channel[0] = offers.host[row, j], room, offers.channel[row, j]
        order.price[0] = asked(product.row, room, today.state.products.price, today.flows.rooms.discount)
        order.subsidy[0] = sum(self.vouchers(rules, today, product, order.price[0]))
        order.shipping[0] = int(today.flows.ready["tastes"].shipping_paid)
        return order

    def owed(self, rules: Purchase, today: Today, order: Orders, number: int) -> list[Dues]:
        """Return what each voucher owes for this order, the day's ``number``-th, a table of one row each."""
        product, dues = self.people.products[order.product[0]], []
        parts = self.vouchers(rules, today, product, order.price[0])
        for voucher, part in zip(today.levers.vouchers, parts, strict=True):
            due = Dues.empty(1)
            due.order[0], due.program[0], due.subsidy[0] = number, voucher.program, part
            dues.append(due)
        return dues
