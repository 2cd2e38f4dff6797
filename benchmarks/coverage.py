"""Whether 95 % intervals of a what-if that adds seeds until it is sure hold their level on a market, not on a formula.

``python -m benchmarks.coverage [EXPERIMENTS]``: so many times somebody asks what a program does to the GMV of the
village in two weeks, each with seeds of their own, and stops by the rule of ``etalase whatif --until``. The truth is
the mean over all seeds of all of them. Printed: how often the interval held it, and the binomial interval of that
share.
"""

import sys
import time
from collections.abc import Iterator
from itertools import count, islice

import joblib
import numpy as np
from scipy import stats

from benchmarks.machine import line
from experiments.whatif.arms import arm
from experiments.whatif.intervals import Interval, interval, seeds_needed
from experiments.whatif.whatif import FIRST_STAGE
from experiments.whatif.world import simulate
from sim.scenario import load

DAYS = 14
PROGRAM = "live-bonus"
SHARE = 0.004  # of GMV: the width asked for, such that about twice the first stage is needed
BATCH = 40  # seeds simulated at a time


def effect(seed: int) -> tuple[float, float]:
    """Return GMV a day without the program, and how much more it is with it."""
    base = load("village").but(seed=seed)
    variant = arm(load("village"), PROGRAM).scenario.but(seed=seed)
    without = simulate(base, DAYS).metrics["gmv"].mean()
    return float(without), float(simulate(variant, DAYS, base).metrics["gmv"].mean() - without)


def effects(workers: int) -> Iterator[tuple[float, float]]:
    """Yield the effects of seeds 1, 2, 3 ..., simulated some at a time."""
    seeds = count(1)
    with joblib.Parallel(n_jobs=workers) as pool:
        while True:
            yield from pool(joblib.delayed(effect)(seed) for seed in islice(seeds, BATCH))


def experiment(source: Iterator[tuple[float, float]]) -> tuple[Interval, list[float]]:
    """Return the interval of somebody who adds seeds until it is narrow, and the effects that it is made of."""
    found = list(islice(source, FIRST_STAGE))
    while True:
        level, more = (np.array(column) for column in zip(*found, strict=True))
        missing = seeds_needed(more, SHARE * level.mean() / 2, FIRST_STAGE) - len(found)
        if missing <= 0:
            return interval(more, first=FIRST_STAGE), more.tolist()
        found += islice(source, missing)


def main() -> None:
    """Print the share of intervals that hold the truth."""
    asked, began = int(sys.argv[1]) if len(sys.argv) > 1 else 200, time.perf_counter()
    print(line())
    source, done, everything = effects(2), [], []
    for n in range(1, asked + 1):
        found, more = experiment(source)
        done.append(found)
        everything += more
        if n % 20 == 0 or n == asked:
            truth = np.mean(everything)
            held = sum(found.low <= truth <= found.high for found in done)
            low, high = stats.binomtest(held, n).proportion_ci()
            skew, seconds = stats.skew(everything), time.perf_counter() - began
            print(f"{held} of {n} held ({held / n:.1%}, 95 % interval {low:.1%} to {high:.1%});", end=" ")
            print(f"{len(everything) / n:.1f} seeds each, skewness {skew:.1f}, {seconds:.0f} s", flush=True)


if __name__ == "__main__":
    main()
