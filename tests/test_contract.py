"""Every shipped mechanism keeps the contract, and for every promise one that breaks it is caught."""

import random
import re
from typing import ClassVar

import numpy as np
import pydantic
import pytest

from sim.contract import PEOPLE, SEED, check_mechanism
from sim.errors import MechanismError
from sim.flows import Total
from sim.mechanism import Mechanism, Phase, insert_after
from sim.mechanisms import DAY
from sim.mechanisms.discovery import Discovery
from sim.mechanisms.settlement import Settlement
from sim.mechanisms.ties import Ties
from sim.params import param
from sim.population import draw_population
from sim.rng import Stream, stream, uniform
from sim.sampler import propose
from sim.tables import Column, Table, column, table

#: Who writes what in the state. A new name here is a new meeting of two mechanisms: think before adding it.
WRITES = {
    "entry": "creators.joined creators.urge sellers.urge",
    "reputation": "products.fad",
    "affiliates": "creators.showcase",
    "supply": "creators.backlog products.pipeline products.stock sellers.backlog",
    "purchase": "users.satiation",
    "ties": "users.engaged_on users.follows users.n_follows",
    "fulfilment": "products.daily products.orders products.rating_count products.rating_sum products.reference "
    "products.sold products.stock users.last_order users.last_seller users.orders users.satiation users.satisfaction",
    "settlement": "books.escrow books.outside books.platform creators.cash creators.earned_live "
    "creators.earned_video sellers.cash users.wallet",
    "learning": "creators.effort creators.followers creators.income creators.live_momentum creators.low_weeks "
    "creators.momentum creators.skill sellers.earlier sellers.followers sellers.income sellers.last_sale "
    "sellers.live_momentum sellers.live_urge sellers.momentum sellers.orders sellers.recent sellers.revenue "
    "sellers.skill",
}


@pytest.mark.parametrize("mechanism", list(DAY), ids=lambda mechanism: mechanism.name)
def test_a_shipped_mechanism_keeps_the_contract_and_writes_its_own_columns(mechanism):
    assert " ".join(check_mechanism(mechanism)) == WRITES.get(mechanism.name, "")


def test_tables_of_the_small_market_differ_in_length():
    state = draw_population(PEOPLE, SEED)
    lengths = [len(t) for t in (state.users, state.creators, state.sellers, state.hosts, state.products)]
    assert len(set(lengths)) == len(lengths)


# ---------------------------------------------------------------- mechanisms from outside that are fine


@table
class Talk(Table):
    heard: Column = column("Times that somebody was told", dtype=np.int64)


class WordOfMouth(Mechanism):
    """In plain NumPy, with a table of its own: who ordered yesterday makes the satisfied a little happier."""

    phase = Phase.BEFORE
    says = "people talk about what they bought"
    chance: float = param(0.3, "Chance to be told", low=0, high=1)

    def begin(self, state, seed):
        return Talk.empty(len(state.users))

    def step(self, today):
        users, own = today.state.users, today.state.own[self.name]
        u = np.array([uniform(today.key(stream("word_of_mouth.tell")), i) for i in users.id])
        told = (u < self.chance) & (users.satisfaction > 0)
        own.heard[told] += 1
        users.satisfaction[told] += np.float32(0.01)


class Boredom(Mechanism):
    """One user after the other, in plain Python."""

    phase = Phase.USERS
    says = "some users are bored, and want less"

    def act(self, today, block):
        users, key = today.state.users, today.key(stream("boredom.strike"))
        for row, u in enumerate(range(block.start, block.stop)):
            if block.offers.online[row] and uniform(key, users.id[u]) < 0.1:
                users.satiation[u] += 0.5
                block.counts.totals[Total.FOLLOWS] += 1


class Fame(Mechanism):
    """Creators, by their ids."""

    phase = Phase.EVENING
    says = "a creator becomes famous overnight"

    def step(self, today):
        creators, key = today.state.creators, today.key(stream("fame.strike"))
        for c in range(len(creators)):
            if uniform(key, creators.id[c]) < 0.05:
                creators.momentum[c] += 10


@pytest.mark.parametrize(
    "mechanism, writes",
    [(WordOfMouth(), "users.satisfaction"), (Boredom(), "users.satiation"), (Fame(), "creators.momentum")],
    ids=lambda x: x.name if isinstance(x, Mechanism) else "",
)
def test_a_mechanism_in_numpy_or_agent_by_agent_passes(mechanism, writes):
    assert check_mechanism(mechanism) == (writes,)


def test_a_mechanism_is_judged_at_the_place_that_a_plan_gives_it():
    assert check_mechanism(Boredom(), insert_after(DAY, "discovery", Boredom()), days=3) == ("users.satiation",)


# ---------------------------------------------------------------- and those that are not


class Bad(Mechanism):
    phase = Phase.BEFORE
    says = "breaks a promise"


class Remembers(Bad):
    _days: int = pydantic.PrivateAttr(0)

    def step(self, today):
        self._days += 1


class Collects(Bad):
    days: list[int] = pydantic.Field(default_factory=list)

    def step(self, today):
        self.days.append(today.day)


class Assigns(Bad):
    days: int = 0

    def step(self, today):
        self.days = self.days + 1


class Boasts(Bad):
    seen: ClassVar[list[int]] = []

    def step(self, today):
        self.seen.append(today.day)


class Grudge(Bad):
    def step(self, today):
        today.state.users.satiation[0] += len(ELSEWHERE)
        ELSEWHERE.append(1)


ELSEWHERE: list[int] = []


class Dice(Bad):
    def step(self, today):
        users = today.state.users
        users.satiation[:] += np.random.random(len(users))


class OldDice(Bad):
    def step(self, today):
        today.flows.appeal[:] += random.random()


class ListDice(Bad):
    def step(self, today):
        users = today.state.users
        users.satiation[:] += np.random.default_rng(today.counter).random(len(users))


class RowDice(Bad):
    def step(self, today):
        users, key = today.state.users, today.key(stream("row_dice.roll"))
        users.satiation[:] += [uniform(key, u) for u in range(len(users))]


class HostDice(Bad):
    def step(self, today):
        creators, key = today.state.creators, today.key(stream("host_dice.roll"))
        creators.momentum[:] += [uniform(key, c) for c in range(len(creators))]


class FloatSum(Bad):
    def step(self, today):
        today.levers.desire += float(np.cumsum(today.state.users.activity / 3.0)[-1]) * 1e-6


class BlockDice(Bad):
    phase = Phase.USERS

    def act(self, today, block):
        users, key = today.state.users, today.key(stream("block_dice.roll"))
        users.satiation[block.rows] += [uniform(key, row) for row in range(block.stop - block.start)]


class BlockMean(Bad):
    phase = Phase.USERS

    def act(self, today, block):
        users = today.state.users
        users.satiation[block.rows] += users.activity[block.rows].mean()


class Neighbours(Bad):
    phase = Phase.USERS

    def act(self, today, block):
        today.state.users.satiation[:] += np.float32(1)


class Impatient(Bad):
    phase = Phase.USERS

    def act(self, today, block):
        today.state.products.stock[:] += 1


class Careless(Bad):
    phase = Phase.USERS

    def act(self, today, block):
        today.flows.counts.totals[Total.CLICKS] += 1


class Mint(Bad):
    def step(self, today):
        today.state.users.wallet[:] += 1000


class Thief(Bad):
    def step(self, today):
        today.state.books.platform[0] -= 1
        today.state.creators.cash[0] += 1


class Discount(Bad):
    """Lowers what an order pays once its money is in escrow."""

    def step(self, today):
        for parcel in today.state.parcels:
            parcel.orders.price[:] -= 100


def generous_settlement():
    class Settlement(Original):
        def step(self, today):
            super().step(today)
            today.state.creators.cash[:] += 1

    return Settlement()


Original = Settlement


class Renames(Bad):
    def step(self, today):
        today.state.users.id[0] = 10_000


class Replaces(Bad):
    def step(self, today):
        today.state.creators.skill = today.state.creators.skill * np.float32(1.01)


class Refreezes(Bad):
    def step(self, today):
        state = today.state
        weight = np.ones(len(state.hosts))
        state.proposals["feed"] = propose(state.hosts.category, weight, state.host_identity, state.n_categories, 3.0)


class Copycat(Bad):
    def step(self, today):
        users, key = today.state.users, today.key(Stream.FOLLOW)
        users.satiation[:] += [uniform(key, i) for i in users.id]


OWN_TABLE = "Return a table from begin(), and keep it there: today.state.own[self.name]."
TWICE = "does not do the same twice with one seed: "
IN_SIM_RNG = "Draw with sim.rng, under today.key(stream)."
LEAVE_MONEY = "Leave money to settlement: change what orders or programs owe"
BY_ID = "Key draws by the id of who it is, never by a row"
IN_PHASE_AFTER = "while other blocks run. Write users of the block only, count in block.counts"


@pytest.mark.parametrize(
    "bad, what, remedy",
    [
        (Remembers(), "Remembers keeps something in itself: '_days' changes", OWN_TABLE),
        (Collects(), "Collects keeps something in itself: 'days' changes", OWN_TABLE),
        (Assigns(), "Assigns keeps something in itself: 'days' changes", OWN_TABLE),
        (Boasts(), "Boasts keeps something in itself: 'Boasts.seen' changes", OWN_TABLE),
        (Grudge(), f"Grudge {TWICE}users.satiation is not the same on day 0.", "something outside the market"),
        (Dice(), f"Dice {TWICE}users.satiation is not the same on day 0.", IN_SIM_RNG),
        (OldDice(), f"OldDice {TWICE}", IN_SIM_RNG),
        (ListDice(), "ListDice hangs on the rows of users: users.satiation is not the same on day 0.", BY_ID),
        (RowDice(), "RowDice hangs on the rows of users: users.satiation is not the same on day 0.", BY_ID),
        (HostDice(), "HostDice hangs on the rows of hosts: creators.momentum is not the same on day 0.", BY_ID),
        (FloatSum(), "FloatSum hangs on the rows of users: ", "a sum of floats hangs on their order"),
        (BlockDice(), "BlockDice hangs on the size of blocks or on threads: users.satiation", "only the rows of its"),
        (BlockMean(), "BlockMean hangs on the size of blocks or on threads: ", "in block.counts"),
        (Neighbours(), "Neighbours.act writes users.satiation of users outside the block,", IN_PHASE_AFTER),
        (Impatient(), "Impatient.act writes products.stock,", IN_PHASE_AFTER),
        (Careless(), "Careless.act writes flows.counts.totals,", IN_PHASE_AFTER),
        (Mint(), "Mint moves money: it writes users.wallet.", LEAVE_MONEY),
        (Thief(), "Thief moves money: it writes books.platform.", LEAVE_MONEY),
        (Discount(), "With Discount the books do not close.", "orders as they are once their money is in escrow"),
        (generous_settlement(), "Settlement makes Rp55:", "Move money with Journal.move, from one account to another."),
        (Renames(), "Renames writes users.id, which says who is who.", "Leave it as it was drawn."),
        (Replaces(), "Replaces puts another array in the place of state.creators.skill", "state.creators.skill[:] = "),
        (Refreezes(), "Refreezes changes state.proposals, which twins share.", "Do it in freeze()."),
        (Copycat(), "Copycat draws from Stream.FOLLOW, and so does another", "sim.rng.stream('copycat.what')"),
    ],
    ids=lambda x: type(x).__name__ if isinstance(x, Mechanism) else "",
)
def test_a_broken_promise_is_named_with_its_place_and_its_remedy(bad, what, remedy):
    with pytest.raises(MechanismError) as caught:
        check_mechanism(bad)
    assert str(caught.value).startswith(what)
    assert remedy in str(caught.value)
    assert "\n" not in str(caught.value)


def test_judging_leaves_the_mechanism_and_the_plan_as_they_were():
    mechanism = Collects()
    with pytest.raises(MechanismError):
        check_mechanism(mechanism, days=2)
    assert mechanism.days == []
    assert [type(m) for m in DAY][-1].__name__ == "Learning"


def test_another_error_of_a_mechanism_comes_through_as_it_is():
    with pytest.raises(NotImplementedError, match=re.escape("must define step(today)")):
        check_mechanism(Bad())


@pytest.mark.parametrize("mechanism", [Discovery(epsilon=0.5, phi=0.3), Ties(p_follow=0.9, neglect=0.5)])
def test_other_parameters_keep_the_contract_too(mechanism):
    check_mechanism(mechanism, days=4)
