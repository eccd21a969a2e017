"""Plain text: lines and blank lines to blocks.

Also what other formats of text share with it: decoding, lists, tables by their columns, run-in headings.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable

from rag.english.datelines import is_dateline
from rag.errors import UnreadableFile
from rag.records import Block, Extracted
from rag.text.headings import is_title_case, looks_like_heading, opens_high, word_count
from rag.text.lines import (
    LIST_MARKER,
    Line,
    groups,
    is_separator,
    read_lines,
)
from rag.text.sentences import ends_sentence
from rag.text.units import cells_of

# Mail and terminals wrap at 72 to 80 columns, some editors at 100 to 120.
_WRAP_WIDTH = 120
_NARROWEST_WRAP = 40

_RUN_IN = re.compile(r"(?:\*\*|__)(?=\S)([^*_\n]{2,120}?)(?<=\S)(?:\*\*|__)(?=\s|\Z)")


class Plain:
    """Text without marks."""

    def accepts(self, data: bytes, name: str) -> bool:  # noqa: ARG002
        """Whether ``data`` are text, whatever the file is called."""
        try:
            decode(data)
        except UnreadableFile:
            return False
        return True

    def parse(self, data: bytes, name: str) -> Extracted:  # noqa: ARG002
        """The text as it is. Which heading is the title is not decided here."""
        text = decode(data)
        blocks: list[Block] = []
        for lines in groups(read_lines(text)):
            blocks += _group(text, lines, first=not blocks)
        return Extracted(text, tuple(_settle(text, blocks)))


def decode(data: bytes) -> str:
    """The text of a file: UTF-8, or UTF-16 with a byte order mark.

    Raises UnreadableFile if it is anything else, holds NUL characters, or only white space.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding, name = "utf-16", "UTF-16"
    else:
        encoding, name = "utf-8-sig", "UTF-8"
        if data.startswith(b"%PDF-") or b"\0" in data:
            raise UnreadableFile("binary data, not text")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        # The decoder counts from behind the mark it removed.
        offset = error.start + len(data) - len(error.object)
        raise UnreadableFile(
            f"not {name} text (byte 0x{data[offset]:02x} at offset {offset}); save it as UTF-8"
        ) from None
    if "\0" in text:
        raise UnreadableFile("binary data, not text")
    if not text.strip():
        raise UnreadableFile("empty")
    return text


def _group(text: str, lines: list[Line], *, first: bool) -> list[Block]:
    """The blocks of lines without a blank line in between."""

    def table_end(lines: list[Line], at: int) -> int:
        return max(columns_end(lines, at), _titled_rows_end(lines, at, first=first))

    return lists_and_tables(text, lines, table_end, _text_run)


def lists_and_tables(
    text: str,
    lines: list[Line],
    table_end: Callable[[list[Line], int], int],
    run: Callable[[str, list[Line]], list[Block]],
) -> list[Block]:
    """The drawn lines, lists and tables among ``lines``; ``run`` makes blocks of all others.

    ``table_end(lines, at)`` is the end of the table that begins at a line, or ``at`` if none does.
    """
    blocks: list[Block] = []
    at = first = 0
    while at < len(lines):
        line = lines[at]
        kind, end = "boilerplate", at + 1
        if not is_separator(line.text) or LIST_MARKER.fullmatch(line.text):
            kind, end = "list", list_end(lines, at)
            if end == at:
                kind, end = "table", table_end(lines, at)
        if end == at:
            at += 1
            continue
        blocks += run(text, lines[first:at])
        if kind == "list":
            blocks.append(list_block(lines[at:end]))
        else:
            blocks.append(Block(line.start, lines[end - 1].end, kind))
        at = first = end
    return blocks + run(text, lines[first:])


def _text_run(text: str, lines: list[Line]) -> list[Block]:
    """Lines of one group that are neither list nor table."""
    if not lines:
        return []
    if len(lines) > 1 and looks_like_heading(lines[0].text) and _is_wrapped(lines[1:]):
        return [*_single(text, lines[0]), *paragraph(text, lines[1].start, lines[-1].end)]
    if _is_wrapped(lines):
        return paragraph(text, lines[0].start, lines[-1].end)
    blocks: list[Block] = []
    for line in lines:
        blocks += _single(text, line)
    return blocks


def _single(text: str, line: Line) -> list[Block]:
    if looks_like_heading(line.text) and not _RUN_IN.match(line.text):
        return [Block(line.start, line.end, "heading")]
    return paragraph(text, line.start, line.end)


def paragraph(text: str, start: int, end: int) -> list[Block]:
    """A paragraph, or a run-in heading and its paragraph."""
    return _run_in(text, start, end) or [Block(start, end, "paragraph")]


def _run_in(text: str, start: int, end: int) -> list[Block]:
    """Blocks of "**Heading** Sentence…", the asterisks in neither; [] if it is not that.

    A bold word or name that a sentence begins with is no heading: it must have three words or end
    in a colon, and a capital must follow.
    """
    match = _RUN_IN.match(text, start, end)
    if not match:
        return []
    inner = match.group(1)
    after = match.end()
    while after < end and text[after].isspace():
        after += 1
    alone = after == end
    titled = word_count(inner) >= 3 or inner[-1] in ":\uff1a." or alone
    if not titled or not (
        looks_like_heading(inner.rstrip(".:")) and (alone or opens_high(text[after : after + 40]))
    ):
        return []
    heading = Block(match.start(1), match.end(1), "heading")
    return [heading] if alone else [heading, Block(after, end, "paragraph")]


def _is_wrapped(lines: list[Line]) -> bool:
    """Whether the lines are one paragraph broken at a fixed width.

    Most lines then reach far to the right, and many go on in the middle of a sentence: of English
    prose wrapped at 72 columns two thirds of the continuation lines begin with a small letter.
    """
    if len(lines) < 2:
        return False
    widths = [len(line.text) for line in lines]
    widest = max(widths)
    if not _NARROWEST_WRAP <= widest <= _WRAP_WIDTH:
        return False
    full = sum(1 for width in widths[:-1] if width >= 0.6 * widest)
    small = sum(1 for line in lines[1:] if not opens_high(line.text))
    return full >= 0.8 * (len(lines) - 1) and small >= 0.4 * (len(lines) - 1)


# ---------------------------------------------------------------- lists


def list_end(lines: list[Line], at: int) -> int:
    """One past the last line of the list that begins at ``at``; ``at`` itself if none does."""
    if not _is_item(lines[at]):
        return at
    end = at + 1
    indent = lines[at].indent
    while end < len(lines) and lines[end].group == lines[at].group:
        line = lines[end]
        if _is_item(line):
            indent = line.indent
        elif not (line.indent > indent or line.text[0].islower()):
            break
        end += 1
    return end


def _is_item(line: Line) -> bool:
    marker = LIST_MARKER.match(line.text)
    if not marker or (is_separator(line.text) and len(line.text) > 2):
        return False
    return not line.text.startswith("|", marker.end())  # "- | 2018 | 2017": an empty first cell


def list_block(lines: list[Line]) -> Block:
    """The block of a list; one whose items hold nothing but a number is furniture."""
    empty = all(
        (marker := LIST_MARKER.match(line.text))
        and not line.text[marker.end() :].strip("0123456789. ")
        for line in lines
    )
    return Block(lines[0].start, lines[-1].end, "boilerplate" if empty else "list")


# ---------------------------------------------------------------- tables


def columns_end(lines: list[Line], at: int) -> int:
    """The end of a table whose columns show: pipes, tabs, or gaps of two and more spaces."""
    end = pipe_rows_end(lines, at)
    if end > at:
        return end
    cells = _cells(lines[at])
    if cells < 2:
        return at
    end = at + 1
    while end < len(lines) and _cells(lines[end]) == cells:
        end += 1
    # Two spaces may be a slip of the typist; tabs and a third row are not.
    enough = 2 if "\t" in lines[at].text else 3
    return end if end - at >= enough else at


def pipe_rows_end(lines: list[Line], at: int) -> int:
    """The end of the run of two or more rows with pipes between or around their cells."""
    end = at
    while end < len(lines) and "|" in lines[end].text:
        end += 1
    return end if end - at >= 2 else at


def _cells(line: Line) -> int:
    """Cells of a row parted by tabs or wide gaps; 0 if a cell reads like prose."""
    if LIST_MARKER.match(line.text):
        return 0
    cells = cells_of(line.text, 0, min(len(line.text), 2000))
    prose = any(end - start > 60 or line.text[end - 1] == "." for start, end in cells)
    return 0 if prose or len(cells) < 2 else len(cells)


def _titled_rows_end(lines: list[Line], at: int, *, first: bool) -> int:
    """The end of a table that lost its columns: a titled row, then rows, no stop anywhere.

    Never the first group of a document: there, such lines are masthead, title and byline.
    """
    if first or at > 0 or len(lines) < 3 or not is_title_case(lines[0].text):
        return at
    for line in lines:
        if len(line.text) > 200 or not 3 <= len(line.text.split()) <= 20:
            return at
        if line.text[-1] in ",:;" or ends_sentence(line.text) or is_dateline(line.text):
            return at
        if _is_item(line):
            return at
    return at if _is_wrapped(lines) else len(lines)


# ---------------------------------------------------------------- second look


def _settle(text: str, blocks: list[Block]) -> list[Block]:
    """Decide what one line alone could not: numbered headings, lists set wide, runs of headings."""
    settled: list[Block] = []
    for number, block in enumerate(blocks):
        following = blocks[number + 1].kind if number + 1 < len(blocks) else ""
        before = blocks[number - 1].kind if number else ""
        alone = block.kind == "list" and before != "list" and following == "paragraph"
        kind = "heading" if alone and _is_numbered_heading(text, block) else block.kind
        settled.append(Block(block.start, block.end, kind))
    return _long_runs(merge_lists(settled))


def merge_lists(blocks: list[Block]) -> list[Block]:
    """The blocks with adjacent lists made one: items may have blank lines between them."""
    merged: list[Block] = []
    for block in blocks:
        if block.kind == "list" and merged and merged[-1].kind == "list":
            merged[-1] = Block(merged[-1].start, block.end, "list")
        else:
            merged.append(block)
    return merged


def _is_numbered_heading(text: str, block: Block) -> bool:
    line = text[block.start : block.end][:200]
    marker = LIST_MARKER.match(line)
    return (
        marker is not None
        and "\n" not in line
        and line[0].isdigit()
        and "." in marker.group()
        and looks_like_heading(line[marker.end() :])
    )


# Three levels of heading may stand on top of each other; more short lines in a row are content that
# has no other home (a list of names, verses), and only paragraphs are searched.
_STACKED_HEADINGS = 3


def _long_runs(blocks: list[Block]) -> list[Block]:
    result: list[Block] = []
    run: list[Block] = []
    for block in [*blocks, Block(0, 0, "")]:
        if block.kind == "heading":
            run.append(block)
            continue
        if len(run) > _STACKED_HEADINGS and result and block.kind not in ("", "boilerplate"):
            run[:-1] = [Block(b.start, b.end, "paragraph") for b in run[:-1]]
        result += [*run, block]
        run = []
    return result[:-1]
