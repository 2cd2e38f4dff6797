"""What a program causes: gathered over seeds, with what is not known about it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.whatif.arms import Arm
from experiments.whatif.intervals import interval, variance_ratio
from sim.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

Seed = dict[str, Any]


@dataclass
class Effects:
    """Base, arms and everything that differs, in plain numbers; ``to_dict`` is what ``effects.json`` holds."""

    whole: dict[str, Any]
    seeds: list[Seed]

    def to_dict(self) -> dict[str, Any]:
        """Return all in JSON types."""
        return self.whole

    def of(self, arm: str, metric: str) -> dict[str, float]:
        """Return base, arm, effect, interval, noise floor and range of one metric of one arm."""
        found: dict[str, float] = self.whole["arms"][arm]["metrics"][metric]
        return found

    def to_frame(self) -> "pd.DataFrame":
        """Return a row for each seed, arm and metric: base, arm and effect."""
        import pandas as pd

        rows = []
        for seed in self.seeds:
            for name, arm in seed["arms"].items():
                for metric, value in arm["metrics"].items():
                    base = {**seed["base"], **arm["base"]}[metric]
                    rows.append((seed["seed"], name, metric, base, value, value - base))
        return pd.DataFrame(rows, columns=["seed", "arm", "metric", "base", "with", "effect"])


def gather(
    base: Scenario, arms: Sequence[Arm], days: int, seeds: list[Seed],
    answers: Sequence[tuple[str, str, Seed]], first: int | None,
) -> Effects:  # fmt: skip
    """Gather the seeds, and the ``answers`` to assumptions (path, end, what came of it)."""
    whole = {
        "base": {"name": base.name, "scenario": base.to_dict(), "fingerprint": base.fingerprint()},
        "days": days,
        "seeds": [seed["seed"] for seed in seeds],
        "scale": base.population.scale,
        "first_stage": first,
        "series": mean_of([seed["series"] for seed in seeds]),
        "arms": {arm.name: _arm(arm, base, days, seeds, answers, first) for arm in arms},
    }
    return Effects(_plain(whole), seeds)


def _arm(
    arm: Arm, base: Scenario, days: int, seeds: list[Seed], answers: Sequence[tuple[str, str, Seed]], first: int | None
) -> dict[str, Any]:
    mine = [seed["arms"][arm.name] for seed in seeds]
    asked = [(path, end, seed, seed["arms"][arm.name]) for path, end, seed in answers if arm.name in seed["arms"]]
    found = {
        "title": " + ".join(part.story.strip().splitlines()[0] if part.story else part.name for part in arm.stories),
        "sources": [line for part in arm.stories for line in part.sources],
        "assumptions": [line for part in arm.stories for line in part.assumptions],
        "twin": arm.twin,
        "window": _window(arm, days),
        "scenario": arm.scenario.to_dict(),
        "fingerprint": arm.scenario.fingerprint(),
        "programs": mean_of([m["programs"] for m in mine]),
        "metrics": {name: _metric(name, seeds, mine, asked, first) for name in mine[0]["metrics"]},
        "series": mean_of([m["series"] for m in mine]),
        "gains_seeds": len(mine),
        "additionality": added([m["additionality"] for m in mine]) if arm.twin else None,
    }
    if arm.twin:
        found |= {
            "sigma": {end: m["additionality"] for path, end, _, m in asked if path.endswith("sigma_n")},
            "gains": added([m["gains"] for m in mine]),
            "audit": {side: audited([m["audit"][side] for m in mine]) for side in mine[0]["audit"]},
            "lottery": mean_of([m["lottery"] for m in mine]),
            "reach": mean_of([m["reach"] for m in mine]),
            "same_day": mean_of([m["same_day"] for m in mine]),
        }
    found["cost"] = costs(found, len(mine))
    return found


def _window(arm: Arm, days: int) -> dict[str, list[int]]:
    """Return on which days each program is on."""
    found = {}
    for program in arm.scenario.programs:
        start, end = getattr(program, "start", 0), getattr(program, "end", days)
        found[program.title] = [int(start), int(min(end, days))]
    return found


def _metric(name: str, seeds: list[Seed], mine: list[Seed], asked: Sequence[Any], first: int | None) -> dict[str, Any]:
    """Return one metric: base, arm, effect with its interval, as a share of the base; noise floor; range."""
    base = [{**seed["base"], **m["base"]}[name] for seed, m in zip(seeds, mine, strict=True) if name in m["metrics"]]
    arm = [m["metrics"][name] for m in mine if name in m["metrics"]]
    effects = [a - b for a, b in zip(arm, base, strict=True)]
    level, found = float(np.mean(base)), interval(effects, first)
    noise = [s["noise"][name] - {**s["base"], **s["noise_base"]}[name] for s in seeds if name in s.get("noise", {})]
    share = {path: {} for path, _, _, _ in asked}  # type: dict[str, dict[str, float]]
    usual = _share(found.mean, level) - _share(effects[0], base[0])  # assumptions are asked with the first seed alone
    for path, end, seed, other in asked:
        if name in other["metrics"]:
            was = {**seed["base"], **other["base"]}[name]
            share[path][end] = usual + _share(other["metrics"][name] - was, was)
    ends = [_share(found.mean, level), *(value for both in share.values() for value in both.values())]
    row: dict[str, Any] = {
        "base": level,
        "with": float(np.mean(arm)),
        "effect": found.mean,
        "error": found.half,
        "low": found.low,
        "high": found.high,
        "relative": _share(found.mean, level),
        "relative_error": _share(found.half, abs(level)),
        "noise": _share(float(np.sqrt(np.mean(np.square(noise)))), abs(level)) if noise else None,
        "range": [min(ends), max(ends)] if asked and np.isfinite(ends).all() else None,
        "assumptions": share,
    }
    if "apart" in mine[0] and all(name in m["apart"] for m in mine):
        row["variance_ratio"] = variance_ratio([m["apart"][name] - b for m, b in zip(mine, base, strict=True)], effects)
    return row


def _share(part: float, whole: float) -> float:
    return part / whole if whole else math.nan


def costs(found: dict[str, Any], seeds: int) -> dict[str, float]:
    """Return what the arm cost a seed, and per gross and per additional rupiah [Rp of agents]."""
    spent = math.fsum(program["spent"] for program in found["programs"].values())
    if found["additionality"] is None:
        return {"spent": spent}
    parts, net = found["additionality"]["gross"], found["additionality"]["net"]
    gross = sum(part["gmv"] for part in parts.values()) / seeds
    found_costs = {"spent": spent, "per_gross_gmv": _share(spent, gross)}
    for name in ("gmv", "creator_income", "umkm_margin"):
        found_costs[f"per_additional_{name}"] = _share(spent, net[name] / seeds)
    return found_costs


def mean_of(parts: Sequence[Any]) -> Any:
    """Return the mean of numbers at the same place of nested dicts and lists; of what is None, the first."""
    first = parts[0]
    if isinstance(first, dict):
        return {key: mean_of([part[key] for part in parts if key in part]) for key in first}
    if isinstance(first, list):
        return [mean_of([part[i] for part in parts]) for i in range(len(first))]
    numbers = [part for part in parts if part is not None]
    return float(np.mean(numbers)) if numbers else None


def added(parts: Sequence[Any]) -> Any:
    """Return the sum of numbers at the same place of nested dicts and lists; words stay, shares are averaged."""
    first = parts[0]
    if isinstance(first, dict):
        keys = dict.fromkeys(key for part in parts for key in part)
        return {key: added([part[key] for part in parts if key in part]) for key in keys}
    if isinstance(first, list):
        return [added([part[i] for part in parts]) for i in range(len(first))]
    if isinstance(first, float):
        return float(np.mean(parts))
    return sum(parts) if isinstance(first, int) else first


def audited(parts: Sequence[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Return the rows of the audit that every seed has, geometric means over seeds of all ratios."""
    kinds = ("before", "after", "gap")
    by_seed = [{tuple(row[k] for k in kinds): row for row in rows} for rows in parts]
    found = []
    for windows in by_seed[0] if by_seed else []:
        rows = [seed[windows] for seed in by_seed if windows in seed]
        if len(rows) == len(by_seed):
            ratios = {k: _geometric([row[k] for row in rows]) for k in rows[0] if k not in kinds}
            found.append({**dict(zip(kinds, windows, strict=True)), **ratios})
    return found


def _geometric(values: Sequence[float]) -> float:
    numbers = np.asarray(values, np.float64)
    return float(np.exp(np.mean(np.log(numbers)))) if (numbers > 0).all() else float(np.mean(numbers))


def _plain(value: Any) -> Any:
    """Return a value in JSON types; what is not a finite number is null."""
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value.item() if isinstance(value, np.generic) else value
