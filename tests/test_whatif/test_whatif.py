"""Twin worlds: what is nothing is exactly nothing, parts add up, and the command says so."""

import json

import numpy as np
import pandas as pd
import pytest

from experiments import cli
from experiments.whatif import arm, whatif
from experiments.whatif.additionality import PARTS, additionality
from experiments.whatif.arms import Arm
from experiments.whatif.pairs import Job, live
from experiments.whatif.reach import reach, same_day
from experiments.whatif.report import write_report
from experiments.whatif.world import simulate
from sim.errors import ScenarioError
from sim.programs import HostExposure, Placebo, ProductExposure, Training, Vouchers
from sim.scenario import load

FEW = ("population.users=250", "calendar.burn_in=10", "days=12")


@pytest.fixture(scope="module")
def village():
    return load("village", FEW)


def way(base, *programs, name="arm"):
    scenario = base.but(programs=programs)
    return Arm(name, scenario, True, (scenario,))


@pytest.fixture(scope="module")
def found(village):
    ways = [way(village, Vouchers(discount=0.4, take_up=0.5), name="vouchers"),
            way(village, Training(skill=2, take_up=0.5, start=3), name="training")]  # fmt: skip
    return whatif(village, ways, seeds=3, least=0, ranges=True, apart=True)


def test_a_program_that_does_nothing_causes_exactly_nothing(village):
    effects = whatif(village, [way(village, Placebo())], seeds=2, ranges=False, least=0).to_dict()
    only = effects["arms"]["arm"]
    assert all(m["effect"] == 0 for m in only["metrics"].values())
    assert set(only["additionality"]["net"].values()) == {0} and only["additionality"]["lost"]["orders"] == 0
    assert all(share == 0 for days in only["reach"].values() for share in days.values())
    assert all(side["all"][2] == sum(side["all"]) for at in only["gains"].values() for side in at.values())


def test_parts_add_up_to_the_gross_exactly(found, village):
    for name in ("vouchers", "training"):
        parts = found.to_dict()["arms"][name]["additionality"]["gross"]
        assert set(parts) == set(PARTS)
        orders = gmv = 0
        for seed in (1, 2, 3):
            scenario = found_arm(found, name, village).but(seed=seed)
            world = simulate(scenario, 19)
            since = next(iter(world.programs.values()))
            now = world.orders["day"] < 12
            if name == "vouchers":
                mine = now & (world.orders["subsidy"] > 0)
            else:
                by_creator = (world.orders["host"] >= 0) & (world.orders["host"] < 1 << 31)
                creator = np.where(by_creator, world.orders["host"], 0)
                mine = now & by_creator & (since["creators"][creator] <= world.orders["day"])
            orders += int(mine.sum())
            gmv += int(world.orders["price"][mine].sum())
        assert sum(part["orders"] for part in parts.values()) == orders > 0
        assert sum(part["gmv"] for part in parts.values()) == gmv


def found_arm(found, name, base):
    programs = {"vouchers": Vouchers(discount=0.4, take_up=0.5), "training": Training(skill=2, take_up=0.5, start=3)}
    return base.but(programs=(programs[name],))


def test_new_less_lost_is_the_net(village):
    base, world = (simulate(s, 19) for s in (village, way(village, Vouchers(discount=0.4)).scenario))
    parts = additionality(world, base, 19)
    everybody = {name: parts["gross"][name]["orders"] + parts["floor"][name]["orders"] for name in PARTS}
    rest = len(world.orders["day"]) - sum(everybody.values())  # orders of those treated, without a voucher
    assert parts["net"]["orders"] == len(world.orders["day"]) - len(base.orders["day"])
    assert everybody["new"] + rest >= parts["net"]["orders"] + parts["lost"]["orders"] - rest


def test_where_one_of_two_programs_is_for_all_everything_is_gross(village):
    base = simulate(village, 14)
    both = simulate(way(village, Vouchers(discount=0.4), ProductExposure(factor=2.0)).scenario, 14)
    parts = additionality(both, base, 14)
    assert sum(part["orders"] for part in parts["gross"].values()) == len(both.orders["day"])
    assert sum(part["orders"] for part in parts["floor"].values()) == 0
    assert sum(part["gmv"] for part in parts["gross"].values()) == both.gmv


def test_displacement_has_the_gross_in_it_and_what_is_new_comes_from_nowhere(found):
    added = found.to_dict()["arms"]["vouchers"]["additionality"]
    gross = sum(part["gmv"] for part in added["gross"].values())
    for table in added["displaced"].values():
        assert sum(map(sum, table["gmv"])) == gross
        assert sum(table["gmv"][-1]) == added["gross"]["new"]["gmv"]


def test_effects_are_means_of_differences_of_twins(found, village):
    frame = found.to_frame()
    gmv = frame[(frame.arm == "vouchers") & (frame.metric == "gmv")]
    assert found.of("vouchers", "gmv")["effect"] == pytest.approx(gmv.effect.mean())
    assert gmv.seed.tolist() == [1, 2, 3]
    one = simulate(village.but(seed=2), 12).metrics["gmv"].mean()
    assert gmv.base.tolist()[1] == pytest.approx(one)
    assert found.of("vouchers", "gmv")["effect"] > 0


def test_twins_vary_less_than_worlds_apart(found):
    assert found.of("training", "gmv")["variance_ratio"] > 3


def test_assumptions_are_asked_low_and_high_from_day_0_on(found):
    metric = found.of("vouchers", "gmv")
    assert len(metric["assumptions"]) == 10
    assert all(set(ends) == {"low", "high"} for ends in metric["assumptions"].values())
    low, high = metric["range"]
    assert low < metric["relative"] < high
    b_p = metric["assumptions"]["mechanisms.purchase.b_p"]
    assert b_p["low"] < b_p["high"]  # a voucher moves more where prices matter more


def test_what_it_costs_is_what_the_books_say(found, village):
    world = simulate(way(village, Vouchers(discount=0.4, take_up=0.5)).scenario, 19)
    assert found.seeds[0]["arms"]["vouchers"]["programs"]["vouchers"]["spent"] == world.programs["vouchers"]["spent"]
    cost = found.to_dict()["arms"]["vouchers"]["cost"]
    net = found.to_dict()["arms"]["vouchers"]["additionality"]["net"]["gmv"] / 3
    assert cost["per_additional_gmv"] == pytest.approx(cost["spent"] / net)


def test_gains_count_everybody_once_in_every_grouping(found):
    for at in found.to_dict()["arms"]["training"]["gains"].values():
        for side in ("users", "creators", "sellers"):
            everybody = at[side]["all"]
            for group in at[side]["groups"].values():
                assert np.sum(list(group.values()), axis=0).tolist() == everybody


def test_an_effect_reaches_ever_more_people(village):
    base, world = (simulate(s, 12) for s in (village, way(village, HostExposure(factor=3, take_up=0.3)).scenario))
    reached = reach(world, base)
    for days in reached.values():
        assert list(days) == [1, 7, 12] and sorted(days.values()) == list(days.values())
    assert 0 < reached["users"][12] < 1
    assert all(0 <= share <= 1 for share in same_day(world, base).values())


def test_one_worker_or_two_give_the_same(village):
    ways = [way(village, Vouchers(discount=0.4))]
    one, two = (whatif(village, ways, seeds=2, days=5, ranges=False, least=0, workers=n).to_dict() for n in (1, 2))
    assert one == two


def test_seeds_are_added_until_the_interval_is_narrow(village):
    ways = [way(village, Vouchers(discount=0.4))]
    found = whatif(village, ways, days=4, until=0.15, ranges=False, least=0)
    metric, whole = found.of("arm", "gmv"), found.to_dict()
    assert len(whole["seeds"]) > whole["first_stage"] == 20
    assert 2 * metric["relative_error"] <= 0.16


def test_equal_cost_is_a_budget_for_each_arm(village):
    ways = [way(village, Vouchers(discount=0.4), name="a"), way(village, Vouchers(discount=0.2), name="b")]
    whole = whatif(village, ways, seeds=1, budget=300_000, ranges=False, least=0).to_dict()
    for only in whole["arms"].values():
        assert 150_000 < only["cost"]["spent"] <= 300_000 and only["programs"]["vouchers"]["ended"] is not None


def test_other_parameters_from_day_0_on_are_twins_another_population_is_not(village, tmp_path):
    files = {"near.yaml": "extends: village\nmechanisms: {purchase: {a_0: -5}}",
             "far.yaml": "extends: village\npopulation: {users: 300}"}  # fmt: skip
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    plain = load("village")
    near, far = (arm(village, str(tmp_path / name), start=plain) for name in files)
    assert near.twin and not far.twin
    both = live(Job(village, (near, far), 5, 1, noise=False))
    assert both["arms"][near.name]["additionality"] and both["arms"][far.name]["additionality"] is None
    whole = whatif(village, [near, far], seeds=2, days=5, ranges=False, least=0).to_dict()
    assert whole["arms"][far.name]["metrics"]["gmv"]["effect"] != 0
    assert "another market" in write_report(whole, tmp_path).read_text().lower()


def test_a_preset_adds_its_programs_to_any_base_but_a_market_of_its_own_stays_one():
    """``voucher-war`` is written for a whole country, and ``affiliate-60k`` at a scale of its own."""
    village = load("village")
    assert arm(village, "voucher-war").twin
    assert arm(village, "voucher-war").scenario.population == village.population
    assert not arm(village, "affiliate-60k").twin and not arm(village, "jakarta-fashion").twin


WRONG = {
    "no arm": (["village"], "'village' has no program. Name what it is compared with"),
    "an unknown arm": (["village", "voucher-wars"], "Did you mean 'voucher-war'?"),
    "an arm twice": (["village", "village", "village"], "is named twice"),
    "an arm without a program": (["village", "village"], "adds no program to 'village'"),
    "a joined arm of another market": (["village", "voucher-war+affiliate-60k"], "so it cannot be joined with +"),
    "a program twice in one arm": (["village", "voucher-war+voucher-war"], "names a program twice"),
    "a market joined to a program": (["village", "village+voucher-war"], "'village' has no program"),
    "no days": (["village", "voucher-war", "--days", "0"], "Give --days 1 or more"),
    "an unknown metric that nobody waits for": (["village", "V", "--metric", "gnv"], "no metric 'gnv'"),
    "a change of a program that no arm has": (
        ["village", "voucher-war", "--set", "programs.voucher.discount=0.1"],
        "Did you mean 'vouchers'?",
    ),
    "a share of nothing": (["village", "voucher-war", "--until", "0%"], "'0%' is not a share like 5%"),
    "a share or a percentage": (["village", "voucher-war", "--until", "5"], "'5' is not a share like 5%"),
    "an unknown metric": (["village", "V", "--until", "50%", "--metric", "gnv", "--days", "2"], "no metric 'gnv'"),
    "too few treated": (["village", "T", "--days", "2", "--no-ranges"], "fewer than 100 say nothing"),
    "no seeds": (["village", "V", "--seeds", "0"], "not a whole number from 1"),
}


@pytest.fixture
def files(tmp_path):
    (tmp_path / "V").write_text("extends: village\nprograms: [{kind: vouchers, take_up: 0.9}]")
    (tmp_path / "T").write_text("extends: village\nprograms: [{kind: training, capacity: 5}]")
    return tmp_path


@pytest.mark.parametrize("words, said", WRONG.values(), ids=WRONG)
def test_mistakes_are_one_line(words, said, files, monkeypatch, capsys):
    monkeypatch.chdir(files)
    few = [part for change in FEW[:2] for part in ("--set", change)]
    assert cli.main(["whatif", *words, *few]) == 2
    captured = capsys.readouterr()
    assert said in captured.err and captured.err.count("\n") == 1 and not captured.out


def test_the_command_writes_what_it_prints(files, monkeypatch, capsys):
    monkeypatch.chdir(files)
    few = [part for change in FEW[:2] for part in ("--set", change)]
    words = ["whatif", "village", "V", "--seeds", "2", "--days", "6", "--no-ranges", "--out", "found", *few]
    assert cli.main([*words, "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert json.loads((files / "found" / "effects.json").read_text()) == printed
    frame = pd.read_parquet(files / "found" / "effects.parquet")
    assert frame[frame.metric == "gmv"].effect.mean() == pytest.approx(printed["arms"]["V"]["metrics"]["gmv"]["effect"])
    assert json.loads((files / "found" / "manifest.json").read_text())["kind"] == "what-if"
    assert cli.main([*words]) == 2  # the folder is taken
    assert cli.main(["whatif", "V", "--seeds", "1", "--days", "3", "--no-ranges", *few]) == 0
    assert "sold with it" in capsys.readouterr().out


def test_changes_of_programs_go_to_the_arm_and_all_others_to_the_base(files, monkeypatch, capsys):
    monkeypatch.chdir(files)
    few = [part for change in FEW[:2] for part in ("--set", change)]
    words = ["whatif", "village", "V", "--seeds", "1", "--days", "3", "--no-ranges", "--json", *few]
    assert cli.main([*words, "--set", "programs.vouchers.discount=0.8"]) == 0
    only = json.loads(capsys.readouterr().out)["arms"]["V"]
    assert only["twin"] and only["scenario"]["programs"][0]["discount"] == 0.8
    assert only["scenario"]["population"]["users"] == 250


def test_an_arm_adds_its_programs_to_those_of_the_base(village):
    base = village.but(programs=(Training(),))
    both = arm(base, "voucher-war+live-bonus", start=load("indonesia-2024"))
    assert {p.title for p in both.scenario.programs} == {"training", "vouchers", "live_bonus"}
    with pytest.raises(ScenarioError, match="no preset and no file"):
        arm(base, "nothing-of-the-kind")


def test_a_lot_finds_the_effect_that_the_twin_knows():
    base = load("village", ("population.users=4000", "population.creators=300", "calendar.burn_in=10"))
    program = Training(skill=2, live_skill=2, effort=3, take_up=0.8, assign_share=0.5)
    effects = whatif(base, [way(base, program)], seeds=4, days=21, ranges=False, least=0).to_dict()
    (found,) = effects["arms"]["arm"]["lottery"].values()
    assert 100 < found["may"] < 250 and found["truth"] > 0.5
    assert abs(found["estimate"] - found["truth"]) < 3 * found["error"] / 2  # four seeds: half the error of one


def test_where_nobody_draws_lots_there_is_no_lottery(found):
    assert found.to_dict()["arms"]["training"]["lottery"] == {}
