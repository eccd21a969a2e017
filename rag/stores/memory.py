"""A store in memory: dicts, plain formulas, one product of matrices.

For indexes that need not outlive the process, and the obvious thing to hold every other store against.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from rag.errors import DocumentNotFound, IndexNotFound, InvalidArgument
from rag.protocols import Store
from rag.records import (
    Bm25Parameters,
    Chunk,
    ChunkIds,
    Document,
    DocumentInfo,
    EmbedderInfo,
    Footprint,
    Hits,
    IndexedDocument,
    IndexFacts,
    Recipe,
    Scope,
    SourceRecord,
    Terms,
    document_of,
)
from rag.stores.filters import passes

if TYPE_CHECKING:
    from rag.records.base import FloatArray

_T = TypeVar("_T")


@dataclass(frozen=True)
class MemoryStore:
    """What was committed, documents in the order of their ids; see the ``Store`` protocol."""

    facts: IndexFacts
    indexed: Mapping[str, IndexedDocument]
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
        """Nothing is held that others wait for."""

    def footprint(self) -> Footprint:
        """The size of texts and vectors."""
        size = sum(len(d.document.text) + d.vectors.nbytes for d in self.indexed.values())
        return Footprint(size, (self.facts.generation,), ())

    def documents(self) -> Sequence[DocumentInfo]:
        """All documents in corpus order."""
        return [_info(indexed) for indexed in self.indexed.values()]

    def document(self, doc_id: str) -> Document:
        """One document with its text and blocks."""
        return _held(self.indexed, doc_id).document

    def sources(self) -> Mapping[str, SourceRecord]:
        """The source files by id."""
        return {doc_id: indexed.source for doc_id, indexed in self.indexed.items()}

    def source(self, doc_id: str) -> SourceRecord:
        """The source file of one document."""
        path = Path(self.facts.folder, doc_id)
        return replace(_held(self.indexed, doc_id).source, path=str(path))

    def chunks(self, ids: Iterable[str]) -> list[Chunk]:
        """The chunks of these ids."""
        return [_held(self._chunks, each) for each in ids]

    def chunks_of(self, doc_id: str) -> list[Chunk]:
        """All chunks of a document."""
        return list(_held(self.indexed, doc_id).chunks)

    def vectors(self, ids: Iterable[str]) -> FloatArray:
        """The vectors of these chunks."""
        found = [_held(self._vectors, each) for each in ids]
        return np.array(found, np.float32).reshape(-1, self.facts.recipe.embedder.dimension)

    def lexical(
        self, terms: Sequence[str], phrases: Sequence[Terms], depth: int, scope: Scope
    ) -> Hits:
        """Up to ``depth`` chunks in scope that hold a term, by BM25."""
        runs = [*((term,) for term in terms), *phrases]
        scores: dict[int, float] = {}
        for run in runs:
            for place, gain in self._gains(run).items():
                scores[place] = scores.get(place, 0.0) + gain
        return self._best(scores, depth, scope)

    def dense(self, vector: FloatArray, depth: int, scope: Scope) -> Hits:
        """Up to ``depth`` chunks in scope, by cosine."""
        products = self.vectors(self._chunks) @ vector
        return self._best(dict(enumerate(products.tolist())), depth, scope)

    def document_frequency(self, term: str) -> int:
        """How many chunks hold a term."""
        return sum(term in terms for terms in self._terms)

    def idf(self, term: str) -> float:
        """How much a term tells chunks apart."""
        return math.log(1 + self._odds(self.document_frequency(term)))

    # ------------------------------------------------------------ inside

    def _gains(self, run: Terms) -> dict[int, float]:
        """What a term, or several in a row, adds to the score of each chunk that holds it: Okapi BM25."""
        p: Bm25Parameters = self.facts.recipe.bm25
        counts = {place: _often(run, terms) for place, terms in enumerate(self._terms)}
        counts = {place: count for place, count in counts.items() if count}
        mean = sum(map(len, self._terms)) / len(self._terms) if self._terms else 0
        idf = self._okapi_idf(len(counts), p.epsilon)
        return {
            place: idf
            * (count * (p.k1 + 1))
            / (count + p.k1 * (1 - p.b + p.b * len(self._terms[place]) / mean))
            for place, count in counts.items()
        }

    def _okapi_idf(self, holding: int, epsilon: float) -> float:
        """``rank_bm25``'s, and where its average is not above 0, the form that is positive everywhere."""
        known = {term for terms in self._terms for term in terms}
        plain = [math.log(self._odds(self.document_frequency(term))) for term in known]
        average = sum(plain) / len(plain) if plain else 0.0
        if average <= 0:
            return math.log(1 + self._odds(holding))
        own = math.log(self._odds(holding))
        return own if own >= 0 else epsilon * average

    def _odds(self, holding: int) -> float:
        return (len(self._terms) - holding + 0.5) / (holding + 0.5)

    def _best(self, scores: Mapping[int, float], depth: int, scope: Scope) -> Hits:
        allowed = set(self._allowed(scope))
        order = sorted((-score, place) for place, score in scores.items() if place in allowed)
        places = np.array([place for _, place in order[:depth]], np.int64)
        ids = list(self._chunks)
        best = np.array([-score for score, _ in order[:depth]], np.float64)
        return Hits(ChunkIds(places, ids.__getitem__), best)

    def _allowed(self, scope: Scope) -> Iterator[int]:
        passing = {
            info.doc_id
            for info in self.documents()
            if not scope.filters or passes(scope.filters, info)
        }
        for place, (chunk_id, terms) in enumerate(zip(self._chunks, self._terms, strict=True)):
            if (
                document_of(chunk_id) in passing
                and all(_often(run, terms) for run in scope.required)
                and not any(_often(run, terms) for run in scope.excluded)
            ):
                yield place


def _often(run: Terms, terms: Sequence[str]) -> int:
    """How often these terms stand in a row."""
    return sum(tuple(terms[i : i + len(run)]) == run for i in range(len(terms) - len(run) + 1))


def _held(held: Mapping[str, _T], given: str) -> _T:
    if given not in held:
        raise DocumentNotFound(f"the index holds nothing of the id {given!r}")
    return held[given]


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
    )


class MemoryCache:
    """Vectors by text; see the ``VectorCache`` protocol."""

    def __init__(self) -> None:
        self._known: dict[str, FloatArray] = {}

    def get(self, texts: Sequence[str]) -> list[FloatArray | None]:
        """The vector of each text, or None."""
        return [self._known.get(text) for text in texts]

    def append(self, texts: Sequence[str], vectors: FloatArray) -> None:
        """Keep these."""
        self._known.update(zip(texts, vectors, strict=True))

    def is_wasteful(self, texts: int) -> bool:
        """Whether most of what is kept is of no use."""
        return len(self._known) > 2 * texts

    def rewrite(self, texts: Sequence[str], vectors: FloatArray) -> None:
        """Keep these and no others."""
        self._known = dict(zip(texts, vectors, strict=True))


class MemoryIndex:
    """Where a store in memory is found again: what was committed last. It is its own writer."""

    def __init__(self) -> None:
        self._current: MemoryStore | None = None
        self._known: dict[str, IndexedDocument] = {}
        self._next: dict[str, IndexedDocument] = {}
        self._caches: dict[EmbedderInfo, MemoryCache] = {}
        self._commits = 0

    def open(self) -> MemoryStore:
        """The index as it is now. Raises IndexNotFound where nothing was committed."""
        if self._current is None:
            raise IndexNotFound("nothing was committed to this index")
        return self._current

    def begin(self, previous: Store | None) -> None:
        """Start from what a store of this index holds, or from nothing."""
        if previous is not None and not isinstance(previous, MemoryStore):
            raise InvalidArgument(f"memory cannot carry over from a {type(previous).__name__}")
        self._known = dict(previous.indexed) if previous else {}
        self._next = dict(self._known)

    def cache(self, embedder: EmbedderInfo) -> MemoryCache:
        """The vectors that this embedder made before."""
        return self._caches.setdefault(embedder, MemoryCache())

    def put(self, indexed: IndexedDocument) -> None:
        """Add a document, or put it in the place of the one that has its id."""
        self._next[indexed.document.doc_id] = indexed

    def touch(self, doc_id: str, source: SourceRecord) -> None:
        """Carry a document over, but note another state of its source file."""
        self._next[doc_id] = replace(_held(self._known, doc_id), source=source)

    def delete(self, doc_id: str) -> None:
        """Leave a document out."""
        self._next.pop(doc_id, None)

    def commit(self, corpus: Path, recipe: Recipe) -> IndexFacts:
        """Make it the current state."""
        self._commits += 1
        indexed = {doc_id: _placed(self._next[doc_id], corpus) for doc_id in sorted(self._next)}
        facts = IndexFacts(
            index="memory",
            generation=f"gen-{self._commits:06}",
            created=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            corpus=str(corpus),
            folder=str(corpus.resolve()),
            recipe=recipe,
            documents=len(indexed),
            chunks=sum(len(each.chunks) for each in indexed.values()),
            terms=len({t for each in indexed.values() for terms in each.terms for t in terms}),
        )
        self._current = MemoryStore(facts, indexed)
        return facts


def _placed(indexed: IndexedDocument, corpus: Path) -> IndexedDocument:
    """The document with the path that it has in this corpus folder."""
    path = str(corpus / indexed.document.doc_id)
    return replace(indexed, document=replace(indexed.document, path=path))
