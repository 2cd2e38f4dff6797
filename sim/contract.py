"""The contract: what every mechanism promises, judged by running it in a small market in several ways.

    repeatable     it remembers nothing itself, and looks every random number up in ``sim.rng``
    no place       neither rows of users, nor blocks, nor threads change a bit
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
from sim.population import Population, draw_population
from sim.rng import Stream
from sim.tables import Column
from sim.watch import Listening, Watched, arrays_in, memory, same

#: The small market. Whatever has as many rows as there are users is taken to be of users.
PEOPLE = Population(
    scale=1, users=401, creators=40, potential_creators=15, sellers=30, potential_sellers=8,
    categories=("Women's Fashion", "Beauty", "Food and Drink"), creators_live=0.6, sellers_live=0.4,
    live_chance=0.5, activity_mean=15, open_share=0.8, own_account=0.6,
)  # fmt: skip
CALENDAR = Calendar(burn_in=28)
SEED = 1
ONE_THREAD = Machine(threads=1, block=128)

Picture = dict[str, Column]

CHANCE = (
    "It draws random numbers of its own, or reads a clock or something outside the market."
    " Draw with sim.rng, under today.key(stream)."
)
MEMORY = "Keep what must last in a table: return it from begin(), find it in today.state.own[self.name]."
BLOCKS = "Let act() read and write only the rows of its block; add up whole numbers in block.counts."
ROWS = (
    "Key draws by users.id, never by a row or a place in a list; add up only whole numbers over users, because a"
    " sum of floats hangs on their order."
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
    again = mechanism.model_copy(deep=True)
    _compare(first, trial.run(again), f"{who} does not do the same twice with one seed", CHANCE)
    _compare(first, trial.run(again), f"{who} remembers an earlier run", MEMORY)
    threads = trial.run(again, Machine(threads=2, block=50))
    _compare(first, threads, f"{who} hangs on the size of blocks or on threads", BLOCKS)
    _compare(first, trial.run(again, shuffled=True), f"{who} hangs on the rows of users", ROWS)
    return tuple(sorted(watched.written))


@dataclass
class Trial:
    """The small market, to be run again and again."""

    plan: Plan
    who: str
    days: int
    heard: tuple[set[int], set[int]] = field(default_factory=lambda: (set(), set()))

    def run(self, mechanism: Mechanism, machine: Machine = ONE_THREAD, *, shuffled: bool = False) -> list[Picture]:
        """Return a picture of every evening; ``shuffled`` stores the users in another order."""
        plan = _placed(self.plan, mechanism)
        state = draw_population(PEOPLE, SEED)
        if shuffled:
            state.users = state.users.take(np.argsort(state.users.id * 7_919 % 10_007))
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
        for number in sorted(set.intersection(*self.heard)):
            known = {int(stream): f"Stream.{stream.name}" for stream in Stream}
            raise MechanismError(
                f"{self.who} draws from {known.get(number, f'stream {number}')}, and so does another mechanism: both"
                f" would toss the same coins. Take a stream of its own, sim.rng.stream({f'{name}.what'!r})."
            )


def _placed(plan: Plan, mechanism: Mechanism) -> Plan:
    """Return the day with the mechanism in it."""
    if mechanism.name in [m.name for m in plan]:
        return plan.replace(mechanism)
    phase = str(mechanism.phase)
    return replace(plan, **{phase: (*getattr(plan, phase), mechanism)})


def _picture(today: Today) -> Picture:
    """Return all that is known in the evening, by name, with users in order of id."""
    users = today.state.users.id
    flows = {name: value for name, value in vars(today.flows).items() if name not in ("ready", "orders", "dues")}
    state = {name: value for name, value in vars(today.state).items() if name not in ("parcels", "proposals")}
    picture = {**dict(arrays_in(state)), **dict(arrays_in({"flows": flows, "levers": today.levers}))}
    by_id = np.argsort(users)
    picture = {
        name: array[by_id] if array.ndim and len(array) == len(users) else array.copy()
        for name, array in picture.items()
    }
    for parcel in today.state.parcels:
        orders = parcel.orders.take(np.lexsort((parcel.orders.product, users[parcel.orders.user])))
        orders.user[:] = users[orders.user]
        picture |= dict(arrays_in(orders, f"orders of day {parcel.day}"))
    return picture


def _compare(first: list[Picture], other: list[Picture], what: str, remedy: str) -> None:
    """Refuse two runs that are not the same, to the last bit.

    Raises
    ------
    MechanismError : names the first day, and the first column or number, in which they differ.
    """
    for day, (one, two) in enumerate(zip(first, other, strict=True)):
        for name in (*one, *(two.keys() - one.keys())):
            if name not in one or name not in two or not same(one[name], two[name]):
                raise MechanismError(f"{what}: {name} is not the same on day {day}. {remedy}")
