"""The read path: a question → passages, or a cited answer. The object that users hold."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Self

from rag.asking.clock import Clock
from rag.asking.models import Models
from rag.asking.passages import distinct_passages, passage_of
from rag.asking.pipeline import Asked, answer, taken_apart
from rag.errors import (
    AmbiguousDocument,
    DocumentNotFound,
    IndexMismatch,
    InvalidArgument,
    UsageError,
)
from rag.indexing.status import staleness, status_of
from rag.models import load_generator, stance_reader
from rag.protocols import Generator, Store
from rag.records import (
    Answer,
    Document,
    DocumentInfo,
    DocumentRanking,
    Filters,
    Fusion,
    IndexInfo,
    IndexStatus,
    Mode,
    Passage,
    SearchResult,
    Staleness,
    document_of,
)
from rag.search import CANDIDATES, RERANKED, Fused, Plan, Query, parse, rerank, retrieve
from rag.settings import Settings
from rag.stores import open_store
from rag.stores.advice import rebuild
from rag.stores.analyzer import EnglishAnalyzer

if TYPE_CHECKING:
    from rag.records.base import FloatArray

MAX_PASSAGES = 10_000
"""Most passages one call returns."""


class Retriever:
    """Searches and answers from one generation of an index, until ``reload``.

    Safe to use from many threads. The embedding model is loaded at the first call that needs it.

    >>> with Retriever.open("index") as retriever:  # doctest: +SKIP
    ...     retriever.ask("What price floor was agreed for NdPr?").answer
    """

    def __init__(self, index: Path, settings: Settings) -> None:
        self._index = index
        self._settings = settings
        self._analyzer = EnglishAnalyzer()
        self._models = Models(index, settings)
        self._moving = threading.Lock()
        # A call keeps the store that it began with; the last to be done lets go of its generation.
        self._opened: Store | None = self._open()

    @classmethod
    def open(cls, index: str | Path | None = None, *, settings: Settings | None = None) -> Self:
        """Open the current generation of an index.

        Raises IndexNotFound, IndexCorrupt, or IndexMismatch when another version built it.
        """
        settings = settings or Settings()
        # Absolute, so that a later change of the working folder does not lead to another index.
        return cls(Path(index or settings.index).expanduser().absolute(), settings)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the generation, once calls under way are done, and of the models."""
        self._opened = None
        self._models.forget()

    def reload(self) -> bool:
        """Move to the current generation; True if it is another one. Calls under way keep theirs."""
        with self._moving:
            before, opened = self._store.facts.generation, self._open()
            self._opened = opened
        return opened.facts.generation != before

    # ------------------------------------------------------------ questions

    def search(
        self,
        query: str,
        k: int | None = None,
        *,
        mode: Mode | None = None,
        fusion: Fusion | None = None,
        filters: Filters | None = None,
        rerank: bool | None = None,
    ) -> list[Passage]:
        """The ``k`` best passages for a query, best first; fewer only if fewer match.

        ``"a phrase"`` in the query counts for passages that hold it, ``+word`` must be held, ``-word`` must
        not; ``rag.search.query`` says how it is read. ``rerank`` lets the reader weigh in on the first
        twenty. Raises InvalidArgument for a query that is empty or only excludes, or an impossible ``k``,
        and what loading the models raises (a lexical search needs none).
        """
        result = self.search_result(
            query, k, mode=mode, fusion=fusion, filters=filters, rerank=rerank
        )
        return list(result.passages)

    def search_result(
        self,
        query: str,
        k: int | None = None,
        *,
        mode: Mode | None = None,
        fusion: Fusion | None = None,
        filters: Filters | None = None,
        rerank: bool | None = None,
    ) -> SearchResult:
        """Like ``search``, with timings and the index that served it."""
        store, clock = self._store, Clock()
        plan = self._plan(mode, fusion, filters, rerank)
        with clock("total"):
            parsed = parse(query, self._analyzer)
            k = self._settings.limit if k is None else k
            passages = self._find(store, parsed, k, plan, clock)
        return SearchResult(query, tuple(passages), clock.milliseconds, self._info(store))

    def ask(
        self,
        question: str,
        *,
        passages: int | None = None,
        mode: Mode | None = None,
        fusion: Fusion | None = None,
        filters: Filters | None = None,
        min_confidence: float | None = None,
        budget_ms: int | None = None,
        as_of: dt.date | str | None = None,
        generator: Generator | None = None,
        tell: Callable[[str], None] = lambda _: None,
    ) -> Answer:
        """The answer in the articles' own words, cited; or an abstention that says why.

        A ``generator`` (default: the settings' ``llm``, if they name one) writes it anew, and each of its
        sentences is checked, handed to ``tell`` if it holds, and otherwise struck. If none holds, or the
        generator fails, which is logged as a warning, the answer in the articles' words stands.

        ``passages`` is how many are read, at most: the rest are left once ``budget_ms`` milliseconds are
        spent, if it is not 0. The question is read as ``search`` reads a query, and raises as there;
        and what it says of publication ("articles since October", "the latest on …") is a filter as of
        the day ``as_of`` (a date or ISO date; None is today), unless ``filters`` give dates.
        """
        store, clock = self._store, Clock()
        threshold = self._settings.min_confidence if min_confidence is None else min_confidence
        if not 0 <= threshold <= 1:
            raise InvalidArgument(f"min_confidence: {threshold} is not between 0 and 1")
        budget = self._settings.budget_ms if budget_ms is None else budget_ms
        if type(budget) is not int or budget < 0:
            raise InvalidArgument(f"budget_ms: {budget!r} is not a whole number of milliseconds")
        named = self._settings.llm
        writer = generator or (
            load_generator(named, self._settings.llm_base_url) if named else None
        )
        # Reading for the answer does what reranking would do.
        plan = self._plan(mode, fusion, filters, rerank=False)
        with clock("total"):
            question = question.strip()
            query, filters, publication = taken_apart(
                store, self._analyzer, question, filters, as_of
            )
            plan = replace(plan, filters=filters)
            k = self._settings.passages if passages is None else passages
            found = self._find(store, query, k, plan, clock, distinct=True)
            asked = Asked(question, query, tuple(found), threshold, filters, budget, publication)
            extracted = answer(
                store, self._models.reader(), self._analyzer, asked, clock, self._info(store)
            )
            if writer is None:
                return extracted
            from rag.asking.generate import Writing, generated  # only an answer of a model needs it

            writing = Writing(
                writer, stance_reader(self._models.reader()), self._settings.llm_chars, tell
            )
            return generated(extracted, store, self._analyzer, writing, clock)

    def rank_documents(
        self,
        query: str,
        k: int = 100,
        *,
        mode: Mode | None = None,
        fusion: Fusion | None = None,
        filters: Filters | None = None,
        rerank: bool | None = None,
    ) -> DocumentRanking:
        """The ``k`` best documents for a query, each as good as its best passage, best first.

        Raises as ``search`` does.
        """
        _refuse_impossible(k)
        store, clock = self._store, Clock()
        plan, parsed = self._plan(mode, fusion, filters, rerank), parse(query, self._analyzer)
        with clock("total"):
            embed = self._embed(store, clock)
            ranked: Sequence[Fused] = []
            for depth in _deeper(max(k, 2 * CANDIDATES), store.facts.chunks):
                ranked = self._retrieved(store, embed, parsed, depth, plan, clock)
                if len({document_of(fused.chunk_id) for fused in ranked}) >= k:
                    break
            best: dict[str, float] = {}
            for fused in self._reranked(store, parsed, ranked, plan, clock):
                best.setdefault(document_of(fused.chunk_id), fused.score)
        documents = tuple(islice(best.items(), k))
        return DocumentRanking(query, documents, clock.milliseconds, self._info(store))

    # ------------------------------------------------------------ documents

    def documents(self) -> list[DocumentInfo]:
        """All documents of the index, in the order of their ids."""
        return list(self._store.documents())

    def document(self, doc_id: str) -> Document:
        """A document by its id, or by any beginning of it that no other document shares.

        Raises DocumentNotFound or AmbiguousDocument.
        """
        store = self._store
        with suppress(DocumentNotFound):
            return store.document(doc_id)
        fitting = [info.doc_id for info in store.documents() if info.doc_id.startswith(doc_id)]
        if not fitting or not doc_id:
            raise DocumentNotFound(
                f"no document's id begins with {doc_id!r}", fix="see them all with: rag list"
            )
        if len(fitting) > 1:
            raise AmbiguousDocument(
                f"{doc_id!r} fits {len(fitting)} documents: {', '.join(fitting[:5])}"
                + (", …" if len(fitting) > 5 else ""),
                fix="give more of the id",
            )
        return store.document(fitting[0])

    @property
    def info(self) -> IndexInfo:
        """Which index and which models serve now."""
        return self._info(self._store)

    def staleness(self) -> Staleness:
        """How the corpus folder differs from the index now."""
        return staleness(self._store)

    def status(self) -> IndexStatus:
        """What is indexed, by which model, how large, and how stale against the corpus folder."""
        return status_of(self._store, self._models.reader_id)

    # ------------------------------------------------------------ inside

    @property
    def _store(self) -> Store:
        opened = self._opened
        if opened is None:
            raise UsageError("this retriever is closed", fix="open another one")
        return opened

    def _open(self) -> Store:
        store = open_store(self._index)
        stored = store.facts.recipe.analyzer
        if stored != self._analyzer.id:
            raise IndexMismatch(
                f"{self._index} was built with the analyzer {stored}, this version has"
                f" {self._analyzer.id}",
                fix=rebuild(self._index),
            )
        return store

    def _plan(
        self,
        mode: Mode | None,
        fusion: Fusion | None,
        filters: Filters | None,
        rerank: bool | None,
    ) -> Plan:
        given = self._settings
        if filters is not None and not isinstance(filters, Filters):
            raise InvalidArgument(f"filters: {filters!r} should be rag.Filters")
        return Plan(
            mode or given.mode,
            fusion or given.fusion,
            given.lexical_weight,
            filters,
            given.rerank if rerank is None else rerank,
        )

    def _find(
        self,
        store: Store,
        query: Query,
        k: int,
        plan: Plan,
        clock: Clock,
        *,
        distinct: bool = False,
    ) -> list[Passage]:
        """The ``k`` best passages; ``distinct`` leaves out those whose words another one has."""
        _refuse_impossible(k)
        depth = max(k, CANDIDATES)
        ranked = self._retrieved(store, self._embed(store, clock), query, depth, plan, clock)
        ranked = self._reranked(store, query, ranked, plan, clock)
        passages = (passage_of(store, fused) for fused in ranked)
        return list(islice(distinct_passages(passages) if distinct else passages, k))

    def _embed(self, store: Store, clock: Clock) -> Callable[[str], FloatArray]:
        """What embeds a query when it is first needed, and remembers it for a deeper search."""

        @cache
        def embed(text: str) -> FloatArray:
            with clock("embed"):
                vector: FloatArray = self._models.embedder(store).embed_queries([text])[0]
                return vector

        return embed

    def _retrieved(
        self,
        store: Store,
        embed: Callable[[str], FloatArray],
        query: Query,
        depth: int,
        plan: Plan,
        clock: Clock,
    ) -> Sequence[Fused]:
        with clock("search"):
            return retrieve(store, query, embed, depth, plan)

    def _reranked(
        self, store: Store, query: Query, ranked: Sequence[Fused], plan: Plan, clock: Clock
    ) -> Sequence[Fused]:
        """The ranking as it is, or by the reader's word on its first passages if the plan asks for it."""
        if not plan.rerank:
            return ranked
        with clock("rerank"):
            first = [passage_of(store, fused) for fused in ranked[:RERANKED]]
            readings = self._models.reader().read(query.text, first)
            return rerank(ranked, [reading.relevance for reading in readings])

    def _info(self, store: Store) -> IndexInfo:
        facts = store.facts
        return IndexInfo(facts.generation, facts.recipe.embedder.id, self._models.reader_id)


def _refuse_impossible(k: object) -> None:
    if type(k) is not int or not 1 <= k <= MAX_PASSAGES:
        raise InvalidArgument(f"k: {k!r} is not a whole number from 1 to {MAX_PASSAGES}")


def _deeper(depth: int, enough: int) -> Iterator[int]:
    """Depths to search to, each twice the last; the first that is ``enough`` ends them."""
    while depth < enough:
        yield depth
        depth *= 2
    yield depth
