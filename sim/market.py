"""Wiring: a scenario becomes a running market. No behaviour lives here."""

from collections.abc import Callable

import mesa

from sim.burn_in import begin_day, settled
from sim.day import BLOCK, Machine, simulate
from sim.errors import ScenarioError
from sim.inputs import provinces
from sim.mechanism import Today, own_table
from sim.mechanisms import DAY
from sim.metrics import METRICS, Metric
from sim.recorder import Recorder
from sim.scenario import Scenario
from sim.tables import NEVER
from sim.views import AgentColumns, CreatorView, ProductView, SellerView, UserView

__all__ = ["DAY", "Market"]


class Market(mesa.Model):  # type: ignore[misc]
    """A market that runs one scenario, a day at a time.

    Parameters
    ----------
    scenario : what to simulate; two equal scenarios give two equal runs.
    origin : the scenario whose burnt-in market this one takes over on day 0, with the same population, calendar and
        seed, if not its own: twins whose mechanisms differ from day 0 on only.
    threads, block : threads, and users in a block; neither changes the result.
    on_day : hears, during the burn-in, how many of its days are done.
    keep : keep the burnt-in state on disk, for the next market with the same beginning.
    metrics : what the recorder reads every midnight, beside what is broken down by groups.

    ``settings`` is the scenario; Mesa has a ``scenario`` of its own.
    """

    def __init__(
        self,
        scenario: Scenario,
        *,
        origin: Scenario | None = None,
        threads: int | None = None,
        block: int = BLOCK,
        on_day: Callable[[int], None] = lambda day: None,
        keep: bool = True,
        metrics: tuple[Metric, ...] = METRICS,
    ) -> None:
        super().__init__(rng=scenario.seed)
        self.settings = scenario
        self.machine = Machine(threads=threads or Machine().threads, block=block)
        self.day = 0
        self.today: Today | None = None
        for program in scenario.programs:
            program.check(scenario.population)
        origin = _shared_origin(scenario, origin or scenario)
        self.state = settled(
            origin.population, origin.mechanisms, origin.calendar, origin.seed, self.machine, on_day, keep
        )
        self._begin_programs()
        self.recorder = Recorder(scenario.population.market().names, provinces().names, metrics=metrics)
        self.users = AgentColumns(self, self.state.users, UserView)
        self.creators = AgentColumns(self, self.state.creators, CreatorView)
        self.sellers = AgentColumns(self, self.state.sellers, SellerView)
        self.products = AgentColumns(self, self.state.products, ProductView)

    def step(self) -> None:
        """Simulate one day."""
        scenario, counter = self.settings, self.settings.calendar.burn_in + self.day
        self.today = begin_day(self.state, scenario.calendar, counter, scenario.seed, scenario.history)
        simulate(scenario.mechanisms, scenario.programs, self.today, self.machine)
        self.recorder.wages = provinces().wage(self.today.date.date.year)
        self.recorder.read(self.today)
        self.day += 1

    def _begin_programs(self) -> None:
        """Open an account and, where a program keeps one, a table for each program."""
        import numpy as np

        programs = self.settings.programs
        self.state.books.programs = np.zeros(len(programs), np.int64)
        self.state.books.spent_up = np.full(len(programs), NEVER, np.int32)
        for me, program in enumerate(programs):
            own = program.begin(self.state, self.settings.seed)
            if own is not None:
                self.state.own[own_table(me)] = own


def _shared_origin(scenario: Scenario, origin: Scenario) -> Scenario:
    """Return ``origin``, if a market of ``scenario`` can go on from it."""
    for name in ("population", "calendar", "seed"):
        if getattr(scenario, name) != getattr(origin, name):
            raise ScenarioError(
                f"The scenario and its origin differ in {name!r}. Only mechanisms and programs may differ."
            )
    if tuple(m.name for m in scenario.mechanisms) != tuple(m.name for m in origin.mechanisms):
        raise ScenarioError("The scenario and its origin have other mechanisms. Only their parameters may differ.")
    return origin
