"""The canonical forms of an answer: dates, quantities and the words of names, however they are written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from rag.english.dates import Date, dates_in
from rag.english.lexicon import ARTICLES, NEGATIONS
from rag.english.quantities import Quantity, quantities

_DASHES: Final = re.compile(r"[‐‑‒–—−]")
_QUOTES: Final = re.compile(r"[\"“”„«»]")
_POSSESSIVE: Final = re.compile(r"[’']s?\b|[’']")
_DOTS: Final = re.compile(r"\b(?:[A-Za-z]\.){2,}")
_BRACKETED: Final = re.compile(r"\(([^()]*)\)")
_WORD: Final = re.compile(r"[^\W_]+(?:-[^\W_]+)*|&")
_TAIL: Final = re.compile(r",.*|\b(?:in|at|from|near|by|with|which|who|that)\b.*", re.DOTALL)
_SMALL_WORDS: Final = frozenset("the a an of for and & to its their his her".split())
_TITLES: Final = frozenset(
    "president vice mr mrs ms miss dr prof professor sir dame lord lady ceo cfo chief executive officer"
    " chairman chairwoman chair minister prime secretary senator governor mayor captain general judge king"
    " queen prince princess director founder coach analyst".split()
)


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
    >>> [(date.year, date.month, date.day) for date in form("28 October 2025").dates]
    [(2025, 10, 28)]
    """
    text = " ".join(_QUOTES.sub(" ", _DASHES.sub("-", text)).split())
    dates = [date for date in dates_in(text) if date.weekday is None]
    rest = _without(text, dates)
    numbers = quantities(rest)
    bracketed = [match.strip() for match in _BRACKETED.findall(text)]
    plain = _DOTS.sub(lambda match: match.group().replace(".", ""), _BRACKETED.sub(" ", text))
    words = _WORD.findall(_POSSESSIVE.sub("", plain))
    core = _WORD.findall(_POSSESSIVE.sub("", _TAIL.sub("", plain) or plain))
    named = [word for word in core if word[:1].isupper() and word.lower() not in _SMALL_WORDS]
    while len(named) > 1 and named[0].lower() in _TITLES:
        named = named[1:]
    named = [word for word in named if len(word) > 1]
    whole = [word for word in core if word.lower() not in ARTICLES]
    written = [*bracketed, *(named if len(named) == 1 else [])]
    initials = {"".join(word[0] for word in part).lower() for part in (named, whole)}
    return Form(
        tuple(dates),
        tuple(numbers),
        tuple(_singular(w.lower()) for w in words if w.lower() not in _SMALL_WORDS),
        tuple(_singular(word.lower()) for word in named),
        frozenset(word.lower() for word in written if word.isupper() and len(word) > 1),
        frozenset(initials),
        # "No less than ten" denies nothing.
        any(
            word.lower() in NEGATIONS or word.lower().endswith("n't")
            for word in _without(rest, numbers).split()
        ),
        any(word in {"of", "for", "on"} for word in core),
    )


def _without(text: str, found: Sequence[Date | Quantity]) -> str:
    """A text with what was found in it covered."""
    covered = list(text)
    for part in found:
        covered[part.start : part.end] = ";" * (part.end - part.start)
    return "".join(covered)


def _singular(word: str) -> str:
    """A word without the ending of its plural, roughly: mines is mine, companies is company."""
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word
