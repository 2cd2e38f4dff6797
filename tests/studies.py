"""Studies small enough for tests: some ninety people, no burn-in, a few days."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from experiments.study import Measure, Number, Over, Study
from sim.scenario import load

ROOT = Path(__file__).parent.parent
SMALL = {
    "population.users": 60, "population.creators": 12, "population.potential_creators": 4, "population.sellers": 8,
    "population.potential_sellers": 2, "calendar.burn_in": 0,
}  # fmt: skip
GAMMA = Number("mechanisms.discovery.gamma", 0.1, 0.7)
PHI = Number("mechanisms.discovery.phi", 0.0, 0.5)
B_P = Number("mechanisms.purchase.b_p", 1.0, 3.0)


def hamlet():
    """Return a market of ninety."""
    return load("village").with_values(SMALL)


def small_study(**changes):
    """Return a study of the hamlet."""
    usual = {
        "name": "small", "base": hamlet(), "factors": (GAMMA, PHI), "outcomes": (Measure("gmv"),
        Measure("orders", Over.SERIES)), "days": 3,
    }  # fmt: skip
    return Study(**{**usual, **changes})


def content(results):
    """Return all that a study found, less how long it took."""
    return results.table.drop(["seconds"]).to_pylist()


FILE = """
name: killed
base: village
set: {population.users: 400, calendar.burn_in: 5}
days: 10
replicates: 2
uncertainties:
  mechanisms.discovery.gamma: {low: 0.1, high: 0.7}
outcomes: [gmv, {metric: orders, over: series}]
design: {kind: grid, levels: LEVELS}
"""


def command(folder, *options, levels=12):
    """Return a running ``etalase study`` of the file ``study.yaml`` in a folder, into ``out``."""
    (folder / "study.yaml").write_text(FILE.replace("LEVELS", str(levels)))
    return subprocess.Popen(
        [sys.executable, "-m", "experiments.cli", "study", "study.yaml", "--out", "out", *options],
        cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, start_new_session=True, preexec_fn=_hears_interrupts,
    )  # fmt: skip


def _hears_interrupts():
    """Undo what a shell does to whatever it runs in the background."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def landed(folder):
    """Return when each run of ``out`` landed, by file name [ns]."""
    return {file.name: file.stat().st_mtime_ns for file in (folder / "out" / "landed").glob("*.parquet")}


def wait_for(folder, n, process):
    """Wait until ``n`` runs have landed."""
    for _ in range(2_400):
        if len(landed(folder)) >= n:
            return
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    raise AssertionError("nothing landed")


def children(pid, name):
    """Return the processes below ``pid`` whose command line has ``name`` in it."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:  # it has ended
            continue
        if parent == pid:
            found += [int(entry.name)] * (name in line) + children(int(entry.name), name)
    return found


def kill(pid):
    """End a process that these tests have started, as hard as can be."""
    os.kill(pid, signal.SIGKILL)
