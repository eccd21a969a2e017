"""Tells whether a text is English enough for the default models."""

from __future__ import annotations

import re
from typing import Final

from rag.english.lexicon import (
    AUXILIARIES,
    COMMON_PREPOSITIONS,
    CONJUNCTIONS,
    DETERMINERS,
    QUESTION_WORDS,
)

_SAMPLE: Final = 20_000  # characters; a page or two are enough
_KEYWORDS: Final = 8  # fewer words, unless a question, may be keywords or a name in no language
_SHARE: Final = 0.05  # of function words; English prose has 0.2, tables and names have fewer

_ASKS: Final = (QUESTION_WORDS | AUXILIARIES) - {"was"}
_ENGLISH: Final = frozenset(
    word
    for word in DETERMINERS | AUXILIARIES | COMMON_PREPOSITIONS | CONJUNCTIONS | QUESTION_WORDS
    if len(word) > 2
) - {"was", "had", "has", "her"}
"""English function words. Most of the shorter ones, and those removed, also occur in other languages."""
_WORD: Final = re.compile(r"[^\W\d_]+")


def mostly_foreign(text: str) -> bool:
    """Whether an article or a question is mostly in a language other than English.

    True if most letters are not Latin, or if there are hardly any English function words and a model
    of 139 languages says so. That model takes a second to load; English texts hardly ever need it.
    Keywords and names are not foreign.
    """
    sample = text[:_SAMPLE]
    letters = [character for character in sample if character.isalpha()]
    if sum(1 for letter in letters if not _is_latin(letter)) * 2 > len(letters):
        return True
    words = [word.lower() for word in _WORD.findall(sample)]
    asks = sample.rstrip().endswith("?") and len(words) > 2
    if not asks and len(words) < _KEYWORDS:
        return False
    if words[0] in _ASKS or sum(word in _ENGLISH for word in words) >= _SHARE * len(words):
        return False

    from py3langid import classify

    language, _ = classify(sample)
    return bool(language != "en")


def _is_latin(letter: str) -> bool:
    return letter < "\u0250" or "\u1e00" <= letter <= "\u1eff" or "\uff21" <= letter <= "\uff5a"
