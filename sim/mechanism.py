"""The two seams of the model: processes of nature, and policies of the platform.

A mechanism belongs to one phase of the day. ``before``, ``after`` and ``evening`` see whole tables;
``users`` runs on one block of users at a time, after a ``prepare`` on whole tables.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cache
from typing import Any, ClassVar

from sim.calendar import CalendarDay
from sim.errors import MechanismError
from sim.flows import Block, Flows
from sim.levers import Levers
from sim.params import Parametrised
from sim.rng import Key, Stream, words
from sim.state import State, Status
from sim.tables import Table


class Phase(StrEnum):
    """The phases of a day; programs pull their levers before the first, and bill before the last."""

    BEFORE = "before"
    USERS = "users"
    AFTER = "after"
    EVENING = "evening"


@dataclass
class Today:
    """All that a mechanism or program may see and touch on one day."""

    counter: int  # days since the burn-in began
    day: int  # days since day 0 of the scenario; negative in the burn-in
    date: CalendarDay
    state: State
    levers: Levers
    flows: Flows
    seed: int  # of what was drawn once for all days
    luck: int  # of what is drawn today: the seed, unless this is another history of the same people

    def key(self, stream: int) -> Key:
        """Return the key of one decision today; pass it to a kernel."""
        return Key(int(self.luck), int(self.counter), int(stream))

    def lasting(self, stream: int) -> Key:
        """Return the key of a decision made once for all days (a taste, a propensity)."""
        return Key(int(self.seed), 0, int(stream))


def seed_of(seed: int, history: int) -> int:
    """Return the seed of the days of one history: the seed itself for history 0, else another, from 0 to 2^63 - 1."""
    if history == 0:
        return seed
    a, b, _, _ = words(Key(seed, 0, int(Stream.HISTORY)), history, 0)
    return (int(a) << 31) ^ int(b)


@cache
def _in_words(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


class Named(Parametrised):
    """Parameters of something that scenarios call by name."""

    @property
    def name(self) -> str:
        """The class name in words, e.g. ``word_of_mouth``; so scenarios and sweeps call it."""
        return _in_words(type(self).__name__)


class Mechanism(Named):
    """A process of the market: its parameters, and what it does in a day."""

    phase: ClassVar[Phase] = Phase.AFTER
    says: ClassVar[str] = ""  # a clause for the plan of the day

    def begin(self, state: State, seed: int) -> Table | None:
        """Return the mechanism's own table, if it needs one; called once, before the burn-in."""
        return None

    def freeze(self, today: Today) -> None:
        """Freeze the proposals of samplers; called before day 0 only, so that all twins share them."""

    def prepare(self, today: Today) -> None:
        """Do what is needed once a day before the first block (phase ``users`` only)."""

    def step(self, today: Today) -> None:
        """Advance this process by one day, in place (every phase but ``users``)."""
        raise NotImplementedError(f"{type(self).__name__} must define step(today).")

    def act(self, today: Today, block: Block) -> None:
        """Advance this process by one day for one block of users (phase ``users``)."""
        raise NotImplementedError(f"{type(self).__name__} must define act(today, block).")


class Program(Named):
    """A policy: its parameters, the levers it pulls in the morning, what it owes in the evening.

    ``me`` is the index of the program's account: vouchers, top-ups, shipping and bonuses name it as the
    payer, and ``today.state.own[own_table(me)]`` is the table that ``begin`` returned.
    """

    label: str = ""

    @property
    def title(self) -> str:
        """What the program is called in reports; no two of a scenario are called the same."""
        return self.label or self.name

    def begin(self, state: State, seed: int) -> Table | None:
        """Return the program's own table, if it needs one; called once, on day 0."""
        return None

    def check(self, population: Any) -> None:
        """Refuse, in one line, a market that the program does not fit; called before anything is simulated."""

    def pull(self, today: Today, me: int) -> None:
        """Move today's levers; touch nothing else."""

    def bill(self, today: Today, me: int) -> None:
        """Add what the program owes today, apart from orders, to ``today.flows.bonuses`` and ``costs``.

        It may owe ``left(today, me)`` at most.
        """


def left(today: Today, me: int) -> int:
    """Return what program ``me`` may still owe this evening [Rp]: its budget less all that it has paid and owes."""
    books, flows = today.state.books, today.flows
    if books.spent_up[me] <= today.counter:
        return 0
    dues = flows.dues.take((flows.dues.program == me) & (flows.orders.status[flows.dues.order] != Status.SOLD_OUT))
    owed = int((dues.subsidy + dues.top_up + dues.shipping).sum())
    owed += sum(int(bonus.amounts.sum()) for bonus in flows.bonuses if bonus.program == me)
    owed += sum(cost.amount for cost in flows.costs if cost.program == me)
    return int(today.levers.budgets[me] + books.programs[me]) - owed


def own_table(me: int) -> str:
    """Return the name under which the state keeps the own table of a program."""
    return f"program {me}"


@dataclass(frozen=True)
class Plan:
    """The day, in order: a tuple of mechanisms for each phase."""

    before: tuple[Mechanism, ...]
    users: tuple[Mechanism, ...]
    after: tuple[Mechanism, ...]
    evening: tuple[Mechanism, ...]

    def __post_init__(self) -> None:
        """Refuse a mechanism in a phase that is not its own, and two of one name."""
        for phase in fields(self):
            for mechanism in getattr(self, phase.name):
                if mechanism.phase != phase.name:
                    raise MechanismError(
                        f"{type(mechanism).__name__} belongs to the phase {mechanism.phase!s} and was put into"
                        f" {phase.name!r}. Put it there, or set its 'phase'."
                    )
        names = [m.name for m in self]
        if len(set(names)) < len(names):
            raise MechanismError(f"Two mechanisms of the day have the same name: {sorted(names)}. Rename one class.")

    def __iter__(self) -> Iterator[Mechanism]:
        """Iterate over all mechanisms, in order."""
        return iter((*self.before, *self.users, *self.after, *self.evening))

    def __str__(self) -> str:
        """Return the plan of the day, a line a mechanism."""
        lines = []
        for phase in fields(self):
            lines.append(f"{phase.name}:")
            lines += [f"  {m.name:<12} {m.says}" for m in getattr(self, phase.name)]
        return "\n".join(lines)

    def replace(self, *new: Mechanism) -> "Plan":
        """Return the same day with each of the ``new`` mechanisms in the place of the one of its name."""
        named = {mechanism.name: mechanism for mechanism in new}
        for name in named:
            self[name]  # there must be one
        swap = {f.name: tuple(named.get(m.name, m) for m in getattr(self, f.name)) for f in fields(self)}
        return Plan(**swap)

    def __getitem__(self, name: str) -> Mechanism:
        """Return the mechanism called ``name``."""
        named = {m.name: m for m in self}
        if name not in named:
            raise MechanismError(f"No mechanism is called {name!r}; the day has {', '.join(named)}.")
        return named[name]


def insert_after(plan: Plan, name: str, new: Mechanism) -> Plan:
    """Return the same day with ``new`` run right after the mechanism called ``name`` (of its own phase)."""
    plan[name]  # there must be one
    phase = getattr(plan, new.phase)
    at = [m.name for m in phase].index(name) + 1 if name in [m.name for m in phase] else -1
    if at < 0:
        raise MechanismError(
            f"{name!r} is not in the phase {new.phase!s} of {type(new).__name__}."
            f" Name one of {', '.join(m.name for m in phase)}."
        )
    phases = {f.name: getattr(plan, f.name) for f in fields(plan)}
    return Plan(**{**phases, str(new.phase): (*phase[:at], new, *phase[at:])})
