"""One question of a set, the answer given to it, and how right the answer is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rag.evaluate.datasets import Example
from rag.evaluate.metrics import exact_match, f1, holds
from rag.evaluate.steps import Step, candidates, is_right, step_of
from rag.records import Answer, Citation, Document, Record


@dataclass(frozen=True, slots=True)
class Judgement(Record):
    """One question and its result. ``given`` is the answer without a threshold."""

    id: str
    question: str
    answers: tuple[str, ...]
    sources: tuple[str, ...]
    shape: str
    step: Step
    """Where the question was lost, or how it ended if not; ``steps`` says what each step means."""
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
    """Whether ``given`` is right for the question's shape, whatever its confidence."""
    given_f1: float
    """The F1 of ``given``, whatever its confidence."""
    alternative_hit: bool
    """Whether an alternative is right."""
    citations: int
    valid_citations: int

    @property
    def answerable(self) -> bool:
        """Whether any answer is accepted."""
        return bool(self.answers)

    @property
    def right(self) -> bool:
        """Whether the outcome is right: a right answer, or a refusal where there is none."""
        return self.step == ("right" if self.answerable else "declined")


def judge(
    question: Example, answer: Answer, threshold: float, document: Callable[[str], Document]
) -> Judgement:
    """Compare an answer, which may have any confidence, with the accepted ones.

    Below the ``threshold`` it counts as declined. ``document`` returns a document by its id.
    """
    first = answer.citations[0] if answer.citations else None
    answered = answer.answer is not None and answer.confidence >= threshold
    given = answer.answer or ""
    text = given if answered else ""
    quote = first.quote if first and answered else ""
    cited = [*answer.citations, *(c for other in answer.alternatives for c in other.citations)]
    return Judgement(
        id=question.id,
        question=question.text,
        answers=question.answers,
        sources=question.sources,
        shape=question.shape,
        step=step_of(question, answer, document, answered=answered),
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
        given_hit=is_right(question, given, answer.citations),
        given_f1=f1(given, question.answers),
        alternative_hit=any(
            is_right(question, other.answer, other.citations) for other in candidates(answer)[1:]
        ),
        citations=len(cited),
        valid_citations=sum(is_valid(citation, document) for citation in cited),
    )


def is_valid(citation: Citation, document: Callable[[str], Document]) -> bool:
    """Whether the source is unchanged, has the quote at its offsets, and the quote contains the answer."""
    text = document(citation.doc_id).text
    return (
        text[citation.start : citation.end] == citation.quote
        and citation.start <= citation.answer_start < citation.answer_end <= citation.end
        and citation.state == "current"
    )
