"""The default store: one generation of plain files, the large ones memory-mapped."""

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
from rag.records import (
    Block,
    Chunk,
    ChunkIds,
    Document,
    DocumentInfo,
    Filters,
    Footprint,
    Hits,
    Scope,
    SourceRecord,
    Terms,
    chunk_id_of,
    document_of,
)
from rag.stores.advice import mend
from rag.stores.filters import passes
from rag.stores.local import layout
from rag.stores.local.dense import DenseIndex
from rag.stores.local.disk import map_array
from rag.stores.local.documents import BLOCK_COLUMNS, Documents, StoredDocument, blocks_of
from rag.stores.local.layout import chunk_of
from rag.stores.local.lease import Lease, held
from rag.stores.local.lexical import LexicalIndex
from rag.stores.local.manifest import check_sizes, generations, read_current, read_manifest
from rag.stores.local.opening import altered, checked_lines, map_bytes, open_postings
from rag.stores.size import bytes_below

if TYPE_CHECKING:
    import numpy.typing as npt

    from rag.records.base import BoolArray, FloatArray, IdArray
    from rag.stores.local.ranking import Best

# Texts decoded last: the passages of one answer come from a few documents, again and again.
_DECODED_DOCUMENTS = 64

# Numbers of the documents asked for last.
_NUMBERS = 1_024

# Chunks whose ids were asked for last: who has an id comes back with it.
_NAMED = 4_096

# Masks of the filters and of the scopes asked for last: one byte a passage each.
_MASKS = 8


@dataclass(frozen=True, slots=True)
class Stored:
    """One document as it is kept, to be carried over into the next generation."""

    document: Document
    """Without its text."""
    text: bytes
    """In UTF-8."""
    first: int
    """Number of its first chunk."""
    chunks: npt.NDArray[np.int64]
    """Their rows of ``chunks.npy``: (chunks, 5)."""
    vectors: FloatArray
    """(chunks, dimension)."""


class LocalStore:
    """One generation, opened for reading; see the ``Store`` protocol.

    Everything is opened up front, so a generation stays readable after a newer one replaces it. The
    files that are parsed are hashed first; of the memory-mapped ones the size and shape are checked.
    The lease keeps its files from being removed until the store is closed or collected.

    Inside, documents and chunks go by their numbers: the place of a document in the order of the ids, and
    the row of a chunk in ``chunks.npy``.
    """

    def __init__(self, index: Path, lease: Lease | None = None) -> None:
        self._index = index
        self._lease = lease
        self.manifest = read_manifest(index)
        check_sizes(index, self.manifest)
        self.facts = self.manifest.facts(index)
        folder = index / self.manifest.generation
        count, dimension = self.manifest.chunks, self.manifest.recipe.embedder.dimension
        try:
            # What stands before an id in a path, found once: joining paths is slow.
            before = str(Path(self.facts.corpus, "_")).removesuffix("_")
            self._documents = Documents(
                checked_lines(folder, self.manifest, layout.DOCUMENTS), before
            )
            if len(self._documents) != self.manifest.documents:
                raise altered(folder / layout.DOCUMENTS)
            self._blocks = map_array(folder / layout.BLOCKS, np.int32, (-1, len(BLOCK_COLUMNS)))
            self._texts = map_bytes(folder / layout.TEXTS)
            self._chunks = map_array(
                folder / layout.CHUNKS, np.int64, (count, len(layout.CHUNK_COLUMNS))
            )
            vectors = map_array(folder / layout.VECTORS, np.float32, (count, dimension))
            signs = None
            if self.manifest.first_pass is not None:
                signs = map_array(folder / layout.SIGNS, np.uint8, (count, -(-dimension // 8)))
            postings = open_postings(folder, self.manifest)
        except OSError as error:
            message = f"{error.filename}: {error.strerror}"
            raise IndexCorrupt(message, fix=mend(index)) from error
        except (ValueError, KeyError, TypeError, IndexError) as error:
            message = f"{folder}: cannot be read ({error})"
            raise IndexCorrupt(message, fix=mend(index)) from error
        self.lexical_index = LexicalIndex(postings, self.manifest.recipe.bm25)
        self.dense_index = DenseIndex(vectors, signs, self.manifest.first_pass)
        self._named: dict[str, int] = {}
        # By proxy: a store that refers to itself would not be collected when its last user is done.
        own = proxy(self)
        self._numbered = lru_cache(_NUMBERS)(partial(LocalStore._number, own))
        self._decoded = lru_cache(_DECODED_DOCUMENTS)(partial(LocalStore._decode, own))
        self._passing = lru_cache(_MASKS)(partial(LocalStore._pass, own))
        self._allowed = lru_cache(_MASKS)(partial(LocalStore._allow, own))

    def close(self) -> None:
        """Let go of the generation: a build may remove its files from now on."""
        if self._lease:
            self._lease.release()

    def footprint(self) -> Footprint:
        """The room that the index folder takes now."""
        return Footprint(
            bytes_below(self._index),
            tuple(generations(self._index)),
            held(self._index, self.facts.generation),
        )

    # ------------------------------------------------------------ documents

    def documents(self) -> Sequence[DocumentInfo]:
        """All documents in corpus order."""
        with self._noticing_damage(layout.DOCUMENTS):
            return self._documents.infos

    def document(self, doc_id: str) -> Document:
        """One document with its text and blocks."""
        return self._decoded(self._numbered(doc_id))

    def sources(self) -> Mapping[str, SourceRecord]:
        """The source files by id, in corpus order."""
        with self._noticing_damage(layout.DOCUMENTS):
            return self._documents.sources

    def source(self, doc_id: str) -> SourceRecord:
        """The source file of one document."""
        source = self._stored(self._numbered(doc_id)).source
        return replace(source, path=str(Path(self.facts.folder, doc_id)))

    def stored(self, number: int) -> Stored:
        """One document as it is kept, by its number."""
        stored = self._stored(number)
        text, own = self._text(stored), slice(*stored.chunks)
        document = replace(stored.document, blocks=self._blocks_of(stored, len(text)))
        vectors = self.dense_index.vectors[own]
        return Stored(document, text, stored.chunks[0], self._chunks[own], vectors)

    # ------------------------------------------------------------ chunks

    def chunks(self, ids: Iterable[str]) -> list[Chunk]:
        """The chunks of these ids."""
        return [self._chunk(self._row(each)) for each in ids]

    def chunks_of(self, doc_id: str) -> list[Chunk]:
        """All chunks of a document."""
        return [self._chunk(row) for row in range(*self._stored(self._numbered(doc_id)).chunks)]

    def vectors(self, ids: Iterable[str]) -> FloatArray:
        """The vectors of these chunks."""
        rows = [self._row(each) for each in ids]
        found: FloatArray = self.dense_index.vectors[np.array(rows, np.int64)]
        return found

    def ids(self, rows: IdArray) -> ChunkIds:
        """The ids of chunks by their numbers (n,)."""
        return ChunkIds(rows, self._id)

    # ------------------------------------------------------------ search

    def lexical(
        self, terms: Sequence[str], phrases: Sequence[Terms], depth: int, scope: Scope
    ) -> Hits:
        """Up to ``depth`` chunks in scope that hold a term, by BM25."""
        with self._noticing_damage():
            return self._hits(
                self.lexical_index.search(terms, depth, self._allowed(scope), phrases)
            )

    def dense(self, vector: FloatArray, depth: int, scope: Scope) -> Hits:
        """Up to ``depth`` chunks in scope, by cosine."""
        with self._noticing_damage():
            allowed = self._allowed(scope)
        return self._hits(self.dense_index.search(vector, depth, allowed))

    def document_frequency(self, term: str) -> int:
        """How many chunks hold a term."""
        return self.lexical_index.document_frequency(term)

    def idf(self, term: str) -> float:
        """How much a term tells chunks apart."""
        return self.lexical_index.idf(term)

    # ------------------------------------------------------------ inside

    def _hits(self, found: Best) -> Hits:
        return Hits(self.ids(found.rows), found.scores)

    def _allow(self, scope: Scope) -> BoolArray | None:
        """Which passages are in scope: (chunks,); None for all."""
        if not scope:
            return None
        allowed = np.ones(self.manifest.chunks, bool)
        if scope.filters:
            allowed &= self._passing(scope.filters)
        for run in scope.required:
            allowed &= self.lexical_index.holding(run)
        for run in scope.excluded:
            allowed &= ~self.lexical_index.holding(run)
        return allowed

    def _pass(self, filters: Filters) -> BoolArray:
        """Which passages are of documents that pass the filters: (chunks,)."""
        passing = [passes(filters, document) for document in self.documents()]
        allowed: BoolArray = np.array(passing, bool)[self._document_of]
        return allowed

    @cached_property
    def _document_of(self) -> npt.NDArray[np.int64]:
        """The number of each chunk's document: (chunks,)."""
        return np.ascontiguousarray(self._chunks[:, 0])

    def _number(self, doc_id: str) -> int:
        with self._noticing_damage(layout.DOCUMENTS):
            number = self._documents.number(doc_id)
            # Numbers are found by bisection, so an id that is there and not found is out of its place.
            if number is None and any(doc_id == self._documents.id(n) for n in self._numbers):
                raise ValueError("the ids are not in order")
        if number is None:
            raise _unknown(doc_id)
        return number

    @property
    def _numbers(self) -> range:
        return range(len(self._documents))

    def _id(self, row: int) -> str:
        document, start, end = self._chunks[row, :3].tolist()
        with self._noticing_damage(layout.DOCUMENTS):
            chunk_id = chunk_id_of(self._documents.id(document), start, end)
        if len(self._named) >= _NAMED:
            self._named.clear()
        self._named[chunk_id] = row
        return chunk_id

    def _row(self, given: str) -> int:
        """The number of a chunk."""
        named = self._named.get(given)
        if named is not None:
            return named
        doc_id = document_of(given)
        first, last = self._stored(self._numbered(doc_id)).chunks
        spans = self._chunks[first:last, 1:3].tolist()
        for row, (start, end) in enumerate(spans, first):
            if given == chunk_id_of(doc_id, start, end):
                return row
        raise _unknown(given)

    def _chunk(self, row: int) -> Chunk:
        document, *span = self._chunks[row].tolist()
        return chunk_of(self._stored(document).document.doc_id, *span)

    def _stored(self, number: int) -> StoredDocument:
        with self._noticing_damage(layout.DOCUMENTS):
            return self._documents[number]

    @contextmanager
    def _noticing_damage(self, name: str = "") -> Iterator[None]:
        """Contents that were not checked at opening, and lead nowhere or cannot be parsed, are damage."""
        try:
            yield
        except (ValueError, KeyError, TypeError, IndexError) as error:
            path = self._index / self.facts.generation / name
            raise IndexCorrupt(
                f"{path}: altered since it was written ({error})", fix=mend(self._index)
            ) from error

    def _blocks_of(self, stored: StoredDocument, length: int) -> tuple[Block, ...]:
        begin, end = stored.blocks
        with self._noticing_damage(layout.BLOCKS):
            return blocks_of(self._blocks[begin:end], length)

    def _text(self, stored: StoredDocument) -> bytes:
        begin, end = stored.text
        return self._texts[begin:end]

    def _decode(self, number: int) -> Document:
        stored = self._stored(number)
        with self._noticing_damage(layout.TEXTS):
            text = self._text(stored).decode()
        return replace(
            stored.document,
            path=self._documents.path(stored.document.doc_id),
            text=text,
            blocks=self._blocks_of(stored, len(text)),
        )


def open_local_store(index: Path) -> LocalStore:
    """Open the current generation. A swap that happens meanwhile is followed, not taken for damage.

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
        store.close()  # swapped before it was leased: what was opened may be removed


def _unknown(given: str) -> DocumentNotFound:
    return DocumentNotFound(f"the index holds nothing of the id {given!r}")
