"""The settling of a market before day 0: simulated once, then kept on disk under a key of all it depends on."""

import contextlib
import hashlib
import json
from collections.abc import Callable
from pathlib import Path

from sim import cache_folder, source_hash
from sim.calendar import Calendar
from sim.day import Machine, simulate
from sim.flows import Flows
from sim.ledger import open_books
from sim.levers import Levers
from sim.mechanism import Plan, Today, seed_of
from sim.population import Population, draw_follows, draw_population
from sim.snapshot import load, save
from sim.state import State

#: The samplers' proposals are frozen anew this often in the burn-in, which all twins share [day].
REFREEZE = 14
#: Burnt-in markets that are kept on disk; the oldest go.
KEPT = 16


def begin_day(state: State, calendar: Calendar, counter: int, seed: int, history: int = 0) -> Today:
    """Return the morning of a counter day, in one of the histories of the people drawn from ``seed``."""
    return Today(
        counter=counter,
        day=counter - calendar.burn_in,
        date=calendar.on(counter),
        state=state,
        levers=Levers.neutral(state),
        flows=Flows.empty(state),
        seed=seed,
        luck=seed_of(seed, history),
    )


def draw_market(population: Population, plan: Plan, calendar: Calendar, seed: int) -> State:
    """Return the state at the start of the burn-in: people, follow graph, books, mechanisms' own tables."""
    state = draw_population(population, seed, calendar.start.year)
    begin_market(state, population, plan, calendar, seed)
    return state


def begin_market(state: State, population: Population, plan: Plan, calendar: Calendar, seed: int) -> None:
    """Give the people of ``state`` follows, books and the mechanisms' own tables, in place."""
    draw_follows(state, population, seed)
    for mechanism in plan:
        own = mechanism.begin(state, seed)
        if own is not None:
            state.own[mechanism.name] = own
    open_books(state)
    freeze(plan, begin_day(state, calendar, 0, seed))


def freeze(plan: Plan, today: Today) -> None:
    """Let every mechanism freeze the proposals of its samplers at what it expects today."""
    for mechanism in plan:
        mechanism.freeze(today)


def settle(
    population: Population, plan: Plan, calendar: Calendar, seed: int, machine: Machine, on_day: Callable[[int], None]
) -> State:
    """Simulate the burn-in; ``on_day`` hears how many days are done."""
    state = draw_market(population, plan, calendar, seed)
    for counter in range(calendar.burn_in):
        today = begin_day(state, calendar, counter, seed)
        simulate(plan, (), today, machine)
        if (calendar.burn_in - 1 - counter) % REFREEZE == 0:
            freeze(plan, today)
        on_day(counter + 1)
    return state


def key_of(population: Population, plan: Plan, calendar: Calendar, seed: int) -> str | None:
    """Return a name for all that the burn-in depends on; None if a mechanism is not part of this package."""
    if any(not type(mechanism).__module__.startswith("sim.") for mechanism in plan):
        return None
    parts = {
        "population": population.model_dump(mode="json"),
        "mechanisms": [[type(m).__name__, m.model_dump(mode="json")] for m in plan],
        "calendar": calendar.model_dump(mode="json"),
        "seed": seed,
        "source": source_hash(),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]


def kept_at(population: Population, plan: Plan, calendar: Calendar, seed: int) -> Path | None:
    """Return where a burnt-in state is kept, or None if it is not to be kept."""
    key = key_of(population, plan, calendar, seed)
    return cache_folder() / "burn-in" / f"{key}.npz" if key and calendar.burn_in else None


def settled(
    population: Population,
    plan: Plan,
    calendar: Calendar,
    seed: int,
    machine: Machine,
    on_day: Callable[[int], None] = lambda day: None,
    keep: bool = True,
) -> State:
    """Return the state on day 0: read back if it was kept, else simulated, and kept if ``keep``."""
    path = kept_at(population, plan, calendar, seed) if keep else None
    if path is not None and path.exists():
        try:
            return load(path)
        except Exception:  # damaged in one of many ways: simulate again
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
    state = settle(population, plan, calendar, seed, machine, on_day)
    if path is not None and not state.own:
        _keep(state, path)
    return state


def _keep(state: State, path: Path) -> None:
    """Write the state; a full or read-only disk only means that it is simulated again next time."""
    try:
        save(state, path)
        for old in sorted(path.parent.glob("*.npz"), key=lambda file: file.stat().st_mtime)[:-KEPT]:
            old.unlink(missing_ok=True)
    except OSError:
        path.unlink(missing_ok=True)
