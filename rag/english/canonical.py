"""What an answer says, however it is written: its dates, its quantities and its other words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from rag.english.dates import Date, dates_in
from rag.english.lexicon import ARTICLES, NEGATIONS
from rag.english.quantities import Quantity, quantities

_SIGNS: Final = str.maketrans(
    {**dict.fromkeys("‐‑‒–—−", "-"), **dict.fromkeys('"“”„«»', " "), "’": "'"}
)
_DROPPED: Final = re.compile(r"\([^()]*\)|'s?\b|'")
"""An aside, and what makes a possessive."""
_WORD: Final = re.compile(r"(?:[^\W\d_]\.){2,}|[^\W_]+(?:-[^\W_]+)*|&")
_SMALL_WORDS: Final = ARTICLES | frozenset("of for and & to its their his her".split())


@dataclass(frozen=True, slots=True)
class Form:
    """What an answer says. Words are without small ones, case and plural."""

    dates: tuple[Date, ...]
    quantities: tuple[Quantity, ...]
    words: tuple[str, ...]
    negated: bool


@lru_cache(maxsize=256)
def form(text: str) -> Form:
    """The canonical form of an answer.

    >>> form("the Mountain Pass mines").words, form("no less than ten").negated
    (('mountain', 'pass', 'mine'), False)
    >>> [(date.year, date.month, date.day) for date in form("28 October 2025").dates]
    [(2025, 10, 28)]
    """
    text = " ".join(text.translate(_SIGNS).split())
    dates = [date for date in dates_in(text) if date.weekday is None]
    rest = _without(text, dates)
    numbers = quantities(rest)
    words = (word.lower().replace(".", "") for word in _WORD.findall(_DROPPED.sub("", text)))
    return Form(
        tuple(dates),
        tuple(numbers),
        tuple(_singular(word) for word in words if word not in _SMALL_WORDS),
        any(
            word in NEGATIONS or word.endswith("n't")
            for word in _without(rest, numbers).lower().split()
        ),
    )


def _without(text: str, found: Sequence[Date | Quantity]) -> str:
    """A text with what was found in it covered: "no less than ten" denies nothing."""
    covered = list(text)
    for part in found:
        covered[part.start : part.end] = ";" * (part.end - part.start)
    return "".join(covered)


def _singular(word: str) -> str:
    """A word without the ending of its plural, roughly: mines is mine, companies is company."""
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word
