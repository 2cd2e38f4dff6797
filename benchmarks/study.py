"""What a study costs beyond its simulations: overhead a run, speed-up of two workers, memory of a worker."""

import os
import tempfile
import time
from pathlib import Path
from statistics import mean

from benchmarks.machine import table
from experiments.study import LatinHypercube, Measure, Number, Results, Study, run_study
from sim.market import Market
from sim.scenario import load

EARLY = 10  # runs after which memory is read for the first time
PAGE = os.sysconf("SC_PAGE_SIZE") / 2**20  # MiB


def main(quick: bool) -> None:
    """Print all tables."""
    study = village(100 if quick else 1_000)
    bare(study, 0)  # compiles
    few = paired(village(20 if quick else 200))
    one, two = timed(study, 1), timed(study, 2)
    rows = []
    for workers, (wall, results, memory) in ((1, one), (2, two)):
        inside = mean(results.runs["seconds"])
        store = 1_000 * (wall * workers / study.size - inside)
        rows.append((workers, wall, 1_000 * inside, store, one[0] / wall, *memory))
    head = ("workers", "s in all", "ms a run", "ms around it", "speed-up", f"MiB at run {EARLY}", "MiB at the end")
    table(f"{study.size:,} runs of 28 days of the village, burn-in of 28 days each; per worker", head, rows)
    head = ("ms bare", "ms simulated", "ms in all", "overhead")
    table("One worker; after each run the same market is only stepped, without a study", head, [few])
    assert one[1].record == two[1].record


def village(n: int) -> Study:
    """Return a study of ``n`` small runs that share nothing."""
    gamma = Number("mechanisms.discovery.gamma", 0.1, 0.7)
    outcomes = (Measure("gmv"), Measure("creator_income_gini"))
    return Study("benchmark", load("village"), (gamma,), outcomes, LatinHypercube(points=n), days=28)


def bare(study: Study, number: int) -> float:
    """Return how long a run takes as a market alone [s]."""
    scenario = study.job(number).worlds["point"]
    began = time.perf_counter()
    market = Market(scenario, threads=1, keep=False)
    for _ in range(study.days):
        market.step()
    return time.perf_counter() - began


def paired(study: Study) -> tuple[float, float, float, float]:
    """Return the mean of bare runs, of their simulation in a study and of all of it there [ms]; what that adds [share].

    Both take turns, so that a machine whose speed drifts is fair to both.
    """
    alone: list[float] = []

    def after(done: int, total: int) -> None:
        if done:
            alone.append(bare(study, done - 1))

    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        results = run_study(study, Path(folder) / "out", progress=after)
        wall = time.perf_counter() - began - sum(alone)
        inside = mean(results.runs["seconds"])
    assert len(alone) == study.size
    return 1_000 * mean(alone), 1_000 * inside, 1_000 * wall / study.size, wall / sum(alone) - 1


def timed(study: Study, workers: int) -> tuple[float, Results, tuple[float, float]]:
    """Run a study; return wall-clock seconds, results, and the memory of a worker early and at the end [MiB]."""
    memory: dict[str, float] = {}

    def look(done: int, total: int) -> None:
        if done in (EARLY, total):
            memory["early" if done == EARLY else "end"] = max(map(resident, working() or [os.getpid()]))

    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        results = run_study(study, Path(folder) / "out", workers=workers, progress=look)
        wall = time.perf_counter() - began
        len(results.runs)  # read before the folder goes
    return wall, results, (memory["early"], memory["end"])


def working() -> list[int]:
    """Return the worker processes of joblib below this one."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                line = (entry / "cmdline").read_bytes()
            except OSError:  # it has ended
                continue
            if parent == os.getpid() and b"popen_loky_posix" in line:
                found.append(int(entry.name))
    return found


def resident(process: int) -> float:
    """Return the memory of a process [MiB]."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * PAGE
