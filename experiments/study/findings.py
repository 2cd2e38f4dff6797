"""What can be told from a study and what cannot, in sentences."""

import math
from collections.abc import Iterator

from experiments.study.designs import Morris, Sobol
from experiments.study.outcomes import Effect, Kind, Outcome
from experiments.study.phrases import text
from experiments.study.results import Results
from experiments.study.sensitivity import FEWEST, Index, blocks, of_outcome
from experiments.study.variance import Shares, noisy, shares, table

MAIN = ("ST", "mu_star", "low", "high")  # the index by which factors are ranked, by design
MOST_MORE = 64  # times as many runs; beyond that, no number is advised
WORTH_SAYING = 0.05  # share of noise in the variance between points


def leading(results: Results, n: int) -> dict[str, list[tuple[str, str, float]]]:
    """Return by outcome that is a number the ``n`` factors that matter most: name, index and its value.

    Outcomes of which points differ by no more than noise have no such factors.
    """
    found, chance = {}, noisy(results)
    for outcome in results.study.outcomes:
        if outcome.series or outcome.name in chance:
            continue
        rows = [row for row in of_outcome(results, outcome) if row.index in MAIN and math.isfinite(row.value)]
        if rows:
            largest: dict[str, Index] = {}
            for row in sorted(rows, key=lambda row: abs(row.value)):
                largest[row.factor] = row
            first = sorted(largest.values(), key=lambda row: -abs(row.value))[:n]
            found[outcome.name] = [(row.factor, row.index, row.value) for row in first]
    return found


def said(results: Results) -> list[str]:
    """Return what the sample is too small, or too noisy, to tell, outcome by outcome; and how the variance splits."""
    found, known = [], {share.outcome: share for share in shares(results)}
    for outcome in results.study.outcomes:
        share = known.get(outcome.name)
        if share and share.noisy:
            found.append(_noise(share, len(results.runs)))
        if not outcome.series:
            found += _costs_below_nothing(results, outcome)
            found += _left_out(results, outcome)
            found += [] if share and share.noisy else _unsure_of(results, outcome)
    return found + [sentence for share in known.values() for sentence in _split(results, share)]


def _noise(share: Shares, runs: int) -> str:
    ratio, chance = f"{share.ratio:.2g}", f"{share.chance:.2g}"
    return text("says.noise", outcome=share.outcome, ratio=ratio, chance=chance, runs=f"{runs:,}")


def _costs_below_nothing(results: Results, outcome: Outcome) -> Iterator[str]:
    """Yield how many runs have a cost below 0, if any."""
    if isinstance(outcome, Effect) and outcome.kind == Kind.COST:
        costs = results.runs[outcome.name].dropna()
        if n := int((costs < 0).sum()):
            yield text("says.cost", outcome=outcome.name, n=f"{n:,}", runs=f"{len(costs):,}")


def _left_out(results: Results, outcome: Outcome) -> Iterator[str]:
    """Yield how many trajectories or cross-overs are left out, if any, and whether enough are left."""
    design = results.study.design
    if isinstance(design, Morris | Sobol):
        means = table(results, outcome).mean(axis=(1, 2))
        whole = blocks(design, len(results.study.factors), means)
        n, fewest = int(whole.sum()), FEWEST[type(design)]
        words = {"outcome": outcome.name, "left": f"{n:,}", "all": f"{len(whole):,}", "fewest": str(fewest)}
        if n < fewest:
            yield text("says.few", **words)
        elif n < len(whole):
            yield text("says.left_out", **words)


def _unsure_of(results: Results, outcome: Outcome) -> list[str]:
    rows = [row for row in of_outcome(results, outcome) if row.index in ("ST", "mu_star")]
    return [sentence for row in rows if (sentence := _unsure(row, len(results.runs)))]


def _unsure(row: Index, runs: int) -> str:
    """Return a sentence about an index that is not known, whose interval holds 0, or is wider than itself."""
    value, half = row.value, (row.high - row.low) / 2
    if math.isnan(value):
        return text("says.unknown", factor=row.factor, outcome=row.outcome)
    if value == 0 and half == 0:
        return text("says.still", factor=row.factor, outcome=row.outcome)
    if value - half > 0:
        return ""
    times = (half / value) ** 2 if value > 0 else math.inf
    more = times < MOST_MORE
    advice = text("says.enough", runs=f"{_rounded(runs * times * 1.2):,}") if more else text("says.none")
    return text(f"says.{row.index}", factor=row.factor, outcome=row.outcome, runs=f"{runs:,}", advice=advice)


def _rounded(x: float) -> int:
    """Return a number of runs to two digits, upwards."""
    step = int(10 ** max(math.floor(math.log10(x)) - 1, 0))
    return math.ceil(x / step) * step


def _split(results: Results, share: Shares) -> Iterator[str]:
    """Yield how the variance of an outcome splits; and what of that is in its indices."""
    parts = {name: f"{getattr(share, name):.0%}" for name in ("points", "seeds", "noise")}
    yield text("says.variance", outcome=share.outcome, **parts)
    if isinstance(results.study.design, Sobol) and not share.noisy and share.of_means >= WORTH_SAYING:
        yield text("says.means", outcome=share.outcome, noise=f"{share.of_means:.0%}")
