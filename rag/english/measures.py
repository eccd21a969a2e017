"""Phrases made whole: "22,000 tons" is an answer, "22,000" is half of one; and so with names."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from rag.english.lexicon import CURRENCIES, CURRENCY_SIGNS, SCALES, UNIT, any_of, unit_of

_UNIT: Final = f"(?:{UNIT}|cents|jobs?|people)"
_NAMED: Final = re.compile(rf"\b{_UNIT}\b")
_MEASURED: Final = re.compile(rf"\d\W?\s?({_UNIT})\b")
_DIMENSIONS: Final = (
    (re.compile(r"\bhow (?:deep|tall|wide)\b", re.IGNORECASE), ("length",)),
    (re.compile(r"\bhow high\b", re.IGNORECASE), ("length", "money", "share", "temperature")),
    (re.compile(r"\bhow (?:long|far)\b", re.IGNORECASE), ("length", "time")),
    (re.compile(r"\bhow (?:old|soon)\b", re.IGNORECASE), ("time",)),
    (re.compile(r"\bhow heavy\b", re.IGNORECASE), ("mass",)),
    (re.compile(r"\bhow expensive\b", re.IGNORECASE), ("money", "share")),
)
_COUNTED: Final = re.compile(r"\bhow many ((?:[\w-]+ ?){1,4})", re.IGNORECASE)
_MONEY: Final = re.compile(rf"[{CURRENCY_SIGNS}]")
_SCALE: Final = any_of(SCALES)
_NUMBER: Final = re.compile(rf"(?:\d|\b{_SCALE})\W?$", re.IGNORECASE)
_MEASURE: Final = re.compile(
    rf"(?:[ \u00a0-]{_SCALE}\b)?(?:[ \u00a0-]{_UNIT}\b)?(?:(?: per |/)\w+\b)?", re.IGNORECASE
)
_BODY: Final = re.compile(
    r"\b(?:Academy|Act|Agency|Alliance|Assembly|Association|Bank|Battle|Board|Bureau|Cent(?:er|re)"
    r"|Chamber|Church|College|Commission|Committee|Confederation|Congress|Council|Court|Declaration"
    r"|Department|Faculty|Federation|Foundation|House|Institute|Kingdom|League|Ministry|Museum|Network"
    r"|Office|Organi[sz]ation|Party|Republic|School|Society|Treaty|Union|University)"
    r" (?:of|for)(?: the)? \Z"
)
_LONGEST_BODY: Final = 32


def with_body(text: str, start: int) -> int:
    """Where a name begins that stands after "Ministry of" or the like.

    >>> text = "the Ministry of Trade"
    >>> text[with_body(text, 16) :]
    'Ministry of Trade'
    """
    if not text[start : start + 1].isupper():
        return start
    before = _BODY.search(text, max(0, start - _LONGEST_BODY), start)
    return before.start() if before else start


def is_of_dimension(phrase: str, wanted: Collection[str] | None) -> bool:
    """Whether a measure is of one of these dimensions; a number that measures nothing may be of any.

    >>> is_of_dimension("40 tons", {"length"}), is_of_dimension("40 feet", {"length"})
    (False, True)
    """
    if wanted is None:
        return True
    found = set(map(_kind, _MEASURED.findall(phrase)))
    found |= {"money"} if _MONEY.search(phrase) else set()
    found |= {"share"} if "%" in phrase else set()
    return not found or not found.isdisjoint(wanted)


def dimensions_asked(question: str) -> frozenset[str] | None:
    """The dimensions that a question's answer may have; None if it does not say.

    >>> dimensions_asked("How deep is it?"), sorted(dimensions_asked("How many mines are there?"))
    (frozenset({'length'}), ['other', 'share'])
    """
    counted = _COUNTED.search(question)
    if not counted:
        kinds = (kinds for asked, kinds in _DIMENSIONS if asked.search(question))
        return next(map(frozenset, kinds), None)
    named = frozenset(map(_kind, _NAMED.findall(counted[1]))) or frozenset({"other"})
    return named | {"share"} if "other" in named else named


def _kind(written: str) -> str:
    """What is measured by a unit: a dimension, money or other things."""
    unit = unit_of(written)
    if unit is None:
        return "money" if written == "cents" else "other"
    if unit.dimension in CURRENCIES:
        return "money"
    return "share" if unit.dimension == "points" else unit.dimension


def with_measure(text: str, start: int, end: int) -> int:
    """Where a phrase ends, with what its last number counts or measures.

    >>> text = "It makes 22,000 tons a year."
    >>> text[9 : with_measure(text, 9, 15)]
    '22,000 tons'
    """
    if not _NUMBER.search(text, start, end):
        return end
    return _MEASURE.match(text, end).end()  # type: ignore[union-attr]  # it matches nothing too
