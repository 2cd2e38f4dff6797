"""How long a visitor waits: python -m benchmarks.dashboard [MARKET]; needs chromium."""

import statistics
import sys
import time

from benchmarks.machine import line
from experiments.dashboard.views import VIEWS
from tests.test_dashboard.browser import Server, Tab, browser

STEPS = 9
DAY = 28


def seconds(do):
    began = time.perf_counter()
    do()
    return time.perf_counter() - began


def step(tab, day):
    tab.act("step").click()
    tab.drawn(day)


def main():
    market = sys.argv[1] if len(sys.argv) > 1 else "village"
    print(line())
    began = time.perf_counter()
    server = Server(market)
    print(f"server answers after {time.perf_counter() - began:.1f} s")
    with browser() as shown:
        opened = time.perf_counter()
        with Tab(shown, server.address, f"?base={market}&with=voucher-war") as tab:
            tab.page.wait_for_selector(".etalase")
            print(f"page opens after {time.perf_counter() - opened:.1f} s")
            tab.on_day(0, 600)
            print(f"first market settled after {time.perf_counter() - opened:.1f} s")
            tab.act("until").fill(str(DAY))
            print(f"run to day {DAY}: {seconds(lambda: (tab.act('go').click(), tab.drawn(DAY, 600))):.2f} s")
            day = DAY
            for view in VIEWS:
                tab.see(view)
                if not tab.page.locator("figure").count():
                    continue
                tab.drawn(day, 600)
                times = []
                for _ in range(STEPS if market == "village" else 3):
                    day += 1
                    times.append(seconds(lambda: step(tab, day)))  # noqa: B023
                print(f"a day, {view}: {statistics.median(times):.3f} s")
    server.close()


if __name__ == "__main__":
    main()
