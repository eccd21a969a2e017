"""The retriever: the object through which users search and ask."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Self, TypeVar
from unicodedata import normalize

from rag.asking.models import Models
from rag.asking.session import Clock, Session, index_info, never, read_query
from rag.asking.warnings import foreign_note, stale, warnings
from rag.corpus.language import mostly_foreign
from rag.errors import (
    AmbiguousDocument,
    DocumentNotFound,
    IndexingError,
    IndexMismatch,
    InvalidArgument,
    UsageError,
)
from rag.files import all_absolute
from rag.indexing.status import staleness, status_of
from rag.models import entailment_reader, load_generator
from rag.protocols import Generator, Store, StoredIndex
from rag.records import (
    Answer,
    CopyGroup,
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
from rag.search import Plan
from rag.settings import Settings, absolute_store
from rag.stores import (
    failures_of,
    index_at,
    open_stores,
    parts_of,
)
from rag.stores.advice import rebuild
from rag.stores.analyzer import ANALYZER_ID

MAX_PASSAGES = 10_000
"""Most passages that one call returns."""
CHECK_EVERY = 60.0
"""Seconds between two looks at the corpus folder for changes."""

AnySession = TypeVar("AnySession", bound=Session)


class Retriever:
    """Searches and answers from one generation of an index, or of several, until ``reload``.

    Safe to use from many threads. The embedding model is loaded at the first call that needs it.

    >>> with Retriever.open("index") as retriever:  # doctest: +SKIP
    ...     retriever.ask("What price floor was agreed for NdPr?").answer
    """

    def __init__(self, indexes: Sequence[Path], settings: Settings) -> None:
        self._indexes = [index_at(folder, settings.store) for folder in indexes]
        self._settings = settings
        self._models = Models(self._indexes[0], settings)
        self._moving = threading.Lock()
        self._warning = ("", 0.0, "")  # generation, valid until, text
        # A call keeps its store to the end. The last call to finish releases the generation.
        self._opened: Store | None = self._open()

    @classmethod
    def open(
        cls,
        index: str | Path | Sequence[str | Path] | None = None,
        *,
        settings: Settings | None = None,
    ) -> Self:
        """Open the current generation of an index (None: the settings' folder), or of several.

        Several are searched as one: there is one ranking, each id begins with the name of its index, and
        each passage names its index. One that is damaged or cannot be opened is left out with a warning.

        Raises IndexNotFound, IndexCorrupt, or IndexMismatch when another version built it.
        """
        settings = settings or Settings()
        settings = replace(settings, store=absolute_store(settings.store))
        return cls(all_absolute(index or settings.index), settings)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Release the models, and the generation once running calls are done."""
        self._opened = None
        self._models.forget()

    def reload(self) -> bool:
        """Move to the current generation; True if it is a new one. Running calls keep theirs."""
        with self._moving:
            store = self._store  # raises if it is closed
            if self._newest() == self._seen:
                return False
            self._opened = self._open()
        return self._opened.facts.generation != store.facts.generation

    def load_models(self) -> None:
        """Load the models and the rules of answering now, so that no question waits for them.

        Raises what loading a model raises.
        """
        import rag.asking.pipeline  # noqa: F401

        self._models.embedder(self._store)
        self._models.reader()

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

        Passages that hold a ``"phrase"`` of the query rank higher. They must have every ``+word`` and no
        ``-word``; ``rag.search.query`` has the syntax. With ``rerank``, the reader's relevance counts for
        the first twenty. Raises InvalidArgument for a query that is empty or only excludes, or an
        impossible ``k``, and what loading the models raises (lexical search needs none).
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
        abandoned: Callable[[], bool] = never,
    ) -> SearchResult:
        """Like ``search``, with timings, warnings and the index. ``abandoned`` is as in ``ask``."""
        plan = self._plan(mode, fusion, filters, rerank)
        k = self._settings.limit if k is None else k
        _check_k(k)
        session = self._session(Session, plan, abandoned)
        with session.clock("total"):
            parsed = read_query(query, session)
            passages = session.find(parsed, k)
        return SearchResult(
            query,
            tuple(passages),
            session.clock.milliseconds,
            session.info,
            warnings(
                session,
                passages,
                notes=(*parsed.notes, *foreign_note(session, foreign=mostly_foreign(query))),
            ),
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
        abandoned: Callable[[], bool] = never,
    ) -> Answer:
        """The answer in the articles' own words, cited; or an abstention that says why.

        A ``generator`` (default: the settings' ``llm``, if any) rewrites the answer. Each sentence that
        its sources support goes to ``tell``, the others to ``rejected``. If none is supported, or the
        generator fails, which is logged as a warning, the answer in the articles' words stands.

        At most ``passages`` passages are read, and fewer if ``budget_ms`` milliseconds are up (0: no
        limit). The question has the syntax of ``search`` and raises the same errors. What it says about
        publication ("articles since October", "the latest on …") becomes a filter, unless ``filters``
        have dates; ``as_of`` (a date or ISO date, None for today) is the day to count from.

        Between its stages, the call asks whether it is ``abandoned``, and raises Abandoned if so.
        """
        # Imported here, since a search needs nothing of answering: it would take 0.15 s longer to begin.
        from rag.asking.pipeline import answer, nearest, understand
        from rag.asking.reading import ReadingSession
        from rag.english.requests import asks_for_more, is_courtesy

        if is_courtesy(question) or asks_for_more(question):
            return self.ask_back(question)
        threshold = self._settings.min_confidence if min_confidence is None else min_confidence
        if not 0 <= threshold <= 1:
            raise InvalidArgument(f"min_confidence: {threshold} is not between 0 and 1")
        budget = self._settings.budget_ms if budget_ms is None else budget_ms
        if type(budget) is not int or budget < 0:
            raise InvalidArgument(f"budget_ms: {budget!r} is not a whole number of milliseconds")
        k = self._settings.passages if passages is None else passages
        _check_k(k)
        named = self._settings.llm
        writer = generator or (
            load_generator(named, self._settings.llm_base_url, self._settings.llm_seconds)
            if named
            else None
        )
        # Reading for the answer does what reranking would do.
        plan = self._plan(mode, fusion, filters, rerank=False)
        session = self._session(ReadingSession, plan, abandoned)
        with session.clock("total"):
            request = understand(question.strip(), session.store, filters, as_of)
            session.plan = replace(session.plan, filters=request.filters)
            passages_to_read = nearest(session, request, k)
            extracted = answer(session, request, passages_to_read, threshold, budget)
            if writer is None:
                return extracted
            from rag.asking.generate import Writing, write  # few questions need it

            checker = entailment_reader(self._models.reader())
            return write(
                extracted,
                session,
                Writing(
                    writer, checker, self._settings.llm_chars, self._settings.llm_seconds, tell
                ),
            )

    def ask_back(self, text: str) -> Answer:
        """The abstention for a text that asks nothing or does not say what about; no search is made."""
        from rag.asking.pipeline import asked_back

        session = self._session(Session, self._plan(None, None, None, rerank=False))
        return asked_back(session, text.strip())

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
        _check_k(k)
        session = self._session(Session, self._plan(mode, fusion, filters, rerank))
        parsed = read_query(query, session)
        with session.clock("total"):
            documents = session.find_documents(parsed, k)
        return DocumentRanking(query, tuple(documents), session.clock.milliseconds, session.info)

    # ------------------------------------------------------------ documents

    def documents(self) -> list[DocumentInfo]:
        """All documents of the index, in the order of their ids."""
        return list(self._store.documents())

    def document(self, doc_id: str) -> Document:
        """A document by its id, or by a beginning of its id that no other document shares.

        The id of a copy leads to it too. "é" may be one character or two. Raises
        DocumentNotFound or AmbiguousDocument.
        """
        store = self._store
        with suppress(DocumentNotFound):
            return store.document(doc_id)
        typed = normalize("NFC", doc_id)
        ids = {
            normalize("NFC", each): info.doc_id
            for info in store.documents()
            for each in (info.doc_id, *info.copies)
        }
        if typed in ids:
            return store.document(ids[typed])
        begun = (own for each, own in ids.items() if each.startswith(typed))
        matches = list(dict.fromkeys(begun))
        if not matches or not doc_id:
            raise DocumentNotFound(
                f"no document's id begins with {doc_id!r}", fix="see them all with: rag list"
            )
        if len(matches) > 1:
            raise AmbiguousDocument(
                f"{doc_id!r} fits {len(matches)} documents: {', '.join(matches[:5])}"
                + (", …" if len(matches) > 5 else ""),
                fix="give more of the id",
            )
        return store.document(matches[0])

    def copies(self) -> list[CopyGroup]:
        """The documents that are copies of one another, in groups; see ``rag.records.copies``."""
        from rag.asking.copies import copy_groups

        return list(copy_groups(self._store))

    @property
    def info(self) -> IndexInfo:
        """The index and the models in use now."""
        return index_info(self._store, self._models)

    def staleness(self) -> Staleness:
        """How the corpus folder differs from the index now. Raises UsageError if there are several."""
        return staleness(self._only())

    def status(self) -> IndexStatus:
        """What the index holds, its models, its size, and how the corpus folder differs from it.

        Raises UsageError if there are several.
        """
        return status_of(self._only(), self._models.reader_id)

    def warnings(self) -> tuple[str, ...]:
        """How the folders of articles differ from the index now, and which indexes do not answer."""
        return tuple(filter(None, (self._stale(self._store), *self.left_out)))

    @property
    def left_out(self) -> tuple[str, ...]:
        """Warnings about the indexes, out of several, that do not answer."""
        return failures_of(self._store)

    def statuses(self) -> list[IndexStatus]:
        """The status of each index that answers."""
        return [status_of(part, self._models.reader_id) for part in parts_of(self._store).values()]

    # ------------------------------------------------------------ inside

    @property
    def _store(self) -> Store:
        store = self._opened
        if store is None:
            raise UsageError("this retriever is closed", fix="open another one")
        return store

    def _only(self) -> Store:
        """The only store."""
        if len(self._indexes) > 1:
            raise UsageError("there are several indexes", fix="open the one that is meant")
        return self._store

    def _open(self) -> Store:
        # Read before opening, so that a build that ends in between is noticed later.
        self._seen = self._newest()
        return open_stores(self._indexes, _open_fitting)

    def _newest(self) -> list[str | None]:
        """The generation that each index has now; None for one that has none."""
        return [_generation(index) for index in self._indexes]

    def _plan(
        self,
        mode: Mode | None,
        fusion: Fusion | None,
        filters: Filters | None,
        rerank: bool | None,
    ) -> Plan:
        settings = self._settings
        if filters is not None and not isinstance(filters, Filters):
            raise InvalidArgument(f"filters: {filters!r} should be rag.Filters")
        return Plan(
            mode or settings.mode,
            fusion or settings.fusion,
            settings.lexical_weight,
            filters,
            settings.rerank if rerank is None else rerank,
        )

    def _session(
        self, kind: type[AnySession], plan: Plan, abandoned: Callable[[], bool] = never
    ) -> AnySession:
        store = self._store
        return kind(store, self._models, Clock(abandoned), plan, stale=self._stale(store))

    def _stale(self, store: Store) -> str:
        """The warning about the corpus folder, which is looked at once a minute and not at every call."""
        generation, now = store.facts.generation, time.monotonic()
        known, until, warning = self._warning
        if known != generation or now > until:
            changes = [
                f"{name}: {change}" if name else change
                for name, part in parts_of(store).items()
                if (change := stale(staleness(part)))
            ]
            warning = "; ".join(changes)
            self._warning = (generation, now + CHECK_EVERY, warning)
        return warning


def _open_fitting(index: StoredIndex) -> Store:
    """An index that was built with the analyzer of this version. Raises IndexMismatch for another one."""
    store = index.open()
    stored = store.facts.recipe.analyzer
    if stored != ANALYZER_ID:
        raise IndexMismatch(
            f"{index.folder} was built with the analyzer {stored}, this version has {ANALYZER_ID}",
            fix=rebuild(index),
        )
    return store


def _generation(index: StoredIndex) -> str | None:
    try:
        return index.generation()
    except IndexingError:
        return None


def _check_k(k: object) -> None:
    if type(k) is not int or not 1 <= k <= MAX_PASSAGES:
        raise InvalidArgument(f"k: {k!r} is not a whole number from 1 to {MAX_PASSAGES}")
