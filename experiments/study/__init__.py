"""Studies: many runs from one file, none of them lost, none of them run twice."""

from experiments.study.adapters import as_function, problem_spec
from experiments.study.designs import Grid, LatinHypercube, ListOfPoints, Morris, OneAtATime, Sobol
from experiments.study.factors import Choice, Distribution, Number, Option, Role
from experiments.study.outcomes import Effect, Kind, Measure, Over
from experiments.study.results import Results, read_study
from experiments.study.running import run_study
from experiments.study.study import Study
from experiments.study.study_file import load_study

__all__ = [
    "Choice", "Distribution", "Effect", "Grid", "Kind", "LatinHypercube", "ListOfPoints", "Measure", "Morris", "Number",
    "OneAtATime", "Option", "Over", "Results", "Role", "Sobol", "Study", "as_function", "load_study", "problem_spec",
    "read_study", "run_study",
]  # fmt: skip
