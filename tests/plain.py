"""Run a few lines with numba switched off, to compare kernels with plain Python all the way down.

``kernel.py_func`` is plain only at the top: what it calls is compiled. Numba reads
``NUMBA_DISABLE_JIT`` once, when it is imported, hence a process of its own.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent


def compiled_and_plain(lines: str) -> tuple[Any, Any]:
    """Return what ``lines`` leave in ``answer``, with kernels compiled and with plain functions.

    Floats belong into ``answer`` as ``x.hex()``, so that every bit is compared.
    """
    return _run(lines, compiled=True), _run(lines, compiled=False)


def _run(lines: str, *, compiled: bool) -> Any:
    script = f"import json\nfrom numba import config\n{lines}\nprint(json.dumps([config.DISABLE_JIT, answer]))"
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "0" if compiled else "1"}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    disabled, answer = json.loads(done.stdout)
    assert bool(disabled) != compiled
    return answer
