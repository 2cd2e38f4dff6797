"""What came of a study: its table of runs, and the means of its replicates by point."""

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.study.store import RUNS, read_study_file
from experiments.study.study import Study
from experiments.study.study_file import study_from
from sim.entries import Entry
from sim.errors import ResultsError

if TYPE_CHECKING:
    import pandas as pd


@dataclass
class Results:
    """A finished study."""

    folder: Path
    study: Study
    record: str  # hash of inputs, version of the code and results, 64 hexadecimal digits

    @cached_property
    def table(self) -> Any:
        """The table of runs as it is on disk, an Arrow table.

        Raises
        ------
        ResultsError : it is missing or damaged.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            return pq.read_table(self.folder / RUNS)
        except (OSError, pa.ArrowException):
            raise ResultsError(f"{str(self.folder / RUNS)!r} is missing or damaged. Go on with --resume.") from None

    @cached_property
    def runs(self) -> "pd.DataFrame":
        """A row for each replicate of each point: factors, seed, outcomes, fingerprint, error, seconds."""
        frame: pd.DataFrame = self.table.to_pandas()
        return frame

    @property
    def failed(self) -> "pd.DataFrame":
        """The runs that ended with an error."""
        return self.runs[self.runs["error"].notna()]


def read_study(folder: str | Path) -> Results:
    """Return the finished study in a folder.

    Raises
    ------
    ResultsError : there is none, or it is not finished.
    """
    here = Path(os.path.abspath(folder))
    whole = read_study_file(here)
    if not whole["record"]:
        raise ResultsError(f"The study in {str(folder)!r} is not finished. Go on with --resume.")
    return Results(here, study_from(Entry.of(whole["study"]), Path(whole["folder"])), whole["record"])
