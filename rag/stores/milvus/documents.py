"""The documents of a generation: their meta data in memory, their texts fetched when they are read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import accumulate
from typing import Any, Final

from rag.errors import DocumentNotFound, IndexNotFound
from rag.records import Chunk, Document, DocumentInfo, SourceRecord, chunk_id_of
from rag.stores.milvus import codec
from rag.stores.milvus.connection import Connection, Row
from rag.stores.milvus.manifest import Manifest, all_of, among, damaged, joined, visible
from rag.stores.milvus.schema import NOTHING

_CONTENTS: Final = 256
"""Documents whose texts a reader keeps."""
META, CONTENT = 0, 1


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One document: its number, the build that wrote its rows, its meta data."""

    number: int
    build: int
    meta: Mapping[str, Any]

    @property
    def doc_id(self) -> str:
        """The id of the document."""
        doc_id: str = self.meta["doc_id"]
        return doc_id

    @property
    def chunks(self) -> int:
        """How many chunks it has."""
        chunks: int = self.meta["chunks"]
        return chunks

    @property
    def source(self) -> SourceRecord:
        """The record of its source file."""
        return codec.source_of(self.meta["source"])

    def passage(self, start: int, end: int) -> str:
        """The id of the row of one of its chunks."""
        return passage_id(self.build, self.number, start, end)


def passage_id(build: int, number: int, start: int, end: int) -> str:
    """The id of the row of a chunk: like the chunk's, with the document's number in place of its id."""
    return chunk_id_of(f"{build:x}.{number}", start, end)


def document_rows(
    build: int, generation: int, number: int, kind: int, text: str
) -> list[dict[str, Any]]:
    """The rows of DOCUMENTS for the meta data or the content of a document."""
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


class Documents:
    """The documents of a generation. Thread-safe.

    Raises ValueError, KeyError or TypeError for rows in another form, IndexCorrupt if some are missing.
    """

    def __init__(self, connection: Connection, manifest: Manifest) -> None:
        self._connection = connection
        self._manifest = manifest
        self._path = manifest.corpus.paths()
        self.content: Callable[[Entry], Mapping[str, Any]] = lru_cache(_CONTENTS)(
            _Contents(connection, manifest)
        )

    @cached_property
    def entries(self) -> Sequence[Entry]:
        """All documents in corpus order; fetched at the first call."""
        manifest = self._manifest
        where = all_of((visible(manifest), f"content == {META}"))
        fields = ("build", "document", "part", "data")
        rows = self._connection.rows(manifest.shared, where, fields)
        entries = sorted(_entries(rows, manifest.builds), key=lambda each: each.doc_id)
        if len(entries) != manifest.documents:
            what = f"{len(entries)} documents, should be {manifest.documents}"
            raise damaged(self._connection.address, what)
        return entries

    @cached_property
    def firsts(self) -> Sequence[int]:
        """The number of chunks before each document, and of all."""
        return list(accumulate((each.chunks for each in self.entries), initial=0))

    @cached_property
    def ranks(self) -> Mapping[int, int]:
        """The place of each document in corpus order, by its number."""
        return {each.number: rank for rank, each in enumerate(self.entries)}

    @cached_property
    def _by_id(self) -> Mapping[str, Entry]:
        return {each.doc_id: each for each in self.entries}

    def find(self, doc_id: str) -> Entry:
        """One document. Raises DocumentNotFound."""
        entry = self._by_id.get(doc_id)
        if entry is None:
            raise not_found(doc_id)
        return entry

    def __contains__(self, doc_id: object) -> bool:
        return doc_id in self._by_id

    @cached_property
    def infos(self) -> Sequence[DocumentInfo]:
        """All documents as ``rag list`` shows them."""
        return [self._info(each) for each in self.entries]

    def _info(self, entry: Entry) -> DocumentInfo:
        document, source = self._bare(entry), entry.source
        return DocumentInfo(
            document.doc_id,
            document.path,
            document.title,
            document.publisher,
            document.published,
            document.published_text,
            document.url,
            source.sha256,
            source.size,
            entry.chunks,
            document.author,
            document.updated,
            document.language,
            document.notes,
            document.copies,
        )

    def _bare(self, entry: Entry) -> Document:
        return codec.document_without_text(entry.meta, self._path(entry.doc_id))

    def document(self, entry: Entry) -> Document:
        """One document with its text and blocks."""
        content = self.content(entry)
        return replace(
            self._bare(entry),
            text=content["text"],
            blocks=codec.blocks_of(content),
            locator=tuple(content["locator"]),
        )

    def chunks(self, entry: Entry) -> list[Chunk]:
        """The chunks of a document."""
        return codec.chunks_of(entry.doc_id, self.content(entry))


@dataclass(frozen=True, slots=True)
class _Contents:
    """Fetches the content of documents."""

    connection: Connection
    manifest: Manifest

    def __call__(self, entry: Entry) -> Mapping[str, Any]:
        """The content of a document. Raises IndexCorrupt if it is not what was written."""
        where = all_of(
            (
                f"document == {entry.number}",
                among("build", [entry.build]),
                f"content == {CONTENT}",
            )
        )
        rows = self.connection.rows(self.manifest.shared, where, ("part", "data"))
        text = joined({row["part"]: row["data"] for row in rows})
        if codec.digest_of(text) != entry.meta["content"]:
            raise damaged(self.connection.address, f"the text of {entry.doc_id} was altered")
        content: Mapping[str, Any] = codec.unpacked(text)
        return content


def _entries(rows: Iterable[Row], builds: Sequence[int]) -> Iterator[Entry]:
    """The documents in rows of meta data. Of several for one document, that of the last build counts."""
    age = {build: number for number, build in enumerate(builds)}
    parts: defaultdict[int, dict[int, dict[int, str]]] = defaultdict(lambda: defaultdict(dict))
    for row in rows:
        parts[row["document"]][row["build"]][row["part"]] = row["data"]
    for number, versions in parts.items():
        meta = codec.unpacked(joined(versions[max(versions, key=age.__getitem__)]))
        yield Entry(number, meta["build"], meta)


def not_found(id_: str) -> DocumentNotFound:
    """The error for an id that the index does not have."""
    return DocumentNotFound(f"the index has nothing with the id {id_!r}")


def removed(generation: str) -> IndexNotFound:
    """The error for a generation that later builds have removed while it was open."""
    return IndexNotFound(
        f"{generation} was replaced by later builds and is gone", fix="open the index again"
    )
