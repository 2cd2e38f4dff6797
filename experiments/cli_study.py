"""The command ``etalase study``."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from experiments.cli_options import Json, Workers, print_json
from sim.errors import ScenarioError

if TYPE_CHECKING:
    from experiments.study.results import Results
    from experiments.study.study import Study


LEADING = 5  # factors that are named for each outcome
SENTENCES = 12  # more are left to the page


class Backend(StrEnum):
    """Where runs are simulated."""

    LOCAL = "local"
    RAY = "ray"


File = Annotated[str, typer.Argument(metavar="STUDY", help="A YAML file, or the name of a study that ships with this.")]
Out = Annotated[Path | None, typer.Option(metavar="DIR", help="The study's folder, to which every run lands.")]
Resume = Annotated[
    bool, typer.Option("--resume", help="Go on with the study in DIR; what has landed is not run again.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check the file, say what would be run, and run nothing.")]
Where = Annotated[Backend, typer.Option(help="This machine, or a Ray cluster (RAY_ADDRESS, or a local one).")]


def study(
    file: File,
    out: Out = None,
    workers: Workers = 1,
    backend: Where = Backend.LOCAL,
    resume: Resume = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Simulate a design of many runs: grid, list, Latin hypercube, Morris, Sobol, one at a time.

    No run is lost when it is stopped or killed: go on with --resume. A run that fails is a row with its error.
    """
    from experiments.study.study_file import load_study

    asked = load_study(file)
    if dry_run:
        print_plan(asked)
        return
    if out is None:
        raise typer.BadParameter("a study is kept in a folder: add --out DIR (or --dry-run)", param_hint="--out")
    from experiments import cli_bar
    from experiments.study.page import write_page
    from experiments.study.running import run_study

    try:
        with cli_bar.progress("simulating", "runs") as tell:
            done = run_study(asked, out, workers=workers, backend=backend.value, resume=resume, progress=tell)
    except KeyboardInterrupt:
        typer.echo(f"What has landed in {str(out)!r} is kept: go on with --resume.", err=True)
        raise
    page = write_page(done)
    if as_json:
        print_json(as_dict(done))
    else:
        print_results(as_dict(done))
        print(f"page {page}")
    if len(done.failed) == len(done.runs):
        typer.echo(f"etalase: all {len(done.runs):,} runs failed: {done.failed['error'].iloc[0]}", err=True)
        raise typer.Exit(1)


def print_plan(asked: "Study") -> None:
    """Print what a study would simulate, and which of its points cannot be."""
    worlds, problems, keys = len(asked.bases), {}, set()
    for point in range(len(asked.points)):
        job = asked.job(point * asked.replicates)
        keys.add(job.key())
        if problem := job.problem or job.misfit():
            problems[point] = problem
    runs = len(keys) * asked.replicates
    print(
        f"{asked.name}: {asked.design.kind}, {len(asked.factors)} factors, {len(asked.points):,} points x"
        f" {asked.replicates} seeds = {asked.size:,} runs of {asked.days} days"
        + (f", {worlds} worlds each" if worlds > 1 else "")
        + (f"; {runs:,} of them differ, and are simulated" if runs < asked.size else "")
    )
    for factor in asked.factors:
        print(f"  {factor.role.value} {factor.name}: {_values(asked, factor.name)}")
    for outcome in asked.outcomes:
        print(f"  outcome {outcome.name}")
    if len(problems) == len(asked.points):
        raise ScenarioError(f"No point of the study can be simulated. The first: {problems[0]}")
    for point, problem in problems.items():
        print(f"  point {point} cannot be simulated: {problem}")


def _values(asked: "Study", name: str) -> str:
    """Return the values of a factor in the design: a few of them, or their ends."""
    values = list(dict.fromkeys(point[name] for point in asked.points if name in point))
    if len(values) <= 6 or isinstance(values[0], str):
        return ", ".join(f"{v:g}" if isinstance(v, float) else str(v) for v in values)
    return f"{min(values):g} to {max(values):g}, {len(values):,} values"


def as_dict(done: "Results") -> dict[str, Any]:
    """Return what came of a study, in short."""
    from experiments.study.findings import leading, said

    return {
        "study": done.study.name,
        "folder": str(done.folder),
        "record": done.record,
        "runs": len(done.runs),
        "outcomes": {
            outcome.name: _spread(done, outcome.name) for outcome in done.study.outcomes if not outcome.series
        },
        "leading": leading(done, LEADING),
        "says": said(done),
        "failed": done.failed[["point", "seed", "error"]].to_dict("records"),
    }


def _spread(done: "Results", name: str) -> dict[str, float | None]:
    """Return mean and ends of an outcome over all runs."""
    values = done.runs[name].dropna()
    found = {"mean": values.mean(), "lowest": values.min(), "highest": values.max()}
    return {key: float(value) if len(values) else None for key, value in found.items()}


def print_results(whole: dict[str, Any]) -> None:
    """Print the spread of each outcome, what the sample is too small to tell, and what failed."""
    from rich.text import Text

    from experiments.cli_tables import console, table
    from experiments.words import number

    screen = console()
    cells = {
        name: [number(v) if v is not None else "-" for v in spread.values()]
        for name, spread in whole["outcomes"].items()
    }
    head = ("outcome", "mean", "lowest", "highest")
    screen.print(table(head, [(name, *texts) for name, texts in cells.items()], head[1:]))
    lines = [
        f"{outcome} hangs most on {', '.join(f'{f} ({index} {value:.2g})' for f, index, value in found)}"
        for outcome, found in whole["leading"].items()
    ]
    lines += whole["says"][:SENTENCES]
    if len(whole["says"]) > SENTENCES:
        lines.append(f"... and {len(whole['says']) - SENTENCES} more such sentences, on the page")
    lines += [f"point {f['point']}, seed {f['seed']} failed: {f['error']}" for f in whole["failed"]]
    lines.append(f"{whole['runs']:,} runs, {len(whole['failed']):,} failed, in {whole['folder']}")
    screen.print(Text("\n".join([*lines, f"record {whole['record']}"])))
