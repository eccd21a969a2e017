"""The default store: a generation of plain files, the large ones memory-mapped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import proxy

import numpy as np

from rag.errors import DocumentNotFound, IndexCorrupt
from rag.files import bytes_below
from rag.records import (
    Block,
    Chunk,
    ChunkIds,
    Collection,
    Document,
    DocumentInfo,
    Filters,
    Footprint,
    Hits,
    Scope,
    SkippedSource,
    SourceRecord,
    Terms,
    chunk_id_of,
    document_of,
)
from rag.stores.advice import mend
from rag.stores.filters import passes
from rag.stores.local import layout
from rag.stores.local.dense import DenseIndex
from rag.stores.local.disk import map_array, map_bytes
from rag.stores.local.documents import (
    BLOCK_COLUMNS,
    Documents,
    StoredDocument,
    blocks_of,
    read_skipped,
)
from rag.stores.local.index import LocalIndex
from rag.stores.local.layout import chunk_of
from rag.stores.local.lease import Lease, leased_generations
from rag.stores.local.lexical import LexicalIndex
from rag.stores.local.manifest import check_sizes, generations, read_current, read_manifest
from rag.stores.local.opening import alteration_error, open_postings, read_lines

if TYPE_CHECKING:
    import numpy.typing as npt

    from rag.records.base import BoolArray, FloatArray, IdArray
    from rag.stores.local.ranking import Best

# Sizes of the caches, in entries.
_DECODED_DOCUMENTS = 64  # the passages of one answer come from few documents
_NUMBERS = 1_024
_ROWS = 4_096  # rows of the chunks whose ids were given out: these ids come back
_MASKS = 8  # of filters and of scopes, one byte per passage each


@dataclass(frozen=True, slots=True)
class RawDocument:
    """One document as it is stored, to be carried over into the next generation."""

    document: Document
    """Without its text."""
    text: bytes
    """In UTF-8."""
    first: int
    """The row of its first chunk."""
    chunks: npt.NDArray[np.int64]
    """Its rows of ``chunks.npy``: (chunks, 5)."""
    vectors: FloatArray
    """(chunks, dimension)."""


class LocalStore:
    """One generation, open for reading; see the ``Store`` protocol.

    Every file is opened at once, so a generation stays readable after a newer one replaces it. Files to be
    parsed are checked against their hashes, memory-mapped ones only for size and shape. The lease keeps
    the files from being removed until the store is closed or garbage-collected.

    Internally, a document has a number, its position in the order of ids, and a chunk has a row, that of
    ``chunks.npy``.
    """

    def __init__(self, index: Path, lease: Lease) -> None:
        self._index = index
        self._lease = lease
        self.manifest = read_manifest(index)
        check_sizes(index, self.manifest)
        self.facts = self.manifest.facts(index)
        folder = index / self.manifest.generation
        count, dimension = self.manifest.chunks, self.manifest.recipe.embedder.dimension
        try:
            lines = read_lines(folder, self.manifest, layout.DOCUMENTS)
            self._documents = Documents(lines, self.facts.corpus.paths())
            if len(self._documents) != self.manifest.documents:
                raise alteration_error(folder / layout.DOCUMENTS)
            self._skipped = read_lines(folder, self.manifest, layout.SKIPPED)
            self._blocks = map_array(folder / layout.BLOCKS, np.int32, (-1, len(BLOCK_COLUMNS)))
            self._texts = map_bytes(folder / layout.TEXTS)
            self._chunks = map_array(
                folder / layout.CHUNKS, np.int64, (count, len(layout.CHUNK_COLUMNS))
            )
            vectors = map_array(folder / layout.VECTORS, np.float32, (count, dimension))
            codes = None
            if self.manifest.first_pass is not None:
                codes = map_array(folder / layout.SIGNS, np.uint8, (count, -(-dimension // 8)))
            postings = open_postings(folder, self.manifest)
        except OSError as error:
            message = f"{error.filename}: {error.strerror}"
            raise IndexCorrupt(message, fix=mend(LocalIndex(index))) from error
        except (ValueError, KeyError, TypeError, IndexError) as error:
            message = f"{folder}: cannot be read ({error})"
            raise IndexCorrupt(message, fix=mend(LocalIndex(index))) from error
        self.lexical_index = LexicalIndex(postings, self.manifest.recipe.bm25)
        self.dense_index = DenseIndex(vectors, codes, self.manifest.first_pass)
        self._rows: dict[str, int] = {}
        # A proxy: with a reference to itself, the store would not be freed with its last user.
        own = proxy(self)
        self._number = lru_cache(_NUMBERS)(partial(LocalStore._find_number, own))
        self._decode = lru_cache(_DECODED_DOCUMENTS)(partial(LocalStore._decode_document, own))
        self._filter_mask = lru_cache(_MASKS)(partial(LocalStore._make_filter_mask, own))
        self._scope_mask = lru_cache(_MASKS)(partial(LocalStore._make_scope_mask, own))

    def close(self) -> None:
        """Release the generation: from now on, a build may remove its files."""
        self._lease.release()

    def footprint(self) -> Footprint:
        """The disk space that the index folder takes now."""
        return Footprint(
            bytes_below(self._index),
            tuple(generations(self._index)),
            leased_generations(self._index, self.facts.generation),
        )

    # ------------------------------------------------------------ documents

    def documents(self) -> Sequence[DocumentInfo]:
        """All documents in corpus order."""
        with self._noticing_damage(layout.DOCUMENTS):
            return self._documents.infos

    def document(self, doc_id: str) -> Document:
        """One document with its text and blocks."""
        return self._decode(self._number(doc_id))

    def sources(self) -> Mapping[str, SourceRecord]:
        """The source files by id, in corpus order."""
        with self._noticing_damage(layout.DOCUMENTS):
            return self._documents.sources

    def source(self, doc_id: str) -> SourceRecord:
        """The source file of one document."""
        source = self._stored_document(self._number(doc_id)).source
        return replace(source, path=str(self.facts.corpus.file(source.container or doc_id)))

    def skipped(self) -> tuple[SkippedSource, ...]:
        """What the build could not read, by path."""
        with self._noticing_damage(layout.SKIPPED):
            return read_skipped(self._skipped.between(0, len(self._skipped)))

    def raw_document(self, number: int) -> RawDocument:
        """One document as it is stored, by its number."""
        stored = self._stored_document(number)
        text, own = self._text(stored), slice(*stored.chunks)
        document = replace(stored.document, blocks=self._blocks_of(stored, len(text)))
        vectors = self.dense_index.vectors[own]
        return RawDocument(document, text, stored.chunks[0], self._chunks[own], vectors)

    # ------------------------------------------------------------ chunks

    def chunks(self, ids: Iterable[str]) -> list[Chunk]:
        """The chunks with these ids."""
        return [self._chunk(self._row(each)) for each in ids]

    def chunks_of(self, doc_id: str) -> list[Chunk]:
        """All chunks of a document."""
        rows = range(*self._stored_document(self._number(doc_id)).chunks)
        return [self._chunk(row) for row in rows]

    def vectors(self, ids: Iterable[str]) -> FloatArray:
        """The vectors of the chunks with these ids."""
        rows = [self._row(each) for each in ids]
        vectors: FloatArray = self.dense_index.vectors[np.array(rows, np.int64)]
        return vectors

    def ids(self, rows: IdArray) -> ChunkIds:
        """The ids of the chunks in these rows (n,)."""
        return ChunkIds(rows, self._id)

    # ------------------------------------------------------------ search

    def lexical(
        self,
        terms: Sequence[str],
        phrases: Sequence[Terms],
        depth: int,
        scope: Scope,
        collection: Collection | None = None,
    ) -> Hits:
        """The ``depth`` best chunks in scope by BM25."""
        with self._noticing_damage():
            allowed = self._scope_mask(scope)
            return self._hits(self.lexical_index.search(terms, depth, allowed, phrases, collection))

    def dense(self, vector: FloatArray, depth: int, scope: Scope) -> Hits:
        """The ``depth`` best chunks in scope by cosine."""
        with self._noticing_damage():
            allowed = self._scope_mask(scope)
        return self._hits(self.dense_index.search(vector, depth, allowed))

    def document_frequency(self, term: str) -> int:
        """The number of chunks that contain a term."""
        return self.lexical_index.document_frequency(term)

    def phrase_frequency(self, run: Terms) -> int:
        """The number of chunks that contain these terms side by side."""
        with self._noticing_damage():
            return self.lexical_index.phrase_frequency(run)

    def terms_with(self, prefix: str) -> Sequence[str]:
        """The terms that begin with ``prefix``, sorted."""
        return self.lexical_index.terms_with(prefix)

    def length(self) -> int:
        """The number of terms in all chunks."""
        return self.lexical_index.length

    def idf(self, term: str) -> float:
        """The inverse document frequency of a term, always above 0."""
        return self.lexical_index.idf(term)

    # ------------------------------------------------------------ inside

    def _hits(self, best: Best) -> Hits:
        return Hits(self.ids(best.rows), best.scores)

    def _make_scope_mask(self, scope: Scope) -> BoolArray | None:
        """Which chunks are in scope: (chunks,), or None for all."""
        if not scope:
            return None
        mask = np.ones(self.manifest.chunks, bool)
        if scope.filters:
            mask &= self._filter_mask(scope.filters)
        for runs in scope.required:
            mask &= np.logical_or.reduce([self.lexical_index.contains(run) for run in runs])
        for run in scope.excluded:
            mask &= ~self.lexical_index.contains(run)
        return mask

    def _make_filter_mask(self, filters: Filters) -> BoolArray:
        """Which chunks belong to documents that pass the filters: (chunks,)."""
        passing = [passes(filters, document) for document in self.documents()]
        mask: BoolArray = np.array(passing, bool)[self._document_of]
        return mask

    @cached_property
    def _document_of(self) -> npt.NDArray[np.int64]:
        """The number of each chunk's document: (chunks,)."""
        return np.ascontiguousarray(self._chunks[:, 0])

    def _find_number(self, doc_id: str) -> int:
        with self._noticing_damage(layout.DOCUMENTS):
            number = self._documents.number(doc_id)
            # Numbers are found by bisection, so an id that exists but is not found is out of order.
            if number is None and any(doc_id == self._documents.id(n) for n in self._numbers):
                raise ValueError("the ids are not in order")
        if number is None:
            raise _not_found(doc_id)
        return number

    @property
    def _numbers(self) -> range:
        return range(len(self._documents))

    def _id(self, row: int) -> str:
        document, start, end = self._chunks[row, :3].tolist()
        with self._noticing_damage(layout.DOCUMENTS):
            chunk_id = chunk_id_of(self._documents.id(document), start, end)
        if len(self._rows) >= _ROWS:
            self._rows.clear()
        self._rows[chunk_id] = row
        return chunk_id

    def _row(self, chunk_id: str) -> int:
        known = self._rows.get(chunk_id)
        if known is not None:
            return known
        doc_id = document_of(chunk_id)
        first, last = self._stored_document(self._number(doc_id)).chunks
        spans = self._chunks[first:last, 1:3].tolist()
        for row, (start, end) in enumerate(spans, first):
            if chunk_id == chunk_id_of(doc_id, start, end):
                return row
        raise _not_found(chunk_id)

    def _chunk(self, row: int) -> Chunk:
        document, *span = self._chunks[row].tolist()
        return chunk_of(self._stored_document(document).document.doc_id, *span)

    def _stored_document(self, number: int) -> StoredDocument:
        with self._noticing_damage(layout.DOCUMENTS):
            return self._documents[number]

    @contextmanager
    def _noticing_damage(self, name: str = "") -> Iterator[None]:
        """Raise IndexCorrupt if contents that were not checked at opening turn out to be wrong."""
        try:
            yield
        except (ValueError, KeyError, TypeError, IndexError) as error:
            path = self._index / self.facts.generation / name
            raise IndexCorrupt(
                f"{path}: altered since it was written ({error})", fix=mend(LocalIndex(self._index))
            ) from error

    def _blocks_of(self, stored: StoredDocument, length: int) -> tuple[Block, ...]:
        begin, end = stored.blocks
        with self._noticing_damage(layout.BLOCKS):
            return blocks_of(self._blocks[begin:end], length)

    def _text(self, stored: StoredDocument) -> bytes:
        begin, end = stored.text
        return self._texts[begin:end]

    def _decode_document(self, number: int) -> Document:
        stored = self._stored_document(number)
        with self._noticing_damage(layout.TEXTS):
            text = self._text(stored).decode()
            path = self._documents.path(stored.document.doc_id)
        return replace(
            stored.document,
            path=path,
            text=text,
            blocks=self._blocks_of(stored, len(text)),
        )


def open_local_store(index: Path) -> LocalStore:
    """Open the current generation, even while a build replaces it.

    Raises IndexNotFound, IndexMismatch (another format) or IndexCorrupt.
    """
    while True:
        generation, _ = read_current(index)
        lease = Lease(index, generation)
        try:
            store = LocalStore(index, lease)
        except IndexCorrupt:
            lease.release()
            if read_current(index)[0] == generation:
                raise
            continue
        if store.facts.generation == generation:
            return store
        store.close()  # before the lease, a build made another current: these files may be removed


def _not_found(id_: str) -> DocumentNotFound:
    return DocumentNotFound(f"the index has nothing with the id {id_!r}")
