"""Where sentences, table rows and list items begin and end.

Everything here returns offsets into the text it was given; nothing is copied or rewritten. Every
pattern is linear: the look-back from a full stop is bounded, and repeats that could share a
character are possessive.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.english import lexicon as english
from rag.records import Block

__all__ = ["LIST_MARKER", "TABLE_RULE", "sentence_spans", "trimmed", "unit_spans"]

LIST_MARKER = re.compile(
    r"[ \t\u00a0]*(?:[•‣◦▪●■·][ \t\u00a0]*"
    r"|(?:[-*+\u2013—]|\(?\d{1,3}[.)]|\(?[a-z]\))(?:[ \t\u00a0]+|$))"
)
"""The bullet or number a list item starts with, the white space around it included."""

TABLE_RULE = re.compile(r"[ \t]*+\|?+[ \t]*+:?-++:?[ \t]*+(?:\|[ \t]*+:?-++:?[ \t]*+)*+\|?+[ \t]*+")
"""The row of dashes under the header of a Markdown table (for ``fullmatch``)."""

# A line end is \r\n, \n or a lone \r. The lookahead keeps one \r\n from counting as two.
_EOL = r"(?:\r\n|\r(?!\n)|\n)"
_CLOSERS = "\"'”\u2019»)\\]}*_"
_STOP = re.compile(
    rf"(?P<blank>{_EOL}[^\S\r\n]*{_EOL})"
    rf"|(?P<cjk>[。\uff01\uff1f｡]+)[」』\uff09】”\u2019{_CLOSERS}]*"
    rf"|(?P<stop>[.!?…]+(?:[ \u00a0][.…])*)(?P<closers>[{_CLOSERS}]*(?:\[\d{{1,3}}\])?)(?=\s|\Z)"
)
_NEXT = re.compile(r"[\"'“\u2018«(\[{¿¡*_]{0,6}(?P<word>[^\W\d_]{0,12})(?P<after>.?)", re.DOTALL)
_TOKEN = re.compile(r"[\w.&'\u2019-]+\Z")
_BLANK_LINE = re.compile(rf"{_EOL}[^\S\r\n]*{_EOL}")
_DOTTED = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]\Z")  # U.S, S.A, e.g: letters with dots between
_LINE = re.compile(r"[^\r\n]+")
_LOOK_BACK = 24  # longer than any abbreviation; bounds the work at every full stop


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Never the last word of a sentence when a capital or a figure follows.
_BEFORE_NAME = _words(
    "mr mrs ms mx dr prof st ste mt ft gen sen rep gov lt col sgt maj capt cmdr adm rev hon pres "
    "supt messrs vs v cf viz approx ca e.g i.e al"
)
# Abbreviations only in front of a figure: "No. 5", "Fig. 2", "Oct. 28".
_BEFORE_FIGURE = _words(
    "no nos fig figs eq eqs vol vols p pp art arts sec sect ch chap ed para tab ref refs"
).union(english.SHORT_MONTHS)
_COMPANY = _words("inc corp co ltd plc llc llp bros cie gmbh jr sr dept univ assn")
_NEVER_LAST = _words("e.g i.e vs cf viz")
_SHORT = _BEFORE_NAME | _BEFORE_FIGURE | _COMPANY

# After "U.S." or "Inc." a capital alone says nothing ("U.S. Treasury"), but these words, followed
# by a space or comma, practically only open a sentence.
_OPENERS = (
    english.ARTICLES
    | english.DEMONSTRATIVES
    | english.POSSESSIVES
    | english.SUBJECT_PRONOUNS - {"i"}
    | english.COMMON_PREPOSITIONS
    | english.SUBORDINATORS
    | english.LINKS
    | english.PLACE_AND_TIME
    | english.QUESTION_WORDS - {"whom", "whose"}
    | _words("and but so both some many most each another such not during despite according")
)


def sentence_spans(text: str, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
    """The sentences of ``text[start:end]`` as half-open offsets into ``text``.

    Spans are in order, do not overlap, carry no white space at either end, and together hold every
    character that is not white space. A single line end is a space; a blank line ends a sentence.
    """
    stop = len(text) if end is None else min(end, len(text))
    spans: list[tuple[int, int]] = []
    begin = max(start, 0)
    seen = begin  # how far the sentence has been searched for capitals
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
    """``start..end`` without white space at either end; nothing if there is nothing else."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        yield start, end


def _ends_sentence(text: str, begin: int, match: re.Match[str], stop: int, capitals: bool) -> bool:
    """Whether the stop just matched in the sentence from ``begin`` is its end."""
    follows = match.end()
    while follows < stop and text[follows].isspace():
        follows += 1
    if follows == stop or _BLANK_LINE.search(text, match.end(), follows):
        return True
    ahead = _NEXT.match(text, follows, stop)
    word = ahead["word"] if ahead else ""
    # "iPhone" opens a sentence although its first letter is small.
    lower = word[:1].islower() and word == word.lower()
    if match["stop"] != ".":
        return not lower
    token = _TOKEN.search(text, max(begin, match.start() - _LOOK_BACK), match.start())
    before = token.group().strip("'\u2019-") if token else ""
    # "patients with MS." is no "Ms."
    key = before if len(before) > 1 and before.isupper() else before.lower()
    letter = len(before) == 1 and before.isalpha()
    short = letter or key in _SHORT or _DOTTED.match(before) is not None
    if lower:
        # Text that uses no capitals at all still has sentences.
        return not (capitals or short or before[:1].isupper())
    # "1. Upstream Mining": a number that opens the sentence is its label.
    label = before.isdigit() and token is not None and token.start() == begin
    if label or key in _NEVER_LAST:
        return False
    if key in _BEFORE_FIGURE:
        return not text[follows].isdigit()
    opens = word.lower() in _OPENERS and ahead is not None and ahead["after"] in (" ", ",", "\n")
    return opens or not short


def unit_spans(document_text: str, block: Block, start: int, end: int) -> list[tuple[int, int]]:
    """The smallest citable units of ``block`` that lie within ``start..end``, as offsets.

    Sentences of a paragraph (and of any kind not named here); the rows of a table, without the rule
    under its header; the items of a list, without their bullet or number and with the lines that
    continue them. A unit that reaches over ``start`` or ``end`` is cut there.
    """
    start, end = max(start, block.start), min(end, block.end)
    if start >= end:
        return []
    if block.kind == "table":
        spans: list[tuple[int, int]] = []
        for low, high in _line_spans(document_text, start, end):
            if not TABLE_RULE.fullmatch(document_text, low, high):
                spans += trimmed(document_text, low, high)
        return spans
    if block.kind == "list":
        return _items(document_text, start, end)
    return sentence_spans(document_text, start, end)


def _items(text: str, start: int, end: int) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    begin: int | None = None
    last = start
    for low, high in _line_spans(text, start, end):
        marker = LIST_MARKER.match(text, low, high)
        if marker or begin is None:
            if begin is not None:
                spans += trimmed(text, begin, last)
            begin = marker.end() if marker else low
        last = high
    if begin is not None:
        spans += trimmed(text, begin, last)
    return spans


def _line_spans(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for match in _LINE.finditer(text, start, end):
        yield match.span()
