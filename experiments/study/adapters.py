"""A study's market as other tools see models: a plain function, or SALib's ProblemSpec.

    market = as_function(study)
    market({"mechanisms.discovery.gamma": 0.4})["gmv"]

    spec, model = problem_spec(study, workers=2)
    spec.sample_sobol(64).evaluate(model).analyze_sobol()

Mesa's batch_run takes ``experiments.mesa_models.KernelModel``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from experiments.study.designs import ListOfPoints
from experiments.study.execution import each
from experiments.study.factors import Distribution, Factor, Number
from experiments.study.study import Study
from sim.errors import ScenarioError
from sim.tables import Column


def as_function(study: Study, workers: int = 1) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """Return a function of values by the names of factors; it gives the outcomes, means over the study's seeds.

    What is not named is as in the base. A series is a list (days,).

    Raises
    ------
    ScenarioError : (by the function) there is no such factor, a value is none of it, or the run failed.
    """

    def market(values: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = evaluated(study, [values], workers)[0]
        return found

    return market


def problem_spec(study: Study, workers: int = 1) -> tuple[Any, Callable[[Column], Column]]:
    """Return SALib's ProblemSpec of a study, and its model: points (n, factors) to outcomes (n, outcomes).

    Uniform numbers that are not whole have their own ends as bounds; of all other factors, points name the quantile in
    [0, 1].

    Raises
    ------
    ScenarioError : an outcome is a series; SALib wants numbers.
    """
    from SALib import ProblemSpec

    for outcome in study.outcomes:
        if outcome.series:
            raise ScenarioError(f"The outcome {outcome.name!r} is a series; SALib wants a number. Reduce it over days.")
    names = [outcome.name for outcome in study.outcomes]
    spec = ProblemSpec(
        {"names": [factor.name for factor in study.factors], "bounds": [_bounds(f) for f in study.factors],
         "outputs": names}
    )  # fmt: skip

    def model(points: Column) -> Column:
        rows = [{f.name: _value(f, x) for f, x in zip(study.factors, row, strict=True)} for row in points.tolist()]
        found = np.array([[row[name] for name in names] for row in evaluated(study, rows, workers)])
        return found[:, 0] if len(names) == 1 else found

    return spec, model


def evaluated(study: Study, points: Sequence[Mapping[str, Any]], workers: int) -> list[dict[str, Any]]:
    """Return the outcomes at each point, means over seeds, in order."""
    asked = replace(study, design=ListOfPoints(rows=tuple(dict(point) for point in points) or ({},)))
    jobs = ((str(number), asked.job(number)) for number in range(len(points) * study.replicates))
    rows = dict(each(jobs, len(points) * study.replicates, workers, "local"))
    failed = [row["error"] for row in rows.values() if row["error"]]
    if failed:
        raise ScenarioError(f"A run failed: {failed[0]}")
    seeds = range(study.replicates)
    outcomes = [[rows[str(i * study.replicates + r)]["outcomes"] for r in seeds] for i in range(len(points))]
    return [{name: np.mean([seed[name] for seed in point], axis=0).tolist() for name in point[0]} for point in outcomes]


def _bounds(factor: Factor) -> list[float]:
    return [factor.low, factor.high] if _is_uniform(factor) and isinstance(factor, Number) else [0.0, 1.0]


def _value(factor: Factor, x: float) -> Any:
    if isinstance(factor, Number) and _is_uniform(factor):
        return x
    return factor.value(x)


def _is_uniform(factor: Factor) -> bool:
    return isinstance(factor, Number) and factor.distribution == Distribution.UNIFORM and not factor.whole
