"""Finds sentence boundaries.

All offsets refer to the text passed in; nothing is copied or rewritten. Time is linear in the length of
the text: the look-back from each full stop is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from rag.english.abbreviations import (
    AFTER_NAMES,
    BEFORE_FIGURES,
    NEVER_LAST,
    OPENERS,
    is_abbreviation,
    key,
)
from rag.text.lines import LINE_END

_EOL: Final = LINE_END.pattern
_CLOSERS: Final = "\"'”\u2019»)\\]}*_"
_STOP: Final = re.compile(
    rf"(?P<blank>(?:{_EOL})[^\S\r\n]*(?:{_EOL}))"
    rf"|(?P<cjk>[。\uff01\uff1f｡]+)[」』\uff09】”\u2019{_CLOSERS}]*"
    rf"|(?P<stop>[.!?…]+(?:[ \u00a0][.…])*)(?P<closers>[{_CLOSERS}]*(?:\[\d{{1,3}}\])?)(?=\s|\Z)"
)
_NEXT: Final = re.compile(
    r"[\"'“\u2018«(\[{¿¡*_]{0,6}(?P<word>[^\W\d_]{0,12})(?P<after>.?)", re.DOTALL
)
_TOKEN: Final = re.compile(r"[\w.&'\u2019-]+\Z")
CLOSING: Final = "\"'”\u2019»)]}*_ \u00a0"
"""The characters that may follow the last full stop of a line."""
_LOOK_BACK: Final = 24  # longer than any abbreviation; bounds the work at each full stop


def sentence_spans(text: str, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
    """The sentences of ``text[start:end]`` as half-open offsets into ``text``.

    Spans are in order, do not overlap, have no white space at either end, and together cover every
    character that is not white space. A single line end counts as a space; a blank line ends a
    sentence.
    """
    stop = len(text) if end is None else min(end, len(text))
    spans: list[tuple[int, int]] = []
    begin = max(start, 0)
    seen = begin  # the sentence has been searched for capitals up to here
    capitals = False
    for match in _STOP.finditer(text, begin, stop):
        if match.start() < begin:
            continue
        if match["stop"]:
            capitals = capitals or text[seen : match.start()].lower() != text[seen : match.start()]
            seen = match.start()
            if not _ends_sentence(text, begin, match, stop, capitals):
                continue
        cut = match.start() if match["blank"] else match.end()
        spans += trimmed(text, begin, cut)
        begin = seen = match.end()
        capitals = False
    spans += trimmed(text, begin, stop)
    return spans


def trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """``start..end`` without white space at either end; empty if there is nothing else."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        yield start, end


def _ends_sentence(text: str, begin: int, match: re.Match[str], stop: int, capitals: bool) -> bool:
    """Whether the matched stop ends the sentence that starts at ``begin``."""
    follows = match.end()
    while follows < stop and text[follows].isspace():
        follows += 1
    if follows == stop or len(LINE_END.findall(text, match.end(), follows)) > 1:
        return True
    ahead = _NEXT.match(text, follows, stop)
    word = ahead["word"] if ahead else ""
    # "iPhone" may start a sentence although its first letter is lower case.
    lower = word[:1].islower() and word == word.lower()
    if match["stop"] != ".":
        return not lower
    token = _TOKEN.search(text, max(begin, match.start() - _LOOK_BACK), match.start())
    before = token.group().strip("'\u2019-") if token else ""
    short = is_abbreviation(before)
    if lower:
        # Text without any capitals still has sentences.
        return not (capitals or short or before[:1].isupper())
    # "1. Upstream Mining": a number at the start of a sentence is a label.
    label = before.isdigit() and token is not None and token.start() == begin
    if label or key(before) in NEVER_LAST:
        return False
    if key(before) in BEFORE_FIGURES:
        return not text[follows].isdigit()
    opens = word.lower() in OPENERS and ahead is not None and ahead["after"] in (" ", ",", "\n")
    return opens or not short


def ends_sentence(text: str) -> bool:
    """Whether a line ends like a sentence. "?" counts; "U.S." and "Inc." do not."""
    bare = text.rstrip(CLOSING)
    if not bare.endswith("."):
        return bare.endswith(tuple("!?…。\uff01\uff1f;"))
    token = _TOKEN.search(bare, max(0, len(bare) - _LOOK_BACK))
    word = token.group()[:-1] if token else ""
    dotted = len(word) == 1 or "." in word
    follows_name = key(word) in AFTER_NAMES
    return not (word[:1].isupper() and (follows_name or (dotted and is_abbreviation(word))))
