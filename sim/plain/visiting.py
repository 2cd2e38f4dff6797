"""LIVE rooms, as one user enters them; the formulas are in ``sim/mechanisms/live.py``."""

import numpy as np

from sim.flows import Block, Total
from sim.mathematics import log
from sim.mechanism import Today
from sim.mechanisms.live import MOST_VISITS, Live, Numbers, choose_daypart, stay_chance
from sim.plain.following import Following
from sim.rng import Stream, gumbel, pack, poisson
from sim.state import DAYPART_MINUTES, DAYPARTS, ROOM_SLICES, SECONDS, Channel
from sim.stays import TASTE
from sim.tables import NOTHING
from sim.trie import descend


class Visiting(Following):
    """Visits, stays, the best of a basket."""

    def visit_rooms(self, rules: Live, today: Today, block: Block) -> None:
        """Enter LIVE rooms; stay in some."""
        if not block.offers.online[self.row - block.start] or not len(today.flows.rooms):
            return
        numbers = today.flows.ready["visiting"]
        chance = self.units(today.key(Stream.LIVE_VISIT))[0]
        stays: list[tuple[float, float]] = []
        for number in range(poisson(chance, numbers.rate * self.live_affinity, MOST_VISITS)):
            room, called = self.pick_room(numbers, today, number)
            if room != NOTHING:
                self.enter(numbers, today, block, number, room, called, stays)

    def pick_room(self, numbers: Numbers, today: Today, number: int) -> tuple[int, bool]:
        """Return the room of a visit, or NOTHING, and whether a notification led there."""
        guide, rooms, key = today.flows.ready["guide"], today.flows.rooms, today.key(Stream.LIVE_PICK)
        a, b, c, d = self.units(today.key(Stream.LIVE_VISIT), pack(number, 0, 1))
        daypart = choose_daypart(a, b, self.daypart, self.awake, numbers.preferred)
        if c < numbers.notified:
            known = [guide.room_of[host.place] for host in self.known()]
            known = [room for room in known if room != NOTHING and rooms.daypart[room] == daypart]
            if known:
                return int(known[int(d * len(known))]), True
        category = self.category(d, numbers.rho, numbers.kappa)
        here = guide.trie.root[category * DAYPARTS + daypart]
        if here == NOTHING:
            here = guide.trie.root[today.state.n_categories * DAYPARTS + daypart]
        return int(descend(key, self.unique_id, number, 0, here, guide.trie.forks)), False

    def enter(
        self, numbers: Numbers, today: Today, block: Block, number: int, room: int, called: bool,
        stays: list[tuple[float, float]],
    ) -> None:  # fmt: skip
        """Enter a room, unless in another at the time; perhaps stay."""
        rooms, totals = today.flows.rooms, block.counts.totals
        host = self.people.hosts[rooms.host[room]]
        a, b, c, _ = self.units(today.key(Stream.LIVE_STAY), pack(number, 0, 0))
        skill = host.live_skill + today.levers.live_skill[host.place]
        match, minutes = self.match(rooms.category[room]), int(rooms.minutes[room])
        staying = a < stay_chance(skill, match, called, numbers.l0, numbers.l_k, numbers.l_m, numbers.l_f)
        minute = b * minutes
        length = min(-numbers.minutes * log(c), minutes - minute) if staying else 0.0
        begin = DAYPART_MINUTES * int(rooms.daypart[room]) + int(rooms.start[room]) + minute
        if any(begin <= end and begin + length >= start for start, end in stays):
            return
        block.counts.rooms.visits[room] += 1
        totals[[Total.VISITS, Total.NOTIFIED]] += (1, called)
        if staying:
            stays.append((begin, begin + length))
            self.stay(today, block, room, called, minute, length)

    def stay(self, today: Today, block: Block, room: int, called: bool, minute: float, length: float) -> None:
        """Be counted as present, and see the product of the basket that fits best today."""
        rooms, counts, key = today.flows.rooms, block.counts.rooms, today.key(Stream.LIVE_STAY)
        host, minutes, whole = self.people.hosts[rooms.host[room]], int(rooms.minutes[room]), int(length + 0.5)
        begin, end = int(minute * SECONDS + 0.5), int((minute + length) * SECONDS + 0.5)
        part = minutes * SECONDS // ROOM_SLICES
        for k in range(ROOM_SLICES):
            there = range(max(begin, k * part), min(end, (k + 1) * part))
            counts.seconds[room, k] += len(there)
        counts.stays[room] += 1
        counts.minutes[room] += whole
        block.counts.hosts.stays[host.place] += 1
        block.counts.totals[[Total.STAYS, Total.STAY_MINUTES]] += (1, whole)
        self.remember(block, host)
        best, product = -np.inf, NOTHING
        for p in rooms.basket[room]:
            if p != NOTHING:
                taste = gumbel(key, self.unique_id, TASTE | int(today.state.products.id[p]))
                if today.flows.appeal[p] + taste > best:
                    best, product = today.flows.appeal[p] + taste, p
        self.consider(today, block, product, host.place, room, Channel.LIVE, called)
