"""``etalase dashboard``."""

from importlib.util import find_spec
from typing import Annotated

import typer

from experiments.cli_options import whole

Start = Annotated[str, typer.Argument(metavar="[SCENARIO]", help="A preset, or a YAML file, to begin with.")]
Port = Annotated[
    int | None, typer.Option(parser=whole(1, 65_535), metavar="N", help="Port, 8765 or a free one if not given.")
]
Browse = Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page in a browser.")]
_NEEDED = ("solara", "ipyvue", "vl_convert", "altair")


def dashboard(scenario: Start = "village", port: Port = None, browser: Browse = True) -> None:
    """Play with a market and its twin on a page in the browser.

    The page is served on this machine alone, until Ctrl-C.
    """
    from experiments.dashboard.setup import Setup, worlds
    from sim.errors import EtalaseError

    for package in _NEEDED:
        if find_spec(package) is None:
            raise EtalaseError(f"The package {package} is missing. Install it with: pip install 'etalase[dashboard]'.")
    worlds(Setup(scenario))  # whatever is wrong with it is said now
    from experiments.dashboard.server import free_port, serve

    serve(scenario, free_port(port), _say, browser)


def _say(address: str) -> None:
    print(f"The page is at {address} (Ctrl-C ends it)", flush=True)
