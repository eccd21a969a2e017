"""What can be cited by itself: sentences, table rows with their cells, list items."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from rag.english.anaphora import leans
from rag.records import Block, Document, Passage
from rag.text.lines import LIST_MARKER, TABLE_RULE, groups, read_lines
from rag.text.sentences import sentence_spans, trimmed

_GAP: Final = re.compile(r"[ \u00a0]*\t\s*|[ \u00a0]{2,}|[ \u00a0]*\|[ \u00a0]*")
"""What stands between two cells: a tab, two spaces, or a bar."""


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
    """Of the block it belongs to."""
    block: int = 0
    """Where that block begins: units of one block have it in common."""
    cells: tuple[Cell, ...] = ()
    """Of a table row whose cells can be told apart, if its table names its columns."""


Units = Callable[[Passage], Sequence[Unit]]
"""The units of a passage."""


def unit_spans(document_text: str, block: Block, start: int, end: int) -> list[tuple[int, int]]:
    """The smallest citable units of ``block`` that lie within ``start..end``, as offsets.

    Sentences of a paragraph (and of any kind not named here); the rows of a table, without the rule
    under its header; the items of a list, without their bullet or number and with the lines that
    continue them; what follows a blank line within an item are its sentences. A unit that reaches
    over ``start`` or ``end`` is cut there.
    """
    start, end = max(start, block.start), min(end, block.end)
    if start >= end:
        return []
    if block.kind == "table":
        lines = read_lines(document_text, start, end)
        return [(line.start, line.end) for line in lines if not TABLE_RULE.fullmatch(line.text)]
    if block.kind == "list":
        return _items(document_text, start, end)
    return sentence_spans(document_text, start, end)


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

    The row that names a table's columns is none: it answers nothing by itself.
    """
    units: list[Unit] = []
    for block in document.blocks:
        if block.start >= passage.end or passage.start >= block.end:
            continue
        spans = unit_spans(document.text, block, passage.start, passage.end)
        if block.kind == "table":
            units += _rows(document.text, block, spans)
        else:
            units += [Unit(start, end, block.kind, block.start) for start, end in spans]
    return units


def block_units(document: Document, unit: Unit) -> list[Unit]:
    """All units of the block that a unit belongs to, those beyond its passage too."""
    [block] = [block for block in document.blocks if block.start == unit.block]
    spans = unit_spans(document.text, block, block.start, block.end)
    return [Unit(start, end, block.kind, block.start) for start, end in spans]


def introduction(document: Document, unit: Unit) -> str:
    """What the block of a unit stands under: the text of the block before it, or "" where there is none."""
    before = [block for block in document.blocks if block.start < unit.block]
    return document.text[before[-1].start : before[-1].end] if before else ""


def clear_from(passage: Passage, units: Sequence[Unit], number: int) -> int:
    """Where a unit begins to be clear: with the one before it in its block, if it leans on that."""
    unit = units[number]
    if not number or units[number - 1].block != unit.block:
        return unit.start
    leaning = leans(passage.text, unit.start - passage.start)
    return units[number - 1].start if leaning else unit.start


def _rows(text: str, block: Block, spans: Sequence[tuple[int, int]]) -> list[Unit]:
    if not spans:  # of nothing but rules
        return []
    first, *_ = unit_spans(text, block, block.start, block.end)
    named = not any(character.isdecimal() for character in text[slice(*first)])
    columns = [text[slice(*cell)] for cell in cells_of(text, *first)] if named else []
    rows = []
    for start, end in spans:
        if named and start < first[1]:
            continue
        cells = cells_of(text, start, end)
        fitting = len(cells) == len(columns) > 1
        rows.append(
            Unit(
                start,
                end,
                block.kind,
                block.start,
                tuple(Cell(*cell, name) for cell, name in zip(cells, columns, strict=True))
                if fitting
                else (),
            )
        )
    return rows


def cells_of(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The cells of a table row, where they can be told apart; empty ones are none.

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
