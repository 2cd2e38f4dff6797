"""Magnitudes: figures in bands, from ``data/targets.csv``."""

from functools import partial

from experiments.observed import STATISTICS, observe
from experiments.scorecard.lab import Lab
from experiments.scorecard.lines import MAGNITUDE, Line
from experiments.targets import Target, targets


def observed(lab: Lab, name: str) -> float:
    """Return a statistic of the long run."""
    found: dict[str, float] = lab.once("what is observed", lambda: observe(lab.run))
    return found[name]


def line(target: Target) -> Line:
    """Return the line of a target."""
    doc = {statistic.name: statistic.doc for statistic in STATISTICS}[target.statistic]
    fitted = ", fitted" if target.use == "fit" else ""
    source = f"{target.facts or target.grade} ({target.grade}{fitted})" if target.facts else f"({target.grade}{fitted})"
    return Line(
        target.statistic, MAGNITUDE, doc, target.low, target.high, source, partial(observed, name=target.statistic)
    )


LINES = tuple(line(target) for target in targets())
