"""What an answer means, however it is written: its dates, its quantities and its other words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from rag.english.dates import Date, dates_in
from rag.english.lexicon import ARTICLES, NEGATIONS, word_set
from rag.english.quantities import Quantity, quantities
from rag.english.words import singular, without_possessive, words

_SIGNS: Final = str.maketrans(
    {**dict.fromkeys("‐‑‒–—−", "-"), **dict.fromkeys('"“”„«»', " "), "’": "'"}
)
_ASIDE: Final = re.compile(r"\([^()]*\)")
_MARKS: Final = str.maketrans("", "", ".'")
_SMALL_WORDS: Final = ARTICLES | word_set("of for and & to its their his her")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an answer means. ``words`` are in lower case and the singular, without small words."""

    dates: tuple[Date, ...]
    quantities: tuple[Quantity, ...]
    words: tuple[str, ...]
    negated: bool


@lru_cache(maxsize=256)
def meaning(text: str) -> Meaning:
    """What an answer means.

    >>> meaning("the Mountain Pass mines").words, meaning("no less than ten").negated
    (('mountain', 'pass', 'mine'), False)
    >>> [(date.year, date.month, date.day) for date in meaning("28 October 2025").dates]
    [(2025, 10, 28)]
    """
    text = " ".join(text.translate(_SIGNS).split())
    dates = [date for date in dates_in(text) if date.weekday is None]
    rest = _masked(text, dates)
    numbers = quantities(rest)
    plain = (
        without_possessive(word.text).translate(_MARKS).lower()
        for word in words(_ASIDE.sub("", text))
        if word.text == "&" or not word.is_mark
    )
    return Meaning(
        tuple(dates),
        tuple(numbers),
        tuple(singular(word) for word in plain if word not in _SMALL_WORDS),
        any(
            word in NEGATIONS or word.endswith("n't")
            for word in _masked(rest, numbers).lower().split()
        ),
    )


def _masked(text: str, found: Sequence[Date | Quantity]) -> str:
    """A text with these parts masked: "no less than ten" denies nothing."""
    covered = list(text)
    for part in found:
        covered[part.start : part.end] = ";" * (part.end - part.start)
    return "".join(covered)
