"""The server of the page: on this machine alone, and for pages that it served itself."""

import os
import socket
import threading
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from experiments.dashboard.served import SERVED
from sim.errors import EtalaseError

HOST = "localhost"
ADDRESS = "127.0.0.1"
PORT = 8765
HOSTS = (HOST, ADDRESS)
#: Solara asks nobody elsewhere for files, tells nobody of visitors, and forgets who has gone.
_SETTINGS = {
    "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "false",
    "SOLARA_TELEMETRY_SERVER_USER_ID": "nobody",
    "SOLARA_ASSETS_FONTAWESOME_ENABLED": "false",
    "SOLARA_KERNEL_CULL_TIMEOUT": "2m",
    "SOLARA_THEME_LOADER": "plain",
    "SOLARA_THEME_SHOW_BANNER": "false",
}


class ServerError(EtalaseError):
    """The page cannot be served."""


def free_port(wanted: int | None) -> int:
    """Return the port that is wanted; without a wish the usual one, or any that is free.

    Raises
    ------
    ServerError : somebody else has the port that is wanted.
    """
    for port in [wanted] if wanted is not None else [PORT, 0]:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((ADDRESS, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise ServerError(f"Port {wanted} is taken. Leave --port out, or choose another.")


def serve(start: str, port: int, opened: Callable[[str], None], browse: bool) -> None:
    """Serve the page until somebody stops it; ``opened`` hears its address once it is there."""
    import uvicorn

    SERVED.start = start
    address = f"http://{HOST}:{port}/"
    config = uvicorn.Config(application(), host=ADDRESS, port=port, log_level="warning", timeout_graceful_shutdown=2,
                            ws_max_size=4_000_000)  # fmt: skip
    server = uvicorn.Server(config)
    with _told(server, lambda: _open(address, opened, browse)):
        server.run()


@contextmanager
def _told(server: Any, tell: Callable[[], None]) -> Iterator[None]:
    """Call ``tell`` as soon as the server answers."""
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.05):
            if server.started:
                return tell()

    threading.Thread(target=look, daemon=True).start()
    try:
        yield
    finally:
        over.set()


def _open(address: str, opened: Callable[[str], None], browse: bool) -> None:
    opened(address)
    if browse:
        webbrowser.open(address)


@cache
def application() -> Any:
    """Return the ASGI application: Solara's, with the drawing library, behind the guard."""
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)
    from solara.server import app as apps
    from solara.server import starlette as served
    from starlette.middleware.trustedhost import TrustedHostMiddleware
    from starlette.routing import Route

    apps.apps["__default__"] = apps.AppScript("experiments.dashboard.page")
    application = served.app
    application.router.routes.insert(0, Route("/etalase/vega.js", _vega))
    application.add_middleware(OwnPages)
    application.add_middleware(TrustedHostMiddleware, allowed_hosts=list(HOSTS))
    return application


class OwnPages:
    """Refuses what pages of other sites ask for: a browser says on whose behalf it asks."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass on what is asked by nobody else's page."""
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope.get("headers", ())}
        origin, host = headers.get("origin"), headers.get("host", "")
        if scope["type"] not in ("http", "websocket") or origin is None or urlsplit(origin).netloc == host:
            await self.inner(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            await send({"type": "http.response.start", "status": 403, "headers": [(b"content-type", b"text/plain")]})
            await send({"type": "http.response.body", "body": b"Only for pages of this server."})


async def _vega(request: Any) -> Any:
    from starlette.responses import Response

    return Response(_bundle(), media_type="text/javascript", headers={"Cache-Control": "max-age=86400"})


@cache
def _bundle() -> str:
    """Return Vega, Vega-Lite and Vega-Embed as one script."""
    import vl_convert

    return str(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;"))
