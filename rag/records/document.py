"""An article, its parts, and the passages cut from it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from rag.records.base import Record

if TYPE_CHECKING:
    from rag.records.base import FloatArray


LINE_END: Final = re.compile("\r\n|\r(?!\n)|[\n\x85\u2028\u2029]")
"""The end of a line, whatever the file uses. Without the lookahead, a \\r\\n would count twice
if the bounds of a search split it."""


_DIGITS: Final = 12
"""The most digits of an offset that is read from outside."""


def line_at(text: str, offset: int) -> int:
    """The 1-based line of an offset."""
    return sum(1 for _ in LINE_END.finditer(text, 0, offset)) + 1


@dataclass(frozen=True, slots=True)
class Block(Record):
    """A part of a document; ``kind`` is title, heading, paragraph, list, table or boilerplate."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class Document(Record):
    """One article.

    ``text`` is the citable text, for ``.txt`` and ``.md`` the decoded file itself. ``published`` is an
    ISO date or None; ``published_text`` is the date as the article writes it. ``blocks`` are in
    reading order and do not overlap. ``locator`` holds the offset at which each page begins and is
    empty if the format has no pages. ``evidence`` says where title, publisher
    and date come from, and the encoding of a text file.
    ``updated`` is the ISO date of the last change. ``notes`` say what a reader should know of the article
    itself: that only the part before a paywall is here, or that the page lists many stories.
    ``language`` is an ISO 639-1 code. ``copies`` are the ids that it has in files with the same bytes.
    """

    doc_id: str
    path: str
    text: str
    title: str
    publisher: str | None
    published: str | None
    url: str | None
    blocks: tuple[Block, ...] = ()
    locator: tuple[int, ...] = ()
    published_text: str | None = None
    evidence: Mapping[str, str] = field(default_factory=dict)
    language: str = "en"
    author: str | None = None
    updated: str | None = None
    notes: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()

    def line(self, offset: int) -> int:
        """The 1-based line of an offset."""
        return line_at(self.text, offset)

    def utf16(self, offset: int) -> int:
        """An offset in UTF-16 code units, as JavaScript and Java count."""
        begin = self.text[:offset]
        return offset if begin.isascii() else len(begin.encode("utf-16-le")) // 2

    def page(self, offset: int) -> int | None:
        """The 1-based page of an offset, or None if the format has no pages."""
        pages = sum(1 for begin in self.locator if begin <= offset)
        return pages or None


@dataclass(frozen=True, slots=True)
class Stated(Record):
    """One field of a file's own metadata, as the file writes it.

    ``field`` is title, publisher, published, updated, signed, author, language, url or encoding;
    ``evidence`` says where it is ("front matter"). What is signed counts as published if nothing else is.
    """

    field: str
    value: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Extracted(Record):
    """What a format reads from a file.

    ``text`` is the citable text; ``blocks`` and ``locator`` are as in ``Document``. A block is of kind
    title only if the format itself marks the title. ``found`` is the file's own metadata, with the most
    trusted value of each field first. ``headings_marked`` says that the format marks its headings, so that
    none has to be guessed; ``furniture_marked`` says the same of its boilerplate. ``notes`` are as in
    ``Document``.

    Raises ValueError if blocks or pages are empty, out of order, overlap or reach beyond the text.
    """

    text: str
    blocks: tuple[Block, ...]
    locator: tuple[int, ...] = ()
    found: tuple[Stated, ...] = ()
    headings_marked: bool = False
    furniture_marked: bool = False
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        end = 0
        for block in self.blocks:
            if not end <= block.start < block.end <= len(self.text):
                raise ValueError(f"{block} does not fit a text of {len(self.text)} characters")
            end = block.end
        if list(self.locator) != sorted(
            page for page in self.locator if 0 <= page <= len(self.text)
        ):
            raise ValueError("the pages are not in order")


@dataclass(frozen=True, slots=True)
class Member:
    """One article inside a container: an archive's file, a line of JSON Lines, a row of a table."""

    name: str
    """Relative to the container, with "/"; "" if the container holds this one file and no more."""
    data: bytes
    file: str = ""
    """A file name that tells the format, if ``name`` does not."""


@dataclass(frozen=True, slots=True)
class Chunk(Record):
    """A passage to index: offsets into its document, and the heading above it.

    Every store names it by ``chunk_id_of`` its document and offsets.
    """

    chunk_id: str
    doc_id: str
    start: int
    end: int
    heading: tuple[int, int] | None = None
    """Offsets of the heading in the same document, or None."""


def chunk_id_of(doc_id: str, start: int, end: int) -> str:
    """The id of a chunk.

    >>> chunk_id_of("news/a.txt", 120, 480)
    'news/a.txt#120-480'
    """
    return f"{doc_id}#{start}-{end}"


def document_of(chunk_id: str) -> str:
    """The id of the document of a chunk.

    >>> document_of("news/a.txt#120-480")
    'news/a.txt'
    """
    return chunk_id.rpartition("#")[0]


def offsets_of(written: str, sign: str = "-") -> tuple[int, int] | None:
    """The offsets that somebody wrote with a sign between them; None for anything else.

    >>> offsets_of("120-480"), offsets_of("12-x"), offsets_of("-480")
    ((120, 480), None, None)
    """
    parts = written.split(sign)
    if len(parts) != 2 or not all(each.isdecimal() and len(each) <= _DIGITS for each in parts):
        return None
    return int(parts[0]), int(parts[1])


@dataclass(frozen=True, slots=True)
class Skipped(Record):
    """A file of the corpus that is not indexed, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class SourceCopy:
    """A file with the same bytes as a source file."""

    doc_id: str
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """What a build records of a source file, to see later whether it has changed."""

    sha256: str
    """Of the file's bytes when indexed, as hex."""
    size: int
    """In bytes."""
    mtime_ns: int
    correction: str
    """Fingerprint of the correction in the sidecar; "" if there is none."""
    path: str = ""
    """The absolute path of the file, that is, of the container; a store fills it in on request."""
    container: str = ""
    """The file that the document is a member of, as an id; "" if the file is the document itself."""
    content: str = ""
    """SHA-256 of the member's bytes, as hex; "" if the file is no container."""
    copies: tuple[SourceCopy, ...] = ()
    """The files with the same bytes, which are not read."""

    def copies_of(self, doc_id: str) -> tuple[str, ...]:
        """The ids that the document ``doc_id`` of this file would have in its copies."""
        within = doc_id.removeprefix(self.container) if self.container else ""
        return tuple(copy.doc_id + within for copy in self.copies)


@dataclass(frozen=True, slots=True)
class SkippedSource:
    """What a build records of a file, or of a part of one, that it could not read.

    ``source`` is the record of the file, so that the file is not read again until it changes; None if it
    could not be hashed.
    """

    path: str
    reason: str
    source: SourceRecord | None = None

    @property
    def file(self) -> str:
        """The id of the file."""
        return (self.source.container if self.source else "") or self.path


BREAK: Final = ""
"""Marks, among the terms of a chunk, where a part of it begins; no phrase crosses it. It is no term."""


@dataclass(frozen=True, slots=True)
class IndexedDocument:
    """A document as a store receives it: with its chunks, their terms and their vectors.

    The three are parallel, in reading order: ``terms`` has the index terms of each chunk, with a BREAK
    between its parts, ``vectors`` is float32 (chunks, dimension) of unit length.
    """

    document: Document
    source: SourceRecord
    chunks: Sequence[Chunk]
    terms: Sequence[Sequence[str]]
    vectors: FloatArray


@dataclass(frozen=True, slots=True)
class DocumentInfo(Record):
    """What the index knows of a document, without its text; ``rag list`` shows it."""

    doc_id: str
    path: str
    title: str
    publisher: str | None
    published: str | None
    published_text: str | None
    url: str | None
    sha256: str
    """Of the source file's bytes when indexed."""
    size: int
    """Of the source file, in bytes."""
    chunks: int
    author: str | None = None
    updated: str | None = None
    language: str = "en"
    notes: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()
    """The ids that it has in files with the same bytes."""
