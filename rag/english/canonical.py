"""The canonical forms of an answer: dates, quantities and the words of names, however they are written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from rag.english.lexicon import MONTHS, ORDINALS, WEEKDAYS, any_of, month_number
from rag.english.quantities import Quantity, quantities

_MONTH: Final = rf"(?P<month>{any_of(month[:3] for month in MONTHS)})[a-z]*\.?"
_DAY: Final = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?"
_YEAR: Final = r"(?P<year>1[5-9]\d\d|20\d\d)"
_WEEKDAY: Final = rf"(?:{any_of(WEEKDAYS)},? )?"
_DATES: Final = [
    re.compile(rf"\b{pattern}(?![\w%])", re.IGNORECASE)
    for pattern in (
        rf"{_YEAR}-(?P<number>[01]\d)-{_DAY}",
        rf"{_WEEKDAY}{_MONTH} {_DAY}(?:,? {_YEAR})?",
        rf"{_WEEKDAY}{_DAY} (?:of )?{_MONTH}(?:,? {_YEAR})?",
        rf"(?P<spelt>{any_of(ORDINALS)}) (?:of )?{_MONTH}(?:,? {_YEAR})?",
        rf"{_MONTH},? (?:of )?{_YEAR}",
        rf"(?<![$€£.,])(?<!\d[-–]){_YEAR}(?![-–.,]\d| ?(?:tons|tonnes|people|jobs))",
        rf"(?P<whole>{any_of(MONTHS)})",
    )
]
_DASHES: Final = re.compile(r"[‐‑‒–—−]")
_QUOTES: Final = re.compile(r"[\"“”„«»]")
_POSSESSIVE: Final = re.compile(r"[’']s?\b|[’']")
_DOTS: Final = re.compile(r"\b(?:[A-Za-z]\.){2,}")
_BRACKETED: Final = re.compile(r"\(([^()]*)\)")
_WORD: Final = re.compile(r"[^\W_]+(?:-[^\W_]+)*|&")
_TAIL: Final = re.compile(r",.*|\b(?:in|at|from|near|by|with|which|who|that)\b.*", re.DOTALL)
_ARTICLES: Final = frozenset({"the", "a", "an"})
_SMALL_WORDS: Final = frozenset("the a an of for and & to its their his her".split())
_TITLES: Final = frozenset(
    "president vice mr mrs ms miss dr prof professor sir dame lord lady ceo cfo chief executive officer"
    " chairman chairwoman chair minister prime secretary senator governor mayor captain general judge king"
    " queen prince princess director founder coach analyst".split()
)
NEGATIONS: Final = frozenset("no not never none neither nor without nobody nothing cannot".split())


@dataclass(frozen=True, slots=True)
class Date:
    """A point in time as far as it is named."""

    year: int | None = None
    month: int | None = None
    day: int | None = None

    def agrees(self, other: Date) -> bool:
        """Whether nothing that both name differs, and something is named by both."""
        both = [(a, b) for a, b in zip(self._parts(), other._parts(), strict=True) if a and b]
        return bool(both) and all(a == b for a, b in both)

    def contradicts(self, other: Date) -> bool:
        """Whether something that both name differs."""
        return any(a != b for a, b in zip(self._parts(), other._parts(), strict=True) if a and b)

    def _parts(self) -> tuple[int | None, int | None, int | None]:
        return self.year, self.month, self.day


@dataclass(frozen=True, slots=True)
class Form:
    """What an answer says: its dates, its quantities, and its words without articles, case and plural.

    ``names`` are its words that are written with a capital, titles left out; ``acronyms`` such as stand for
    all of it, alone or in brackets; ``initials`` are those of its names, and of all its words.
    """

    dates: tuple[Date, ...]
    quantities: tuple[Quantity, ...]
    words: tuple[str, ...]
    names: tuple[str, ...]
    acronyms: frozenset[str]
    initials: frozenset[str]
    negated: bool
    of: bool
    """Whether "of", "for" or "on" joins its names: then none of them stands for the whole."""


@lru_cache(maxsize=256)
def form(text: str) -> Form:
    """The canonical form of an answer.

    >>> form("the Mountain Pass mine in California").names
    ('mountain', 'pass')
    >>> form("28 October 2025").dates
    (Date(year=2025, month=10, day=28),)
    """
    text = " ".join(_QUOTES.sub(" ", _DASHES.sub("-", text)).split())
    dates, rest = _dates(text)
    bracketed = [match.strip() for match in _BRACKETED.findall(text)]
    plain = _DOTS.sub(lambda match: match.group().replace(".", ""), _BRACKETED.sub(" ", text))
    words = _WORD.findall(_POSSESSIVE.sub("", plain))
    core = _WORD.findall(_POSSESSIVE.sub("", _TAIL.sub("", plain) or plain))
    named = [word for word in core if word[:1].isupper() and word.lower() not in _SMALL_WORDS]
    while len(named) > 1 and named[0].lower() in _TITLES:
        named = named[1:]
    named = [word for word in named if len(word) > 1]
    whole = [word for word in core if word.lower() not in _ARTICLES]
    written = [*bracketed, *(named if len(named) == 1 else [])]
    initials = {"".join(word[0] for word in part).lower() for part in (named, whole)}
    return Form(
        tuple(dates),
        tuple(quantities(rest)),
        tuple(_singular(w.lower()) for w in words if w.lower() not in _SMALL_WORDS),
        tuple(_singular(word.lower()) for word in named),
        frozenset(word.lower() for word in written if word.isupper() and len(word) > 1),
        frozenset(initials),
        any(word.lower() in NEGATIONS or word.lower().endswith("n't") for word in text.split()),
        any(word in {"of", "for", "on"} for word in core),
    )


def dates_in(text: str) -> list[Date]:
    """The dates, months and years that a text names, in no particular order."""
    return _dates(text)[0]


def _dates(text: str) -> tuple[list[Date], str]:
    """The dates of a text, and what is left of it without them."""
    found: list[Date] = []
    for pattern in _DATES:
        found += map(_date, pattern.finditer(text))
        text = pattern.sub(" ; ", text)
    return found, text


def _date(match: re.Match[str]) -> Date:
    parts = {name: part for name, part in match.groupdict().items() if part}
    month = int(parts["number"]) if "number" in parts else None
    if name := parts.get("month") or parts.get("whole"):
        month = month_number(name)
    day = int(parts["day"]) if "day" in parts else ORDINALS.get(parts.get("spelt", "").lower())
    return Date(int(parts["year"]) if "year" in parts else None, month, day)


def _singular(word: str) -> str:
    """A word without the ending of its plural, roughly: mines is mine, companies is company."""
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word
