"""One visitor: what they do comes in as acts, what they see goes out as a desk and frames."""

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

from experiments.dashboard import export
from experiments.dashboard.desk import desk, frame
from experiments.dashboard.player import PACES, Doing, Player, Scene
from experiments.dashboard.setup import Setup, from_file, from_link, horizon, markets, programs_of, worlds
from experiments.dashboard.views import VIEWS
from experiments.dashboard.words import LANGUAGES, Words, words
from sim.errors import EtalaseError, ScenarioError

#: Brings what changed to the page: ``desk``, ``frame``, ``file`` or ``note``, and its JSON.
Send = Callable[[str, str], None]
MORE = 28  # days that are added when the last one is played on


class Session:
    """A setup, a view and a language; and the player that lives the setup."""

    def __init__(self, start: str, send: Send, query: str = "") -> None:
        """Open the page that a link describes; what is wrong with it is said, and the rest is as usual."""
        self.start, self._send = start, send
        self.language = _one_of(query, "lang", tuple(LANGUAGES))
        self.view = _one_of(query, "view", tuple(VIEWS))
        self.setup, self._pace, wrong = Setup(start), "steady", ""
        self._scene: Scene | None = None
        try:
            self.setup = from_link(query, start)
        except EtalaseError as mistake:
            wrong = str(mistake)
        self._last = horizon(self.setup, worlds(self.setup).base)
        self._desk = ""
        self._goal = self.setup.day  # where somebody wants to be at once
        self._play_to = 0  # where somebody plays to
        self._player = Player(self.setup, self._drawn)
        self._send_desk()
        self._note(wrong)

    def start_playing(self) -> None:
        """Begin to live what was set up."""
        self._player.start()

    def close(self) -> None:
        """Leave."""
        self._player.close()

    def act(self, name: str, value: Any = None) -> None:
        """Do what the visitor asks; a mistake is one line on the page."""
        acts: dict[str, Callable[[Any], None]] = {
            "view": self._look, "language": self._speak, "pace": self._hurry, "play": self._play, "pause": self._pause,
            "step": self._step, "run_to": self._run_to, "reset": self._reset, "base": self._base,
            "program": self._program, "change": self._change, "seed": self._seed, "clear": self._clear,
            "file": self._open_file, "export": self._export,
        }  # fmt: skip
        if name not in acts:
            return
        try:
            acts[name](value)
        except EtalaseError as mistake:
            self._note(str(mistake))

    @property
    def words(self) -> Words:
        """What the page says, in the visitor's language."""
        return words(self.language)

    @property
    def day(self) -> int:
        """The day that is shown, or will be once the market has settled."""
        scene = self._scene
        if scene and scene.twins and scene.setup == self.setup and scene.doing is not Doing.SETTLING:
            return scene.twins.day
        return self.setup.day

    @property
    def wanted_day(self) -> int:
        """The day that is shown, or to which the twins are in a hurry."""
        return max(self.day, self._goal)

    def _look(self, view: Any) -> None:
        if view in VIEWS:
            self.view = view
            self._send_desk()
            self._player.redraw()

    def _speak(self, language: Any) -> None:
        if language in LANGUAGES:
            self.language = language
            self._send_desk()
            self._player.redraw()

    def _hurry(self, pace: Any) -> None:
        if pace in PACES:
            self._pace = pace
            self._player.pace(pace)

    def _play(self, _: Any) -> None:
        if self.day >= self._last:
            self._last += MORE
            self._send_desk()
        self._play_to = self._last
        self._player.run_to(self._last)

    def _pause(self, _: Any) -> None:
        self._goal = self._play_to = 0
        self._player.pause()

    def _step(self, _: Any) -> None:
        self._run_to(self.wanted_day + 1)

    def _run_to(self, day: Any) -> None:
        """Go to a day: forward from where the twins are, or again from the beginning."""
        most = max(self._last, self.wanted_day + 1)
        if not isinstance(day, int) or isinstance(day, bool) or not 0 <= day <= most:
            raise ScenarioError(self.words.text("wrong.day", last=most))
        self._play_to = 0
        if day < self.day:
            self._change_to(replace(self.setup, day=day))
        else:
            self._goal = day
            self._player.run_to(day, hurry=True)

    def _reset(self, _: Any) -> None:
        self._play_to = 0
        self._change_to(replace(self.setup, day=0))

    def _base(self, base: Any) -> None:
        if base not in markets(self.start):
            raise ScenarioError(self.words.text("wrong.base", base=base))
        self._play_to = 0
        kept = tuple(name for name in self.setup.programs if name in programs_of(base))
        self._change_to(Setup(base, kept))

    def _program(self, value: Any) -> None:
        name, on = str(value["name"]), bool(value["on"])
        if name not in programs_of(self.setup.base):
            raise ScenarioError(self.words.text("wrong.base", base=name))
        rest = [program for program in self.setup.programs if program != name]
        self._change_to(replace(self.setup, day=self.wanted_day).with_programs([*rest, name] if on else rest))

    def _change(self, value: Any) -> None:
        path, number = str(value["path"]), value["value"]
        if number is not None and (isinstance(number, bool) or not isinstance(number, int | float)):
            raise ScenarioError(self.words.text("wrong.number", path=path))
        usual = {knob.path: knob.value for knob in worlds(replace(self.setup, changes=())).shown.knobs()}
        number = None if number == usual.get(path) else number  # the usual value, typed, is no change
        self._change_to(replace(self.setup, day=self.wanted_day).with_change(path, number))

    def _seed(self, seed: Any) -> None:
        if not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed < 2**53:
            raise ScenarioError(self.words.text("wrong.seed"))
        self._change_to(replace(self.setup, day=self.wanted_day, seed=seed))

    def _clear(self, _: Any) -> None:
        self._change_to(replace(self.setup, day=self.wanted_day, changes=()))

    def _open_file(self, text: Any) -> None:
        self._change_to(from_file(str(text), self.start))

    def _export(self, kind: Any) -> None:
        """Make a file aside: a report takes a while."""
        scene = self._scene
        twins = scene.twins if scene and scene.doing in (Doing.PAUSED, Doing.RUNNING) else None
        setup = replace(self.setup, day=self.day)

        def make() -> None:
            try:
                self._send("file", json.dumps(export.make(str(kind), setup, twins, self.words)))
            except EtalaseError as mistake:
                self._note(str(mistake))

        threading.Thread(target=make, name="export", daemon=True).start()

    def _change_to(self, setup: Setup) -> None:
        """Live another setup, if it is one."""
        base = worlds(setup).base
        other = setup.base != self.setup.base
        self.setup = setup
        self._last = max(horizon(setup, base), 0 if other else self._last)
        self._send_desk()
        self._goal = setup.day
        self._player.set_up(setup, self._play_to)

    def _note(self, line: str) -> None:
        self._send("note", json.dumps({"line": line}))

    def _send_desk(self) -> None:
        text = json.dumps(desk(self.setup, self.start, self.view, self.words, self._last, self._pace),
                          ensure_ascii=False, allow_nan=False)  # fmt: skip
        if text != self._desk:
            self._desk = text
            self._send("desk", text)

    def _drawn(self, scene: Scene) -> None:
        """Send what the player shows, in its thread."""
        self._scene = scene
        self._send("frame", json.dumps(frame(scene, self.view, self.words, self._link), ensure_ascii=False,
                                       allow_nan=False))  # fmt: skip

    def _link(self, setup: Setup) -> str:
        return f"{setup.link()}&view={self.view}&lang={self.language}"


def _one_of(query: str, name: str, known: tuple[str, ...]) -> str:
    """Return what a link says of ``name``, if it is known; else the first that is."""
    asked = parse_qs(query).get(name, [""])[0]
    return asked if asked in known else known[0]
