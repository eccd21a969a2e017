"""The candidates for an answer: sentences, table rows and list items of the passages read."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from rag.answer.rules import ALL
from rag.english.question import Form, Question
from rag.protocols import Analyzer
from rag.records import Passage, Reading, Span
from rag.text.units import Unit


@dataclass(frozen=True)
class Inquiry:
    """A question, the index to answer it from, and the rules of answering."""

    question: Question
    analyzer: Analyzer
    idf: Callable[[str], float]
    """The idf of a term in the index."""
    rules: Collection[str] = ALL
    """Ids of the rules that are on.

    Code asks for a rule last, after everything else has said that the rule changes the outcome. A set
    that notes which rules it is asked for thus knows those that matter to a question.
    """

    @property
    def form(self) -> Form:
        """The form that the answer should have."""
        form = self.question.form
        return "phrase" if form == "passage" and "passage" not in self.rules else form

    @cached_property
    def terms(self) -> frozenset[str]:
        """The question's terms."""
        return frozenset(self.question.terms)

    def share_in(self, text: str) -> float:
        """The share of the question's terms that a text holds."""
        return len(self.terms.intersection(self.analyzer.all_terms(text))) / max(1, len(self.terms))

    def repeats_question(self, text: str) -> bool:
        """Whether a text holds no terms but the question's."""
        return self.terms.issuperset(self.analyzer(text))


@dataclass(frozen=True, slots=True)
class ReadPassage:
    """A passage, its citable units, and what the reader says about it."""

    passage: Passage
    units: tuple[Unit, ...]
    reading: Reading

    def words(self, start: int, end: int) -> str:
        """The text between two offsets of the document."""
        begin = self.passage.start
        return self.passage.text[start - begin : end - begin]

    def spans_in(self, unit: Unit) -> list[Span]:
        """The reader's spans that overlap a unit, best first, as offsets into the document."""
        begin = self.passage.start
        return [
            Span(begin + span.start, begin + span.end, span.score)
            for span in self.reading.spans
            if begin + span.start < unit.end and unit.start < begin + span.end
        ]

    def answering(self, unit: Unit) -> float:
        """The reader's probability that a unit answers: the score of its best span in it; 0 without one.

        Judge and overview both take this number from here.
        """
        return max((span.score for span in self.spans_in(unit)), default=0.0)

    def marked(self, unit: Unit) -> float | None:
        """The logit, by the reader's marks, that a unit is a sentence that answers; None without marks."""
        marks, begin = self.reading.marks, self.passage.start
        return None if marks is None else marks.sentence(unit.start - begin, unit.end - begin)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A unit that may answer, the words in it that do, and how probable the answer is."""

    read: ReadPassage
    number: int
    """The unit's index in its passage."""
    span: tuple[int, int]
    """The words that answer, inside the unit, as offsets into the document."""
    features: Mapping[str, float]
    """What counts for and against it, in natural logarithms of odds."""
    probability: float
    share: float = 1.0
    """The share of its probability that is left after all that speaks against it."""

    def keeping(self, shares: Mapping[str, float]) -> Candidate:
        """The candidate with only these shares of its probability; keys name what speaks against it."""
        logs = {name: math.log(share) for name, share in shares.items()}
        kept = math.prod(shares.values())
        return replace(
            self,
            probability=self.probability * kept,
            features={**self.features, **logs},
            share=self.share * kept,
        )

    @property
    def passage(self) -> Passage:
        """The passage around it."""
        return self.read.passage

    @property
    def unit(self) -> Unit:
        """The sentence, table row or list item."""
        return self.read.units[self.number]

    @property
    def sentence(self) -> str:
        """The text of the unit."""
        return self.read.words(self.unit.start, self.unit.end)

    @property
    def words(self) -> str:
        """The words that answer."""
        return self.read.words(*self.span)


def normalized(text: str) -> str:
    """A text without case and spacing: texts that are equal in this form have the same words.

    >>> normalized("The  PIER is longer")
    'the pier is longer'
    """
    return " ".join(text.casefold().split())
