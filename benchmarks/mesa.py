"""The market by hand against the kernels, the same scenario and the same bits; and Mesa's own model as a yardstick."""

import gc
import time
from collections import Counter
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.machine import table
from benchmarks.market import TimedPlan
from sim.burn_in import begin_day
from sim.day import simulate
from sim.market import Market
from sim.plain.market import PlainMarket
from sim.scenario import load

SIZES = (1_000, 5_000, 20_000)
TABLES = ("users", "creators", "sellers", "products")


def main(quick: bool) -> None:
    """Print all tables."""
    rows = [compare(users, 3 if quick else 7) for users in (SIZES[:2] if quick else SIZES)]
    head = ("users", "agents", "by hand s/day", "kernels s/day", "ratio", "KiB an agent")
    table("By hand against kernels, one thread, medians; every column equal", head, rows)
    profile(rows[-1][0], 10)
    yardstick(5)


def scenario_of(users: int):
    """Return a village of so many users, with a creator for every 15 and a seller for every 6, as in the country."""
    sizes = {"users": users, "creators": users // 15, "potential_creators": users // 30, "sellers": users // 6,
             "potential_sellers": users // 30}  # fmt: skip
    changes = [f"population.{name}={n}" for name, n in sizes.items()]
    return load("village", [*changes, "population.categories=[]", "calendar.burn_in=14"])


def compare(users: int, days: int) -> tuple[object, ...]:
    """Live some days in both markets, day by day in turn; return a row of medians."""
    scenario = scenario_of(users)
    kernels, before = Market(scenario, threads=1), resident()
    by_hand = PlainMarket(scenario)
    gc.collect()
    agents = len(by_hand.agents)
    memory = (resident() - before) / agents
    took: dict[str, list[float]] = {"by hand": [], "kernels": []}
    for _ in range(days + 1):
        for name, market in (("by hand", by_hand), ("kernels", kernels)):
            began = time.perf_counter()
            market.step()
            took[name].append(time.perf_counter() - began)
    for name in TABLES:
        for column in getattr(kernels.state, name).columns():
            mine, theirs = (getattr(getattr(m.state, name), column) for m in (kernels, by_hand))
            assert np.array_equal(mine, theirs), f"{name}.{column} differs"
    slow, fast = (median(took[name][1:]) for name in ("by hand", "kernels"))  # the first day compiles
    return users, agents, slow, fast, slow / fast, memory


def resident() -> float:
    """Return the memory in use [KiB]."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return float(status["VmRSS"].split()[0])


def profile(users: object, days: int) -> None:
    """Print what the kernels spend their time on in the largest of these markets."""
    market, spent, whole = Market(scenario_of(int(str(users))), threads=1), Counter[str](), 0.0
    plan = market.settings.mechanisms
    for _ in range(days):
        today = begin_day(market.state, market.settings.calendar, market.settings.calendar.burn_in + market.day, 1, 0)
        began = time.perf_counter()
        simulate(TimedPlan(plan, spent), (), today, market.machine)
        whole += time.perf_counter() - began
        market.day += 1
    spent["the rest"] = whole - sum(spent.values())
    rows = [(name, 1000 * s / days, 100 * s / whole) for name, s in spent.most_common()]
    table(f"What the kernels do in a market of {users} users", ("", "ms a day", "%"), rows)


def yardstick(times: int) -> None:
    """Print how fast the wealth model that comes with Mesa is here."""
    from mesa.examples.basic.boltzmann_wealth_model.model import BoltzmannWealth

    took = []
    for _ in range(times):
        model = BoltzmannWealth(n=1_000, width=50, height=50)
        began = time.perf_counter()
        for _ in range(20):
            model.step()
        took.append((time.perf_counter() - began) / 20)
    table("Mesa's Boltzmann wealth model, 1,000 agents", ("", "ms a step", "us an agent-step"),
          [("median", 1e3 * median(took), 1e6 * median(took) / 1_000)])  # fmt: skip
