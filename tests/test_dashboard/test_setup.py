"""What is set up: by link and by file, and nothing that a stranger may not ask for."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from experiments.dashboard.setup import Setup, from_file, from_link, markets, programs_of, worlds
from experiments.whatif import arm
from sim.errors import EtalaseError
from sim.scenario import load

PATHS = ("mechanisms.purchase.b_p", "mechanisms.discovery.gamma", "programs.vouchers.discount", "population.creators")


@given(
    st.sets(st.sampled_from(["voucher-war", "live-bonus"])),
    st.integers(0, 2**63 - 1) | st.none(),
    st.integers(0, 400),
    st.floats(0.1, 0.8),
    st.integers(30, 90),
)
def test_a_link_and_a_file_bring_back_the_same_page(programs, seed, day, number, creators):
    setup = Setup("village", tuple(sorted(programs)), (), seed, day)
    setup = setup.with_change("mechanisms.discovery.gamma", number).with_change("population.creators", creators)
    if "voucher-war" in programs:
        setup = setup.with_change("programs.vouchers.discount", number)
    assert from_link(setup.link(), "indonesia-2024") == setup
    assert from_file(setup.file(), "indonesia-2024") == setup


def test_the_twin_is_what_a_what_if_makes_of_the_same_names():
    base = load("village")
    found = worlds(Setup("village", ("voucher-war", "live-bonus")))
    assert found.base == base
    assert found.variant == arm(base, "voucher-war+live-bonus").scenario


def test_a_market_opened_with_a_program_has_a_twin_without_it():
    found = worlds(Setup("creator-labs-live"))
    assert found.base.programs == () and found.variant == load("creator-labs-live")


def test_levers_move_the_twin_only_and_assumptions_both_worlds():
    setup = Setup("village", ("voucher-war",)).with_change("programs.vouchers.discount", 0.1)
    found = worlds(setup.with_change("mechanisms.purchase.b_p", 2.0))
    assert found.base == load("village", ["mechanisms.purchase.b_p=2.0"])
    assert found.variant.but(programs=()) == found.base
    assert found.variant.programs[0].discount == 0.1


def test_changes_of_a_program_go_with_it():
    setup = Setup("village", ("voucher-war",)).with_change("programs.vouchers.discount", 0.1)
    setup = setup.with_change("mechanisms.purchase.b_p", 2.0)
    assert setup.with_programs(["live-bonus"]).changes == (("mechanisms.purchase.b_p", 2.0),)


def test_a_change_can_be_taken_back():
    setup = Setup("village").with_change("mechanisms.purchase.b_p", 2.0)
    assert setup.with_change("mechanisms.purchase.b_p", None) == Setup("village")


@pytest.mark.parametrize("base", markets())
def test_only_programs_that_make_twins_are_offered(base):
    assert "voucher-war" in programs_of(base)
    assert "affiliate-60k" not in programs_of("village")  # has other people: no twin
    for name in programs_of(base):
        found = worlds(Setup(base, (name,)))
        assert found.variant and found.variant.population == found.base.population


WRONG = {
    "a path of this machine": ("base=%2Fetc%2Fpasswd", "There is no preset '/etc/passwd'"),
    "a program that is a path": ("base=village&with=..%2Fx.yaml", "There is no preset '../x.yaml'"),
    "a lever that is not one": ("base=village&set=calendar.start=2020-01-01", "is not changed on the page"),
    "a misspelt path": ("base=village&set=mechanisms.discovery.gama=0.2", "Did you mean 'gamma'?"),
    "a value out of range": ("base=village&set=mechanisms.discovery.gamma=7", "is outside [0, 0.8]"),
    "a value that is text": ("base=village&set=mechanisms.discovery.gamma=much", "mechanisms.discovery.gamma"),
    "no value": ("base=village&set=mechanisms.discovery.gamma", "path=value"),
    "a day before the first": ("base=village&day=-1", "day = '-1' is no whole number"),
    "a day too far": ("base=village&day=99999", "from 0 to 1095"),
    "a seed that is a word": ("base=village&seed=one", "seed = 'one' is no whole number"),
    "the same program twice": ("base=village&with=voucher-war&with=voucher-war", "twice"),
    "another market as a program": ("base=village&with=affiliate-60k&with=voucher-war", "other population"),
    "a lever of no program": (
        "base=village&set=programs.vouchers.discount%3D0.5",
        "There is no program for programs.vouchers",
    ),
}


@pytest.mark.parametrize("query, line", WRONG.values(), ids=WRONG)
def test_what_is_wrong_with_a_link_is_one_line(query, line):
    with pytest.raises(EtalaseError) as mistake:
        from_link(query, "village")
    assert line in str(mistake.value) and "\n" not in str(mistake.value)


FILES = {
    "code": ("!!python/object/apply:os.system ['true']", "tag"),
    "a list": ("- village", "is not a mapping"),
    "a word of its own": ("base: village\ncolour: red", "A page has no 'colour', in the file line 2"),
    "programs that are no list": ("base: village\nprograms: {a: b}", "'programs' is a list"),
    "a day that is no number": ("base: village\nday: soon", "day = 'soon' is no whole number"),
    "nothing that is YAML": ("base: [", "the file"),
    "a path": ("base: ../secret.yaml", "There is no preset '../secret.yaml'"),
}


@pytest.mark.parametrize("text, line", FILES.values(), ids=FILES)
def test_what_is_wrong_with_a_file_is_one_line(text, line):
    with pytest.raises(EtalaseError) as mistake:
        from_file(text, "village")
    assert line in str(mistake.value) and "\n" not in str(mistake.value)


def test_the_scenario_that_the_page_was_opened_with_may_be_a_path(tmp_path):
    mine = tmp_path / "mine.yaml"
    mine.write_text(yaml.safe_dump({"extends": "village", "days": 30}))
    assert from_link("", str(mine)).base == str(mine)
    with pytest.raises(EtalaseError):
        from_link(Setup(str(mine)).link(), "village")
