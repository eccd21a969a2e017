"""Takes the rows of a page apart into columns, in reading order.

A gutter is a strip of white that text on both sides respects over several rows. Rows that cross it (a
title, an abstract, a figure's caption over the full width) divide the page into zones; in each zone the
left column is read before the right one. Each side is taken apart again, so three columns need no rule of
their own. Columns of a table have gutters too: only sides that read like running text are columns.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from statistics import median
from typing import Final

from rag.formats.pdf.words import Row, Word

# All in multiples of the size of the letters.
_GUTTER: Final = 0.55  # the least width of white between columns; LaTeX's is 1
_EDGE: Final = 0.25  # lines of a column begin within this
_NARROWEST: Final = 7.0
_CANDIDATES: Final = 8
_DEPTH: Final = 6
"""How deep columns may be nested."""
_LINES: Final = 3  # a gutter is respected by this many rows on both sides
_MANY: Final = 8  # or by this many on one of them
_WORDS: Final = 2.2  # a line of a column has at least this many, on average
_GOES_ON: Final = 0.15  # the share of lines that begin within a sentence
_APART: Final = 2.5  # rows this far apart, in lines, are judged separately


def in_reading_order(rows: Sequence[Row], known: set[float]) -> list[list[Row]]:
    """The rows of a page as columns in reading order, each a list of its rows.

    ``known`` are the gutters of earlier pages, to which those of this one are added: a few lines on the
    last page are columns if they keep to one of these.
    """
    return list(_areas(list(rows), known, _DEPTH))


def _areas(rows: list[Row], known: set[float], depth: int) -> Iterator[list[Row]]:
    zones = _best_zones(rows, known) if depth and len(rows) > 1 else None
    if zones is None:
        if rows:
            yield rows
        return
    known.update(zone.gutter for zone in zones)
    at = 0
    for zone in zones:
        yield from _areas(rows[at : zone.start], known, depth - 1)
        for left in (True, False):
            side = _side(rows[zone.start : zone.end], zone.gutter, left=left)
            yield from _areas(side, known, depth - 1)
        at = zone.end
    yield from _areas(rows[at:], known, depth - 1)


@dataclass(frozen=True, slots=True)
class _Zone:
    """Rows ``start..end`` that respect the gutter ending at ``gutter``.

    ``is_sure``: there are enough of them to tell; fewer may keep to a gutter by chance.
    """

    start: int
    end: int
    gutter: float
    worth: int
    is_sure: bool


def _side(rows: list[Row], gutter: float, *, left: bool) -> list[Row]:
    parts = [[word for word in row if (word.left < gutter) == left] for row in rows]
    return [part for part in parts if part]


def _best_zones(rows: list[Row], known: set[float]) -> list[_Zone] | None:
    """The zones of the gutter that most rows respect, or None if there is none."""
    size = median(word.size for row in rows for word in row)
    best: list[_Zone] = []
    for edge in dict.fromkeys((*_free_edges(rows, size), *_edges(rows, size))):
        zones = list(_zones(rows, edge, size))
        is_sure = any(abs(gutter - edge) < size for gutter in known)
        if (is_sure or any(zone.is_sure for zone in zones)) and sum(
            zone.worth for zone in zones
        ) > sum(zone.worth for zone in best):
            best = zones
    return best or None


def _free_edges(rows: list[Row], size: float) -> Iterator[float]:
    """The right edges of the strips of white that run through all rows."""
    right = -inf
    for word in sorted((word for row in rows for word in row), key=lambda word: word.left):
        if right > -inf and word.left - right >= _GUTTER * size:
            yield word.left
        right = max(right, word.right)


def _edges(rows: list[Row], size: float) -> Iterator[float]:
    """Where lines of a right column may begin: the places at which most words stand behind white."""
    first = min(row[0].left for row in rows)
    counts: Counter[int] = Counter()
    leftmost: dict[int, float] = {}
    for row in rows:
        before = first - size
        for word in row:
            if word.left - before >= _GUTTER * size and word.left - first > _NARROWEST * size / 2:
                place = round(word.left / (_EDGE * size))
                counts[place] += 1
                leftmost[place] = min(leftmost.get(place, word.left), word.left)
            before = max(before, word.right)
    # Edges near the border of two places may fall into either.
    near = {
        place: count + max(counts[place - 1], counts[place + 1]) for place, count in counts.items()
    }
    for place in sorted(near, key=lambda place: (-near[place], place))[:_CANDIDATES]:
        if near[place] >= 2:
            yield min(leftmost[place], leftmost.get(place - 1, leftmost[place]))


def _zones(rows: list[Row], edge: float, size: float) -> Iterator[_Zone]:
    gutter = edge - 0.05 * size
    start = 0
    for at in range(len(rows) + 1):
        if at < len(rows) and not _crosses(rows[at], gutter - _GUTTER * size, gutter):
            continue
        yield from _trimmed(rows, start, at, gutter, size)
        start = at + 1


def _crosses(row: Row, low: float, high: float) -> bool:
    """Whether a row has a word in a strip, or only the space between two words of a larger heading."""
    return any(word.left < high and word.right > low for word in row) or any(
        before.right <= low
        and after.left >= high
        and after.left - before.right < _GUTTER * min(before.size, after.size)
        for before, after in pairwise(row)
    )


def _trimmed(rows: list[Row], start: int, end: int, gutter: float, size: float) -> Iterator[_Zone]:
    """The zones among rows that respect a gutter, without tables and what heads all columns."""
    parts = _apart(rows, start, end, size)
    low = start
    for begin, finish in parts:
        if _is_table(rows[begin:finish], gutter):
            yield from _zone(rows, low, begin, gutter, size)
            low = finish
    yield from _zone(rows, low, end, gutter, size)


def _apart(rows: list[Row], start: int, end: int, size: float) -> list[tuple[int, int]]:
    """The rows in groups with much white between them."""
    cuts = [
        at
        for at in range(start + 1, end)
        if _top(rows[at]) - rows[at - 1][0].base > (_APART - 1) * size
    ]
    return list(zip([start, *cuts], [*cuts, end], strict=True)) if end > start else []


def _top(row: Row) -> float:
    return min(word.base - word.size for word in row)


def _zone(rows: list[Row], start: int, end: int, gutter: float, size: float) -> Iterator[_Zone]:
    while start < end and _heads_all(rows, start, end, size):
        start += 1
    left = _side(rows[start:end], gutter, left=True)
    right = _side(rows[start:end], gutter, left=False)
    if not (left and right) or len(left) + len(right) < _LINES:
        return
    fewer, more = sorted((left, right), key=len)
    short = (
        len(fewer) < _LINES <= _MANY <= len(more)
    )  # the text ends near the top of its last column
    if not _is_text(more, size) or not (short or _is_text(fewer, size)):
        return
    if _continuing(left) + _continuing(right) < _GOES_ON * (len(left) + len(right)):
        return
    yield _Zone(start, end, gutter, len(fewer), short or len(fewer) >= _LINES)


def _heads_all(rows: list[Row], start: int, end: int, size: float) -> bool:
    """Whether the row at ``start`` is larger than the text and stands in the middle above all columns."""
    row = rows[start]
    if max(word.size for word in row) < 1.15 * size:
        return False
    if any(after.left - before.right > 2 * before.size for before, after in pairwise(row)):
        return False
    left = min(other[0].left for other in rows[start:end])
    right = max(other[-1].right for other in rows[start:end])
    return abs((row[0].left + row[-1].right) / 2 - (left + right) / 2) < 3 * size


def _is_text(side: list[Row], size: float) -> bool:
    """Whether one side of a gutter reads like running text: lines wide enough, of several words."""
    widths = sorted(row[-1].right - row[0].left for row in side)
    usual = widths[3 * len(widths) // 4]
    return usual >= _NARROWEST * size and sum(map(len, side)) >= _WORDS * len(side)


def _continuing(side: list[Row]) -> int:
    """The number of lines that begin within a sentence."""
    return sum(_goes_on(row[0]) for row in side[1:])


def _goes_on(word: Word) -> bool:
    return not word.text[:1].isupper() and word.text[:1].isalpha()


def _is_table(rows: list[Row], gutter: float) -> bool:
    """Whether rows are those of a table: both sides in every row, and no sentence goes on."""
    if len(rows) < 3:
        return False
    both = sum(row[0].left < gutter <= row[-1].left for row in rows)
    sides = [_side(rows, gutter, left=left) for left in (True, False)]
    lines = sum(map(len, sides))
    return (
        both >= 0.8 * len(rows)
        and sum(map(_continuing, sides)) < _GOES_ON * lines
        and sum(len(row) for side in sides for row in side) < 4 * lines
    )
