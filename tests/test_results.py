"""Results on disk: whole or not at all, readable by others, and verified."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from experiments import cli, results
from experiments.results import Folder, check_out, read_manifest
from experiments.run import run
from experiments.verify import verify
from sim.errors import LedgerError, ResultsError
from sim.market import Market
from sim.scenario import load

ROOT = Path(__file__).parent.parent
TABLES = ("metrics", "ledger", "users", "creators", "sellers", "products", "orders")


@pytest.fixture(scope="module")
def small():
    return load("village", ("calendar.burn_in=2", "population.users=300"))


@pytest.fixture
def folder(small, tmp_path):
    run(small, 3, out=tmp_path / "out", orders=True, keep=False)
    return tmp_path / "out"


def edit(folder, **changes):
    """Change what a manifest says."""
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, **changes}))


def test_every_column_says_what_it_is_and_its_unit(folder):
    for name in TABLES:
        for field in pq.read_schema(folder / f"{name}.parquet"):
            assert set(field.metadata) >= {b"doc", b"unit"}, (name, field.name)
            assert field.metadata[b"unit"]


def test_the_manifest_is_enough_to_run_it_again(small, folder):
    manifest = read_manifest(folder)
    assert manifest["scenario"] == small.but(days=3).to_dict()
    assert (manifest["days"], manifest["seed"], manifest["orders"]) == (3, small.seed, True)
    assert set(manifest["files"]) == {f"{name}.parquet" for name in TABLES}
    assert {"numpy", "numba", "mesa", "python"} <= set(manifest["versions"])


def test_the_manifest_names_no_place_of_this_machine(folder):
    said = (folder / "manifest.json").read_text()
    assert str(ROOT) not in said and str(folder.parent) not in said and os.uname().nodename not in said


def test_the_same_comes_out_again(folder):
    assert verify(folder).same
    assert cli.main(["verify", str(folder)]) == 0


def test_a_changed_number_is_named(small, folder):
    whole = pq.read_table(folder / "metrics.parquet")
    gmv = whole["gmv"].to_pylist()
    changed = [*gmv[:2], gmv[2] + 1]
    place = whole.column_names.index("gmv")
    pq.write_table(whole.set_column(place, whole.schema.field(place), [changed]), folder / "metrics.parquet")
    found = verify(folder)
    assert not found.same
    assert f"metrics.parquet: gmv at day 2: {changed[2]} in the folder, {gmv[2]} now" in found.lines
    assert cli.main(["verify", str(folder)]) == 1


def test_other_labels_and_units_are_found(folder):
    orders = pq.read_table(folder / "orders.parquet")
    status = orders.column_names.index("status")
    changed = orders["status"].cast("string").to_pylist()
    changed[0] = "lost"
    pq.write_table(orders.set_column(status, "status", [changed]), folder / "orders.parquet")
    found = verify(folder)
    assert not found.same and any("orders.parquet: " in line and "not the same" in line for line in found.lines)


def test_a_manifest_that_names_no_files_is_not_the_same(folder):
    edit(folder, files={})
    assert not verify(folder).same


def test_another_seed_in_the_manifest_is_another_world(folder):
    edit(folder, seed=99)
    found = verify(folder)
    assert not found.same and any(line.startswith("fingerprint:") for line in found.lines)


def test_other_versions_are_said_and_alone_change_nothing(folder):
    edit(folder, versions={**read_manifest(folder)["versions"], "numba": "0.1"})
    found = verify(folder)
    assert found.same and any(line.startswith("numba: 0.1 then") for line in found.lines)


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: (folder / "orders.parquet").unlink(),
        lambda folder: (folder / "orders.parquet").write_bytes(b"PAR1"),
        lambda folder: (folder / "users.parquet").write_bytes((folder / "users.parquet").read_bytes()[:-100]),
    ],
    ids=["missing", "no Parquet", "cut short"],
)
def test_a_damaged_table_is_found(folder, damage):
    damage(folder)
    assert not verify(folder).same


MANIFESTS = {
    "missing": None,
    "empty": b"",
    "no JSON": b"{",
    "no object": b"[]",
    "no text": b"\xff\xfe",
    "nothing in it": b"{}",
    "deep": b"[" * 100_000,
}


@pytest.mark.parametrize("kind", MANIFESTS)
def test_a_damaged_manifest_is_answered_in_one_line(tmp_path, capsys, kind):
    if MANIFESTS[kind] is not None:
        (tmp_path / "manifest.json").write_bytes(MANIFESTS[kind])
    assert cli.main(["verify", str(tmp_path)]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and "manifest.json" in err


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": 99}, "has format 99"),
        ({"days": "3"}, "no proper 'days'"),
        ({"seed": True}, "no proper 'seed'"),
        ({"days": -3}, "outside"),
        ({"scenario": {"sede": 1}}, "no section 'sede'"),
    ],
)
def test_a_manifest_that_cannot_be_run_is_refused(folder, capsys, change, said):
    edit(folder, **change)
    assert cli.main(["verify", str(folder)]) == 2
    err = capsys.readouterr().err
    assert said in err and err.count("\n") == 1


def test_an_empty_folder_is_good_enough(small, tmp_path):
    run(small, 0, out=tmp_path, keep=False)
    assert read_manifest(tmp_path)["days"] == 0


def test_a_run_killed_while_it_publishes_into_an_empty_folder_can_be_run_again(small, tmp_path, monkeypatch):
    def killed(old, new):
        if new.name == "sellers.parquet":
            raise KeyboardInterrupt
        os.rename(old, new)

    with monkeypatch.context() as patch:
        patch.setattr(results.os, "replace", killed)
        patch.setattr(results.shutil, "rmtree", lambda *arguments, **options: None)  # no time left to tidy up
        with pytest.raises(KeyboardInterrupt):
            run(small, 0, out=tmp_path, keep=False)
    assert len(list(tmp_path.glob("*.parquet"))) > 1
    assert cli.main(["verify", str(tmp_path)]) == 2
    run(small, 0, out=tmp_path, keep=False)
    assert verify(tmp_path).same
    assert not list(tmp_path.glob(".partial*"))


def test_a_folder_with_something_in_it_is_left_alone(tmp_path):
    (tmp_path / "mine").write_text("x")
    with pytest.raises(ResultsError, match="is not empty"):
        check_out(tmp_path)


def test_a_file_is_left_alone(tmp_path):
    (tmp_path / "mine").write_text("x")
    for path in (tmp_path / "mine", tmp_path / "mine" / "out"):
        with pytest.raises(ResultsError):
            check_out(path)


def test_where_nobody_may_write_nothing_is_simulated(small, tmp_path, monkeypatch):
    monkeypatch.setattr(results.os, "access", lambda *arguments: False)  # a superuser may write everywhere
    with pytest.raises(ResultsError, match="Cannot write into"):
        run(small, 1, out=tmp_path / "out", progress=lambda done, total: pytest.fail("was simulated"))


def test_a_failing_run_leaves_nothing(small, tmp_path, monkeypatch):
    def fails(market):
        raise LedgerError("Day 0: no.")

    monkeypatch.setattr(Market, "step", fails)
    with pytest.raises(LedgerError):
        run(small, 1, out=tmp_path / "out", keep=False)
    assert list(tmp_path.iterdir()) == []


def test_a_killed_run_leaves_what_the_next_one_removes(small, tmp_path):
    out = tmp_path / "out"
    command = [sys.executable, "-m", "experiments.cli", "run", "village", "--days", "36500", "--out", str(out)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while not list(tmp_path.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.1)
    with pytest.raises(ResultsError, match="Another run is writing"):
        check_out(out)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    left = list(tmp_path.iterdir())
    assert len(left) == 1 and left[0].name.startswith("out.partial-")
    with pytest.raises(ResultsError, match="is not a results folder"):
        read_manifest(left[0])
    run(small, 1, out=out, keep=False)
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]


def test_two_runs_of_one_process_do_not_share_a_folder(tmp_path):
    with Folder(tmp_path / "out"), pytest.raises(ResultsError, match="Another run is writing"):
        Folder(tmp_path / "out")


def test_a_full_disk_is_said(small, tmp_path, monkeypatch):
    def full(*arguments, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pq, "write_table", full)
    assert cli.main(["run", "village", "--days", "0", "--out", str(tmp_path / "out")]) == 2
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_somebody_fills_is_known_by_its_lock_whatever_its_process_is_called(tmp_path):
    with Folder(tmp_path / "out") as first:
        first.here.joinpath("half.parquet").write_bytes(b"x")
        probe = f"from experiments.results import Folder\nFolder({str(tmp_path / 'out')!r})"
        other = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, cwd=ROOT)
        assert "Another run is writing" in other.stderr
        assert first.here.joinpath("half.parquet").is_file()
    assert not list(tmp_path.iterdir())


def test_somebody_s_own_tables_beside_a_killed_run_are_never_touched(tmp_path):
    left = tmp_path / ".partial-dead"
    left.mkdir()
    os.utime(left, (0, 0))
    (tmp_path / "survey.parquet").write_bytes(b"mine")
    with pytest.raises(ResultsError, match="is not empty"):
        check_out(tmp_path)
    assert (tmp_path / "survey.parquet").read_bytes() == b"mine" and left.is_dir()


def test_what_a_killed_run_had_put_in_place_is_cleared_away(tmp_path):
    left = tmp_path / ".partial-dead"
    left.mkdir()
    (left / "lock").touch()
    (left / "placing").write_text("users.parquet\nmanifest.json")
    (tmp_path / "users.parquet").write_bytes(b"half")
    with Folder(tmp_path) as folder:
        assert not (tmp_path / "users.parquet").exists() and not left.exists()
        folder.publish({})
    assert (tmp_path / "manifest.json").is_file()


def test_a_folder_without_a_name_is_refused():
    with pytest.raises(ResultsError, match="has no name"):
        check_out("")
