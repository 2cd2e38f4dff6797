"""The settling before day 0: what is kept on disk is what would be simulated, or it is not trusted."""

import datetime
import os
import zipfile
from dataclasses import replace

import numpy as np
import pytest

from experiments.provenance import TABLES
from sim import burn_in
from sim.burn_in import kept_at, key_of, settled
from sim.calendar import Calendar
from sim.day import Machine
from sim.market import Market
from sim.mechanism import Mechanism, insert_after
from sim.mechanisms import DAY
from sim.sampler import Proposal
from sim.scenario import Scenario
from tests.small import VILLAGE

BURN_IN = 9  # days: longer than money stays in escrow
SETTLING = (VILLAGE, DAY, Calendar(burn_in=BURN_IN), 1)
KEEN = Scenario(population=VILLAGE, calendar=SETTLING[2], mechanisms=DAY).with_value("mechanisms.purchase.a_0", -2.0)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache; compiled kernels stay where they are."""
    monkeypatch.setenv("ETALASE_CACHE", str(tmp_path))
    return tmp_path / "burn-in"


def files(cache):
    return sorted(file.name for file in cache.glob("*"))


def settle(settling=SETTLING, **how):
    """Return the state on day 0, and the days of the burn-in that were simulated for it."""
    heard = []
    return settled(*settling, Machine(threads=1), heard.append, **how), heard


def remembered(state):
    """Yield every array of a state, by name."""
    for name in (*TABLES, "hosts"):
        for column, values in vars(getattr(state, name)).items():
            yield f"{name}.{column}", values
    for name, proposal in state.proposals.items():
        yield from ((f"{name}.{part}", getattr(proposal, part)) for part in Proposal._fields)
    for parcel in state.parcels:
        yield f"parcel {parcel.day}", np.array([parcel.day, parcel.arrives, parcel.closes, parcel.luck])
        for part in ("orders", "dues"):
            for column, values in vars(getattr(parcel, part)).items():
                yield f"{part} {parcel.day}.{column}", values
    for name, values in vars(state.books).items():
        yield f"books.{name}", np.array(sorted(values.items()) if name == "midnight" else values)
    yield "category_price", state.category_price
    yield "popularity", state.popularity
    yield "host_identity", state.host_identity


def assert_same(one, other):
    a, b = dict(remembered(one)), dict(remembered(other))
    assert list(a) == list(b)
    for name in a:
        assert a[name].dtype == b[name].dtype, name
        np.testing.assert_array_equal(a[name], b[name], err_msg=name)


# ---------------------------------------------------------------- what is kept


def test_a_kept_state_is_the_one_that_was_simulated(cache):
    keen = (KEEN.population, KEEN.mechanisms, KEEN.calendar, KEEN.seed)
    fresh, heard = settle(keen)
    assert heard == list(range(1, BURN_IN + 1))
    kept, heard = settle(keen)
    assert heard == []
    assert fresh.parcels and fresh.proposals and fresh.books.escrow[0] > 0
    assert_same(fresh, kept)


def test_a_market_from_disk_lives_the_same_days(cache):
    markets = [Market(KEEN, keep=keep) for keep in (True, True, False)]
    for market in markets:
        for _ in range(4):
            market.step()
    for other in markets[1:]:
        assert_same(markets[0].state, other.state)
        assert markets[0].recorder.row == pytest.approx(other.recorder.row, rel=0, nan_ok=True)


def test_days_that_are_lived_do_not_touch_what_is_kept(cache):
    market = Market(KEEN)
    before = (cache / files(cache)[0]).read_bytes()
    market.step()
    assert [(cache / name).read_bytes() for name in files(cache)] == [before]
    # a state that was read back is not tied to the file either
    other = Market(KEEN)
    other.step()
    assert (cache / files(cache)[0]).read_bytes() == before


def test_columns_that_hosts_share_are_shared_again(cache):
    settle()
    state, _ = settle()
    state.creators.skill[0] = 7
    state.sellers.skill[-1] = 8
    assert (state.hosts.skill[0], state.hosts.skill[-1]) == (7, 8)


def test_nothing_is_kept_where_it_is_not_asked_for(cache):
    settle(keep=False)
    settle((*SETTLING[:2], Calendar(burn_in=0), 1))
    assert files(cache) == []


def test_only_one_whole_file_is_left_behind(cache):
    settle()
    assert files(cache) == [f"{key_of(*SETTLING)}.npz"]


# ---------------------------------------------------------------- what is not trusted


def cut(file, share):
    file.write_bytes(file.read_bytes()[: int(share * file.stat().st_size)])


def scratch(file):
    """Turn one byte in the middle of a column around."""
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 0xFF
    file.write_bytes(data)


def leave_out(file):
    """Forget the users' wallets."""
    with zipfile.ZipFile(file) as whole:
        parts = {name: whole.read(name) for name in whole.namelist() if name != "users:wallet.npy"}
    with zipfile.ZipFile(file, "w") as less:
        for name, part in parts.items():
            less.writestr(name, part)


def pickled(file):
    with open(file, "wb") as out:
        np.savez(out, users=np.array([{"a": 1}], object), allow_pickle=True)


DAMAGES = {
    "nothing": lambda file: file.write_bytes(b""),
    "its first byte": lambda file: file.write_bytes(b"P"),
    "a tenth of it": lambda file: cut(file, 0.1),
    "half of it": lambda file: cut(file, 0.5),
    "all but the end": lambda file: cut(file, 0.9999),
    "a byte turned around": scratch,
    "a column less": leave_out,
    "a text": lambda file: file.write_text("not a market\n" * 50),
    "other arrays": lambda file: np.savez(file, prices=np.arange(3)),
    "objects": pickled,
}


@pytest.mark.parametrize("kind", DAMAGES)
def test_what_is_no_whole_market_is_simulated_again_and_replaced(cache, kind):
    fresh, _ = settle()
    (file,) = cache.glob("*.npz")
    whole = file.read_bytes()
    DAMAGES[kind](file)
    assert file.read_bytes() != whole
    again, heard = settle()
    assert len(heard) == BURN_IN
    assert_same(fresh, again)
    assert settle()[1] == []


def test_a_half_written_file_of_a_killed_run_is_not_read(cache):
    file = kept_at(*SETTLING)
    cache.mkdir()
    (cache / f"{file.stem}.4711.partial").write_bytes(b"PK")
    assert len(settle()[1]) == BURN_IN


def test_a_full_disk_only_means_that_nothing_is_kept(cache, monkeypatch):
    def full(state, path):
        path.parent.mkdir(parents=True)
        path.write_bytes(b"PK")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(burn_in, "save", full)
    state, heard = settle()
    assert len(state.users) == 200 and len(heard) == BURN_IN
    assert files(cache) == []


# ---------------------------------------------------------------- under which name


def scenario(**changes):
    return Scenario(population=VILLAGE, calendar=Calendar(burn_in=3)).with_values(changes)


def key(made):
    return key_of(made.population, made.mechanisms, made.calendar, made.seed)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("seed", 2), ("calendar.burn_in", 4), ("calendar.start", datetime.date(2024, 1, 2)), ("population.users", 201),
        ("population.homophily", 0.7), ("population.categories", ("Beauty",)), ("mechanisms.purchase.b_p", 5.0),
        ("mechanisms.settlement.wallet_months", 3.0),
    ],
)  # fmt: skip
def test_what_the_burn_in_depends_on_changes_its_name(path, value):
    assert key(scenario(**{path: value})) != key(scenario())


def test_a_mechanism_less_is_another_burn_in():
    fewer = replace(DAY, before=tuple(m for m in DAY.before if m.name != "entry"))
    assert key_of(VILLAGE, fewer, *SETTLING[2:]) != key_of(*SETTLING)


def test_changed_source_code_is_another_burn_in(monkeypatch):
    before = key_of(*SETTLING)
    monkeypatch.setattr(burn_in, "source_hash", lambda: "0" * 16)
    assert key_of(*SETTLING) != before


def test_what_comes_after_the_burn_in_does_not_change_its_name():
    assert key(scenario(days=3)) == key(scenario(days=300)) == key(scenario(days=3, name="other", story="Another"))


class Idle(Mechanism):
    """Does nothing, outside the package."""

    def step(self, today):
        pass


def test_a_burn_in_with_a_mechanism_from_elsewhere_is_not_kept(cache):
    plan = insert_after(DAY, "terms", Idle())
    assert kept_at(VILLAGE, plan, *SETTLING[2:]) is None
    assert [len(settle((VILLAGE, plan, *SETTLING[2:]))[1]) for _ in range(2)] == [BURN_IN, BURN_IN]
    assert files(cache) == []


def test_only_the_newest_sixteen_are_kept(cache):
    cache.mkdir()
    for age in range(20):
        (cache / f"{age}.npz").write_bytes(b"")
        os.utime(cache / f"{age}.npz", (1e9 - age, 1e9 - age))
    (cache / "notes.txt").write_text("of somebody")
    settle()
    # the newest is the one of today
    assert files(cache) == sorted([*(f"{age}.npz" for age in range(15)), f"{key_of(*SETTLING)}.npz", "notes.txt"])
