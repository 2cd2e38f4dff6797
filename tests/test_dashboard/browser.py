"""A server as a user starts it, and chromium as Debian has it."""

import os
import shutil
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

#: Solara's own page says this of itself; nothing else may be said.
KNOWN = ("Failed to evaluate Vue script",)
#: Of the element that says what the page is at.
PAUSED = ".etalase[data-doing=paused]"


def chromium():
    """Return where chromium is; None if there is none. Where the variable says that there is one, there has to be."""
    return os.environ.get("ETALASE_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")


class Server:
    """``etalase dashboard`` on a free port."""

    def __init__(self, *arguments):
        command = [sys.executable, "-m", "experiments.cli", "dashboard", "--no-browser", *arguments]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.said = [self.process.stdout.readline()]
        self.address = next((word for word in self.said[0].split() if word.startswith("http")), None)
        assert self.address, self.said[0] + self.process.stdout.read()
        threading.Thread(target=lambda: self.said.extend(self.process.stdout), daemon=True).start()

    def memory(self):
        """Return the bytes that the server holds in memory, as Linux tells them."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def close(self):
        self.process.terminate()
        self.process.wait(20)


@contextmanager
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        shown = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        try:
            yield shown
        finally:
            shown.close()


class Tab:
    """A page of the browser, and all that it complained of."""

    def __init__(self, shown, address, query="", width=1280, height=1400, **more):
        self.context = shown.new_context(viewport={"width": width, "height": height}, accept_downloads=True, **more)
        self.page = self.context.new_page()
        self.page.set_default_timeout(120_000)  # of a machine that does other things, too
        self.complaints, self.address = [], address
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.on("request", self._request)
        self.page.on("response", lambda r: self.complaints.append(f"{r.status} {r.url}") if r.status >= 400 else None)
        self.page.goto(address + query)

    def _console(self, message):
        if message.type in ("error", "warning") and not message.text.startswith(KNOWN):
            self.complaints.append(f"{message.type}: {message.text}")

    def _request(self, request):
        if not request.url.startswith((self.address, self.address.replace("http", "ws"), "data:", "blob:")):
            self.complaints.append(f"asked elsewhere: {request.url}")

    def act(self, name):
        """Return the control of this name."""
        return self.page.locator(f"[data-act='{name}']")

    def on_day(self, day, seconds=120):
        """Wait until a day is shown, and drawn where there are pictures."""
        self.page.wait_for_selector(f"{PAUSED}[data-day='{day}']", timeout=1000 * seconds)
        return self

    def drawn(self, day, seconds=60):
        """Wait until all pictures of the view are of a day, and it is said what they show."""
        pictures = f"[...document.querySelectorAll('figure')].every((figure) => figure.dataset.drawn === '{day}')"
        said = "document.querySelector('figure') && document.querySelector('.says').innerText"
        self.page.wait_for_function(f"{said} && {pictures}", polling=2, timeout=1000 * seconds)
        return self

    def see(self, view):
        """Go to a view."""
        self.page.click(f"[data-view='{view}']")
        self.page.wait_for_selector(f"[data-panel='{view}']")

    def exact(self, card):
        """Return the exact values of a figure, by world."""
        import json

        return json.loads(self.page.get_attribute(f"[data-card='{card}']", "data-exact"))

    def settled(self, card, world, relation, before):
        """Wait until a figure stands so to what it was, and the market stands still: days on the way do not count."""
        exact = f"JSON.parse(document.querySelector('[data-card={card}]').dataset.exact).{world}"
        still = "document.querySelector('.etalase').dataset.doing == 'paused'"
        self.page.wait_for_function(f"{still} && {exact} {relation} {before[world]}", timeout=120_000)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.context.close()
        if kind is None:
            assert not self.complaints, self.complaints
