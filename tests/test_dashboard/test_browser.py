"""The page in a real browser: every control, both languages, reloads, two visitors, a narrow screen, hours of it."""

import time

import numpy as np
import pytest
import yaml

from experiments.dashboard.views import VIEWS
from experiments.run import run
from experiments.whatif import arm
from sim.scenario import load
from tests.test_dashboard.browser import Server, Tab, browser, chromium

pytestmark = pytest.mark.skipif(chromium() is None, reason="there is no chromium: apt-get install chromium")

DAYS = 14


@pytest.fixture(scope="module")
def server():
    server = Server("village")
    yield server
    server.close()
    assert not [line for line in server.said if "Error" in line or "Traceback" in line], "".join(server.said)


@pytest.fixture(scope="module")
def shown():
    with browser() as shown:
        yield shown


@pytest.fixture
def tab(server, shown):
    with Tab(shown, server.address) as tab:
        tab.on_day(0)
        yield tab


@pytest.fixture
def twins(server, shown):
    with Tab(shown, server.address, f"?base=village&with=voucher-war&day={DAYS}") as tab:
        tab.on_day(DAYS)
        yield tab


def test_figures_on_the_page_are_those_of_a_run(twins):
    base = load("village")
    for world, scenario in (("base", base), ("variant", arm(base, "voucher-war").scenario)):
        metrics = run(scenario, DAYS).metrics
        for name in ("gmv", "orders", "platform_revenue_net"):
            assert twins.exact(name)[world] == np.nanmean(metrics[name])
        for name in ("creators_active", "creator_income_gini"):
            assert twins.exact(name)[world] == metrics[name].iloc[-1]
        assert f"{metrics['gmv'].mean() / 1e6:.2f} million" in twins.page.inner_text(f"[data-card=gmv] .{world}")


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_is_drawn(twins, view):
    twins.see(view)
    twins.drawn(DAYS)
    for figure in twins.page.locator("figure").all():
        assert figure.locator("svg, canvas").count() == 1
    assert twins.page.locator("figure path, figure canvas").count() >= 1


def test_days_are_played_stepped_and_taken_back(tab):
    tab.act("step").click()
    tab.on_day(1)
    tab.act("until").fill("9")
    tab.act("go").click()
    tab.on_day(9)
    tab.act("pace").select_option("fast")
    tab.act("play").click()
    tab.page.wait_for_selector(".etalase[data-doing=running]")
    tab.act("pause").click()
    tab.page.wait_for_selector(".etalase[data-doing=paused]")
    assert int(tab.page.get_attribute(".etalase", "data-day")) >= 9
    tab.act("reset").click()
    tab.on_day(0)


def test_a_program_makes_a_twin_and_its_lever_moves_it(tab):
    tab.act("until").fill("7")
    tab.act("go").click()
    tab.on_day(7)
    assert tab.page.locator(".variant").count() == 0
    tab.act("program-voucher-war").check()
    tab.page.wait_for_selector("[data-card=gmv] .variant")
    tab.on_day(7)
    before = tab.exact("gmv")
    tab.page.click("[data-group^='programs'] > summary")
    lever = tab.page.locator("[data-knob='programs.vouchers.discount'] input[type=range]")
    lever.focus()
    lever.press("End")
    tab.page.wait_for_selector("[data-knob='programs.vouchers.discount'].changed")
    tab.on_day(7)
    tab.settled("gmv", "variant", ">", before)
    assert tab.exact("gmv")["base"] == before["base"]
    tab.act("clear").click()
    tab.settled("gmv", "variant", "==", before)


def test_an_assumption_is_typed_moves_both_worlds_and_is_taken_back(twins):
    before = twins.exact("gmv")
    field = twins.page.locator("[data-knob='mechanisms.purchase.b_p'] input[type=number]")
    field.fill("1.5")
    field.press("Tab")
    twins.settled("gmv", "base", "!=", before)
    expected = run(load("village", ["mechanisms.purchase.b_p=1.5"]), DAYS).metrics["gmv"].mean()
    assert twins.exact("gmv")["base"] == expected
    field.fill("99")
    field.press("Tab")
    twins.page.wait_for_selector(".problem")
    assert "is outside [0, 10]" in twins.page.inner_text(".problem")
    assert field.input_value() == "1.5", "what did not come to be does not stand there"
    twins.act("close").click()
    twins.page.click("[data-knob='mechanisms.purchase.b_p'] > button")
    twins.settled("gmv", "base", "==", before)
    field.fill("1.5")
    field.press("Tab")
    twins.page.wait_for_selector("[data-knob='mechanisms.purchase.b_p'].changed")
    field.fill(str(next(k.value for k in load("village").knobs() if k.path == "mechanisms.purchase.b_p")))
    field.press("Tab")
    twins.page.wait_for_selector("[data-knob='mechanisms.purchase.b_p']:not(.changed)")


def test_a_slider_tells_unit_range_source_and_grade(tab):
    knob = tab.page.locator("[data-knob='mechanisms.reputation.rating_prior']")
    assert "[stars]" in knob.inner_text()
    knob.locator("summary").click()
    told = knob.inner_text()
    assert (
        "guessed" in told
        and "Range: 1 – 5" in told
        and "assumed" in told
        and "mechanisms.reputation.rating_prior" in told
    )


def test_another_seed_is_another_world(twins):
    before = twins.exact("gmv")
    twins.act("another").click()
    twins.settled("gmv", "base", "!=", before)
    assert twins.act("seed").input_value() == "2"
    twins.act("seed").fill("1")
    twins.act("seed").press("Tab")
    twins.settled("gmv", "base", "==", before)


def test_both_languages(twins):
    assert twins.page.get_attribute(".etalase", "lang") == "en"
    twins.act("language").select_option("id")
    twins.page.wait_for_selector(".etalase[data-language=id]")
    twins.page.wait_for_selector("[data-card=gmv] h2:has-text('Penjualan per hari')")
    twins.drawn(DAYS)
    text = twins.page.inner_text(".etalase")
    assert "Penjualan per hari" in text and "Putar" in text and "juta" in text and "Februari" not in text
    assert twins.page.evaluate("document.documentElement.lang") == "id"
    for view in VIEWS:
        twins.see(view)
        assert "Play" not in twins.page.inner_text(".player")
    twins.act("language").select_option("en")
    twins.page.wait_for_selector(".etalase[data-language=en]")


def test_a_reload_in_mid_run_goes_on_where_it_was(server, shown):
    with Tab(shown, server.address, "?base=village&with=live-bonus&view=map") as tab:
        tab.on_day(0)
        tab.act("play").click()
        tab.page.wait_for_function("+document.querySelector('.etalase').dataset.day >= 9")
        day = int(tab.page.get_attribute(".etalase", "data-day"))
        tab.page.wait_for_function("+new URLSearchParams(location.search).get('day') >= 9")
        tab.page.reload()
        tab.page.wait_for_selector(".etalase[data-doing=paused]")
        back = int(tab.page.get_attribute(".etalase", "data-day"))
        assert back >= max(9, day - 14) and tab.page.locator("[data-panel=map]").count() == 1
        assert tab.act("program-live-bonus").is_checked()
        expected = run(arm(load("village"), "live-bonus").scenario, back).metrics["gmv"].mean()
        assert tab.exact("gmv")["variant"] == expected


def test_two_visitors_do_not_see_each_other(server, shown):
    with Tab(shown, server.address, "?seed=1&day=5") as one, Tab(shown, server.address, "?seed=2&day=8&lang=id") as two:
        one.on_day(5)
        two.on_day(8)
        first = one.exact("gmv")
        two.act("play").click()
        two.page.wait_for_function("+document.querySelector('.etalase').dataset.day >= 12")
        assert one.exact("gmv") == first and one.page.get_attribute(".etalase", "data-language") == "en"
        one.act("step").click()
        one.on_day(6)


def test_a_link_with_a_mistake_is_a_line_and_a_page(server, shown):
    with Tab(shown, server.address, "?base=%2Fetc%2Fpasswd&lang=xx&view=secrets") as tab:
        tab.on_day(0)
        tab.page.wait_for_selector(".problem")
        assert "There is no preset '/etc/passwd'" in tab.page.inner_text(".problem")


def test_files_leave_the_page_and_open_it_again(twins, tmp_path):
    for kind in ("setup", "scenario", "data"):
        twins.act("take").click()
        with twins.page.expect_download() as download:
            twins.act(f"export-{kind}").click()
        download.value.save_as(tmp_path / download.value.suggested_filename)
    assert load(tmp_path / "village-voucher-war.yaml").programs == arm(load("village"), "voucher-war").scenario.programs
    page = yaml.safe_load((tmp_path / "village-voucher-war-page.yaml").read_text())
    assert page["day"] == DAYS and page["programs"] == ["voucher-war"]
    page["day"], page["seed"] = 3, 5
    (tmp_path / "other.yaml").write_text(yaml.safe_dump(page))
    twins.act("take").click()
    twins.act("file").set_input_files(tmp_path / "other.yaml")
    twins.on_day(3)
    assert twins.act("seed").input_value() == "5"
    (tmp_path / "bad.yaml").write_text("!!python/object/apply:os.system ['true']")
    twins.act("take").click()
    twins.act("file").set_input_files(tmp_path / "bad.yaml")
    twins.page.wait_for_selector(".problem")
    assert "tag" in twins.page.inner_text(".problem") and twins.act("seed").input_value() == "5"


def test_a_guess_is_covered_until_it_is_revealed(twins):
    twins.act("guess").fill("5")
    twins.act("hold").click()
    assert twins.page.locator(".variant, figure").count() == 0
    assert "%" not in twins.page.text_content(".unseen"), "nor is it read out"
    twins.act("step").click()
    twins.on_day(DAYS + 1)
    assert twins.page.locator(".variant, .change, figure").count() == 0
    twins.act("reveal").click()
    values = twins.exact("gmv")
    assert f"{100 * (values['variant'] / values['base'] - 1):.1f} %" in twins.page.inner_text("[data-guess]")
    twins.act("another").click()
    twins.settled("gmv", "base", "!=", values)
    values = twins.exact("gmv")
    told = f"(seed 2, {DAYS + 1} days) it is {100 * (values['variant'] / values['base'] - 1):.1f} %"
    assert told in twins.page.inner_text("[data-guess]")


def test_a_guess_can_be_covered_before_there_is_anything_to_spoil(tab):
    tab.act("guess").fill("5")
    tab.act("hold").click()
    tab.act("until").fill("3")
    tab.act("go").click()
    tab.on_day(3)
    assert tab.page.locator("figure").count() > 0
    tab.act("program-voucher-war").click()
    tab.page.wait_for_selector(".cards.covered")
    tab.on_day(3)
    assert tab.page.locator(".variant, .change, figure").count() == 0
    tab.act("reveal").click()
    assert "5 %" in tab.page.inner_text("[data-guess]")


def test_the_page_speaks_the_language_of_the_browser_unless_a_link_says_otherwise(server, shown):
    with Tab(shown, server.address, locale="id-ID") as tab:
        tab.page.wait_for_selector(".etalase[data-language=id]", timeout=60_000)
    with Tab(shown, server.address, "?lang=en", locale="id-ID") as tab:
        tab.on_day(0)
        assert tab.page.get_attribute(".etalase", "data-language") == "en"


def test_the_page_is_played_by_keyboard_alone(tab):
    tab.page.keyboard.press(".")
    tab.on_day(1)
    tab.page.keyboard.press(" ")
    tab.page.wait_for_selector(".etalase[data-doing=running]")
    tab.page.keyboard.press(" ")
    tab.page.wait_for_selector(".etalase[data-doing=paused]")
    tab.page.focus("[data-view=sales]")
    for view in list(VIEWS)[1:]:
        tab.page.keyboard.press("ArrowRight")
        tab.page.wait_for_selector(f"[data-panel={view}]")
    focused = []
    tab.page.focus("[data-act=language]")
    for _ in range(12):
        tab.page.keyboard.press("Tab")
        focused.append(tab.page.evaluate("document.activeElement.dataset.act || document.activeElement.tagName"))
    assert {"link", "take", "program-ai-recommender"} <= set(focused)


def test_every_control_has_a_name(twins):
    nameless = twins.page.evaluate("""() => [...document.querySelectorAll('button, input, select')]
        .filter((e) => !(e.textContent || e.ariaLabel || (e.labels && e.labels.length))).map((e) => e.outerHTML)""")
    assert nameless == []


@pytest.mark.parametrize("view", VIEWS)
def test_nothing_is_wider_than_a_phone(server, shown, view):
    query = f"?base=village&with=voucher-war&day=5&lang=id&view={view}"
    with Tab(shown, server.address, query, width=360, height=740, is_mobile=True, has_touch=True) as tab:
        tab.on_day(5)
        tab.drawn(5)
        wide = tab.page.evaluate("""() => [...document.querySelectorAll('.etalase *')]
            .filter((e) => e.checkVisibility({ contentVisibilityAuto: true }) && !e.closest('.place, .unseen')
                && e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.outerHTML.slice(0, 90))""")
        assert wide == []
        tab.page.evaluate("document.querySelector('.setup').open = true")
        tall = "document.querySelector('.etalase').offsetHeight - document.documentElement.scrollHeight"
        assert tab.page.evaluate(tall) <= 0, "the document scrolls, not a part of it"
        tab.page.tap("[data-act=step]")
        tab.on_day(6)


def test_the_page_is_not_for_other_sites(server):
    import http.client

    port = int(server.address.rstrip("/").rpartition(":")[2])

    def ask(**headers):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        connection.request("GET", "/etalase/vega.js", headers=headers)
        return connection.getresponse().status

    assert ask() == 200
    assert ask(Origin="http://evil.example") == 403
    assert ask(Host="evil.example") == 400


def test_the_page_settles_while_other_things_are_asked_of_it(server, shown):
    """The market takes a while, and is one that nobody has settled yet; the page answers all the time."""
    seed = time.time_ns()
    with Tab(shown, server.address, f"?base=indonesia-2024&set=population.scale=2000&seed={seed}") as tab:
        tab.page.wait_for_selector(".etalase[data-doing=settling]")
        tab.act("language").select_option("id")
        tab.page.wait_for_selector(".etalase[data-doing=settling][data-language=id]")


@pytest.mark.slow
def test_ten_minutes_of_play_leave_the_page_as_it_was(server, shown):
    rng, end = np.random.default_rng(1), time.monotonic() + 600
    with Tab(shown, server.address, "?base=village&with=voucher-war") as tab:
        tab.on_day(0)
        tab.act("pace").select_option("fast")
        inside = tab.context.new_cdp_session(tab.page)
        pages, servers, acts = [], [], 0
        while time.monotonic() < end:
            tab.see(list(VIEWS)[rng.integers(len(VIEWS))])
            tab.act("play" if tab.page.get_attribute(".etalase", "data-doing") == "paused" else "another").click()
            tab.page.wait_for_timeout(int(rng.integers(200, 1500)))
            if rng.random() < 0.2:
                tab.act("reset").click()
            acts += 1
            if acts % 20 == 0:
                inside.send("HeapProfiler.collectGarbage")
                pages.append(inside.send("Runtime.getHeapUsage")["usedSize"])
                servers.append(server.memory())
        tab.act("reset").click()
        tab.on_day(0)
        half = len(pages) // 2
        assert acts > 100, acts
        assert max(pages[half:]) < 1.5 * max(pages[:half]) + 10e6, pages
        assert max(servers[half:]) < 1.2 * max(servers[:half]), servers
