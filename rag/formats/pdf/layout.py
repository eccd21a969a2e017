"""Cuts one column of rows into headings, paragraphs, lists, tables and notes."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from statistics import median
from typing import Final

from rag.formats.pdf.tables import table_at
from rag.formats.pdf.words import BROKEN, Row, leftwards
from rag.formats.tables import EMPTY, GAP
from rag.text.headings import looks_like_heading, word_count
from rag.text.lines import LIST_MARKER
from rag.text.sentences import ends_sentence

# All in multiples of the size of the letters.
_INDENT: Final = 0.8
_LEADING: Final = 1.2  # from line to line, if a column has too few lines to tell
_ROOM: Final = 10.0  # a long word leaves this much of a line free
_LOOSE: Final = 1.3  # times the leading: there, a new block begins
_LARGER: Final = 1.12  # times the size of the text: a heading
_SMALLER: Final = 0.95  # times the size of the text: a note
_SAME_SIZE: Final = 0.08
_HEADING_LINES: Final = 4
_HEADING_WORDS: Final = 25
_LOWER_PART: Final = 0.4
"""Notes stand below this part of a page."""

_LEADER: Final = re.compile(r"(?:[.·…_] ?){4,}\s*\S{1,8}\Z")
_NOTE: Final = re.compile(r"(?:\[?\(?(?:\d{1,3}|[*†‡§¶#]{1,3}|[a-z])[\])]?)(?=[ \u00a0]|[^\W\d_])")
_LONGEST_MARK: Final = 9
_UNSPACED: Final = ("CJK ", "FULLWIDTH ", "HIRAGANA ", "IDEOGRAPHIC ", "KATAKANA")
"""How Unicode's names begin for characters between which a line's end is no space."""


@dataclass(frozen=True, slots=True)
class Body:
    """What most letters of a file are set in."""

    size: float
    bold: bool


@dataclass(frozen=True, slots=True)
class Element:
    """A part of a page: a block of the text to be, or a piece of one.

    ``kind`` is as in ``Block``, or "note" for a footnote. ``is_open``: its last line is full, so what it
    says may go on elsewhere. ``indented``: its first line stands further in than the others.
    """

    kind: str
    text: str
    size: float
    bold: bool = False
    is_open: bool = False
    indented: bool = False
    top: float = 0.0


def body_of(pages: Sequence[Sequence[Row]]) -> Body:
    """The size and weight of most letters."""
    counts: Counter[tuple[float, bool]] = Counter()
    for rows in pages:
        for row in rows:
            for word in row:
                counts[round(word.size * 2) / 2, word.bold] += len(word.text)
    (size, bold), _ = max(counts.items(), key=lambda item: (item[1], item[0]))
    return Body(size, bold)


class Line:
    """One line of a column."""

    def __init__(self, row: Row) -> None:
        self.words = row
        self.left = row[0].left
        self.right = row[-1].right
        letters: Counter[float] = Counter()
        for word in row:
            letters[word.size] += len(word.text)
        self.size = max(letters, key=lambda size: (letters[size], size))
        """The size of most letters: code within a sentence may be set smaller, and be its longest word."""
        self.base = next(word.base for word in row if word.size == self.size)
        self.bold = all(word.bold for word in row if word.size > 0.8 * self.size)

    @cached_property
    def text(self) -> str:
        """The words of the line, with spaces between them."""
        return spaced(self.words)


def spaced(words: Row) -> str:
    """Words as text; those of a script that runs from right to left are turned round."""
    text = "".join(f"{'' if word.joined else ' '}{word.text}" for word in words)
    if leftwards(text):
        runs: list[list[str]] = []
        for word in reversed(words):
            if runs and not leftwards(word.text) and not leftwards(runs[-1][0]):
                runs[-1].insert(0, word.text)
            else:
                runs.append([word.text])
        text = " ".join(" ".join(run) for run in runs)
    return text.strip()


class Column:
    """The lines of one column, and their margins."""

    def __init__(self, rows: list[Row], body: Body, below: float) -> None:
        self.rows = rows
        self.lines = [Line(row) for row in rows]
        self.body = body
        self.below = below
        """Notes have baselines greater than this."""
        lefts = Counter(round(line.left / body.size * 2) for line in self.lines)
        most = max(lefts.values())
        self.left = min(place for place, count in lefts.items() if count == most) * body.size / 2
        # A heading may reach further than the text.
        plain = [line for line in self.lines if line.size < _LARGER * body.size]
        self.right = max(line.right for line in plain or self.lines)
        gaps = [
            (after.base - before.base) / after.size
            for before, after in pairwise(self.lines)
            if abs(after.size - before.size) < _SAME_SIZE * after.size
        ]
        self.leading = min(median(gaps), 2.5) if len(gaps) > 2 else _LEADING

    def elements(self) -> list[Element]:
        """The parts of the column from top to bottom."""
        parts: list[Element] = []
        at = first = 0
        while at < len(self.lines):
            end = self._leaders_end(at)
            large = self.lines[at].size >= _LARGER * self.body.size
            table = None if end > at or large else table_at(self.rows, at)
            if table is not None:
                end = table.end
            if end == at:
                at += 1
                continue
            parts += self._prose(first, at)
            size = self.lines[at].size
            if table is None:
                text = "\n".join(line.text for line in self.lines[at:end])
                parts.append(Element("boilerplate", text, size))
            else:
                rows = "\n".join(
                    GAP.join(spaced(cell) or EMPTY for cell in cells) for cells in table.rows
                )
                parts.append(Element("table", rows, size))
            at = first = end
        parts += self._prose(first, len(self.lines))
        return self._with_notes(parts)

    def _leaders_end(self, at: int) -> int:
        """The end of a table of contents that begins at a line, or ``at``."""
        if not _LEADER.search(self.lines[at].text):
            return at
        led = end = at + 1
        while end < len(self.lines) and self.lines[end].text[-1].isdigit():
            end += 1
            if _LEADER.search(self.lines[end - 1].text):
                led = end
        return led if led - at > 1 else at

    # ------------------------------------------------------------ prose

    def _prose(self, first: int, end: int) -> Iterator[Element]:
        groups: list[list[Line]] = []
        for line in self.lines[first:end]:
            if groups and not self._begins(groups[-1], line):
                groups[-1].append(line)
            else:
                groups.append([line])
        items: list[list[Line]] = []
        for group in groups:
            if self._is_item(group) and (not items or self._is_sibling(items[-1], group)):
                items.append(group)
                continue
            yield from self._list(items)
            items = [group] if self._is_item(group) else []
            if not items:
                yield self._element(group)
        yield from self._list(items)

    def _begins(self, group: list[Line], line: Line) -> bool:
        """Whether a line begins a new block after the lines of ``group``."""
        before = group[-1]
        larger = line.size >= _LARGER * self.body.size
        leading = max(self.leading, 1.5) if larger else self.leading
        if (
            abs(line.size - before.size) > _SAME_SIZE * before.size
            or line.bold != before.bold
            or line.base - before.base > _LOOSE * leading * line.size
        ):
            return True
        return not larger and self._begins_close(group, line)

    def _begins_close(self, group: list[Line], line: Line) -> bool:
        """Whether a line begins a new block, though it looks like the one before and is no further away."""
        before, indent = group[-1], _INDENT * line.size
        in_list = LIST_MARKER.match(group[0].text) is not None
        if in_list and line.left > group[0].left + 0.3 * line.size:
            return False
        ended = ends_sentence(without_mark(before.text))
        short = self._has_room(before, line)
        is_note = _NOTE.match(line.text) and (
            line.words[0].size < 0.85 * line.size
            or (ended and line.size < _SMALLER * self.body.size)
        )
        if is_note or (LIST_MARKER.match(line.text) and (ended or short or in_list)):
            return True
        if line.left > self.left + indent:  # the first line of a paragraph
            return (ended or short) and not before.left > line.left + indent
        if line.left < self.left - indent:  # the first line of a hanging entry
            return before.left >= self.left - 0.3 * line.size
        if not short or line.text[0].islower():
            return False
        # A title in the size of the text: a short line, then full ones.
        full = self.right - line.right < 4 * line.size
        return ended or (len(group) == 1 and full and looks_like_heading(before.text))

    def _has_room(self, before: Line, line: Line) -> bool:
        """Whether the first word of a line would have fitted on the line before."""
        word = line.words[0]
        return self.right - before.right > word.right - word.left + 0.6 * line.size

    def _is_item(self, group: list[Line]) -> bool:
        text = group[0].text
        marker = LIST_MARKER.match(text)
        return marker is not None and marker.end() < len(text) and not self._is_heading(group)

    @staticmethod
    def _is_sibling(item: list[Line], group: list[Line]) -> bool:
        return group[0].base - item[-1].base < 3 * group[0].size

    def _list(self, items: list[list[Line]]) -> Iterator[Element]:
        if not items:
            return
        first, last = items[0][0], items[-1][-1]
        if len(items) == 1 and len(items[0]) == 1 and self._is_numbered_heading(first):
            yield Element("heading", first.text, first.size, first.bold, top=first.base)
            return
        text = "\n".join(self._text(item) for item in items)
        yield Element("list", text, first.size, first.bold, self._is_full(last), top=first.base)

    @staticmethod
    def _is_numbered_heading(line: Line) -> bool:
        marker = LIST_MARKER.match(line.text)
        return (
            marker is not None
            and line.text[0].isdigit()
            and looks_like_heading(line.text[marker.end() :])
        )

    def _element(self, group: list[Line]) -> Element:
        first, last = group[0], group[-1]
        kind = "heading" if self._is_heading(group) else "paragraph"
        indented = first.left > self.left + _INDENT * first.size
        return Element(
            kind,
            self._text(group),
            first.size,
            first.bold,
            self._is_full(last),
            indented,
            first.base,
        )

    def _is_heading(self, group: list[Line]) -> bool:
        text = " ".join(line.text for line in group[:_HEADING_LINES])
        if len(group) > _HEADING_LINES or not any(map(str.isalpha, text)):
            return False
        words = word_count(text)
        if words > _HEADING_WORDS or (words > 5 and ends_sentence(text) and text[-1] not in "?!"):
            return False
        if group[0].size >= _LARGER * self.body.size:
            return True
        if group[0].bold and not self.body.bold:
            return text[0].isalnum() or text[0] in '“"‘¿¡'
        return len(group) == 1 and text.isupper() and words > 1 and looks_like_heading(text)

    def _is_full(self, line: Line) -> bool:
        """Whether a line ends at the right margin, so that its sentence may go on elsewhere."""
        room = min(_ROOM * line.size, 0.4 * (self.right - self.left))
        return line.text.endswith((BROKEN, "-")) or self.right - line.right < room

    def _text(self, group: list[Line]) -> str:
        text = group[0].text
        for before, line in pairwise(group):
            text = joined(text, line.text, by="\n" if self._has_room(before, line) else " ")
        return text

    # ------------------------------------------------------------ notes

    def _with_notes(self, parts: list[Element]) -> list[Element]:
        """The parts, with those at the end that are footnotes marked as such."""
        at = len(parts)
        while (
            at
            and parts[at - 1].kind in ("paragraph", "list")
            and parts[at - 1].size < _SMALLER * self.body.size
            and parts[at - 1].top > self.below
        ):
            at -= 1
        while at < len(parts) and not _NOTE.match(parts[at].text):
            at += 1
        return [*parts[:at], *(replace(part, kind="note") for part in parts[at:])]


def joined(text: str, following: str, by: str = " ") -> str:
    r"""Two lines as one text. A word broken at the line's end stays so: a hyphen and a line's end.

    >>> joined("the water-", "ways of"), joined("1990-", "1995"), joined("the old", "canal")
    ('the water-\nways of', '1990-1995', 'the old canal')
    """
    if text.endswith((BROKEN, "-", "\u2010")) and text[-2:-1].isalnum():
        return text[:-1] + "-" + ("\n" if following[:1].islower() else "") + following
    if text.endswith(BROKEN):
        text = text[:-1] + "-"
    if by == " " and _is_unspaced(text[-1:]) and _is_unspaced(following[:1]):
        by = ""
    return text + by + following


def _is_unspaced(character: str) -> bool:
    return not character.isascii() and unicodedata.name(character, "").startswith(_UNSPACED)


def without_mark(text: str) -> str:
    """A text without the mark of a note at its end, as ``words`` writes it."""
    before, bracket, mark = text.removesuffix("]").rpartition("[")
    is_mark = bracket and text.endswith("]") and 0 < len(mark) <= _LONGEST_MARK and "]" not in mark
    return before if is_mark else text


def elements_of(areas: Sequence[list[Row]], body: Body) -> list[Element]:
    """The parts of a page whose columns are ``areas``, in reading order; its notes come last."""
    bases = [row[0].base for rows in areas for row in rows]
    below = min(bases) + _LOWER_PART * (max(bases) - min(bases)) if bases else 0.0
    parts = [part for rows in areas for part in Column(rows, body, below).elements()]
    notes = [part for part in parts if part.kind == "note"]
    return [*(part for part in parts if part.kind != "note"), *notes]
