"""Whether two sentences answer a question about the same fact, or merely sound alike.

The capacity of a mine is not the output of its country, last year's figure is not this year's, a forecast
is not the outcome, and the price for adults is not the price for children. Only the words decide. In doubt
the facts are different.
"""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Final

from rag.answer.candidates import Inquiry
from rag.english.canonical import form
from rag.english.dates import dates_in
from rag.english.lexicon import DIRECTIONS, MONTHS, PARTS_OF_DAY
from rag.english.names import compatible
from rag.english.predicates import agents
from rag.english.verbs import SAYING, forms
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
_KINDS: Final = (
    *(
        frozenset(kinds.split())
        for kinds in (
            "adult adults child children student students pupil pupils senior seniors pensioners",
            "men women boys girls male female",
            "import imports imported export exports exported",
            "minimum maximum lowest highest average median",
            "monthly yearly annual annually daily weekly quarterly",
            "first second third fourth fifth",
            "domestic foreign global worldwide national regional local",
            "gross net",
            "dead killed died injured hurt wounded missing",
            "capacity output production reserves resources demand consumption sales stock",
        )
    ),
    DIRECTIONS,
    frozenset(PARTS_OF_DAY),
    frozenset(MONTHS) - {"may"},
)
"""Sets of words of which only one can be true of a thing."""
_OTHER: Final = frozenset(
    "half smaller larger bigger older younger newer other another previous earlier former similar separate"
    " deputy vice assistant acting neighbouring neighboring rival second".split()
)
"""Before a word of the question, these mean another one of its kind."""
_SPEECH: Final = forms(SAYING | {"accord", "expect", "find", "show"})
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
        return _words(self.clause)

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

    @cached_property
    def agents(self) -> list[tuple[str, str]]:
        """The names that do something in the sentence, each with its verb."""
        return agents(self.quote)


class SameFact:
    """Whether two assertions are about the same fact, as far as a question asks for it."""

    def __init__(self, inquiry: Inquiry) -> None:
        question = inquiry.question
        self.question = question
        self.rules = inquiry.rules
        self._analyzer = inquiry.analyzer
        self._words = frozenset(word.lower() for word in question.words)
        self._weights = {term: max(inquiry.idf(term), 0.0) for term in question.about}
        self._names = question.names
        self._terms: dict[str, frozenset[str]] = {}

    def __call__(self, one: Assertion, other: Assertion, *, alike: bool = False) -> bool:
        """Whether both may be about the same thing at the same time; ``alike``: their answers agree."""
        rules = self.rules
        return (
            (self._as_near(one, other, alike=alike) or "near" not in rules)
            and (_same_time(one, other, alike=alike) or "time" not in rules)
            and (not _of_two_kinds(one, other) or "kinds" not in rules)
            and (not self._of_another(one, other) or "another" not in rules)
            and (not self._of_another(other, one) or "another" not in rules)
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

    def _of_another(self, one: Assertion, other: Assertion) -> bool:
        """Whether one is about somebody or something that neither question nor ``other`` names."""
        around = f"{other.quote} {other.about} {self.question.text}".lower()
        for name, verb in one.agents:
            speaks = verb in _SPEECH or compatible(name, one.answer)
            if not speaks and name.lower() not in around:
                return True
        return bool(self._others(one.quote) - self._others(other.quote))

    def _others(self, quote: str) -> frozenset[str]:
        """The words of a sentence that mean another thing than the question's."""
        return frozenset(
            word
            for word, following in pairwise(_words(quote))
            if word in _OTHER - self._words
            and self._weights.keys() & set(self._analyzer(following))
        )


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.low for word in words(text) if word.text[0].isalpha())


def _of_two_kinds(one: Assertion, other: Assertion) -> bool:
    """Whether each says which kind of thing it means, and the kinds differ."""
    a, b = frozenset(one.words), frozenset(other.words)
    return any(a & kinds and b & kinds and not a & b & kinds for kinds in _KINDS)


def _same_time(one: Assertion, other: Assertion, *, alike: bool) -> bool:
    """Whether two assertions may be about the same time, and both or neither about the future.

    A number without a year is of the article's year, or of the one before or after if the other has the
    same number. What is not a number may be true for long.
    """
    years, others = one.years, other.years
    if years and others and not years & others:
        return False
    if not (form(one.answer).quantities and form(other.answer).quantities):
        return True
    if one.is_forecast != other.is_forecast:
        return False
    if (years and others) or not years | others:
        return True
    year = (other if years else one).year
    if year is None:
        return alike
    return any(abs(named - year) <= alike for named in years | others)
