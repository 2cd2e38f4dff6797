"""Headline against truth: what "7 times" and "9.5 times" are made of.

    mean of ratios = estimator x season x selection x causal

For each taker, sales in a window after taking part over sales in a window before. The mean of these ratios is the press
figure; the ratio of sums takes out what tiny baselines multiply (estimator); never-takers in the same weeks show the
season; the same takers in the twin, where they do not take part, show the season and who takes part (selection, growth,
regression to the mean); what remains is what it causes. The chain is exact, for every pair of windows.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from experiments.whatif.world import World
from sim.tables import NEVER, Column

WINDOWS = (14, 28, 56)  # days before, and days after
GAPS = (0, 28)  # days between the last day before and taking part, and taking part and the first day after
CONTROLS = 5  # never-takers for each taker


@dataclass(frozen=True)
class Panel:
    """Sales of one side by day, with and without; all (n, days), and the day on which each took part, (n,)."""

    with_it: Column
    without: Column
    taken: Column  # NEVER: did not
    alike: Column  # (n,) a number for the kind: controls are of the same


def panel(arm: World, base: World, side: str = "sellers") -> Panel:
    """Return GMV by day of creators or sellers, in both worlds."""
    n = len(arm.people[side]["id"])
    taken = np.full(n, NEVER, np.int64)
    for program in arm.programs.values():
        if side in program:
            taken = np.minimum(taken, program[side])
    people = arm.people[side]
    return Panel(by_day(arm, side), by_day(base, side), taken, people["category"].astype(np.int64))


def by_day(world: World, side: str) -> Column:
    """Return GMV of each creator or seller on each day, (n, days) [Rp]."""
    column = {"sellers": "seller", "creators": "host"}[side]
    n, orders = len(world.people[side]["id"]), world.orders
    who = orders[column].astype(np.int64)
    known = (who >= 0) & (who < n)
    table = np.zeros((n, world.days), np.int64)
    np.add.at(table, (who[known], orders["day"][known]), orders["price"][known])
    return table


def audit(found: Panel) -> list[dict[str, Any]]:
    """Return the chain for every pair of windows that fits into the days."""
    days, rows = found.with_it.shape[1], []
    for before in WINDOWS:
        for after in WINDOWS:
            for gap in GAPS:
                took = (found.taken != NEVER) & (found.taken - before - gap >= 0) & (found.taken + after + gap <= days)
                if took.sum() >= 10:
                    rows.append(
                        {"before": before, "after": after, "gap": gap, **_chain(found, took, before, after, gap)}
                    )
    return rows


def _chain(found: Panel, took: Column, before: int, after: int, gap: int) -> dict[str, Any]:
    takers = np.flatnonzero(took)
    never = np.flatnonzero(found.taken == NEVER)
    then = found.taken[takers]
    was = _window(found.with_it, takers, then - gap - before, before)
    now = _window(found.with_it, takers, then + gap, after)
    blocked = _window(found.without, takers, then + gap, after)
    per_day = before / after  # so that windows of different lengths compare
    some = was > 0
    mean_of_ratios = float(np.mean(now[some] / was[some])) * per_day if some.any() else np.nan
    sums = _ratio(now.sum(), was.sum()) * per_day
    season = _season(found.with_it, never, then, before, after, gap) * per_day
    twin = _ratio(blocked.sum(), was.sum()) * per_day
    return {
        "takers": len(takers),
        "without_sales_before": int((~some).sum()),
        "mean_of_ratios": mean_of_ratios,
        "ratio_of_sums": sums,
        "estimator": _ratio(mean_of_ratios, sums),
        "season": season,
        "selection": _ratio(twin, season),
        "causal": _ratio(now.sum(), blocked.sum()),
        "difference_in_differences": _matched(found, takers, never, then, before, after, gap),
        "spillover": _spillover(found, never, then, after, gap),
    }


def _window(table: Column, who: Column, start: Column, length: int) -> Column:
    """Return what each of ``who`` (m,) sold in ``length`` days from ``start`` (m,)."""
    running = np.concatenate([np.zeros((len(table), 1), np.int64), np.cumsum(table, axis=1)], axis=1)
    return np.asarray(running[who, start + length] - running[who, start])


def _ratio(part: float, whole: float) -> float:
    return float(part) / float(whole) if whole else float("nan")


def _season(table: Column, never: Column, then: Column, before: int, after: int, gap: int) -> float:
    """Return after over before of all never-takers, in the weeks of the takers."""
    whole = table[never].sum(axis=0)[None, :]
    nobody = np.zeros(len(then), np.int64)
    was = _window(whole, nobody, then - gap - before, before)
    now = _window(whole, nobody, then + gap, after)
    return _ratio(now.sum(), was.sum())


def _matched(found: Panel, takers: Column, never: Column, then: Column, before: int, after: int, gap: int) -> float:
    """Return takers' ratio of sums over that of never-takers of the same kind who sold most nearly as much before."""
    now_t = was_t = now_c = was_c = 0.0
    for taker, day in zip(takers.tolist(), then.tolist(), strict=True):
        same = never[found.alike[never] == found.alike[taker]]
        if not len(same):
            continue
        start = np.full(len(same), day - gap - before)
        sold = _window_of(found.with_it, same, start[0], before)
        mine = _window_of(found.with_it, np.array([taker]), start[0], before)
        near = same[np.argsort(np.abs(np.log1p(sold) - np.log1p(mine)), kind="stable")[:CONTROLS]]
        was_c += float(_window_of(found.with_it, near, start[0], before).mean())
        now_c += float(_window_of(found.with_it, near, day + gap, after).mean())
        was_t += float(mine[0])
        now_t += float(_window_of(found.with_it, np.array([taker]), day + gap, after)[0])
    return _ratio(_ratio(now_t, was_t), _ratio(now_c, was_c))


def _window_of(table: Column, who: Column, start: int, length: int) -> Column:
    return np.asarray(table[who, start : start + length].sum(axis=1))


def _spillover(found: Panel, never: Column, then: Column, after: int, gap: int) -> float:
    """Return what never-takers sold in the takers' weeks, over what they sold without the program."""
    first, last = int(then.min()) + gap, int(then.max()) + gap + after
    mine, theirs = (table[never, first:last].sum() for table in (found.with_it, found.without))
    return _ratio(mine, theirs)
