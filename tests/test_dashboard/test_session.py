"""What a visitor sees is what ``etalase run`` and ``etalase whatif`` say, whatever they did before."""

import base64
import io
import json
import math
import zipfile

import numpy as np
import pandas as pd
import pytest

from experiments.dashboard.cards import FIGURES
from experiments.dashboard.player import Doing
from experiments.dashboard.setup import from_file
from experiments.dashboard.views import VIEWS
from experiments.dashboard.words import words
from experiments.run import run
from experiments.whatif import arm
from experiments.whatif.gains import BANDS
from experiments.whatif.pairs import Job, live
from sim.scenario import load
from tests.test_dashboard.page import Visitor

DAYS = 21


@pytest.fixture(scope="module")
def visitor():
    with Visitor(f"base=village&with=voucher-war&seed=3&day={DAYS}") as visitor:
        visitor.on_day(DAYS)
        yield visitor


@pytest.fixture
def day(visitor):
    """The visitor on the day that the comparisons are made of, with every view to look at."""
    frames = {}
    for view in VIEWS:
        visitor.session.act("view", view)
        frames[view] = visitor.until(lambda f, view=view: f["view"] == view and f["doing"] == "paused")
    return frames


@pytest.fixture(scope="module")
def runs():
    base = load("village").but(seed=3)
    return {"base": run(base, DAYS), "variant": run(arm(base, "voucher-war").scenario, DAYS)}


@pytest.fixture(scope="module")
def effects():
    base = load("village").but(seed=3)
    return live(Job(base, (arm(base, "voucher-war"),), DAYS, 3))


def test_cards_are_what_a_run_says(day, runs):
    for figure, card in zip(FIGURES, day["sales"]["cards"], strict=True):
        for world, done in runs.items():
            column = done.metrics[figure.metric]
            assert card["exact"][world] == (column.iloc[-1] if figure.last else np.nanmean(column))


def test_cards_are_what_a_what_if_says(day, effects):
    exact = {card["name"]: card["exact"] for card in day["sales"]["cards"]}
    for figure in FIGURES:
        if not figure.last:
            assert exact[figure.metric]["base"] == effects["base"][figure.metric]
            assert exact[figure.metric]["variant"] == effects["arms"]["voucher-war"]["metrics"][figure.metric]


def test_sales_are_what_a_run_says(day, runs):
    rows = day["sales"]["rows"]["days"]
    for world, done in runs.items():
        assert rows[f"gmv_{world}"] == pytest.approx(done.metrics["gmv"].tolist(), rel=1e-5)
        assert rows[f"orders_{world}"] == done.metrics["orders"].tolist()
        parts = [sum(rows[f"{channel}_{world}"]) for channel in ("video", "live", "search")]
        assert sum(parts) == pytest.approx(done.metrics["gmv"].sum(), rel=1e-4)


def test_who_gains_is_what_a_what_if_says(day, effects):
    rows, found = day["gains"]["rows"], effects["arms"]["voucher-war"]["gains"][DAYS]
    for side in ("creators", "sellers"):
        counts = found[side]["all"]
        drawn = [
            (end - first) * sum(counts)
            for group, first, end in zip(*(rows[side][name] for name in ("group", "first", "end")), strict=True)
            if group == "all"
        ]
        assert drawn == pytest.approx(counts, abs=0.01) and len(drawn) == len(BANDS)


def test_the_map_is_what_a_run_says(day, runs):
    rows = day["map"]["rows"]["provinces"]
    for k, province in enumerate(rows["province"]):
        for world, done in runs.items():
            assert rows[world][k] == pytest.approx(done.metrics[f"gmv.province.{province}"].sum(), rel=1e-5)
    assert sum(share for share in rows["share"] if share) == pytest.approx(1.0)


def test_the_money_is_the_ledger_of_all_days(day, runs):
    rows = day["money"]["rows"]
    for world, done in runs.items():
        ledger = done.ledger
        flows = rows[f"ribbons-{world}-wide"]
        drawn = dict(zip(zip(flows["debit"], flows["credit"], strict=True), flows["amount"], strict=True))
        trade = ledger[~ledger["line"].isin(["payday", "overflow", "withdrawal", "goods", "return of shipping"])]
        counted = trade.groupby(["debit", "credit"])["amount"].sum()
        assert drawn == pytest.approx(counted.to_dict(), rel=1e-5)
    lines = runs["variant"].ledger.groupby(["line", "debit", "credit"])
    assert len(day["money"]["says"]) == len(lines) + 2
    left = words("en").money(runs["variant"].metrics["platform_revenue_net"].sum())
    assert f"What is left, {left}," in day["money"]["says"][0], "the card and the books say the same"


def test_what_users_paid_themselves_is_said_beside_what_was_sold(day, runs):
    said = day["sales"]["says"][1]
    for done in runs.values():
        paid = done.ledger[(done.ledger["line"] == "order") & (done.ledger["debit"] == "users")]["amount"].sum()
        assert words("en").money(paid) in said
        vouchers = done.ledger[done.ledger["line"] == "subsidy"]["amount"].sum()
        assert paid + vouchers == done.metrics["gmv"].sum()


def test_the_date_is_that_of_the_last_day_lived(day):
    assert day["sales"]["day"] == DAYS and day["sales"]["date"] == "21 January 2024"


def test_incomes_count_every_creator_in_business(day, runs):
    rows = day["incomes"]["rows"]["incomes"]
    for world, done in runs.items():
        assert sum(rows[world]) == done.metrics["creators_active"].iloc[-1]
        above = sum(n for low, n in zip(rows["low"], rows[world], strict=True) if low >= 0)
        share = done.metrics["creators_above_minimum_wage"].iloc[-1]
        assert above == pytest.approx(share * sum(rows[world]))


def test_lorenz_curves_have_the_gini_of_the_run(day, runs):
    rows = day["incomes"]["rows"]["lorenz"]
    for world, done in runs.items():
        area = np.trapezoid(rows[f"creators_{world}"], rows["people"])
        assert 1 - 2 * area == pytest.approx(done.metrics["creator_income_gini"].iloc[-1], abs=0.03)


def test_viewers_are_those_of_the_day(day, runs):
    rows = day["live"]["rows"]
    for world, done in runs.items():
        minutes = sum(rows["viewers"][world]) * 10
        assert minutes == pytest.approx(done.metrics["live_watched"].iloc[-1], rel=0.1)
    assert max(rows["rooms"]["viewers"]) == pytest.approx(runs["variant"].metrics["concurrent_viewers_max"].iloc[-1])
    assert len(set(rows["rooms"]["room"])) == runs["variant"].metrics["live_rooms"].iloc[-1]


def test_what_is_drawn_in_the_network_is_what_is_counted(day, runs):
    rows = day["network"]["rows"]
    kinds = rows["nodes"]["kind"]
    buyers = [tail for tail in rows["sales"]["tail"] if kinds[tail] == "user"]
    last = runs["variant"].metrics.iloc[-1]
    assert len(buyers) == last["orders"] and len(set(buyers)) == last["buyers_today"]
    for channel in ("video", "live", "search"):
        drawn = [c for c, t in zip(rows["sales"]["channel"], rows["sales"]["tail"], strict=True)
                 if kinds[t] == "user" and c == channel]  # fmt: skip
        assert len(drawn) == last[f"orders_{channel}"]
    ends = [kinds[head] for head in rows["sales"]["head"]]
    assert ends.count("seller") == last["orders"] and "user" not in ends
    assert len(rows["follows"]["tail"]) == int(runs["variant"].users["n_follows"].sum())


def test_every_way_to_a_day_leads_to_the_same_day():
    with Visitor("base=village&with=live-bonus&day=9") as visitor:
        straight = visitor.on_day(9)
    with Visitor("base=village") as visitor:
        act = visitor.session.act
        visitor.on_day(0)
        act("step")
        visitor.on_day(1)
        act("program", {"name": "live-bonus", "on": True})
        act("run_to", 12)
        visitor.on_day(12)
        act("change", {"path": "mechanisms.purchase.b_p", "value": 2.0})
        visitor.on_day(12)
        act("clear")
        visitor.on_day(12)
        act("run_to", 9)
        assert visitor.on_day(9) == straight and not visitor.notes


def test_play_goes_on_until_it_is_stopped():
    with Visitor("base=village") as visitor:
        visitor.on_day(0)
        visitor.session.act("pace", "fast")
        visitor.session.act("play")
        visitor.until(lambda f: f["doing"] == "running" and f.get("day", 0) > 3)
        visitor.session.act("pause")
        stopped = visitor.until(lambda f: f["doing"] == "paused" and f["day"] > 3)["day"]
        visitor.session.act("reset")
        assert visitor.on_day(0)["day"] == 0 < stopped


def test_changes_on_the_way_to_a_day_still_lead_there():
    with Visitor("base=village&with=live-bonus&day=60") as visitor:
        visitor.on_day(60)
        straight = visitor.got["frame"]["cards"]
        for seed in (2, 3, 4):
            visitor.session.act("seed", seed)
        visitor.session.act("seed", load("village").seed)
        assert visitor.on_day(60)["cards"] == straight


def test_play_goes_on_after_a_change():
    with Visitor("base=village&day=3") as visitor:
        visitor.on_day(3)
        visitor.session.act("play")
        visitor.until(lambda f: f["doing"] == "running" and f["day"] > 4)
        visitor.session.act("change", {"path": "mechanisms.purchase.b_p", "value": 2.0})
        visitor.until(lambda f: f["doing"] == "running" and f["day"] > 6 and "b_p" in f["link"])


def test_one_world_without_a_program():
    with Visitor("base=village&day=5") as visitor:
        frame = visitor.on_day(5)
        assert not frame["two"] and frame["effect"] is None
        assert all(not card["variant"] for card in frame["cards"])
        for view in VIEWS:
            visitor.session.act("view", view)
            frame = visitor.until(lambda f, view=view: f["view"] == view)
            assert frame["says"]


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_stands_on_day_0(view):
    with Visitor(f"base=village&with=voucher-war&view={view}") as visitor:
        assert visitor.on_day(0)["view"] == view


WRONG = {
    "a day too far": ("run_to", 99_999, "Choose a day from 0 to"),
    "a day that is a word": ("run_to", "soon", "Choose a day from 0 to"),
    "a seed below 0": ("seed", -1, "whole number"),
    "a market that is none": ("base", "/etc/passwd", "There is no preset /etc/passwd"),
    "a program that is none": ("program", {"name": "free-money", "on": True}, "There is no preset free-money"),
    "a value out of range": ("change", {"path": "mechanisms.discovery.gamma", "value": 7}, "is outside [0, 0.8]"),
    "a value that is text": ("change", {"path": "mechanisms.discovery.gamma", "value": "x"}, "is a number"),
    "a path that is none": ("change", {"path": "mechanisms.magic.x", "value": 1}, "magic"),
    "a file that is none": ("file", "!!python/name:os.system", "tag"),
    "an export that is none": ("export", "secrets", "There is no such file"),
}


@pytest.mark.parametrize("name, value, line", WRONG.values(), ids=WRONG)
def test_a_mistake_is_a_line_and_changes_nothing(visitor, name, value, line):
    before = visitor.session.setup, visitor.session.day
    visitor.notes.clear()
    visitor.session.act(name, value)
    visitor.until(lambda f: visitor.notes)
    assert line in visitor.notes[0] and (visitor.session.setup, visitor.session.day) == before


@pytest.mark.parametrize("view", VIEWS)
def test_a_market_without_people_is_shown(view):
    nobody = "set=population.users=0&set=population.creators=0&set=population.potential_creators=0"
    with Visitor(f"base=village&with=voucher-war&{nobody}&day=2&view={view}") as visitor:
        assert visitor.on_day(2)["says"]


def test_a_market_that_cannot_be_is_said_and_another_shown():
    with Visitor("base=village&set=population.scale=1000000") as visitor:
        visitor.on_day(0)
        assert "The market is empty" in visitor.notes[0] and visitor.session.setup.changes == ()


def test_a_market_that_is_too_large_is_refused_at_once():
    with Visitor("base=indonesia-2024&set=population.scale=1") as visitor:
        assert "too many for a page" in visitor.until(lambda f: f["doing"] == Doing.WRONG)["wrong"]


def test_exports_are_what_the_page_shows(visitor, runs, tmp_path):
    setup = from_file(base64.b64decode(visitor.file("setup")["content"]).decode(), "village")
    assert (setup.base, setup.programs, setup.seed, setup.day) == ("village", ("voucher-war",), 3, DAYS)
    scenario = tmp_path / "mine.yaml"
    scenario.write_bytes(base64.b64decode(visitor.file("scenario")["content"]))
    assert load(scenario) == runs["variant"].scenario.but(days=load("village").days)
    data = zipfile.ZipFile(io.BytesIO(base64.b64decode(visitor.file("data")["content"])))
    for world, done in runs.items():
        table = pd.read_csv(data.open(f"{world}.csv"))
        assert table["gmv"].tolist() == done.metrics["gmv"].tolist()
    about = json.loads(data.read("columns.json"))["columns"]
    assert set(about) == set(table.columns) and about["gmv"].endswith("[Rp/day]")
    report = base64.b64decode(visitor.file("report")["content"]).decode()
    assert "voucher-war" in report and "data-path" in report


def test_numbers_travel_as_they_are_shown(visitor):
    frame = json.dumps(visitor.got["frame"], allow_nan=False)
    assert not any(isinstance(x, float) and math.isnan(x) for x in json.loads(frame)["rows"].values())
