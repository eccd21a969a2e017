"""The lines of a text and what a single line looks like: the ground all formats stand on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from rag.errors import UnreadableFile
from rag.text.sentences import sentence_spans

# A line costs some 250 bytes to look at and a block or two to keep. A book has 20,000 lines and a
# 50 MB file of ordinary prose under this number; only noise has more.
MAX_LINES = 1_000_000

HEADING_WORDS = 14
HEADING_CHARS = 120


def word_set(text: str) -> frozenset[str]:
    """The words of a word list."""
    return frozenset(text.split())


_LINE = re.compile(r"[^\r\n]+")
_LINE_END = re.compile(r"\r\n?|\n")
_ABBREVIATED_END = re.compile(r"(?:\b(?:[A-Z]\.)+|\b(?:Inc|Corp|Co|Ltd|Jr|Sr|St)\.)\Z")
_CLOSING = "\"'”\u2019»)]}*_ \u00a0"
_NOTHING = re.compile(r"[\s\u200b-\u200f\u2060\ufeff\-=_*~#•·.\u2013—─━═|+<>\\/^:]+")
_SMALL_WORDS = word_set(
    "a an the and or nor but of in on at to for from by with as vs via per into over is are it "
    "de la le du des von van der und et"
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line that holds something: offsets and text without the white space around it.

    ``indent`` counts the characters before it; lines of one ``group`` have no blank line between.
    """

    start: int
    end: int
    indent: int
    group: int
    text: str


def read_lines(text: str, start: int = 0, end: int | None = None) -> list[Line]:
    r"""The lines of ``text[start:end]`` that are not blank. Lines end with ``\n``, ``\r\n`` or ``\r``.

    Raises UnreadableFile if there are more than MAX_LINES.
    """
    lines: list[Line] = []
    group = 0
    previous_end = start
    for match in _LINE.finditer(text, start, len(text) if end is None else end):
        raw = match.group()
        content = raw.strip()
        if not content:
            continue
        if len(lines) == MAX_LINES:
            raise _too_many_lines()
        # What lies between two lines of a group is one line end; a blank line makes it more.
        if text[previous_end : match.start()] not in ("\n", "\r\n", "\r"):
            group += 1
        previous_end = match.end()
        indent = len(raw) - len(raw.lstrip())
        at = match.start() + indent
        lines.append(Line(at, at + len(content), indent, group, content))
    return lines


def line_starts(text: str, start: int = 0) -> list[int]:
    """Where each line from ``start`` on begins, blank ones too; the first is ``start``.

    Raises UnreadableFile if there are more than MAX_LINES.
    """
    starts = [start, *(match.end() for match in _LINE_END.finditer(text, start))]
    if len(starts) > MAX_LINES:
        raise _too_many_lines()
    return starts


def _too_many_lines() -> UnreadableFile:
    return UnreadableFile(
        f"more than {MAX_LINES:,} lines of text", fix="split it into several files"
    )


def groups(lines: list[Line]) -> Iterator[list[Line]]:
    """Runs of lines without a blank line in between."""
    for _, members in groupby(lines, key=lambda line: line.group):
        yield list(members)


def word_count(text: str, limit: int = 400) -> int:
    """Words of a text; of a long one only ``limit`` characters are looked at."""
    return len(text[:limit].split())


def ends_sentence(text: str) -> bool:
    """Whether a line ends as a sentence does. "?" counts; "U.S." and "Inc." do not."""
    bare = text.rstrip(_CLOSING)
    if not bare:
        return False
    return bare[-1] in "!?…。\uff01\uff1f;" or (
        bare[-1] == "." and not _ABBREVIATED_END.search(bare[-12:])
    )


def is_separator(text: str) -> bool:
    """Whether a line is only drawn: rules, dots, invisible characters."""
    return _NOTHING.fullmatch(text) is not None


def is_title_case(text: str) -> bool:
    """Whether nearly all words but the small ones begin with a capital or a figure."""
    words = [w.strip("\"'“”\u2018\u2019()[]*_,:;?!\u2013—-") for w in text[:400].split()]
    words = [w for w in words if w and w.lower() not in _SMALL_WORDS]
    capitals = sum(1 for word in words if not word[0].islower())
    return bool(words) and capitals >= 0.8 * len(words)


def opens_high(text: str) -> bool:
    """Whether a text begins with a capital, a figure, or a letter of a script without case.

    A first word like "iPhone" counts as capitalised.
    """
    word = text[:40].split(None, 1)[0] if text[:40].strip() else ""
    first = next((character for character in text[:40] if character.isalnum()), "")
    return bool(first) and (not first.islower() or word != word.lower())


def looks_like_heading(text: str) -> bool:
    """Whether a line of its own reads as a heading rather than as prose.

    Short, opens with a capital, does not end a sentence ("?" and ":" may end it). Outside title
    case the bar is lower (ten words), and a line that ends in ":" introduces what follows.
    """
    if len(text) > HEADING_CHARS or not opens_high(text) or not any(map(str.isalpha, text)):
        return False
    words = len(text.split())
    if words > HEADING_WORDS or text[-1] in ",;-\u2013—" or text.count("|") > 1:
        return False
    if ends_sentence(text) and text.rstrip(_CLOSING)[-1] not in "?\uff1f":
        return False
    if words > 1 and text.rsplit(None, 1)[1].lower() in _SMALL_WORDS:
        return False  # "…went to form in Sheffield as": the line was broken
    if not is_title_case(text) and (words > 10 or (text[-1] in ":\uff1a" and words > 4)):
        return False
    return len(sentence_spans(text)) == 1
