"""A visitor without a browser: acts go in, and what would come to the page is kept."""

import json
import threading
import time

from experiments.dashboard.session import Session


class Visitor:
    def __init__(self, query="", start="village"):
        self.got, self.notes, self._news = {}, [], threading.Condition()
        self.session = Session(start, self.hear, query)
        self.session.start_playing()

    def hear(self, name, text):
        with self._news:
            self.got[name] = json.loads(text)
            if name == "note" and self.got[name]["line"]:
                self.notes.append(self.got[name]["line"])
            self._news.notify_all()

    def until(self, ready, seconds=120):
        """Return the first frame that is as wanted."""
        end = time.monotonic() + seconds
        with self._news:
            while not ("frame" in self.got and ready(self.got["frame"])):
                if not self._news.wait(end - time.monotonic()):
                    frame = {k: v for k, v in self.got.get("frame", {}).items() if k != "rows"}
                    raise AssertionError(f"it never came: {frame}")
            return self.got["frame"]

    def on_day(self, day):
        return self.until(lambda f: f["doing"] == "paused" and f.get("day") == day and not self.stale(f))

    def stale(self, frame):
        """Is this a frame of what was set up before?"""
        return not frame["link"].startswith(self.session.setup.link().rpartition("&day=")[0] + "&day=")

    def file(self, kind):
        self.got.pop("file", None)
        self.session.act("export", kind)
        with self._news:
            assert self._news.wait_for(lambda: "file" in self.got, 240)
            return self.got["file"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.session.close()
