"""How right the answers are, how true their citations, and how well the tool knows what it cannot say.

Each question is answered once, however unsure the answer; the threshold is applied afterwards, as
``ask`` would, so that one pass shows what every threshold would have given.
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
"""Thresholds at which the report shows what would be answered."""


@dataclass(frozen=True, slots=True)
class Judgement(Record):
    """One question and what became of it. ``given`` is what would be answered without a threshold."""

    id: str
    question: str
    answers: tuple[str, ...]
    sources: tuple[str, ...]
    answered: bool
    confidence: float
    given: str | None
    quote: str | None
    cited: str | None
    """The first citation's document."""
    exact_match: float
    f1: float
    answer_hit: bool
    quote_hit: bool
    source_hit: bool | None
    """None where the set names no source."""
    given_hit: bool
    """Whether ``given`` is right, were it answered at any confidence."""
    citations: int
    valid_citations: int

    @property
    def answerable(self) -> bool:
        """Whether any answer is accepted."""
        return bool(self.answers)


@dataclass(frozen=True, slots=True)
class CurvePoint(Record):
    """What a threshold would give, as fractions of 1."""

    threshold: float
    coverage: float
    """Questions answered, of all."""
    accuracy: float | None
    """Right answers, of those given; None where none is."""
    declined_answerable: float | None
    declined_unanswerable: float | None


@dataclass(frozen=True, slots=True)
class AnswersReport(Record):
    """What ``rag eval answers --json`` prints."""

    dataset: str
    threshold: float
    metrics: Mapping[str, float | None]
    """Fractions of 1; None where no question of the set can tell."""
    curve: tuple[CurvePoint, ...]
    latency_ms: Mapping[str, float]
    """Medians, by stage."""
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

    ``threshold`` is the least confidence of an answer; ``oracle`` lets each question be answered from
    its own sources only, to measure reading apart from search; ``as_of`` is the day from which "the latest"
    and the like count. Raises DatasetInvalid for a source that
    the index does not hold, InvalidArgument for ``oracle`` without sources.
    """
    questions = _chosen(dataset, sample)
    _refuse_unknown(questions, {document.doc_id for document in retriever.documents()})
    if oracle and not all(question.sources for question in questions):
        raise InvalidArgument("--oracle needs a source for every question, as in a SQuAD file")
    progress = progress or (lambda *_: None)
    judged: list[Judgement] = []
    times: dict[str, list[float]] = {}
    for done, question in enumerate(questions):
        progress("ask", done, len(questions))
        filters = Filters(path=_only(question.sources)) if oracle else None
        answer = retriever.ask(
            question.text,
            passages=passages,
            filters=filters,
            min_confidence=0.0,
            as_of=as_of,
        )
        for stage, spent in answer.timings_ms.items():
            times.setdefault(stage, []).append(spent)
        judged.append(_judge(question, answer, threshold, lambda c: is_valid(c, retriever)))
    progress("ask", len(questions), len(questions))
    return AnswersReport(
        dataset=dataset.name,
        threshold=threshold,
        metrics=_metrics(judged),
        curve=tuple(curve_point(judged, at) for at in CURVE),
        latency_ms={stage: round(median(spent), 2) for stage, spent in times.items()},
        index=retriever.info,
        questions=tuple(judged),
    )


def is_valid(citation: Citation, retriever: Retriever) -> bool:
    """Whether a citation's offsets hold its quote, around its answer, in a source that is unchanged."""
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
    given = answer.answer or "" if answered else ""
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
        exact_match=exact_match(given, question.answers),
        f1=f1(given, question.answers),
        answer_hit=holds(given, question.answers),
        quote_hit=holds(quote, question.answers),
        source_hit=answered and first is not None and first.doc_id in question.sources
        if question.sources
        else None,
        given_hit=holds(answer.answer or "", question.answers),
        citations=len(cited),
        valid_citations=sum(map(valid, cited)),
    )


def _metrics(judged: Sequence[Judgement]) -> dict[str, float | None]:
    """Exact match and F1 over all questions, as SQuAD 2.0 has them: right is also to decline rightly.

    Hits and sources are shares of the answerable questions, so one that is declined is missed.
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
    """What would have been answered at another threshold, and how rightly."""

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
    """Coverage and accuracy at the confidence of each question, the surest first: one pass for all."""
    given = sorted((j for j in judged if j.given is not None), key=lambda j: -j.confidence)
    right = accumulate(j.given_hit for j in given)
    points = {
        j.confidence: (count / len(judged), hits / count)  # of equals, the last counts all
        for count, (j, hits) in enumerate(zip(given, right, strict=True), 1)
    }
    return list(points.values())


def _mean(values: Sequence[float]) -> float | None:
    return fmean(values) if values else None


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _chosen(dataset: QuestionSet, sample: int | None) -> list[Example]:
    numbers = {str(number): question.text for number, question in enumerate(dataset.questions)}
    return [dataset.questions[int(number)] for number in sampled(numbers, sample)]


def _refuse_unknown(questions: Sequence[Example], known: set[str]) -> None:
    for question in questions:
        for source in question.sources:
            if source not in known:
                raise DatasetInvalid(
                    f"{question.where or question.id}: the articles hold no document {source!r}",
                    fix="see the ids of all documents with: rag list",
                )


def _only(sources: Sequence[str]) -> str:
    """A glob that fits the first of these documents and nothing else."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in sources[0])
