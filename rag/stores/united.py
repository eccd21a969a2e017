"""Several indexes as one store: their chunks are ranked together, as if they had been indexed together.

Every id begins with a label, the name of its index, so that none occurs twice and each tells where it is
from. BM25 counts terms over all of them. Indexes must have one analyzer and one embedder, or their scores
could not be compared.

An index that turns out to be damaged is left out from then on, with a warning.
"""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from itertools import chain, groupby
from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np

from rag.errors import DocumentNotFound, IndexCorrupt, IndexMismatch, RagError
from rag.protocols import Store
from rag.records import (
    Chunk,
    ChunkIds,
    Collection,
    Document,
    DocumentInfo,
    Footprint,
    Hits,
    IndexFacts,
    Scope,
    SkippedSource,
    SourceRecord,
    Terms,
)
from rag.stores.advice import rebuild_open
from rag.stores.labels import Part, labelled, renamed, united_corpus, within
from rag.stores.local.lexical import okapi_idf, plain_idf

if TYPE_CHECKING:
    from rag.records.base import FloatArray

SMALL: Final = 1_000
"""With at most this many chunks, the mean idf of all terms may be below 0 in real articles."""
_ROOM: Final = 40
"""Bits of a key that are the part's own."""

T = TypeVar("T")


class UnitedStore:
    """Some open stores, by name; see the ``Store`` protocol. Raises IndexMismatch if they do not fit."""

    def __init__(self, stores: Mapping[str, Store], failures: Iterable[str] = ()) -> None:
        """``failures`` say which other indexes could not be opened."""
        by_prefix = sorted((Part(name, store, 0) for name, store in stores.items()), key=_prefix)
        parts = tuple(replace(part, number=n) for n, part in enumerate(by_prefix))
        self._all = parts
        self._parts = parts
        self._by_label = {label: part for part in parts for label in part.labels}
        self._lock = threading.Lock()
        self.failures = tuple(failures)

    @property
    def parts(self) -> Mapping[str, Store]:
        """The stores that answer, by name."""
        return {part.name: part.store for part in self._parts}

    def index_of(self, doc_id: str) -> str:
        """The name of the index that a document is from."""
        return self._part(doc_id).name

    @property
    def facts(self) -> IndexFacts:
        """The facts of all, added up; a term counts in each."""
        facts = [part.store.facts for part in self._parts]
        languages = {language for each in facts for language in each.languages}
        return replace(
            facts[0],
            index=", ".join(each.index for each in facts),
            generation=", ".join(f"{p.name}: {p.store.facts.generation}" for p in self._parts),
            created=max(each.created for each in facts),
            corpus=united_corpus({part.name: part.store.facts.corpus for part in self._parts}),
            documents=sum(each.documents for each in facts),
            chunks=sum(each.chunks for each in facts),
            terms=sum(each.terms for each in facts),
            languages=tuple(sorted(languages)),
        )

    def close(self) -> None:
        """Release all."""
        for part in self._all:
            part.store.close()

    def footprint(self) -> Footprint:
        """The disk space that all take."""
        each = [part.store.footprint() for part in self._parts]
        return Footprint(
            sum(one.bytes for one in each),
            tuple(chain.from_iterable(one.generations for one in each)),
            tuple(chain.from_iterable(one.held for one in each)),
        )

    # ------------------------------------------------------------ documents

    def documents(self) -> Sequence[DocumentInfo]:
        """All documents in corpus order."""
        return [
            labelled(info, part)
            for part, infos in self._ask(lambda part: part.store.documents())
            for info in infos
        ]

    def document(self, doc_id: str) -> Document:
        """One document with its text and blocks."""
        part = self._part(doc_id)
        with self._noticing(part):
            return labelled(part.store.document(part.own(doc_id)), part)

    def sources(self) -> Mapping[str, SourceRecord]:
        """The source files by id, in corpus order."""
        return {
            part.prefix + doc_id: source
            for part, sources in self._ask(lambda part: part.store.sources())
            for doc_id, source in sources.items()
        }

    def source(self, doc_id: str) -> SourceRecord:
        """The source file of one document."""
        part = self._part(doc_id)
        with self._noticing(part):
            return part.store.source(part.own(doc_id))

    def skipped(self) -> Sequence[SkippedSource]:
        """What could not be read."""
        return [
            replace(skipped, path=part.prefix + skipped.path)
            for part, every in self._ask(lambda part: part.store.skipped())
            for skipped in every
        ]

    # ------------------------------------------------------------ chunks

    def chunks(self, ids: Iterable[str]) -> list[Chunk]:
        """The chunks with these ids."""
        return [
            renamed(chunk, part)
            for part, own in self._by_part(ids)
            for chunk in part.store.chunks(own)
        ]

    def chunks_of(self, doc_id: str) -> list[Chunk]:
        """All chunks of a document."""
        part = self._part(doc_id)
        return [renamed(chunk, part) for chunk in part.store.chunks_of(part.own(doc_id))]

    def vectors(self, ids: Iterable[str]) -> FloatArray:
        """The vectors of the chunks with these ids."""
        found = [part.store.vectors(own) for part, own in self._by_part(ids)]
        return np.concatenate(found) if found else self._parts[0].store.vectors([])

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
        collection = collection or self._collection({*((term,) for term in terms), *phrases})

        def search(part: Part) -> Hits | None:
            own = within(scope, part, self._by_label)
            if own is None:
                return None
            return part.store.lexical(terms, phrases, depth, own, collection)

        return self._best(search, depth)

    def dense(self, vector: FloatArray, depth: int, scope: Scope) -> Hits:
        """The ``depth`` best chunks in scope by cosine."""

        def search(part: Part) -> Hits | None:
            own = within(scope, part, self._by_label)
            return None if own is None else part.store.dense(vector, depth, own)

        return self._best(search, depth)

    def document_frequency(self, term: str) -> int:
        """The number of chunks that contain a term."""
        return sum(part.store.document_frequency(term) for part in self._parts)

    def phrase_frequency(self, run: Terms) -> int:
        """The number of chunks that contain these terms side by side."""
        return sum(n for _, n in self._ask(lambda part: part.store.phrase_frequency(run)))

    def terms_with(self, prefix: str) -> Sequence[str]:
        """The terms that begin with ``prefix``, sorted."""
        each = [part.store.terms_with(prefix) for part in self._parts]
        return [term for term, _ in groupby(heapq.merge(*each))]

    def idf(self, term: str) -> float:
        """The inverse document frequency of a term, always above 0."""
        frequency = np.array([self.document_frequency(term)])
        return float(okapi_idf(frequency, self._count(), 0.0, average=0.0)[0])

    def length(self) -> int:
        """The number of terms in all chunks."""
        return sum(part.store.length() for part in self._parts)

    # ------------------------------------------------------------ inside

    def _count(self) -> int:
        return sum(part.store.facts.chunks for part in self._parts)

    def _collection(self, runs: Iterable[Terms]) -> Collection:
        count = self._count()
        frequencies = {
            run: self.document_frequency(run[0]) if len(run) == 1 else self.phrase_frequency(run)
            for run in runs
        }
        # The mean counts only for a term that more than half of the chunks have. It is above 0 anyway
        # unless most terms are that frequent, which happens with a few chunks only.
        needed = count <= SMALL or any(2 * n > count for n in frequencies.values())
        average = self._average_idf if needed else 1.0
        epsilon = self._parts[0].store.facts.recipe.bm25.epsilon
        idf = okapi_idf(np.array([*frequencies.values()], np.int64), count, epsilon, average)
        return Collection(
            self.length() / count if count else 1.0,
            dict(zip(frequencies, idf.tolist(), strict=True)),
        )

    @cached_property
    def _average_idf(self) -> float:
        """The mean plain idf of all terms."""
        frequencies = np.array([self.document_frequency(term) for term in self.terms_with("")])
        count = self._count()
        return float(plain_idf(frequencies, count).mean()) if len(frequencies) else 0.0

    def _best(self, search: Callable[[Part], Hits | None], depth: int) -> Hits:
        """The best of all parts; ties are in corpus order."""
        keys, scores = [np.empty(0, np.int64)], [np.empty(0, np.float64)]
        ids: dict[int, tuple[Part, ChunkIds]] = {}
        for part, hits in self._ask(search):
            if hits is not None:
                keys.append(hits.ids.keys + (part.number << _ROOM))
                scores.append(hits.scores)
                ids[part.number] = (part, hits.ids)
        all_keys, all_scores = np.concatenate(keys), np.concatenate(scores)
        order = np.lexsort((all_keys, -all_scores))[:depth]

        def id_of(key: int) -> str:
            part, own = ids[key >> _ROOM]
            [id_] = own.of(np.array([key & ((1 << _ROOM) - 1)]))
            return part.prefix + id_

        return Hits(ChunkIds(all_keys[order], id_of), all_scores[order])

    def _part(self, id_: str) -> Part:
        """The part that an id is of. Raises DocumentNotFound."""
        part = self._by_label.get(id_.partition("/")[0])
        if part is None or part not in self._parts or not id_.startswith(part.prefix):
            raise DocumentNotFound(f"the indexes have nothing with the id {id_!r}")
        return part

    def _by_part(self, ids: Iterable[str]) -> Iterator[tuple[Part, list[str]]]:
        """Runs of ids of one part each, as that part calls them; in the same order."""
        for part, run in groupby(((self._part(id_), id_) for id_ in ids), key=lambda pair: pair[0]):
            with self._noticing(part):
                yield part, [part.own(id_) for _, id_ in run]

    def _ask(self, ask: Callable[[Part], T]) -> Iterator[tuple[Part, T]]:
        """What each part says. A damaged one is left out, unless it is the last."""
        for part in self._parts:
            try:
                said = ask(part)
            except IndexCorrupt as error:
                self._leave_out(part, error)
                if not self._parts:
                    raise
            else:
                yield part, said

    @contextmanager
    def _noticing(self, part: Part) -> Iterator[None]:
        """Leave a part out from now on if it is damaged; this call fails."""
        try:
            yield
        except IndexCorrupt as error:
            self._leave_out(part, error)
            raise

    def _leave_out(self, part: Part, error: RagError) -> None:
        with self._lock:
            self._parts = tuple(each for each in self._parts if each is not part)
            self.failures = (*self.failures, failure(part.name, error))
            self.__dict__.pop("_average_idf", None)


def united(names: Sequence[str], open_: Callable[[int], Store]) -> Store:
    """The stores that ``open_`` opens by their number, as one; those that fail are named in its warnings.

    Raises what opening the first raises if none can be opened.
    """
    stores: dict[str, Store] = {}
    errors: dict[str, RagError] = {}
    for number, name in enumerate(names):
        try:
            store = open_(number)
            _check_fit(store, next(iter(stores.values()), None))
        except RagError as error:
            errors[name] = error
        else:
            stores[name] = store
    if not stores:
        raise next(iter(errors.values()))
    return UnitedStore(stores, [failure(name, error) for name, error in errors.items()])


def failure(name: str, error: RagError) -> str:
    """A warning about an index that is left out."""
    advice = f" ({error.fix})" if error.fix else ""
    return f"the index {name} is left out: {error.message}{advice}"


def _check_fit(store: Store, first: Store | None) -> None:
    """Raise IndexMismatch if the scores of two indexes cannot be compared."""
    if first is None:
        return
    one, other = first.facts.recipe, store.facts.recipe
    if (one.embedder, one.analyzer, one.bm25) != (other.embedder, other.analyzer, other.bm25):
        store.close()
        raise IndexMismatch(
            f"it was built with {other.embedder.id}, the others with {one.embedder.id}",
            fix=rebuild_open(store.facts),
        )


def _prefix(part: Part) -> str:
    return part.prefix
