"""Measures answers, citations and abstentions.

Each question is answered once, at any confidence. The threshold is applied afterwards, in the same way
as ``ask`` does, so one pass shows the result for every threshold.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from statistics import fmean, median
from typing import Final

from rag.asking.retriever import Retriever
from rag.errors import DatasetInvalid, InvalidArgument
from rag.evaluate.datasets import Example, QuestionSet
from rag.evaluate.judgement import Judgement, judge
from rag.evaluate.metrics import separation
from rag.evaluate.steps import STEPS, Step
from rag.protocols import Progress
from rag.records import Filters, IndexInfo, Record

CURVE: Final = (
    0.0,
    0.02,
    0.04,
    0.05,
    0.06,
    0.075,
    0.09,
    0.1,
    0.15,
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


Metrics = Mapping[str, float | Mapping[Step, float] | None]
"""Fractions of 1, by measure; None if the set has no question to measure."""


@dataclass(frozen=True, slots=True)
class FunnelStep(Record):
    """The answerable questions that ended at one step."""

    step: Step
    questions: int
    share: float
    """Of the answerable questions."""
    left: float
    """The share of the answerable questions that passed this step; at the last, those that are right."""
    answered: int
    """How many of them got an answer all the same; at all steps but the last, a wrong one."""
    alternative: int
    """How many of them have a right alternative: choosing better would have won them."""
    f1: float | None
    """The mean F1 of their answers, whatever the confidence; None if there are no questions."""


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
    right: int
    """How many answers are right."""
    wrong: int
    """How many answers are wrong, those to unanswerable questions among them."""


@dataclass(frozen=True, slots=True)
class AnswersReport(Record):
    """The output of ``rag eval answers --json``."""

    dataset: str
    threshold: float
    metrics: Metrics
    funnel: tuple[FunnelStep, ...]
    """Where the answerable questions ended, step by step; empty if there are none."""
    shapes: Mapping[str, Mapping[Step, int]]
    """By shape of question, as far as the set tells it: how many answerable ones ended at each step."""
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
    questions = dataset.sample(sample)
    documents = {own: d.doc_id for d in retriever.documents() for own in (d.doc_id, *d.copies)}
    _check_sources(questions, set(documents))
    questions = tuple(
        replace(q, sources=tuple(documents[source] for source in q.sources)) for q in questions
    )
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
            filters=filters,
            min_confidence=0.0,
            as_of=as_of,
        )
        for stage, duration in answer.timings_ms.items():
            times.setdefault(stage, []).append(duration)
        judged.append(judge(question, answer, threshold, retriever.document))
    progress("ask", len(questions), len(questions))
    return AnswersReport(
        dataset=dataset.name,
        threshold=threshold,
        metrics=_metrics(judged),
        funnel=funnel(judged),
        shapes=_by_shape(judged),
        curve=tuple(curve_point(judged, at) for at in CURVE),
        latency_ms={stage: round(median(durations), 2) for stage, durations in times.items()},
        index=retriever.info,
        questions=tuple(judged),
    )


def _metrics(judged: Sequence[Judgement]) -> Metrics:
    """Exact match and F1 as SQuAD 2.0 defines them, and shares of answerable questions.

    Exact match and F1 count all questions: to decline an unanswerable question is right. Hits and sources
    count answerable questions only: a declined one is a miss.
    """
    answerable = [j for j in judged if j.answerable]
    declined = [j for j in judged if not j.answered]
    ended = ended_at(judged)
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
        "precision": _mean([j.given_hit for j in judged if j.answered]),
        "steps": {step: count / len(answerable) for step, count in ended.items() if answerable},
    }


def ended_at(judged: Sequence[Judgement]) -> dict[Step, int]:
    """How many of the answerable questions ended at each step, in order."""
    counts = Counter(judgement.step for judgement in judged if judgement.answerable)
    return {step: counts[step] for step in STEPS}


def funnel(judged: Sequence[Judgement]) -> tuple[FunnelStep, ...]:
    """Where the answerable questions ended, step by step; empty if there are none."""
    answerable = [j for j in judged if j.answerable]
    if not answerable:
        return ()
    rows: list[FunnelStep] = []
    left = len(answerable)
    for step in STEPS:
        ended = [j for j in answerable if j.step == step]
        left -= len(ended) if step != "right" else 0
        rows.append(
            FunnelStep(
                step=step,
                questions=len(ended),
                share=len(ended) / len(answerable),
                left=left / len(answerable),
                answered=sum(j.answered for j in ended),
                alternative=sum(j.alternative_hit for j in ended),
                f1=_mean([j.given_f1 for j in ended]),
            )
        )
    return tuple(rows)


def _by_shape(judged: Sequence[Judgement]) -> dict[str, Mapping[Step, int]]:
    shapes = sorted({j.shape for j in judged if j.answerable and j.shape})
    return {shape: ended_at([j for j in judged if j.shape == shape]) for shape in shapes}


def curve_point(judged: Sequence[Judgement], threshold: float) -> CurvePoint:
    """The result for another threshold."""

    def declined(judgement: Judgement) -> bool:
        return judgement.given is None or judgement.confidence < threshold

    given = [j.given_hit for j in judged if not declined(j)]
    return CurvePoint(
        threshold=threshold,
        coverage=len(given) / len(judged),
        accuracy=_mean(given),
        declined_answerable=_mean([declined(j) for j in judged if j.answerable]),
        declined_unanswerable=_mean([declined(j) for j in judged if not j.answerable]),
        right=sum(given),
        wrong=len(given) - sum(given),
    )


def coverage_accuracy(judged: Sequence[Judgement]) -> list[tuple[float, float]]:
    """Coverage and accuracy at the confidence of each question, highest confidence first."""
    answers = sorted((j for j in judged if j.given is not None), key=lambda j: -j.confidence)
    right = accumulate(j.given_hit for j in answers)
    points = {
        j.confidence: (count / len(judged), hits / count)  # of equals, the last counts all
        for count, (j, hits) in enumerate(zip(answers, right, strict=True), 1)
    }
    return list(points.values())


def _mean(values: Sequence[float]) -> float | None:
    return fmean(values) if values else None


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


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
