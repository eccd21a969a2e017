"""``documents.jsonl``, ``blocks.npy`` and ``skipped.jsonl``: stored documents, each parsed on demand."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache
from types import NoneType
from typing import TYPE_CHECKING, Any, Final, TypeVar, overload

import numpy as np

from rag.records import (
    Block,
    Document,
    DocumentInfo,
    SkippedSource,
    SourceCopy,
    SourceRecord,
)

if TYPE_CHECKING:
    import mmap

    import numpy.typing as npt

    Rows = npt.NDArray[np.int32]

BLOCK_COLUMNS: Final = ("start", "end", "kind")
_KINDS: Final = ("title", "heading", "paragraph", "list", "table", "boilerplate")

# A line begins with the document's id, verbatim unless it contains a backslash.
_BEFORE_ID: Final = b'{"doc_id": "'
_AFTER_ID: Final = b'", "sha256": "'

# How many parsed lines to remember, and how many to parse in one call.
_PARSED = 1_024

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """One line of ``documents.jsonl``: a document without its text, and where its parts are."""

    source: SourceRecord
    document: Document
    """Without text and blocks."""
    text: tuple[int, int]
    """Byte offsets into ``texts.utf8``."""
    blocks: tuple[int, int]
    """First and last + 1 of its rows of ``blocks.npy``."""
    chunks: tuple[int, int]
    """First and last + 1 of its rows of ``chunks.npy``."""


# ---------------------------------------------------------------- writing


def document_line(stored: StoredDocument) -> bytes:
    """The line of a document, with its line end."""
    d, source = stored.document, stored.source
    row: dict[str, Any] = {
        "doc_id": d.doc_id,
        "sha256": source.sha256,
        "size": source.size,
        "mtime_ns": source.mtime_ns,
        "correction": source.correction,
        "container": source.container,
        "content": source.content,
        "copies": [[copy.doc_id, copy.mtime_ns] for copy in source.copies],
        "title": d.title,
        "publisher": d.publisher,
        "published": d.published,
        "published_text": d.published_text,
        "url": d.url,
        "evidence": dict(d.evidence),
        "language": d.language,
        "author": d.author,
        "updated": d.updated,
        "notes": list(d.notes),
        "locator": list(d.locator),
        "text": stored.text,
        "blocks": stored.blocks,
        "chunks": stored.chunks,
    }
    return json.dumps(row, ensure_ascii=False).encode() + b"\n"


def skipped_line(skipped: SkippedSource) -> bytes:
    """The line of ``skipped.jsonl`` for a file that could not be read, with its line end."""
    source = None if skipped.source is None else asdict(skipped.source)
    row = {"path": skipped.path, "reason": skipped.reason, "source": source}
    return json.dumps(row).encode() + b"\n"


def block_rows(blocks: Iterable[Block]) -> Rows:
    """Rows of ``blocks.npy``: int32 (blocks, 3), see BLOCK_COLUMNS. A kind is its index in ``_KINDS``."""
    rows = [(block.start, block.end, _KINDS.index(block.kind)) for block in blocks]
    return np.array(rows, np.int32).reshape(len(rows), len(BLOCK_COLUMNS))


# ---------------------------------------------------------------- reading


def blocks_of(rows: Rows, length: int) -> tuple[Block, ...]:
    """The inverse of ``block_rows``, for a text of ``length`` characters.

    Raises ValueError if a row cannot be a block of such a text.
    """
    blocks = rows.tolist()
    for start, end, kind in blocks:
        if not (0 <= start <= end <= length and 0 <= kind < len(_KINDS)):
            raise ValueError(f"{start}:{end} of kind {kind} is not a block of {length} characters")
    return tuple(Block(start, end, _KINDS[kind]) for start, end, kind in blocks)


def read_skipped(data: bytes) -> tuple[SkippedSource, ...]:
    """The inverse of ``skipped_line``. Raises ValueError, KeyError or TypeError for anything else."""
    return tuple(map(_skipped_source, data.splitlines()))


def _skipped_source(line: bytes) -> SkippedSource:
    row = json.loads(line)
    fields = row["source"]
    source = None
    if fields is not None:
        copies = tuple(SourceCopy(**copy) for copy in fields["copies"])
        source = SourceRecord(**fields | {"copies": copies})
    return SkippedSource(str(row["path"]), str(row["reason"]), source)


class Lines:
    """The lines of a file, in memory or memory-mapped. A line is copied only when it is read."""

    def __init__(self, data: bytes | mmap.mmap) -> None:
        self._data = data
        ends = np.flatnonzero(np.frombuffer(data, np.uint8) == ord("\n")) if len(data) else ()
        self._begins = np.concatenate(([0], np.asarray(ends, np.int64) + 1))

    def __len__(self) -> int:
        return len(self._begins) - 1

    def __getitem__(self, number: int) -> bytes:
        """One line without its line end."""
        return self.between(number, number + 1)[:-1]

    def between(self, first: int, last: int) -> bytes:
        """The lines from ``first`` up to but not including ``last``, with their line ends."""
        if not 0 <= first <= last <= len(self):
            raise IndexError(f"lines {first} to {last} of {len(self)}")
        return self._data[int(self._begins[first]) : int(self._begins[last])]


class TextLines(Sequence[str]):
    """Lines decoded as UTF-8."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines

    def __len__(self) -> int:
        return len(self._lines)

    @overload
    def __getitem__(self, number: int) -> str: ...
    @overload
    def __getitem__(self, number: slice) -> list[str]: ...
    def __getitem__(self, number: int | slice) -> str | list[str]:
        """One line without its line end, or the lines of a slice."""
        if isinstance(number, slice):
            first, last, step = number.indices(len(self))
            if step != 1:
                return [self[each] for each in range(first, last, step)]
            return self._lines.between(first, max(first, last)).decode().split("\n")[:-1]
        return self._lines[number].decode()


class Documents:
    """The documents of a generation by number, in order of their ids, each parsed on demand.

    ``path`` gives the path of a source file by its document's id, as results show it. A line in another
    form raises ValueError, KeyError, TypeError or IndexError.
    """

    def __init__(self, lines: Lines, path: Callable[[str], str]) -> None:
        self._lines = lines
        self.path = path
        self._cached_parse: Callable[[int], StoredDocument] = lru_cache(_PARSED)(self._parse)

    def __len__(self) -> int:
        return len(self._lines)

    def __getitem__(self, number: int) -> StoredDocument:
        return self._cached_parse(number)

    def __iter__(self) -> Iterator[StoredDocument]:
        return map(self._parse, range(len(self)))

    def _parse(self, number: int) -> StoredDocument:
        return _stored_document(_checked(json.loads(self._lines[number])))

    def number(self, doc_id: str) -> int | None:
        """The number of the document with exactly this id, or None."""
        number = bisect_left(range(len(self)), doc_id, key=self.id)
        return number if number < len(self) and self.id(number) == doc_id else None

    def id(self, number: int) -> str:
        """The id of a document, cut from the beginning of its line if possible, else parsed."""
        line = self._lines[number]
        end = line.find(_AFTER_ID)
        if end < 0 or not line.startswith(_BEFORE_ID) or b"\\" in line[:end]:
            return self[number].document.doc_id
        return line[len(_BEFORE_ID) : end].decode()

    def info(self, number: int) -> DocumentInfo:
        """One document as ``rag list`` shows it."""
        return self._info(_checked(json.loads(self._lines[number])))

    @cached_property
    def infos(self) -> tuple[DocumentInfo, ...]:
        """All documents, parsed at the first call."""
        return tuple(self._all(self._info))

    @cached_property
    def sources(self) -> dict[str, SourceRecord]:
        """The record of each source file, by id, in order of the ids; parsed at the first call."""
        return dict(self._all(lambda row: (row["doc_id"], _source(row))))

    def _info(self, row: dict[str, Any]) -> DocumentInfo:
        return DocumentInfo(
            doc_id=row["doc_id"],
            path=self.path(row["doc_id"]),
            title=row["title"],
            publisher=row["publisher"],
            published=row["published"],
            published_text=row["published_text"],
            url=row["url"],
            sha256=row["sha256"],
            size=row["size"],
            chunks=row["chunks"][1] - row["chunks"][0],
            author=row["author"],
            updated=row["updated"],
            language=row["language"],
            notes=tuple(row["notes"]),
            copies=_source(row).copies_of(row["doc_id"]),
        )

    def _all(self, parse: Callable[[dict[str, Any]], T]) -> list[T]:
        # One call of the JSON parser for many lines is far faster than one per line; one for all lines
        # would take much memory.
        documents: list[T] = []
        for first in range(0, len(self), _PARSED):
            last = min(first + _PARSED, len(self))
            rows = json.loads(b"[%b]" % self._lines.between(first, last)[:-1].replace(b"\n", b","))
            if len(rows) != last - first:
                raise ValueError("a line holds more than one document")
            documents.extend(parse(_checked(row)) for row in rows)
        return documents


_FIELDS: Final[dict[str, tuple[type, ...]]] = {
    **dict.fromkeys(
        ("doc_id", "sha256", "correction", "container", "content", "title", "language"), (str,)
    ),
    **dict.fromkeys(
        ("publisher", "published", "published_text", "url", "author", "updated"), (str, NoneType)
    ),
    **dict.fromkeys(("size", "mtime_ns"), (int,)),
    **dict.fromkeys(("locator", "text", "blocks", "chunks", "notes", "copies"), (list,)),
    "evidence": (dict,),
}


def _checked(row: dict[str, Any]) -> dict[str, Any]:
    """The same row. Raises KeyError, TypeError or ValueError unless each field has its type."""
    for name, kinds in _FIELDS.items():
        if type(row[name]) not in kinds:
            raise TypeError(f"{name} is {row[name]!r}")
    for name in ("text", "blocks", "chunks"):
        first, last = row[name]
        if type(first) is not int or type(last) is not int or min(first, last) < 0:
            raise ValueError(f"{name} is {row[name]!r}")
    if not all(type(begin) is int for begin in row["locator"]):
        raise TypeError(f"locator is {row['locator']!r}")
    if not all(type(note) is str for note in row["notes"]):
        raise TypeError(f"notes is {row['notes']!r}")
    return row


def _source(row: dict[str, Any]) -> SourceRecord:
    return SourceRecord(
        row["sha256"],
        row["size"],
        row["mtime_ns"],
        row["correction"],
        container=row["container"],
        content=row["content"],
        copies=tuple(SourceCopy(str(doc_id), int(time)) for doc_id, time in row["copies"]),
    )


def _stored_document(row: dict[str, Any]) -> StoredDocument:
    source = _source(row)
    return StoredDocument(
        source=source,
        document=Document(
            doc_id=row["doc_id"],
            path="",
            text="",
            title=row["title"],
            publisher=row["publisher"],
            published=row["published"],
            url=row["url"],
            locator=tuple(row["locator"]),
            published_text=row["published_text"],
            evidence=row["evidence"],
            language=row["language"],
            author=row["author"],
            updated=row["updated"],
            notes=tuple(row["notes"]),
            copies=source.copies_of(row["doc_id"]),
        ),
        text=(row["text"][0], row["text"][1]),
        blocks=(row["blocks"][0], row["blocks"][1]),
        chunks=(row["chunks"][0], row["chunks"][1]),
    )
