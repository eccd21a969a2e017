"""The smallest citable units: sentences, table rows with their cells, list items."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from rag.english.sentences import leans
from rag.records import Block, Document, Passage
from rag.text.lines import LIST_MARKER, groups, is_table_rule, read_lines
from rag.text.markup import masked
from rag.text.sentences import sentence_spans, trimmed

_GAP: Final = re.compile(r"[ \u00a0]*\t\s*|[ \u00a0]{2,}|[ \u00a0]*\|[ \u00a0]*")
"""The gap between two cells: a tab, two spaces, or a pipe."""
_LONGEST_RULE: Final = 2000  # characters


class Cell(NamedTuple):
    """A cell of a table row, as offsets, and the name of its column."""

    start: int
    end: int
    column: str


class Unit(NamedTuple):
    """A sentence, table row or list item, as offsets into its document."""

    start: int
    end: int
    kind: str
    """The kind of its block."""
    block: int = 0
    """The start of its block; all units of a block share it."""
    cells: tuple[Cell, ...] = ()
    """The cells of a table row, if its table names its columns and every column has a cell."""


Units = Callable[[Passage], Sequence[Unit]]
"""Returns the units of a passage."""


def unit_spans(document_text: str, block: Block, start: int, end: int) -> list[tuple[int, int]]:
    """The smallest citable units of ``block`` within ``start..end``, as offsets.

    For a table: its rows, without the rule under the header. For a list: its items, without bullet or
    number but with their continuation lines; text after a blank line inside an item is split into
    sentences. For all other kinds: sentences. A unit that crosses ``start`` or ``end`` is cut there.
    """
    start, end = max(start, block.start), min(end, block.end)
    if start >= end:
        return []
    text = masked(document_text)
    if block.kind == "table":
        lines = read_lines(text, start, end)
        return [(line.start, line.end) for line in lines if not is_table_rule(line.text)]
    if block.kind == "list":
        return _items(text, start, end)
    return sentence_spans(text, start, end)


def _items(text: str, start: int, end: int) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    for lines in groups(read_lines(text, start, end)):
        markers = [(n, m) for n, line in enumerate(lines) if (m := LIST_MARKER.match(line.text))]
        first = markers[0][0] if markers else len(lines)
        if first:
            spans += sentence_spans(text, lines[0].start, lines[first - 1].end)
        ends = [*(n for n, _ in markers[1:]), len(lines)]
        for (number, marker), last in zip(markers, ends, strict=False):
            spans += trimmed(text, lines[number].start + marker.end(), lines[last - 1].end)
    return spans


def units_of(document: Document, passage: Passage) -> list[Unit]:
    """The sentences, table rows and list items of a passage, as offsets into its document.

    Header rows are left out: they answer nothing by themselves.
    """
    units: list[Unit] = []
    for block in document.blocks:
        if block.start >= passage.end or passage.start >= block.end:
            continue
        spans = unit_spans(document.text, block, passage.start, passage.end)
        if block.kind == "table":
            units += _rows(masked(document.text), block, spans)
        else:
            units += [Unit(start, end, block.kind, block.start) for start, end in spans]
    return units


def block_units(document: Document, unit: Unit) -> list[Unit]:
    """All units of the block that contains ``unit``, even outside its passage."""
    [block] = [block for block in document.blocks if block.start == unit.block]
    spans = unit_spans(document.text, block, block.start, block.end)
    return [Unit(start, end, block.kind, block.start) for start, end in spans]


def introduction(document: Document, unit: Unit) -> str:
    """The text of the block before the unit's block; "" if there is none."""
    before = [block for block in document.blocks if block.start < unit.block]
    return document.text[before[-1].start : before[-1].end] if before else ""


def context_start(passage: Passage, units: Sequence[Unit], number: int) -> int:
    """The offset from which unit ``number`` can be understood.

    That is the start of the unit before it, if both are in one block and the unit refers back to it.
    """
    unit = units[number]
    if not number or units[number - 1].block != unit.block:
        return unit.start
    refers_back = leans(passage.text, unit.start - passage.start)
    return units[number - 1].start if refers_back else unit.start


def _rows(text: str, block: Block, spans: Sequence[tuple[int, int]]) -> list[Unit]:
    if not spans:  # the table has only rules
        return []
    first, *_ = unit_spans(text, block, block.start, block.end)
    # A rule below the first row says that it names the columns, whatever they are called.
    below = next(iter(read_lines(text, first[1], min(block.end, first[1] + _LONGEST_RULE))), None)
    ruled = below is not None and is_table_rule(below.text)
    has_header = ruled or not any(character.isdecimal() for character in text[slice(*first)])
    columns = [text[slice(*cell)] for cell in cells_of(text, *first)] if has_header else []
    rows = []
    for start, end in spans:
        if has_header and start < first[1]:
            continue
        cells = cells_of(text, start, end)
        aligned = len(cells) == len(columns) > 1
        rows.append(
            Unit(
                start,
                end,
                block.kind,
                block.start,
                tuple(Cell(*cell, name) for cell, name in zip(cells, columns, strict=True))
                if aligned
                else (),
            )
        )
    return rows


def cells_of(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The cells of a table row without the empty ones, as offsets; one cell if it has no gaps.

    >>> cells_of("| Ore  | 12 t |", 0, 15), cells_of("Ore of 12 t", 0, 11)
    ([(2, 5), (9, 13)], [(0, 11)])
    """
    gaps = [
        (start, start),
        *(match.span() for match in _GAP.finditer(text, start, end)),
        (end, end),
    ]
    return [
        cell for (_, begin), (finish, _) in pairwise(gaps) for cell in trimmed(text, begin, finish)
    ]
