"""Live: visits to LIVE rooms.

    visits_u ~ Poisson(visits . affinity_u . R / (R + R0)),   R = rooms per thousand online users
    P(stay)  = logistic(l0 + l_k live_skill_h + l_m match + l_f follows)
    minutes  = exponential with mean m, cut at the end of the room

The rate saturates in the rooms on offer: rooms are no zero-sum game, and without rooms there are no
visits. A visit falls into a daypart in which the user is awake, the preferred one most often; a
notification leads to the room of a followed host (or of the last seller) if there is one, else a
room is drawn by its pull within a category of interest. Most visitors leave within seconds; who
stays is there from a minute within the session, and one visit at a time: a visit that would overlap
an earlier stay of the day does not take place. Staying puts the best-fitting product of the basket
on the list of offers, at the flash price.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from sim.flows import Block, Total
from sim.mathematics import log, logistic
from sim.mechanism import Mechanism, Phase, Today
from sim.offers import category_at, engage, is_followed, match_of, offer
from sim.params import param
from sim.rng import Stream, gumbel, of, pack, poisson, uniform, unit, words
from sim.sampler import Trie, descend, fill_marks, make_trie
from sim.state import DAYPART_MINUTES, DAYPARTS, ROOM_SLICES, Channel
from sim.tables import NOTHING, Column

_LIVE = int(Channel.LIVE)
_MOST_VISITS = 16


class Guide(NamedTuple):
    """What every visit of today reads."""

    trie: Trie  # groups are category x daypart
    room_of: Column  # (n_hosts,) room of today, or NOTHING
    rooms: tuple  # the rooms table's arrays  # type: ignore[type-arg]
    popular: Column  # (n_categories,) running shares of categories
    live_skill: Column  # (n_hosts,) levers included
    appeal: Column  # (n_products,)
    product_id: Column  # (n_products,)
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

    visits: float = param(0.8, "Visits per online day where there are rooms enough", unit="1/day", low=0, high=20, source="prototype; H8: 8.6")
    half: float = param(2.0, "Rooms per thousand online users at which half of these visits take place", unit="1/1000 users", low=0.001, high=1e4)
    preferred: float = param(0.6, "Visits in the preferred daypart", low=0, high=1, source="prototype")
    notified: float = param(0.5, "Visits that a notification leads to, if a followed host is LIVE", low=0, high=1, source="prototype")
    rho: float = param(0.75, "Attention on the two interests", low=0, high=1, source="prototype")
    l0: float = param(-1.8, "Staying", unit="logit", low=-8, high=4, source="prototype")
    l_k: float = param(0.4, "Staying, by LIVE skill", unit="logit/sd", low=0, high=3, source="prototype")
    l_m: float = param(0.5, "Staying, by match of interest", unit="logit", low=0, high=5, source="prototype")
    l_f: float = param(0.5, "Staying, if followed", unit="logit", low=0, high=5, source="prototype")
    minutes: float = param(9.0, "Mean stay of those who stay", unit="min", low=0.1, high=360, source="H8: mean session 514 s")

    def prepare(self, today: Today) -> None:
        """Build the guide of today's rooms."""
        state, rooms = today.state, today.flows.rooms
        marks = np.zeros(len(rooms), np.uint32)
        fill_marks(state.host_identity[rooms.host], marks)
        group = rooms.category.astype(np.int64) * DAYPARTS + rooms.daypart
        n_groups = state.n_categories * DAYPARTS
        room_of = np.full(len(state.hosts), NOTHING, np.int32)
        room_of[rooms.host] = np.arange(len(rooms))
        today.flows.ready["guide"] = Guide(
            trie=make_trie(group, marks, rooms.pull, np.arange(len(rooms)), n_groups),
            room_of=room_of,
            rooms=rooms.arrays,
            popular=state.popularity,
            live_skill=state.hosts.live_skill + today.levers.live_skill,
            appeal=today.flows.appeal,
            product_id=state.products.id,
            n_creators=len(state.creators),
        )
        today.flows.ready["visiting"] = self.numbers(today)

    def numbers(self, today: Today) -> Numbers:
        """Return the numbers of the kernel; the rate of visits hangs on today's rooms."""
        online = max(1.0, 0.57 * len(today.state.users))
        rooms = 1000.0 * len(today.flows.rooms) / online
        return Numbers(
            rate=self.visits * rooms / (rooms + self.half),
            preferred=self.preferred,
            notified=self.notified,
            rho=self.rho,
            kappa=today.levers.kappa,
            l0=self.l0,
            l_k=self.l_k,
            l_m=self.l_m,
            l_f=self.l_f,
            minutes=self.minutes,
        )

    def act(self, today: Today, block: Block) -> None:
        if not len(today.flows.rooms):
            return
        visit_rooms(
            today.key(Stream.LIVE_VISIT), block.start, today.state.users.arrays, today.flows.ready["guide"],
            today.flows.ready["visiting"], block.offers.arrays, block.counts.hosts.stays,
            block.counts.rooms.arrays, block.counts.totals,
        )  # fmt: skip


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
def notified_room(u, users, user, guide, daypart):
    """Return a room of this daypart whose host the user follows or last bought from, or NOTHING."""
    n = 0
    for k in range(users.n_follows[user] + 1):
        n += _room_at(k, users, user, guide, daypart) != NOTHING
    at = int(u * n)
    for k in range(users.n_follows[user] + 1):
        r = _room_at(k, users, user, guide, daypart)
        if r != NOTHING:
            if at == 0:
                return r
            at -= 1
    return np.int64(NOTHING)


@njit(cache=True)
def _room_at(k, users, user, guide, daypart):
    """Return the room of the k-th followed host, the last seller counting as one more, or NOTHING."""
    if k < users.n_follows[user]:
        host = users.follows[user, k]
    elif users.last_seller[user] != NOTHING:
        host = guide.n_creators + users.last_seller[user]
    else:
        return np.int64(NOTHING)
    r = np.int64(guide.room_of[host])
    return r if r != NOTHING and guide.rooms.daypart[r] == daypart else np.int64(NOTHING)


@njit(cache=True)
def best_product(key, i, match, room, rooms, appeal, product_id):
    """Return the product of the basket that fits the user best today, or NOTHING."""
    best, chosen = -np.inf, NOTHING
    for k in range(rooms.basket.shape[1]):
        p = rooms.basket[room, k]
        if p != NOTHING:
            value = appeal[p] + gumbel(key, i, product_id[p])
            if value > best:
                best, chosen = value, p
    return chosen


@njit(cache=True, nogil=True)
def visit_rooms(key, start, users, guide, numbers, offers, host_stays, rooms, totals):
    """Let each online user of the block visit rooms; count in ``host_stays``, ``rooms`` and ``totals``."""
    pick_key, stay_key = of(key, Stream.LIVE_PICK.value), of(key, Stream.LIVE_STAY.value)
    busy_from, busy_to = np.empty(_MOST_VISITS), np.empty(_MOST_VISITS)
    for row in range(offers.count.shape[0]):
        if not offers.online[row]:
            continue
        u = start + row
        i = users.id[u]
        n_busy = 0
        for visit in range(poisson(uniform(key, i, 0), numbers.rate * users.live_affinity[u], _MOST_VISITS)):
            r, called, follows = choose_room(key, pick_key, i, u, visit, users, guide, numbers)
            if r == NOTHING:
                continue
            a, b, c, _ = words(stay_key, i, pack(visit, 0, 0))
            h = guide.rooms.host[r]
            match = match_of(users.interest[u], users.interest_2[u], guide.rooms.category[r])
            stays = unit(a) < stay_chance(guide.live_skill[h], match, follows, numbers)
            minute = unit(b) * guide.rooms.minutes[r]
            length = min(-numbers.minutes * log(unit(c)), guide.rooms.minutes[r] - minute) if stays else 0.0
            begin = DAYPART_MINUTES * guide.rooms.daypart[r] + guide.rooms.start[r] + minute
            if overlaps(begin, begin + length, busy_from, busy_to, n_busy):
                continue
            rooms.visits[r] += 1
            totals[Total.VISITS.value] += 1
            totals[Total.NOTIFIED.value] += called
            if stays:
                busy_from[n_busy], busy_to[n_busy] = begin, begin + length
                n_busy += 1
                stay(r, minute, length, guide.rooms.minutes[r], rooms, totals)
                host_stays[h] += 1
                engage(offers, row, h)
                p = best_product(stay_key, i, match, r, guide.rooms, guide.appeal, guide.product_id)
                if p != NOTHING:
                    offer(key, i, guide.product_id[p], offers, row, p, h, r, _LIVE, follows)


@njit(cache=True)
def choose_room(key, pick_key, i, u, visit, users, guide, numbers):
    """Return the room of one visit (or NOTHING), whether a notification led there, and whether its host is followed."""
    a, b, c, d = words(key, i, pack(visit, 0, 1))
    daypart = choose_daypart(unit(a), unit(b), users.daypart[u], users.awake[u], numbers.preferred)
    if unit(c) < numbers.notified:
        r = notified_room(unit(d), users, u, guide, daypart)
        if r != NOTHING:
            return r, True, is_followed(users, u, guide.rooms.host[r])
    g = category_at(unit(d), users, u, numbers.rho, numbers.kappa, guide.popular)
    r = np.int64(descend(pick_key, i, visit, 0, guide.trie, g * DAYPARTS + daypart))
    return r, False, r != NOTHING and is_followed(users, u, guide.rooms.host[r])


@njit(cache=True)
def stay_chance(live_skill, match, follows, numbers):
    """Return the chance that a visitor stays."""
    return logistic(numbers.l0 + numbers.l_k * live_skill + numbers.l_m * match + numbers.l_f * follows)


@njit(cache=True)
def overlaps(begin, end, busy_from, busy_to, n_busy):
    """Tell whether [begin, end] meets one of the first ``n_busy`` intervals."""
    for k in range(n_busy):
        if begin <= busy_to[k] and end >= busy_from[k]:
            return True
    return False


@njit(cache=True)
def stay(r, minute, length, minutes, rooms, totals):
    """Count one stay: its minutes, and its presence in every slice of the session that it touches."""
    whole = int(length + 0.5)
    rooms.stays[r] += 1
    rooms.minutes[r] += whole
    totals[Total.STAYS.value] += 1
    totals[Total.STAY_MINUTES.value] += whole
    first = int(minute / minutes * ROOM_SLICES)
    last = int(min((minute + length) / minutes * ROOM_SLICES, ROOM_SLICES - 1.0))
    for slice_ in range(first, last + 1):
        rooms.viewers[r, slice_] += 1
