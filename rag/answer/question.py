"""What an English question asks for, whether a sentence offers it, and which of its words are unknown."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

from rag.protocols import Analyzer

Kind = Literal["number", "date", "person", "place"]

# Tried in order: "how long ago" asks for a date, "how long" for a number.
_ASKED: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (
        "date",
        re.compile(
            r"\b(?:when|how long ago|(?:what|which) (?:year|date|day|month|decade|century))\b"
        ),
    ),
    (
        "number",
        re.compile(
            r"\bhow (?:many|much|long|old|far|large|big|tall|high|deep|fast|often|heavy|wide|expensive)\b"
            r"|\b(?:what|which) (?:percentage|percent|proportion|share|number|amount|quantity)\b"
        ),
    ),
    ("person", re.compile(r"\b(?:who|whom|whose)\b|\b(?:what|which) (?:person|man|woman)\b")),
    (
        "place",
        re.compile(
            r"\bwhere\b|\b(?:what|which|in what) (?:country|city|state|place|town|region)\b"
        ),
    ),
)

_MONTH = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december"
    r"|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\.?"
)
_DATE = re.compile(
    rf"\b(?:1\d{{3}}|20\d{{2}})s?\b|\b{_MONTH} \d|\b\d{{1,2}}(?:st|nd|rd|th)? {_MONTH}"
    r"|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\b(?:yesterday|today|tomorrow|century)\b"
    r"|\b(?:last|next|this) (?:year|month|week|decade)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"\d[\d,.]*"
    r"|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen"
    r"|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundreds?"
    r"|thousands?|millions?|billions?|trillions?|dozens?|half|third|quarter|majority|once|twice|none)\b",
    re.IGNORECASE,
)
# A capitalised word that does not merely begin the sentence.
_NAME = re.compile(r"(?<=[\w,;:”\")] )[“\"(]?[A-Z][\w’'.-]*")
_PLACE = re.compile(r"\b(?:in|at|from|near|to|of|across|outside|off|the) [A-Z][\w’'.-]*")

_OFFERED: dict[Kind, re.Pattern[str]] = {
    "date": _DATE,
    "number": _NUMBER,
    "person": _NAME,
    "place": _PLACE,
}


# "Who runs it?" is answered by a title, not by a form of "run".
_LEADS = re.compile(
    r"\bwho\b.*\b(runs?|running|ran|leads?|leading|led|heads?|heading|headed|manages?|managed"
    r"|directs?|directed|chairs?|chaired|boss|charge)\b"
)
_LEADER_TITLES = "CEO chief executive president director chairman chairwoman head leader minister"


def restated(question: str) -> tuple[str, str] | None:
    """A word of a question that texts answer in other words, and those words; None if there is none.

    >>> restated("Who runs the ministry?")
    ('runs', 'CEO chief executive president director chairman chairwoman head leader minister')
    """
    match = _LEADS.search(question.lower())
    return (match[1], _LEADER_TITLES) if match else None


def asked_kind(question: str) -> Kind | None:
    """What a question asks for, or None where its words do not say.

    >>> asked_kind("How many laboratories take part?")
    'number'
    """
    folded = question.lower()
    return next((kind for kind, pattern in _ASKED if pattern.search(folded)), None)


def offers(kind: Kind, sentence: str, question: str) -> bool:
    """Whether a sentence holds something of this kind that the question does not already name."""
    known = question.lower()
    return any(match.group().lower() not in known for match in _OFFERED[kind].finditer(sentence))


_WORD = re.compile(r"[^\W_][\w’'-]*")


def unknown_words(question: str, analyzer: Analyzer, holding: Callable[[str], int]) -> list[str]:
    """The words of a question that no passage holds in any form, if they explain an abstention.

    They do if they are names, or most of what was asked; "the articles never mention “runs”" does not.
    ``holding`` says how many passages hold a term.
    """
    known, unknown = 0, []
    for match in _WORD.finditer(question):
        terms = analyzer(match.group())
        if not all(holding(term) for term in terms):
            unknown.append(match)
        elif terms:
            known += 1
    names = [match.group() for match in unknown if _is_name(match)]
    words = [match.group() for match in unknown]
    return list(dict.fromkeys(words if len(words) > known else names))


def _is_name(match: re.Match[str]) -> bool:
    """Whether a word of a question looks like a name: a capital not at its beginning, or a figure."""
    word = match.group()
    return any(c.isdecimal() for c in word) or (match.start() > 0 and word != word.lower())
