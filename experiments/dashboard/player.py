"""Lives twins in the background: whatever somebody wants next is a field, and one thread does all the work.

The page never waits. A wish that comes while the market settles stops the settling.
"""

import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from experiments.dashboard.setup import Setup, worlds
from experiments.dashboard.twins import Stopped, Twins
from sim.errors import EtalaseError

DRAW_EVERY = 0.1  # seconds between two drawings while days pass quickly
#: Days a second, by name; as fast as the machine can where there is no number.
PACES: dict[str, float] = {"slow": 2.0, "steady": 7.0, "fast": 0.0}


class Doing(StrEnum):
    """What the player is at."""

    SETTLING = "settling"
    RUNNING = "running"
    PAUSED = "paused"
    WRONG = "wrong"


@dataclass
class Scene:
    """What there is to be drawn. ``twins`` is None while the first market settles, or if it could not be made."""

    setup: Setup
    twins: Twins | None
    doing: Doing
    done: int = 0  # of the burn-ins [days]
    total: int = 0
    target: int = 0
    wrong: str = ""


class Player:
    """Twins, the thread that lives them, and what is wanted of them."""

    def __init__(self, setup: Setup, draw: Callable[[Scene], None], pace: str = "steady") -> None:
        """``draw`` is called from the thread, with what there is to be drawn."""
        self._draw = draw
        self._wake = threading.Condition()
        self._wanted: Setup | None = setup
        self._target, self._pace, self._redraw, self._closed = setup.day, PACES[pace], False, False
        self._scene = Scene(setup, None, Doing.SETTLING, target=setup.day)
        self._hurry = setup.day  # until this day nobody wants to look on
        self._thread = threading.Thread(target=self._work, name="player", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """End for good, after the day at hand."""
        with self._wake:
            self._closed = True
            self._wake.notify()

    def set_up(self, setup: Setup, play_to: int = 0) -> None:
        """Live this instead, until its day in a hurry; then play on to another."""
        with self._wake:
            self._wanted, self._target, self._hurry = setup, max(setup.day, play_to), setup.day
            self._wake.notify()

    def run_to(self, day: int, hurry: bool = False) -> None:
        """Live until a day; ``hurry`` says that nobody wants to look on."""
        with self._wake:
            self._target, self._redraw = day, True  # what was drawn as running may have come to its end by this
            self._hurry = day if hurry else 0
            self._wake.notify()

    def pause(self) -> None:
        """Stop after the day at hand."""
        with self._wake:
            self._target, self._redraw = 0, True
            self._wake.notify()

    def pace(self, name: str) -> None:
        """Live so many days a second."""
        with self._wake:
            self._pace = PACES.get(name, self._pace)

    def redraw(self) -> None:
        """Draw again what there is."""
        with self._wake:
            self._redraw = True
            self._wake.notify()

    def _work(self) -> None:
        while True:
            with self._wake:
                while not (self._closed or self._wanted or self._redraw or self._behind()):
                    self._wake.wait()
                if self._closed:
                    return
                wanted, self._wanted, self._redraw = self._wanted, None, False
            try:
                self._do(wanted)
            except Exception as bug:  # nobody may be left waiting for a thread that is no more
                traceback.print_exc()
                self._fail(f"Something went wrong in the program: {bug!r}. Start again from day 0.")
                self._draw(self._scene)

    def _do(self, wanted: Setup | None) -> None:
        if wanted is not None:
            self._begin(wanted)
        elif self._behind():
            self._live()
        self._show()

    def _behind(self) -> bool:
        twins = self._scene.twins
        return twins is not None and self._scene.doing != Doing.WRONG and twins.day < self._target

    def _begin(self, setup: Setup) -> None:
        """Settle the markets of a setup; what was shown stays until then."""
        before = self._scene.twins
        self._scene = Scene(setup, before, Doing.SETTLING, target=setup.day)
        self._show()
        try:
            twins = Twins.settled(worlds(setup), self._tell)
        except Stopped:
            return
        except EtalaseError as mistake:
            self._fail(str(mistake))
        except MemoryError:
            self._fail("There is not enough memory for so many agents. Choose a larger population.scale.")
        else:
            self._scene = Scene(setup, twins, Doing.PAUSED, target=setup.day)

    def _fail(self, line: str) -> None:
        self._scene = Scene(self._scene.setup, None, Doing.WRONG, wrong=line)

    def _tell(self, done: int, total: int) -> None:
        """Hear how far the settling is; stop it if something else is wanted."""
        if self._closed or self._wanted is not None:
            raise Stopped
        self._scene.done, self._scene.total = done, total
        if done % 4 == 0:
            self._show()

    def _live(self) -> None:
        """Live some days: one, or as many as pass before the next drawing."""
        twins, began = self._scene.twins, time.perf_counter()
        assert twins is not None
        while True:
            try:
                twins.step()
            except EtalaseError as mistake:
                return self._fail(str(mistake))
            hurry = twins.day < self._hurry
            if self._pace and not hurry:
                self._wait(began + 1 / self._pace - time.perf_counter())
                return None
            if self._wanted or self._closed or not self._behind() or time.perf_counter() - began > DRAW_EVERY:
                return None

    def _wait(self, seconds: float) -> None:
        """Wait, unless something is wanted."""
        if seconds > 0:
            with self._wake:
                self._wake.wait_for(lambda: self._closed or self._wanted or self._redraw or not self._behind(), seconds)

    def _show(self) -> None:
        scene = self._scene
        if scene.doing in (Doing.RUNNING, Doing.PAUSED):
            scene.doing = Doing.RUNNING if self._behind() else Doing.PAUSED
            scene.target = max(self._target, scene.twins.day if scene.twins else 0)
        self._draw(scene)
