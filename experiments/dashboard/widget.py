"""The page as a widget: its parts are put together from ``front/``, and JSON goes in and out."""

from functools import cache
from pathlib import Path
from typing import Any

import ipyvue
import traitlets

_FRONT = Path(__file__).parent / "front"


@cache
def part(name: str) -> str:
    """Return the text of a file of the front."""
    return (_FRONT / name).read_text(encoding="utf-8")


class PageWidget(ipyvue.VueTemplate):
    """What a visitor sees: four texts of JSON go in; ``hear(name, value)`` is told what they do."""

    desk = traitlets.Unicode("").tag(sync=True)
    frame = traitlets.Unicode("").tag(sync=True)
    file = traitlets.Unicode("").tag(sync=True)
    note = traitlets.Unicode("").tag(sync=True)

    hear = traitlets.Any()

    def __init__(self, **traits: Any) -> None:
        whole = f"{part('page.vue')}\n<style>\n{part('style.css')}</style>\n"
        components = {name: part(f"{name}.vue") for name in ("plot", "knob")}
        super().__init__(template=whole, components=components, **traits)

    def vue_act_on(self, data: dict[str, Any]) -> None:
        """Hear what somebody did."""
        self.hear(str(data.get("name")), data.get("value"))
