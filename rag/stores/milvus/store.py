"""One generation of an index on Milvus, open for reading; scores and ranks are those of the local store."""

from __future__ import annotations

import weakref
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from rag.errors import IndexCorrupt, IndexNotFound
from rag.files import bytes_below
from rag.records import (
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
from rag.stores.filters import passes
from rag.stores.local.documents import read_skipped
from rag.stores.milvus import codec
from rag.stores.milvus.connection import MOST, Connection, Row
from rag.stores.milvus.documents import Documents, not_found
from rag.stores.milvus.expressions import all_of, among, any_of, passing
from rag.stores.milvus.index import MilvusIndex
from rag.stores.milvus.lexical import LexicalIndex
from rag.stores.milvus.manifest import (
    SKIPPED,
    TERMS,
    current,
    damaged,
    read_manifest,
    read_pieces,
)
from rag.stores.milvus.passages import SPAN, Passages, passage_id
from rag.stores.milvus.schema import DENSE, GENERATION, Name
from rag.stores.milvus.vocabulary import Vocabulary

if TYPE_CHECKING:
    from rag.records.base import FloatArray

_IDS: Final = 65_536
"""Ids of chunks that a reader keeps."""
_PAGE: Final = 500
"""Vectors that are fetched at once."""
_DIGITS: Final = 6
"""Digits kept of a cosine: servers add in different orders, so equal ones would differ in the seventh."""


@dataclass(frozen=True, slots=True)
class _Scored:
    """A passage with its row number in corpus order, and its id."""

    score: float
    row: int
    chunk_id: str


class MilvusStore:
    """See the ``Store`` protocol. ``close`` it, or let it be garbage-collected.

    A chunk has a row, its number among all chunks in corpus order.
    """

    def __init__(self, connection: Connection, generation: Name) -> None:
        self.connection = connection
        self.generation = generation
        self.manifest = read_manifest(connection, generation)
        for collection in (self.manifest.passages, self.manifest.shared):
            connection.load(collection)
        self.facts = self.manifest.facts(connection.index, generation)
        self.records = Documents(connection, self.manifest)
        self.passages = Passages(connection, self.manifest)
        self.vocabulary = Vocabulary(self.manifest.blocks, _Blocks(connection, str(generation)))
        self._lexical = LexicalIndex(self.passages, self.vocabulary, self.manifest)
        self._ids: dict[int, str] = {}
        self._release = weakref.finalize(self, connection.close)
        self._release.atexit = False

    def close(self) -> None:
        """Close the connection. The generation stays as long as it is one of the last two."""
        self._release()

    def footprint(self) -> Footprint:
        """The space that the index takes; of a server, about what was written to it."""
        index = self.connection.index
        size = bytes_below(index.lite_folder) if index.lite_folder else self.manifest.bytes
        names = (Name.parse(index.name, each) for each in self.connection.collections())
        kept = sorted(n.generation for n in names if n is not None and n.kind == GENERATION)
        return Footprint(size + bytes_below(index.folder), tuple(kept), ())

    # ------------------------------------------------------------ documents

    def documents(self) -> Sequence[DocumentInfo]:
        """All documents in corpus order."""
        with self._noticing():
            return self.records.stored.infos

    def document(self, doc_id: str) -> Document:
        """One document with its text and blocks."""
        with self._noticing():
            return self.records.document(doc_id)

    def sources(self) -> Mapping[str, SourceRecord]:
        """The source files by id, in corpus order."""
        with self._noticing():
            return self.records.stored.sources

    def source(self, doc_id: str) -> SourceRecord:
        """The source file of one document."""
        with self._noticing():
            source = self.records.stored[self.records.rank(doc_id)].source
        return replace(source, path=str(self.facts.corpus.file(source.container or doc_id)))

    def skipped(self) -> Sequence[SkippedSource]:
        """What the build could not read, by path."""
        with self._noticing():
            texts = read_pieces(self.connection, str(self.generation), f"name == '{SKIPPED}'")
            return read_skipped(codec.unpacked(texts[SKIPPED]).encode())

    # ------------------------------------------------------------ chunks

    def chunks(self, ids: Iterable[str]) -> list[Chunk]:
        """The chunks with these ids."""
        return [self._chunk(each) for each in ids]

    def chunks_of(self, doc_id: str) -> list[Chunk]:
        """All chunks of a document."""
        with self._noticing():
            return list(self.records.content(self.records.find(doc_id)).chunks)

    def vectors(self, ids: Iterable[str]) -> FloatArray:
        """The vectors of the chunks with these ids."""
        wanted = [passage_id(self.records.find(c.doc_id), c) for c in self.chunks(ids)]
        found: dict[str, FloatArray] = {}
        with self._noticing():
            for begin in range(0, len(wanted), _PAGE):
                where = among("id", dict.fromkeys(wanted[begin : begin + _PAGE]))
                for row in self.passages.rows(where, ("id", DENSE)):
                    found[row["id"]] = np.array(row[DENSE], np.float32)
            vectors = [found[each] for each in wanted]
        return np.array(vectors, np.float32).reshape(-1, self.facts.recipe.embedder.dimension)

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
        with self._noticing():
            where = self._where(scope)
            if where is None:
                return self._hits([], depth)
            found = self._lexical.search(terms, phrases, depth, where, collection)
            return self._hits([self._scored(row, score) for row, score in found], depth)

    def dense(self, vector: FloatArray, depth: int, scope: Scope) -> Hits:
        """The ``depth`` best chunks in scope by cosine."""
        with self._noticing():
            where = self._where(scope)
            if where is None or not self.manifest.chunks:
                return self._hits([], depth)
            values = np.asarray(vector, np.float32).tolist()
            limit = min(depth + 1, MOST)
            while True:
                matches = self.passages.search(DENSE, values, limit, where, SPAN)
                scored = [
                    self._scored(m.row, round(m.score, _DIGITS))
                    for m in matches
                    if m.score == m.score
                ]
                if (
                    len(matches) < limit
                    or limit == MOST
                    or scored[-1].score < scored[depth - 1].score
                ):
                    return self._hits(scored, depth)
                limit = min(2 * limit, MOST)

    def document_frequency(self, term: str) -> int:
        """The number of chunks that contain a term."""
        with self._noticing():
            return self.vocabulary.frequency(term)

    def phrase_frequency(self, run: Terms) -> int:
        """The number of chunks that contain these terms side by side."""
        with self._noticing():
            return self._lexical.frequency(run)

    def terms_with(self, prefix: str) -> Sequence[str]:
        """The terms that begin with ``prefix``, sorted."""
        with self._noticing():
            return self.vocabulary.beginning(prefix)

    def length(self) -> int:
        """The number of terms in all chunks."""
        return self.manifest.length

    def idf(self, term: str) -> float:
        """The inverse document frequency of a term, always above 0."""
        with self._noticing():
            return self._lexical.idf(term)

    # ------------------------------------------------------------ inside

    def _where(self, scope: Scope) -> str | None:
        """The expression for the passages in scope; None if there are none."""
        parts = [self._passing(scope.filters)] if scope.filters else []
        for runs in scope.required:
            allowed = [each for run in runs if (each := self._lexical.containing(run))]
            if not allowed:
                return None
            parts.append(any_of(allowed))
        banned = [self._lexical.containing(run) for run in scope.excluded]
        return all_of([*parts, *(f"not ({each})" for each in banned if each)])

    def _passing(self, filters: Filters) -> str:
        """The expression for the rows whose documents pass the filters."""
        if not (filters.path or filters.title):
            return passing(filters)
        entries, infos = self.records.entries, self.records.stored.infos  # only these tell
        chosen = [e.number for e, i in zip(entries, infos, strict=True) if passes(filters, i)]
        return among("document", chosen)

    def _scored(self, row: Row, score: float) -> _Scored:
        rank = self.records.ranks[row["document"]]
        number = self.records.firsts[rank] + row["position"]
        doc_id = self.records.entries[rank].doc_id
        return _Scored(score, number, chunk_id_of(doc_id, row["start"], row["stop"]))

    def _hits(self, found: list[_Scored], depth: int) -> Hits:
        """The best of these; ties are in corpus order."""
        best = sorted(found, key=lambda each: (-each.score, each.row))[:depth]
        if len(self._ids) > _IDS:
            self._ids = {}
        self._ids.update((each.row, each.chunk_id) for each in best)
        rows = np.array([each.row for each in best], np.int64)
        return Hits(ChunkIds(rows, self._id), np.array([each.score for each in best], np.float64))

    def _id(self, row: int) -> str:
        known = self._ids.get(row)
        if known is None:
            with self._noticing():
                rank = bisect_right(self.records.firsts, row) - 1
                chunks = self.records.content(self.records.entries[rank]).chunks
                known = chunks[row - self.records.firsts[rank]].chunk_id
        return known

    def _chunk(self, chunk_id: str) -> Chunk:
        with self._noticing():
            for chunk in self.records.content(self.records.find(document_of(chunk_id))).chunks:
                if chunk.chunk_id == chunk_id:
                    return chunk
        raise not_found(chunk_id)

    @contextmanager
    def _noticing(self) -> Iterator[None]:
        """Raise IndexCorrupt for rows that were altered, IndexNotFound if later builds removed them."""
        try:
            yield
        except IndexNotFound as error:
            message = f"{self.facts.generation} was replaced by later builds and is gone"
            raise IndexNotFound(message, fix="open the index again") from error
        except (ValueError, KeyError, TypeError, IndexError) as error:
            what = f"altered since it was written ({error})"
            raise damaged(self.connection.index, what) from error


@dataclass(frozen=True, slots=True)
class _Blocks:
    """Fetches blocks of a vocabulary."""

    connection: Connection
    generation: str

    def __call__(self, numbers: Sequence[int]) -> dict[int, str]:
        """The texts of these blocks by number. Raises KeyError if one is missing."""
        names = {f"{TERMS}/{number}": number for number in numbers}
        texts = read_pieces(self.connection, self.generation, among("name", names))
        return {number: texts[name] for name, number in names.items()}


def open_milvus_store(index: MilvusIndex) -> MilvusStore:
    """Open the current generation, even while a build replaces it.

    Raises IndexNotFound, IndexMismatch (another format, or no index of this program), IndexCorrupt or
    StoreUnavailable.
    """
    connection = Connection(index)
    try:
        while True:
            generation = current(connection)
            try:
                return MilvusStore(connection, generation)
            except (IndexCorrupt, IndexNotFound):
                if current(connection) == generation:
                    raise
    except BaseException:
        connection.close()
        raise
