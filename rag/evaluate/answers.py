"""Measures answers, citations and abstentions.

Each question is answered once, at any confidence. The threshold is applied afterwards, in the same way
as ``ask`` does, so one pass shows the result for every threshold.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from statistics import fmean, median
from typing import Final

from rag.asking.retriever import Retriever
from rag.errors import DatasetInvalid, InvalidArgument
from rag.evaluate.datasets import Example, QuestionSet
from rag.evaluate.metrics import exact_match, f1, holds, separation
from rag.evaluate.retrieval import sampled
from rag.protocols import Progress
from rag.records import Answer, Citation, Filters, IndexInfo, Record

CURVE: Final = (
    0.0,
    0.02,
    0.04,
    0.05,
    0.06,
    0.075,
    0.1,
    0.2,
    0.3,
    0.4,
    0.5,
    0.6,
    0.7,
    0.8,
    0.9,
    0.95,
)
"""The thresholds of the report's curve."""


@dataclass(frozen=True, slots=True)
class Judgement(Record):
    """One question and its result. ``given`` is the answer without a threshold."""

    id: str
    question: str
    answers: tuple[str, ...]
    sources: tuple[str, ...]
    answered: bool
    confidence: float
    given: str | None
    quote: str | None
    cited: str | None
    """The document of the first citation."""
    exact_match: float
    f1: float
    answer_hit: bool
    quote_hit: bool
    source_hit: bool | None
    """None if the set names no source."""
    given_hit: bool
    """Whether ``given`` is right, whatever its confidence."""
    citations: int
    valid_citations: int

    @property
    def answerable(self) -> bool:
        """Whether any answer is accepted."""
        return bool(self.answers)


@dataclass(frozen=True, slots=True)
class CurvePoint(Record):
    """The result for one threshold, as fractions of 1."""

    threshold: float
    coverage: float
    """The share of all questions that are answered."""
    accuracy: float | None
    """The share of answers that are right; None if there are no answers."""
    declined_answerable: float | None
    declined_unanswerable: float | None


@dataclass(frozen=True, slots=True)
class AnswersReport(Record):
    """The output of ``rag eval answers --json``."""

    dataset: str
    threshold: float
    metrics: Mapping[str, float | None]
    """Fractions of 1; None if the set has no question to measure."""
    curve: tuple[CurvePoint, ...]
    latency_ms: Mapping[str, float]
    """The median of each stage."""
    index: IndexInfo
    questions: tuple[Judgement, ...]


def evaluate_answers(
    retriever: Retriever,
    dataset: QuestionSet,
    *,
    threshold: float,
    passages: int | None = None,
    oracle: bool = False,
    sample: int | None = None,
    as_of: dt.date | str | None = None,
    progress: Progress | None = None,
) -> AnswersReport:
    """Ask every question of a set, or a random ``sample`` of them.

    ``threshold`` is the least confidence of an answer. ``oracle`` answers each question only from its
    first source, to measure reading without search. ``as_of`` is the reference day for "the latest" and
    similar words.

    Raises DatasetInvalid for a source that is not in the index, InvalidArgument for ``oracle`` without
    sources.
    """
    questions = _sample(dataset, sample)
    _check_sources(questions, {document.doc_id for document in retriever.documents()})
    if oracle and not all(question.sources for question in questions):
        raise InvalidArgument("--oracle needs a source for every question, as in a SQuAD file")
    progress = progress or (lambda *_: None)
    judged: list[Judgement] = []
    times: dict[str, list[float]] = {}
    for done, question in enumerate(questions):
        progress("ask", done, len(questions))
        filters = Filters(path=_glob(question.sources[0])) if oracle else None
        answer = retriever.ask(
            question.text,
            passages=passages,
            filters=filters,
            min_confidence=0.0,
            as_of=as_of,
        )
        for stage, duration in answer.timings_ms.items():
            times.setdefault(stage, []).append(duration)
        judged.append(_judge(question, answer, threshold, lambda c: is_valid(c, retriever)))
    progress("ask", len(questions), len(questions))
    return AnswersReport(
        dataset=dataset.name,
        threshold=threshold,
        metrics=_metrics(judged),
        curve=tuple(curve_point(judged, at) for at in CURVE),
        latency_ms={stage: round(median(durations), 2) for stage, durations in times.items()},
        index=retriever.info,
        questions=tuple(judged),
    )


def is_valid(citation: Citation, retriever: Retriever) -> bool:
    """Whether the source is unchanged, has the quote at its offsets, and the quote contains the answer."""
    document = retriever.document(citation.doc_id)
    return (
        document.text[citation.start : citation.end] == citation.quote
        and citation.start <= citation.answer_start < citation.answer_end <= citation.end
        and citation.state == "current"
    )


def _judge(
    question: Example, answer: Answer, threshold: float, valid: Callable[[Citation], bool]
) -> Judgement:
    first = answer.citations[0] if answer.citations else None
    answered = answer.answer is not None and answer.confidence >= threshold
    text = answer.answer or "" if answered else ""
    quote = first.quote if first and answered else ""
    cited = [*answer.citations, *(c for other in answer.alternatives for c in other.citations)]
    return Judgement(
        id=question.id,
        question=question.text,
        answers=question.answers,
        sources=question.sources,
        answered=answered,
        confidence=answer.confidence,
        given=answer.answer,
        quote=first.quote if first else None,
        cited=first.doc_id if first else None,
        exact_match=exact_match(text, question.answers),
        f1=f1(text, question.answers),
        answer_hit=holds(text, question.answers),
        quote_hit=holds(quote, question.answers),
        source_hit=answered and first is not None and first.doc_id in question.sources
        if question.sources
        else None,
        given_hit=holds(answer.answer or "", question.answers),
        citations=len(cited),
        valid_citations=sum(map(valid, cited)),
    )


def _metrics(judged: Sequence[Judgement]) -> dict[str, float | None]:
    """Exact match and F1 as SQuAD 2.0 defines them, and shares of answerable questions.

    Exact match and F1 count all questions: to decline an unanswerable question is right. Hits and sources
    count answerable questions only: a declined one is a miss.
    """
    answerable = [j for j in judged if j.answerable]
    declined = [j for j in judged if not j.answered]
    return {
        "exact_match": _mean([j.exact_match for j in judged]),
        "f1": _mean([j.f1 for j in judged]),
        "answer_hit": _mean([j.answer_hit for j in answerable]),
        "quote_hit": _mean([j.quote_hit for j in answerable]),
        "source": _mean([j.source_hit for j in answerable if j.source_hit is not None]),
        "citation_validity": _ratio(
            sum(j.valid_citations for j in judged), sum(j.citations for j in judged)
        ),
        "abstention_precision": _mean([not j.answerable for j in declined]),
        "abstention_recall": _mean([not j.answered for j in judged if not j.answerable]),
        "coverage": _mean([j.answered for j in judged]),
        "declined_answerable": _mean([not j.answered for j in answerable]),
        "auc": separation([j.confidence for j in judged], [j.answerable for j in judged]),
    }


def curve_point(judged: Sequence[Judgement], threshold: float) -> CurvePoint:
    """The result for another threshold."""

    def declined(judgement: Judgement) -> bool:
        return judgement.given is None or judgement.confidence < threshold

    return CurvePoint(
        threshold=threshold,
        coverage=fmean(not declined(j) for j in judged),
        accuracy=_mean([j.given_hit for j in judged if not declined(j)]),
        declined_answerable=_mean([declined(j) for j in judged if j.answerable]),
        declined_unanswerable=_mean([declined(j) for j in judged if not j.answerable]),
    )


def coverage_accuracy(judged: Sequence[Judgement]) -> list[tuple[float, float]]:
    """Coverage and accuracy at the confidence of each question, highest confidence first."""
    answers = sorted((j for j in judged if j.given is not None), key=lambda j: -j.confidence)
    right = accumulate(j.given_hit for j in answers)
    points = {
        j.confidence: (count / len(judged), hits / count)  # the last of equal ones counts them all
        for count, (j, hits) in enumerate(zip(answers, right, strict=True), 1)
    }
    return list(points.values())


def _mean(values: Sequence[float]) -> float | None:
    return fmean(values) if values else None


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _sample(dataset: QuestionSet, sample: int | None) -> list[Example]:
    numbers = {str(number): question.text for number, question in enumerate(dataset.questions)}
    return [dataset.questions[int(number)] for number in sampled(numbers, sample)]


def _check_sources(questions: Sequence[Example], indexed: set[str]) -> None:
    for question in questions:
        for source in question.sources:
            if source not in indexed:
                raise DatasetInvalid(
                    f"{question.where or question.id}: document {source!r} is not in the index",
                    fix="list the ids of all documents with: rag list",
                )


def _glob(doc_id: str) -> str:
    """A glob that matches only this document."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in doc_id)
