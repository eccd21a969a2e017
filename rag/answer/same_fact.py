"""Whether two sentences answer a question about the same fact, or merely sound alike.

The capacity of a mine is not the output of its country, last year's figure is not this year's, and a
forecast is not the outcome. Only the words decide. In doubt the facts are different.
"""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from rag.answer.candidates import Inquiry
from rag.english.dates import dates_in
from rag.english.meaning import meaning
from rag.english.verbs import forms
from rag.english.words import words

SHARE: Final = 0.75
"""The share, by idf, of the question's words in one sentence that the other must have too."""
SHARE_OF_REST: Final = 0.6
"""The same for words that are not names: what was done, and to what."""
SHARE_IF_ALIKE: Final = 0.5
"""The same for two sentences with one answer, which is seldom a coincidence."""

_YEARS: Final = {
    "last year": -1,
    "previous year": -1,
    "past year": -1,
    "year ago": -1,
    "year earlier": -1,
    "year before": -1,
    "this year": 0,
    "so far this": 0,
    "next year": 1,
}
"""Years that are counted from the article's own."""
_FORECAST: Final = forms(
    "aim anticipate expect forecast hope predict project promise target".split()
) - {"project"} | frozenset(
    "budgeted could goal goals might planned projection projections would".split()
)
# Where one clause of a sentence ends and the next begins with something else.
_JOINT: Final = re.compile(
    r"[;:]\s|,? (?:but|while|whereas|which|although|against|compared|up from|down from)\b"
    r"|, (?:and|who)\b|,? and (?=(?:was|were|is|are|has|had|will|[a-z]+ed)\b)"
)


@dataclass(frozen=True)
class Assertion:
    """An answer in its sentence or row."""

    answer: str
    quote: str
    about: str
    """The context: title, heading, the sentences around it."""
    published: str | None = None
    """ISO date."""
    lead: str = ""
    """The article's first paragraph, which names its topic."""

    @property
    def year(self) -> int | None:
        """The year of publication."""
        return int(self.published[:4]) if self.published else None

    @cached_property
    def clause(self) -> str:
        """The clause around the answer, without the answer."""
        before, _, after = self.quote.partition(self.answer)
        joints = list(_JOINT.finditer(before))
        end = _JOINT.search(after)
        start = joints[-1].end() if joints else 0
        return f"{before[start:]} {after[: end.start() if end else None]}"

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The clause's words in lower case."""
        return tuple(word.low for word in words(self.clause) if word.text[0].isalpha())

    @cached_property
    def years(self) -> frozenset[int]:
        """The years that the clause names."""
        years = {date.year for date in dates_in(self.clause) if date.year}
        if self.year:
            text = f" {' '.join(self.words)} "
            years |= {self.year + n for phrase, n in _YEARS.items() if f" {phrase} " in text}
        return frozenset(years)

    @cached_property
    def is_forecast(self) -> bool:
        """Whether the clause says what may come."""
        return not _FORECAST.isdisjoint(self.words)


class SameFact:
    """Whether two assertions are about the same fact, as far as a question asks for it."""

    def __init__(self, inquiry: Inquiry) -> None:
        question = inquiry.question
        self.question = question
        self.rules = inquiry.rules
        self._analyzer = inquiry.analyzer
        self._weights = {term: max(inquiry.idf(term), 0.0) for term in question.about}
        self._names = question.names
        self._terms: dict[str, frozenset[str]] = {}

    def __call__(self, one: Assertion, other: Assertion, *, alike: bool = False) -> bool:
        """Whether both may be about the same thing at the same time; ``alike``: their answers agree."""
        rules = self.rules
        return (
            (self._as_near(one, other, alike=alike) or "near" not in rules)
            and (_same_time(one, other, alike=alike) or "time" not in rules)
        ) or "same-fact" not in rules

    def _as_near(self, one: Assertion, other: Assertion, *, alike: bool) -> bool:
        """Whether both have the same words of the question: its names, and most of the rest."""
        terms = [
            self._terms_in(f"{a.quote}\n{a.about}\n{a.lead if alike else ''}") for a in (one, other)
        ]
        less, more = sorted(terms, key=self._weight)
        if self._names & more - less:
            return False
        if alike:
            return self._weight(more & less) >= SHARE_IF_ALIKE * self._weight(more)
        rest = more - self._names
        return self._weight(more & less) >= SHARE * self._weight(more) and self._weight(
            rest & less
        ) >= SHARE_OF_REST * self._weight(rest)

    def _terms_in(self, text: str) -> frozenset[str]:
        """The question's terms in a text. Each text is analyzed once."""
        if text not in self._terms:
            self._terms[text] = frozenset(self._weights).intersection(self._analyzer(text))
        return self._terms[text]

    def _weight(self, terms: AbstractSet[str]) -> float:
        return sum(self._weights[term] for term in terms)


def _same_time(one: Assertion, other: Assertion, *, alike: bool) -> bool:
    """Whether two assertions may be about the same time, and both or neither about the future.

    A number without a year is of the article's year, or of the one before or after if the other has the
    same number. What is not a number may be true for long.
    """
    years, others = one.years, other.years
    if years and others and not years & others:
        return False
    if not (meaning(one.answer).quantities and meaning(other.answer).quantities):
        return True
    if one.is_forecast != other.is_forecast:
        return False
    if (years and others) or not years | others:
        return True
    year = (other if years else one).year
    if year is None:
        return alike
    return any(abs(named - year) <= alike for named in years | others)
