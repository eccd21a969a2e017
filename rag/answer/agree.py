"""Whether two answers say the same or contradict each other, and whether they are about the same fact.

In doubt, none of this holds. Two answers contradict each other only if they are of one kind and neither
is a part of the other: two numbers of one measure, two dates, or two names where only one can be right. The
capacity of a mine is not the output of its country, last year's figure is not this year's, a forecast is
not the outcome, and the price for adults is not the price for children: only the words tell these apart.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise, permutations, takewhile
from typing import Final, NamedTuple, TypeVar

from rag.answer.candidates import Inquiry
from rag.answer.contrasts import of_two_kinds, words_in
from rag.english.clauses import around
from rag.english.dates import dates_in
from rag.english.enumerations import items
from rag.english.names import BODIES, COMPANY_FORMS, PLACES, compatible, names, same
from rag.english.quantities import apart, same_quantity
from rag.english.question import Question
from rag.english.statements import Meaning, meaning
from rag.english.verbs import forms
from rag.english.words import words

_MOST_ITEMS: Final = 6
_LONGEST: Final = 12
"""Most words of a phrase. Longer answers are sentences and say the same only in the same words."""
_DESCRIBES: Final = frozenset("in at from near by with which who that".split())
"""A comma or one of these words begins a description of the name before it: "in California"."""
_BETWEEN: Final = frozenset(("of", "for", "and", "the", "on", "'", "'s"))
_JOINED: Final = str.maketrans("’(&-", "'   ")
"""What may separate two parts of one name: words, and signs read as spaces."""
_KINDS: Final = (
    BODIES | COMPANY_FORMS | PLACES | frozenset("facility firm plant project site".split())
)
"""Nouns for the kind of thing that bears a name: "the Mountain Pass mine" is Mountain Pass."""


def says_the_same(one: str, other: str) -> bool:
    """Whether two answers say the same, however they are written.

    >>> says_the_same("seventeen", "17"), says_the_same("15–20%", "15 to 20 percent")
    (True, True)
    >>> says_the_same("President Donald Trump", "Trump"), says_the_same("Bank of Japan", "Japan")
    (True, False)
    """
    if one.casefold().split() == other.casefold().split():
        return True
    a, b = meaning(one), meaning(other)
    if a.negated != b.negated or max(len(a.words), len(b.words)) > _LONGEST:
        return False
    if a.dates and b.dates and not (a.quantities and b.quantities):
        return _all_matched(a.dates, b.dates, lambda x, y: x.agrees(y))
    if a.quantities or b.quantities:
        return _all_matched(a.quantities, b.quantities, same_quantity)
    if a.dates or b.dates:
        return False
    return _same_thing(one, other) or _same_list(one, other)


def differs(one: str, other: str, question: Question) -> bool:
    """Whether two answers to a question contradict each other.

    Names do so only if the question has a single answer: who holds an office ("who is the mayor"), or who
    did what is done only once ("who built it"). Answers about several things, a cause or a manner never do.

    >>> from rag.english.question import read_question
    >>> count = read_question("How many people were hurt?", str.split)
    >>> differs("12 people", "Fifteen people", count)
    True
    >>> differs("the Greens", "Labour", read_question("Who supports the plan?", str.split))
    False
    """
    if question.form != "phrase" or says_the_same(one, other):
        return False
    a, b = meaning(one), meaning(other)
    if a.negated or b.negated or max(len(a.words), len(b.words)) > _LONGEST:
        return False
    if a.dates and b.dates:
        return (
            "time" in question.kinds
            and len(a.dates) == len(b.dates) == 1
            and a.dates[0].contradicts(b.dates[0])
        )
    if len(a.quantities) == len(b.quantities) == 1:
        return not (a.dates or b.dates) and apart(a.quantities[0], b.quantities[0])
    if a.quantities or b.quantities or not question.single:
        return False
    first, second = _name_in(one), _name_in(other)
    return first is not None and second is not None and not _overlap(a, b, first, second)


_T = TypeVar("_T")


def _all_matched(ones: Sequence[_T], others: Sequence[_T], same: Callable[[_T, _T], bool]) -> bool:
    """Whether each item has its own match among the others, in any order."""
    if len(ones) != len(others) or len(ones) > _MOST_ITEMS:
        return False
    alike = [[same(one, other) for other in others] for one in ones]
    return any(
        all(row[n] for row, n in zip(alike, order, strict=True))
        for order in permutations(range(len(others)))
    )


class _NameAnswer(NamedTuple):
    """An answer that is a name."""

    name: str
    rest: frozenset[str]
    """The words after the name: "administration" in "the Trump administration"."""


def _same_thing(one: str, other: str) -> bool:
    a, b = _name_in(one), _name_in(other)
    if a and b:
        return a.rest - _KINDS == b.rest - _KINDS and same(a.name, b.name)
    ones, others = meaning(one).words, meaning(other).words
    return len(ones) == len(others) and sorted(ones) == sorted(others)


@lru_cache(maxsize=256)
def _name_in(answer: str) -> _NameAnswer | None:
    """The name that an answer consists of, without its description; None if it is not a name."""
    before = takewhile(lambda word: word not in _DESCRIBES, answer.partition(",")[0].split())
    text = " ".join(before).strip(' ."“”') or answer
    parts = [name for name in names(text) if not (name.opens and text[name.end :])]
    if not parts:
        return None
    start = parts[-1].start
    for earlier in reversed(parts[:-1]):
        if not _BETWEEN.issuperset(text[earlier.end : start].translate(_JOINED).split()):
            break
        start = earlier.start
    end = parts[-1].end + (text[parts[-1].end : parts[-1].end + 1] == ")")
    rest = frozenset(w.low for w in words(text[end:]) if len(w.text) > 1)
    return _NameAnswer(text[start:end], rest)


def _overlap(a: Meaning, b: Meaning, first: _NameAnswer, second: _NameAnswer) -> bool:
    """Whether one answer includes the other, or both share a name."""
    if set(a.words) <= set(b.words) or set(b.words) <= set(a.words):
        return True
    shared = {word.low for word in words(first.name)} & {word.low for word in words(second.name)}
    return compatible(first.name, second.name) or any(len(word) > 1 for word in shared)


def _same_list(one: str, other: str) -> bool:
    listed = items(one)
    return len(listed) > 1 and _all_matched(listed, items(other), says_the_same)


# ---------------------------------------------------------------- about the same fact

SHARE: Final = 0.75
"""By idf, the share of the question's words in one sentence that the other sentence must have too."""
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
"""Phrases for a year, and how many years after the article's own it is."""
_FORECAST: Final = forms(
    "aim anticipate expect forecast hope predict project promise target".split()
) - {"project"} | frozenset(
    "budgeted could goal goals might planned projection projections would".split()
)
_OTHER: Final = frozenset(
    "half smaller larger bigger older younger newer other another previous earlier former similar separate"
    " deputy vice assistant acting neighbouring neighboring rival second".split()
)
"""Before a word of the question, these words mean another thing of the same kind."""


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
        return " ".join(around(before, after))

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The clause's words in lower case."""
        return words_in(self.clause)

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
            and (not of_two_kinds(one.words, other.words) or "kinds" not in rules)
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
        """Whether ``one`` is about another thing of the kind asked about, and ``other`` is not."""
        return bool(self._others(one.quote) - self._others(other.quote))

    def _others(self, quote: str) -> frozenset[str]:
        """The words of a sentence that mean another thing than the question's."""
        return frozenset(
            word
            for word, following in pairwise(words_in(quote))
            if word in _OTHER - self._words
            and self._weights.keys() & set(self._analyzer(following))
        )


def _same_time(one: Assertion, other: Assertion, *, alike: bool) -> bool:
    """Whether two assertions may be about the same time, and both or neither about the future.

    A number without a year belongs to the article's year or, if the other assertion has the same number, to
    the year before or after. What is not a number may stay true for long.
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
