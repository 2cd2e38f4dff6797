"""The market: users, creators and sellers, their mechanisms, programs and books.

Importing this package names numba's cache folder after a hash of the package's own source: numba
notices a change in the file of a kernel, but not in a file that the kernel calls (a cached kernel
would go on calling the old rule).
"""

import hashlib
import os
import sys
from functools import cache
from pathlib import Path

__version__ = "0.1.0"


@cache
def source_hash(*kinds: str) -> str:
    """Return a short hash of the source and data files of this package, or of those of some ``kinds`` (``"*.py"``).

    It is that of the code that runs, whatever is edited afterwards.
    """
    digest = hashlib.sha256()
    root = Path(__file__).parent
    for file in sorted(file for kind in kinds or ("*.py", "*.csv") for file in root.rglob(kind)):
        digest.update(str(file.relative_to(root)).encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def cache_folder() -> Path:
    """Return the folder for compiled kernels and burnt-in markets (``ETALASE_CACHE`` overrides it)."""
    base = os.environ.get("ETALASE_CACHE") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache"), "etalase"
    )
    return Path(base)


def kernel_folder() -> Path:
    """Return the folder for compiled kernels of this very source, also where somebody has named another base."""
    base = Path(os.environ.get("NUMBA_CACHE_DIR") or cache_folder())
    return (base.parent if base.name.startswith("kernels-") else base) / f"kernels-{source_hash('*.py')}"


os.environ["NUMBA_CACHE_DIR"] = str(kernel_folder())
if "numba" in sys.modules:  # it has read the variable already
    sys.modules["numba"].config.CACHE_DIR = os.environ["NUMBA_CACHE_DIR"]
