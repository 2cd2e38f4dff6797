"""Numbers on a page: each says where in ``effects.json`` it comes from, and shows only digits that are known.

A path is written with dots, ``arms.vouchers.metrics.gmv.relative``; a dot, a space or a percent sign inside a name is
written ``%2E``, ``%20`` or ``%25``, so that paths can be joined and split again.
"""

import html
import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from experiments.whatif.phrases import say

#: How numbers are counted, largest first.
SIZES = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))
DIGITS = 3  # at most, where no error says so
_FOLDS: dict[str, Callable[[Sequence[float]], float]] = {
    "sum": math.fsum,
    "min": min,
    "max": max,
    "median": lambda values: sorted(values)[(len(values) - 1) // 2],  # the lower one, so that it is one of them
}


@dataclass(frozen=True)
class Number:
    """A value, the paths of what it is made of, and how: a formula of ``p0``, ``p1`` ..."""

    value: float | None
    paths: tuple[str, ...]
    formula: str = "p0"

    def __add__(self, other: "Number") -> "Number":
        return self._with(other, "+", lambda a, b: a + b)

    def __sub__(self, other: "Number") -> "Number":
        return self._with(other, "-", lambda a, b: a - b)

    def __mul__(self, other: "Number") -> "Number":
        return self._with(other, "*", lambda a, b: a * b)

    def __truediv__(self, other: "Number") -> "Number":
        return self._with(other, "/", lambda a, b: a / b if b else math.nan)

    def _with(self, other: "Number", sign: str, made: Callable[[float, float], float]) -> "Number":
        value = None if self.value is None or other.value is None else made(self.value, other.value)
        right = _moved(other.formula, len(self.paths))
        return Number(_finite(value), (*self.paths, *other.paths), f"({self.formula}{sign}{right})")

    @property
    def size(self) -> "Number":
        """The number without its sign."""
        return Number(None if self.value is None else abs(self.value), self.paths, f"abs({self.formula})")


def fold(how: str, numbers: Iterable[Number]) -> Number:
    """Return the ``sum``, ``min``, ``max`` or ``median`` of those numbers that are known."""
    known = [number for number in numbers if number.value is not None]
    paths: tuple[str, ...] = ()
    formulas = []
    for number in known:
        formulas.append(_moved(number.formula, len(paths)))
        paths += number.paths
    value = _FOLDS[how]([number.value for number in known if number.value is not None]) if known else None
    return Number(value, paths, f"{how}({','.join(formulas)})")


def fixed(value: float) -> Number:
    """Return a number that stands in a formula as it is."""
    return Number(value, (), repr(value))


def _moved(formula: str, by: int) -> str:
    return re.sub(r"p(\d+)", lambda found: f"p{int(found[1]) + by}", formula)


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


@dataclass(frozen=True)
class Place:
    """Somewhere in ``effects.json``: ``place / "metrics" / "gmv"`` goes further in."""

    whole: Any
    keys: tuple[str | int, ...] = ()

    def __truediv__(self, key: str | int) -> "Place":
        return Place(self.whole, (*self.keys, key))

    @property
    def value(self) -> Any:
        """What stands there."""
        found = self.whole
        for key in self.keys:
            found = found[key]
        return found

    @property
    def path(self) -> str:
        """How the place is written."""
        return ".".join(escape(str(key)) for key in self.keys)

    @property
    def number(self) -> Number:
        """The number that stands there."""
        value = self.value
        return Number(None if value is None else float(value), (self.path,))

    def __iter__(self) -> Any:
        found = self.value
        return (self / key for key in (found if isinstance(found, dict) else range(len(found))))


def escape(key: str) -> str:
    """Return a name as it stands in a path."""
    return key.replace("%", "%25").replace(".", "%2E").replace(" ", "%20")


def last_place(error: float) -> int:
    """Return the power of ten of the last digit worth printing: two digits of an error that begins with 1 or 2."""
    power = math.floor(math.log10(error))
    return power - 1 if error / 10.0**power < 2.95 else power


def figure(value: float, error: float | None = None) -> str:
    """Return a number without digits that lie below its error, and with three of them at most."""
    if not error and abs(value) < 1000 and value == int(value):
        return f"{int(value)}".replace("-", "−")
    if value == 0:
        return "0"
    place = math.floor(math.log10(abs(value))) - DIGITS + 1
    place = math.floor(math.log10(abs(round(value, -place)))) - DIGITS + 1  # 0.9996 is 1.00, not 1.000
    if error:
        place = max(place, last_place(error))
    rounded = round(value, -place)
    return f"{rounded:,.{max(0, -place)}f}".replace("-", "−") if rounded else "0"


def _percent(value: float, error: float | None) -> str:
    return f"{figure(100 * value, None if error is None else 100 * error)} %"


def _points(value: float, error: float | None) -> str:
    return f"{figure(100 * value, None if error is None else 100 * error)} {say('points')}"


def _count(value: float, error: float | None) -> str:
    for size, name in SIZES:
        if abs(value) >= 0.9995 * size:
            return f"{figure(value / size, None if error is None else error / size)} {say(name)}"
    return figure(value, error)


def _rupiah(value: float, error: float | None) -> str:
    text = _count(value, error)
    return f"−Rp {text[1:]}" if text.startswith("−") else f"Rp {text}"


def _times(value: float, error: float | None) -> str:
    return f"{figure(value, error)} ×"


KINDS: dict[str, Callable[[float, float | None], str]] = {
    "percent": _percent,
    "points": _points,
    "count": _count,
    "rupiah": _rupiah,
    "times": _times,
    "plain": figure,
    "exact": lambda value, error: f"{value:,.0f}",
}


def written(value: float, kind: str, error: float | None = None, sign: bool = False) -> str:
    """Return a number as people read it; ``sign`` also marks what is more."""
    text = KINDS[kind](value, error)
    return f"+{text}" if sign and value > 0 and re.search("[1-9]", text) else text


def span(number: Number, kind: str, error: float | None = None, sign: bool = False, unknown: str = "unknown") -> str:
    """Return a number with its source; what is not known is said in words."""
    if number.value is None:
        return f'<span class="unknown">{say(unknown)}</span>'
    text = html.escape(written(number.value, kind, error, sign))
    return f'<span {source(number)} data-value="{number.value!r}">{text}</span>'


def source(number: Number) -> str:
    """Return the attributes that tell where a number comes from."""
    if number.formula == "p0":
        return f'data-path="{html.escape(number.paths[0])}"'
    return f'data-from="{html.escape(" ".join(number.paths))}" data-by="{html.escape(number.formula)}"'


def quoted(place: Place, tag: str = "span") -> str:
    """Return the words that stand at a place."""
    return f'<{tag} data-path="{html.escape(place.path)}">{html.escape(str(place.value))}</{tag}>'


def named(place: Place, label: str = "") -> str:
    """Return a name that is a key, or what it is called."""
    return f'<span data-key="{html.escape(place.path)}">{html.escape(label or str(place.keys[-1]))}</span>'


def constant(name: str, text: str) -> str:
    """Return a number that the program fixes: ``module:name``."""
    return f'<span data-constant="{html.escape(name)}">{html.escape(text)}</span>'
