"""From a question to its answer, or to the reason why there is none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from rag.answer import (
    RELEVANCE,
    Extraction,
    ReadPassage,
    certainty,
    extract,
    fact_of_article,
    mentioned,
    nearest_sentence,
    outline,
    rarest_word,
    speaker,
    time_of_entry,
    unknown_names,
    unknown_words,
    value_of_label,
    why_not,
)
from rag.asking.notes import citation_notes, shortcomings
from rag.asking.reading import ReadingSession
from rag.asking.session import Session, question_analyzer
from rag.asking.warnings import foreign_note, respelling_notes, warnings
from rag.corpus.language import mostly_foreign
from rag.english.question import Question, is_of_kind, read_question
from rag.english.requests import of_article, reported
from rag.english.words import places
from rag.protocols import Store
from rag.records import Answer, Contribution, Filters, Passage
from rag.search import (
    Query,
    QuestionAnalyzer,
    Respelling,
    parse,
    respelled,
)
from rag.search.publication import Publication, read_day, read_publication
from rag.search.wording import as_written

NOTHING_TO_LOOK_FOR: Final = (
    "the question has no word to look for in the articles; what would you like to know?"
)
WEAK: Final = 0.3
"""Below this confidence, titles and headings are read too, if a name, a time or a number is asked for."""


@dataclass(frozen=True, slots=True)
class Request:
    """A question as the user typed it, as the program understands it, and what to search for."""

    typed: str
    question: Question
    query: Query
    analyzer: QuestionAnalyzer
    foreign: bool
    """Whether the question is in a language that the reader does not know."""
    filters: Filters | None
    """The filters of the call and those in the question."""
    publication: Publication | None
    """When the articles were published, according to the question."""
    respellings: tuple[Respelling, ...] = ()
    """Names that were typed with a slip."""


def understand(
    typed: str,
    store: Store,
    filters: Filters | None = None,
    as_of: dt.date | str | None = None,
    *,
    read_dates: bool = True,
) -> Request:
    """Parse a question.

    What it says about publication becomes a filter, unless ``filters`` have dates or ``read_dates`` is
    false. Raises InvalidArgument as ``search.parse`` does, and for an ``as_of`` that is not a date.
    """
    analyzer, foreign = question_analyzer(store, typed), mostly_foreign(typed)
    spelled, respellings = respelled(typed, analyzer, store)
    query, day = parse(spelled, analyzer), read_day(as_of)
    filters = query.narrowed(filters)
    has_dates = filters is not None and bool(filters.since or filters.until)
    publication = (
        None
        if has_dates or not read_dates
        else read_publication(spelled, day, lambda: (d.published for d in store.documents()))
    )
    if publication:
        query = parse(publication.question, analyzer)
        filters = publication.within(filters)
    question = read_question(query.text, analyzer)
    if question.form == "overview":  # search for its topic alone
        query = replace(query, text=question.text, terms=question.terms)
    return Request(typed, question, query, analyzer, foreign, filters, publication, respellings)


def nearest(session: ReadingSession, request: Request, k: int) -> list[Passage]:
    """The ``k`` passages to read; for an overview half as many again, few of each article."""
    if request.question.form == "overview":
        return session.survey(request.query, k + k // 2)
    return session.distinct(request.query, k)


def answer(
    session: ReadingSession,
    request: Request,
    passages: Sequence[Passage],
    min_confidence: float,
    budget_ms: int = 0,
) -> Answer:
    """The answer in the articles' own words, cited; or an abstention that says why.

    ``passages`` come best first. They are read in order until ``budget_ms`` is up, at least the first. A
    question in a language that the reader does not know is answered by the sentence that has most of its
    words; one without a word to look for is answered with a question.
    """
    question = request.question
    question = replace(question, text=as_written(question.text, (p.text for p in passages)))
    by_words = request.foreign and session.models.reads_only_english
    own = _fact_of_article(session, request, passages) or _speaker(session, request, passages)
    skip = own is not None or by_words or not _has_known_words(session.store, request)
    read = [] if skip else session.read(question, passages, budget_ms)
    with session.clock("answer"):
        inquiry = session.inquiry(question)
        if own is not None:
            extraction = own
        elif by_words:
            unread = session.unread(passages)
            extraction = nearest_sentence(
                inquiry, unread, session.source, min_confidence, session.store.document_frequency
            )
        elif question.form == "overview":
            extraction = outline(inquiry, read, session.source, min_confidence)
        else:
            reader = session.models.reader()
            extraction = extract(inquiry, read, reader, session.source, min_confidence)
            states_facts = not skip and question.form == "phrase" and question.kinds
            if states_facts and extraction.confidence < WEAK and "headlines" in inquiry.rules:
                more = [*read, *session.read(question, session.headlines(passages))]
                extraction = extract(inquiry, more, reader, session.source, min_confidence)
            if "time" in question.kinds and not _tells_time(extraction):
                entry = time_of_entry(inquiry, read, session.source)
                extraction = entry or extraction
            if extraction.confidence < WEAK:
                labelled = value_of_label(inquiry, session.headlines(passages), session.source)
                extraction = labelled or extraction
    answered = bool(extraction.parts)
    separator = "; " if question.form == "list" else " "
    shown = [each.doc_id for each in extraction.citations or passages[:1]]
    return Answer(
        question=request.typed,
        status="answered" if answered else "abstained",
        answer=separator.join(part.text for part in extraction.parts) if answered else None,
        confidence=extraction.confidence,
        reason=None
        if answered
        else _why_not(session, request, passages, extraction, min_confidence),
        citations=extraction.citations,
        parts=extraction.parts,
        alternatives=extraction.alternatives,
        passages=_as_read(passages, read),
        timings_ms=session.clock.milliseconds,
        warnings=warnings(
            session,
            passages,
            extraction.citations,
            notes=(
                *_notes(session, request, by_words=by_words),
                *citation_notes(session, extraction.citations),
                *shortcomings(session, shown),
            ),
        ),
        index=session.info,
        filters=request.filters,
        inferred=request.publication.filters if request.publication else None,
        inferred_from=request.publication.wording if request.publication else "",
        read=len(read),
        evidence=extraction.evidence,
        certainty=certainty(extraction.confidence) if answered else "",
        support=extraction.support,
        disagreement=extraction.disagreement,
        verdict=extraction.verdict,
    )


def _fact_of_article(
    session: ReadingSession, request: Request, passages: Sequence[Passage]
) -> Extraction | None:
    """The answer to a question about the nearest article itself; None for all other questions."""
    asked = of_article(request.question.text)
    if asked is None or not passages:
        return None
    return fact_of_article(
        session.inquiry(request.question), asked, session.source(passages[0].doc_id)
    )


def _speaker(
    session: ReadingSession, request: Request, passages: Sequence[Passage]
) -> Extraction | None:
    """Who says what a question reports, in a transcript; None for all other questions and texts."""
    said = reported(request.question.text)
    if said is None:
        return None
    inquiry = session.inquiry(request.question)
    return speaker(inquiry, said, session.unread(passages), session.source)


def _tells_time(extraction: Extraction) -> bool:
    """Whether an answer surely is a time."""
    return extraction.confidence >= WEAK and any(
        is_of_kind(part.text, {"time"}) for part in extraction.parts
    )


def _has_known_words(store: Store, request: Request) -> bool:
    """Whether there is anything to look for; bare keywords that no article has do not count."""
    question, terms = request.question, request.query.terms
    if question.form == "sentence" and question.declared is None:
        return any(map(store.document_frequency, terms))
    return bool(terms)


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


def _notes(session: ReadingSession, request: Request, *, by_words: bool) -> Iterator[str]:
    yield from request.query.notes
    yield from respelling_notes(request.respellings)
    if by_words:
        yield (
            "the question is not in English, the only language that the reader knows; the answer is the"
            " whole sentence that has most of the question's words"
        )
    yield from foreign_note(session, foreign=request.foreign)


def _as_read(passages: Sequence[Passage], read: Sequence[ReadPassage]) -> tuple[Passage, ...]:
    """The passages; those that were read also have the reader's relevance."""
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
    session: ReadingSession,
    request: Request,
    passages: Sequence[Passage],
    extraction: Extraction,
    min_confidence: float,
) -> str:
    question, query, analyzer = request.question, request.query, request.analyzer
    if not query.terms:
        return NOTHING_TO_LOOK_FOR
    frequency, lacking = session.store.document_frequency, extraction.lacking
    texts = [f"{passage.title}\n{passage.text}" for passage in passages]
    word = rarest_word(question, analyzer, frequency)
    # The rarest word was counted by its stem, which another word may share.
    rarest = [word] if word and any(places(word, text, cased=False) for text in texts) else []
    unknown = unknown_names(lacking.names, analyzer, frequency) if lacking else []
    reason = why_not(
        extraction.confidence,
        min_confidence,
        any_passages=bool(passages),
        filtered=bool(request.filters),
        narrowed=bool(query.required or query.excluded),
        unknown=unknown or unknown_words(question, analyzer, frequency),
        lacking=lacking,
        known=mentioned(question.named, texts) or rarest,
    )
    if request.publication and not passages:
        return f"{reason} (“{request.publication.wording}” is read as one)"
    return reason
