"""A store in memory: dicts, plain formulas, one matrix product.

For indexes that need not outlive the process, and the simple reference for tests of other stores.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from rag.errors import DocumentNotFound, IndexNotFound, InvalidArgument
from rag.protocols import Store
from rag.records import (
    BREAK,
    Bm25Parameters,
    Chunk,
    ChunkIds,
    Collection,
    Corpus,
    Document,
    DocumentInfo,
    EmbedderInfo,
    Footprint,
    Hits,
    IndexedDocument,
    IndexFacts,
    Inspection,
    Recipe,
    Scope,
    SkippedSource,
    SourceRecord,
    Terms,
    document_of,
)
from rag.stores.filters import passes
from rag.stores.local.lexical import NO_AVERAGE

if TYPE_CHECKING:
    from rag.records.base import FloatArray

_T = TypeVar("_T")


@dataclass(frozen=True)
class MemoryStore:
    """A committed snapshot; see the ``Store`` protocol."""

    facts: IndexFacts
    indexed: Mapping[str, IndexedDocument]
    left_out: tuple[SkippedSource, ...] = ()
    _chunks: dict[str, Chunk] = field(default_factory=dict)
    _terms: list[Sequence[str]] = field(default_factory=list)
    _vectors: dict[str, FloatArray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for each in self.indexed.values():
            for chunk, terms, vector in zip(each.chunks, each.terms, each.vectors, strict=True):
                self._chunks[chunk.chunk_id] = chunk
                self._vectors[chunk.chunk_id] = vector
                self._terms.append(terms)

    def close(self) -> None:
        """Nothing to release."""

    def footprint(self) -> Footprint:
        """The size of the texts and vectors."""
        size = sum(len(d.document.text) + d.vectors.nbytes for d in self.indexed.values())
        return Footprint(size, (self.facts.generation,), ())

    def documents(self) -> Sequence[DocumentInfo]:
        """All documents in corpus order."""
        return [_info(indexed) for indexed in self.indexed.values()]

    def document(self, doc_id: str) -> Document:
        """One document with its text and blocks."""
        indexed = _find(self.indexed, doc_id)
        return replace(indexed.document, copies=indexed.source.copies_of(doc_id))

    def sources(self) -> Mapping[str, SourceRecord]:
        """The source files by id."""
        return {doc_id: indexed.source for doc_id, indexed in self.indexed.items()}

    def source(self, doc_id: str) -> SourceRecord:
        """The source file of one document."""
        source = _find(self.indexed, doc_id).source
        return replace(source, path=str(self.facts.corpus.file(source.container or doc_id)))

    def skipped(self) -> Sequence[SkippedSource]:
        """What the build could not read."""
        return self.left_out

    def chunks(self, ids: Iterable[str]) -> list[Chunk]:
        """The chunks with these ids."""
        return [_find(self._chunks, each) for each in ids]

    def chunks_of(self, doc_id: str) -> list[Chunk]:
        """All chunks of a document."""
        return list(_find(self.indexed, doc_id).chunks)

    def vectors(self, ids: Iterable[str]) -> FloatArray:
        """The vectors of the chunks with these ids."""
        vectors = [_find(self._vectors, each) for each in ids]
        return np.array(vectors, np.float32).reshape(-1, self.facts.recipe.embedder.dimension)

    def lexical(
        self,
        terms: Sequence[str],
        phrases: Sequence[Terms],
        depth: int,
        scope: Scope,
        collection: Collection | None = None,
    ) -> Hits:
        """The ``depth`` best chunks in scope by BM25."""
        runs = [*((term,) for term in terms), *phrases]
        scores: dict[int, float] = {}
        for run in runs:
            for row, gain in self._gains(run, collection).items():
                scores[row] = scores.get(row, 0.0) + gain
        return self._best(scores, depth, scope)

    def dense(self, vector: FloatArray, depth: int, scope: Scope) -> Hits:
        """The ``depth`` best chunks in scope by cosine."""
        products = self.vectors(self._chunks) @ vector
        return self._best(dict(enumerate(products.tolist())), depth, scope)

    def document_frequency(self, term: str) -> int:
        """The number of chunks that contain a term."""
        return sum(term in terms for terms in self._terms)

    def phrase_frequency(self, run: Terms) -> int:
        """The number of chunks that contain these terms side by side."""
        return sum(_count(run, terms) > 0 for terms in self._terms)

    def terms_with(self, prefix: str) -> Sequence[str]:
        """The terms that begin with ``prefix``, sorted."""
        known = {term for terms in self._terms for term in terms if term}
        return sorted(term for term in known if term.startswith(prefix))

    def length(self) -> int:
        """The number of terms in all chunks."""
        return sum(self._lengths())

    def idf(self, term: str) -> float:
        """The inverse document frequency of a term, always above 0."""
        return math.log(1 + self._odds(self.document_frequency(term)))

    # ------------------------------------------------------------ inside

    def _lengths(self) -> list[int]:
        return [len(terms) - list(terms).count(BREAK) for terms in self._terms]

    def _gains(self, run: Terms, collection: Collection | None) -> dict[int, float]:
        """What a run of terms adds to the score of each chunk that contains it: Okapi BM25."""
        p: Bm25Parameters = self.facts.recipe.bm25
        counts = {row: _count(run, terms) for row, terms in enumerate(self._terms)}
        counts = {row: count for row, count in counts.items() if count}
        lengths = self._lengths()
        if collection is not None:
            mean, idf = collection.mean_length, collection.idf[run]
        else:
            mean = sum(lengths) / len(lengths) if lengths else 0
            idf = self._okapi_idf(len(counts), p.epsilon)
        return {
            row: idf * (count * (p.k1 + 1)) / (count + p.k1 * (1 - p.b + p.b * lengths[row] / mean))
            for row, count in counts.items()
        }

    def _okapi_idf(self, frequency: int, epsilon: float) -> float:
        """The idf of ``rank_bm25``; if its average is not above 0, the form that is always positive."""
        known = {term for terms in self._terms for term in terms if term != BREAK}
        plain = [math.log(self._odds(self.document_frequency(term))) for term in known]
        average = sum(plain) / len(plain) if plain else 0.0
        if average <= NO_AVERAGE:
            return math.log(1 + self._odds(frequency))
        own = math.log(self._odds(frequency))
        return own if own >= 0 else epsilon * average

    def _odds(self, frequency: int) -> float:
        return (len(self._terms) - frequency + 0.5) / (frequency + 0.5)

    def _best(self, scores: Mapping[int, float], depth: int, scope: Scope) -> Hits:
        allowed = set(self._allowed(scope))
        order = sorted((-score, row) for row, score in scores.items() if row in allowed)
        rows = np.array([row for _, row in order[:depth]], np.int64)
        ids = list(self._chunks)
        best = np.array([-score for score, _ in order[:depth]], np.float64)
        return Hits(ChunkIds(rows, ids.__getitem__), best)

    def _allowed(self, scope: Scope) -> Iterator[int]:
        passing = {
            info.doc_id
            for info in self.documents()
            if not scope.filters or passes(scope.filters, info)
        }
        for row, (chunk_id, terms) in enumerate(zip(self._chunks, self._terms, strict=True)):
            if (
                document_of(chunk_id) in passing
                and all(any(_count(run, terms) for run in runs) for runs in scope.required)
                and not any(_count(run, terms) for run in scope.excluded)
            ):
                yield row


def _count(run: Terms, terms: Sequence[str]) -> int:
    """How often ``terms`` contains ``run``, its terms side by side and in order."""
    return sum(tuple(terms[i : i + len(run)]) == run for i in range(len(terms) - len(run) + 1))


def _find(entries: Mapping[str, _T], id_: str) -> _T:
    if id_ not in entries:
        raise DocumentNotFound(f"the index has nothing with the id {id_!r}")
    return entries[id_]


def _info(indexed: IndexedDocument) -> DocumentInfo:
    document, source = indexed.document, indexed.source
    return DocumentInfo(
        document.doc_id,
        document.path,
        document.title,
        document.publisher,
        document.published,
        document.published_text,
        document.url,
        source.sha256,
        source.size,
        len(indexed.chunks),
        document.author,
        document.updated,
        document.language,
        document.notes,
        source.copies_of(document.doc_id),
    )


class MemoryCache:
    """A cache in memory; see the ``VectorCache`` protocol."""

    def __init__(self) -> None:
        self._known: dict[str, FloatArray] = {}

    def get(self, texts: Sequence[str]) -> list[FloatArray | None]:
        """The vector of each text, or None."""
        return [self._known.get(text) for text in texts]

    def append(self, texts: Sequence[str], vectors: FloatArray) -> None:
        """Add these vectors."""
        self._known.update(zip(texts, vectors, strict=True))

    def is_wasteful(self, texts: int) -> bool:
        """Whether most cached vectors are unused."""
        return len(self._known) > 2 * texts

    def rewrite(self, texts: Sequence[str], vectors: FloatArray) -> None:
        """Replace everything by these vectors."""
        self._known = dict(zip(texts, vectors, strict=True))


class MemoryIndex:
    """An index in memory, and its writer; see the ``StoredIndex`` and ``StoreWriter`` protocols."""

    def __init__(self, folder: Path = Path("memory"), store: str = "memory") -> None:
        self.folder, self.store = folder, store
        self._current: MemoryStore | None = None
        self._previous: dict[str, IndexedDocument] = {}
        self._next: dict[str, IndexedDocument] = {}
        self._skipped: tuple[SkippedSource, ...] = ()
        self._caches: dict[EmbedderInfo, MemoryCache] = {}
        self._commits = 0

    def open(self) -> MemoryStore:
        """The current snapshot. Raises IndexNotFound if nothing was committed."""
        if self._current is None:
            raise IndexNotFound("nothing was committed to this index")
        return self._current

    def folders(self) -> Sequence[Path]:
        """None: nothing is written to the disk."""
        return ()

    def generation(self) -> str:
        """The name of the current snapshot."""
        return self.facts().generation

    def facts(self) -> IndexFacts:
        """What the current snapshot holds."""
        return self.open().facts

    def salvaged_facts(self) -> IndexFacts | None:
        """The facts, if anything was committed."""
        return self._current.facts if self._current else None

    def inspect(self) -> Inspection:
        """Nothing is ever damaged."""
        store = self.open()
        return Inspection((), store.facts, files=0, bytes=store.footprint().bytes)

    def intact_passages(self) -> Iterator[tuple[Document, Chunk, FloatArray]]:
        """Every passage, with its document and vector."""
        for each in self._current.indexed.values() if self._current else ():
            for chunk, vector in zip(each.chunks, each.vectors, strict=True):
                yield each.document, chunk, vector

    # ------------------------------------------------------------ writing

    def writer(self) -> AbstractContextManager[MemoryIndex]:
        """Write to it; for one thread."""
        return nullcontext(self)

    def begin(self, previous: Store | None) -> None:
        """Start from a snapshot of this index, or from nothing."""
        if previous is not None and not isinstance(previous, MemoryStore):
            raise InvalidArgument(f"memory cannot carry over from a {type(previous).__name__}")
        self._previous = dict(previous.indexed) if previous else {}
        self._next = dict(self._previous)
        self._skipped = previous.left_out if previous else ()

    def cache(self, embedder: EmbedderInfo) -> MemoryCache:
        """The cached vectors of this embedder."""
        return self._caches.setdefault(embedder, MemoryCache())

    def put(self, indexed: IndexedDocument) -> None:
        """Add a document, or replace the one with its id."""
        self._next[indexed.document.doc_id] = indexed

    def touch(self, doc_id: str, source: SourceRecord) -> None:
        """Carry a document over with a new record of its source file."""
        self._next[doc_id] = replace(_find(self._previous, doc_id), source=source)

    def delete(self, doc_id: str) -> None:
        """Leave a document out."""
        self._next.pop(doc_id, None)

    def skip(self, skipped: Sequence[SkippedSource]) -> None:
        """Record what could not be read."""
        self._skipped = tuple(skipped)

    def commit(self, corpus: Corpus, recipe: Recipe) -> IndexFacts:
        """Make this the current snapshot."""
        self._commits += 1
        path_of = corpus.paths()
        indexed = {doc_id: _in(self._next[doc_id], path_of) for doc_id in sorted(self._next)}
        facts = IndexFacts(
            index=str(self.folder),
            generation=f"gen-{self._commits:06}",
            created=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            corpus=corpus,
            recipe=recipe,
            documents=len(indexed),
            chunks=sum(len(each.chunks) for each in indexed.values()),
            terms=len({t for each in indexed.values() for terms in each.terms for t in terms if t}),
            languages=tuple(sorted({each.document.language for each in indexed.values()})),
            store=self.store,
        )
        self._current = MemoryStore(facts, indexed, self._skipped)
        return facts


def _in(indexed: IndexedDocument, path_of: Callable[[str], str]) -> IndexedDocument:
    """The document, with its path in this corpus."""
    path = path_of(indexed.document.doc_id)
    return replace(indexed, document=replace(indexed.document, path=path))
