"""The layout of an article: its blocks as headings, paragraphs, lists and tables, with what is marked."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from operator import attrgetter
from typing import Final

from rag.records import Block, Document
from rag.serve.page.highlight import Mark, Run, runs
from rag.serve.page.state import QUOTE
from rag.text.lines import LIST_MARKER, Line, is_table_rule, read_lines
from rag.text.markup import masked
from rag.text.sentences import trimmed
from rag.text.units import cells_of

LONGEST: Final = 300_000
"""Characters of an article that are shown at once; a book is shown in parts."""
DEEPEST: Final = 4
"""Levels of a nested list that are told apart."""
_HEAD: Final = 4_000
"""Characters within which the first two lines of a table must stand for the first to name its columns."""

Cell = list[Run]


@dataclass(frozen=True, slots=True)
class Row:
    """One item of a list, one row of a table, or the whole of another piece, which has one cell."""

    cells: tuple[Cell, ...]
    marker: str = ""
    """The bullet or number of a list's item, as written."""
    depth: int = 0
    is_header: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """A block as it is shown. ``kind`` is that of the block, or ``page`` where a page begins."""

    kind: str
    rows: tuple[Row, ...] = ()
    page: int | None = None

    @property
    def is_marked(self) -> bool:
        """Whether anything of it is marked."""
        return any(run.kinds for row in self.rows for cell in row.cells for run in cell)


@dataclass(frozen=True, slots=True)
class Layout:
    """The part of an article that is shown.

    ``earlier`` and ``later`` are offsets from which the parts before and after it can be shown, or None.
    """

    pieces: tuple[Piece, ...]
    earlier: int | None = None
    later: int | None = None

    @property
    def has_title(self) -> bool:
        """Whether the article's own title is among the pieces."""
        return any(piece.kind == "title" for piece in self.pieces)


def layout(document: Document, marks: Sequence[Mark] = (), around: int = 0) -> Layout:
    """An article with these stretches marked; of a very long one, the part around an offset."""
    blocks = list(_complete(document))
    first, last = _part(blocks, around)
    shown = blocks[first:last]
    pieces = tuple(_pieces(document, shown, marks, document.locator))
    _name_first_mark(pieces)
    return Layout(
        pieces,
        max(0, shown[0].start - LONGEST // 2) if first else None,
        blocks[last].start if last < len(blocks) else None,
    )


def excerpt(
    document: Document, start: int, end: int, marks: Sequence[Mark] = ()
) -> tuple[Piece, ...]:
    """``text[start:end]`` of an article in its layout; rows of a table stand below its header."""
    blocks = [
        replace(block, start=max(start, block.start), end=min(end, block.end))
        for block in _complete(document)
        if block.start < end and start < block.end
    ]
    return tuple(_pieces(document, blocks, marks))


def is_in_table(document: Document, offset: int) -> bool:
    """Whether a table of the article stands there."""
    return any(
        block.kind == "table" and block.start <= offset < block.end for block in document.blocks
    )


def row_words(document: Document, start: int, end: int) -> str:
    """The cells of a table's row, without its bars; "" if no row stands there."""
    if not is_in_table(document, start):
        return ""
    text = masked(document.text)
    cells = [
        text[slice(*cell)] for line in read_lines(text, start, end) for cell in _cells(text, line)
    ]
    return " · ".join(filter(None, cells))


def _name_first_mark(pieces: Iterable[Piece]) -> None:
    """Give the first marked run its id, to which addresses lead."""
    for piece in pieces:
        for row in piece.rows:
            for cell in row.cells:
                for number, run in enumerate(cell):
                    if run.kinds:
                        cell[number] = run._replace(id=QUOTE)
                        return


def _complete(document: Document) -> Iterator[Block]:
    """The blocks, and paragraphs of all text that stands in none: nothing of the article is left out."""
    at = 0
    for block in (*document.blocks, Block(len(document.text), len(document.text), "")):
        for start, end in trimmed(document.text, at, block.start):
            yield Block(start, end, "paragraph")
        if block.kind:
            yield block
        at = block.end


def _part(blocks: Sequence[Block], around: int) -> tuple[int, int]:
    """The numbers of the first block to show and of the first one after the last to show."""
    if not blocks or blocks[-1].end - blocks[0].start <= LONGEST:
        return 0, len(blocks)
    middle = next((n for n, block in enumerate(blocks) if block.end > around), len(blocks) - 1)
    first = middle
    while first and blocks[middle].start - blocks[first - 1].start <= LONGEST // 4:
        first -= 1
    last = middle + 1
    while last < len(blocks) and blocks[last].end - blocks[first].start <= LONGEST:
        last += 1
    return first, last


def _pieces(
    document: Document,
    blocks: Sequence[Block],
    marks: Sequence[Mark],
    pages: Sequence[int] = (),
) -> Iterator[Piece]:
    """The pieces of some blocks, which may be parts of the document's own, and the ``pages`` that begin."""
    furniture: list[Row] = []
    before = blocks[0].start if blocks else 0
    for block in blocks:
        rows = tuple(_rows(document, block, marks, pages))
        begun = _page_at(pages, before - 1, block.start)
        before = block.end
        if furniture and (block.kind != "boilerplate" or begun):
            yield Piece("boilerplate", tuple(furniture))
            furniture = []
        if begun:
            yield Piece("page", page=begun)
        if block.kind == "boilerplate":
            furniture += rows
        elif rows:
            yield Piece(block.kind, rows)
    if furniture:
        yield Piece("boilerplate", tuple(furniture))


def _page_at(pages: Sequence[int], after: int, until: int) -> int | None:
    """The number of the page that begins between two blocks; None if none does."""
    begun = [n for n, offset in enumerate(pages, 1) if after < offset <= until]
    return begun[-1] if begun else None


def _rows(
    document: Document, block: Block, marks: Sequence[Mark], pages: Sequence[int]
) -> Iterator[Row]:
    text = masked(document.text)
    if block.kind == "list":
        yield from _items(text, read_lines(text, block.start, block.end), marks, pages)
    elif block.kind == "table":
        whole = bisect_left(document.blocks, block.end, key=attrgetter("end"))
        header = _header(text, document.blocks[whole])
        if header is not None:
            yield _row(text, header, marks, pages, is_header=True)
        for line in read_lines(text, block.start, block.end):
            is_below = header is None or line.start > header.start
            if is_below and not is_table_rule(line.text):
                yield _row(text, line, marks, pages)
    else:
        cell = _without_marks_of_headings(runs(text, block.start, block.end, marks, pages), block)
        if any(run.text.strip() for run in cell):
            yield Row((cell,))


def _without_marks_of_headings(cell: Cell, block: Block) -> Cell:
    """A Markdown heading without its number signs."""
    if block.kind not in ("title", "heading") or not cell:
        return cell
    return [cell[0]._replace(text=cell[0].text.lstrip("# \t")), *cell[1:]]


def _items(
    text: str, lines: Iterable[Line], marks: Sequence[Mark], pages: Sequence[int]
) -> Iterator[Row]:
    """The items of a list; a line without a bullet goes on with the item before it."""
    items: list[tuple[int, int, str, int]] = []
    for line in lines:
        marker = LIST_MARKER.match(line.text)
        if marker or not items:
            begin = marker.end() if marker else 0
            items.append((line.start + begin, line.end, line.text[:begin].strip(), line.indent))
        else:
            start, _, written, indent = items[-1]
            items[-1] = (start, line.end, written, indent)
    levels = sorted({indent for *_, indent in items})
    for start, end, written, indent in items:
        depth = min(levels.index(indent), DEEPEST)
        yield Row((runs(text, start, end, marks, pages),), written, depth)


def _header(text: str, table: Block) -> Line | None:
    """The first row of a table, if a rule follows it or it has no figures; None if it names no columns."""
    first, *others = read_lines(text, table.start, min(table.end, table.start + _HEAD))
    if not others or is_table_rule(first.text):
        return None
    is_ruled = is_table_rule(others[0].text)
    return first if is_ruled or not any(map(str.isdecimal, first.text)) else None


def _row(
    text: str, line: Line, marks: Sequence[Mark], pages: Sequence[int], *, is_header: bool = False
) -> Row:
    cells = tuple(runs(text, *cell, marks, pages) for cell in _cells(text, line))
    return Row(cells, is_header=is_header)


def _cells(text: str, line: Line) -> list[tuple[int, int]]:
    """The cells of a row as offsets, empty ones between pipes too."""
    bars = [line.start + n for n, letter in enumerate(line.text) if letter == "|"]
    if not bars:
        return cells_of(text, line.start, line.end)
    ends = [line.start - 1, *bars, line.end]
    cells = [(begin + 1, end) for begin, end in pairwise(ends)]
    if line.text.startswith("|"):
        cells = cells[1:]
    if line.text.endswith("|"):
        cells = cells[:-1]
    return [next(iter(trimmed(text, *cell)), cell) for cell in cells]


def marks_of(spans: Iterable[tuple[int, int]], answers: Iterable[tuple[int, int]]) -> list[Mark]:
    """Marks of the quotes to show in an article, and of the answers within them."""
    return [Mark(*span, "quote") for span in spans] + [Mark(*span, "answer") for span in answers]
