"""What a line of the scorecard is."""

from collections.abc import Callable
from typing import NamedTuple

from experiments.scorecard.lab import Lab

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

    def holds(self, found: float) -> bool:
        """Tell whether a figure lies in the band; what cannot be computed does not."""
        return self.low <= found <= self.high
