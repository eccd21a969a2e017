"""Writes the next generation, from new documents and those carried over from the last one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rag.errors import DocumentNotFound, IndexNotFound, InvalidArgument
from rag.protocols import Store
from rag.records import (
    Chunk,
    Corpus,
    Document,
    EmbedderInfo,
    IndexedDocument,
    IndexFacts,
    Recipe,
    SkippedSource,
    SourceRecord,
)
from rag.stores.local.cache import EmbeddingCache
from rag.stores.local.generation import Generation, write_generation
from rag.stores.local.lease import drop_unread
from rag.stores.local.local import LocalStore
from rag.stores.local.lock import build_lock
from rag.stores.local.manifest import CacheRecord, CorpusFolder
from rag.stores.local.opening import verify
from rag.stores.local.postings import PostingsBuilder

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from rag.records.base import FloatArray


@contextmanager
def open_writer(index: Path) -> Iterator[LocalWriter]:
    """Lock an index and write to it; at the end, remove generations that are no longer needed.

    Raises IndexLocked if another build has the lock.
    """
    with build_lock(index):
        yield LocalWriter(index)
        with suppress(IndexNotFound):  # nothing was committed
            drop_unread(index)


@dataclass(frozen=True, slots=True)
class _NewDocument:
    """A document that was put; ``first`` is the number of its first passage among all new ones."""

    source: SourceRecord
    document: Document
    first: int
    chunks: Sequence[Chunk]
    vectors: FloatArray


@dataclass(slots=True)
class _Rows:
    """The rows of a generation, added document by document."""

    added: npt.NDArray[np.int64]
    """The number of each new passage, or -1 if its document was put again or deleted."""
    kept: npt.NDArray[np.int64]
    """The new number of each passage of the last generation, or -1 if it is left out."""
    documents: list[tuple[SourceRecord, Document, bytes, int]] = field(default_factory=list)
    chunks: list[npt.NDArray[np.int64]] = field(default_factory=list)
    vectors: list[FloatArray] = field(default_factory=list)
    total: int = 0

    def put(self, new: _NewDocument) -> None:
        """Add a new document."""
        count, number = len(new.chunks), len(self.documents)
        rows = [(number, c.start, c.end, *(c.heading or (-1, -1))) for c in new.chunks]
        self.added[new.first : new.first + count] = np.arange(self.total, self.total + count)
        self._append(
            (new.source, new.document, new.document.text.encode(), count),
            np.array(rows, np.int64).reshape(count, 5),
            new.vectors,
        )

    def keep(self, last: LocalStore, before: int, source: SourceRecord) -> None:
        """Add a document of the last generation, by its number there."""
        raw = last.raw_document(before)
        count, rows = len(raw.chunks), raw.chunks.copy()
        rows[:, 0] = len(self.documents)
        self.kept[raw.first : raw.first + count] = np.arange(self.total, self.total + count)
        self._append((source, raw.document, raw.text, count), rows, raw.vectors)

    def _append(
        self,
        document: tuple[SourceRecord, Document, bytes, int],
        rows: npt.NDArray[np.int64],
        vectors: FloatArray,
    ) -> None:
        self.documents.append(document)
        self.chunks.append(rows)
        self.vectors.append(vectors)
        self.total += len(rows)


class LocalWriter:
    """Writes generations; see the ``StoreWriter`` protocol.

    Use it only under the build lock, which ``open_writer`` takes.
    """

    def __init__(self, index: Path) -> None:
        self._index = index
        self.begin(None)

    def begin(self, previous: Store | None) -> None:
        """Start from a snapshot of this index, or from nothing."""
        if previous is not None and not isinstance(previous, LocalStore):
            raise InvalidArgument(
                f"{self._index} cannot carry over from a {type(previous).__name__}"
            )
        if previous is not None:
            verify(self._index, previous.manifest)
        self._last = previous
        self._previous = dict(previous.sources()) if previous else {}
        self._kept = dict(self._previous)
        self._new: dict[str, _NewDocument] = {}
        self._postings = PostingsBuilder(previous.lexical_index.postings if previous else None)
        self._added = 0
        self._skipped = previous.skipped() if previous else ()
        self._cache: EmbeddingCache | None = None

    def cache(self, embedder: EmbedderInfo) -> EmbeddingCache:
        """The cached vectors of this embedder."""
        self._cache = EmbeddingCache(self._index, fingerprint(embedder), embedder.dimension)
        return self._cache

    def put(self, indexed: IndexedDocument) -> None:
        """Add a document, or replace the one with its id."""
        self._new[indexed.document.doc_id] = _NewDocument(
            indexed.source, indexed.document, self._added, indexed.chunks, indexed.vectors
        )
        for terms in indexed.terms:
            self._postings.add(terms)
        self._added += len(indexed.chunks)

    def touch(self, doc_id: str, source: SourceRecord) -> None:
        """Carry a document over with a new record of its source file."""
        if doc_id not in self._previous:
            raise DocumentNotFound(f"the index does not have {doc_id!r} yet")
        self._new.pop(doc_id, None)
        self._kept[doc_id] = source

    def delete(self, doc_id: str) -> None:
        """Leave a document out."""
        self._new.pop(doc_id, None)
        self._kept.pop(doc_id, None)

    def skip(self, skipped: Sequence[SkippedSource]) -> None:
        """Record what could not be read."""
        self._skipped = tuple(skipped)

    def commit(self, corpus: Corpus, recipe: Recipe) -> IndexFacts:
        """Write the generation and make it current."""
        rows = self._rows()
        none = np.empty((0, 5), np.int64)
        manifest = write_generation(
            self._index,
            Generation(
                rows.documents,
                np.concatenate([none, *rows.chunks]),
                rows.vectors,
                self._postings.build(rows.total, rows.added, rows.kept),
                self._skipped,
            ),
            tuple(CorpusFolder.locate(root, self._index) for root in corpus.roots),
            recipe,
            self._cache_record(recipe.embedder),
        )
        return manifest.facts(self._index)

    def _rows(self) -> _Rows:
        """All documents in the order of their ids."""
        chunks = self._last.facts.chunks if self._last else 0
        rows = _Rows(np.full(self._added, -1, np.int64), np.full(chunks, -1, np.int64))
        before = {doc_id: number for number, doc_id in enumerate(self._previous)}
        for doc_id in sorted({*self._kept, *self._new}):
            if doc_id in self._new:
                rows.put(self._new[doc_id])
            else:
                assert self._last is not None  # noqa: S101  # for the type checker
                rows.keep(self._last, before[doc_id], self._kept[doc_id])
        return rows

    def _cache_record(self, embedder: EmbedderInfo) -> CacheRecord:
        if self._cache is None and self._last is not None:
            return self._last.manifest.embeddings
        return (self._cache or self.cache(embedder)).state


def fingerprint(info: EmbedderInfo) -> str:
    """SHA-256 (hex) of everything that changes an embedder's vectors."""
    return hashlib.sha256(repr(info).encode()).hexdigest()
