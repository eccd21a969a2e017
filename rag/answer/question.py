"""What kind of thing an English question asks for, and whether a sentence offers one."""

from __future__ import annotations

import re
from typing import Literal

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
