"""The command ``etalase``.

What a command needs is imported inside it, so that help, lists and complaints come at once and only a
simulation waits for the compiler. Every mistake of a user is one line on standard error.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from experiments.cli_dashboard import dashboard
from experiments.cli_options import (
    Changes,
    Days,
    Json,
    Name,
    Orders,
    Out,
    Seed,
    Threads,
    load_scenario,
    print_json,
    share,
    whole,
)
from experiments.cli_scorecard import scorecard
from experiments.cli_study import study
from experiments.cli_whatif import whatif

WRONG, STOPPED = 2, 130
#: The common ancestor of all complaints about usage; some versions of typer keep it to themselves.
Usage: type[Exception] = typer.BadParameter.__mro__[1]

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.callback(invoke_without_command=True)
def top(
    context: typer.Context, version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False
) -> None:
    """Simulate the creator-seller marketplace."""
    if version:
        from sim import __version__

        print(f"etalase {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        print(context.get_help())


@app.command()
def run(
    scenario: Name,
    days: Days = None,
    seed: Seed = None,
    changes: Changes = None,
    out: Out = None,
    orders: Orders = False,
    threads: Threads = None,
    as_json: Json = False,
) -> None:
    """Simulate a scenario and sum it up."""
    if orders and out is None:
        raise typer.BadParameter("orders are only kept with --out DIR", param_hint="--orders")
    world = load_scenario(scenario, changes or ())
    from experiments import cli_bar, cli_tables
    from experiments.run import run as simulate

    with cli_bar.progress("simulating") as tell:
        done = simulate(world, days, seed=seed, out=out, orders=orders, threads=threads, progress=tell)
    if as_json:
        print_json(cli_tables.run_as_dict(done, world.name, world.seed if seed is None else seed))
    else:
        cli_tables.print_summary(done, world.name, out)


@app.command()
def scenarios() -> None:
    """List the presets."""
    from experiments import cli_tables
    from sim.scenario_file import presets

    cli_tables.print_presets([(name, title) for name, _, title in presets()])


@app.command()
def show(scenario: Name, changes: Changes = None, as_json: Json = False) -> None:
    """Show a scenario and all its parameters.

    Its story, sources and assumptions; then value, unit, range, source and meaning of each parameter.
    """
    world = load_scenario(scenario, changes or ())
    if as_json:
        print_json(world.to_dict())
    else:
        from experiments import cli_tables

        cli_tables.print_scenario(world)


@app.command()
def plan(scenario: Annotated[str, typer.Argument(metavar="[SCENARIO]")] = "") -> None:
    """Print what happens on a simulated day, in order."""
    if scenario:
        print(load_scenario(scenario).mechanisms)
    else:
        from sim.mechanisms import DAY

        print(DAY)


@app.command()
def verify(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that 'etalase run' or 'study' wrote.")],
    sample: Annotated[
        float, typer.Option(parser=share, metavar="SHARE", help="Share of a study's runs, e.g. 5%.")
    ] = 0.05,
) -> None:
    """Simulate a run, or some runs of a study, again, and compare.

    The exit code is 0 if every number is the same, 1 if any differs.
    """
    from experiments import cli_bar
    from experiments.study.store import is_study

    if is_study(folder):
        from experiments.study.verify import verify_study

        with cli_bar.progress("simulating again", "runs") as tell:
            verdict = verify_study(folder, sample, progress=tell)
    else:
        from experiments.verify import verify as compare

        with cli_bar.progress("simulating again") as tell:
            verdict = compare(folder, progress=tell)
    print("\n".join(verdict.lines))
    if not verdict.same:
        raise typer.Exit(1)


@app.command()
def debug(
    scenario: Name,
    days: Annotated[int, typer.Option(parser=whole(0, 36_500), metavar="N", help="Days to compare.")] = 10,
    changes: Changes = None,
) -> None:
    """Compare the kernels with the market by hand.

    Names the first day, mechanism, agent and column that differ. The exit code is 0 if none does, 1 else.
    """
    world = load_scenario(scenario, changes or ())
    from experiments import cli_bar
    from sim.plain.debug import first_difference

    with cli_bar.progress("comparing") as tell:
        found = first_difference(world, days, lambda day: tell(day, days) if tell else None)
    print(found or f"alike, bit for bit, for {days} days")
    if found:
        raise typer.Exit(1)


@app.command()
def plot(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that 'etalase run --out' wrote.")],
) -> None:
    """Draw a run: a page that needs no network, and a PNG of each picture, in DIR/plots."""
    from experiments.plot import plot as draw

    print(f"drawn: {draw(folder)}")


app.command()(scorecard)
app.command()(whatif)
app.command()(study)
app.command()(dashboard)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; a user's mistake is one line, never a traceback."""
    from sim.errors import EtalaseError

    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a terminal without UTF-8 is no reason to fail
    try:
        code = app(None if arguments is None else list(arguments), prog_name="etalase", standalone_mode=False)
        sys.stdout.flush()
    except Usage as mistake:
        return complain(advice(mistake))
    except EtalaseError as mistake:
        return complain(str(mistake))
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] in ("sim", "experiments"):
            raise
        return complain(f"The package {missing.name} is missing. Install it with: pip install 'etalase[experiments]'.")
    except MemoryError:
        return complain("There is not enough memory for so many agents. Choose a larger population.scale.")
    except BrokenPipeError:  # whoever reads has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as mistake:
        return complain(f"{mistake.strerror or mistake}{f': {mistake.filename}' if mistake.filename else ''}.")
    except (KeyboardInterrupt, typer.Abort):
        code = STOPPED
    if code == STOPPED:
        print("stopped", file=sys.stderr)
    return code if isinstance(code, int) else 0


def advice(mistake: Any) -> str:
    """Return what is wrong with the usage, and where help is."""
    context = getattr(mistake, "ctx", None)
    command = context.command_path if context else "etalase"
    said = mistake.format_message().removeprefix("Invalid value for ").strip()
    end = "" if said.endswith((".", "?")) else "."
    return f"{said}{end} See '{command} --help'."


def complain(message: str) -> int:
    """Print one line on standard error, and return the exit code of a mistake."""
    one_line = " ".join(message.split())
    safe = "".join(c if c.isprintable() else repr(c)[1:-1] for c in one_line)
    print(f"etalase: {safe}", file=sys.stderr)
    return WRONG


if __name__ == "__main__":
    sys.exit(main())
