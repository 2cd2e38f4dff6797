"""The command: what it prints, where, how fast it answers; how it stops."""

import io
import json
import math
import os
import signal
import subprocess
import sys
import time
import types
from pathlib import Path

import pandas as pd
import pytest

from experiments import cli, cli_bar
from sim import __version__
from sim.scenario import Scenario, load

ROOT = Path(__file__).parent.parent


class FakeRun:
    """What a run looks like to the command."""

    fingerprint = "f" * 64
    timing = {"burn-in": 1.25, "days": 0.5}  # noqa: RUF012

    def __init__(self, days):
        self.days = days
        self.metrics = pd.DataFrame({"gmv": [float(d) for d in range(days)], "gini": [math.nan] * days})

    def summary(self):
        return [("GMV", 1234567.0, "Rp", "gross [all channels]"), ("Gini", math.nan, "1", "")]


@pytest.fixture
def simulated(monkeypatch):
    """Replace the simulation; returns the list of what it was asked for."""
    asked = []

    def run(scenario, days=None, *, seed=None, out=None, orders=False, threads=None, progress=None):
        asked.append(
            {"scenario": scenario, "days": days, "seed": seed, "out": out, "threads": threads, "tell": progress}
        )
        return FakeRun(scenario.days if days is None else days)

    fake = types.ModuleType("experiments.run")
    fake.run = run
    monkeypatch.setitem(sys.modules, "experiments.run", fake)
    return asked


def etalase(*arguments, **extra):
    command = [sys.executable, "-m", "experiments.cli", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False, **extra)


def test_a_run_ends_with_a_summary(simulated, capsys):
    assert cli.main(["run", "village", "--days", "3"]) == 0
    out, err = capsys.readouterr()
    assert "1,234,567" in out and "gross [all channels]" in out and "f" * 64 in out
    assert err == ""


def test_what_is_asked_for_reaches_the_simulation(simulated):
    cli.main("run village --days 3 --seed 9 --threads 2 --set population.users=500 --set seed=4".split())
    asked = simulated[0]
    assert (asked["days"], asked["seed"], asked["threads"]) == (3, 9, 2)
    assert (asked["scenario"].population.users, asked["scenario"].seed) == (500, 4)


def test_nobody_is_told_of_progress_when_nobody_looks(simulated):
    cli.main(["run", "village"])
    assert simulated[0]["tell"] is None


def test_on_a_terminal_a_bar_shows_days_and_their_rate(monkeypatch, simulated, capsys):
    screen = io.StringIO()
    screen.isatty = lambda: True
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    with cli_bar.progress("simulating") as tell:
        tell(1, 4)
        time.sleep(0.05)
        tell(3, 4)
        time.sleep(0.3)
    drawn = screen.getvalue()
    assert "simulating" in drawn and "3/4" in drawn and "days/s" in drawn
    assert capsys.readouterr().out == ""


def test_a_run_in_json_is_one_object_with_null_for_what_is_no_number(simulated, capsys):
    assert cli.main(["run", "village", "--days", "2", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "fingerprint": "f" * 64,
        "scenario": "village",
        "seed": 1,
        "days": 2,
        "metrics": {"gmv": [0.0, 1.0], "gini": [None, None]},
    }


def test_a_stopped_run_says_so_in_one_line(monkeypatch, simulated, capsys):
    def interrupted(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(sys.modules["experiments.run"], "run", interrupted)
    assert cli.main(["run", "village"]) == 130
    assert capsys.readouterr() == ("", "stopped\n")


def test_too_many_agents_are_a_mistake_not_a_crash(monkeypatch, simulated, capsys):
    def too_large(*arguments, **options):
        raise MemoryError

    monkeypatch.setattr(sys.modules["experiments.run"], "run", too_large)
    assert cli.main(["run", "village"]) == 2
    assert capsys.readouterr().err == (
        "etalase: There is not enough memory for so many agents. Choose a larger population.scale.\n"
    )


def test_a_full_disk_is_one_line(monkeypatch, simulated, capsys):
    def full(*arguments, **options):
        raise OSError(28, "No space left on device", "results/metrics.parquet")

    monkeypatch.setattr(sys.modules["experiments.run"], "run", full)
    assert cli.main(["run", "village"]) == 2
    assert capsys.readouterr().err == "etalase: No space left on device: results/metrics.parquet.\n"


@pytest.mark.parametrize("same, code", [(True, 0), (False, 1)])
def test_verifying_says_what_it_found_and_exits_accordingly(monkeypatch, capsys, same, code):
    fake = types.ModuleType("experiments.verify")
    fake.verify = lambda folder, progress=None: types.SimpleNamespace(same=same, lines=["metrics", f"in {folder}"])
    monkeypatch.setitem(sys.modules, "experiments.verify", fake)
    assert cli.main(["verify", "some/folder"]) == code
    assert capsys.readouterr().out == "metrics\nin some/folder\n"


def test_the_presets_are_listed_with_their_titles(capsys):
    assert cli.main(["scenarios"]) == 0
    out = capsys.readouterr().out
    assert "indonesia-2024" in out and "An invented village of 1,000 users" in out


def test_showing_lists_every_parameter(capsys):
    assert cli.main(["show", "village", "--set", "mechanisms.discovery.phi=0.25"]) == 0
    lines = capsys.readouterr().out.splitlines()
    row = next(line.rstrip() for line in lines if line.startswith("mechanisms.discovery.phi "))
    assert row.split(maxsplit=5)[1:5] == ["0.25", "1", "[0,", "1]"]
    assert "set by the scenario; default 0.1: H6" in row and row.endswith("Share of slots that show a followed host")
    usual = next(line.split() for line in lines if line.startswith("mechanisms.discovery.a_s "))
    assert usual[5] == "prototype"  # as declared: nobody has set it
    assert all(any(line.startswith(f"{k.path} ") for line in lines) for k in load("village").knobs())


def test_showing_in_json_gives_the_scenario_back(capsys):
    assert cli.main(["show", "village", "--json"]) == 0
    assert Scenario.from_dict(json.loads(capsys.readouterr().out)) == load("village")


@pytest.mark.parametrize("arguments", [["plan"], ["plan", "village"]])
def test_the_plan_of_the_day_is_printed(capsys, arguments):
    assert cli.main(arguments) == 0
    assert capsys.readouterr().out == f"{Scenario().mechanisms}\n"


def test_the_version_is_printed(capsys):
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"etalase {__version__}\n"


@pytest.mark.parametrize("arguments", [[], ["--help"], ["run", "--help"]])
def test_help_is_printed(capsys, arguments):
    assert cli.main(arguments) == 0
    assert "Usage: etalase" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["--help", "scenarios", "run village --days x", "run nowhere", "rnu"])
def test_help_lists_and_complaints_do_not_wait_for_the_compiler(command):
    code = (
        "import sys; from experiments.cli import main; main(sys.argv[1:]);"
        "print(*[m for m in ('numba', 'pandas', 'mesa', 'numpy') if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *command.split()], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stderr.splitlines()[-1] == ""


def test_a_reader_who_has_read_enough_causes_no_traceback():
    command = f'"{sys.executable}" -m experiments.cli show indonesia-2024 | head -n 1'
    done = subprocess.run(command, shell=True, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.strip() == "indonesia-2024"
    assert done.stderr == ""


def test_a_closed_output_causes_no_traceback():
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as closed:
        command = [sys.executable, "-m", "experiments.cli", "plan"]
        done = subprocess.run(
            command, cwd=ROOT, stdout=closed, stderr=subprocess.PIPE, text=True, timeout=60, check=False
        )
    assert done.stderr == ""


def test_a_terminal_without_unicode_is_no_reason_to_fail():
    done = etalase("show", "village", env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not hasattr(signal, "SIGINT") or os.name == "nt", reason="needs the signals of Unix")
def test_control_c_stops_with_one_line():
    code = (
        "import signal, sys, types, time; from experiments.cli import main\n"
        # who is started in the background by a shell would not hear it
        "signal.signal(signal.SIGINT, signal.default_int_handler); fake = types.ModuleType('experiments.run')\n"
        "def run(*a, **k): print('begun', flush=True); time.sleep(30)\n"
        "fake.run = run; sys.modules['experiments.run'] = fake; sys.exit(main(['run', 'village']))"
    )
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdout.readline() == "begun\n"
        time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, "", "stopped\n")
