"""The status of an index: contents, models, size, and whether it is up to date."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from rag.corpus.scan import SourceFile, read_source, scan_corpus, source_state
from rag.corpus.sidecar import read_sidecars
from rag.errors import CorpusNotFound, UnreadableFile
from rag.files import all_absolute, bytes_below
from rag.formats.base import choose
from rag.indexing.known import Known, absent
from rag.models import READER, cache_folder, canonical_model
from rag.protocols import Store
from rag.records import IndexStatus, Skipped, SourceRecord, Staleness
from rag.settings import Settings
from rag.stores import failures_of, index_at, open_stores, parts_of


def statuses(
    index: str | Path | Sequence[str | Path], *, settings: Settings
) -> tuple[dict[str, IndexStatus], tuple[str, ...]]:
    """The status of an index under the name "", or of several under their names. Loads no model.

    The second value says which of several are left out, and why. Raises IndexNotFound, IndexMismatch or
    IndexCorrupt if none can be opened.
    """
    reader = reader_id(settings)
    indexes = [index_at(folder, settings.store) for folder in all_absolute(index)]
    with closing(open_stores(indexes)) as store:
        each = {name: status_of(part, reader) for name, part in parts_of(store).items()}
        return each, failures_of(store)


def reader_id(settings: Settings) -> str:
    """The id of the reader in the settings. Does not load it."""
    return canonical_model(settings.reader) if settings.reader else READER


def status_of(store: Store, reader: str) -> IndexStatus:
    """The status of an open index; ``reader`` is the id of the reader that answers from it."""
    facts, footprint = store.facts, store.footprint()
    cache = cache_folder()
    return IndexStatus(
        index=facts.index,
        generation=facts.generation,
        created=facts.created,
        corpus=", ".join(facts.corpus.folders),
        documents=facts.documents,
        chunks=facts.chunks,
        terms=facts.terms,
        embedder=facts.recipe.embedder,
        reader=reader,
        analyzer=facts.recipe.analyzer,
        chunker=facts.recipe.chunker,
        chunk_chars=facts.recipe.chunk_chars,
        bytes=footprint.bytes,
        generations=footprint.generations,
        held=footprint.held,
        stale=staleness(store),
        cache=str(cache),
        cache_bytes=bytes_below(cache),
        roots=facts.corpus.roots,
        skipped=tuple(Skipped(each.path, each.reason) for each in store.skipped()),
        store=facts.store,
    )


def staleness(store: Store) -> Staleness:
    """The differences between an open index and its corpus.

    A file is read only if its size or time differs from the index.
    """
    corpus = store.facts.corpus
    gone = [folder for folder in corpus.folders if not Path(folder).exists()]
    try:
        found = scan_corpus(corpus, exclude=Path(store.facts.index))
    except CorpusNotFound:
        return Staleness(", ".join(gone or corpus.folders), missing=True)
    files = {file.doc_id for file in found.files}
    corrections, _ = read_sidecars(corpus, files)
    known = Known(store)
    present = {id_ for id_ in known.ids if known.file(id_) in files}
    removed, unreachable = absent(known.ids, present, found.unreachable)
    added: list[str] = []
    changed: list[str] = []
    for file in found.files:
        source = known.source(file.doc_id)
        if source is None:
            if _is_readable(file):
                added.append(file.doc_id)
        elif not known.is_corrected(file.doc_id, corrections) or _is_changed(file, source):
            if known.is_indexed(file.doc_id):
                changed.append(file.doc_id)
            elif _is_readable(file):  # it was skipped, and has now changed
                added.append(file.doc_id)
    return Staleness(
        corpus=", ".join(corpus.folders),
        added=tuple(added),
        changed=tuple(changed),
        removed=removed,
        unreachable=unreachable,
        ignored=found.ignored,
    )


def _is_changed(file: SourceFile, source: SourceRecord) -> bool:
    if (source.size, source.mtime_ns) == (file.size, file.mtime_ns):
        return False
    return source_state(file.path, source.sha256) != "current"


def _is_readable(file: SourceFile) -> bool:
    """Whether a new file can be indexed; if not, the index is not stale because of it."""
    try:
        return choose(read_source(file), file.doc_id) is not None
    except UnreadableFile:
        return False
