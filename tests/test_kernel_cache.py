"""Kernels are kept under a hash of the source, whoever has named a folder or loaded numba before."""

import subprocess
import sys
from pathlib import Path

import pytest

from sim import source_hash

ROOT = Path(__file__).parent.parent
SAY = "import numba, sim; print(numba.config.CACHE_DIR)"


@pytest.mark.parametrize("code", [SAY, "import sim, numba; print(numba.config.CACHE_DIR)"])
@pytest.mark.parametrize("named", [True, False])
def test_the_folder_of_kernels_is_named_after_the_source(code, named, tmp_path, monkeypatch):
    monkeypatch.setenv("ETALASE_CACHE", str(tmp_path / "usual"))
    if named:
        monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "theirs"))
    else:
        monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    base = tmp_path / ("theirs" if named else "usual")
    assert said.stdout.strip() == str(base / f"kernels-{source_hash('*.py')}")


def test_a_child_does_not_put_a_folder_into_its_parent_s(tmp_path, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / f"kernels-{source_hash('*.py')}"))
    said = subprocess.run([sys.executable, "-c", SAY], capture_output=True, text=True, cwd=ROOT, check=True)
    assert said.stdout.strip() == str(tmp_path / f"kernels-{source_hash('*.py')}")
