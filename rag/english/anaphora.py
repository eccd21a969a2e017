"""Sentences that lean on the one before, which names what they speak of."""

from __future__ import annotations

import re
from typing import Final

from rag.english.lexicon import (
    DEMONSTRATIVES,
    LINKS,
    POSSESSIVES,
    SUBJECT_PRONOUNS,
    any_of,
    word_set,
)

_OPENERS: Final = (DEMONSTRATIVES | SUBJECT_PRONOUNS | POSSESSIVES | LINKS) - word_set(
    "i you we my your our"
) | frozenset(("such", "both", "so", "then", "likewise"))
_PHRASES: Final = (
    "as a result", "in addition", "in turn", "for instance", "for example", "in other words", "that is why",
)  # fmt: skip
_NAMED_BEFORE: Final = (
    "company firm group agency organisation organization ministry government country city town region mine"
    " project facility plant deal agreement pact plan programme program partnership team club school"
    " university study report book film song album building bridge ship man woman author singer actor"
    " president minister director couple pair"
).split()
_LEANS: Final = re.compile(
    rf"[\"“]?(?:{any_of(_OPENERS)}|{any_of(_PHRASES)}"
    rf"|the (?:former|latter|same|two|three|{any_of(_NAMED_BEFORE)}s?))\b",
    re.IGNORECASE,
)


def leans(text: str, start: int) -> bool:
    """Whether the sentence at ``start`` is unclear without the one before it.

    >>> leans("It produces oxide.", 0), leans("Lynas produces oxide.", 0)
    (True, False)
    """
    return _LEANS.match(text, start) is not None
