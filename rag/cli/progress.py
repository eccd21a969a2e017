"""Progress of a long job: bars on a terminal, with the time left; elsewhere a line for each long stage."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import TaskID

    from rag.protocols import Progress

STAGES: Final = {
    "check": ("checking the index", ""),
    "check files": ("comparing", "files"),
    "read": ("reading", "files"),
    "load model": ("loading the model", ""),
    "embed": ("embedding", "passages"),
    "search": ("searching for", "queries"),
    "ask": ("asking", "questions"),
}
"""What each stage does, and what it counts."""

_BRIEF: Final = ("check files", "read")
"""Stages that are over soon, unless there are very many files."""
_MANY: Final = 1_000


def lines(notice: Callable[[str], None]) -> Progress:
    """Announces each long stage once, when it begins."""
    told: set[str] = set()

    def report(stage: str, done: int, total: int) -> None:
        if done or not total or stage in told or (stage in _BRIEF and total < _MANY):
            return
        told.add(stage)
        doing, things = STAGES.get(stage, (stage, ""))
        # The number of passages is known only when all files have been read.
        count = f"{total} " if things and stage != "embed" else ""
        notice(f"{doing} {count}{things}".rstrip())

    return report


@contextmanager
def bars(console: Console) -> Iterator[Progress]:
    """A bar for each stage; they are removed at the end.

    Files are embedded while others are read. Until all are read, the number of passages is estimated from
    the files read so far.
    """
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description:>17}"),
        BarColumn(),
        TextColumn(
            "{task.completed:,.0f} of {task.fields[about]}{task.total:,.0f} {task.fields[unit]}"
        ),
        TimeRemainingColumn(compact=True),
        TextColumn("left"),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        tasks: dict[str, TaskID] = {}
        files = (0, 0)

        def report(stage: str, done: int, total: int) -> None:
            nonlocal files
            if stage == "read":
                files = (done, total)
            expected = estimated(total, *files) if stage == "embed" else total
            about = "about " if expected != total else ""
            if stage not in tasks:
                doing, unit = STAGES.get(stage, (stage, ""))
                tasks[stage] = progress.add_task(doing, total=total, unit=unit, about=about)
            progress.update(tasks[stage], completed=done, total=expected, about=about)

        yield report


def estimated(passages: int, done: int, total: int) -> int:
    """How many passages all files have, if ``done`` of ``total`` files have ``passages``.

    >>> estimated(300, 10, 40), estimated(300, 0, 40), estimated(300, 0, 0)
    (1200, 300, 300)
    """
    return passages * total // done if 0 < done < total else passages
