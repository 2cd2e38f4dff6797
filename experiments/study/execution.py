"""Where runs are simulated: in this process, in several of this machine by joblib, or on a cluster by Ray.

Both are the same call of joblib. For Ray, joblib's threads wait for Ray's tasks, which Ray itself starts again when a
worker dies.
"""

import itertools
import os
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager
from typing import Any

from experiments.study.jobs import Job, simulate
from sim.errors import ResultsError

BACKENDS = ("local", "ray")
IDLE = 15  # seconds after which a worker that nobody asks ends
MOST_DEATHS = 3  # of workers, one after the other, without any run done in between

Row = dict[str, Any]
Keyed = tuple[str, Job]


def each(jobs: Iterable[Keyed], n: int, workers: int, backend: str) -> Iterator[tuple[str, Row]]:
    """Yield the key and the row of each of ``n`` jobs, as they end.

    Raises
    ------
    ResultsError : workers keep dying, or there is no such cluster.
    """
    if backend == "ray":
        with _cluster(workers) as remote:
            yield from _parallel(jobs, workers, remote, "threading")
    elif workers == 1 or n < 2:
        for job in jobs:
            yield one(job)
    else:
        yield from _parallel(jobs, workers, one, "loky")


def one(job: Keyed) -> tuple[str, Row]:
    """Simulate one job, and keep its key with it."""
    return job[0], simulate(job[1])


def _parallel(
    jobs: Iterable[Keyed], workers: int, call: Callable[[Keyed], tuple[str, Row]], backend: str
) -> Iterator[tuple[str, Row]]:
    """Yield results as they come; what was with a worker that died is given out again."""
    from joblib import Parallel, delayed

    # workers whose study was killed go away by themselves
    options = {"idle_worker_timeout": IDLE} if backend == "loky" else {}
    given_out: dict[str, Keyed] = {}
    left, deaths = iter(jobs), 0

    def next_ones() -> Iterator[Any]:
        for job in itertools.chain(list(given_out.values()), left):
            given_out[job[0]] = job
            yield delayed(call)(job)

    while True:
        pool = Parallel(n_jobs=workers, backend=backend, return_as="generator_unordered", batch_size=1, **options)
        rows = pool(next_ones())
        try:
            for key, row in rows:
                del given_out[key]
                deaths = 0
                yield key, row
            return
        except BrokenExecutor:
            deaths += 1
            if deaths == MOST_DEATHS:
                raise ResultsError(
                    f"Workers were killed {deaths} times in a row, perhaps for want of memory. Take fewer --workers or"
                    " a larger population.scale, and go on with --resume."
                ) from None
        finally:
            _close(rows)


def _close(rows: Any) -> None:
    """Let go of results that nobody waits for any more, without joblib's remarks on that."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        rows.close()


@contextmanager
def _cluster(workers: int) -> Iterator[Callable[[Keyed], tuple[str, Row]]]:
    """Give a function that simulates a job somewhere on a Ray cluster."""
    try:
        import ray
    except ModuleNotFoundError:
        raise ResultsError("Ray is missing. Install it with: pip install 'etalase[cluster]'.") from None
    mine, address = not ray.is_initialized(), os.environ.get("RAY_ADDRESS")
    if mine:
        ray.init(
            address=address,
            num_cpus=None if address else workers,
            include_dashboard=False,
            logging_level="ERROR",
            log_to_driver=False,
            runtime_env={"env_vars": {"PYTHONPATH": os.pathsep.join(sys.path)}},
        )
    task = ray.remote(one)

    def remote(job: Keyed) -> tuple[str, Row]:
        try:
            found: tuple[str, Row] = ray.get(task.remote(job))
        except ray.exceptions.RayError as mistake:
            said = " ".join(str(mistake).split())[:200]
            raise ResultsError(f"The cluster could not finish a run: {said}. Go on with --resume.") from None
        return found

    try:
        yield remote
    finally:
        if mine:
            ray.shutdown()
