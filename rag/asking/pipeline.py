"""From a question to its answer, or to the reason why there is none."""

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
class Request:
    """A question as the user typed it, as the program understands it, and what to search for."""

    typed: str
    question: Question
    query: Query
    filters: Filters | None
    """The filters of the call and those in the question."""


def understand(
    typed: str,
    store: Store,
    analyzer: Analyzer,
    filters: Filters | None = None,
    as_of: dt.date | str | None = None,
    *,
    read_dates: bool = True,
) -> Request:
    """Parse a question.

    What it says about publication becomes a filter, unless ``filters`` have dates or ``read_dates`` is
    false. Raises InvalidArgument as ``search.parse`` does, and for an ``as_of`` that is not a date.
    """
    query, day = parse(typed, analyzer), read_day(as_of)
    has_dates = filters is not None and bool(filters.since or filters.until)
    publication = (
        None
        if has_dates or not read_dates
        else read_publication(typed, day, lambda: (d.published for d in store.documents()))
    )
    if publication is None:
        return Request(typed, read_question(query.text, analyzer), query, filters)
    query = parse(publication.question, analyzer)
    question = replace(
        read_question(query.text, analyzer),
        filters=publication.filters,
        filters_from=publication.wording,
    )
    return Request(typed, question, query, publication.within(filters))


def answer(
    session: Session,
    request: Request,
    passages: Sequence[Passage],
    min_confidence: float,
    budget_ms: int = 0,
) -> Answer:
    """The answer in the articles' own words, cited; or an abstention that says why.

    ``passages`` come best first. They are read in order until ``budget_ms`` is up, at least the first.
    """
    question = request.question
    read = session.read(question, passages, budget_ms)
    with session.clock("answer"):
        extraction = extract(
            session.inquiry(question), read, session.models.reader(), session.source, min_confidence
        )
    answered = bool(extraction.parts)
    separator = "; " if question.form == "list" else " "
    return Answer(
        question=request.typed,
        status="answered" if answered else "abstained",
        answer=separator.join(part.text for part in extraction.parts) if answered else None,
        confidence=extraction.confidence,
        reason=None
        if answered
        else _why_not(session, request, passages, extraction.confidence, min_confidence),
        citations=extraction.citations,
        parts=extraction.parts,
        alternatives=extraction.alternatives,
        passages=_as_read(passages, read),
        timings_ms=session.clock.milliseconds,
        warnings=warnings(session, request.typed, passages, extraction.citations),
        index=session.info,
        filters=request.filters,
        inferred=question.filters,
        inferred_from=question.filters_from,
        read=len(read),
        evidence=extraction.evidence,
        support=extraction.support,
        disagreement=extraction.disagreement,
    )


def asked_back(session: Session, typed: str) -> Answer:
    """An abstention that asks for a question."""
    return Answer(
        question=typed,
        status="abstained",
        answer=None,
        confidence=0.0,
        reason="this asks nothing about them; what would you like to know?",
        citations=(),
        parts=(),
        alternatives=(),
        passages=(),
        timings_ms={"total": 0.0},
        warnings=(),
        index=session.info,
    )


def _as_read(passages: Sequence[Passage], read: Sequence[ReadPassage]) -> tuple[Passage, ...]:
    """The passages, each one that was read with the reader's relevance."""
    relevance = [each.reading.relevance for each in read]
    by_relevance = sorted(range(len(read)), key=lambda n: -relevance[n])
    ranks = {n: rank for rank, n in enumerate(by_relevance, 1)}
    with_relevance = [
        replace(
            passages[n],
            contributions={
                **passages[n].contributions,
                "reader": Contribution(ranks[n], own, RELEVANCE),
            },
        )
        for n, own in enumerate(relevance)
    ]
    return (*with_relevance, *passages[len(read) :])


def _why_not(
    session: Session,
    request: Request,
    passages: Sequence[Passage],
    confidence: float,
    min_confidence: float,
) -> str:
    question, query, analyzer = request.question, request.query, session.models.analyzer
    frequency = session.store.document_frequency
    known = mentioned(question.text, [f"{p.title}\n{p.text}" for p in passages])
    word = rarest_word(question, analyzer, frequency)
    reason = why_not(
        question.text,
        confidence,
        min_confidence,
        any_passages=bool(passages),
        filtered=bool(request.filters),
        narrowed=bool(query.required or query.excluded),
        unknown=unknown_words(question, analyzer, frequency),
        known=known or ([f"“{word}”"] if word else []),
    )
    if question.filters and not passages:
        return f"{reason} (“{question.filters_from}” is read as one)"
    return reason
