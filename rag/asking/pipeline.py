"""From a question to its answer: what it asks for; then from the passages found: read, weigh, quote, cite.

Or say why not.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from rag import answer as answering
from rag.asking.clock import Clock
from rag.asking.passages import Sources
from rag.protocols import Analyzer, Reader, StanceReader
from rag.records import Answer, Contribution, Filters, IndexInfo, Passage, Reading
from rag.search import Publication, Query, day_of, parse, read_publication
from rag.stores.local import LocalStore

BATCH = 2
"""Passages read at a time where time is short: one more is hardly slower than one."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, what was found for it, and what its answer must keep to."""

    question: str
    query: Query
    passages: Sequence[Passage]
    """Best first."""
    min_confidence: float
    filters: Filters | None = None
    budget_ms: int = 0
    """For the whole call; 0 is as long as it takes."""
    publication: Publication | None = None
    """What the question itself says of when articles were published; among the filters."""
    rules: Collection[str] = answering.ALL


def taken_apart(
    store: LocalStore,
    analyzer: Analyzer,
    question: str,
    filters: Filters | None,
    as_of: dt.date | str | None,
) -> tuple[Query, Filters | None, Publication | None]:
    """What to search for, the filters in force, and what of them the question's wording asks for.

    Nothing is read from it where dates are given. Raises InvalidArgument as ``search.parse`` does, and for
    an ``as_of`` that is no date.
    """
    query, day = parse(question, analyzer), day_of(as_of)
    if filters is not None and (filters.since or filters.until):
        return query, filters, None
    publication = read_publication(
        question, day, lambda: (document.published for document in store.documents())
    )
    if publication is None:
        return query, filters, None
    return parse(publication.question, analyzer), publication.within(filters), publication


def answer(
    store: LocalStore,
    reader: Reader,
    analyzer: Analyzer,
    asked: Asked,
    clock: Clock,
    index: IndexInfo,
) -> Answer:
    """The answer in the articles' own words, cited; or an abstention that says why.

    Passages are read in order until the time is up, at least the first ones.
    """
    sources = Sources(store)
    judge = answering.Judge(analyzer, store.lexical_index.rarity, sources.units)
    text = asked.query.text
    wanted = answering.AskedFor(text, analyzer, asked.rules)
    with clock("read"):
        readings = _read(reader, asked, clock)
        read = asked.passages[: len(readings)]
        weighed = judge.weigh(wanted, read, readings)
        if isinstance(reader, StanceReader) and "confirm" in asked.rules:
            units = [sources.units(passage) for passage in read]
            weighed = answering.confirmed(reader, text, read, weighed, units)
    same_fact = answering.SameFact(text, analyzer, store.lexical_index.rarity, asked.rules)
    extraction = answering.extract(
        wanted, read, weighed, sources.units, sources.get, same_fact, asked.min_confidence
    )
    answered = bool(extraction.parts)
    joint = "; " if wanted.form == "list" else " "
    return Answer(
        question=asked.question,
        status="answered" if answered else "abstained",
        answer=joint.join(part.text for part in extraction.parts) if answered else None,
        confidence=extraction.confidence,
        reason=None if answered else _why_not(store, analyzer, asked, extraction.confidence),
        citations=extraction.citations,
        parts=extraction.parts,
        alternatives=extraction.alternatives,
        passages=_as_read(asked.passages, readings),
        timings_ms=clock.milliseconds,
        index=index,
        filters=asked.filters,
        inferred=asked.publication.filters if asked.publication else None,
        inferred_from=asked.publication.wording if asked.publication else "",
        read=len(read),
        evidence=extraction.evidence,
        support=extraction.support,
        disagreement=extraction.disagreement,
    )


def _as_read(passages: Sequence[Passage], readings: Sequence[Reading]) -> tuple[Passage, ...]:
    """The passages, those that were read with what the reader says of their relevance."""
    by_relevance = sorted(range(len(readings)), key=lambda n: -readings[n].relevance)
    ranks = {n: rank for rank, n in enumerate(by_relevance, 1)}
    told = [
        replace(
            passages[n],
            contributions={
                **passages[n].contributions,
                "reader": Contribution(ranks[n], reading.relevance, answering.RELEVANCE),
            },
        )
        for n, reading in enumerate(readings)
    ]
    return (*told, *passages[len(readings) :])


def _read(reader: Reader, asked: Asked, clock: Clock) -> list[Reading]:
    """Readings of the first passages: of all, or of as many as the budget leaves time for."""
    if not asked.budget_ms:
        return reader.read(asked.query.text, asked.passages)
    readings: list[Reading] = []
    while len(readings) < len(asked.passages):
        begun = clock.elapsed
        batch = asked.passages[len(readings) : len(readings) + BATCH]
        readings += reader.read(asked.query.text, batch)
        if clock.elapsed + (clock.elapsed - begun) > asked.budget_ms:  # the next would take as long
            break
    return readings


def _why_not(store: LocalStore, analyzer: Analyzer, asked: Asked, confidence: float) -> str:
    query, holding = asked.query, store.lexical_index.frequency
    known = [
        name
        for name in answering.names_in(query.text)
        if all(holding(term) for term in analyzer(name))
    ]
    word = answering.rarest_word(query.text, analyzer, holding)
    reason = answering.why_not(
        query.text,
        confidence,
        asked.min_confidence,
        found=bool(asked.passages),
        filtered=bool(asked.filters),
        narrowed=bool(query.required or query.excluded),
        unknown=answering.unknown_words(query.text, analyzer, holding),
        known=known or ([f"“{word}”"] if word else []),
    )
    if asked.publication and not asked.passages:
        return f"{reason} (“{asked.publication.wording}” is read as one)"
    return reason
