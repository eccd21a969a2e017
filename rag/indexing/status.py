"""What is indexed, by which model, how large, and how stale."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from rag.corpus.scan import SourceFile, read_source, scan, source_state
from rag.corpus.sidecar import read_sidecar
from rag.errors import CorpusNotFound, UnreadableFile
from rag.formats.base import choose
from rag.models import cache_folder
from rag.records import IndexStatus, Staleness
from rag.stores.local import LocalStore, generations, held


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
        bytes=bytes_below(store.index),
        generations=tuple(generations(store.index)),
        held=held(store.index, manifest.generation),
        stale=staleness(store),
        cache=str(cache),
        cache_bytes=bytes_below(cache),
    )


def bytes_below(folder: Path) -> int:
    """The size of all files below a folder; 0 where there is none."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):  # a build may be removing it
                total += Path(parent, name).stat().st_size
    return total


def staleness(store: LocalStore) -> Staleness:
    """How the corpus folder differs from an open index; sizes and times first, bytes only if in doubt."""
    try:
        found = scan(store.folder, exclude=store.index)
        corrections, _ = read_sidecar(store.folder)
    except CorpusNotFound:
        return Staleness(str(store.folder), missing=True)
    known = store.sources()
    present = {file.doc_id for file in found.files}
    added: list[str] = []
    changed: list[str] = []
    for file in found.files:
        source = known.get(file.doc_id)
        if source is None:
            if _is_readable(file):
                added.append(file.doc_id)
            continue
        correction = corrections.get(file.doc_id)
        if source.correction != (correction.fingerprint if correction else ""):
            changed.append(file.doc_id)
            continue
        as_before = (source.size, source.mtime_ns) == (file.size, file.mtime_ns)
        if not as_before and source_state(file.path, source.sha256) != "current":
            changed.append(file.doc_id)
    return Staleness(
        corpus=str(store.folder),
        added=tuple(added),
        changed=tuple(changed),
        removed=tuple(doc_id for doc_id in known if doc_id not in present),
    )


def _is_readable(file: SourceFile) -> bool:
    """Whether a file that the index does not know could be indexed; one that could not is no news."""
    try:
        return choose(read_source(file), file.doc_id) is not None
    except UnreadableFile:
        return False
