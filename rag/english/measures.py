"""Numbers completed by their measure: "22,000 tons" is an answer, "22,000" is half of one."""

from __future__ import annotations

import re
from typing import Final

from rag.english.quantities import quantities

_MORE: Final = re.compile(
    r"(?:[ \u00a0-](?:jobs?|people|cents)\b)?(?:(?: per |/)\w+\b)?", re.IGNORECASE
)
_REACH: Final = 200
"""Characters around a phrase that are read with it."""


def with_measure(text: str, start: int, end: int) -> int:
    """The end of a phrase with what its last number counts or measures.

    >>> text = "It makes 22,000 tons a year."
    >>> text[9 : with_measure(text, 9, 15)]
    '22,000 tons'
    """
    begin = max(start, end - _REACH)
    for quantity in quantities(text[begin : end + _REACH]):
        if quantity.start < end - begin <= quantity.measured:
            return _MORE.match(text, begin + quantity.measured).end()  # type: ignore[union-attr]  # it matches the empty string
    return end
