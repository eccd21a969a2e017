"""An index kept fresh: a build whenever an article changes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Final

from rag.errors import RagError
from rag.indexing.indexer import build
from rag.protocols import Progress
from rag.records import BuildReport
from rag.settings import Settings
from rag.stores import read_facts

QUIET_MS: Final = 400
"""For how long nothing must change before a build begins: files are often written in several steps."""


def watch(
    index: str | Path | None = None,
    *,
    settings: Settings | None = None,
    progress: Progress | None = None,
    stop: Event | None = None,
) -> Iterator[BuildReport | RagError]:
    """Update an index whenever its corpus folder changes; yields what each build did.

    A build that fails yields its error, and the next change is waited for. Changes that alter nothing
    that is indexed yield nothing. Ends when ``stop`` is set, or when the folder itself is gone. Raises
    IndexNotFound, IndexMismatch or IndexCorrupt if there is no index to begin with.
    """
    from watchfiles import watch as changes

    settings = settings or Settings()
    folder = Path(index or settings.index).expanduser().absolute()
    corpus = Path(read_facts(folder).folder)
    inside = folder.resolve()

    def concerns(_: object, path: str) -> bool:
        """Hidden files are no articles, and the index may lie among the articles."""
        changed = Path(path)
        hidden = any(part.startswith(".") for part in changed.relative_to(corpus).parts)
        return not hidden and not changed.is_relative_to(inside)

    unseen = True  # what changed before the watching began
    for changed in changes(
        corpus,
        watch_filter=concerns,
        step=QUIET_MS,
        stop_event=stop,
        rust_timeout=2 * QUIET_MS,
        yield_on_timeout=True,
        raise_interrupt=True,
        ignore_permission_denied=True,
    ):
        if not changed and not unseen:
            continue
        unseen = False
        try:
            report = build(index=folder, settings=settings, progress=progress)
        except RagError as error:
            yield error
            if not corpus.is_dir():
                return
            continue
        if report.added or report.changed or report.removed:
            yield report
