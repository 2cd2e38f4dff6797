"""What a line of the scorecard is."""

from collections.abc import Callable
from typing import NamedTuple

from experiments.scorecard.lab import Lab

MANY, VERY_MANY = 20_000, 100_000  # users
GRADES = IDENTITY, PATTERN, MAGNITUDE = "identity", "pattern", "magnitude"


class Line(NamedTuple):
    """One thing that a market must show.

    ``identity``: true by definition or accounting. ``pattern``: a sign, an order or a shape that is known. Both must
    hold. ``magnitude``: a figure in a band, as good as its source.
    """

    name: str
    grade: str
    says: str
    low: float
    high: float
    source: str  # rows of facts.csv, a reference, or what it follows from
    of: Callable[[Lab], float]
    mechanism: str = ""  # what in the model brings it about
    needs: int = MANY  # users without whom it is chance: with fewer, it is not asked

    def judges(self, users: int) -> bool:
        """Tell whether the line can be asked of a market of so many users; an identity can of any."""
        return self.grade == IDENTITY or users >= self.needs

    def holds(self, found: float) -> bool:
        """Tell whether a figure lies in the band; what cannot be computed does not."""
        return self.low <= found <= self.high
