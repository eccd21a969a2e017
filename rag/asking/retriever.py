"""The read path: a question → passages, or a cited answer. The object that users hold."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Self

from rag.asking.models import Models
from rag.asking.pipeline import answer, understood
from rag.asking.session import Clock, Session, index_info
from rag.asking.warnings import stale, warnings
from rag.errors import (
    AmbiguousDocument,
    DocumentNotFound,
    IndexMismatch,
    InvalidArgument,
    UsageError,
)
from rag.indexing.status import staleness, status_of
from rag.models import entailment_reader, load_generator
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
)
from rag.search import Plan, parse
from rag.settings import Settings
from rag.stores import open_store
from rag.stores.advice import rebuild

MAX_PASSAGES = 10_000
"""Most passages one call returns."""
NOTICED_FOR = 60.0
"""Seconds before the corpus folder is looked at again for what has changed."""


class Retriever:
    """Searches and answers from one generation of an index, until ``reload``.

    Safe to use from many threads. The embedding model is loaded at the first call that needs it.

    >>> with Retriever.open("index") as retriever:  # doctest: +SKIP
    ...     retriever.ask("What price floor was agreed for NdPr?").answer
    """

    def __init__(self, index: Path, settings: Settings) -> None:
        self._index = index
        self._settings = settings
        self._models = Models(index, settings)
        self._moving = threading.Lock()
        self._noticed = ("", 0.0, "")  # generation, until when it holds, what is said
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
        plan = self._plan(mode, fusion, filters, rerank)
        k = self._settings.limit if k is None else k
        _refuse_impossible(k)
        session = self._session(plan)
        with session.clock("total"):
            parsed = parse(query, self._models.analyzer)
            passages = session.find(parsed, k)
        return SearchResult(
            query,
            tuple(passages),
            session.clock.milliseconds,
            session.info,
            warnings(session, query, passages),
        )

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
        sentences is checked, handed to ``tell`` if it holds, and otherwise rejected. If none holds, or the
        generator fails, which is logged as a warning, the answer in the articles' words stands.

        ``passages`` is how many are read, at most: the rest are left once ``budget_ms`` milliseconds are
        spent, if it is not 0. The question is read as ``search`` reads a query, and raises as there;
        and what it says of publication ("articles since October", "the latest on …") is a filter as of
        the day ``as_of`` (a date or ISO date; None is today), unless ``filters`` give dates.
        """
        threshold = self._settings.min_confidence if min_confidence is None else min_confidence
        if not 0 <= threshold <= 1:
            raise InvalidArgument(f"min_confidence: {threshold} is not between 0 and 1")
        budget = self._settings.budget_ms if budget_ms is None else budget_ms
        if type(budget) is not int or budget < 0:
            raise InvalidArgument(f"budget_ms: {budget!r} is not a whole number of milliseconds")
        k = self._settings.passages if passages is None else passages
        _refuse_impossible(k)
        named = self._settings.llm
        writer = generator or (
            load_generator(named, self._settings.llm_base_url) if named else None
        )
        # Reading for the answer does what reranking would do.
        session = self._session(self._plan(mode, fusion, filters, rerank=False))
        with session.clock("total"):
            asked = understood(
                question.strip(), session.store, self._models.analyzer, filters, as_of
            )
            session.plan = replace(session.plan, filters=asked.filters)
            found = session.find(asked.query, k, distinct=True)
            extracted = answer(session, asked, found, threshold, budget)
            if writer is None:
                return extracted
            from rag.asking.generate import Writing, generated  # only an answer of a model needs it

            checker = entailment_reader(self._models.reader())
            writing = Writing(writer, checker, self._settings.llm_chars, tell)
            return generated(extracted, session, writing)

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
        session = self._session(self._plan(mode, fusion, filters, rerank))
        parsed = parse(query, self._models.analyzer)
        with session.clock("total"):
            documents = session.find_documents(parsed, k)
        return DocumentRanking(query, tuple(documents), session.clock.milliseconds, session.info)

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
        return index_info(self._store, self._models)

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
        if stored != self._models.analyzer.id:
            raise IndexMismatch(
                f"{self._index} was built with the analyzer {stored}, this version has"
                f" {self._models.analyzer.id}",
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

    def _session(self, plan: Plan) -> Session:
        store = self._store
        changes = self._stale(store)
        return Session(store, self._models, Clock(), plan, stale=changes)

    def _stale(self, store: Store) -> str:
        """What there is to say of the corpus folder; looked at anew now and then, not at every call."""
        generation, now = store.facts.generation, time.monotonic()
        known, until, notice = self._noticed
        if known != generation or now > until:
            notice = stale(staleness(store))
            self._noticed = (generation, now + NOTICED_FOR, notice)
        return notice


def _refuse_impossible(k: object) -> None:
    if type(k) is not int or not 1 <= k <= MAX_PASSAGES:
        raise InvalidArgument(f"k: {k!r} is not a whole number from 1 to {MAX_PASSAGES}")
