"""Where the words of an answer end: with the stops of their abbreviations, without the marks of notes."""

from __future__ import annotations

import re
from typing import Final

from rag.english.sentences import AFTER_NAMES, is_abbreviation
from rag.english.words import lower_words, words
from rag.text.sentences import RAISED

_NOTES: Final = re.compile(
    r"(?:(?:\[\w{1,9}\](?::\d{1,4})?)+"
    r"|(?:(?<=[^\W\d_])|(?<=\b1[5-9]\d\d)|(?<=\b20\d\d))[.,]\d{1,3}(?![\w%])"
    rf"|(?:(?<=[^\W\d_]{{4}})|(?<=\d)(?<!\b10))[{RAISED}]{{1,3}})+[.,;:]?\Z"  # but "10⁶" and "km²"
)
"""Reference marks and numbers of notes at the end of a text: "365[6]", "25 euros.4", "2020,5", "365⁶"."""
_REACH: Final = 40
"""Characters at an end that are looked at."""


def with_edges(text: str, start: int, end: int) -> tuple[int, int]:
    """The span of an answer with the right end.

    >>> text = "sold to Vale S.A. for 25 euros.4 By then Mitsui & Co. had 365[6]"
    >>> [text[slice(*with_edges(text, a, b))] for a, b in ((8, 14), (22, 32), (41, 52), (58, 64))]
    ['Vale S.A.', '25 euros', 'Mitsui & Co.', '365']
    """
    begin = max(start, end - _REACH)
    notes = _NOTES.search(text, begin, end)
    if notes and notes.start() > start:
        return start, notes.start()
    if start == end or not text[end - 1].isalpha() or not text.startswith(".", end):
        return start, end
    cut = next(word for word in words(text[begin : end + _REACH]) if begin + word.end >= end)
    shown = cut.text.rstrip(".")
    if "." in shown and is_abbreviation(shown):  # "S.A."
        return start, begin + cut.end
    is_short = lower_words(text[begin:end])[-1] in AFTER_NAMES
    return start, end + is_short
