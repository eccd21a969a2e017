"""Finds sentence boundaries.

All offsets refer to the text passed in; nothing is copied or rewritten. Time is linear in the length of
the text: the look-back from each full stop is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Final

from rag.english.furniture import GERMAN_MONTHS
from rag.english.lexicon import QUESTION_WORDS, SHORT_MONTHS, TIMES, unit_of
from rag.english.sentences import (
    AFTER_NAMES,
    BEFORE_FIGURES,
    NEVER_LAST,
    OPENERS,
    is_abbreviation,
    key,
)
from rag.records.document import LINE_END
from rag.text.markup import GONE, JOINER

_EOL: Final = LINE_END.pattern
RAISED: Final = "\u00b9\u00b2\u00b3\u2070\u2074-\u2079"
"""Digits as they number notes, for the brackets of a pattern."""
_CLOSERS: Final = f"\"'”\u2019»)\\]}}*_{JOINER}{GONE}"
_STOP: Final = re.compile(
    # Nothing is tried twice: a run of stops is taken whole, and not begun again inside.
    rf"(?P<blank>(?:{_EOL})[^\S\r\n]*(?:{_EOL})|[\x0c\u2029])"
    rf"|(?P<cjk>[。\uff01\uff1f｡]++)[」』\uff09】”\u2019{_CLOSERS}]*+"
    rf"|(?<![.!?…])(?P<stop>[.!?…]++(?:[ \u00a0][.…]){{0,9}}+)"
    rf"(?P<closers>[{_CLOSERS}]*+(?:\[\w[\w ]{{0,20}}\](?::\d{{1,4}})?|[{RAISED}†‡]++){{0,9}}+)"
    # White space follows, or the number of a note, or, where it was lost, a new sentence.
    r"(?:(?=\s|\Z)|(?P<note>(?<=[^\W\d_][.!?])\d{1,3}(?:[,–-]\d{1,3}){0,9})"
    r"(?=\s|\Z)|(?P<lost>)(?=[“«(]?[^\W\d_]))"
)
_OPENING: Final = f"\"'“\u2018«([{{¿¡*_{JOINER}{GONE}"
_LOOK_AHEAD: Final = 40
_IN_TOKENS: Final = frozenset("_.&'\u2019-")
CLOSING: Final = "\"'”\u2019»)]}*_ \u00a0"
"""The characters that may follow the last full stop of a line."""
_DOMAINS: Final = frozenset(("com", "org", "net", "io", "ai", "eu"))
_SPOKEN_OF: Final = re.compile(r"\b([^\W\d_]\w*)[!?](?= [^\W\d_A-Z])")
_CONSONANTS: Final = frozenset("bcdfghjklmnpqrstvwxzß")
_SPACES: Final = " \u00a0\u202f"
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
    marked = frozenset(_SPOKEN_OF.findall(text, begin, stop))
    for match in _STOP.finditer(text, begin, stop):
        if match.start() < begin or (match["lost"] is not None and not _is_lost(text, match)):
            continue
        if match["stop"]:
            capitals = capitals or text[seen : match.start()].lower() != text[seen : match.start()]
            seen = match.start()
            if not _ends_sentence(text, begin, match, stop, capitals, marked):
                continue
        cut = match.start() if match["blank"] else match.end()
        spans += trimmed(text, begin, cut)
        begin = seen = match.end()
        capitals = False
    spans += trimmed(text, begin, stop)
    return spans


def trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """``start..end`` without white space and hidden parts at either end; empty if there is nothing else."""
    while start < end and (text[start].isspace() or text[start] == GONE):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] == GONE):
        end -= 1
    if start < end:
        yield start, end


def _is_lost(text: str, match: re.Match[str]) -> bool:
    """Whether the space between two sentences is missing: "…cost $1.5.The next…", but not "Node.js"."""
    word, behind = _next_word(text, match.end(), len(text))
    begins = word[:1].isupper() and word[1:] == word[1:].lower()
    ends = behind.isspace() or behind == ","
    before = text[max(0, match.start() - 2) : match.start()]
    # "tin." but not "U.S."
    whole = (
        (len(before) == 2 and before.isalpha()) or before[-1:].isdecimal() or before[-1:] in "%€"
    )
    return begins and ends and whole and word.lower() not in _DOMAINS


def _ends_sentence(
    text: str,
    begin: int,
    match: re.Match[str],
    stop: int,
    capitals: bool,
    marked: Collection[str],
) -> bool:
    """Whether the matched stop ends the sentence that starts at ``begin``.

    ``marked`` are the words whose "!" or "?" belongs to them elsewhere in the text.
    """
    follows = match.end()
    while follows < stop and text[follows].isspace():
        follows += 1
    if follows == stop or len(LINE_END.findall(text, match.end(), follows)) > 1:
        return True
    word, behind = _next_word(text, follows, stop)
    # "iPhone" may start a sentence although its first letter is lower case.
    lower = word[:1].islower() and word == word.lower()
    opening = _token_start(text, max(begin, match.start() - _LOOK_BACK), match.start())
    before = text[opening : match.start()].strip("'\u2019-")
    if match["stop"] != ".":
        return not (
            lower
            or (
                len(match["stop"]) == 1
                and text[follows].isalnum()
                and _is_marked(
                    before,
                    word,
                    text[max(begin, match.start() - _LOOK_BACK) : match.start()],
                    marked,
                )
            )
        )
    listed = key(before.lower() if word.isupper() and len(word) > 1 else before)  # "MR. SMITH"
    measure = _is_unit(text, begin, match.start(), before)
    short = not measure and (
        is_abbreviation(before)
        or is_abbreviation(listed)
        or (_has_no_vowel(before) and not _measured(text, begin, match.start(), before)[0])
    )
    if lower:
        # Text without any capitals still has sentences.
        return not (capitals or short or before[:1].isupper())
    # "1. Upstream Mining": a number at the start of a sentence is a label.
    label = before.isdigit() and opening == begin
    # "am 5. Mai": some languages write a day with a full stop.
    day = before.isdigit() and len(before) <= len("31") and word.lower() in GERMAN_MONTHS
    if label or day or (listed in NEVER_LAST and not measure):
        return False
    if listed in BEFORE_FIGURES and not measure:
        return not (text[follows].isdigit() or match["note"])
    # "at 5 p.m. Trains", but "at 5 p.m. EST" and "at 5 p.m. Monday"
    short = short and (before[1:] != ".m" or word.isupper() or word.lower() in TIMES)
    opens = word.lower() in OPENERS and behind in (" ", ",", "\n")
    return opens or not short


def _is_marked(before: str, after: str, sentence: str, marked: Collection[str]) -> bool:
    """Whether "!" or "?" belongs to a name: "Yahoo! Japan bought Line", "Guess? Inc. opened a shop"."""
    if not before[:1].isupper() or before.lower() in QUESTION_WORDS:
        return False
    return (
        key(after) in AFTER_NAMES
        or before in marked
        or (sentence.strip() == before and after.lower() not in OPENERS)
    )


def _has_no_vowel(word: str) -> bool:
    """Whether a word can only be an abbreviation: "rd", "bzw", "Nr"; but "kg" has no full stop."""
    rest = word[1:]
    return (
        rest.isalpha()
        and rest.islower()
        and not unit_of(word)
        and _CONSONANTS.issuperset(word.lower())
    )


def _is_unit(text: str, begin: int, end: int, before: str) -> bool:
    """Whether what stands before a full stop is a unit after a number, and no initial: "5,001 t."."""
    if len(before) > len("ft"):
        return False
    number, is_degree = _measured(text, begin, end, before)
    if not number or before.islower() or is_degree:
        return bool(number)
    # "In 2020 J. Smith", "On May 5 J. Smith": a capital behind a year or a day is an initial.
    ahead = text[max(begin, end - 2 * _LOOK_BACK) : end - len(before)].rstrip()
    *_, last = ["", *ahead[: -len(number)].split()]
    is_day = last.rstrip(".").lower() in TIMES.union(SHORT_MONTHS)
    return len(before) == 1 and not is_day and not (len(number) == 4 and number.isdigit())


def _measured(text: str, begin: int, end: int, unit: str) -> tuple[str, bool]:
    """The number before a unit that ends at ``end``, "" if there is none; and whether "°" follows it."""
    before = text[max(begin, end - _LOOK_BACK) : end - len(unit)].rstrip(_SPACES)
    bare = before.removesuffix("°").rstrip(_SPACES)
    number = bare[len(bare.rstrip("0123456789.,")) :] if bare[-1:].isdecimal() else ""
    return number, before.endswith("°")


def _next_word(text: str, start: int, stop: int) -> tuple[str, str]:
    """The word at ``start`` or behind opening marks there, "" if there is none; and what follows it."""
    ahead = text[start : min(stop, start + _LOOK_AHEAD)].lstrip(_OPENING)
    end = next((n for n, character in enumerate(ahead) if not character.isalpha()), len(ahead))
    return ahead[:end], ahead[end : end + 1]


def _token_start(text: str, begin: int, end: int) -> int:
    """Where the word or abbreviation that ends at ``end`` begins."""
    while end > begin and (text[end - 1].isalnum() or text[end - 1] in _IN_TOKENS):
        end -= 1
    return end


def ends_sentence(text: str) -> bool:
    """Whether a line ends like a sentence. "?" counts; "U.S." and "Inc." do not."""
    bare = text.rstrip(CLOSING)
    if not bare.endswith("."):
        return bare.endswith(tuple("!?…。\uff01\uff1f;"))
    word = bare[_token_start(bare, max(0, len(bare) - _LOOK_BACK), len(bare)) : -1]
    dotted = len(word) == 1 or "." in word
    follows_name = key(word) in AFTER_NAMES
    return not (word[:1].isupper() and (follows_name or (dotted and is_abbreviation(word))))
