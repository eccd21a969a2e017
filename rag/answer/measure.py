"""Numbers and what they measure: "22,000 tons" is an answer, "22,000" is half of one."""

from __future__ import annotations

import re
from typing import Final

_UNIT_WORDS: Final = (
    r"(?:metric |short |long )?(?:tonnes?|tons?|kilotons?|pounds?|ounces?|kilograms?|grams?|kg|lbs?|mt"
    r"|kilomet(?:er|re)s?|met(?:er|re)s?|miles?|feet|foot|km|acres?|hectares?"
    r"|years?|months?|weeks?|days?|hours?|minutes?|seconds?|decades?|centuries"
    r"|per ?cent|percentage points?|degrees?|dollars?|euros?|yen|kroner|cents|barrels?|lit(?:er|re)s?"
    r"|megawatts?|gigawatts?|watts?|volts?|jobs?|people)"
)
_SCALE: Final = r"(?:hundred|thousand|million|billion|trillion)"
_NUMBER: Final = re.compile(rf"(?:\d|\b(?:{_SCALE}|dozen))\W?$", re.IGNORECASE)
_MEASURE: Final = re.compile(
    rf"(?:[ \u00a0-]{_SCALE}\b)?(?:[ \u00a0-]{_UNIT_WORDS}\b)?(?:(?: per |/)\w+\b)?", re.IGNORECASE
)


def with_measure(text: str, start: int, end: int) -> int:
    """Where a phrase ends, with what its last number counts or measures.

    >>> text = "It makes 22,000 tons a year."
    >>> text[9 : with_measure(text, 9, 15)]
    '22,000 tons'
    """
    if not _NUMBER.search(text, start, end):
        return end
    return _MEASURE.match(text, end).end()  # type: ignore[union-attr]  # it matches nothing too
