"""Ties of one user, on the follow graph; the formulas are in ``sim/mechanisms/ties.py``."""

from typing import TYPE_CHECKING

from sim.flows import Block, HostCounts, Total
from sim.mechanism import Today
from sim.mechanisms.ties import Ties, wear
from sim.plain.person import Person
from sim.rng import Stream
from sim.state import FOLLOW_SLOTS
from sim.tables import NOTHING

if TYPE_CHECKING:
    from sim.plain.host import Host


class Following(Person):
    """Edges of the graph that begin here; each has a ``slot``, and the day of the last engagement."""

    def mind_ties(self, rules: Ties, today: Today, block: Block) -> None:
        """Follow some of those engaged with today; cease to follow the neglected, and who disappointed."""
        row, counts, totals = self.row - block.start, block.counts.hosts, block.counts.totals
        not_yet: dict[int, float] = {}
        for place in block.offers.engaged[row, : block.offers.n_engaged[row]]:
            host = self.people.hosts[place]
            not_yet[place] = not_yet.get(place, 1.0) * (1.0 - rules.p_follow)
            chance = self.units(today.key(Stream.FOLLOW), host.identity)[0]
            if self.people.graph.has_edge(self, host):
                self.people.graph.edges[self, host]["engaged_on"] = today.counter
            elif chance < 1.0 - not_yet[place]:
                self.follow(host, today, counts)
                totals[Total.FOLLOWS] += 1
        disappointing = self.people.seller(self.last_seller) if self.satisfaction < 0.5 else None
        followed = self.followed()
        for host in reversed(followed):
            idle = today.counter - self.people.graph.edges[self, host]["engaged_on"]
            chance = wear(idle, rules.neglect, rules.patience)
            chance += rules.disappointment if host is disappointing else 0.0
            if self.units(today.key(Stream.UNFOLLOW), host.identity)[0] < chance:
                self.unfollow(host)
                counts.lost[host.place] += 1
                totals[Total.UNFOLLOWS] += 1
        if followed:
            self._write_slots()

    def follow(self, host: "Host", today: Today, counts: HostCounts) -> None:
        """Begin to follow a host, in place of the one least recently engaged with if all slots are taken."""
        edges, followed = self.people.graph.edges, self.followed()
        slot = len(followed)
        if slot == FOLLOW_SLOTS:
            forgotten = min(followed, key=lambda h: edges[self, h]["engaged_on"])
            slot = edges[self, forgotten]["slot"]
            self.people.graph.remove_edge(self, forgotten)
            counts.lost[forgotten.place] += 1
        self.people.graph.add_edge(self, host, slot=slot, engaged_on=today.counter)
        counts.gained[host.place] += 1

    def unfollow(self, host: "Host") -> None:
        """Cease to follow a host; the last slot moves up."""
        edges, last = self.people.graph.edges, self.followed()[-1]
        edges[self, last]["slot"] = edges[self, host]["slot"]
        self.people.graph.remove_edge(self, host)

    def followed(self) -> "list[Host]":
        """Return the hosts followed, in the order of their slots."""
        ties = self.people.graph.out_edges(self, data="slot")
        return [host for _, host, _ in sorted(ties, key=lambda tie: tie[2])]

    def _write_slots(self) -> None:
        """Write the edges into the columns that everybody else reads."""
        followed, edges = self.followed(), self.people.graph.edges
        free = FOLLOW_SLOTS - len(followed)
        self.n_follows = len(followed)
        self.follows = [host.place for host in followed] + [NOTHING] * free
        self.engaged_on = [edges[self, host]["engaged_on"] for host in followed] + [0] * free

    def known(self) -> "list[Host]":
        """Return the hosts followed, and the last seller."""
        last = self.people.seller(self.last_seller)
        return self.followed() + ([last] if last is not None else [])
