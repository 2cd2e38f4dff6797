"""What commands have in common: their options, and how scenarios are read and JSON is printed."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from sim.scenario import Scenario


def whole(low: int, high: int) -> Callable[[str], int]:
    """Return a reader of whole numbers from ``low`` to ``high``."""

    def read(text: str) -> int:
        digits = str(text).strip()
        if digits.removeprefix("-").isdecimal() and len(digits) < 25 and low <= int(digits) <= high:
            return int(digits)
        raise typer.BadParameter(f"{str(text)[:40]!r} is not a whole number from {low} to {high}")

    return read


def share(text: str) -> float:
    """Read ``5%`` or ``0.05`` as a share above 0; ``5`` could be 5 % or 500 %, and is refused."""
    said = str(text).strip()
    try:
        value = float(said.removesuffix("%")) / (100 if said.endswith("%") else 1)
    except ValueError:
        value = -1.0
    if not 0 < value <= (10 if said.endswith("%") else 1):
        raise typer.BadParameter(f"{said[:40]!r} is not a share like 5%")
    return value


Name = Annotated[str, typer.Argument(metavar="SCENARIO", help="A preset (see 'etalase scenarios') or a YAML file.")]
Changes = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="PATH=VALUE", help="Change a parameter, e.g. mechanisms.discovery.phi=0.2; repeatable."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Days = Annotated[
    int | None,
    typer.Option(parser=whole(0, 36_500), metavar="N", help="Days to simulate; else as many as the scenario says."),
]
Seed = Annotated[
    int | None, typer.Option(parser=whole(0, 2**63 - 1), metavar="N", help="Another equally likely world.")
]
Out = Annotated[Path | None, typer.Option(metavar="DIR", help="Write the results into this new or empty folder.")]
Orders = Annotated[bool, typer.Option("--orders", help="Keep every single order, too (needs --out).")]
Threads = Annotated[
    int | None,
    typer.Option(parser=whole(1, 1024), metavar="N", help="Threads; all cores if not given. Never changes results."),
]
Workers = Annotated[
    int, typer.Option(parser=whole(1, 1024), metavar="N", help="Processes that simulate, one thread each.")
]


def load_scenario(name: str, changes: Sequence[str] = ()) -> "Scenario":
    """Return a scenario; a file that cannot be read is noticed before the compiler is loaded."""
    from sim.scenario_file import find, read_all

    read_all(find(name))
    from sim.scenario import load

    return load(name, changes)


def print_json(value: Any) -> None:
    """Print exactly one JSON value."""
    import json

    print(json.dumps(value, allow_nan=False))
