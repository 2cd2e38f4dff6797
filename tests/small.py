"""Small markets made by hand, so that a test can say all there is and work out what must come.

Rows and ids differ, so that a kernel that confuses them is found out.
"""

import datetime
import math

import numpy as np
import scipy.stats

from sim.burn_in import begin_day, draw_market, freeze
from sim.calendar import Calendar, describe
from sim.flows import Block, Counts, Flows, Offers
from sim.ledger import open_books
from sim.levers import Levers
from sim.mechanism import Today
from sim.mechanisms import DAY
from sim.population import Population
from sim.state import Channel, Creators, Dues, Orders, Parcel, Products, Rooms, Sellers, State, Users
from sim.tables import NOTHING

#: A day on which nothing is special: a Wednesday, no payday, no double date, no Ramadan.
PLAIN_DATE = datetime.date(2024, 1, 10)
#: A right model would fail one such test in a thousand; seeds are fixed, so that it never flickers.
LEAST_P = 1e-3
PRICE = 100_000


def ids(n, first=5):
    """Return ids that fall as rows rise."""
    return np.arange(n, dtype=np.int64)[::-1] + first


def spread(n, categories):
    """Return the category of each of ``n`` rows, in rising order, as evenly as can be."""
    return np.arange(n) * categories // max(n, 1)


def market(users=0, creators=0, sellers=1, products=1, categories=1):
    """Return a market in business since day 0; each seller has ``products`` products, at Rp100,000, and shows them."""
    u, c, s, p = (
        Users.empty(users),
        Creators.empty(creators),
        Sellers.empty(sellers),
        Products.empty(sellers * products),
    )
    u.id[:], u.online[:], u.awake[:], u.interest_share[:] = ids(users), 1.0, 15, 0.6
    u.interest_2[:] = min(1, categories - 1)
    u.wallet[:] = u.budget[:] = 10**9
    u.payday[:] = 99  # never
    for hosts in (c, s):
        hosts.id[:], hosts.category[:] = ids(len(hosts)), spread(len(hosts), categories)
        hosts.joined[:], hosts.effort[:], hosts.usual_effort[:] = 0, 1.0, 1.0
    c.eligible[:] = True
    s.first_product[:], s.n_products[:] = np.arange(sellers) * products, products
    s.open[:], s.commission[:] = True, 0.1
    p.id[:], p.seller[:] = ids(len(p)), np.repeat(np.arange(sellers), products)
    p.category[:] = s.category[p.seller]
    p.price[:], p.reference[:], p.cost[:], p.stock[:] = PRICE, PRICE, PRICE // 2, 10_000
    for k in range(min(products, s.showcase.shape[1])):
        s.showcase[:, k] = s.first_product + k
    running = (np.arange(categories) + 1.0) / categories
    return State(u, c, s, p, np.full(categories, float(PRICE)), running)


def morning(state, counter=0, date=PLAIN_DATE, seed=1):
    """Return the start of a day with neutral levers, on which every host in business posts as usual."""
    today = Today(counter, counter, describe(date), state, Levers.neutral(state), Flows.empty(state), seed, seed)
    today.flows.posts[:] = np.where(state.active(counter), state.hosts.effort, 0.0)
    today.flows.fresh[:] = today.flows.posts
    return today


def block(today, start=0, stop=None, online=True):
    """Return a block of users with empty lists, all online or none."""
    stop = len(today.state.users) if stop is None else stop
    made = Block(start, stop, Offers.empty(stop - start), today.flows.counts)
    made.offers.online[:] = online
    return made


def act(mechanism, today, made=None):
    """Run one mechanism of the users' phase on all users, or on the block ``made``; return the block."""
    made = made or block(today)
    mechanism.prepare(today)
    mechanism.act(today, made)
    return made


def put_offers(made, rows, product, host=NOTHING, room=NOTHING, channel=Channel.SEARCH):
    """Put one offer on the lists of some rows of a block (an index, mask or slice)."""
    offers = made.offers
    for row in np.arange(len(offers))[rows]:
        at = offers.count[row]
        offers.product[row, at], offers.host[row, at], offers.room[row, at] = product, host, room
        offers.channel[row, at] = channel
        offers.count[row] += 1


def put_engaged(made, rows, host):
    """Let some rows of a block have engaged with ``host``."""
    offers = made.offers
    for row in np.arange(len(offers))[rows]:
        offers.engaged[row, offers.n_engaged[row]] = host
        offers.n_engaged[row] += 1


def chosen(made):
    """Return the product that each row of a block ordered, or NOTHING."""
    offers = made.offers
    rows, at = np.arange(len(offers)), offers.ordered
    return np.where(at == NOTHING, NOTHING, offers.product[rows, np.maximum(at, 0)])


def put_rooms(today, hosts, daypart=2, minutes=120, start=0, discount=0.0, pull=1.0):
    """Open rooms of some hosts today, with the products that they show."""
    hosts = np.asarray(hosts, np.int64)
    rooms = Rooms.empty(len(hosts))
    rooms.host[:], rooms.category[:] = hosts, today.state.hosts.category[hosts]
    rooms.daypart[:], rooms.minutes[:], rooms.start[:] = daypart, minutes, start
    rooms.discount[:], rooms.pull[:] = discount, pull
    rooms.basket[:] = today.flows.showcase[hosts]
    today.flows.rooms = rooms
    today.flows.counts = Counts.empty(len(today.state.hosts), len(rooms))
    return rooms


def put_orders(today, users, product, channel=Channel.SEARCH, host=NOTHING, price=PRICE, room=NOTHING):
    """Let some users have ordered ``product`` (one, or one each) today."""
    orders = Orders.empty(len(users))
    orders.user[:], orders.product[:] = users, product
    orders.seller[:] = today.state.products.seller[orders.product]
    orders.channel[:], orders.host[:], orders.room[:], orders.price[:] = channel, host, room, price
    today.flows.orders, today.flows.dues = orders, Dues.empty(0)
    return orders


def parcel(day, orders, dues):
    """Return orders of a day whose money is in escrow, on the usual terms."""
    return Parcel(day, orders, dues, arrives=day + 3, closes=day + 7, luck=1)


def books(state):
    """Open the books of a market made by hand; return it."""
    open_books(state)
    return state


#: A market drawn by the rules, small enough for twins in plain Python.
VILLAGE = Population(
    scale=1, users=200, creators=30, potential_creators=10, sellers=25, potential_sellers=5,
    categories=("Women's Fashion", "Beauty", "Food and Drink"), creators_live=0.6, sellers_live=0.4,
    live_chance=0.5, activity_mean=15, open_share=0.8, own_account=0.6,
)  # fmt: skip
CALENDAR = Calendar(burn_in=28)


def village(days=3, seed=1):
    """Return the morning of a day of a small market drawn by the rules, ``days`` days after it began."""
    from sim.day import Machine, simulate  # not needed by most

    state = draw_market(VILLAGE, DAY, CALENDAR, seed)
    for counter in range(days):
        today = begin_day(state, CALENDAR, counter, seed)
        simulate(DAY, (), today, Machine(threads=1))
        freeze(DAY, today)
    today = begin_day(state, CALENDAR, days, seed)
    for mechanism in DAY.before:
        mechanism.step(today)
    return today


def logistic(x):
    """Return ``1 / (1 + exp(-x))``, by the library."""
    return 1.0 / (1.0 + math.exp(-x))


def fits(counts, expected):
    """Whether counts agree with expected counts (chi-square); categories expected to be tiny are put together."""
    counts, expected = np.asarray(counts, float).ravel(), np.asarray(expected, float).ravel()
    assert np.all(counts[expected == 0] == 0), "something happened that cannot"
    small = expected < 5
    if small.sum() > 1:
        counts = np.append(counts[~small], counts[small].sum())
        expected = np.append(expected[~small], expected[small].sum())
    counts, expected = counts[expected > 0], expected[expected > 0]
    assert abs(counts.sum() - expected.sum()) < 1e-6 * expected.sum(), "not the same number of draws"
    return len(counts) > 1 and scipy.stats.chisquare(counts, expected * counts.sum() / expected.sum()).pvalue > LEAST_P


def share_fits(hits, n, chance):
    """Whether ``hits`` of ``n`` agree with a chance."""
    return fits([hits, n - hits], [n * chance, n * (1 - chance)])
