"""Keeps an index up to date: builds whenever an article changes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Final

from rag.corpus.ignore import IGNORE_FILE
from rag.errors import RagError
from rag.files import absolute
from rag.indexing.indexer import build
from rag.protocols import Progress
from rag.records import BuildReport
from rag.settings import Settings
from rag.stores import index_at

QUIET_MS: Final = 400
"""How long nothing must change before a build starts: files are often written in several steps."""


def watch(
    index: str | Path | None = None,
    *,
    settings: Settings | None = None,
    progress: Progress | None = None,
    stop: Event | None = None,
) -> Iterator[BuildReport | RagError]:
    """Update an index whenever its corpus changes; yields the report of each build.

    If a build fails, yields its error and waits for the next change. A build that changes no document
    yields nothing. Ends when ``stop`` is set or a folder is removed. Raises IndexNotFound, IndexMismatch
    or IndexCorrupt if there is no usable index at the start.
    """
    from watchfiles import watch as changes

    settings = settings or Settings()
    stored = index_at(absolute(index or settings.index), settings.store)
    roots = [Path(each) for each in stored.facts().corpus.folders]
    own = [each.resolve() for each in stored.folders()]

    def is_relevant(_: object, path: str) -> bool:
        """Hidden files are not articles, and the index may be inside the corpus folder."""
        changed = Path(path)
        root = next((root for root in roots if changed.is_relative_to(root)), changed)
        *folders, name = changed.relative_to(root).parts or (root.name,)
        hidden = name.startswith(".") and name != IGNORE_FILE
        hidden = hidden or any(folder.startswith(".") for folder in folders)
        return not hidden and not any(changed.is_relative_to(each) for each in own)

    first = True  # build once at the start: articles may have changed before
    for changed in changes(
        *roots,
        watch_filter=is_relevant,
        step=QUIET_MS,
        stop_event=stop,
        rust_timeout=2 * QUIET_MS,
        yield_on_timeout=True,
        raise_interrupt=True,
        ignore_permission_denied=True,
    ):
        if not changed and not first:
            continue
        first = False
        try:
            report = build(index=stored.folder, settings=settings, progress=progress)
        except RagError as error:
            yield error
            if not all(root.exists() for root in roots):
                return
            continue
        if report.added or report.changed or report.removed:
            yield report
