"""How texts, documents and terms are written into the fields of Milvus."""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from rag.records import (
    Block,
    Bm25Parameters,
    Chunk,
    Corpus,
    Document,
    EmbedderInfo,
    Recipe,
    Root,
    SkippedSource,
    SourceCopy,
    SourceRecord,
    chunk_id_of,
)

if TYPE_CHECKING:
    from rag.records.base import FloatArray

PIECE: Final = 65_000
"""Characters of a field; Milvus takes 65,535 bytes."""
_WORD_BITS: Final = (1 << 62) - 1
_DIMENSIONS: Final = (1 << 32) - 1
"""A sparse vector has dimensions 0 to 2**32 - 2."""


def packed(value: Any) -> str:
    """A value of JSON as ASCII text that is smaller: any string survives, surrogates too."""
    return base64.b64encode(zlib.compress(json.dumps(value).encode(), 6)).decode()


def unpacked(text: str) -> Any:
    """The inverse of ``packed``. Raises ValueError for anything else."""
    try:
        return json.loads(zlib.decompress(base64.b64decode(text, validate=True)))
    except zlib.error as error:
        raise ValueError(str(error)) from error


def pieces(text: str) -> list[str]:
    """The text, cut so that each piece fits into a field; at least one."""
    return [text[begin : begin + PIECE] for begin in range(0, len(text), PIECE)] or [""]


# ---------------------------------------------------------------- terms


@lru_cache(1 << 18)
def _digest(term: str) -> int:
    data = term.encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "big")


def word_of(term: str) -> int:
    """A number for a term; of ten million terms, two are alike with a chance of 1 in 10,000."""
    return _digest(term) & _WORD_BITS


def dimension_of(term: str) -> int:
    """The dimension of a term in sparse vectors. Terms may share one, so scores are computed anew."""
    return _digest(term) % _DIMENSIONS


def term_text(terms: Sequence[str]) -> str:
    """The terms of a passage, in order."""
    return packed(list(terms))


def terms_of(text: str) -> list[str]:
    """The inverse of ``term_text``."""
    terms: list[str] = unpacked(text)
    return terms


def passage_checksum(id_: str, numbers: Iterable[int], terms: str, vector: FloatArray) -> int:
    """What tells that a passage's fields were altered."""
    head = f"{id_} {' '.join(map(str, numbers))} {terms}"
    return zlib.crc32(np.ascontiguousarray(vector, np.float32).tobytes(), zlib.crc32(head.encode()))


# ---------------------------------------------------------------- documents


def content_of(document: Document, chunks: Sequence[Chunk]) -> dict[str, Any]:
    """The large parts of a document, which never change as long as it is the same document."""
    return {
        "text": document.text,
        "blocks": [[b.start, b.end, b.kind] for b in document.blocks],
        "locator": list(document.locator),
        "chunks": [[c.start, c.end, *(c.heading or ())] for c in chunks],
    }


def meta_of(document: Document, source: SourceRecord, chunks: int, digest: str) -> dict[str, Any]:
    """What a list of documents needs, and the record of its source file."""
    return {
        "doc_id": document.doc_id,
        "title": document.title,
        "publisher": document.publisher,
        "published": document.published,
        "published_text": document.published_text,
        "url": document.url,
        "evidence": dict(document.evidence),
        "language": document.language,
        "author": document.author,
        "updated": document.updated,
        "notes": list(document.notes),
        "chunks": chunks,
        "content": digest,
        "source": source_row(source),
    }


def digest_of(content: str) -> str:
    """The fingerprint of packed content."""
    return hashlib.sha256(content.encode()).hexdigest()


def document_without_text(meta: Mapping[str, Any], path: str) -> Document:
    """A document of its meta data, without its text and its parts."""
    source = source_of(meta["source"])
    return Document(
        doc_id=meta["doc_id"],
        path=path,
        text="",
        title=meta["title"],
        publisher=meta["publisher"],
        published=meta["published"],
        url=meta["url"],
        published_text=meta["published_text"],
        evidence=meta["evidence"],
        language=meta["language"],
        author=meta["author"],
        updated=meta["updated"],
        notes=tuple(meta["notes"]),
        copies=source.copies_of(meta["doc_id"]),
    )


def blocks_of(content: Mapping[str, Any]) -> tuple[Block, ...]:
    """The blocks of a document's content."""
    return tuple(Block(start, end, kind) for start, end, kind in content["blocks"])


def chunks_of(doc_id: str, content: Mapping[str, Any]) -> list[Chunk]:
    """The chunks of a document's content."""
    return [
        Chunk(chunk_id_of(doc_id, start, end), doc_id, start, end, tuple(heading) or None)
        for start, end, *heading in content["chunks"]
    ]


def source_row(source: SourceRecord) -> dict[str, Any]:
    """A source record for JSON, without the path, which differs from machine to machine."""
    row = asdict(source)
    del row["path"]
    return row


def source_of(row: Mapping[str, Any]) -> SourceRecord:
    """The inverse of ``source_row``."""
    copies = tuple(SourceCopy(copy["doc_id"], copy["mtime_ns"]) for copy in row["copies"])
    return SourceRecord(**{**row, "copies": copies})


def skipped_row(skipped: SkippedSource) -> dict[str, Any]:
    """What could not be read, for JSON."""
    source = skipped.source and source_row(skipped.source)
    return {"path": skipped.path, "reason": skipped.reason, "source": source}


def skipped_of(row: Mapping[str, Any]) -> SkippedSource:
    """The inverse of ``skipped_row``."""
    source = row["source"] and source_of(row["source"])
    return SkippedSource(row["path"], row["reason"], source)


def corpus_of(rows: Iterable[Mapping[str, str]]) -> Corpus:
    """The corpus of the roots in a manifest."""
    return Corpus(tuple(Root(**row) for row in rows))


def recipe_of(row: Mapping[str, Any]) -> Recipe:
    """The recipe in a manifest."""
    parts = {"embedder": EmbedderInfo(**row["embedder"]), "bm25": Bm25Parameters(**row["bm25"])}
    return Recipe(**{**row, **parts})
