"""One run of a study: what it simulates, what its result hangs on, and what comes of it."""

import gc
import hashlib
import json
import time
import traceback
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from experiments.study.outcomes import POINT, Outcome
from experiments.study.own_code import code_of
from sim import source_hash
from sim.burn_in import key_of
from sim.errors import EtalaseError
from sim.scenario import Scenario

FORMAT = 1  # of what is kept of a run


@dataclass(frozen=True)
class Job:
    """One replicate of one point. It can be sent to another process."""

    point: int
    values: Mapping[str, Any]  # by the name of a factor
    worlds: Mapping[str, Scenario]  # that of the point, and its twins
    origin: Scenario | None  # whose burnt-in market all worlds go on from, if not their own
    days: int
    outcomes: tuple[Outcome, ...]
    problem: str = ""  # why the point cannot be simulated
    keep: bool = False  # whether others begin with the same burn-in

    @property
    def seed(self) -> int:
        """The seed of all its worlds."""
        return self.worlds[POINT].seed

    def burn_in(self) -> str | None:
        """Return a name for all that its burn-in hangs on; None if it is never kept."""
        start = self.origin or self.worlds[POINT]
        return key_of(start.population, start.mechanisms, start.calendar, start.seed)

    def misfit(self) -> str:
        """Return why some program does not fit its world; nothing if all do."""
        try:
            for scenario in self.worlds.values():
                for program in scenario.programs:
                    program.check(scenario.population)
        except EtalaseError as mistake:
            return str(mistake)
        return ""

    def key(self) -> str:
        """Return a name for all that its result hangs on; jobs of one name are run once."""
        parts = {
            "format": FORMAT,
            "worlds": {name: scenario.fingerprint() for name, scenario in self.worlds.items()},
            "origin": self.origin.fingerprint() if self.origin else None,
            "days": self.days,
            "outcomes": [[type(outcome).__name__, asdict(outcome)] for outcome in self.outcomes],
            "problem": [self.problem, dict(self.values)] if self.problem else None,
            "code": [source_hash(), *sorted({code_of(kind) for kind in self._kinds() if kind})],
        }
        return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:32]

    def _kinds(self) -> set[type]:
        """Return the classes of mechanisms and programs that are not part of this package."""
        used = {type(part) for world in self.worlds.values() for part in (*world.mechanisms, *world.programs)}
        return {kind for kind in used if not kind.__module__.startswith("sim.")}


def simulate(job: Job) -> dict[str, Any]:
    """Simulate a job on one thread; return its outcomes, fingerprint and duration, or its error.

    Nothing that happens in it is raised, so that one run never stops the others.
    """
    began = time.perf_counter()
    found: dict[str, Any] = {"seed": job.seed, "fingerprint": None, "error": job.problem or None}
    outcomes: dict[str, Any] = {outcome.name: None for outcome in job.outcomes}
    if not job.problem:
        try:
            found["fingerprint"], outcomes = _lived(job)
        except Exception as mistake:
            place = traceback.extract_tb(mistake.__traceback__)[-1]
            said = " ".join(str(mistake).split()) or "no message"
            found["error"] = f"{type(mistake).__name__}: {said} ({place.name}, line {place.lineno})"
    gc.collect(1)  # a Mesa model refers to itself: it would stay until a full collection, which is rare and slow
    return {**found, "seconds": time.perf_counter() - began, "outcomes": outcomes}


def _lived(job: Job) -> tuple[str, dict[str, Any]]:
    """Return the fingerprint of all worlds, and the outcomes."""
    from experiments.run import measured

    start = job.origin or job.worlds[POINT]
    worlds, prints = {}, []
    for name, scenario in job.worlds.items():
        worlds[name], fingerprint = measured(scenario.but(days=job.days), start, job.keep or len(job.worlds) > 1)
        prints.append(fingerprint)
    whole = prints[0] if len(prints) == 1 else hashlib.sha256("".join(prints).encode()).hexdigest()
    return whole, {outcome.name: outcome.read(worlds) for outcome in job.outcomes}
