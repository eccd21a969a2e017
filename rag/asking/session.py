"""One call: the generation it works on, how it searches, what it has read, and how long it takes."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from rag.answer import ALL, Inquiry, ReadPassage, Source, normalized
from rag.asking.models import Models
from rag.corpus.language import mostly_foreign
from rag.english.question import Question
from rag.errors import Abandoned
from rag.protocols import Analyzer, Store
from rag.records import UNDATED, IndexInfo, Passage, Reading, chunk_id_of, document_of
from rag.search import (
    CANDIDATES,
    RERANKED,
    Fused,
    Plan,
    Query,
    QuestionAnalyzer,
    rerank,
    retrieve,
)
from rag.stores import index_of
from rag.stores.analyzer import TextAnalyzer
from rag.text.markup import masked, shown
from rag.text.units import Unit, units_of

if TYPE_CHECKING:
    from rag.records.base import FloatArray

BATCH = 2
"""Passages read at a time under a budget: two take hardly longer than one."""
EACH = 3
"""Most passages of one article that an overview reads."""


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
        rules: Collection[str] = ALL,
        analyzer: Analyzer | None = None,
    ) -> None:
        """``stale`` is the warning about articles that have changed since the index was built.

        ``analyzer`` (default: that of the store's languages) is for the texts of articles.
        """
        self.store = store
        self.models = models
        self.clock = clock
        self.plan = plan
        self.stale = stale
        self.rules = rules
        self.analyzer = analyzer or TextAnalyzer(store.facts.languages)
        self._sources: dict[str, Source] = {}
        self._units: dict[str, tuple[Unit, ...]] = {}
        self._vectors: dict[str, FloatArray] = {}

    @property
    def info(self) -> IndexInfo:
        """The index and the models in use."""
        return index_info(self.store, self.models)

    # ------------------------------------------------------------ searching

    def find(self, query: Query, k: int, *, distinct: bool = False) -> list[Passage]:
        """The ``k`` best passages; ``distinct`` leaves out those with the words of a better one."""
        ranked = self._reranked(query, self._ranked(query, max(k, CANDIDATES)))
        passages = (passage_of(self.store, fused) for fused in ranked)
        return list(islice(_distinct(passages) if distinct else passages, k))

    def survey(self, query: Query, k: int) -> list[Passage]:
        """The ``k`` best passages, at most ``EACH`` of an article; of equal ones, the oldest."""
        ranked = self._reranked(query, self._ranked(query, max(k, CANDIDATES)))
        chosen: dict[str, Passage] = {}
        articles: Counter[str] = Counter()
        for fused in ranked:
            passage = passage_of(self.store, fused)
            words = normalized(passage.text)
            other = chosen.get(words)
            if other is not None:
                if (passage.published or UNDATED) < (other.published or UNDATED):
                    chosen[words] = passage
            elif articles[passage.doc_id] < EACH:
                chosen[words] = passage
                articles[passage.doc_id] += 1
            if len(chosen) == k:
                break
        return list(chosen.values())

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

    # ------------------------------------------------------------ reading

    def inquiry(self, question: Question) -> Inquiry:
        """The question with the index to answer it from."""
        return Inquiry(question, self.analyzer, self.store.idf, self.rules)

    def read(
        self, question: Question, passages: Sequence[Passage], budget_ms: int = 0
    ) -> list[ReadPassage]:
        """What the reader says about the passages, as many as the budget leaves time for.

        ``budget_ms`` is for the whole call; 0 means no limit.
        """
        masks = [self._masked(passage) for passage in passages]
        with self.clock("read"):
            readings = self._readings(question.text, masks, budget_ms)
        return [
            ReadPassage(passage, self.units(passage), reading)
            for passage, reading in zip(masks, readings, strict=False)
        ]

    def headlines(self, passages: Sequence[Passage]) -> list[Passage]:
        """The titles and headings of some passages, where their articles' texts have them, as passages."""
        by_chunk: dict[str, Passage] = {}
        for passage in passages:
            document = self.source(passage.doc_id).document
            for block in document.blocks:
                text = document.text[block.start : block.end]
                names_it = block.kind == "title" or " ".join(text.split()) == passage.heading
                if block.kind in {"title", "heading"} and names_it:
                    chunk_id = chunk_id_of(document.doc_id, block.start, block.end)
                    by_chunk[chunk_id] = replace(
                        passage,
                        chunk_id=chunk_id,
                        start=block.start,
                        end=block.end,
                        line=document.line(block.start),
                        page=document.page(block.start),
                        heading=None,
                        text=text,
                    )
        return list(by_chunk.values())

    def unread(self, passages: Sequence[Passage]) -> list[ReadPassage]:
        """The passages with their units, as if the reader had found nothing in them."""
        masks = map(self._masked, passages)
        return [ReadPassage(each, self.units(each), Reading(0.0, ())) for each in masks]

    def _masked(self, passage: Passage) -> Passage:
        """The passage with its markup hidden, so that no one reads it as words; offsets stay."""
        text = self.source(passage.doc_id).document.text
        return replace(passage, text=masked(text)[passage.start : passage.end])

    def _readings(
        self, question: str, passages: Sequence[Passage], budget_ms: int
    ) -> list[Reading]:
        reader, excerpts = self.models.reader(), [passage.excerpt for passage in passages]
        if not budget_ms:
            return reader.read(question, excerpts)
        readings: list[Reading] = []
        while len(readings) < len(excerpts):
            start = self.clock.elapsed
            readings += reader.read(question, excerpts[len(readings) : len(readings) + BATCH])
            # The next batch would take as long.
            if self.clock.elapsed + (self.clock.elapsed - start) > budget_ms:
                break
        return readings

    # ------------------------------------------------------------ citing

    def source(self, doc_id: str) -> Source:
        """A document with its file."""
        if doc_id not in self._sources:
            source = self.store.source(doc_id)
            self._sources[doc_id] = Source(
                self.store.document(doc_id),
                Path(source.path),
                source.sha256,
                is_file=not source.container,
            )
        return self._sources[doc_id]

    def units(self, passage: Passage) -> tuple[Unit, ...]:
        """The citable units of a passage."""
        if passage.chunk_id not in self._units:
            document = self.source(passage.doc_id).document
            self._units[passage.chunk_id] = tuple(units_of(document, passage))
        return self._units[passage.chunk_id]


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


def _distinct(passages: Iterable[Passage]) -> Iterator[Passage]:
    """The passages without repeats: copies of an article would crowd out the others."""
    seen: set[str] = set()
    for passage in passages:
        words = normalized(passage.text)
        if words not in seen:
            seen.add(words)
            yield passage


def _deeper(depth: int, enough: int) -> Iterator[int]:
    """Search depths, each twice the one before; the last is at least ``enough``."""
    while depth < enough:
        yield depth
        depth *= 2
    yield depth
