"""The page of one visitor, as Solara shows it."""

import json
from itertools import count
from typing import Any

import solara

from experiments.dashboard.served import SERVED
from experiments.dashboard.session import Session
from experiments.dashboard.widget import PageWidget


@solara.component
def Page() -> None:
    """Show a session, from when the page is opened until it is closed."""
    router = solara.use_router()
    desk, frame = solara.use_reactive(""), solara.use_reactive("")
    file, note = solara.use_reactive(""), solara.use_reactive("")
    texts = {"desk": desk, "frame": frame, "file": file, "note": note}
    current: Any = solara.use_ref(None)
    number = solara.use_memo(count, [])

    def send(name: str, text: str) -> None:
        if name in ("file", "note"):  # the same again is news, too
            text = json.dumps({**json.loads(text), "n": next(number)})
        texts[name].set(text)

    def live() -> Any:
        current.current = session = Session(SERVED.start, send, router.search or "")
        session.start_playing()
        return session.close

    solara.use_effect(live, [])
    solara.Title(SERVED.title)

    def act(name: str, value: Any) -> None:
        if current.current:
            current.current.act(name, value)

    PageWidget.element(hear=act, **{name: text.value for name, text in texts.items()})
