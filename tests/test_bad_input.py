"""Whatever a user gets wrong is answered with one clear line, exit code 2, and nothing left behind."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from experiments import cli
from sim import scenario_file

ROOT = Path(__file__).parent.parent

#: What is asked for, and a part of the answer.
COMMANDS = {
    "an unknown command": ("rnu village", "No such command 'rnu'. Did you mean 'run'?"),
    "an unknown option": ("run village --dys 3", "--dys"),
    "an unknown option before the command": ("--fast run village", "--fast"),
    "no scenario": ("run", "Missing argument 'SCENARIO'"),
    "two scenarios": ("run village indonesia-2024", "unexpected extra argument"),
    "an option without its value": ("run village --days", "--days"),
    "days that are a word": ("run village --days many", "'many' is not a whole number from 0 to 36500"),
    "days with a half": ("run village --days 1.5", "'1.5' is not a whole number from 0 to 36500"),
    "days before the beginning": ("run village --days -1", "'-1' is not a whole number from 0 to 36500"),
    "more days than there are": ("run village --days 99999999", "'99999999' is not a whole number from 0 to 36500"),
    "no threads": ("run village --threads 0", "'0' is not a whole number from 1 to 1024"),
    "a negative seed": ("run village --seed -1", "'-1' is not a whole number from 0 to"),
    "a seed of more than 63 bits": ("run village --seed 9223372036854775808", "is not a whole number from 0 to"),
    "orders without a folder": ("run village --orders", "--orders"),
    "an unknown scenario": ("run vilage", "There is no preset and no file 'vilage'. Did you mean 'village'?"),
    "an unknown scenario to show": ("show vilage", "Did you mean 'village'?"),
    "an unknown scenario to plan": ("plan vilage", "Did you mean 'village'?"),
    "a folder for a scenario": ("run .", "'.' is a folder"),
    "a device for a scenario": ("run /dev/null", "'/dev/null' is not a regular file"),
    "a path for a folder of a file": ("run x.yaml/y.yaml", "There is no preset and no file"),
    "a change without a value": ("run village --set seed", "is not of the form path=value"),
    "a change that leads nowhere": (
        "run village --set sede=1",
        "has no section 'sede', in --set sede. Did you mean 'seed'?",
    ),
    "a change out of range": ("run village --set population.scale=0", "population.scale = 0 is outside [1, 1_000_000]"),
    "a change of the wrong type": ("run village --set population.scale=big", "'big' is not a finite number"),
    "a change to no number": ("run village --set population.scale=.nan", "nan is not a finite number"),
    "a change of a closed bracket": ("run village --set population.categories=[a", "is not YAML"),
    "a province that is none": ("run village --set population.sellers_in=Jakarta", "no province 'Jakarta'"),
    "an unknown mechanism": ("run village --set mechanisms.serch.need=1", "Did you mean 'search'?"),
    "an unknown program": ("run village --set programs.x.y=1", "leads nowhere"),
}

FILES = {
    "an unknown section": (b"sede: 1", "x.yaml line 1. Did you mean 'seed'?"),
    "a value out of range": (
        b"mechanisms:\n  discovery:\n    epsilon: 9",
        "x.yaml line 3. Choose a value in that range.",
    ),
    "a word for a number": (b"population: {users: many}", "'many' is not a whole number"),
    "true for a number": (b"days: true", "true is not a whole number"),
    "nobody": (b"extends: village\npopulation: {scale: 10000}", "The market is empty: at scale = 10000"),
    "a key twice": (b"seed: 1\nseed: 2", "written twice"),
    "a Python object": (b"story: !!python/object/apply:os.mkdir [made]", "has a tag"),
    "aliases": (b"story: &a [x]\nsources: *a", "anchor or alias"),
    "a missing parent": (b"extends: nowhere.yaml", "There is no preset and no file 'nowhere.yaml', in "),
    "a circle": (b"extends: x.yaml", "leads in a circle"),
    "no YAML": (b"seed: [1", "is not YAML"),
    "nothing": (b"", "is empty"),
    "a list": (b"- 1", "is not a mapping of sections"),
    "Latin-1": (b"story: caf\xe9", "is not text in UTF-8"),
    "a picture": (b"\x89PNG\r\n\x1a\n\x00\x00", "is not text in UTF-8"),
    "zeros": (b"\x00" * 100, "is not YAML"),
    "two megabytes": (b"#" * 2_000_000, "larger than 1 MB"),
    "escape codes": (b'"\\e[31mred": 1', "has no section"),
}


def answer(capsys, folder, *arguments):
    """Run the command in ``folder``; return the one line it answers, and see that it did nothing else."""
    before = sorted(folder.rglob("*"))
    assert cli.main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("etalase: ") and err.endswith("\n") and err.count("\n") == 1
    assert "Traceback" not in err and "\x1b" not in err
    assert sorted(folder.rglob("*")) == before
    return err


@pytest.mark.parametrize("kind", COMMANDS)
def test_one_line_answers(tmp_path, monkeypatch, capsys, kind):
    monkeypatch.chdir(tmp_path)
    line, said = COMMANDS[kind]
    assert said in answer(capsys, tmp_path, *line.split())


@pytest.mark.parametrize("command", ["run", "show", "plan"])
@pytest.mark.parametrize("kind", FILES)
def test_one_line_answers_a_file_with(tmp_path, monkeypatch, capsys, kind, command):
    monkeypatch.chdir(tmp_path)
    data, said = FILES[kind]
    (tmp_path / "x.yaml").write_bytes(data)
    out = ["--out", "results"] if command == "run" else []
    assert said in answer(capsys, tmp_path, command, "x.yaml", *out)


@pytest.mark.parametrize("name", ["", "a\nb", "a\x1b[31mb", "\udcff", "x" * 10_000, "no\u2028line"])
def test_one_line_answers_a_strange_name(tmp_path, monkeypatch, capsys, name):
    monkeypatch.chdir(tmp_path)
    assert "There is no preset and no file" in answer(capsys, tmp_path, "run", name)


def test_one_line_answers_a_file_that_may_not_be_read(tmp_path, monkeypatch, capsys):
    def forbidden(*arguments, **options):
        raise PermissionError(errno.EACCES, "Permission denied", "x.yaml")

    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.yaml").write_text("seed: 1")
    monkeypatch.setattr(scenario_file, "open", forbidden, raising=False)  # a superuser may read everything
    assert "x.yaml cannot be read: Permission denied" in answer(capsys, tmp_path, "run", "x.yaml")


@pytest.mark.parametrize("arguments", [("rnu",), ("run", "nowhere"), ("run", "village", "--set", "days=x")])
def test_the_command_itself_answers_in_one_line(tmp_path, arguments):
    command = [sys.executable, "-m", "experiments.cli", *arguments]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert list(tmp_path.iterdir()) == []
