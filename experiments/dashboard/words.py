"""What the page says, in the language of who looks at it, and how it writes numbers."""

import datetime
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from experiments.catalogue import Catalogue

LANGUAGES = {"en": "English", "id": "Bahasa Indonesia"}
_FOLDER = Path(__file__).parent / "texts"
#: How Vega writes numbers and dates in a language; English needs nothing.
_VEGA = {"id": {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["Rp", ""]}}
_SIZES = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))


@dataclass(frozen=True)
class Words:
    """A catalogue, and the way its language writes numbers and dates."""

    language: str
    catalogue: Catalogue

    def text(self, key: str, **values: object) -> str:
        """Return a text."""
        return self.catalogue.text(key, **values)

    def name(self, kind: str, name: str, default: str | None = None) -> str:
        """Return what a thing of a kind is called; else ``default``, or its name."""
        return self.catalogue.plain(kind, name, default)

    def number(self, value: float, digits: int = 3) -> str:
        """Return a number with so many digits at least, in words where it is large; a dash for none."""
        if not math.isfinite(value):
            return "–"
        for size, name in _SIZES:
            if abs(value) >= 0.9995 * size:
                return f"{self.digits(value / size, digits)} {self.text(f'size.{name}')}"
        return self.digits(value, digits)

    def digits(self, value: float, digits: int = 3) -> str:
        """Return a number with so many digits at least."""
        if not math.isfinite(value):
            return "–"
        after = max(0, digits - 1 - math.floor(math.log10(abs(value)))) if value else 0
        text = f"{value:,.{after}f}"
        return self._point(text.rstrip("0").rstrip(".") if "." in text and value == int(value) else text)

    def money(self, value: float) -> str:
        """Return an amount of rupiah."""
        if not math.isfinite(value):
            return "–"
        return f"−Rp{self.number(-value)}" if value < 0 else f"Rp{self.number(value)}"

    def share(self, value: float) -> str:
        """Return a share in percent."""
        if not math.isfinite(value):
            return "–"
        return f"{self._point(f'{100 * value:.{1 if abs(value) < 0.995 else 0}f}')} %"

    def change(self, value: float) -> str:
        """Return a relative change, with its sign; a true minus, and no sign if it rounds to nothing."""
        if not math.isfinite(value):
            return "–"
        text = f"{100 * value:+.{1 if abs(value) >= 0.001 else 2}f}"
        if not text.strip("+-0."):
            return self._point("0.00 %") if value else "0 %"
        return f"{self._point(text.replace('-', '−'))} %"

    def vega(self) -> dict[str, Any]:
        """Return the locales of pictures, as Vega-Embed takes them."""
        if self.language not in _VEGA:
            return {}
        months = [self.text(f"month.{k}") for k in range(1, 13)]
        days = self.text("days").split()
        dates = {"dateTime": "%A, %e %B %Y %X", "date": "%d/%m/%Y", "time": "%H:%M:%S", "periods": ["AM", "PM"],
                 "days": days, "shortDays": [d[:3] for d in days], "months": months,
                 "shortMonths": [m[:3] for m in months]}  # fmt: skip
        return {"formatLocale": _VEGA[self.language], "timeFormatLocale": dates}

    def date(self, day: datetime.date) -> str:
        """Return a date."""
        return f"{day.day} {self.text(f'month.{day.month}')} {day.year}"

    def _point(self, text: str) -> str:
        """Write a number as the language does: Indonesian has a comma where English has a point."""
        return text.translate(str.maketrans(",.", ".,")) if self.language == "id" else text


@cache
def words(language: str) -> Words:
    """Return the words of a language; what it does not say is said in English."""
    return Words(language, Catalogue({**texts("en"), **texts(language)}))


@cache
def texts(language: str) -> dict[str, str]:
    """Return the catalogue of a language, by key."""
    found: dict[str, str] = {}
    for path in sorted(_FOLDER.glob(f"{language}*.yaml")):
        found |= yaml.safe_load(path.read_text(encoding="utf-8"))
    return found
