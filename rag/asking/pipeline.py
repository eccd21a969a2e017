"""From a question to its answer: understand, find, read, extract; or say why there is none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.answer import RELEVANCE, ReadPassage, extract, mentioned, why_not
from rag.asking.session import Session
from rag.asking.warnings import warnings
from rag.english.question import Question, rarest_word, read_question, unknown_words
from rag.protocols import Analyzer, Store
from rag.records import Answer, Contribution, Filters, Passage
from rag.search import Query, parse, read_day, read_publication


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it was typed, what it asks for, and what is searched for it."""

    typed: str
    question: Question
    query: Query
    filters: Filters | None
    """All that are in force, those that the question itself names among them."""


def understood(
    typed: str,
    store: Store,
    analyzer: Analyzer,
    filters: Filters | None = None,
    as_of: dt.date | str | None = None,
    *,
    read_dates: bool = True,
) -> Asked:
    """Take a question apart, once.

    What it says of publication is a filter, unless ``filters`` give dates or ``read_dates`` is false.
    Raises InvalidArgument as ``search.parse`` does, and for an ``as_of`` that is no date.
    """
    query, day = parse(typed, analyzer), read_day(as_of)
    given = filters is not None and bool(filters.since or filters.until)
    publication = (
        None
        if given or not read_dates
        else read_publication(typed, day, lambda: (d.published for d in store.documents()))
    )
    if publication is None:
        return Asked(typed, read_question(query.text, analyzer), query, filters)
    query = parse(publication.question, analyzer)
    question = replace(
        read_question(query.text, analyzer),
        filters=publication.filters,
        filters_from=publication.wording,
    )
    return Asked(typed, question, query, publication.within(filters))


def answer(
    session: Session,
    asked: Asked,
    passages: Sequence[Passage],
    min_confidence: float,
    budget_ms: int = 0,
) -> Answer:
    """The answer in the articles' own words, cited; or an abstention that says why.

    ``passages`` come best first and are read in order until ``budget_ms`` are spent, at least the first.
    """
    question = asked.question
    read = session.read(question, passages, budget_ms)
    with session.clock("answer"):
        extraction = extract(
            session.inquiry(question), read, session.models.reader(), session.source, min_confidence
        )
    answered = bool(extraction.parts)
    joint = "; " if question.form == "list" else " "
    return Answer(
        question=asked.typed,
        status="answered" if answered else "abstained",
        answer=joint.join(part.text for part in extraction.parts) if answered else None,
        confidence=extraction.confidence,
        reason=None
        if answered
        else _why_not(session, asked, passages, extraction.confidence, min_confidence),
        citations=extraction.citations,
        parts=extraction.parts,
        alternatives=extraction.alternatives,
        passages=_as_read(passages, read),
        timings_ms=session.clock.milliseconds,
        warnings=warnings(session, asked.typed, passages, extraction.citations),
        index=session.info,
        filters=asked.filters,
        inferred=question.filters,
        inferred_from=question.filters_from,
        read=len(read),
        evidence=extraction.evidence,
        support=extraction.support,
        disagreement=extraction.disagreement,
    )


def _as_read(passages: Sequence[Passage], read: Sequence[ReadPassage]) -> tuple[Passage, ...]:
    """The passages, those that were read with what the reader says of their relevance."""
    relevance = [each.reading.relevance for each in read]
    by_relevance = sorted(range(len(read)), key=lambda n: -relevance[n])
    ranks = {n: rank for rank, n in enumerate(by_relevance, 1)}
    told = [
        replace(
            passages[n],
            contributions={
                **passages[n].contributions,
                "reader": Contribution(ranks[n], own, RELEVANCE),
            },
        )
        for n, own in enumerate(relevance)
    ]
    return (*told, *passages[len(read) :])


def _why_not(
    session: Session,
    asked: Asked,
    passages: Sequence[Passage],
    confidence: float,
    min_confidence: float,
) -> str:
    question, query, analyzer = asked.question, asked.query, session.models.analyzer
    frequency = session.store.document_frequency
    known = mentioned(question.text, [f"{p.title}\n{p.text}" for p in passages])
    word = rarest_word(question, analyzer, frequency)
    reason = why_not(
        question.text,
        confidence,
        min_confidence,
        found=bool(passages),
        filtered=bool(asked.filters),
        narrowed=bool(query.required or query.excluded),
        unknown=unknown_words(question, analyzer, frequency),
        known=known or ([f"“{word}”"] if word else []),
    )
    if question.filters and not passages:
        return f"{reason} (“{question.filters_from}” is read as one)"
    return reason
