"""How fast the whole market runs: days a second, by mechanism and by size; memory; starting."""

import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from statistics import median

from benchmarks.machine import table
from sim.burn_in import begin_day
from sim.day import simulate
from sim.flows import Total
from sim.market import Market
from sim.scenario import load

_CHILD = """
import sys, time
from pathlib import Path
from sim.market import Market
from sim.scenario import load
began = time.perf_counter()
market = Market(load("indonesia-2024", [f"population.scale={sys.argv[1]}"]))
settled, took = time.perf_counter() - began, []
for _ in range(int(sys.argv[2])):
    began = time.perf_counter()
    market.step()
    took.append(time.perf_counter() - began)
status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
peak = int(status["VmHWM"].split()[0]) / 1024  # getrusage() would count the parent's, too
print(len(market.state.users), sorted(took)[len(took) // 2], peak, settled)
"""


class Timed:
    """A mechanism that says how long it took, and does what it did."""

    def __init__(self, inner, spent: Counter):
        self._inner, self._spent = inner, spent

    def __getattr__(self, name):
        what = getattr(self._inner, name)
        return self._timed(what) if name in ("prepare", "step", "act") else what

    def _timed(self, what):
        def work(*arguments):
            began = time.perf_counter()
            what(*arguments)
            self._spent[type(self._inner).__name__] += time.perf_counter() - began

        return work


class TimedPlan:
    """A day whose mechanisms are all timed."""

    def __init__(self, plan, spent: Counter):
        for phase in ("before", "users", "after", "evening"):
            setattr(self, phase, tuple(Timed(mechanism, spent) for mechanism in getattr(plan, phase)))


def main(quick: bool) -> None:
    """Print all tables."""
    scenario, days = load("indonesia-2024"), 5 if quick else 20
    threads(scenario, days)
    profile(scenario, days)
    sizes((4_000, 1_000) if quick else (4_000, 1_000, 250), days)
    starts(1 if quick else 3)


def threads(scenario, days: int) -> None:
    """Compare one thread with all, a day of each in turn."""
    counts = sorted({1, os.cpu_count() or 1})
    markets = {n: Market(scenario, threads=n) for n in counts}
    took = {n: [] for n in counts}
    for day in range(days + 1):
        for n, market in markets.items():
            began = time.perf_counter()
            market.step()
            if day:  # the first one loads the kernels
                took[n].append(time.perf_counter() - began)
    rows = []
    for n, market in markets.items():
        shown, once = int(market.today.flows.counts.totals[Total.IMPRESSIONS]), median(took[n])
        rows.append((f"{n} threads", once, 1 / once, 365 * once, shown / once / 1e6, median(took[1]) / once))
    head = ("indonesia-2024", "s a day", "days/s", "s a year", "M impressions/s", "speed-up")
    table(f"The whole market, median of {days} days", head, rows)


def profile(scenario, days: int) -> None:
    """Show what each mechanism costs, on one thread."""
    market, spent = Market(scenario, threads=1), Counter()
    market.step()
    plan, shown, began = TimedPlan(scenario.mechanisms, spent), 0, time.perf_counter()
    for day in range(1, days + 1):
        today = begin_day(market.state, scenario.calendar, scenario.calendar.burn_in + day, scenario.seed)
        simulate(plan, (), today, market.machine)
        shown += int(today.flows.counts.totals[Total.IMPRESSIONS])
    whole = time.perf_counter() - began
    spent["the rest"] = whole - spent.total()
    rows = [(name, 1e3 * s / days, 100 * s / whole, 1e9 * s / shown) for name, s in spent.most_common()]
    table("By mechanism, one thread", ("", "ms a day", "% of the day", "ns an impression"), rows)
    print(f"Discovery alone: {shown / spent['Discovery'] / 1e6:.1f} million impressions/s")


def sizes(scales: tuple[int, ...], days: int) -> None:
    """Show how cost and memory grow with the number of users, each size in a process of its own."""
    rows = []
    for scale in scales:
        command = [sys.executable, "-c", _CHILD, str(scale), str(days)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.split()
        users, day, peak, settled = int(done[0]), *(float(word) for word in done[1:])
        rows.append((f"1:{scale}", f"{users:,}", day, 1e6 * day / users, peak, 1024 * peak / users, settled))
    head = ("scale", "users", "s a day", "µs a user-day", "peak MiB", "KiB a user", "s to settle or load")
    table("By size, all threads", head, rows)


def starts(times: int) -> None:
    """Time what a user waits for: help, a lesson, the same with nothing compiled."""
    etalase = [sys.executable, "-m", "experiments.cli"]
    village = [*etalase, "run", "village", "--json"]
    rows = [("etalase --help", seconds([*etalase, "--help"], times)), ("etalase run village", seconds(village, times))]
    with tempfile.TemporaryDirectory() as empty:
        rows.append(("the same, kernels not yet compiled", seconds(village, 1, {"ETALASE_CACHE": empty})))
    table("Starting", ("command", "s"), rows)


def seconds(command: list[str], times: int, more: dict[str, str] | None = None) -> float:
    """Return the median duration of a command."""
    # a fresh process names the folder of kernels itself
    environment, took = {k: v for k, v in os.environ.items() if k != "NUMBA_CACHE_DIR"} | (more or {}), []
    for _ in range(times):
        began = time.perf_counter()
        subprocess.run(command, capture_output=True, check=True, env=environment)
        took.append(time.perf_counter() - began)
    return median(took)
