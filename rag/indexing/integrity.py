"""Checks an index, and salvages vectors from a damaged one."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from rag.corpus.chunk import indexed_text
from rag.errors import IndexCorrupt
from rag.files import absolute, home_expanded
from rag.protocols import StoredIndex
from rag.records import CheckReport
from rag.settings import Settings
from rag.stores import index_at
from rag.stores.advice import mend

if TYPE_CHECKING:
    from rag.records.base import FloatArray


def check(index: str | Path | None = None, *, settings: Settings | None = None) -> CheckReport:
    """Check every byte of an index, and every offset and vector in it.

    ``index`` None is the folder in the settings. Damage is reported, not raised. Raises IndexNotFound if
    there is no index, IndexMismatch if another version wrote it.
    """
    started = time.perf_counter()
    settings = settings or Settings()
    folder = home_expanded(index or settings.index)
    stored = index_at(absolute(folder), settings.store)
    inspection = stored.inspect()
    facts, damages = inspection.facts, inspection.damages
    return CheckReport(
        ok=not damages,
        index=str(folder),
        generation=facts.generation if facts else "",
        files=inspection.files,
        bytes=inspection.bytes,
        documents=facts.documents if facts else 0,
        chunks=facts.chunks if facts else 0,
        damages=damages,
        fix=mend(stored, "" if facts else "FOLDER") if damages else "",
        seconds=round(time.perf_counter() - started, 3),
        store=stored.store,
    )


def salvaged_vectors(index: StoredIndex) -> Mapping[str, FloatArray]:
    """The vectors of a damaged index by text; empty if a file that they depend on is damaged."""
    try:
        return {
            indexed_text(document, chunk): vector
            for document, chunk, vector in index.intact_passages()
        }
    except IndexCorrupt:
        return {}
