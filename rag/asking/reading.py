"""One call that answers: what it has found, read and looked up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

from rag.answer import ALL, Inquiry, ReadPassage, Source, normalized
from rag.asking.models import Models
from rag.asking.session import Clock, Session
from rag.english.question import Question
from rag.protocols import Analyzer, Store
from rag.records import UNDATED, Passage, Reading, chunk_id_of
from rag.search import Plan, Query
from rag.stores.analyzer import TextAnalyzer
from rag.text.markup import masked
from rag.text.units import Unit, units_of

BATCH = 2
"""Passages read at a time under a budget: two take hardly longer than one."""
EACH = 3
"""Most passages of one article that an overview reads."""


class ReadingSession(Session):
    """The state of one call that reads what it finds. Not thread-safe, and not for a second call."""

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
        """``analyzer`` (default: that of the store's languages) is for the texts of articles."""
        super().__init__(store, models, clock, plan, stale=stale)
        self.rules = rules
        self.analyzer = analyzer or TextAnalyzer(store.facts.languages)
        self._sources: dict[str, Source] = {}
        self._units: dict[str, tuple[Unit, ...]] = {}

    # ------------------------------------------------------------ searching

    def distinct(self, query: Query, k: int) -> list[Passage]:
        """The ``k`` best passages without repeats: copies of an article would crowd out the others."""
        return list(islice(_distinct(self.passages(query, k)), k))

    def survey(self, query: Query, k: int) -> list[Passage]:
        """The ``k`` best passages, at most ``EACH`` of an article; of equal ones, the oldest."""
        chosen: dict[str, Passage] = {}
        articles: Counter[str] = Counter()
        for passage in self.passages(query, k):
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


def _distinct(passages: Iterable[Passage]) -> Iterator[Passage]:
    """The passages without those that have the words of a better one."""
    seen: set[str] = set()
    for passage in passages:
        words = normalized(passage.text)
        if words not in seen:
            seen.add(words)
            yield passage
