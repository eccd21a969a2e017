"""Phrases made whole: "22,000 tons" is an answer, "22,000" is half of one; and so with names."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from rag.english.lexicon import CURRENCIES, UNIT, any_of, unit_of
from rag.english.names import BODIES
from rag.english.quantities import PEOPLE, Quantity, quantities

_COUNTED: Final = re.compile(r"\bhow many ((?:[\w-]+ ?){1,4})", re.IGNORECASE)
_NAMED: Final = re.compile(rf"\b(?:{UNIT}|cents)\b", re.IGNORECASE)
_HOW: Final = re.compile(
    r"\bhow (?:(?P<length>deep|tall|wide)|(?P<height>high)|(?P<extent>long|far)|(?P<time>old|soon)"
    r"|(?P<mass>heavy)|(?P<price>expensive))\b",
    re.IGNORECASE,
)
_DIMENSIONS: Final = {
    "length": ("length",),
    "height": ("length", "money", "share", "temperature"),
    "extent": ("length", "time"),
    "time": ("time",),
    "mass": ("mass",),
    "price": ("money", "share"),
}
_COINS: Final = "cents"
_MORE: Final = re.compile(
    rf"(?:[ \u00a0-](?:jobs?|people|{_COINS})\b)?(?:(?: per |/)\w+\b)?", re.IGNORECASE
)
_REACH: Final = 200
"""Characters before and after a phrase that are read with it."""
_BODY: Final = re.compile(
    rf"\b{any_of(word.capitalize() for word in BODIES)} (?:of|for)(?: the)? \Z"
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

    >>> is_of_dimension("40 tons", {"length"}), is_of_dimension("forty feet", {"length"})
    (False, True)
    """
    found = {kind for quantity in quantities(phrase) if (kind := _kind_of(quantity))}
    return wanted is None or not found or not found.isdisjoint(wanted)


def dimensions_asked(question: str) -> frozenset[str] | None:
    """The dimensions that a question's answer may have; None if it does not say.

    >>> dimensions_asked("How deep is it?"), sorted(dimensions_asked("How many mines are there?"))
    (frozenset({'length'}), ['other', 'share'])
    """
    if counted := _COUNTED.search(question):
        named = frozenset(_kind(written) for written in _NAMED.findall(counted[1]))
        return named or frozenset({"other", "share"})
    how = _HOW.search(question)
    return frozenset(_DIMENSIONS[how.lastgroup or ""]) if how else None


def _kind_of(quantity: Quantity) -> str:
    """What a quantity measures: a dimension, money, other things; "" for a number alone."""
    if quantity.dimension:
        return _folded(quantity.dimension)
    if quantity.counted == _COINS:
        return "money"
    return "other" if quantity.counted in PEOPLE | {"job", "jobs"} else ""


def _kind(written: str) -> str:
    unit = unit_of(written)
    return _folded(unit.dimension) if unit else "money"


def _folded(dimension: str) -> str:
    if dimension in CURRENCIES or dimension.endswith("$"):
        return "money"
    return "share" if dimension == "points" else dimension


def with_measure(text: str, start: int, end: int) -> int:
    """Where a phrase ends, with what its last number counts or measures.

    >>> text = "It makes 22,000 tons a year."
    >>> text[9 : with_measure(text, 9, 15)]
    '22,000 tons'
    """
    begin = max(start, end - _REACH)
    for quantity in quantities(text[begin : end + _REACH]):
        if quantity.start < end - begin <= quantity.measured:
            return _MORE.match(text, begin + quantity.measured).end()  # type: ignore[union-attr]  # it matches nothing too
    return end
