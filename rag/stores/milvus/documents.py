"""The documents of a generation: a line of each in memory, their texts fetched when they are read.

A line is one of ``documents.jsonl`` in the local store, so that both stores know the same of a document.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from functools import cached_property, lru_cache, partial
from itertools import accumulate
from typing import Any, Final

import numpy as np

from rag.errors import DocumentNotFound
from rag.records import Block, Chunk, Document, SourceRecord
from rag.stores.local.documents import (
    BLOCK_COLUMNS,
    Lines,
    StoredDocument,
    block_rows,
    blocks_of,
    document_line,
)
from rag.stores.local.documents import Documents as StoredDocuments
from rag.stores.local.layout import chunk_of
from rag.stores.milvus import codec
from rag.stores.milvus.connection import Connection, Row
from rag.stores.milvus.expressions import all_of, among
from rag.stores.milvus.manifest import Manifest, damaged, visible
from rag.stores.milvus.schema import NOTHING

_CONTENTS: Final = 256
"""Documents whose texts a reader keeps."""
_LINE, _CONTENT = 0, 1
_NO_HEADING: Final = (-1, -1)


@dataclass(frozen=True, slots=True)
class Entry:
    """One document on the server."""

    doc_id: str
    number: int
    """The number of a document; if it is put again, it gets another one."""
    build: int
    """The build that wrote its content and its passages."""
    chunks: int
    digest: str
    """SHA-256 of its content as it is stored."""


@dataclass(frozen=True, slots=True)
class Content:
    """The large parts of a document, which never change as long as it is the same document."""

    text: str
    blocks: tuple[Block, ...]
    chunks: Sequence[Chunk]


class Documents:
    """The documents of a generation, in corpus order. Thread-safe.

    Raises ValueError, KeyError or TypeError for rows in another form, IndexCorrupt if some are missing.
    """

    def __init__(self, connection: Connection, manifest: Manifest) -> None:
        self._connection = connection
        self._manifest = manifest
        self.content: Callable[[Entry], Content] = lru_cache(_CONTENTS)(
            partial(_read_content, connection, manifest)
        )

    @cached_property
    def _loaded(self) -> tuple[Sequence[Entry], StoredDocuments]:
        manifest = self._manifest
        where = all_of((visible(manifest), f"content == {_LINE}"))
        rows = self._connection.rows(manifest.shared, where, ("build", "document", "part", "data"))
        found = sorted(_listed(rows, manifest.builds), key=lambda each: each[0].doc_id)
        if len(found) != manifest.documents:
            what = f"{len(found)} documents, should be {manifest.documents}"
            raise damaged(self._connection.index, what)
        lines = Lines(b"".join(line for _, line in found))
        return [entry for entry, _ in found], StoredDocuments(lines, manifest.corpus.paths())

    @property
    def entries(self) -> Sequence[Entry]:
        """All documents; fetched at the first call."""
        return self._loaded[0]

    @property
    def stored(self) -> StoredDocuments:
        """What is known of each, by its place in ``entries``."""
        return self._loaded[1]

    @cached_property
    def firsts(self) -> Sequence[int]:
        """The number of chunks before each document, and at the end that of all chunks."""
        return list(accumulate((each.chunks for each in self.entries), initial=0))

    @cached_property
    def ranks(self) -> Mapping[int, int]:
        """The place of each document, by its number."""
        return {each.number: rank for rank, each in enumerate(self.entries)}

    def rank(self, doc_id: str) -> int:
        """The place of a document. Raises DocumentNotFound."""
        rank = self.stored.number(doc_id)
        if rank is None:
            raise not_found(doc_id)
        return rank

    def find(self, doc_id: str) -> Entry:
        """One document. Raises DocumentNotFound."""
        return self.entries[self.rank(doc_id)]

    def document(self, doc_id: str) -> Document:
        """One document with its text and blocks. Raises DocumentNotFound."""
        rank = self.rank(doc_id)
        content = self.content(self.entries[rank])
        return replace(
            self.stored[rank].document,
            path=self.stored.path(doc_id),
            text=content.text,
            blocks=content.blocks,
        )


def not_found(id_: str) -> DocumentNotFound:
    """The error for an id that the index does not have."""
    return DocumentNotFound(f"the index has nothing with the id {id_!r}")


# ---------------------------------------------------------------- rows


def line_rows(
    entry: Entry, document: Document, source: SourceRecord, build: int, generation: int
) -> list[dict[str, Any]]:
    """The rows for what is known of a document; the ``build`` that writes them may be a later one."""
    line = document_line(StoredDocument(source, document, (0, 0), (0, 0), (0, entry.chunks)))
    text = codec.packed([*astuple(entry), line.decode()])
    return _rows(entry.number, _LINE, text, build, generation)


def content_text(document: Document, chunks: Sequence[Chunk]) -> tuple[str, str]:
    """The content of a document as it is stored, and its digest."""
    spans = [(chunk.start, chunk.end, *(chunk.heading or _NO_HEADING)) for chunk in chunks]
    text = codec.packed([document.text, block_rows(document.blocks).tolist(), spans])
    return text, _digest(text)


def content_rows(entry: Entry, text: str, generation: int) -> list[dict[str, Any]]:
    """The rows for the content of a document."""
    return _rows(entry.number, _CONTENT, text, entry.build, generation)


def _rows(number: int, kind: int, text: str, build: int, generation: int) -> list[dict[str, Any]]:
    return [
        {
            "id": f"{build:x}.{number}.{kind}.{part}",
            "build": build,
            "generation": generation,
            "document": number,
            "part": part,
            "content": kind,
            "data": data,
            "nothing": NOTHING,
        }
        for part, data in enumerate(codec.pieces(text))
    ]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _listed(rows: Iterable[Row], builds: Sequence[int]) -> Iterator[tuple[Entry, bytes]]:
    """The documents in rows, each with its line. Of several versions, that of the last build counts."""
    age = {build: number for number, build in enumerate(builds)}
    parts: defaultdict[int, dict[int, dict[int, str]]] = defaultdict(lambda: defaultdict(dict))
    for row in rows:
        parts[row["document"]][row["build"]][row["part"]] = row["data"]
    for versions in parts.values():
        newest = versions[max(versions, key=age.__getitem__)]
        *fields, line = codec.unpacked(codec.joined(newest))
        yield Entry(*fields), line.encode()


def _read_content(connection: Connection, manifest: Manifest, entry: Entry) -> Content:
    """The content of a document. Raises IndexCorrupt if it is not what was written."""
    where = f"document == {entry.number} and content == {_CONTENT}"
    own = all_of((where, among("build", [entry.build])))
    rows = connection.rows(manifest.shared, own, ("part", "data"))
    stored = codec.joined({row["part"]: row["data"] for row in rows})
    if _digest(stored) != entry.digest:
        raise damaged(connection.index, f"the text of {entry.doc_id} was altered")
    text, blocks, chunks = codec.unpacked(stored)
    table = np.array(blocks, np.int32).reshape(-1, len(BLOCK_COLUMNS))
    return Content(
        text, blocks_of(table, len(text)), [chunk_of(entry.doc_id, *chunk) for chunk in chunks]
    )
