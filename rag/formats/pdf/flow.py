"""Joins paragraphs that go on in the next column, on the next page, or below a table or figure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from rag.formats.pdf.layout import Element, joined, without_mark
from rag.formats.pdf.words import BROKEN
from rag.text.sentences import ends_sentence

_BETWEEN: Final = 12
"""How many tables, captions and notes may stand between two parts of a paragraph."""
_SAME_SIZE: Final = 0.05


@dataclass(slots=True)
class Block:
    """A block of the text: its pieces, each with the page on which it stands (from 0)."""

    kind: str
    pieces: list[tuple[int, str]]
    size: float
    bold: bool = False
    last: Element | None = field(default=None, repr=False)

    @property
    def text(self) -> str:
        """All pieces together."""
        text = "".join(piece for _, piece in self.pieces)
        return text.replace(BROKEN, "-")


def in_flow(elements: Iterable[tuple[int, Element]]) -> list[Block]:
    """The blocks of a text whose parts, each with its page, stand in reading order.

    What stands between two parts of a paragraph is put after the paragraph, or before the paragraph if it
    belongs to the page before, so that the pages of the text stay in order.
    """
    blocks: list[Block] = []
    opened = -1
    for page, element in elements:
        block = Block(element.kind, [(page, element.text)], element.size, element.bold, element)
        between = [each.kind for each in blocks[opened + 1 :]] if opened >= 0 else []
        adjacent = all(kind in ("note", "boilerplate") for kind in between)
        if opened >= 0 and _goes_on(blocks[opened], element, adjacent=adjacent):
            opened = _append(blocks, opened, page, element)
            continue
        blocks.append(block)
        if element.kind in ("paragraph", "list") and _is_open(block):
            opened = len(blocks) - 1
        elif opened >= 0 and (
            element.kind == "heading"
            or len(blocks) - opened > _BETWEEN
            or (element.kind == "paragraph" and _same_size(blocks[opened], element))
        ):
            opened = -1
    return blocks


def _append(blocks: list[Block], opened: int, page: int, element: Element) -> int:
    """Add an element to the open block; returns the block's number, or -1 if it is closed now."""
    block = blocks[opened]
    earlier = [other for other in blocks[opened + 1 :] if other.pieces[-1][0] < page]
    later = [other for other in blocks[opened + 1 :] if other.pieces[-1][0] >= page]
    before = block.pieces[-1][1]
    whole = joined(before, element.text)
    glued = before[:-1] + "-" if whole[: len(before)] != before else before
    rest = whole[len(glued) :]
    space = rest[: len(rest) - len(element.text)]
    block.pieces[-1] = (block.pieces[-1][0], glued + space)
    block.pieces.append((page, element.text))
    block.last = element
    blocks[opened:] = [*earlier, block, *later]
    return opened + len(earlier) if _is_open(block) else -1


def _is_open(block: Block) -> bool:
    """Whether a block ends within a sentence, at the end of a full line."""
    text = without_mark(block.pieces[-1][1])
    return block.last is not None and block.last.is_open and not ends_sentence(text)


def _same_size(block: Block, element: Element) -> bool:
    return abs(block.size - element.size) <= _SAME_SIZE * block.size and block.bold == element.bold


def _goes_on(block: Block, element: Element, *, adjacent: bool) -> bool:
    """Whether an element goes on with the sentence at the end of a block."""
    if element.kind != "paragraph" or not _same_size(block, element):
        return False
    first = element.text[:1]
    if first.islower() or block.pieces[-1][1].endswith(BROKEN):
        return True
    return adjacent and not element.indented
