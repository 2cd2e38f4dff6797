"""All lines, and how a market does on them."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from experiments.results import Progress
from experiments.scorecard import identity, magnitude, pattern
from experiments.scorecard.lab import Lab
from experiments.scorecard.lines import MAGNITUDE, Line
from sim.scenario import Scenario

LINES: tuple[Line, ...] = (*identity.LINES, *pattern.LINES, *magnitude.LINES)
DAYS, QUICK_DAYS = 365, 182
QUICK_SCALE = 4  # a quick scorecard has this many times fewer agents


class Score(NamedTuple):
    """A line and what was found."""

    line: Line
    found: float

    @property
    def holds(self) -> bool:
        """Whether the line holds."""
        return self.line.holds(self.found)


def lab_of(scenario: Scenario, quick: bool) -> Lab:
    """Return the lab for a scenario; the quick one has fewer agents, if there are many, and half a year."""
    if quick and scenario.population.count(scenario.population.users) > 50_000:
        scenario = scenario.with_values({"population.scale": scenario.population.scale * QUICK_SCALE})
    return Lab(scenario, QUICK_DAYS if quick else DAYS)


def scorecard(lab: Lab, lines: Sequence[Line] = LINES, progress: Progress = None) -> list[Score]:
    """Return the score of every line; ``progress`` hears (lines done, lines in all)."""
    scores = []
    for line in lines:
        scores.append(Score(line, float(line.of(lab))))
        if progress:
            progress(len(scores), len(lines))
    return scores


def fails(scores: Iterable[Score]) -> list[Score]:
    """Return the lines that must hold, and do not."""
    return [score for score in scores if not score.holds and score.line.grade != MAGNITUDE]
