"""Phrases made whole: "22,000 tons" is an answer, "22,000" is half of one; and so with names."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

_UNITS: Final = {
    "mass": r"(?:metric |short |long )?"
    r"(?:tonnes?|tons?|kilotons?|pounds?|ounces?|kilograms?|grams?|kg|lbs?|mt)",
    "length": r"(?:kilomet(?:er|re)s?|met(?:er|re)s?|miles?|feet|foot|km|inch(?:es)?)",
    "area": r"(?:acres?|hectares?)",
    "time": r"(?:years?|months?|weeks?|days?|hours?|minutes?|seconds?|decades?|centuries)",
    "share": r"(?:per ?cent|percentage points?)",
    "money": r"(?:dollars?|euros?|yen|kroner|cents)",
    "other": r"(?:degrees?|barrels?|lit(?:er|re)s?|megawatts?|gigawatts?|watts?|volts?|jobs?|people)",
}
_UNIT_WORDS: Final = f"(?:{'|'.join(_UNITS.values())})"
_DIMENSIONS: Final = (
    (re.compile(r"\bhow (?:deep|tall|high|wide)\b", re.IGNORECASE), ("length",)),
    (re.compile(r"\bhow (?:long|far)\b", re.IGNORECASE), ("length", "time")),
    (re.compile(r"\bhow (?:old|soon)\b", re.IGNORECASE), ("time",)),
    (re.compile(r"\bhow heavy\b", re.IGNORECASE), ("mass",)),
    (re.compile(r"\bhow expensive\b", re.IGNORECASE), ("money", "share")),
)
_COUNTED: Final = re.compile(r"\bhow many ((?:[\w-]+ ?){1,4})", re.IGNORECASE)
_MONEY: Final = re.compile(r"[$€£¥]")
_SCALE: Final = r"(?:hundred|thousand|million|billion|trillion)"
_NUMBER: Final = re.compile(rf"(?:\d|\b(?:{_SCALE}|dozen))\W?$", re.IGNORECASE)
_MEASURE: Final = re.compile(
    rf"(?:[ \u00a0-]{_SCALE}\b)?(?:[ \u00a0-]{_UNIT_WORDS}\b)?(?:(?: per |/)\w+\b)?", re.IGNORECASE
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


def is_of_dimension(question: str, phrase: str) -> bool:
    """Whether a measure is one of what is asked for; a number that measures nothing may be of anything.

    >>> is_of_dimension("How deep is it?", "40 tons"), is_of_dimension("How deep is it?", "40 feet")
    (False, True)
    >>> is_of_dimension("How many mines are there?", "40 tons")
    False
    """
    wanted = _wanted(question)
    if wanted is None:
        return True
    found = {kind for kind, unit in _UNITS.items() if re.search(rf"\d\W?\s?{unit}\b", phrase)}
    found |= {"money"} if _MONEY.search(phrase) else set()
    found |= {"share"} if "%" in phrase else set()
    return not found or not found.isdisjoint(wanted)


def _wanted(question: str) -> Collection[str] | None:
    """The dimensions that a question's answer may have; None if it does not say."""
    counted = _COUNTED.search(question)
    if not counted:
        return next((kinds for asked, kinds in _DIMENSIONS if asked.search(question)), None)
    units = [kind for kind, unit in _UNITS.items() if re.search(rf"\b{unit}\b", counted[1])]
    return units or ("other",)


def with_measure(text: str, start: int, end: int) -> int:
    """Where a phrase ends, with what its last number counts or measures.

    >>> text = "It makes 22,000 tons a year."
    >>> text[9 : with_measure(text, 9, 15)]
    '22,000 tons'
    """
    if not _NUMBER.search(text, start, end):
        return end
    return _MEASURE.match(text, end).end()  # type: ignore[union-attr]  # it matches nothing too
