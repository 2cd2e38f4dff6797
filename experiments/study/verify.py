"""Is a study what it was, and do some of its runs, made again, give the same?"""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from experiments.results import Progress
from experiments.study.execution import each
from experiments.study.results import Results, read_study
from experiments.study.running import planned
from experiments.study.store import Record, read_study_file
from experiments.verify import Verdict, other_software

#: What a run made again must repeat; beside the outcomes.
REPEATED = ("fingerprint", "error")


def verify_study(folder: str | Path, sample: float = 0.05, workers: int = 1, progress: Progress = None) -> Verdict:
    """Compare a study's table with its record, and a share ``sample`` of its runs, at least one, made again.

    The sample is always the same: those whose keys come first, and keys are hashes.

    Raises
    ------
    EtalaseError : the folder holds no finished study, or its table cannot be read.
    """
    results, whole = read_study(folder), read_study_file(Path(folder))
    wrong = list(_against_record(results))
    rows = {row["key"]: row for row in reversed(results.table.to_pylist())}
    n = min(max(math.ceil(sample * len(rows)), 1), len(rows))
    keys = sorted(rows)[:n]
    numbers = {run.key: run.number for run in planned(results.study)}
    jobs = ((key, results.study.job(numbers[key])) for key in keys if key in numbers)
    for done, (key, again) in enumerate(each(jobs, n, workers, "local"), 1):
        wrong += _differences(results, rows[key], again)
        if progress:
            progress(done, n)
    wrong += [f"{key}: the study as this version reads it has no such run" for key in keys if key not in numbers]
    end = "the same" if not wrong else "NOT the same"
    lines = [*other_software(whole), *wrong, f"{n:,} of {len(rows):,} runs simulated again: {end}"]
    return Verdict(not wrong, [*lines, f"record {results.record}"])


def _against_record(results: Results) -> Iterator[str]:
    """Yield a line if the table is not the one that the record was made of."""
    record = Record(results.study)
    for row in results.table.to_pylist():
        record.add(row)
    if record.text() != results.record:
        yield f"runs.parquet: changed since it was written; its record would be {record.text()[:16]}..."


def _differences(results: Results, then: dict[Any, Any], now: dict[str, Any]) -> Iterator[str]:
    where = f"point {then['point']}, seed {then['seed']}"
    pairs = [(name, then[name], now[name]) for name in REPEATED]
    pairs += [(o.name, then[o.name], now["outcomes"][o.name]) for o in results.study.outcomes]
    for name, old, new in pairs:
        if _text(old) != _text(new):
            yield f"{where}: {name} = {_text(old)[:40]} in the folder, {_text(new)[:40]} now"
            return


def _text(value: Any) -> str:
    """Return a value as text that is the same for the same bits; all that is missing is one."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "nothing"
    return json.dumps(value)
