"""The step at which a question was lost: search, reading, choosing or declining.

A question passes the steps in this order. An answer that is right passes all of them, wherever it stands;
of a wrong one, the passages and the candidates that the answer shows say where it was lost:

``not found``         no passage that the search handed to the reader is a right one
``found, not read``   one was, but neither the answer nor an alternative is from it
``another passage``   an alternative is from it, but the answer is not
``another sentence``  the answer is from it, but the answer's quotes lack the accepted words
``other words``       a quote has the accepted words, but the answer does not
``declined``          the answer is right, but declined
``right``             the answer is right, and given

A right passage is from an accepted source and holds an accepted answer. If no paragraph of a source holds
an accepted answer, because the source words it otherwise, all its passages are right; if the set names no
sources, all passages that hold an accepted answer are right. An unanswerable question is ``declined`` or
``answered``.

What is right depends on the shape of the question:

a fact (also if the set gives no shape)   the answer holds an accepted one as whole words
``list``                                  it does, or it holds every item of an accepted one, in any order
``why how what yesno overview``           the answer or one of its quotes holds an accepted one
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Literal

from rag.english.enumerations import items
from rag.evaluate.datasets import Example
from rag.evaluate.metrics import holds, normalised
from rag.records import Alternative, Answer, Citation, Document, Passage

Lost = Literal[
    "not found",
    "found, not read",
    "another passage",
    "another sentence",
    "other words",
    "declined",
]
Step = Lost | Literal["right", "answered"]
STEPS: Final[tuple[Step, ...]] = (
    "not found",
    "found, not read",
    "another passage",
    "another sentence",
    "other words",
    "declined",
    "right",
)
"""The steps of an answerable question, in order."""

_QUOTED: Final = frozenset({"why", "how", "what", "yesno", "overview"})
"""Shapes that one or more sentences answer, so that the quote counts."""


def is_right(question: Example, text: str, citations: Sequence[Citation]) -> bool:
    """Whether an answer with these words and citations is right, as its question's shape demands."""
    if holds(text, question.answers):
        return True
    if question.shape == "list":
        return any(_has_items(text, answer) for answer in question.answers)
    return question.shape in _QUOTED and _quote_holds(citations, question.answers)


def candidates(answer: Answer) -> tuple[Alternative, ...]:
    """The candidates that an answer shows, best first: what it says or, if declined, would have said."""
    if answer.answer is None:
        return answer.alternatives
    given = Alternative(answer.answer, answer.confidence, answer.citations)
    return (given, *answer.alternatives)


def step_of(
    question: Example, answer: Answer, document: Callable[[str], Document], *, answered: bool
) -> Step:
    """The step at which a question was lost, or how it ended if it was not lost.

    ``answered`` says whether the answer passes the threshold; ``document`` returns a document by its id.
    """
    if not question.answers:
        return "answered" if answered else "declined"
    shown = candidates(answer)
    if shown and is_right(question, shown[0].answer, shown[0].citations):
        return "right" if answered else "declined"
    right = _right_passages(question, answer.passages, document)
    if not right:
        return "not found"
    if not any(_cites(candidate, right) for candidate in shown):
        return "found, not read"
    if not _cites(shown[0], right):
        return "another passage"
    quoted = _quote_holds(shown[0].citations, question.answers)
    return "other words" if quoted else "another sentence"


def _has_items(text: str, accepted: str) -> bool:
    listed = [item for item in items(accepted) if normalised(item)]
    return bool(listed) and all(holds(text, [item]) for item in listed)


def _quote_holds(citations: Sequence[Citation], accepted: Sequence[str]) -> bool:
    return any(holds(citation.quote, accepted) for citation in citations)


def _right_passages(
    question: Example, passages: Sequence[Passage], document: Callable[[str], Document]
) -> list[Passage]:
    """The passages that answer a question."""
    accepted, sources = question.answers, question.sources
    if not sources:
        return [passage for passage in passages if holds(passage.text, accepted)]
    found = {passage.doc_id for passage in passages} & set(sources)
    otherwise = {source for source in found if not _has_paragraph(document(source), accepted)}
    return [
        passage
        for passage in passages
        if passage.doc_id in otherwise
        or (passage.doc_id in found and holds(passage.text, accepted))
    ]


def _has_paragraph(document: Document, accepted: Sequence[str]) -> bool:
    return any(holds(document.text[b.start : b.end], accepted) for b in document.blocks)


def _cites(candidate: Alternative, passages: Sequence[Passage]) -> bool:
    """Whether a candidate is from one of the passages."""
    return any(
        citation.doc_id == passage.doc_id
        and citation.start < passage.end
        and passage.start < citation.end
        for citation in candidate.citations
        for passage in passages
    )
