"""Purchase and ties of a village through a week of trade, against twins in plain Python, bit for bit.

What was bought yesterday is delivered, sates, empties wallets and disappoints; who was followed is
followed today. A kernel and a twin that part ways once would part for good.
"""

import numpy as np
import pytest

from sim.burn_in import begin_day, draw_market
from sim.flows import Total
from sim.levers import Voucher
from sim.mechanisms import DAY
from sim.mechanisms.discovery import Discovery
from sim.mechanisms.live import Live
from sim.mechanisms.purchase import Purchase
from sim.mechanisms.search import Search
from sim.mechanisms.ties import Ties
from sim.tables import NEVER, NOTHING
from tests.small import CALENDAR, VILLAGE, block, books
from tests.twins.village import Bonds, Choice, Offers, follows_of

DAYS = 8
PLAN = DAY
for mechanism in (
    Discovery(b0=-2.0), Live(visits=3.0, l0=0.0), Search(need=0.4),
    Purchase(a_0=-2.0, sigma_n=1.5, satiation_memory=0.8), Ties(p_follow=0.2, neglect=0.2, disappointment=0.4),
):  # fmt: skip
    PLAN = PLAN.replace(mechanism)
SHOWING, CHOOSING = PLAN.users[:3], PLAN.users[3:]


def listed(today, offers, row):
    """Return what is on the list of one user, as the twins take it."""
    made = Offers(today, today.state.users.id[row])
    for j in range(offers.count[row]):
        made.add(offers.product[row, j], offers.host[row, j], offers.room[row, j], int(offers.channel[row, j]),
                 offers.tied[row, j])  # fmt: skip
    made.engaged = [int(h) for h in offers.engaged[row, : offers.n_engaged[row]]]
    return made


def by_twins(today, made):
    """Return (order, satiation, follows) of each user by the twins; leave the state as it is."""
    users, found = today.state.users, []
    choice, bonds = Choice(CHOOSING[0], today), Bonds(CHOOSING[1], today)
    before = users.satiation.copy()
    for u in range(len(users)):
        offers = listed(today, made.offers, u)
        order = choice.act(u, offers)
        seen = offers.kept()[order[0]][:3] if order != NOTHING else ()
        found.append((order, seen, float(users.satiation[u]), bonds.act(u, offers)))
    users.satiation[:] = before
    return found


def by_kernels(today, made):
    """Let the kernels act, and return the same of them."""
    for mechanism in CHOOSING:
        mechanism.act(today, made)
    users, o = today.state.users, made.orders
    orders = {
        int(o.user[i]): (
            (int(o.product[i]), int(o.price[i]), int(o.subsidy[i])), (int(o.host[i]), int(o.room[i]), int(o.channel[i]))
        )
        for i in range(len(o))
    }  # fmt: skip
    return [
        (
            *orders.get(u, (NOTHING, ())),
            float(users.satiation[u]),
            dict(zip(follows_of(users, u), (int(day) for day in users.engaged_on[u]), strict=False)),
        )
        for u in range(len(users))
    ]


def dawn(state, counter, seed):
    """Return a day on which all has been shown that will be, and nothing has been chosen."""
    today = begin_day(state, CALENDAR, counter, seed)
    chance = np.random.default_rng(counter)
    given = np.where(chance.random(len(state.users)) < 0.5, 0.3, 0.0).astype(np.float32)
    today.levers.vouchers.append(Voucher(0, given, chance.random(len(state.products)) < 0.5))
    today.levers.desire = 0.1 * counter
    for mechanism in PLAN.before:
        mechanism.step(today)
    for mechanism in PLAN.users:
        mechanism.prepare(today)
    made = block(today, online=False)
    for mechanism in SHOWING:
        mechanism.act(today, made)
    return today, made


@pytest.mark.parametrize("seed", [1, 2])
def test_a_week_of_choices_is_that_of_the_twins(seed):
    state, totals = draw_market(VILLAGE, PLAN, CALENDAR, seed), np.zeros(len(Total), np.int64)
    state.books.programs, state.books.spent_up = np.zeros(1, np.int64), np.full(1, NEVER, np.int32)
    state.users.wallet[::3] //= 20  # some must think twice
    books(state)
    for counter in range(DAYS):
        today, made = dawn(state, counter, seed)
        expected = by_twins(today, made)
        assert by_kernels(today, made) == expected, counter
        today.flows.orders, today.flows.dues = made.orders, made.dues
        for mechanism in (*PLAN.after, *PLAN.evening):
            mechanism.step(today)
        totals += today.flows.counts.totals
    for count in (Total.STRUCK_OUT, Total.FOLLOWS, Total.UNFOLLOWS):
        assert totals[count] > 20, count.name
    assert np.any(state.users.last_seller != NOTHING) and state.books.programs[0] < 0
