"""A tree of HTML elements → citable text and blocks.

Web pages, word-processor files, e-books and mails all come through here. The text reads as a browser shows
the elements, without what it hides: a blank line between paragraphs, a line for each list item and table
row, one space for any white space.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from rag.formats.display import Element
from rag.formats.plain import columns_end, lists_and_tables
from rag.formats.tree import Role, ShownLine, Walker
from rag.records import Block
from rag.text.headings import looks_like_heading
from rag.text.lines import Line, groups, read_lines

_BULLETS: Final = frozenset("•‣◦▪●■·\uf0b7\uf0a7")


@dataclass(frozen=True, slots=True)
class Rendered:
    """Citable text with its blocks, and the element in which each block begins."""

    text: str
    blocks: tuple[Block, ...]
    elements: tuple[Element, ...] = ()


def render(root: Element, role: Role | None = None) -> Rendered:
    """The text that a browser shows of ``root``, with blocks. Linear, and without recursion."""
    renderer = Walker(role)
    renderer.walk(root)
    return _assemble(renderer.lines)


def join(parts: Iterable[Rendered]) -> Rendered:
    """Several texts as one, a blank line between them."""
    text: list[str] = []
    blocks: list[Block] = []
    elements: list[Element] = []
    at = 0
    for part in parts:
        if not part.text:
            continue
        if text:
            text.append("\n\n")
            at += 2
        blocks += [Block(block.start + at, block.end + at, block.kind) for block in part.blocks]
        elements += part.elements
        text.append(part.text)
        at += len(part.text)
    return Rendered("".join(text), tuple(blocks), tuple(elements))


# ---------------------------------------------------------------- making blocks


def _assemble(lines: list[ShownLine]) -> Rendered:
    """One text of all lines, and blocks: consecutive items are a list, consecutive rows a table."""
    text: list[str] = []
    blocks: list[Block] = []
    elements: list[Element] = []
    at = 0
    before: ShownLine | None = None
    for line, following in zip_longest(lines, lines[1:]):
        if following is not None and _heads(line, following):
            line.kind = "heading"
        written, kind = _written(line, before)
        joins = before is not None and kind in ("list", "table") and blocks[-1].kind == kind
        joins = joins and before is not None and before.group is line.group
        gap = ""
        if blocks:
            gap = "\n" if joins and not (line.is_loose and not line.marker) else "\n\n"
        text += gap, written
        start = at + len(gap)
        at = start + len(written)
        if joins:
            blocks[-1] = Block(blocks[-1].start, at, kind)
        else:
            parts = _parts(written, kind)
            blocks += [Block(start + part.start, start + part.end, part.kind) for part in parts]
            elements += [line.element] * len(parts)
        before = line
    return Rendered("".join(text), tuple(blocks), tuple(elements))


def _heads(line: ShownLine, following: ShownLine) -> bool:
    """Whether a paragraph is a heading that its author only made bold."""
    bold = line.is_bold and line.kind == "paragraph" and not line.depth
    content = following.kind in ("paragraph", "table") and not following.is_bold
    return bold and content and looks_like_heading(line.text)


def _written(line: ShownLine, before: ShownLine | None) -> tuple[str, str]:
    """A line as it stands in the text, and the kind of its block."""
    bulleted = _bulleted(line.text) if line.kind == "paragraph" else ""
    if line.depth and not line.marker and (before is None or before.group is not line.group):
        line.group, line.depth = None, 0  # what follows a table or heading in an item
    if line.depth:
        if bulleted and line.marker:
            line.text = bulleted
        indent = "  " * (min(line.depth, 9) - 1)
        further = "\n" + indent + "  "
        return indent + (line.marker or "  ") + line.text.replace("\n", further), "list"
    if bulleted and "\n" not in line.text:
        line.group, line.marker = "bullets", "• "
        return "• " + bulleted, "list"
    return line.text, line.kind


def _bulleted(text: str) -> str:
    """What stands behind the bullet that a text begins with; "" if there is none."""
    return text[1:].lstrip() if text[:1] in _BULLETS and text[1:2] != "\n" else ""


def _parts(written: str, kind: str) -> list[Block]:
    """The blocks of a text: several if a paragraph draws a list or a table with line breaks."""
    indent = len(written) - len(written.lstrip())
    whole = [Block(indent, len(written), kind)]
    if kind != "paragraph" or "\n" not in written:
        return whole

    def run(_text: str, lines: list[Line]) -> list[Block]:
        return [Block(lines[0].start, lines[-1].end, "paragraph")] if lines else []

    parts: list[Block] = []
    for members in groups(read_lines(written)):
        parts += lists_and_tables(written, members, columns_end, run)
    return parts or whole
