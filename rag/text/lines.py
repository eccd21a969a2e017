"""The lines of a text, and what marks one of a list, of a table, or one that is only drawn."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from rag.errors import UnreadableFile

MAX_LINES: Final = 1_000_000
"""A line costs some 250 bytes to look at and a block or two to keep. A book has 20,000 lines and a 50 MB
file of ordinary prose under this number; only noise has more."""

_LINE: Final = re.compile(r"[^\r\n]+")
LINE_END: Final = re.compile(
    r"\r\n|\r(?!\n)|\n"
)  # the lookahead keeps a cut \r\n from counting as two
LIST_MARKER: Final = re.compile(
    r"[ \t\u00a0]*(?:[•‣◦▪●■·][ \t\u00a0]*"
    r"|(?:[-*+\u2013—]|\(?\d{1,3}[.)]|\(?[a-z]\))(?:[ \t\u00a0]+|$))"
)
"""The bullet or number a list item starts with, the white space around it included."""
TABLE_RULE: Final = re.compile(
    r"[ \t]*+\|?+[ \t]*+:?-++:?[ \t]*+(?:\|[ \t]*+:?-++:?[ \t]*+)*+\|?+[ \t]*+"
)
"""The row of dashes under the header of a Markdown table (for ``fullmatch``)."""
_DRAWN: Final = (
    "-=_*~#•·.\u2013—─━═|+<>\\/^:"
    "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"  # these are not even drawn
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
    starts = [start, *(match.end() for match in LINE_END.finditer(text, start))]
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


def is_separator(text: str) -> bool:
    """Whether a line is only drawn: rules, dots, invisible characters."""
    return bool(text) and not any(part.strip(_DRAWN) for part in text.split())
