"""The progress bar of long commands: on a terminal only, and on standard error."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text


class Rate(ProgressColumn):
    """Days a second, or what else is counted."""

    def __init__(self, unit: str) -> None:
        super().__init__()
        self.unit = unit

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:.2g} {self.unit}/s" if task.speed else "")


@contextmanager
def progress(what: str, unit: str = "days") -> Iterator[Callable[[int, int], None] | None]:
    """Give a function (done, total) that moves a bar; None where nobody would see it."""
    if not sys.stderr.isatty():
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Rate(unit), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        first = "preparing (the first run on a machine compiles, about a minute)"
        task = bar.add_task(first, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total, description=what if done else first)
