"""Which words of a sentence are the answer: a phrase where a phrase is asked for, all of it otherwise."""

from __future__ import annotations

import re
from typing import Final

from rag.answer.question import wants_phrase

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


def answering_words(
    question: str, text: str, unit: tuple[int, int], pointed: tuple[int, int] | None
) -> tuple[int, int]:
    """Offsets in ``text`` of the words that answer: within ``unit``, from what a reader ``pointed`` at.

    A number keeps its measure. Without a pointer, or where no phrase can answer, it is the whole unit.

    >>> text = "It makes 22,000 tons a year."
    >>> start, end = answering_words("How many tons does it make?", text, (0, 28), (9, 15))
    >>> text[start:end]
    '22,000 tons'
    """
    if pointed is None or not wants_phrase(question):
        return unit
    start, end = pointed
    if _NUMBER.search(text, start, end):
        end = _MEASURE.match(text, end, unit[1]).end()  # type: ignore[union-attr]  # it matches nothing too
    return start, end
