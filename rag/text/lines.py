"""Splits a text into lines, and recognises list markers, table rules and separator lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, groupby, pairwise
from typing import Final

from rag.errors import UnreadableFile
from rag.records.document import LINE_END

MAX_LINES: Final = 1_000_000
"""A line costs about 250 bytes to read, plus a block or two. A book has 20,000 lines, and even 50 MB of
ordinary prose has fewer than this; only noise has more."""

_OF_PARAGRAPHS: Final = ("\x0c", "\u2029")
"""The line ends that end a paragraph."""
_START: Final = re.compile(rf"{LINE_END.pattern}|[\x0b\x0c]")
LIST_MARKER: Final = re.compile(
    r"[ \t\u00a0]*(?:[•‣◦▪●■·][ \t\u00a0]*"
    r"|(?:[-*+\u2013—]|\(?\d{1,3}[.)]|\(?[a-z]\))(?:[ \t\u00a0]+|$))"
)
"""The bullet or number of a list item, with the white space around it."""
_DRAWN: Final = (
    "-=_*~#•·.\u2013—─━═|+<>\\/^:"
    "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"  # invisible characters
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not blank: its offsets and text, without surrounding white space.

    ``indent`` counts the white space characters before it. Lines with the same ``group`` have no
    blank line between them.
    """

    start: int
    end: int
    indent: int
    group: int
    text: str


def read_lines(text: str, start: int = 0, end: int | None = None) -> list[Line]:
    r"""The non-blank lines of ``text[start:end]``. A new page begins a new group.

    Raises UnreadableFile if there are more than MAX_LINES.
    """
    lines: list[Line] = []
    group = 0
    is_apart = True
    end = len(text) if end is None else end
    for begin, finish in pairwise(chain(each_line_start(text, start, end), (end,))):
        raw = text[begin:finish]
        content = raw.strip()
        if content:
            if len(lines) == MAX_LINES:
                raise _too_many_lines()
            group += is_apart
            indent = len(raw) - len(raw.lstrip())
            at = begin + indent
            lines.append(Line(at, at + len(content), indent, group, content))
        is_apart = not content or raw.endswith(_OF_PARAGRAPHS)
    return lines


def line_starts(text: str, start: int = 0) -> list[int]:
    """The offsets at which lines and pages begin, blank ones included; the first is ``start``.

    Raises UnreadableFile if there are more than MAX_LINES.
    """
    starts = [start, *(match.end() for match in _START.finditer(text, start))]
    if len(starts) > MAX_LINES:
        raise _too_many_lines()
    return starts


def each_line_start(text: str, start: int, end: int) -> Iterator[int]:
    """The offsets from ``start`` to ``end`` at which lines begin, one by one."""
    yield start
    yield from (match.end() for match in _START.finditer(text, start, end))


def _too_many_lines() -> UnreadableFile:
    return UnreadableFile(
        f"more than {MAX_LINES:,} lines of text", fix="split it into several files"
    )


def groups(lines: list[Line]) -> Iterator[list[Line]]:
    """Runs of lines that no blank line separates."""
    for _, members in groupby(lines, key=lambda line: line.group):
        yield list(members)


def is_table_rule(text: str) -> bool:
    """Whether a line is the row of dashes under the header of a Markdown table: "| --- | :-: |"."""
    row = text.strip(" \t").removeprefix("|").removesuffix("|")
    cells = (cell.strip(" \t").removeprefix(":").removesuffix(":") for cell in row.split("|"))
    return all(cell and not cell.strip("-") for cell in cells)


def is_separator(text: str) -> bool:
    """Whether a line consists only of rules, dots and invisible characters."""
    return bool(text) and not any(part.strip(_DRAWN) for part in text.split())


def as_lines(text: str) -> str:
    r"""The text with ``\n`` for each end of a line or page."""
    return _START.sub("\n", text)
