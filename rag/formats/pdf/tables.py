"""Finds tables: rows whose cells stand below each other, with white between the columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Final

from rag.formats.pdf.words import Row
from rag.text.lines import LIST_MARKER

_GAP: Final = 0.9
"""The least white between two cells, in the size of the letters; justified lines rarely have as much."""
_CLOSE: Final = 0.85  # times the pitch of the rows: a cell's second line
_SAME_SIZE: Final = 0.15
_SAME_PLACE: Final = 0.4
_PROSE_WORDS: Final = 14
_APART: Final = 3.5  # rows are not further apart, in the size of the letters

Extent = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Table:
    """A table that ends before line ``end``: rows of cells, of which some may be empty."""

    rows: list[list[Row]]
    end: int


def cells_in(row: Row) -> list[Row]:
    """A row cut at its wide gaps. The bullet or number of a list item stays with its text."""
    cells: list[Row] = [[row[0]]]
    for word in row[1:]:
        if word.left - cells[-1][-1].right >= _GAP * word.size:
            cells.append([word])
        else:
            cells[-1].append(word)
    if len(cells) > 1 and len(cells[0]) == 1 and LIST_MARKER.fullmatch(cells[0][0].text + " "):
        cells[:2] = [cells[0] + cells[1]]
    return cells


def table_at(rows: Sequence[Row], at: int) -> Table | None:
    """The table that begins at a row, or None."""
    cells = cells_in(rows[at])
    if len(cells) < 2:
        return None
    columns = _extents(cells)
    lines = [cells]
    end = full = at + 1
    several = 1
    size = rows[at][0].size
    while (
        end < len(rows)
        and rows[end][0].base - rows[end - 1][0].base < _APART * size
        and abs(rows[end][0].size - size) < _SAME_SIZE * size
    ):
        cells = cells_in(rows[end])
        merged = _merged([*columns, *_extents(cells)])
        if len(merged) < max(2, len(columns) if several > 1 else 2) or _is_prose(cells):
            break
        if len(cells) > 1:
            several += 1
            full = end + 1
        elif end - full > 1:
            break
        columns = merged
        lines.append(cells)
        end += 1
    lines = lines[: full - at]
    columns = _columns(lines)
    if (
        several < 2
        or (several == 2 and not _is_small(lines))
        or _is_justified(lines)
        or not _is_aligned(lines, columns)
    ):
        return None
    return Table(_rows(lines, columns), full)


def _is_prose(cells: Sequence[Row]) -> bool:
    return any(len(cell) > _PROSE_WORDS for cell in cells)


def _is_small(lines: Sequence[Sequence[Row]]) -> bool:
    """Whether as few as two lines are a table: many columns, or cells of a few words."""
    return all(len(cells) > 2 or all(len(cell) <= 4 for cell in cells) for cells in lines)


def _is_justified(lines: Sequence[Sequence[Row]]) -> bool:
    """Whether lines are those of a narrow justified column, whose gaps happen to be below each other."""
    ends = [cells[-1][-1] for cells in lines if len(cells) > 1]  # others may end a paragraph
    right = max(word.right for word in ends)
    filled = all(right - word.right < _SAME_PLACE * word.size for word in ends[:-1])
    inside = sum(cells[0][0].text[:1].islower() for cells in lines[1:])
    figures = sum(any(map(str.isdigit, word.text)) for word in ends)
    running = len(lines) == 2 or inside * 3 >= len(lines) - 1
    return filled and running and figures * 2 <= len(ends)


def _is_aligned(lines: Sequence[Sequence[Row]], columns: Sequence[Extent]) -> bool:
    """Whether the cells of each column are aligned on the left, on the right or in the middle.

    Cells that are aligned only on the right have to be figures.
    """
    for number in range(len(columns)):
        cells = [cell for cells in lines for cell in cells if _column(cell, columns) == number]
        size = cells[0][0].size
        begins = [cell[0].left for cell in cells]
        ends = [cell[-1].right for cell in cells]
        middles = [(begin + end) / 2 for begin, end in zip(begins, ends, strict=True)]
        figures = sum(any(map(str.isdigit, word.text)) for cell in cells for word in cell[-1:])
        if not (
            _most(begins, size)
            or _most(middles, size)
            or (_most(ends, size) and 2 * figures >= len(cells))
        ):
            return False
    return True


def _most(places: Sequence[float], size: float) -> bool:
    """Whether most places are the same."""
    middle = median(places)
    return sum(abs(place - middle) < _SAME_PLACE * size for place in places) >= 0.6 * len(places)


def _extents(cells: Sequence[Row]) -> list[Extent]:
    return [(cell[0].left, cell[-1].right) for cell in cells]


def _merged(extents: Sequence[Extent]) -> list[Extent]:
    """Extents with those that overlap made one."""
    merged: list[Extent] = []
    for left, right in sorted(extents):
        if merged and left < merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], right)
        else:
            merged.append((left, right))
    return merged


def _columns(lines: Sequence[Sequence[Row]]) -> list[Extent]:
    """The columns of a table; if names and figures are not below each other, those of its longest rows."""
    merged = _merged([extent for cells in lines for extent in _extents(cells)])
    most = max(map(len, lines))
    if len(merged) <= most:
        return merged
    longest = [_extents(cells) for cells in lines if len(cells) == most]
    return [
        (min(left for left, _ in column), max(right for _, right in column))
        for column in zip(*longest, strict=True)
    ]


def _rows(lines: Sequence[Sequence[Row]], columns: Sequence[Extent]) -> list[list[Row]]:
    """The rows of a table; a line that only continues cells of the row above is added to that row."""
    bases = [cells[0][0].base for cells in lines]
    pitch = median(after - before for before, after in pairwise(bases))
    rows: list[dict[int, Row]] = []
    for number, cells in enumerate(lines):
        placed: dict[int, Row] = {}
        for cell in cells:  # of a line that had narrower columns, several may stand in one
            place = _column(cell, columns)
            placed[place] = placed.get(place, []) + cell
        close = number > 0 and bases[number] - bases[number - 1] < _CLOSE * pitch
        goes_on = number > 1 and 0 not in placed and len(placed) * 2 <= len(columns)
        if rows and (close or goes_on):
            for place, cell in placed.items():
                rows[-1][place] = rows[-1].get(place, []) + cell
        else:
            rows.append(dict(placed))
    return [[row.get(place, []) for place in range(len(columns))] for row in rows]


def _column(cell: Row, columns: Sequence[Extent]) -> int:
    """The number of the column that a cell is in or nearest to."""
    middle = (cell[0].left + cell[-1].right) / 2
    return min(
        range(len(columns)),
        key=lambda number: max(columns[number][0] - middle, middle - columns[number][1]),
    )
