"""One generation of an index on Milvus, open for reading.

Milvus finds the candidates of a list; scores and ranks are those of the local store. The weights of terms
were computed with the mean length of a passage at the time, so the candidates are scored again by their own
terms, and more are fetched until none can be missing.
"""

from __future__ import annotations

import time
import weakref
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache, partial
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
from rag.stores.local.lexical import okapi_idf
from rag.stores.milvus import codec
from rag.stores.milvus.address import Address
from rag.stores.milvus.bm25 import Scorer, count, drift
from rag.stores.milvus.connection import MOST, Connection, Match, Row
from rag.stores.milvus.documents import Documents, not_found
from rag.stores.milvus.expressions import all_of, among, any_of, passing, with_words
from rag.stores.milvus.manifest import (
    SKIPPED,
    TERMS,
    current,
    damaged,
    read_manifest,
    read_pieces,
    visible,
)
from rag.stores.milvus.passages import SPAN, passage_id, terms_in
from rag.stores.milvus.schema import DENSE, EFFORT, GENERATION, LEXICAL, Name
from rag.stores.milvus.vocabulary import Vocabulary

if TYPE_CHECKING:
    from rag.records.base import FloatArray

_NEW: Final = 60.0
"""Seconds in which a server may still be taking in what a new generation is made of."""
_IDS: Final = 65_536
_PHRASES: Final = 4_096
_PAGE: Final = 500
_LEAST: Final = 1e-6
"""The weight of a term whose idf is 0: Milvus finds no passage by weight 0."""
_SLACK: Final = 1 + 1e-4
"""For Milvus's sums, which have the precision of float32."""
_DIGITS: Final = 6
"""Of a cosine: servers add in different orders, so equal vectors would differ in the seventh."""


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
        self._opened = time.monotonic()
        self.manifest = read_manifest(connection, generation)
        for collection in (self.manifest.passages, self.manifest.shared):
            connection.load(collection)
        self.facts = self.manifest.facts(connection.address, generation)
        self.records = Documents(connection, self.manifest)
        self.vocabulary = Vocabulary(self.manifest.blocks, _Blocks(connection, str(generation)))
        self._ids: dict[int, str] = {}
        own = weakref.proxy(self)  # with a reference to itself, the store would not be freed
        self._count_phrase: Callable[[Terms], int] = lru_cache(_PHRASES)(
            partial(MilvusStore._phrase_count, own)
        )
        self._release = weakref.finalize(self, connection.close)
        self._release.atexit = False

    def close(self) -> None:
        """Close the connection. The generation stays as long as it is one of the last two."""
        self._release()

    def footprint(self) -> Footprint:
        """The space that the index takes; of a server, about what was written to it."""
        address = self.connection.address
        size = bytes_below(address.folder) if address.folder else self.manifest.bytes
        names = (Name.parse(address.name, each) for each in self.connection.collections())
        kept = sorted(n.generation for n in names if n is not None and n.kind == GENERATION)
        return Footprint(size + bytes_below(address.index), tuple(kept), ())

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
                for row in self._rows(where, ("id", DENSE)):
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
            typed = Counter((*((term,) for term in terms), *phrases))
            times = {run: number for run, number in typed.items() if self._has(run)}
            where = self._where(scope)
            if not times or where is None:
                return self._hits([], depth)
            scorer = self._scorer(times, collection)
            found = self._having_phrases(scorer, where)
            weights: defaultdict[int, float] = defaultdict(float)
            for run, number in times.items():
                if len(run) == 1:
                    weights[codec.dimension_of(run[0])] += number * max(scorer.idf[run], _LEAST)
            if weights:
                found |= self._heaviest(weights, scorer, depth, where)
            return self._hits(list(found.values()), depth)

    def dense(self, vector: FloatArray, depth: int, scope: Scope) -> Hits:
        """The ``depth`` best chunks in scope by cosine."""
        with self._noticing():
            where = self._where(scope)
            if where is None or not self.manifest.chunks:
                return self._hits([], depth)
            values = np.asarray(vector, np.float32).tolist()
            limit = min(depth + 1, MOST)
            while True:
                matches = self._search(DENSE, values, limit, where, SPAN)
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
            if len(run) == 1:
                return self.vocabulary.frequency(run[0])
            return self._count_phrase(run)

    def terms_with(self, prefix: str) -> Sequence[str]:
        """The terms that begin with ``prefix``, sorted."""
        with self._noticing():
            return self.vocabulary.beginning(prefix)

    def length(self) -> int:
        """The number of terms in all chunks."""
        return self.manifest.length

    def idf(self, term: str) -> float:
        """The inverse document frequency of a term, always above 0."""
        frequency = np.array([self.document_frequency(term)])
        return float(okapi_idf(frequency, self.manifest.chunks, 0.0, average=0.0)[0])

    # ------------------------------------------------------------ inside: words

    def _has(self, run: Terms) -> bool:
        """Whether passages contain all terms of a run, together or not."""
        return all(self.vocabulary.frequency(term) for term in run)

    def _scorer(self, times: Mapping[Terms, int], collection: Collection | None) -> Scorer:
        parameters = self.facts.recipe.bm25
        if collection is not None:
            idf = {run: collection.idf[run] for run in times}
            return Scorer(idf, times, collection.mean_length, parameters)
        frequencies = np.array([self.phrase_frequency(run) for run in times], np.int64)
        idfs = okapi_idf(
            frequencies, self.manifest.chunks, parameters.epsilon, self.manifest.average_idf
        )
        idf = dict(zip(times, idfs.tolist(), strict=True))
        return Scorer(idf, times, self.manifest.mean_length, parameters)

    def _heaviest(
        self, weights: Mapping[int, float], scorer: Scorer, depth: int, where: str
    ) -> dict[str, _Scored]:
        """The best passages that have a term of the query, by id, and some more."""
        limit = min(depth + depth // 8 + 16, MOST)
        margin = drift(self.manifest.weighed, scorer.mean) * _SLACK
        known: dict[str, _Scored | None] = {}
        while True:
            fields = ("id", *SPAN, "length", "terms")
            matches = self._search(LEXICAL, dict(weights), limit, where, fields)
            for match in matches:
                if match.row["id"] not in known:
                    known[match.row["id"]] = self._rescored(match.row, scorer)
            found = {id_: scored for id_, scored in known.items() if scored is not None}
            if len(matches) < limit or limit == MOST:
                return found
            scores = sorted((each.score for each in found.values()), reverse=True)
            if len(scores) >= depth and scores[depth - 1] > matches[-1].score * margin:
                return found
            limit = min(2 * limit, MOST)

    def _rescored(self, row: Row, scorer: Scorer) -> _Scored | None:
        score = scorer(terms_in(row), row["length"])
        return None if score is None else self._scored(row, score)

    def _having_phrases(self, scorer: Scorer, where: str) -> dict[str, _Scored]:
        """The passages in scope with a phrase of the query, by id."""
        found = {}
        for run in scorer.times:
            if len(run) > 1:
                for row in self._with_phrase(run, where, (*SPAN, "length")):
                    if scored := self._rescored(row, scorer):
                        found[row["id"]] = scored
        return found

    def _with_phrase(self, run: Terms, where: str, fields: Sequence[str] = ()) -> Iterator[Row]:
        """The rows with these terms side by side: those with all of them are fetched and looked at."""
        both = all_of((where, with_words(run)))
        for row in self._rows(both, ("id", "terms", *fields)):
            if count(run, terms_in(row)):
                yield row

    def _phrase_count(self, run: Terms) -> int:
        if not self._has(run):
            return 0
        return sum(1 for _ in self._with_phrase(run, visible(self.manifest)))

    # ------------------------------------------------------------ inside: scope

    def _where(self, scope: Scope) -> str | None:
        """The expression for the rows in scope; None if there are none."""
        parts = [visible(self.manifest)]
        if scope.filters:
            parts.append(self._passing(scope.filters))
        for runs in scope.required:
            allowed = [each for run in runs if (each := self._containing(run))]
            if not allowed:
                return None
            parts.append(any_of(allowed))
        banned = [self._containing(run) for run in scope.excluded]
        return all_of([*parts, *(f"not ({each})" for each in banned if each)])

    def _containing(self, run: Terms) -> str:
        """The expression for the rows with these terms side by side; "" if there are none."""
        if not self._has(run):
            return ""
        if len(run) == 1:
            return with_words(run)
        rows = [row["id"] for row in self._with_phrase(run, visible(self.manifest))]
        return among("id", rows) if rows else ""

    def _passing(self, filters: Filters) -> str:
        """The expression for the rows whose documents pass the filters."""
        if not (filters.path or filters.title):
            return passing(filters)
        entries, infos = self.records.entries, self.records.stored.infos  # only these tell
        chosen = [e.number for e, i in zip(entries, infos, strict=True) if passes(filters, i)]
        return among("document", chosen)

    # ------------------------------------------------------------ inside: rows

    @property
    def _consistency(self) -> str:
        """A generation is complete before it is current, and a minute later everywhere."""
        return "Strong" if time.monotonic() < self._opened + _NEW else "Bounded"

    def _rows(self, where: str, fields: Sequence[str]) -> Iterator[Row]:
        return self.connection.rows(self.manifest.passages, where, fields, self._consistency)

    def _search(
        self, field: str, vector: object, limit: int, where: str, fields: Sequence[str]
    ) -> list[Match]:
        effort = {"ef": max(EFFORT * limit, 512)} if self.manifest.graph and field == DENSE else {}
        return self.connection.search(
            self.manifest.passages, field, vector, limit, where, fields, self._consistency, effort
        )

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
            raise damaged(self.connection.address, what) from error


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


def open_milvus_store(address: Address) -> MilvusStore:
    """Open the current generation, even while a build replaces it.

    Raises IndexNotFound, IndexMismatch (another format, or no index of this program), IndexCorrupt or
    StoreUnavailable.
    """
    connection = Connection(address)
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
