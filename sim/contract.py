"""The contract: what every mechanism promises, judged by running it in a small market in several ways.

    repeatable     it remembers nothing itself, and looks every random number up in ``sim.rng``
    no place       neither rows of users or creators, nor blocks, nor threads change a bit
    own columns    it writes columns in place: never money, nor who is who; a block only the rows of its users
    closed books   money is moved by ``settlement`` alone, two sides at a time
    own streams    it draws from no stream of which another mechanism asks on the same day

Kernels, NumPy and loops over agents are judged alike: by what they do.
"""

from dataclasses import dataclass, field, replace
from typing import cast

import numpy as np

from sim.burn_in import begin_day, begin_market
from sim.calendar import Calendar
from sim.day import Machine, simulate
from sim.errors import LedgerError, MechanismError
from sim.mechanism import Mechanism, Plan, Today
from sim.mechanisms import DAY
from sim.mechanisms.discovery import Discovery
from sim.population import Population, draw_population
from sim.rng import Stream
from sim.state import State
from sim.tables import NOTHING, Column
from sim.watch import Listening, Watched, arrays_in, memory, same

#: The small market. Its tables differ in length, so that arrays can be told to be of users, creators or hosts.
PEOPLE = Population(
    scale=1, users=401, creators=40, potential_creators=15, sellers=30, potential_sellers=8,
    categories=("Women's Fashion", "Beauty", "Food and Drink"), creators_live=0.6, sellers_live=0.4,
    live_chance=0.5, activity_mean=15, open_share=0.8, own_account=0.6,
)  # fmt: skip
CALENDAR = Calendar(burn_in=28)
SEED = 1
#: What several mechanisms look up together: a number that a user and a product have on a day, whoever asks.
SHARED = {int(Stream.OFFER_PRIORITY)}
ONE_THREAD = Machine(threads=1, block=128)

Picture = dict[str, Column]

CHANCE = (
    "It draws random numbers of its own, or reads a clock or something outside the market."
    " Draw with sim.rng, under today.key(stream)."
)
MEMORY = "Keep what must last in a table: return it from begin(), find it in today.state.own[self.name]."
BLOCKS = "Let act() read and write only the rows of its block; add up whole numbers in block.counts."
ROWS = (
    "Key draws by the id of who it is, never by a row or a place in a list; add up only whole numbers over users"
    " and hosts, because a sum of floats hangs on their order."
)


def check_mechanism(mechanism: Mechanism, plan: Plan = DAY, days: int = 10) -> tuple[str, ...]:
    """Run a mechanism in a small market in several ways; return the columns of the state that it writes.

    Parameters
    ----------
    mechanism : takes the place of the one of its name in ``plan``; a new one runs last in its phase. For another
        place give a ``plan`` that has it already (``insert_after``).
    plan : the day that it is part of.
    days : how long the market runs, each time; orders are paid out after a week, and some things are done once a
        week [day].

    Raises
    ------
    MechanismError : it breaks a promise; says which, where that was seen, and what to do.
    """
    who = type(mechanism).__name__
    trial = Trial(plan, who, days)
    watched = Watched(mechanism.model_copy(deep=True))
    before = memory(watched.mechanism)
    first = trial.run(cast("Mechanism", watched))
    watched.refuse_memory(before)
    trial.refuse_shared_streams(mechanism.name)
    judge = Judge(who, watched.written, first)
    again = mechanism.model_copy(deep=True)
    judge.compare(trial.run(again), "does not do the same twice with one seed", CHANCE)
    judge.compare(trial.run(again), "remembers an earlier run", MEMORY)
    judge.compare(trial.run(again, Machine(threads=2, block=50)), "hangs on the size of blocks or on threads", BLOCKS)
    judge.compare(trial.run(again, shuffled="users"), "hangs on the rows of users", ROWS)
    trial, again = replace(trial, plan=_still(plan)), _still_one(again)
    judge = replace(judge, first=trial.run(again))
    judge.compare(trial.run(again, shuffled="creators"), "hangs on the rows of hosts", ROWS)
    return tuple(sorted(watched.written))


@dataclass(frozen=True)
class Judge:
    """Compares runs with the first one."""

    who: str
    written: set[str]  # columns that the mechanism writes: where a difference is looked for first
    first: list[Picture]

    def compare(self, other: list[Picture], what: str, remedy: str) -> None:
        """Refuse a run that is not the same as the first, to the last bit.

        Raises
        ------
        MechanismError : names the first day, and a column or number, in which they differ.
        """
        for day, (one, two) in enumerate(zip(self.first, other, strict=True)):
            differ = [
                name for name in one | two if name not in one or name not in two or not same(one[name], two[name])
            ]
            if differ:
                seen = min(differ, key=lambda name: name not in self.written)
                raise MechanismError(f"{self.who} {what}: {seen} is not the same on day {day}. {remedy}")


@dataclass
class Trial:
    """The small market, to be run again and again."""

    plan: Plan
    who: str
    days: int
    heard: tuple[set[int], set[int]] = field(default_factory=lambda: (set(), set()))

    def run(self, mechanism: Mechanism, machine: Machine = ONE_THREAD, *, shuffled: str = "") -> list[Picture]:
        """Return a picture of every evening; the rows of the table called ``shuffled`` are in another order."""
        plan = _placed(self.plan, mechanism)
        state = draw_population(PEOPLE, SEED)
        if shuffled:
            state = _shuffled(state, shuffled)
        begin_market(state, PEOPLE, plan, CALENDAR, SEED)
        return [self._day(plan, begin_day(state, CALENDAR, day, SEED), machine) for day in range(self.days)]

    def _day(self, plan: Plan, today: Today, machine: Machine) -> Picture:
        today = Listening(**vars(today), heard=self.heard)
        try:
            simulate(plan, (), today, machine)
        except LedgerError as mistake:
            raise MechanismError(
                f"With {self.who} the books do not close. {mistake} Leave money to settlement, and orders as they are"
                " once their money is in escrow."
            ) from mistake
        return _picture(today)

    def refuse_shared_streams(self, name: str) -> None:
        """Refuse a mechanism that asked for a stream of which another asked too."""
        known = {int(stream): f"Stream.{stream.name}" for stream in Stream}
        for number in sorted(set.intersection(*self.heard) - SHARED):
            raise MechanismError(
                f"{self.who} draws from {known.get(number, f'stream {number}')}, and so does another mechanism: both"
                f" would toss the same coins. Take a stream of its own, sim.rng.stream({f'{name}.what'!r})."
            )


def _still(plan: Plan) -> Plan:
    """Return the day without exploration of the feed, which looks creators up by row."""
    for mechanism in plan:
        plan = plan.replace(_still_one(mechanism))
    return plan


def _still_one(mechanism: Mechanism) -> Mechanism:
    return mechanism.but(epsilon=0.0) if isinstance(mechanism, Discovery) else mechanism


def _placed(plan: Plan, mechanism: Mechanism) -> Plan:
    """Return the day with the mechanism in it."""
    if mechanism.name in [m.name for m in plan]:
        return plan.replace(mechanism)
    phase = str(mechanism.phase)
    return replace(plan, **{phase: (*getattr(plan, phase), mechanism)})


def _shuffled(state: State, kind: str) -> State:
    """Return the same people with the rows of one table in another order."""
    tables = {name: getattr(state, name) for name in ("users", "creators", "sellers", "products")}
    order = np.argsort(tables[kind].id * 7_919 % 10_007)
    fixed = state.category_price, state.popularity, state.category_names, state.scale
    tables[kind] = tables[kind].take(order)
    return State(tables["users"], tables["creators"], tables["sellers"], tables["products"], *fixed)


def _picture(today: Today) -> Picture:
    """Return all that is known in the evening, by name, in order of ids and with ids for rows."""
    state = {name: value for name, value in vars(today.state).items() if name not in ("parcels", "proposals")}
    flows = {
        name: value for name, value in vars(today.flows).items() if name not in ("ready", "orders", "dues", "closed")
    }
    identity = np.append(today.state.host_identity, NOTHING)  # so that NOTHING stays nothing
    room, users = identity[today.flows.rooms.host], today.state.users.id
    order_of = {len(table): np.argsort(table.id) for table in (today.state.users, today.state.creators)}
    order_of[len(today.state.hosts)] = np.argsort(today.state.host_identity)
    picture = {}
    for name, array in arrays_in({**state, "flows": flows, "levers": today.levers}):
        rows = identity[array] if name in ("users.follows", "flows.rooms.host") else array
        of_rooms = name.startswith(("flows.rooms.", "flows.counts.rooms."))
        order = np.argsort(room) if of_rooms else order_of.get(len(array)) if array.ndim else None
        picture[name] = rows.copy() if order is None else rows[order]
    for parcel in today.state.parcels:
        orders = parcel.orders.take(np.lexsort((parcel.orders.product, users[parcel.orders.user])))
        orders.user[:], orders.room[:] = users[orders.user], NOTHING
        picture |= dict(arrays_in(orders, f"orders of day {parcel.day}"))
        picture[f"orders of day {parcel.day}.host"] = identity[orders.host]
    return picture
