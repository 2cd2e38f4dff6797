"""The text that a class of somebody's own hangs on: its module, and the modules beside it that this imports.

What is installed (the standard library, packages) does not count, nor does a file of data that a module reads. Imports
are found in the text, wherever they stand in it, so that the answer is the same in every process.
"""

import ast
import hashlib
import inspect
import sysconfig
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PACKAGES = ("sim", "experiments")  # of this project: the source hash, and the version, are of these
_INSTALLED = tuple(Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "purelib", "platlib"))


@cache
def code_of(kind: type) -> str:
    """Return a hash of the text that a class was made from; of its name, where there is no text."""
    module = inspect.getmodule(kind) or kind
    try:
        texts = {"": inspect.getsource(module)}
    except (OSError, TypeError):
        texts = {"": f"{kind.__module__}.{kind.__qualname__}"}
    file = Path(getattr(module, "__file__", None) or "").resolve()
    if file.is_file():
        name = module.__name__ if module.__name__ != "__main__" else file.stem
        above = len(name.split(".")) - (file.name != "__init__.py")
        root = file.parents[above] if above < len(file.parents) else file.parent
        for path in sorted(_reached(file, root)):
            texts[path.relative_to(root).as_posix()] = path.read_text(encoding="utf-8", errors="replace")
    whole = "\0".join(f"{name}\0{text}" for name, text in texts.items())
    return hashlib.sha256(whole.encode()).hexdigest()


def _reached(file: Path, root: Path) -> set[Path]:
    """Return the files below ``root`` that a file imports, those that these import, and so on; not the file itself."""
    seen, waiting = {file}, [file]
    while waiting:
        for found in _imported(waiting.pop(), root):
            if found not in seen:
                seen.add(found)
                waiting.append(found)
    return seen - {file}


def _imported(file: Path, root: Path) -> Iterator[Path]:
    """Yield the files below ``root`` that the text of a file imports."""
    try:
        tree = ast.parse(file.read_text(encoding="utf-8", errors="replace"))
    except (OSError, SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _files_of(root, alias.name.split("."))
        elif isinstance(node, ast.ImportFrom):
            above = file.parents[node.level - 1] if node.level else root
            parts = node.module.split(".") if node.module else []
            for alias in node.names:
                yield from _files_of(above, [*parts, alias.name])


def _files_of(folder: Path, parts: list[str]) -> Iterator[Path]:
    """Yield the files that are run by the import of a module: of the packages on the way, and its own."""
    if parts[0] in PACKAGES or any(folder.is_relative_to(place) for place in _INSTALLED):
        return
    for n in range(1, len(parts) + 1):
        place = folder.joinpath(*parts[:n])
        for file in (place.with_name(f"{place.name}.py"), place / "__init__.py"):
            if file.is_file():
                yield file.resolve()
