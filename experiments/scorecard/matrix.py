"""Which line notices which mutant."""

import gc
from collections.abc import Iterator, Sequence
from string import ascii_letters
from typing import NamedTuple

from experiments.results import Progress
from experiments.scorecard.lines import IDENTITY, Line
from experiments.scorecard.mutants import MUTANTS, Mutant
from experiments.scorecard.score import LINES, Score, found, lab_of, scorecard
from sim.scenario import Scenario

_AS_DECLARED, _MISSED, _ALSO, _NOT, _NOT_ASKED = "X", "!", "x", ".", " "
_LEGEND = (
    f"{_AS_DECLARED} notices, as declared; {_MISSED} should notice and does not; {_ALSO} notices, too; {_NOT} does not"
    f" notice; blank: not asked (mutants of code face the identities and what must notice them), or does not hold in"
    f" the market itself"
)


class Matrix(NamedTuple):
    """What every line finds in the market itself and in each mutant; NaN where there is nothing left to measure."""

    base: Sequence[Score]
    found: dict[str, dict[str, float]]  # by mutant and line

    def notices(self, line: Line, mutant: Mutant) -> bool:
        """Tell whether a line fails in a mutant, and only there."""
        held = next(score.holds for score in self.base if score.line.name == line.name)
        return held and line.name in self.found[mutant.name] and not line.holds(self.found[mutant.name][line.name])

    def missed(self) -> list[tuple[str, str]]:
        """Return each (line, mutant) where a line should notice and does not."""
        pairs = ((score.line, mutant) for score in self.base if score.holds for mutant in self.mutants())
        return [(line.name, m.name) for line, m in pairs if line.name in m.noticed_by and not self.notices(line, m)]

    def idle(self) -> list[str]:
        """Return the lines that no mutant makes fail, of those that hold."""
        kept = (score.line for score in self.base if score.holds)
        return [line.name for line in kept if not any(self.notices(line, mutant) for mutant in self.mutants())]

    def mutants(self) -> list[Mutant]:
        """Return the mutants that were asked, in their order."""
        return [mutant for mutant in MUTANTS if mutant.name in self.found]

    def text(self) -> Iterator[str]:
        """Yield the matrix as lines of text: a row a line, a column a mutant."""
        width = max(len(score.line.name) for score in self.base)
        for k, mutant in enumerate(self.mutants()):
            yield f"{ascii_letters[k]}  {mutant.name}: {mutant.says}"
        yield ""
        yield " ".join([" " * width, *ascii_letters[: len(self.mutants())]])
        for score in self.base:
            yield " ".join([score.line.name.ljust(width), *(self._mark(score, mutant) for mutant in self.mutants())])
        yield f"\n{_LEGEND}"
        if idle := self.idle():
            yield f"noticed by none: {', '.join(idle)}"

    def _mark(self, score: Score, mutant: Mutant) -> str:
        if not score.holds or score.line.name not in self.found[mutant.name]:
            return _NOT_ASKED
        declared = score.line.name in mutant.noticed_by
        if self.notices(score.line, mutant):
            return _AS_DECLARED if declared else _ALSO
        return _MISSED if declared else _NOT


def matrix(
    scenario: Scenario,
    base: Sequence[Score] | None = None,
    mutants: Sequence[Mutant] = MUTANTS,
    lines: Sequence[Line] = LINES,
    workers: int = 1,
    progress: Progress = None,
) -> Matrix:
    """Ask the lines about mutants of a scenario, all in the quick lab; ``base`` is the quick scorecard, if known."""
    from joblib import Parallel, delayed

    base = scorecard(lab_of(scenario, quick=True), lines) if base is None else base
    tell = progress or (lambda done, total: None)
    judged = [score.line for score in base if score.judged]
    jobs = (delayed(_found_in)(mutant, scenario, judged) for mutant in mutants)
    figures = {}
    for done, (mutant, of_lines) in enumerate(
        zip(mutants, Parallel(n_jobs=workers, return_as="generator")(jobs), strict=True)
    ):
        figures[mutant.name] = of_lines
        tell(done + 1, len(mutants))
    return Matrix(base, figures)


def asks(line: Line, mutant: Mutant) -> bool:
    """Tell whether a line is asked about a mutant: those of code face the identities, and what must notice them."""
    return mutant.broken is None or line.grade == IDENTITY or line.name in mutant.noticed_by


def _found_in(mutant: Mutant, scenario: Scenario, lines: Sequence[Line]) -> dict[str, float]:
    lab = lab_of(mutant.of(scenario), quick=True)
    asked = [known for known in lines if asks(known, mutant)]
    figures = {known.name: found(known, lab) for known in asked}
    del lab
    gc.collect()  # markets are large and refer to themselves: without this, dozens of them wait in memory
    return figures
