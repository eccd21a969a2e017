"""The table of a page or a word-processor file → one line a row, or the news that it is only layout."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, Literal, Protocol, TypeVar


class Piece(Protocol):
    """A paragraph, heading or list item in a cell; ``marker`` is the bullet of an item."""

    text: str
    kind: str
    marker: str


P = TypeVar("P", bound=Piece)

Kind = Literal["layout", "table", "pairs"]

EMPTY: Final = "\u2013"
"""Stands in a cell without text, so that every row has as many cells as the header."""
GAP: Final = " | "
_RULE: Final = "---"

_LONG: Final = 400  # characters; no cell of a real table says so much
_SOME: Final = 150  # nor so much in several paragraphs
_REPEATED: Final = (
    80  # characters; a longer text is not repeated in each row and column that its cell spans
)
_WIDEST_SPAN: Final = 100
_FILLED: Final = 20  # a table with more empty places than this for each cell is ragged, and left so
_NUMERIC: Final = re.compile(r"[^\w\s]{0,2}\s?\w{0,3}[^\w\s]?\s?\d")


@dataclass(slots=True)
class Cell(Generic[P]):
    """A cell as the page has it."""

    columns: int
    rows: int
    is_header: bool
    pieces: list[P] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Characters of text."""
        return sum(len(piece.text) for piece in self.pieces)

    @property
    def is_rich(self) -> bool:
        """Whether it holds as much as a column of a page."""
        size = self.size
        return self.has_heading or size > _LONG or (len(self.pieces) > 1 and size > _SOME)

    @property
    def has_heading(self) -> bool:
        """Whether it has a heading."""
        return any(piece.kind in ("heading", "title") for piece in self.pieces)

    def text(self) -> str:
        """Its text on one line, without the sign that separates cells."""
        parts: list[str] = []
        for piece in self.pieces:
            if parts:
                parts.append("; " if piece.marker else " ")
            parts.append(piece.text)
        return " ".join("".join(parts).replace("|", "¦").split())


@dataclass(slots=True)
class _Row(Generic[P]):
    is_head: bool
    cells: list[Cell[P]] = field(default_factory=list)

    @property
    def filled(self) -> list[Cell[P]]:
        return [cell for cell in self.cells if cell.pieces]


class Grid(Generic[P]):
    """A table while it is read."""

    def __init__(self) -> None:
        self._rows: list[_Row[P]] = []
        self._in_head = False
        self._cell: Cell[P] | None = None

    @property
    def has_rows(self) -> bool:
        """Whether a row has begun."""
        return bool(self._rows)

    def section(self, *, is_head: bool) -> None:
        """Begin the head of the table, or its body."""
        self._in_head = is_head

    def row(self) -> None:
        """Begin a row."""
        self._rows.append(_Row(self._in_head))

    def open(self, columns: int = 1, rows: int = 1, *, is_header: bool = False) -> None:
        """Begin a cell that spans this many columns and rows."""
        if not self._rows:
            self.row()
        self._cell = Cell(columns, rows, is_header)
        self._rows[-1].cells.append(self._cell)

    def close(self) -> None:
        """End the cell."""
        self._cell = None

    def add(self, piece: P) -> None:
        """Add to the open cell; what stands outside the cells is a row of its own."""
        if self._cell is None:
            self.row()
            self.open()
            self.add(piece)
            self.close()
        else:
            self._cell.pieces.append(piece)

    def pieces(self) -> Iterator[P]:
        """Everything in the table, in order."""
        for row in self._rows:
            for cell in row.cells:
                yield from cell.pieces

    def kind(self) -> Kind:
        """Whether this is a table of data, one of names with their values, or only layout.

        Layout has one cell a row, a single row, or paragraphs in its cells.
        """
        rows = [row for row in self._rows if row.filled]
        if max((len(row.filled) for row in rows), default=0) < 2:
            return "layout"
        cells = [cell for row in rows for cell in row.filled]
        has_header = any(cell.is_header for cell in cells)
        if len(rows) == 1 and not has_header:
            return "layout"
        if any(cell.has_heading and not cell.is_header for cell in cells):
            return "layout"
        rich = sum(1 for cell in cells if cell.is_rich)
        if rich * (2 if has_header else 3) > len(cells):
            return "layout"
        pairs = [row for row in rows if len(row.cells) == 2]
        named = all(row.cells[0].is_header and not row.cells[1].is_header for row in pairs)
        titles = all(
            len(row.cells) == 1 and row.cells[0].is_header for row in rows if len(row.cells) != 2
        )
        return "pairs" if pairs and named and titles else "table"

    def pairs(self) -> Iterator[str]:
        """Each row as "name: value"."""
        for row in self._rows:
            if texts := [
                cell.text().rstrip(":") if cell.is_header else cell.text() for cell in row.filled
            ]:
                yield ": ".join(texts)

    def lines(self) -> list[str]:
        """Each row as one line, with a gap between cells.

        A cell that spans several rows or columns is repeated in each. Rows of column names become one, and
        a rule follows it. Empty rows and columns are left out.
        """
        texts = self._expanded()
        heads = self._heads(texts)
        kept = [n for n, row in enumerate(texts) if any(row)]
        body = [texts[n] for n in kept if n >= heads]
        titles = [texts[n] for n in kept if n < heads and heads > 1 and _is_title(texts[n])]
        head = _joined([texts[n] for n in kept if n < heads and texts[n] not in titles])
        used = _used_columns([*([head] if head else []), *body])
        if not head and _names_columns(body):
            head, *body = body
        if len(used) * len(body) > _FILLED * (len(used) + sum(map(len, body))):
            return [GAP.join(filter(None, row)) for row in ([head] if head else []) + body]
        lines = [row[0] for row in titles]
        if head:
            lines.append(_line(head, used))
        if head and body and not titles:
            lines.append(GAP.join([_RULE] * len(used)))
        return lines + [_line(row, used) for row in body]

    def _heads(self, texts: Sequence[Sequence[str]]) -> int:
        """The number of rows at the top that name columns."""
        count = 0
        for row, shown in zip(self._rows, texts, strict=True):
            names = row.is_head or (row.filled and all(cell.is_header for cell in row.filled))
            if any(shown) and not names:
                break
            count += 1
        return count if count < len(self._rows) else min(1, count)

    def _expanded(self) -> list[list[str]]:
        """The texts of all rows, with spans filled in."""
        source = [[cell.text() for cell in row.cells] for row in self._rows]
        # How many characters repeats may add, so that no small file gives a large text.
        budget = 10_000 + 2 * sum(len(text) + 1 for row in source for text in row)
        expanded: list[list[str]] = []
        below: dict[int, tuple[int, str]] = {}  # column → rows still to come, text
        for row, texts in zip(self._rows, source, strict=True):
            line: list[str] = []
            for cell, text in zip(row.cells, texts, strict=True):
                budget = _fill(line, below, budget)
                columns = max(1, min(cell.columns, _WIDEST_SPAN))
                repeated = text if len(text) <= _REPEATED else ""
                cost = (columns - 1) * (len(repeated) + 1)
                if cost > budget:
                    columns, cost = 1, 0
                budget -= cost
                for number in range(columns):
                    if cell.rows > 1:
                        below[len(line)] = (cell.rows - 1, repeated)
                    line.append(repeated if number else text)
            budget = _fill(line, below, budget, last=True)
            expanded.append(line)
        return expanded


def _fill(
    line: list[str], below: dict[int, tuple[int, str]], budget: int, *, last: bool = False
) -> int:
    """Add the cells that reach down from rows above; returns the budget that is left."""
    end = max(below) if below and last else -1
    while below:
        at = len(line)
        if at not in below:
            if at > end:
                break
            line.append("")
            budget -= 1
            continue
        rows, text = below.pop(at)
        if rows > 1:
            below[at] = (rows - 1, text)
        budget -= len(text) + 1
        if budget < 0:
            below.clear()
            break
        line.append(text)
    return budget


def _joined(rows: Sequence[Sequence[str]]) -> list[str]:
    """One row of column names from several: "2024" above "Ships" gives "2024 Ships"."""
    names: list[list[str]] = [[] for _ in range(max((len(row) for row in rows), default=0))]
    for row in rows:
        for name, text in zip(names, row, strict=False):
            if text and text not in name:
                name.append(text)
    return [" ".join(name) for name in names]


def _used_columns(rows: Sequence[Sequence[str]]) -> list[int]:
    width = max((len(row) for row in rows), default=0)
    used: set[int] = set()
    for row in rows:
        if not _is_title(row):
            used.update(n for n, text in enumerate(row) if text)
    return [n for n in range(width) if n in used] or list(range(width))


def _is_title(row: Sequence[str]) -> bool:
    """Whether one cell spans the whole row."""
    return len(row) > 1 and bool(row[0]) and len(set(row)) == 1


def _names_columns(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row has names and some column below it has only numbers."""
    if len(rows) < 2:
        return False
    first, *others = rows
    if len(first) < 2 or not all(first[1:]) or any(_NUMERIC.match(text) for text in first):
        return False
    return any(
        all(n < len(row) and _NUMERIC.match(row[n]) for row in others) for n in range(len(first))
    )


def _line(row: Sequence[str], used: Sequence[int]) -> str:
    if _is_title(row):
        return row[0]
    return GAP.join((row[n] if n < len(row) else "") or EMPTY for n in used)
