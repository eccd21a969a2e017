"""The format: a PDF file → its text in reading order, its pages and what it states of itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from rag.errors import UnreadableFile
from rag.formats.pdf.columns import in_reading_order
from rag.formats.pdf.flow import Block as Flowing
from rag.formats.pdf.flow import in_flow
from rag.formats.pdf.furniture import repeated_rows
from rag.formats.pdf.glyphs import Page, Pdf, opened
from rag.formats.pdf.layout import Body, Element, body_of, elements_of, spaced
from rag.formats.pdf.words import Row, rows_of
from rag.records import Block, Extracted, Stated
from rag.text.datelines import read_date, read_dateline

_HEADER: Final = b"%PDF-"
_BEFORE_HEADER: Final = 1024
"""Readers look for the header in the first kilobyte: gateways put banners before it."""
_BATCH: Final = 64
"""Pages compared with each other for what repeats; bounds the memory of a long file."""
_MAX_PAGES: Final = 20_000
_MAX_CHARS: Final = 20_000_000
_MOST_UNKNOWN: Final = 0.3
"""A page with a larger share of unknown letters is not read."""
_SIDE_ROWS: Final = 3
"""Text turned against the page in at most this many rows is a stamp; more is a table set sideways."""
_FROM_INFORMATION: Final = "PDF information"
_UNSAID: Final = frozenset(("", "untitled", "unspecified", "anonymous", "unknown"))
"""What programs write where nobody stated anything."""
_TITLE_CHARS: Final = 250
_HEAD_BLOCKS: Final = 12


class PdfFormat:
    """Portable Document Format."""

    def accepts(self, data: bytes, name: str) -> bool:  # noqa: ARG002
        """Whether a PDF's header stands at or near the start of ``data``."""
        at = data.find(_HEADER, 0, _BEFORE_HEADER)
        return at == 0 or (at > 0 and b" obj" in data and b"<html" not in data[:at].lower())

    def parse(self, data: bytes, name: str) -> Extracted:  # noqa: ARG002
        """The text in reading order; running heads and the like are boilerplate."""
        with opened(data) as pdf:
            read = _read(pdf)
            stated = {key: pdf.stated(key) for key in ("Title", "Author", "CreationDate")}
            language = pdf.language()
        return _extracted(read, stated, language)


@dataclass(slots=True)
class _Read:
    """The parts of all pages, and the numbers (from 1) of pages that could not be read, by reason."""

    pages: int
    parts: list[tuple[int, Element]] = field(default_factory=list)
    empty: list[int] = field(default_factory=list)
    unknown: list[int] = field(default_factory=list)
    damaged: list[int] = field(default_factory=list)


def _read(pdf: Pdf) -> _Read:
    if pdf.pages > _MAX_PAGES:
        raise UnreadableFile(f"more than {_MAX_PAGES:,} pages", fix="split it into several files")
    read = _Read(pdf.pages)
    batch: list[tuple[int, dict[int, list[Row]]]] = []
    chars = 0
    for number in range(pdf.pages):
        page = pdf.page(number)
        rows = _rows(page, number + 1, read)
        if rows:
            chars += sum(len(word.text) for each in rows.values() for row in each for word in row)
            if chars > _MAX_CHARS:
                raise UnreadableFile(
                    f"more than {_MAX_CHARS:,} characters", fix="split it into several files"
                )
            batch.append((number, rows))
        # The last batch is up to twice as long, so that it has enough pages to compare.
        if len(batch) == _BATCH and pdf.pages - number > _BATCH:
            read.parts += _parts(batch)
            batch = []
    read.parts += _parts(batch)
    return read


def _rows(page: Page | None, number: int, read: _Read) -> dict[int, list[Row]]:
    """The rows of a page by direction; {} if it has no text that can be read, which is noted."""
    if page is None:
        read.damaged.append(number)
        return {}
    known = sum(map(len, page.glyphs.values()))
    if page.unknown > _MOST_UNKNOWN * (known + page.unknown):
        read.unknown.append(number)
        return {}
    rows = {turn: rows_of(glyphs) for turn, glyphs in page.glyphs.items()}
    rows = {turn: each for turn, each in rows.items() if each}
    if not any(letter.isalnum() for each in rows.values() for row in each for word in row for letter in word.text):  # fmt: skip  # noqa: E501
        read.empty.append(number)
        return {}
    return rows


def _parts(batch: Sequence[tuple[int, dict[int, list[Row]]]]) -> Iterator[tuple[int, Element]]:
    """The parts of some pages, in reading order."""
    if not batch:
        return
    upright = [_main_turn(rows) for _, rows in batch]
    main = [rows[turn] for (_, rows), turn in zip(batch, upright, strict=True)]
    furniture = repeated_rows(main)
    body = body_of(main)
    gutters: set[float] = set()
    for (number, rows), turn, edge in zip(batch, upright, furniture, strict=True):
        for element in _page_parts(rows, turn, edge, body, gutters):
            yield number, element


def _main_turn(rows: dict[int, list[Row]]) -> int:
    return max(rows, key=lambda turn: (turn >= 0, sum(map(len, rows[turn])), -turn))


def _page_parts(
    rows: dict[int, list[Row]],
    main: int,
    furniture: frozenset[int],
    body: Body,
    gutters: set[float],
) -> Iterator[Element]:
    upright = rows[main]
    first = next((n for n in range(len(upright)) if n not in furniture), len(upright))
    yield from (_boilerplate(upright[n]) for n in sorted(furniture) if n < first)
    text = [row for number, row in enumerate(upright) if number not in furniture]
    yield from elements_of(in_reading_order(text, gutters), body)
    for turn in sorted(rows.keys() - {main}):
        if turn < 0 or len(rows[turn]) <= _SIDE_ROWS:
            yield from map(_boilerplate, rows[turn])
        else:
            yield from elements_of(in_reading_order(rows[turn], set()), body)
    yield from (_boilerplate(upright[n]) for n in sorted(furniture) if n > first)


def _boilerplate(row: Row) -> Element:
    return Element("boilerplate", spaced(row), row[0].size)


# ---------------------------------------------------------------- one text


def _extracted(read: _Read, stated: dict[str, str], language: str) -> Extracted:
    if not read.parts:
        raise _nothing(read)
    flowing = in_flow(read.parts)
    title, evidence = _title(flowing, stated["Title"])
    text, blocks, locator = _assembled(flowing, title, read.pages)
    found = [Stated("title", flowing[title].text, evidence)] if title is not None else []
    if _said(stated["Author"]):
        found.append(Stated("author", stated["Author"], _FROM_INFORMATION))
    if made := _made(stated["CreationDate"], text, blocks):
        found.append(Stated("published", made, _FROM_INFORMATION))
    if language:
        found.append(Stated("language", language, _FROM_INFORMATION))
    return Extracted(text, blocks, locator, tuple(found), notes=tuple(_notes(read)))


def _assembled(
    flowing: Sequence[Flowing], title: int | None, pages: int
) -> tuple[str, tuple[Block, ...], tuple[int, ...]]:
    """The text, its blocks, and the offset at which each page begins."""
    begins: dict[int, int] = {}
    blocks: list[Block] = []
    parts: list[str] = []
    length = 0
    for number, each in enumerate(flowing):
        if parts:
            parts.append("\n\n")
            length += 2
        start = length
        for page, piece in each.pieces:
            begins.setdefault(page, length)
            length += len(piece)
        parts.append(each.text)
        kind = "paragraph" if each.kind == "note" else each.kind
        blocks.append(Block(start, length, "title" if number == title else kind))
    locator = []
    following = length
    for page in range(pages - 1, -1, -1):
        following = begins.get(page, following)
        locator.append(following)
    locator[-1] = 0
    return "".join(parts), tuple(blocks), tuple(reversed(locator))


def _title(flowing: Sequence[Flowing], stated: str) -> tuple[int | None, str]:
    """The number of the block that is the title, and how it was found; None if none stands out.

    A stated title counts if the first page repeats it: many are left from another file.
    """
    first = [
        (number, each)
        for number, each in enumerate(flowing)
        if each.pieces[0][0] == flowing[0].pieces[0][0] and each.kind in ("heading", "paragraph")
    ]
    wanted = _squashed(stated)
    if _said(stated):
        for number, each in first:
            if _squashed(each.text) == wanted:
                return number, _FROM_INFORMATION
    headings = [
        (number, each) for number, each in first
        if each.kind == "heading" and len(each.text) <= _TITLE_CHARS
    ]  # fmt: skip
    if not headings:
        return None, ""
    number, largest = max(headings, key=lambda item: (round(item[1].size, 1), -item[0]))
    sizes = sorted(each.size for _, each in first if each.kind == "paragraph")
    text = sizes[len(sizes) // 2] if sizes else largest.size
    return (number, "largest text of the first page") if largest.size > text else (None, "")


def _squashed(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _said(value: str) -> bool:
    return value.strip("()").casefold() not in _UNSAID


def _made(stated: str, text: str, blocks: Iterable[Block]) -> str | None:
    """The date on which the file was made, unless the head of its text has a date of its own."""
    made = read_date(stated)
    if made is None or made.day is None:
        return None
    head = islice(blocks, _HEAD_BLOCKS)
    lines = (line for block in head for line in text[block.start : block.end].splitlines())
    return None if any(map(read_dateline, lines)) else made.day.isoformat()


# ---------------------------------------------------------------- what could not be read


def _nothing(read: _Read) -> UnreadableFile:
    if read.damaged and not (read.empty or read.unknown):
        return UnreadableFile("damaged: none of its pages can be read")
    if len(read.unknown) > len(read.empty):
        return UnreadableFile("its fonts do not say which letters they draw", fix="run OCR first")
    pages = f"any of its {read.pages:,} pages" if read.pages > 1 else "its page"
    return UnreadableFile(f"no text on {pages} (scanned? run OCR first)")


def _notes(read: _Read) -> Iterator[str]:
    for pages, what in (
        (read.empty, "without text (scanned?)"),
        (read.unknown, "not read: the fonts do not say which letters they draw"),
        (read.damaged, "damaged and not read"),
    ):
        if pages:
            yield f"{'page' if len(pages) == 1 else 'pages'} {_ranges(pages)} {what}"


def _ranges(numbers: Sequence[int]) -> str:
    """Numbers as readers write them.

    >>> _ranges([2, 3, 4, 7, 9, 10])
    '2–4, 7, 9–10'
    """
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1] = [runs[-1][0], number]
        else:
            runs.append([number])
    return ", ".join("–".join(map(str, run)) for run in runs)
