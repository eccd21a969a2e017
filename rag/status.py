"""What is indexed, by which model, how large, and how stale."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from rag.changes import staleness
from rag.index import LocalStore, generations
from rag.models import cache_folder
from rag.types import IndexStatus


def index_status(store: LocalStore, reader: str) -> IndexStatus:
    """The state of an open index; ``reader`` names what answers from it."""
    manifest = store.manifest
    cache = cache_folder()
    return IndexStatus(
        index=str(store.index),
        generation=manifest.generation,
        created=manifest.created,
        corpus=str(store.folder),
        documents=manifest.documents,
        chunks=manifest.chunks,
        terms=manifest.terms,
        embedder=manifest.recipe.embedder,
        reader=reader,
        analyzer=manifest.recipe.analyzer,
        chunker=manifest.recipe.chunker,
        chunk_chars=manifest.recipe.chunk_chars,
        bytes=_bytes_below(store.index),
        generations=tuple(generations(store.index)),
        stale=staleness(store),
        cache=str(cache),
        cache_bytes=_bytes_below(cache),
    )


def _bytes_below(folder: Path) -> int:
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):  # a build may be removing it
                total += Path(parent, name).stat().st_size
    return total
