"""Running a study: what has not landed yet is simulated, on one machine or on a cluster."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from experiments.study.execution import BACKENDS, each
from experiments.study.results import Results, read_study
from experiments.study.store import Store
from experiments.study.study import Study
from sim.errors import ScenarioError

AT_ONCE = 8  # burn-ins that are in use at the same time; fewer than are kept on disk

Progress = Callable[[int, int], None] | None


class Planned(NamedTuple):
    """A run by its place in the study, and what is known of it before it is simulated."""

    number: int
    key: str
    burn_in: str | None


def run_study(
    study: Study,
    out: str | Path,
    *,
    workers: int = 1,
    backend: str = "local",
    resume: bool = False,
    progress: Progress = None,
) -> Results:
    """Simulate every replicate of every point that has not landed in ``out`` yet.

    Parameters
    ----------
    study : what is asked.
    out : a new or empty folder; or, with ``resume``, one in which this study was begun.
    workers : processes, one thread each. The result is the same.
    backend : "local", or "ray": a cluster named by RAY_ADDRESS, or else a local one.
    resume : go on with what is there.
    progress : hears (runs done, runs in all).

    Raises
    ------
    ResultsError : the folder cannot be used, or the disk is full; whatever has landed is kept.
    """
    if backend not in BACKENDS:
        raise ScenarioError(f"There is no backend {backend!r}. Choose from {', '.join(BACKENDS)}.")
    with Store(out, study, resume) as store:
        plan, done = list(planned(study)), store.landed()
        missing = in_turn(list({run.key: run for run in plan if run.key not in done}.values()))
        total = len({run.key for run in plan})
        tell = progress or (lambda done, total: None)
        tell(total - len(missing), total)
        shared = Counter(run.burn_in for run in missing)
        jobs = ((run.key, replace(study.job(run.number), keep=shared[run.burn_in] > 1)) for run in missing)
        for left, (key, row) in enumerate(each(jobs, len(missing), workers, backend), total - len(missing) + 1):
            store.land(key, row)
            tell(left, total)
        store.close_with((run.number, run.key) for run in plan)
    return read_study(out)


def planned(study: Study) -> Iterator[Planned]:
    """Yield every run of a study, in order."""
    for number in range(study.size):
        job = study.job(number)
        yield Planned(number, job.key(), job.burn_in())


def in_turn(runs: Sequence[Planned]) -> list[Planned]:
    """Return the runs in an order in which neighbours begin with different burn-ins, and few of these at a time.

    So workers do not wait for, or repeat, each other's burn-in, and it is still on disk when it is needed again.
    """
    turn = {burn_in: i for i, burn_in in enumerate(dict.fromkeys(run.burn_in for run in runs))}
    seen: Counter[str | None] = Counter()
    places = []
    for run in runs:
        places.append((turn[run.burn_in] // AT_ONCE, seen[run.burn_in], turn[run.burn_in]))
        seen[run.burn_in] += 1
    return [run for _, run in sorted(zip(places, runs, strict=True), key=lambda pair: pair[0])]
