"""All lines, and how a market does on them."""

import math
import warnings
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from experiments.results import Progress
from experiments.scorecard import identity, magnitude, pattern
from experiments.scorecard.lab import Lab
from experiments.scorecard.lines import MAGNITUDE, Line
from sim.errors import LedgerError
from sim.scenario import Scenario

LINES: tuple[Line, ...] = (*identity.LINES, *pattern.LINES, *magnitude.LINES)
DAYS, QUICK_DAYS = 365, 182
QUICK_SCALE = 4  # a quick scorecard has this many times fewer agents


class Score(NamedTuple):
    """A line and what was found."""

    line: Line
    found: float
    judged: bool = True  # whether the market has agents enough for the line

    @property
    def holds(self) -> bool:
        """Whether the line is judged, and holds."""
        return self.judged and self.line.holds(self.found)


def lab_of(scenario: Scenario, quick: bool) -> Lab:
    """Return the lab for a scenario; the quick one has fewer agents, if there are many, and half a year."""
    if quick and scenario.population.count(scenario.population.users) > 50_000:
        scenario = scenario.with_values({"population.scale": scenario.population.scale * QUICK_SCALE})
    return Lab(scenario, QUICK_DAYS if quick else DAYS)


def scorecard(lab: Lab, lines: Sequence[Line] = LINES, progress: Progress = None) -> list[Score]:
    """Return the score of every line; ``progress`` hears (lines done, lines in all)."""
    users, scores = lab.base.population.count(lab.base.population.users), []
    for line in lines:
        judged = line.judges(users)
        scores.append(Score(line, found(line, lab) if judged else math.nan, judged))
        if progress:
            progress(len(scores), len(lines))
    return scores


def found(line: Line, lab: Lab) -> float:
    """Return what a line finds; NaN where there is nothing to measure."""
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return float(line.of(lab))
    except (LedgerError, ZeroDivisionError, IndexError, ValueError, RuntimeError):
        return math.nan


def fails(scores: Iterable[Score]) -> list[Score]:
    """Return the lines that must hold, and do not."""
    return [score for score in scores if score.judged and not score.holds and score.line.grade != MAGNITUDE]
