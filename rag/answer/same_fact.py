"""Whether two sentences answer a question about the same thing, or merely sound alike.

What a mine can make is not what its country made, last year's figure not this year's, a forecast not the
outcome, and an adult's ticket not a child's. Judged by words alone, and carefully: in doubt two sentences
tell of different things.
"""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from rag.answer.candidates import Inquiry
from rag.english.canonical import form
from rag.english.dates import dates_in
from rag.english.names import compatible
from rag.english.predicates import agents

SHARE: Final = 0.75
"""Of the question's words that the one sentence has, by idf, how much the other must have too."""
SHARE_OF_REST: Final = 0.6
"""The same of those that are no names: what was done, and to what."""
SHARE_IF_ALIKE: Final = 0.5
"""The same where both give the same answer, which seldom happens by chance."""

_RELATIVE: Final = (
    (re.compile(r"\b(?:last|previous|past) year\b|\ba year (?:ago|earlier|before)\b"), -1),
    (re.compile(r"\bthis year\b|\bso far this\b"), 0),
    (re.compile(r"\bnext year\b"), 1),
)
_FORECAST: Final = re.compile(
    r"\b(?:expect(?:s|ed|ing)?|forecast(?:s|ed)?|predict(?:s|ed)?|project(?:s|ed)|projections?|planned|budgeted"
    r"|target(?:s|ed)?|aim(?:s|ed)?|hope[sd]?|hoping|goals?|would|could|might|promise[sd]?|anticipate[sd]?)\b",
    re.IGNORECASE,
)
# Of each of these, a thing is but one.
_KINDS: Final = [
    frozenset(words.split())
    for words in (
        "adult adults child children student students pupil pupils senior seniors pensioners",
        "men women boys girls male female",
        "import imports imported export exports exported",
        "minimum maximum lowest highest average median",
        "monthly yearly annual annually daily weekly quarterly",
        "northern southern eastern western north south east west upper lower inner outer",
        "first second third fourth fifth",
        "morning afternoon evening night",
        "domestic foreign global worldwide national regional local",
        "gross net",
        "dead killed died injured hurt wounded missing",
        "capacity output production reserves resources demand consumption sales stock",
        "january february april june july august september october november december",
    )
]
_OTHER: Final = frozenset(
    "half smaller larger bigger older younger newer other another previous earlier former similar separate"
    " deputy vice assistant acting neighbouring neighboring rival second".split()
)
"""Before a word of the question: another one of its kind is meant."""
_SPEECH: Final = re.compile(
    r"say|said|tell|told|announc|report|expect|believ|estimat|think|thought|claim|add|note|warn|explain|wr[io]t"
    r"|confirm|find|found|show|suggest|accord"
)
# Where one clause of a sentence ends and the next tells something else.
_JOINT: Final = re.compile(
    r"[;:]\s|,? (?:but|while|whereas|which|although|against|compared|up from|down from)\b"
    r"|, (?:and|who)\b|,? and (?=(?:was|were|is|are|has|had|will|[a-z]+ed)\b)"
)
_DOING: Final = re.compile(r"^\w+ing (?:the )?")
"""At the beginning of a sentence: "Restoring the Skerry light" is the Skerry light."""
_WORD: Final = re.compile(r"[^\W\d_][\w’'-]*")


@dataclass(frozen=True, slots=True)
class Claim:
    """An answer in its sentence or row."""

    answer: str
    quote: str
    about: str
    """What says more about it: title, heading, the sentences around it."""
    published: str | None = None
    """ISO date."""
    lead: str = ""
    """The article's first paragraph, which names what all of it is about."""


class SameFact:
    """Whether two claims are about the same, as far as a question asks."""

    def __init__(self, inquiry: Inquiry) -> None:
        question = inquiry.question
        self.question = question
        self.rules = inquiry.rules
        self._analyzer = inquiry.analyzer
        self._words = frozenset(word.lower() for word in question.words)
        self._weights = {term: max(inquiry.idf(term), 0.0) for term in question.about}
        self._names = question.names
        self._told: dict[str, frozenset[str]] = {}

    def __call__(self, one: Claim, other: Claim, *, alike: bool = False) -> bool:
        """Whether both may be about the same thing at the same time; ``alike``: their answers are."""
        rules = self.rules
        return (
            (self._as_near(one, other, alike=alike) or "near" not in rules)
            and (_same_time(one, other, alike=alike) or "time" not in rules)
            and (not self._set_apart(one, other) or "kinds" not in rules)
            and (not self._of_another(one, other) or "another" not in rules)
            and (not self._of_another(other, one) or "another" not in rules)
        ) or "same-fact" not in rules

    def _as_near(self, one: Claim, other: Claim, *, alike: bool) -> bool:
        """Whether both have the same of the question's words: its names, and most of the rest."""
        held = [
            self._asked_in(f"{c.quote}\n{c.about}\n{c.lead if alike else ''}") for c in (one, other)
        ]
        less, more = sorted(held, key=self._weight)
        if self._names & more - less:
            return False
        if alike:
            return self._weight(more & less) >= SHARE_IF_ALIKE * self._weight(more)
        rest = more - self._names
        return self._weight(more & less) >= SHARE * self._weight(more) and self._weight(
            rest & less
        ) >= SHARE_OF_REST * self._weight(rest)

    def _asked_in(self, text: str) -> frozenset[str]:
        """The question's terms that a text holds; each text is looked at once."""
        if text not in self._told:
            self._told[text] = frozenset(self._weights).intersection(self._analyzer(text))
        return self._told[text]

    def _weight(self, terms: AbstractSet[str]) -> float:
        return sum(self._weights[term] for term in terms)

    def _set_apart(self, one: Claim, other: Claim) -> bool:
        """Whether each says what kind of thing it means, and they are not of one kind."""
        words, others = _words(one), _words(other)
        return any(
            words & kinds and others & kinds and not words & others & kinds for kinds in _KINDS
        )

    def _of_another(self, one: Claim, other: Claim) -> bool:
        """Whether the one tells of somebody or something else that neither question nor other names."""
        around = f"{other.quote} {other.about} {self.question.text}"
        for subject, verb in agents(one.quote):
            name = _DOING.sub("", subject)
            told = _SPEECH.match(verb) or compatible(name, one.answer)
            if not told and name.lower() not in around.lower():
                return True
        return bool(self._others(one.quote) - self._others(other.quote))

    def _others(self, quote: str) -> frozenset[str]:
        """The words of a sentence that say that another one is meant than the question's."""
        words = [word.lower() for word in _WORD.findall(quote)]
        return frozenset(
            word
            for word, following in pairwise(words)
            if word in _OTHER - self._words
            and self._weights.keys() & set(self._analyzer(following))
        )


def _clause(claim: Claim) -> str:
    """The clause of a sentence that its answer stands in, without the answer."""
    before, _, after = claim.quote.partition(claim.answer)
    joints = list(_JOINT.finditer(before))
    end = _JOINT.search(after)
    return f"{before[joints[-1].end() if joints else 0 :]} {after[: end.start() if end else None]}"


def _words(claim: Claim) -> frozenset[str]:
    return frozenset(word.lower() for word in _WORD.findall(_clause(claim)))


def _same_time(one: Claim, other: Claim, *, alike: bool) -> bool:
    """Whether two sentences may tell of the same time, and both or neither of one to come.

    A number without a year is of its article's; of one beside it too, if the other says the same. What is
    no number may hold for long.
    """
    years, others = _years(one), _years(other)
    if years and others and not years & others:
        return False
    if not (form(one.answer).quantities and form(other.answer).quantities):
        return True
    if bool(_FORECAST.search(_clause(one))) != bool(_FORECAST.search(_clause(other))):
        return False
    if (years and others) or not years | others:
        return True
    year = _year_of(other if years else one)
    if year is None:
        return alike
    return any(abs(named - year) <= alike for named in years | others)


def _years(claim: Claim) -> frozenset[int]:
    """The years that the answer's clause names, besides those of the answer."""
    rest = _clause(claim)
    years = {date.year for date in dates_in(rest) if date.year}
    published = _year_of(claim)
    if published:
        years |= {published + n for wording, n in _RELATIVE if wording.search(rest.lower())}
    return frozenset(years)


def _year_of(claim: Claim) -> int | None:
    return int(claim.published[:4]) if claim.published else None
