"""A scorecard on disk, and in JSON: ``manifest.json``, ``scorecard.csv``, ``mutants.csv``."""

import csv
import math
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from experiments.provenance import git_state, machine, versions
from experiments.results import Folder
from experiments.scorecard.matrix import Matrix
from experiments.scorecard.score import Score
from sim import source_hash
from sim.scenario import Scenario


def write(folder: Folder, scenario: Scenario, quick: bool, scores: Sequence[Score], matrix: Matrix | None) -> None:
    """Write and publish a scorecard."""
    _table(folder.here / "scorecard.csv", (_row(score) for score in scores))
    if matrix:
        _table(folder.here / "mutants.csv", _cells(matrix))
    folder.publish(
        {"kind": "scorecard", "quick": quick, "scenario": scenario.to_dict(), "versions": versions(),
         "source": source_hash(), "git": git_state(), "machine": machine()}
    )  # fmt: skip


def as_dict(scenario: Scenario, quick: bool, scores: Sequence[Score], matrix: Matrix | None) -> dict[str, Any]:
    """Return a scorecard in plain JSON types; what could not be computed, and no bound, are null."""
    said: dict[str, Any] = {"scenario": scenario.name, "fingerprint": scenario.fingerprint(), "quick": quick}
    said["lines"] = [{name: _plain(value) for name, value in _row(score).items()} for score in scores]
    if matrix:
        said["mutants"] = [{name: _plain(value) for name, value in cell.items()} for cell in _cells(matrix)]
    return said


def _row(score: Score) -> dict[str, Any]:
    line = score.line
    return {
        "line": line.name, "grade": line.grade, "says": line.says, "found": score.found, "low": line.low,
        "high": line.high, "judged": score.judged, "holds": score.holds, "source": line.source,
        "mechanism": line.mechanism,
    }  # fmt: skip


def _cells(matrix: Matrix) -> Iterator[dict[str, Any]]:
    """Yield what each line that was asked found in each mutant."""
    for mutant in matrix.mutants():
        for score in matrix.base:
            if score.line.name in (found := matrix.found[mutant.name]):
                yield {
                    "mutant": mutant.name, "line": score.line.name, "found": found[score.line.name],
                    "notices": matrix.notices(score.line, mutant), "declared": score.line.name in mutant.noticed_by,
                }  # fmt: skip


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _table(file: Path, rows: Iterable[dict[str, Any]]) -> None:
    whole = list(rows)
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(whole[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(whole)
