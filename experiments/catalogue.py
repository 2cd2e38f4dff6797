"""Texts of a page by name, so that another language is another dictionary."""

import html
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Catalogue:
    """All that a page says."""

    texts: Mapping[str, str]

    def text(self, key: str, **values: object) -> str:
        """Return a text as it stands."""
        return self.texts[key].format(**values)

    def plain(self, kind: str, name: str, default: str | None = None) -> str:
        """Return what a name of some kind is called; if nothing is said of it, ``default`` or the name itself."""
        return self.texts.get(f"{kind}.{name}", name if default is None else default)

    def say(self, key: str, **values: str) -> str:
        """Return a text as HTML; values are HTML already."""
        return html.escape(self.texts[key]).format(**values)

    def words(self, kind: str, name: str, default: str | None = None) -> str:
        """Return what a name of some kind is called, as HTML."""
        return html.escape(self.plain(kind, name, default))
