"""Campaigns: programs with a time, a budget, costs, and people who take part.

    joins on day t  if  eligible, assigned, its wave has begun, wish < take_up ramp_t pull, and there is room
    strength_t      = min(1, days / build_up)            while taking part
                    = strength when leaving . 2^(-days since / half_life)      afterwards

``wish`` is a propensity drawn once: policy moves the threshold. Who gets the last place or rupiah is fixed by hash.
People, places and rupiah are those of the whole market; an agent stands for ``population.scale`` of them.
"""

from typing import Any, ClassVar

import numpy as np
import pydantic

from sim.errors import ScenarioError
from sim.layout import draw_uniforms, draw_words
from sim.levers import NO_LIMIT
from sim.mechanism import Program, Today, own_table
from sim.params import param
from sim.population import Population
from sim.programs.enrolment import Enrolment, admit, fill_strength, ranked
from sim.programs.filters import Where, check, check_categories, known_columns, select, values
from sim.programs.paying import pay_cost
from sim.rng import Key, stream
from sim.state import State
from sim.tables import NEVER, Column

FOREVER = 100_000
EVERYBODY = 10**12


class Timed(Program):
    """A program with a beginning, an end, a budget and costs."""

    start: int = param(0, "First day", unit="day", low=0, high=FOREVER)
    end: int = param(FOREVER, "Day after the last", unit="day", low=0, high=FOREVER)
    budget: int = param(NO_LIMIT, "Most that is ever spent; the program ends with it", unit="Rp", low=0, high=NO_LIMIT)
    cost_fixed: int = param(0, "Cost on the first day", unit="Rp", low=0, high=10**15)

    def is_open(self, today: Today, me: int) -> bool:
        """Tell whether the program is on today."""
        return self.start <= today.day < self.end and today.state.books.spent_up[me] > today.counter

    def pull(self, today: Today, me: int) -> None:
        today.levers.budgets[me] = self.share(today.state, self.budget)
        if self.is_open(today, me):
            self.act(today, me)

    def act(self, today: Today, me: int) -> None:
        """Move the levers of a day on which the program is on."""

    def bill(self, today: Today, me: int) -> None:
        if today.day == self.start and self.cost_fixed:
            pay_cost(today, me, self.share(today.state, self.cost_fixed))

    def share(self, state: State, amount: float) -> int:
        """Return the part of people or rupiah that the agents stand for."""
        return round(amount / state.scale)


class Campaign(Timed):
    """A program that people take part in. Subclasses say, in ``treat``, what it does to them."""

    sides: ClassVar[tuple[str, ...]] = ("creators", "sellers")  # of whom a campaign of this class can be
    outsiders: ClassVar[bool] = False  # may those take part who are not in business?
    rows: ClassVar[type[Enrolment]] = Enrolment

    side: str = "creators"
    cohort: str = ""
    where: Where = pydantic.Field(default_factory=dict)
    take_up: float = param(1.0, "Share of the eligible who want to take part", low=0, high=1)
    ramp: int = param(0, "Time over which take-up grows from nothing", unit="day", low=0, high=FOREVER)
    select_on: str = ""
    select_power: float = param(0.0, "How much more those apply who rank high on select_on", low=0, high=20)
    capacity: int = param(EVERYBODY, "Most who ever take part", unit="people", low=0, high=EVERYBODY)
    capacity_day: int = param(EVERYBODY, "Most who join on a day", unit="people/day", low=0, high=EVERYBODY)
    drop_out: float = param(0.0, "Chance to leave early", unit="1/day", low=0, high=1)
    stay: int = param(FOREVER, "Time after which one has finished", unit="day", low=1, high=FOREVER)
    build_up: int = param(0, "Time until the full dose works", unit="day", low=0, high=3_650)
    half_life: float = param(0.0, "Half-life of what is left after leaving", unit="day", low=0, high=36_500)
    assign_share: float = param(1.0, "Share drawn by lot who may take part", low=0, high=1)
    assign_by: str = "each"
    waves: int = param(1, "Waves by province, in an order drawn by lot", low=1, high=38)
    wave_every: int = param(0, "Time between waves", unit="day", low=0, high=3_650)
    cost_per_head: int = param(0, "Cost of each who joins", unit="Rp", low=0, high=10**12)
    cost_per_day: int = param(0, "Cost of each who takes part", unit="Rp/day", low=0, high=10**12)
    cost_share: float = param(0.0, "Running cost per rupiah of subsidy", low=0, high=10)

    @pydantic.model_validator(mode="after")
    def _makes_sense(self) -> "Campaign":
        if self.side not in self.sides:
            raise ValueError(f"side = {self.side!r} is not one of {', '.join(self.sides)}. Choose one of these.")
        check(self.where, self.side, "where")
        if self.select_on and self.select_on not in known_columns(self.side):
            raise ValueError(f"select_on = {self.select_on!r} is no column of {self.side}.")
        groups = ("each", "province", *(("cluster",) if self.side == "sellers" else ()))
        if self.assign_by not in groups:
            raise ValueError(f"assign_by = {self.assign_by!r} is not one of {', '.join(groups)}. Choose one of these.")
        return self

    def check(self, population: Population) -> None:
        """Refuse what does not fit a market."""
        check_categories(self.where, population.market().names, f"programs.{self.title}.where")
        people = min(self.capacity, EVERYBODY)
        if 0 < people < population.scale:
            raise ScenarioError(
                f"programs.{self.title}: {people:,} people are less than one agent, which stands for"
                f" {population.scale:g}. Choose a scenario at a smaller population.scale."
            )

    def begin(self, state: State, seed: int) -> Enrolment:
        """Return the list of all who could take part, with what is drawn once."""
        ids, places = _people(state, self.side)
        own = self.rows.empty(len(ids))
        nobody = np.zeros(len(ids), np.int64)
        own.wish[:] = draw_uniforms(self._key(seed, "wish"), ids, nobody)
        own.turn[:] = draw_words(self._key(seed, "turn"), ids, nobody)[0]
        own.wave[:] = self._waves(seed)[places]
        groups = {"each": ids, "province": places, "cluster": _clusters(state)}[self.assign_by]
        own.assigned[:] = draw_uniforms(self._key(seed, "assign"), groups, nobody) < self.assign_share
        return own

    def _key(self, seed: int, what: str) -> Key:
        return Key(int(seed), 0, stream(f"{self.cohort or self.title}.{what}"))

    def _waves(self, seed: int) -> Column:
        """Return the day of each province's wave, (38,)."""
        places = np.arange(38)
        order = np.argsort(draw_uniforms(self._key(seed, "wave"), places, np.zeros(38, np.int64)))
        wave = np.empty(38, np.int32)
        wave[order] = places * self.waves // 38 * self.wave_every
        return wave

    def pull(self, today: Today, me: int) -> None:
        today.levers.budgets[me] = self.share(today.state, self.budget)
        own = today.state.own[own_table(me)]
        assert isinstance(own, Enrolment)
        self.see_off(today, me, own)
        if self.is_open(today, me):
            self.enrol(today, own)
        strength = np.zeros(len(own))
        fill_strength(own.since, own.until, today.counter, self.build_up, float(self.half_life), strength)
        if strength.any():
            self.treat(today, me, strength)

    def treat(self, today: Today, me: int, strength: Column) -> None:
        """Move levers by the dose that each gets; ``strength`` (n_users,) or (n_hosts,) is 0 for who gets none."""
        raise NotImplementedError(f"{type(self).__name__} must define treat(today, me, strength).")

    def see_off(self, today: Today, me: int, own: Enrolment) -> None:
        """Let those leave who have finished or had enough, and all when the program is over."""
        inside = (own.since <= today.counter) & (own.until > today.counter)
        if self.is_open(today, me):
            tired = draw_uniforms(
                today.key(stream(f"{self.cohort or self.title}.leave")),
                self._ids(today.state),
                np.zeros(len(own), np.int64),
            )
            inside &= (tired < self.drop_out) | (today.counter - own.since.astype(np.int64) >= self.stay)
        own.until[inside] = today.counter

    def enrol(self, today: Today, own: Enrolment) -> None:
        """Let people join who may and want to, as long as there is room."""
        mine = self._slice(today.state)
        wanting = np.zeros(len(own), np.bool_)
        wanting[mine] = self.eligible(today)
        wanting &= own.assigned & (own.since == NEVER) & (today.day - self.start >= own.wave)
        chance = self.take_up * (min(1.0, (today.day - self.start + 1) / self.ramp) if self.ramp else 1.0)
        wanting[mine] &= own.wish[mine] < chance * self._appeal(today, wanting[mine])
        room = self.share(today.state, self.capacity) - int(np.count_nonzero(own.since[mine] != NEVER))
        admit(own, wanting, min(room, self.share(today.state, self.capacity_day)), today.counter)

    def eligible(self, today: Today) -> Column:
        """Return who of the side meets the conditions this morning, (n,) bool."""
        state = today.state
        found = select(self.where, self.side, state, today.counter)
        if self.side != "users" and not self.outsiders:
            found &= state.active(today.counter)[self._slice(state)]
        return found

    def _appeal(self, today: Today, wanting: Column) -> Column | float:
        """Return by how much more than ``take_up`` each of the eligible is drawn to apply, (n,); 1 on average."""
        if not self.select_on or not self.select_power:
            return 1.0
        return ranked(values(self.select_on, self.side, today.state, today.counter), wanting, self.select_power)

    def bill(self, today: Today, me: int) -> None:
        super().bill(today, me)
        own = today.state.own[own_table(me)]
        assert isinstance(own, Enrolment)
        inside = (own.since <= today.counter) & (own.until > today.counter)
        heads = np.count_nonzero(own.since == today.counter)
        cost = heads * self.cost_per_head + np.count_nonzero(inside) * self.cost_per_day
        if self.cost_share:
            mine = today.flows.dues.program == me
            cost += int(self.cost_share * int(today.flows.dues.subsidy[mine].sum()))
        if cost:
            pay_cost(today, me, int(cost))

    def _slice(self, state: State) -> slice:
        """Return the rows of the list that belong to this side."""
        n = len(state.creators)
        return {"users": slice(None), "creators": slice(0, n), "sellers": slice(n, None)}[self.side]

    def _ids(self, state: State) -> Column:
        return _people(state, self.side)[0]


def _people(state: State, side: str) -> tuple[Column, Column]:
    """Return ids and provinces of all who have a row in the list."""
    if side == "users":
        return state.users.id, state.users.province
    return state.host_identity, state.hosts.province


def _clusters(state: State) -> Any:
    """Return the cluster of each host; who is in none is a group of its own."""
    cluster = np.concatenate([np.zeros(len(state.creators), np.int64), state.sellers.cluster.astype(np.int64)])
    return np.where(cluster > 0, cluster, state.host_identity + (1 << 31))
