"""Sections of a report as HTML."""

from experiments.whatif.phrases import say


def heading(key: str) -> str:
    """Return the heading of a section, with its opening words."""
    return f"<h3>{say(key)}</h3><p class='soft'>{say(f'{key}.says')}</p>"
