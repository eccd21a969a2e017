"""Plain text: splits lines into blocks.

Other text formats reuse its parts: lists, tables, run-in headings.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from rag.errors import UnreadableFile
from rag.records import Block, Extracted, Stated
from rag.text.datelines import is_dateline
from rag.text.encoding import decode
from rag.text.headings import is_title_case, looks_like_heading, starts_with_capital, word_count
from rag.text.lines import (
    LIST_MARKER,
    Line,
    groups,
    is_separator,
    read_lines,
)
from rag.text.sentences import ends_sentence, trimmed
from rag.text.units import cells_of

_HYPHENS = ("-", "\u00ad", "\u2010")
"""A line that ends with one of these ends inside a word, however short the line is."""
# Mail and terminals wrap at 72 to 80 columns, some editors at 100 to 120.
_WRAP_WIDTH = 120
_NARROWEST_WRAP = 40

_RUN_IN = re.compile(r"(?:\*\*|__)(?=\S)([^*_\n]{2,120}?)(?<=\S)(?:\*\*|__)(?=\s|\Z)")


class Plain:
    """Text without markup."""

    def accepts(self, data: bytes, name: str) -> bool:  # noqa: ARG002
        """Whether ``data`` is text, whatever the file name."""
        try:
            read_text(data)
        except UnreadableFile:
            return False
        return True

    def parse(self, data: bytes, name: str) -> Extracted:  # noqa: ARG002
        """The text unchanged, and its blocks. Choosing the title is left to ``rag.corpus``."""
        from rag.formats.front_matter import front_matter

        text, encoding = read_text(data)
        body, stated = front_matter(text)
        blocks: list[Block] = []
        for lines in groups(read_lines(text, body)):
            blocks += _group(text, lines, first=not blocks)
        front = [Block(start, end, "boilerplate") for start, end in trimmed(text, 0, body)]
        return Extracted(text, (*front, *_revise(text, blocks)), found=(encoding, *stated))


def read_text(data: bytes) -> tuple[str, Stated]:
    """The text of a file, and its encoding.

    Raises UnreadableFile for binary data, an unknown encoding, or nothing but white space.
    """
    if data.startswith(b"%PDF-"):
        raise UnreadableFile("binary data, not text")
    decoded = decode(data)
    if not decoded.text.strip():
        raise UnreadableFile("empty")
    damage = f", {decoded.damaged} damaged" if decoded.damaged else ""
    return decoded.text, Stated("encoding", decoded.encoding + damage, "the whole file")


def _group(text: str, lines: list[Line], *, first: bool) -> list[Block]:
    """The blocks of lines that no blank line separates."""

    def table_end(lines: list[Line], at: int) -> int:
        return max(columns_end(lines, at), _titled_rows_end(lines, at, first=first))

    return lists_and_tables(text, lines, table_end, _text_run)


def lists_and_tables(
    text: str,
    lines: list[Line],
    table_end: Callable[[list[Line], int], int],
    run: Callable[[str, list[Line]], list[Block]],
) -> list[Block]:
    """The separators, lists and tables among ``lines``; ``run`` makes blocks of all other lines.

    ``table_end(lines, at)`` is the end of the table that starts at line ``at``, or ``at`` if none does.
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
    """The blocks of lines of one group that are neither list nor table."""
    if not lines:
        return []
    headed = (
        len(lines) > 1 and looks_like_heading(lines[0].text) and starts_with_capital(lines[1].text)
    )
    if headed and _is_wrapped(lines[1:]):
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
    """The blocks of "**Heading** Sentence…" without the asterisks; [] for any other text.

    A bold word or name at the start of a sentence is no heading. A heading has three words or ends
    with a colon, and a capital follows it.
    """
    match = _RUN_IN.match(text, start, end)
    if not match:
        return []
    inner = match.group(1)
    after = match.end()
    while after < end and text[after].isspace():
        after += 1
    alone = after == end
    speaker = len(inner) <= len("Ms:") and inner[-1] in ":\uff1a"  # "A:" of an interview
    titled = not speaker and (word_count(inner) >= 3 or inner[-1] in ":\uff1a." or alone)
    if not titled or not (
        looks_like_heading(inner.rstrip(".:"))
        and (alone or starts_with_capital(text[after : after + 40]))
    ):
        return []
    heading = Block(match.start(1), match.end(1), "heading")
    return [heading] if alone else [heading, Block(after, end, "paragraph")]


def _is_wrapped(lines: list[Line]) -> bool:
    """Whether the lines are one paragraph wrapped at a fixed width.

    Then most lines are nearly full, and many start in the middle of a sentence: in English prose
    wrapped at 72 columns, two thirds of the continuation lines start with a lower-case letter.
    """
    if len(lines) < 2:
        return False
    widths = [len(line.text) for line in lines]
    widest = max(widths)
    if widest > _WRAP_WIDTH:
        return False
    broken = [line.text.endswith(_HYPHENS) and line.text[-2:-1].isalpha() for line in lines]
    full = sum(
        width >= 0.6 * widest or cut for width, cut in zip(widths[:-1], broken, strict=False)
    )
    lower = sum(1 for line in lines[1:] if not starts_with_capital(line.text))
    least = (
        0.4 if widest >= _NARROWEST_WRAP else 0.6
    )  # short lines may be a list of names, or verse
    return full >= 0.8 * (len(lines) - 1) and lower >= least * (len(lines) - 1)


# ---------------------------------------------------------------- lists


def list_end(lines: list[Line], at: int) -> int:
    """One past the last line of the list that starts at ``at``; ``at`` itself if none does."""
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
    """The block of a list. A list whose items are empty or only numbers is boilerplate."""
    empty = all(
        (marker := LIST_MARKER.match(line.text))
        and not line.text[marker.end() :].strip("0123456789. ")
        for line in lines
    )
    return Block(lines[0].start, lines[-1].end, "boilerplate" if empty else "list")


# ---------------------------------------------------------------- tables


def columns_end(lines: list[Line], at: int) -> int:
    """The end of a table with visible columns: pipes, tabs, or gaps of two or more spaces."""
    end = pipe_rows_end(lines, at)
    if end > at:
        return end
    cells = _cells(lines[at])
    if cells < 2:
        return at
    end = at + 1
    while end < len(lines) and _cells(lines[end]) == cells:
        end += 1
    # Two rows with double spaces may be typing errors; tabs or a third row are not.
    minimum = 2 if "\t" in lines[at].text else 3
    return end if end - at >= minimum else at


def pipe_rows_end(lines: list[Line], at: int) -> int:
    """The end of a run of two or more rows with pipes between or around their cells."""
    end = at
    while end < len(lines) and "|" in lines[end].text:
        end += 1
    return end if end - at >= 2 else at


def _cells(line: Line) -> int:
    """The number of cells that tabs or wide gaps separate; 0 if a cell reads like prose."""
    if LIST_MARKER.match(line.text):
        return 0
    cells = cells_of(line.text, 0, min(len(line.text), 2000))
    prose = any(end - start > 60 or line.text[end - 1] == "." for start, end in cells)
    return 0 if prose or len(cells) < 2 else len(cells)


def _titled_rows_end(lines: list[Line], at: int, *, first: bool) -> int:
    """The end of a table that lost its columns: a row in title case, then rows without full stops.

    Never in the first group of a document, where such lines are the masthead, title and byline.
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


# ---------------------------------------------------------------- context


def _revise(text: str, blocks: list[Block]) -> list[Block]:
    """Revise kinds by their neighbours: numbered headings, lists with blank lines, runs of headings."""
    revised: list[Block] = []
    for number, block in enumerate(blocks):
        following = blocks[number + 1].kind if number + 1 < len(blocks) else ""
        before = blocks[number - 1].kind if number else ""
        alone = block.kind == "list" and before != "list" and following == "paragraph"
        kind = "heading" if alone and _is_numbered_heading(text, block) else block.kind
        revised.append(Block(block.start, block.end, kind))
    return _long_runs(merge_lists(revised))


def merge_lists(blocks: list[Block]) -> list[Block]:
    """The blocks with adjacent lists merged, since blank lines may separate items."""
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


# Up to three headings may follow each other. More short lines in a row are content, such as names or
# verse, and must become paragraphs to be searchable.
_STACKED_HEADINGS = 3


def _long_runs(blocks: list[Block]) -> list[Block]:
    """Turn all but the last heading of a long run into paragraphs."""
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
