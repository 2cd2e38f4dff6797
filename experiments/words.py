"""How numbers and values are written for people."""

import math
from typing import Any


def value_text(value: Any) -> str:
    """Return the value of a parameter as a scenario file would have it."""
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, int) or (isinstance(value, float) and abs(value) >= 1000 and value.is_integer()):
        return f"{int(value):_}"
    return f"[{', '.join(map(str, value))}]" if isinstance(value, tuple) else str(value)


def number(value: float) -> str:
    """Return a figure with as many digits as a reader wants."""
    if not math.isfinite(value):
        return "-"
    return f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:,.4g}"


def percent(share: float | None) -> str:
    """Return a share in per cent, to two digits or the first decimal."""
    if share is None or not math.isfinite(share):
        return "-"
    return f"{100 * share:.1f} %" if abs(share) >= 0.01 else f"{100 * share:.2g} %"
