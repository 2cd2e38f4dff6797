"""What creators and sellers share: they join, post, open rooms, and learn from who watched."""

from typing import Any

from sim.mechanism import Today
from sim.mechanisms.discovery import Discovery, weight
from sim.mechanisms.entry import hazard
from sim.mechanisms.learning import Learning
from sim.mechanisms.rooms import Rooms, pull_of
from sim.mechanisms.supply import Supply
from sim.rng import Stream, unit, words
from sim.state import DAYPART_MINUTES
from sim.state import Rooms as RoomTable
from sim.tables import NEVER, NOTHING
from sim.views import View


class Host(View):
    """Whoever shows products."""

    people: Any = None  # everybody else, and the graph; given when the market begins
    is_seller = False

    @property
    def place(self) -> int:
        """The row among all hosts: creators, then sellers."""
        raise NotImplementedError

    @property
    def identity(self) -> int:
        """What keys draws about this host."""
        return int(self.model.state.host_identity[self.place])

    def in_business(self, day: int) -> bool:
        """Tell whether this one is in business on a counter day."""
        return bool(self.joined <= day < self.left)

    def feel_urge(self, p: float, q: float, share: float, income: float | None, today: Today) -> bool:
        """Cumulate the urge to join, given the ``income`` to expect, if anybody has one; return if this is the day."""
        if self.joined != NEVER:
            return False
        ratio = 1.0 if income is None else income / max(self.reservation, 1.0)
        self.urge = self.urge + hazard(p, q, share, ratio) * today.levers.attraction[self.place]
        if self.urge < self.threshold:
            return False
        self.joined = today.counter
        return True

    def post(self, rules: Supply, today: Today) -> None:
        """Post by effort; what earlier posts draw grows old."""
        here = self.in_business(today.counter)
        posts = self.effort * today.levers.effort[self.place] if here else 0.0
        today.flows.posts[self.place] = posts
        today.flows.fresh[self.place] = rules.first_day * posts + self.backlog if here else 0.0
        later = (1.0 - rules.first_day) * (1.0 - rules.keep) / rules.keep
        self.backlog = rules.keep * (self.backlog + later * posts) if here else 0.0

    def feed_weight(self, rules: Discovery, today: Today) -> float:
        """Return the weight in the feed."""
        flows, levers = today.flows, today.levers
        if flows.fresh[self.place] <= 0.0:
            return 0.0
        shown = [levers.product_exposure[p] for p in flows.showcase[self.place] if p != NOTHING]
        mean = sum(shown) / len(shown) if shown else 1.0
        skill = self.skill + levers.skill[self.place]
        numbers = rules.gamma, rules.momentum_max, rules.a_s
        w = weight(flows.fresh[self.place], self.momentum, self.charm, skill, *numbers)
        return float(w * levers.exposure[self.place] * mean)

    def goes_live(self, today: Today) -> bool:
        """Tell whether there will be a room today."""
        if not self.in_business(today.counter) or today.flows.showcase[self.place, 0] == NOTHING:
            return False
        chance = self.live_chance + today.levers.live_chance[self.place]
        return bool(chance > 0.0 and self._schedule(today)[0] < chance)

    def open_room(self, rules: Rooms, today: Today, rooms: RoomTable, r: int, shown_in: dict[int, int]) -> None:
        """Furnish room ``r``: when, how long, how attractive, what is in the basket, and what is set aside."""
        _, start, discount, _ = self._schedule(today)
        rooms.host[r], rooms.category[r], rooms.daypart[r] = self.place, self.category, self.daypart
        rooms.minutes[r], rooms.start[r] = self.live_minutes, int(start * (DAYPART_MINUTES - self.live_minutes))
        skill = self.live_skill + today.levers.live_skill[self.place]
        numbers = rules.a_l, rules.gamma_l, rules.momentum_max
        pull = pull_of(self.live_minutes, skill, self.live_momentum, *numbers)
        rooms.pull[r] = today.levers.room_pull[self.place] * pull
        rooms.discount[r] = rules.flash * discount
        for k, p in enumerate(today.flows.showcase[self.place]):
            rooms.basket[r, k] = p
            aside = int(rules.aside * self.people.products[p].stock / shown_in[p]) if p != NOTHING else 0
            rooms.aside[r, k] = aside

    def _schedule(self, today: Today) -> list[float]:
        return [unit(word) for word in words(today.key(Stream.ROOM_SCHEDULE), self.identity, 0)]

    def grow(self, rules: Learning, today: Today) -> None:
        """Let momentum and skill move by what happened today."""
        counts, posts, rho = today.flows.counts.hosts, today.flows.posts[self.place], rules.rho_m
        self.momentum = rho * self.momentum + (1.0 - rho) * counts.engaged[self.place]
        self.live_momentum = rho * self.live_momentum + (1.0 - rho) * counts.stays[self.place]
        self.skill = self.skill + rules.learn * max(0.0, rules.ceiling - self.skill) * posts / (1.0 + posts)
        self.followers = self.followers + int(counts.gained[self.place]) - int(counts.lost[self.place])

    def is_own_weekday(self, today: Today) -> bool:
        """Tell whether today is the day of the week on which this one thinks things over."""
        return bool((today.counter + self.unique_id) % 7 == 0)
