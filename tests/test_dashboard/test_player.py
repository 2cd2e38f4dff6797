"""The thread that lives the twins: whatever is asked while it draws, the last thing drawn is how things stand."""

import threading

import pytest

from experiments.dashboard.player import Doing, Player
from experiments.dashboard.setup import Setup


@pytest.mark.parametrize(
    "ask", [lambda player: player.pause(), lambda player: player.run_to(1)], ids=["a pause", "a day that has passed"]
)
def test_what_is_asked_while_a_day_is_drawn_is_drawn_too(ask):
    drawn, news = [], threading.Condition()

    def draw(scene):
        if scene.doing is Doing.RUNNING:
            ask(player)  # after it was decided to draw a market that goes on
        with news:
            drawn.append((scene.doing, scene.twins.day if scene.twins else 0))
            news.notify_all()

    player = Player(Setup("village"), draw, "fast")
    player.start()
    try:
        with news:
            assert news.wait_for(lambda: (Doing.PAUSED, 0) in drawn, 120)
        player.run_to(90)
        with news:
            assert news.wait_for(lambda: drawn[-1][0] is Doing.PAUSED and 0 < drawn[-1][1] < 90, 30), drawn[-3:]
    finally:
        player.close()
