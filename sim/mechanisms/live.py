"""Live: visits to LIVE rooms.

    visits_u ~ Poisson(visits . affinity_u . R / (R + R0)),   R = rooms per thousand online users
    P(stay)  = logistic(l0 + l_k live_skill_h + l_m match + l_f called)
    minutes  = exponential with mean m, cut at the end of the room

The affinity is log-normal and 1 for the median user, so that users make more visits than ``visits`` says on
average: about exp(.8^2 / 2) = 1.4 times as many where its spread is .8. The rate saturates in the rooms on
offer: rooms are no zero-sum game, and without rooms there are no visits. A visit falls into a daypart in
which the user is awake, the preferred one most often; a notification calls to the room of a followed host (or
of the last seller) if there is one, else a room is drawn by its pull within a category of interest, or, if that
has none, within all. Most visitors leave within seconds; who stays is there from a minute within the session,
and one visit at a time: a visit that would overlap an earlier stay of the day does not take place. Staying puts
the best-fitting product of the basket on the list of offers, at the flash price.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from sim.flows import FIXED, Block, Total
from sim.layout import draw_numbered, draw_rows, lay_out
from sim.mathematics import log, logistic
from sim.mechanism import Mechanism, Phase, Today
from sim.offers import attention, category_at, engage, match_of, put, viewers_of
from sim.params import param
from sim.rng import Stream, pack, poisson, unit
from sim.state import DAYPART_MINUTES, DAYPARTS, FOLLOW_SLOTS, Channel
from sim.stays import choose_products, count_stay, overlaps
from sim.tables import NOTHING, Column
from sim.trie import Trie, descend_together, fill_marks, make_trie

_LIVE = int(Channel.LIVE)
MOST_VISITS = 16
_VISITS, _NOTIFIED, _STAYS = int(Total.VISITS), int(Total.NOTIFIED), int(Total.STAYS)
_STAY_MINUTES = int(Total.STAY_MINUTES)


class Guide(NamedTuple):
    """What every visit of today reads."""

    trie: Trie  # groups are category x daypart, then all categories x daypart
    room_of: Column  # (n_hosts,) room of today, or NOTHING
    rooms: tuple[Column, ...]  # the rooms table's arrays
    popular: Column  # (n_categories,) running shares of categories
    live_skill: Column  # (n_hosts,) levers included
    n_creators: int


class Numbers(NamedTuple):
    """The parameters that the kernel reads."""

    rate: float
    preferred: float
    notified: float
    rho: float
    kappa: float
    l0: float
    l_k: float
    l_m: float
    l_f: float
    minutes: float


class Live(Mechanism):
    """Let online users visit LIVE rooms."""

    phase = Phase.USERS
    says = "users enter LIVE rooms, few stay; those who stay get an offer"

    visits: float = param(
        0.8, f"Visits per online day of the median user, where there are rooms enough; nobody makes over {MOST_VISITS}",
        unit="1/day", low=0, high=MOST_VISITS, source="prototype; H8: 8.6",
    )  # fmt: skip
    half: float = param(
        2.0, "Rooms per thousand online users at which half of these visits take place", unit="1/1000 users",
        low=0.001, high=1e4,
    )  # fmt: skip
    preferred: float = param(0.6, "Visits in the preferred daypart", low=0, high=1, source="prototype")
    notified: float = param(
        0.5, "Visits that a notification leads to, if a followed host is LIVE", low=0, high=1, source="prototype"
    )
    kappa: float = param(1.0, "Precision with which rooms are recommended", low=0, high=5)
    rho: float = param(0.75, "Attention on the two interests", low=0, high=1, source="prototype")
    l0: float = param(-1.8, "Staying", unit="logit", low=-8, high=4, source="prototype")
    l_k: float = param(0.4, "Staying, by LIVE skill", unit="logit/sd", low=0, high=3, source="prototype")
    l_m: float = param(0.5, "Staying, by match of interest", unit="logit", low=0, high=5, source="prototype")
    l_f: float = param(0.5, "Staying, when called", unit="logit", low=0, high=5, source="prototype")
    minutes: float = param(9.0, "Mean stay of those who stay", unit="min", low=0.1, high=360, source="H8: 514 s")

    def prepare(self, today: Today) -> None:
        """Build the guide of today's rooms."""
        state, rooms = today.state, today.flows.rooms
        marks = np.zeros(len(rooms), np.uint32)
        fill_marks(state.host_identity[rooms.host], marks)
        everywhere = state.n_categories * DAYPARTS
        group = np.append(rooms.category.astype(np.int64) * DAYPARTS, np.full(len(rooms), everywhere))
        twice = np.tile(np.arange(len(rooms)), 2)
        room_of = np.full(len(state.hosts), NOTHING, np.int32)
        room_of[rooms.host] = np.arange(len(rooms))
        today.flows.ready["guide"] = Guide(
            trie=make_trie(group + rooms.daypart[twice], marks[twice], rooms.pull[twice], twice, everywhere + DAYPARTS),
            room_of=room_of,
            rooms=rooms.arrays,
            popular=state.popularity,
            live_skill=state.hosts.live_skill + today.levers.live_skill,
            n_creators=len(state.creators),
        )
        today.flows.ready["visiting"] = self.numbers(today)

    def numbers(self, today: Today) -> Numbers:
        """Return the numbers of the kernel; the rate of visits hangs on today's rooms."""
        expected = (today.state.users.online.astype(np.float64) * FIXED).astype(np.int64).sum() / FIXED
        online = max(1.0, float(expected))
        rooms = 1000.0 * len(today.flows.rooms) / online
        return Numbers(
            rate=self.visits * rooms / (rooms + self.half),
            preferred=self.preferred,
            notified=self.notified,
            rho=self.rho,
            kappa=self.kappa * today.levers.kappa,
            l0=self.l0,
            l_k=self.l_k,
            l_m=self.l_m,
            l_f=self.l_f,
            minutes=self.minutes,
        )

    def act(self, today: Today, block: Block) -> None:
        if not len(today.flows.rooms):
            return
        guide, numbers = today.flows.ready["guide"], today.flows.ready["visiting"]
        table, users, start = today.state.users, viewers_of(today.state.users), block.start
        keys = today.key(Stream.LIVE_VISIT), today.key(Stream.LIVE_PICK), today.key(Stream.LIVE_STAY)
        begin = go_visiting(keys[0], start, table.id, table.live_affinity, numbers.rate, block.offers.online)
        visits, offers = lay_out(start, table.id, begin), block.offers.arrays
        shown = choose_rooms(keys, start, users, (table.daypart, table.awake), visits, guide, numbers)
        counts = block.counts.hosts.stays, block.counts.rooms.arrays
        stays = visit_rooms(keys[2], start, users, visits, shown, guide, numbers, offers, counts, block.counts.totals)
        ids = today.state.products.id
        chosen = choose_products(keys[2], visits, shown[0], stays, guide.rooms, today.flows.appeal, ids)
        put(today.key(Stream.OFFER_PRIORITY), chosen, ids, _LIVE, offers)


@njit(cache=True)
def choose_daypart(u, v, preferred, awake, share):
    """Return the daypart of a visit: the preferred one, or one of the others awake, with equal chances."""
    if u < share:
        return np.int64(preferred)
    others = 0
    for d in range(DAYPARTS):
        others += d != preferred and (awake >> d) & 1
    at = int(v * others)
    for d in range(DAYPARTS):
        if d != preferred and (awake >> d) & 1:
            if at == 0:
                return np.int64(d)
            at -= 1
    return np.int64(preferred)


@njit(cache=True)
def rooms_known(u, daypart, users, n_creators, room_of, room_daypart, known):
    """Write the rooms of this daypart whose hosts user row ``u`` knows into ``known``; return how many."""
    n = 0
    for k in range(users.n_follows[u] + 1):
        h = users.follows[u, k] if k < users.n_follows[u] else n_creators + users.last_seller[u]
        if k == users.n_follows[u] and users.last_seller[u] == NOTHING:
            break
        r = room_of[h]
        if r != NOTHING and room_daypart[r] == daypart:
            known[n] = r
            n += 1
    return n


@njit(cache=True, nogil=True)
def go_visiting(key, start, ids, affinity, rate, online):
    """Return where the visits of each row of the block begin, (n_rows + 1,)."""
    n = online.shape[0]
    chance = draw_rows(key, start, ids, n)[0]
    begin = np.zeros(n + 1, np.int64)
    for row in range(n):
        visits = poisson(unit(chance[row]), rate * affinity[start + row], MOST_VISITS) if online[row] else 0
        begin[row + 1] = begin[row] + visits
    return begin


@njit(cache=True, nogil=True)
def choose_rooms(keys, start, users, hours, visits, guide, numbers):
    """Return the room of each visit (n_visits,), or NOTHING, and whether a notification led there."""
    row_of, user, number = visits
    preferred, awake = hours
    n = row_of.shape[0]
    a, b, c, d = draw_numbered(keys[0], user, number, 1)
    room, called = np.full(n, NOTHING, np.int32), np.zeros(n, np.bool_)
    interest, interest_2, share, popular = users.interest, users.interest_2, users.interest_share, guide.popular
    room_of, room_daypart, root = guide.room_of, guide.rooms.daypart, guide.trie.root
    who, other = np.empty(n, np.uint32), np.empty(n, np.uint32)
    place, node, left = np.empty(n, np.uint32), np.empty(n, np.int32), 0
    everywhere = root.shape[0] - DAYPARTS
    rho, kappa, known = numbers.rho, numbers.kappa, np.empty(FOLLOW_SLOTS + 1, np.int32)
    for i in range(n):
        u = start + row_of[i]
        daypart = choose_daypart(unit(a[i]), unit(b[i]), preferred[u], awake[u], numbers.preferred)
        if unit(c[i]) < numbers.notified:
            n_known = rooms_known(u, daypart, users, guide.n_creators, room_of, room_daypart, known)
            called[i] = n_known > 0
            room[i] = known[int(unit(d[i]) * n_known)]
        if not called[i]:
            first, both = attention(share[u], rho, kappa)
            g = category_at(unit(d[i]), first, both, interest[u], interest_2[u], popular)
            there = root[g * DAYPARTS + daypart]
            place[left], node[left] = i, there if there != NOTHING else root[everywhere + daypart]
            who[left], other[left] = user[i], pack(number[i], 0, 0)
            left += 1
    descend_together(keys[1], who, other, node, place, left, guide.trie.forks, room)
    return room, called


@njit(cache=True)
def stay_chance(live_skill, match, called, l0, l_k, l_m, l_f):
    """Return the chance that a visitor stays."""
    return logistic(l0 + l_k * live_skill + l_m * match + l_f * called)


@njit(cache=True, nogil=True)
def visit_rooms(key, start, users, visits, shown, guide, numbers, offers, counts, totals):
    """Let each visit take place, and some visitors stay; count in ``counts`` (of hosts and of rooms) and ``totals``.

    Return which visits are stays, and whether a notification led there: two (n_stays,) arrays.
    """
    row_of, user, number = visits
    room, called = shown
    n, rooms, live_skill, at_rooms = row_of.shape[0], guide.rooms, guide.live_skill, counts[1]
    a, b, c, _ = draw_numbered(key, user, number, 0)
    interest, interest_2 = users.interest, users.interest_2
    busy_from, busy_to, n_busy, last = np.empty(MOST_VISITS), np.empty(MOST_VISITS), 0, -1
    stayed, n_stays = np.empty(n, np.int32), 0
    for i in range(n):
        if row_of[i] != last:
            last, n_busy = row_of[i], 0
        r, row, u = room[i], row_of[i], start + row_of[i]
        if r == NOTHING:
            continue
        h = rooms.host[r]
        match = match_of(interest[u], interest_2[u], rooms.category[r])
        chance = stay_chance(live_skill[h], match, called[i], numbers.l0, numbers.l_k, numbers.l_m, numbers.l_f)
        stays, minute = unit(a[i]) < chance, unit(b[i]) * rooms.minutes[r]
        length = min(-numbers.minutes * log(unit(c[i])), rooms.minutes[r] - minute) if stays else 0.0
        begin = DAYPART_MINUTES * rooms.daypart[r] + rooms.start[r] + minute
        if overlaps(begin, begin + length, busy_from, busy_to, n_busy):
            continue
        at_rooms.visits[r] += 1
        totals[_VISITS] += 1
        totals[_NOTIFIED] += called[i]
        if not stays:
            continue
        busy_from[n_busy], busy_to[n_busy] = begin, begin + length
        n_busy += 1
        totals[_STAY_MINUTES] += count_stay(r, minute, length, rooms.minutes[r], at_rooms)
        counts[0][h] += 1
        engage(offers.n_engaged, offers.engaged, row, h)
        stayed[n_stays] = i
        n_stays += 1
    totals[_STAYS] += n_stays
    return stayed[:n_stays], called[stayed[:n_stays]]
