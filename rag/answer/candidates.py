"""What may answer: the sentences, table rows and list items of the passages that were read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

from rag.answer.rules import ALL
from rag.english.question import Form, Question
from rag.protocols import Analyzer
from rag.records import Passage, Reading, Span
from rag.text.units import Unit


@dataclass(frozen=True)
class Inquiry:
    """A question as answering holds it: beside the index that it is asked of."""

    question: Question
    analyzer: Analyzer
    idf: Callable[[str], float]
    """How much a term tells passages apart."""
    rules: Collection[str] = ALL
    """Ids of the rules that are on. Asked last, where a rule bears: ``rag.answer.rules`` says why."""

    @property
    def form(self) -> Form:
        """The form of what is asked for."""
        form = self.question.form
        return "phrase" if form == "passage" and "passage" not in self.rules else form

    @cached_property
    def terms(self) -> frozenset[str]:
        """The question's terms."""
        return frozenset(self.question.terms)

    def share_in(self, text: str) -> float:
        """The share of the question's terms that a text holds."""
        return len(self.terms.intersection(self.analyzer(text))) / max(1, len(self.terms))

    def says_only_its_own(self, text: str) -> bool:
        """Whether a text holds no term but the question's."""
        return self.terms.issuperset(self.analyzer(text))


@dataclass(frozen=True, slots=True)
class ReadPassage:
    """A passage, what can be cited of it, and what the reader said of it."""

    passage: Passage
    units: tuple[Unit, ...]
    reading: Reading

    def words(self, start: int, end: int) -> str:
        """What stands between two offsets of the document."""
        begin = self.passage.start
        return self.passage.text[start - begin : end - begin]

    def spans_in(self, unit: Unit) -> list[Span]:
        """The reader's spans that lie in a unit, in part at least, best first; offsets of the document."""
        begin = self.passage.start
        return [
            Span(begin + span.start, begin + span.end, span.score)
            for span in self.reading.spans
            if begin + span.start < unit.end and unit.start < begin + span.end
        ]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A unit of a passage that may answer, the words of it that do, and how probably."""

    read: ReadPassage
    number: int
    """Of the unit in its passage."""
    span: tuple[int, int]
    """Of the words that answer, within the unit: offsets of the document."""
    features: Mapping[str, float]
    """What speaks for it and against it, each in natural logarithms of odds."""
    probability: float

    @property
    def passage(self) -> Passage:
        """The passage that it stands in."""
        return self.read.passage

    @property
    def unit(self) -> Unit:
        """The sentence, table row or list item."""
        return self.read.units[self.number]

    @property
    def sentence(self) -> str:
        """The words of the unit."""
        return self.read.words(self.unit.start, self.unit.end)

    @property
    def words(self) -> str:
        """The words that answer."""
        return self.read.words(*self.span)


def wording(text: str) -> str:
    """What two texts share if they say the same in the same words, however set.

    >>> wording("The  PIER is longer")
    'the pier is longer'
    """
    return " ".join(text.casefold().split())
