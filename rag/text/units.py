"""What can be cited by itself: sentences, table rows with their cells, list items."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from rag.records import Block, Document, Passage
from rag.text.sentences import trimmed, unit_spans

_GAP: Final = re.compile(r"[ \u00a0]*\t\s*|[ \u00a0]{2,}|[ \u00a0]*\|[ \u00a0]*")
"""What stands between two cells: a tab, two spaces, or a bar."""

_LEANS: Final = re.compile(
    r"[\"“]?(?:this|these|those|that|such|it|they|he|she|its|their|his|her|both|consequently|therefore|thus"
    r"|hence|as a result|furthermore|moreover|in addition|additionally|also|besides|in turn|then|so"
    r"|for (?:instance|example)|in other words|that is why|similarly|likewise|meanwhile"
    r"|the (?:(?:former|latter|same|two|three)\b|(?:company|firm|group|agency|organi[sz]ation|ministry"
    r"|government|country|city|town|region|mine|project|facility|plant|deal|agreement|pact|plan|programme"
    r"|program|partnership|team|club|school|university|study|report|book|film|song|album|building|bridge"
    r"|ship|man|woman|author|singer|actor|president|minister|director|couple|pair)s?))\b",
    re.IGNORECASE,
)


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


def leans(text: str, start: int) -> bool:
    """Whether the sentence that begins there leans on the one before it, without which it is not clear.

    >>> leans("It produces oxide.", 0), leans("Lynas produces oxide.", 0)
    (True, False)
    """
    return _LEANS.match(text, start) is not None


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
