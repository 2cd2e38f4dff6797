"""The page as a widget: its parts are put together from ``front/``, and JSON goes in and out."""

from typing import Any

import ipyvue
import traitlets

from experiments.dashboard.front import PARTS


class PageWidget(ipyvue.VueTemplate):
    """What a visitor sees: four texts of JSON go in; ``hear(name, value)`` is told what they do."""

    desk = traitlets.Unicode("").tag(sync=True)
    frame = traitlets.Unicode("").tag(sync=True)
    file = traitlets.Unicode("").tag(sync=True)
    note = traitlets.Unicode("").tag(sync=True)

    hear = traitlets.Any()

    def __init__(self, **traits: Any) -> None:
        whole = f"{PARTS['page.vue']}\n<style>\n{PARTS['style.css']}</style>\n"
        components = {name: PARTS[f"{name}.vue"] for name in ("plot", "knob")}
        super().__init__(template=whole, components=components, **traits)

    def vue_act_on(self, data: dict[str, Any]) -> None:
        """Hear what somebody did."""
        self.hear(str(data.get("name")), data.get("value"))
