"""What a simulated Indonesia is held against: values, bands and their sources (``data/targets.csv``)."""

import csv
import math
from functools import cache
from pathlib import Path
from typing import NamedTuple

from experiments.observed import STATISTICS

_FILE = Path(__file__).parent / "data" / "targets.csv"
_WORST = 25.0  # no target counts for more, however far a run is off


class Target(NamedTuple):
    """What one statistic of ``observed.STATISTICS`` should be."""

    statistic: str
    value: float
    low: float
    high: float
    weight: float
    use: str  # "fit": parameters are fitted to it; "check": they are not
    facts: str  # rows of facts.csv
    grade: str  # how far its source is to be trusted
    note: str

    def holds(self, found: float) -> bool:
        """Tell whether a figure lies within the band."""
        return self.low <= found <= self.high

    def misfit(self, found: float) -> float:
        """Return the squared distance from the value, in units of the half of the band on that side."""
        if math.isnan(found):
            return _WORST
        half = self.high - self.value if found > self.value else self.value - self.low
        return min(_WORST, ((found - self.value) / half) ** 2)


@cache
def targets() -> tuple[Target, ...]:
    """Return all targets, in the order of the file."""
    known = {statistic.name for statistic in STATISTICS}
    with _FILE.open(encoding="utf-8", newline="") as file:
        found = tuple(
            Target(
                row["statistic"],
                float(row["value"]),
                float(row["low"]),
                float(row["high"]),
                float(row["weight"]),
                row["use"],
                row["facts"],
                row["grade"],
                row["note"],
            )
            for row in csv.DictReader(file)
        )
    assert all(t.statistic in known and t.low <= t.value <= t.high and t.use in ("fit", "check") for t in found)
    return found


def total_misfit(found: dict[str, float]) -> float:
    """Return the weighted mean misfit of the targets that are fitted."""
    fitted = [target for target in targets() if target.use == "fit"]
    weighted = sum(target.weight * target.misfit(found[target.statistic]) for target in fitted)
    return weighted / sum(target.weight for target in fitted)
