"""The page as a widget: its parts are put together from ``front/``, and JSON goes in and out."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import ipyvue
import traitlets

_FRONT = Path(__file__).parent / "front"


@cache
def template() -> str:
    """Return the whole page, as ipyvue takes it: template, script and style."""
    part = {file.name: file.read_text(encoding="utf-8") for file in _FRONT.iterdir()}
    script = "\n".join(part[name] for name in ("plot.js", "knob.js", "page.js"))
    tags = (("template", part["page.html"]), ("script", script), ("style", part["style.css"]))
    return "".join(f"<{tag}>\n{content}</{tag}>\n" for tag, content in tags)


class PageWidget(ipyvue.VueTemplate):
    """What a visitor sees: four texts of JSON go in, acts come out."""

    desk = traitlets.Unicode("").tag(sync=True)
    frame = traitlets.Unicode("").tag(sync=True)
    file = traitlets.Unicode("").tag(sync=True)
    note = traitlets.Unicode("").tag(sync=True)

    def __init__(self, on_act: Callable[[str, Any], None], **texts: str) -> None:
        super().__init__(template=template(), **texts)
        self._on_act = on_act

    def vue_act_on(self, data: dict[str, Any]) -> None:
        """Hear what somebody did."""
        self._on_act(str(data.get("name")), data.get("value"))
