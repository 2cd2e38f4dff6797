"""Plain Python twins of the users' phase: one user at a time, from the formulas at the top of each mechanism."""

import math
from fractions import Fraction

from sim.mathematics import exp, log
from sim.mechanisms.discovery import weight
from sim.mechanisms.live import stay_chance
from sim.mechanisms.purchase import utility
from sim.mechanisms.search import rank_weight
from sim.mechanisms.ties import wear
from sim.offers import attention, match_of
from sim.rng import Stream
from tests.twins.chance import Dice, pack, pick, poisson, unit
from tests.twins.sampling import NOTHING, Sampler, descend

VIDEO, LIVE, SEARCH = 0, 1, 2


class Offers:
    """What one user may buy today: the latest showing of each product, those of highest priority if there are many."""

    def __init__(self, today, user):
        self.dice, self.user = Dice(today.seed, today.counter, Stream.OFFER_PRIORITY), user
        self.ids = today.state.products.id
        self.shown, self.engaged = {}, []

    def add(self, product, host, room, channel, tied):
        self.shown[int(product)] = (int(host), int(room), channel, bool(tied))

    def priority(self, product):
        return self.dice.words(self.user, self.ids[product])[0]

    def kept(self):
        best = sorted(self.shown, key=self.priority, reverse=True)[:8]
        return {p: self.shown[p] for p in best}

    def remembered(self):
        return self.engaged if len(self.engaged) <= 16 else [*self.engaged[:15], self.engaged[-1]]


def follows_of(users, u):
    return [int(h) for h in users.follows[u, : users.n_follows[u]]]


def jump(word, n):
    """Return one of ``n`` places by the jump consistent hash of Lamping and Veach (2014)."""
    state, place, following = word, -1, 0
    while following < n:
        place = following
        state = (state * 2862933555777941757 + 1) % 2**64
        following = int((place + 1) * (2**31 / ((state >> 33) + 1)))
    return place


def category_of(users, u, v, rho, kappa, popularity):
    """Return the category at quantile ``v`` of a user's attention."""
    first, both = attention(float(users.interest_share[u]), rho, kappa)
    if v < first:
        return int(users.interest[u])
    return int(users.interest_2[u]) if v < both else pick((v - both) / (1.0 - both), popularity)


def host_weights(discovery, today):
    """Return the weight of every host in the feed."""
    hosts, out = today.state.hosts, []
    for h in range(len(hosts)):
        shown = [today.levers.product_exposure[p] for p in today.flows.showcase[h] if p != NOTHING]
        mean = sum(shown) / len(shown) if shown else 1.0
        w = 0.0
        if today.flows.fresh[h] > 0:
            skill = float(hosts.skill[h]) + today.levers.skill[h]
            numbers = (discovery.gamma, discovery.momentum_max, discovery.a_s)
            w = weight(today.flows.fresh[h], hosts.momentum[h], hosts.charm[h], skill, *numbers)
        out.append(w * today.levers.exposure[h] * mean)
    return out


class Feed:
    """The feed of short videos."""

    def __init__(self, discovery, today, expected):
        self.m, self.today = discovery, today
        state = today.state
        sampler = Sampler(state.hosts.category, expected, state.host_identity, state.n_categories, 3.0)
        self.sampler = sampler.weigh(host_weights(discovery, today))
        self.dice = Dice(today.seed, today.counter, Stream.FEED)
        self.picks = Dice(today.seed, today.counter, Stream.FEED_PICK)

    def slots(self, u):
        users = self.today.state.users
        a, b, _, _ = Dice(self.today.seed, self.today.counter, Stream.ONLINE).units(users.id[u])
        online = a < float(users.online[u])
        return online, int(float(users.activity[u]) + b) if online else 0

    def host(self, u, slot):
        """Return the host shown in one slot, or NOTHING, and how it was chosen."""
        users, posts = self.today.state.users, self.today.flows.fresh
        branch, b, _, _ = self.dice.units(users.id[u], pack(slot))
        followed = follows_of(users, u)
        if branch < self.m.phi and followed:
            h = followed[jump(self.dice.words(users.id[u], pack(slot))[1], len(followed))]
            if posts[h] > 0:
                return h, "following"
        if branch >= 1.0 - self.m.epsilon:
            return self.explore(users.id[u], slot), "exploring"
        g = category_of(users, u, b, self.m.rho, self.m.kappa, self.today.state.popularity)
        return self.sampler.draw(self.picks, users.id[u], slot, g)[0], "recommended"

    def explore(self, user, slot):
        n, posts = len(self.today.state.creators), self.today.flows.fresh
        for attempt in range(64):
            c = int(unit(self.picks.words(user, pack(slot, attempt, 63))[0]) * n)
            if posts[c] > 0:
                return c
        ids = {c: int(self.today.state.host_identity[c]) for c in range(n)}
        return descend(self.picks, user, slot, 64, {c: float(posts[c] > 0) for c in range(n)}, ids)

    def act(self, u, offers, hosts):
        """Let user row ``u`` watch; count views, engagements and clicks in ``hosts``; return whether online."""
        users, state = self.today.state.users, self.today.state
        online, slots = self.slots(u)
        for slot in range(slots):
            h, how = self.host(u, slot)
            if h == NOTHING:
                continue
            _, _, v, d = self.dice.units(users.id[u], pack(slot))
            odds = exp(self.m.b0 + self.m.b_k * (float(state.hosts.skill[h]) + self.today.levers.skill[h]))
            tied = how == "following"
            if tied:
                odds *= exp(self.m.b_f)
            match = match_of(users.interest[u], users.interest_2[u], state.hosts.category[h])
            odds *= exp(self.m.b_m * match) if match else 1.0
            hosts[h][0] += 1
            if v * (1.0 + odds * exp(self.m.b_e)) < odds * exp(self.m.b_e):
                hosts[h][1] += 1
                offers.engaged.append(h)
            if v * (1.0 + odds) < odds:
                hosts[h][2] += 1
                self.click(u, h, tied, d, offers)
        return online

    def click(self, u, h, tied, d, offers):
        users, products = self.today.state.users, self.today.state.products
        shown = [p for p in self.today.flows.showcase[h] if p != NOTHING]
        if not shown:
            return
        fits = [0.1 + match_of(users.interest[u], users.interest_2[u], products.category[p]) for p in shown]
        fits = [f * self.today.levers.product_exposure[p] for f, p in zip(fits, shown, strict=True)]
        left, at = d * sum(fits), 0
        while at < len(shown) - 1 and left >= fits[at]:
            left, at = left - fits[at], at + 1
        offers.add(shown[at], h, NOTHING, VIDEO, tied)


class Rooms:
    """Visits to LIVE rooms."""

    def __init__(self, live, today):
        self.m, self.today, self.rooms = live, today, today.flows.rooms
        seed, day = today.seed, today.counter
        self.visit, self.pick = Dice(seed, day, Stream.LIVE_VISIT), Dice(seed, day, Stream.LIVE_PICK)
        self.stay = Dice(seed, day, Stream.LIVE_STAY)
        per_thousand = (
            1000.0 * len(self.rooms) / max(1.0, sum(int(float(c) * 2**20) for c in today.state.users.online) / 2**20)
        )
        self.rate = live.visits * per_thousand / (per_thousand + live.half)

    def daypart(self, u, a, b):
        users = self.today.state.users
        if a < self.m.preferred:
            return int(users.daypart[u])
        others = [d for d in range(4) if d != users.daypart[u] and users.awake[u] >> d & 1]
        return others[int(b * len(others))] if others else int(users.daypart[u])

    def room(self, u, number):
        """Return the room of a visit, or NOTHING, and whether a notification led there."""
        users, rooms, state = self.today.state.users, self.rooms, self.today.state
        a, b, c, d = self.visit.units(users.id[u], pack(number, 0, 1))
        daypart = self.daypart(u, a, b)
        if c < self.m.notified:
            known = follows_of(users, u)
            if users.last_seller[u] != NOTHING:
                known.append(len(state.creators) + int(users.last_seller[u]))
            theirs = [r for h in known for r in range(len(rooms)) if rooms.host[r] == h and rooms.daypart[r] == daypart]
            if theirs:
                return theirs[int(d * len(theirs))], True
        g = category_of(users, u, d, self.m.rho, self.m.kappa * self.today.levers.kappa, state.popularity)
        open_ = [r for r in range(len(rooms)) if rooms.daypart[r] == daypart]
        there = [r for r in open_ if rooms.category[r] == g] or open_
        ids = {r: int(state.host_identity[rooms.host[r]]) for r in there}
        return descend(self.pick, users.id[u], number, 0, {r: float(rooms.pull[r]) for r in there}, ids), False

    def act(self, u, online, offers, hosts, counts):
        """Let user row ``u`` visit rooms; count (visits, stays, minutes, seconds) in ``counts``."""
        users, rooms = self.today.state.users, self.rooms
        n = 0
        if online and len(rooms):
            n = poisson(self.visit.units(users.id[u])[0], self.rate * float(users.live_affinity[u]), 16)
        busy = []
        for number in range(n):
            r, called = self.room(u, number)
            if r == NOTHING:
                continue
            h = int(rooms.host[r])
            a, b, c, _ = self.stay.units(users.id[u], pack(number))
            skill = float(self.today.state.hosts.live_skill[h]) + self.today.levers.live_skill[h]
            match = match_of(users.interest[u], users.interest_2[u], rooms.category[r])
            numbers = (self.m.l0, self.m.l_k, self.m.l_m, self.m.l_f)
            minutes, minute = int(rooms.minutes[r]), b * int(rooms.minutes[r])
            stays = a < stay_chance(skill, match, called, *numbers)
            length = min(-self.m.minutes * log(c), minutes - minute) if stays else 0.0
            begin = 360 * int(rooms.daypart[r]) + int(rooms.start[r]) + minute
            if any(begin <= end and begin + length >= start for start, end in busy):
                continue
            counts[r][0] += 1
            if not stays:
                continue
            busy.append((begin, begin + length))
            counts[r][1] += 1
            counts[r][2] += int(length + 0.5)
            for second in range(int(60 * minute + 0.5), int(60 * (minute + length) + 0.5)):
                counts[r][3 + second * 12 // (60 * minutes)] += 1
            hosts[h][3] += 1
            offers.engaged.append(h)
            self.show(u, r, h, called, offers)

    def show(self, u, r, h, called, offers):
        users, products = self.today.state.users, self.today.state.products
        value = {
            int(p): self.today.flows.appeal[p] + self.stay.gumbel(users.id[u], 1 << 31 | int(products.id[p]))
            for p in self.rooms.basket[r]
            if p != NOTHING
        }
        if value:
            offers.add(max(value, key=lambda p: value[p]), h, r, LIVE, called)


class Shelf:
    """Searches of the shelf."""

    def __init__(self, search, today, expected):
        self.m, self.today = search, today
        products, state = today.state.products, today.state
        self.active = state.active(today.counter)[len(state.creators) :]
        weights = []
        for p in range(len(products)):
            on_sale = products.stock[p] > 0 and self.active[products.seller[p]]
            seen = (products.sold[p], today.flows.perceived[p], products.fad[p])
            rank = rank_weight(*seen, search.gamma_shelf, search.s_max, search.c_q, search.c_f)
            weights.append(rank * today.levers.product_exposure[p] if on_sale else 0.0)
        self.sampler = Sampler(products.category, expected, products.id, state.n_categories, 4.0).weigh(weights)
        self.need = Dice(today.seed, today.counter, Stream.NEED)
        self.pick = Dice(today.seed, today.counter, Stream.SHELF_PICK)

    def act(self, u, online, offers):
        """Let user row ``u`` search, if there is a need; return whether there is."""
        users, sellers = self.today.state.users, self.today.state.sellers
        a, b, c, d = self.need.units(users.id[u])
        if not online or a >= self.m.need * float(users.need[u]):
            return False
        s, first = int(users.last_seller[u]), 0
        if s != NOTHING and self.active[s] and b < self.m.loyalty * float(users.satisfaction[u]):
            offers.add(sellers.first_product[s] + int(c * sellers.n_products[s]), NOTHING, NOTHING, SEARCH, False)
            first = 1
        g = category_of(users, u, d, self.m.rho, 1.0, self.today.state.popularity)
        for slot in range(first, self.m.shown):
            p, _ = self.sampler.draw(self.pick, users.id[u], slot, g)
            if p != NOTHING:
                offers.add(p, NOTHING, NOTHING, SEARCH, False)
        return True


class Choice:
    """One choice among all offers and not buying."""

    def __init__(self, purchase, today):
        self.m, self.today, self.tastes = purchase, today, purchase.tastes(today)
        self.taste = Dice(today.seed, today.counter, Stream.TASTE_TODAY)
        self.shared = Dice(today.seed, today.counter, Stream.CATEGORY_TODAY)

    def price(self, product, room):
        """Return the price asked [Rp]."""
        price = int(self.today.state.products.price[product])
        return price if room == NOTHING else int(price * (1.0 - float(self.today.flows.rooms.discount[room])))

    def subsidy(self, u, product, price):
        """Return what each voucher pays [Rp]."""
        shares = [
            round(Fraction(float(v.share[u])) * 10**6) * bool(v.products is None or v.products[product])
            for v in self.today.levers.vouchers
        ]
        cap, together = int(Fraction(str(self.m.voucher_cap)) * 10**6), sum(shares)
        if together > cap:
            shares = [share * cap // together for share in shares]
        return [price * share // 10**6 for share in shares]

    def value(self, u, product, shown):
        """Return the utility of one offer."""
        users, products, state = self.today.state.users, self.today.state.products, self.today.state
        host, room, channel, tied = shown
        price = self.price(product, room)
        paid = price - sum(self.subsidy(u, product, price))
        if paid + self.tastes.shipping_paid > users.wallet[u]:
            return -math.inf
        g = int(products.category[product])
        match = match_of(users.interest[u], users.interest_2[u], g)
        appeal, sensitivity = self.today.flows.appeal[product], users.price_sensitivity[u]
        total = utility(paid, products.reference[product], appeal, match, tied, self.tastes, sensitivity)
        levers = self.today.levers
        if channel == VIDEO:
            total += self.m.b_d * (float(state.hosts.skill[host]) + levers.skill[host])
        elif channel == LIVE:
            total += self.m.a_live + self.m.b_l * (float(state.hosts.live_skill[host]) + levers.live_skill[host])
        else:
            total += self.m.a_need
        own = float(users.propensity[u]) + self.m.b_loc * float(users.local_preference[u]) * bool(
            products.local[product]
        )
        own += self.m.b_y * float(users.satisfaction[u]) * bool(users.last_seller[u] == products.seller[product])
        own -= self.m.b_sat * float(users.satiation[u])
        total += own + self.taste.gumbel(users.id[u], products.id[product])
        return total + self.m.sigma_n * self.shared.normal(users.id[u], g) if self.m.sigma_n > 0 else total

    def act(self, u, offers):
        """Let user row ``u`` choose; return (product, price, subsidy) or NOTHING."""
        users = self.today.state.users
        users.satiation[u] = float(users.satiation[u]) * self.m.satiation_memory
        values = {p: self.value(u, p, shown) for p, shown in offers.kept().items()}
        best = max(values, key=lambda p: values[p], default=NOTHING)
        if best == NOTHING or values[best] <= self.taste.gumbel(users.id[u], 0xFFFFFFFF):
            return NOTHING
        users.satiation[u] += 1
        price = self.price(best, offers.kept()[best][1])
        return best, price, sum(self.subsidy(u, best, price))


class Bonds:
    """Following and unfollowing."""

    def __init__(self, ties, today):
        self.m, self.today = ties, today
        self.follow = Dice(today.seed, today.counter, Stream.FOLLOW)
        self.unfollow = Dice(today.seed, today.counter, Stream.UNFOLLOW)

    def act(self, u, offers):
        """Return who user row ``u`` follows afterwards, as {host: day of the last engagement}."""
        users, day = self.today.state.users, self.today.counter
        identity = self.today.state.host_identity
        since = dict(zip(follows_of(users, u), (int(d) for d in users.engaged_on[u]), strict=False))
        not_yet = {}
        for h in offers.remembered():
            not_yet[h] = not_yet.get(h, 1.0) * (1.0 - self.m.p_follow)
            if h in since or self.follow.units(users.id[u], identity[h])[0] < 1.0 - not_yet[h]:
                if h not in since and len(since) == users.follows.shape[1]:
                    del since[min(since, key=lambda k: since[k])]
                since[h] = day
        unhappy = users.last_seller[u] != NOTHING and users.satisfaction[u] < 0.5
        for h in list(since):
            chance = wear(day - since[h], self.m.neglect, self.m.patience)
            if unhappy and h == len(self.today.state.creators) + users.last_seller[u]:
                chance += self.m.disappointment
            if self.unfollow.units(users.id[u], identity[h])[0] < chance:
                del since[h]
        return since
