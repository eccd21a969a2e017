"""Tells the language of a text."""

from __future__ import annotations

import unicodedata
from collections import Counter
from functools import cache
from typing import Final

from rag.english.lexicon import (
    AUXILIARIES,
    COMMON_PREPOSITIONS,
    CONJUNCTIONS,
    DETERMINERS,
    QUESTION_WORDS,
)
from rag.english.words import lower_words

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
_LATIN: Final = frozenset(("LATIN", "FULLWIDTH"))
_SCRIPTS: Final = {
    "ja": ("HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"),
    "ko": ("HANGUL",),
    "th": ("THAI",),
    "zh": ("CJK",),
}
"""Scripts that tell the language at once, except that Japanese uses the last one too."""
_WRITTEN_SO: Final = 0.2
"""The least share of a text's letters that must be of such a script."""


def mostly_foreign(text: str) -> bool:
    """Whether an article or a question is mostly in a language other than English."""
    return language_of(text) != "en"


def language_of(text: str, stated: str | None = None) -> str:
    """The language of an article or a question, as an ISO 639-1 code; "en" if in doubt.

    ``stated`` is the code that the article itself states. Many pages state English whatever they are
    written in, so only another language is believed, and only of a text that is not plainly English.

    Where most letters are Latin, a text is in another language if there are hardly any English function
    words and a model of 139 languages says so. That model takes a second to load; English texts hardly
    ever need it. Keywords and names count as English.
    """
    sample = text[:_SAMPLE]
    words = [word for word in lower_words(sample) if word.isalpha()]
    other = stated if stated != "en" else None
    if not sample.isascii():
        letters = sum(map(len, words))
        others = _other_scripts(sample)
        if others.total() * 2 > letters:
            return _by_script(others, letters * _WRITTEN_SO) or other or _classified(sample)
    asks = sample.rstrip().endswith("?") and len(words) > 2
    if not asks and len(words) < _KEYWORDS:
        return other or "en"
    if words[0] in _ASKS or sum(map(_ENGLISH.__contains__, words)) >= _SHARE * len(words):
        return "en"
    return other or _classified(sample)


def _other_scripts(sample: str) -> Counter[str]:
    """How many letters of each script other than Latin a text has."""
    counts: Counter[str] = Counter()
    for letter in set(sample):
        if letter > "\u024f" and letter.isalpha() and (script := _script(letter)) not in _LATIN:
            counts[script] += sample.count(letter)
    return counts


@cache
def _script(letter: str) -> str:
    """The script of a letter, as the names of Unicode's characters begin: LATIN, CJK, HANGUL."""
    return unicodedata.name(letter, "").partition(" ")[0]


def _by_script(counts: Counter[str], enough: float) -> str:
    return next(
        (code for code, own in _SCRIPTS.items() if sum(map(counts.__getitem__, own)) > enough), ""
    )


def _classified(sample: str) -> str:
    from py3langid import classify

    language, _ = classify(sample)
    return str(language)
