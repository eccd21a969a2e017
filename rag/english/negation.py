"""What a sentence names only to rule it out: "not in Oslo but in Bergen", "Bergen rather than Oslo"."""

from __future__ import annotations

import re
from typing import Final

from rag.english.lexicon import ARTICLES, COMMON_PREPOSITIONS, any_of

_RULED_OUT: Final = re.compile(
    r"(?:\bnot|n['’]t|\brather than|\binstead of|\bunlike|\bno longer)"
    rf"(?: (?:{any_of(COMMON_PREPOSITIONS | ARTICLES)})){{0,2}} $",
    re.IGNORECASE,
)
_LONGEST: Final = 32
"""Characters before the words that can rule them out."""


def is_ruled_out(sentence: str, start: int) -> bool:
    """Whether the words that begin at ``start`` are named only to rule them out.

    >>> text = "The mill is not in Oslo but in Bergen, unlike the dam."
    >>> is_ruled_out(text, text.index("Oslo")), is_ruled_out(text, text.index("Bergen"))
    (True, False)
    """
    return _RULED_OUT.search(sentence[max(0, start - _LONGEST) : start]) is not None
