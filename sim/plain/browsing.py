"""The feed, as one user sees it; the formulas are in ``sim/mechanisms/discovery.py``."""

from typing import TYPE_CHECKING

from sim.feed import explore, jump
from sim.flows import Block, Total
from sim.mathematics import exp
from sim.mechanism import Today
from sim.mechanisms.discovery import Discovery, happens, pick_product
from sim.plain.following import Following
from sim.rng import SLOTS, Stream, pack, words
from sim.sampler import draw
from sim.state import Channel
from sim.tables import NOTHING

if TYPE_CHECKING:
    from sim.plain.host import Host


class Browsing(Following):
    """Slots, hosts, clicks."""

    def browse(self, rules: Discovery, today: Today, block: Block) -> None:
        """Watch the slots of the feed, if online today."""
        luck, chance, _, _ = self.units(today.key(Stream.ONLINE))
        if luck >= self.online:
            return
        slots = min(int(self.activity + chance), SLOTS)
        block.offers.online[self.row - block.start] = True
        block.counts.totals[[Total.ONLINE, Total.SLOTS]] += (1, slots)
        if not today.levers.open[Channel.VIDEO]:
            return
        for slot in range(slots):
            host, tied = self.pick_host(rules, today, block, slot)
            if host is not None:
                self.watch(rules, today, block, slot, host, tied)

    def pick_host(self, rules: Discovery, today: Today, block: Block, slot: int) -> "tuple[Host | None, bool]":
        """Return the host that a slot shows, if there is one, and whether following led there."""
        feed, key, totals = today.flows.ready["feed"], today.key(Stream.FEED_PICK), block.counts.totals
        branch, place, _, _ = self.units(today.key(Stream.FEED), pack(slot, 0, 0))
        if branch < feed.phi and (followed := self.followed()):
            word = words(today.key(Stream.FEED), self.unique_id, pack(slot, 0, 0))[1]
            host = followed[jump(word, len(followed))]
            if today.flows.fresh[host.place] > 0:
                totals[Total.FOLLOWING] += 1
                return host, True
        if branch >= 1.0 - feed.epsilon:
            unknown = feed.unknown
            found = explore(key, self.unique_id, slot, feed.shows, feed.n_creators, unknown.root[0], unknown.forks)
            totals[Total.EXPLORING] += found != NOTHING
        else:
            category = self.category(place, feed.rho, feed.kappa)
            found, attempts = draw(key, self.unique_id, slot, category, feed.sampler)
            totals[[Total.PICKS, Total.ATTEMPTS]] += (1, attempts)
        return (None if found == NOTHING else self.people.hosts[found]), False

    def watch(self, rules: Discovery, today: Today, block: Block, slot: int, host: "Host", tied: bool) -> None:
        """See a video: perhaps watch it to the end, engage with it, click on a product."""
        _, _, chance, which = self.units(today.key(Stream.FEED), pack(slot, 0, 0))
        totals, counts = block.counts.totals, block.counts.hosts
        odds = exp(rules.b0 + rules.b_k * (host.skill + today.levers.skill[host.place]))
        odds *= exp(rules.b_f) if tied else 1.0
        match = self.match(host.category)
        odds *= exp(match * rules.b_m) if match else 1.0
        counts.views[host.place] += 1
        totals[[Total.IMPRESSIONS, Total.OWN, Total.LOCAL]] += (1, host.is_seller, self._is_local(today, host))
        watches = happens(chance, odds * exp(rules.b_w))
        totals[Total.WATCHED] += watches
        if not (watches and happens(chance, odds * exp(rules.b_e))):
            return
        counts.engaged[host.place] += 1
        totals[Total.ENGAGED] += 1
        self.remember(block, host)
        if happens(chance, odds):
            counts.clicks[host.place] += 1
            totals[Total.CLICKS] += 1
            exposure, category = today.levers.product_exposure, today.state.products.category
            shown = today.flows.showcase
            product = pick_product(which, host.place, shown, exposure, category, self.interest, self.interest_2)
            self.consider(today, block, product, host.place, NOTHING, Channel.VIDEO, tied)

    def _is_local(self, today: Today, host: "Host") -> bool:
        first = today.flows.showcase[host.place, 0]
        return bool(first != NOTHING and today.state.products.local[first])
