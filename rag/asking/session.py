"""One call that searches: the generation it works on, how it searches, and how long it takes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from rag.asking.models import Models
from rag.asking.warnings import respelling_notes
from rag.corpus.language import mostly_foreign
from rag.errors import Abandoned, InvalidArgument
from rag.protocols import Store
from rag.records import IndexInfo, Passage, document_of
from rag.search import (
    CANDIDATES,
    RERANKED,
    Fused,
    Plan,
    Query,
    QuestionAnalyzer,
    parse,
    rerank,
    respelled,
    retrieve,
)
from rag.stores import index_of
from rag.stores.analyzer import TextAnalyzer
from rag.text.markup import shown

if TYPE_CHECKING:
    from rag.records.base import FloatArray


def never() -> bool:
    """The default for whether a call is abandoned."""
    return False


class Clock:
    """Adds up how long each stage of one call takes, in milliseconds.

    ``abandoned`` is asked before each stage. If it returns True, the stage raises Abandoned.
    """

    def __init__(self, abandoned: Callable[[], bool] = never) -> None:
        self.milliseconds: dict[str, float] = {}
        self._abandoned = abandoned
        self._start = time.perf_counter()

    @property
    def elapsed(self) -> float:
        """Milliseconds since the call began."""
        return (time.perf_counter() - self._start) * 1000

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Add the time spent within to a stage."""
        if self._abandoned():
            raise Abandoned("the caller no longer wants the result")
        start = time.perf_counter()
        try:
            yield
        finally:
            spent = (time.perf_counter() - start) * 1000
            self.milliseconds[stage] = round(self.milliseconds.get(stage, 0.0) + spent, 2)


class Session:
    """The state of one call. Not thread-safe, and not for a second call."""

    def __init__(
        self,
        store: Store,
        models: Models,
        clock: Clock,
        plan: Plan,
        *,
        stale: str = "",
    ) -> None:
        """``stale`` is the warning about articles that have changed since the index was built."""
        self.store = store
        self.models = models
        self.clock = clock
        self.plan = plan
        self.stale = stale
        self._vectors: dict[str, FloatArray] = {}

    @property
    def info(self) -> IndexInfo:
        """The index and the models in use."""
        return index_info(self.store, self.models)

    def find(self, query: Query, k: int) -> list[Passage]:
        """The ``k`` best passages."""
        return list(islice(self.passages(query, k), k))

    def find_documents(self, query: Query, k: int) -> list[tuple[str, float]]:
        """The ``k`` best documents, each with the score of its best passage."""
        ranked: Sequence[Fused] = []
        for depth in _deeper(max(k, 2 * CANDIDATES), self.store.facts.chunks):
            ranked = self._ranked(query, depth)
            if len({document_of(fused.chunk_id) for fused in ranked}) >= k:
                break
        best: dict[str, float] = {}
        for fused in self._reranked(query, ranked):
            best.setdefault(document_of(fused.chunk_id), fused.score)
        return list(islice(best.items(), k))

    def passages(self, query: Query, k: int) -> Iterator[Passage]:
        """All passages found, best first: at least ``k`` if so many match."""
        ranked = self._reranked(query, self._ranked(query, max(k, CANDIDATES)))
        return (passage_of(self.store, fused) for fused in ranked)

    def _ranked(self, query: Query, depth: int) -> Sequence[Fused]:
        with self.clock("search"):
            return retrieve(self.store, query, self._vector, depth, self.plan)

    def _reranked(self, query: Query, ranked: Sequence[Fused]) -> Sequence[Fused]:
        """The ranking; if the plan says so, with the reader's relevance for its first passages."""
        if not self.plan.rerank:
            return ranked
        with self.clock("rerank"):
            first = [passage_of(self.store, fused).excerpt for fused in ranked[:RERANKED]]
            readings = self.models.reader().read(query.text, first)
            return rerank(ranked, [reading.relevance for reading in readings])

    def _vector(self, text: str) -> FloatArray:
        """The vector of a query (dimension,), embedded once."""
        if text not in self._vectors:
            with self.clock("embed"):
                self._vectors[text] = self.models.embedder(self.store).embed_queries([text])[0]
        return self._vectors[text]


def read_query(typed: str, session: Session) -> Query:
    """A query to search for, with its names put right; its filters go into the session's plan.

    Raises InvalidArgument as ``search.parse`` does, and for a query without a word to look for.
    """
    analyzer = question_analyzer(session.store, typed)
    spelled, respellings = respelled(typed, analyzer, session.store)
    query = parse(spelled, analyzer)
    if not query.has_words:
        raise InvalidArgument(
            f"{typed!r} has no word to search for", fix="write words, or a question"
        )
    session.plan = replace(session.plan, filters=query.narrowed(session.plan.filters))
    return replace(query, notes=(*query.notes, *respelling_notes(respellings)))


def question_analyzer(store: Store, text: str) -> QuestionAnalyzer:
    """The analyzer for a question to a store: for each language of its documents."""
    languages = store.facts.languages
    foreign = languages != ("en",) and mostly_foreign(text)
    return QuestionAnalyzer(TextAnalyzer(languages, function_words=foreign), store)


def passage_of(store: Store, fused: Fused) -> Passage:
    """A ranked chunk with everything that users see of it."""
    [chunk] = store.chunks([fused.chunk_id])
    document = store.document(chunk.doc_id)
    heading = (
        " ".join(shown(document.text[slice(*chunk.heading)]).split()) if chunk.heading else None
    )
    return Passage(
        chunk_id=chunk.chunk_id,
        doc_id=document.doc_id,
        path=document.path,
        title=document.title,
        publisher=document.publisher,
        published=document.published,
        url=document.url,
        start=chunk.start,
        end=chunk.end,
        line=document.line(chunk.start),
        page=document.page(chunk.start),
        heading=heading,
        text=document.text[chunk.start : chunk.end],
        score=fused.score,
        contributions=fused.contributions,
        index=index_of(store, document.doc_id),
    )


def index_info(store: Store, models: Models) -> IndexInfo:
    """The index and the models in use."""
    return IndexInfo(store.facts.generation, store.facts.recipe.embedder.id, models.reader_id)


def _deeper(depth: int, enough: int) -> Iterator[int]:
    """Search depths, each twice the one before; the last is at least ``enough``."""
    while depth < enough:
        yield depth
        depth *= 2
    yield depth
