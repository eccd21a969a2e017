"""The files of one generation: written in full, then never changed.

``index/README.md`` specifies each file's content.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from rag.errors import IndexCorrupt, IndexNotFound
from rag.index.disk import FileRecord, sync_folder, write_array, write_file
from rag.index.manifest import (
    MANIFEST,
    CorpusFolder,
    Manifest,
    Recipe,
    generations,
    make_current,
    next_generation,
    read_current,
)
from rag.index.postings import Postings
from rag.types import Block, Document

if TYPE_CHECKING:
    import numpy.typing as npt

    from rag.types import FloatArray

DOCUMENTS: Final = "documents.jsonl"
TEXTS: Final = "texts.utf8"
CHUNKS: Final = "chunks.npy"
VECTORS: Final = "vectors.npy"
TERMS: Final = "terms.txt"
POSTING_OFFSETS: Final = "posting-offsets.npy"
POSTING_CHUNKS: Final = "posting-chunks.npy"
POSTING_COUNTS: Final = "posting-counts.npy"
LENGTHS: Final = "lengths.npy"
SEQUENCE: Final = "sequence.npy"

# Columns of chunks.npy: number of the document, offsets of the passage, offsets of its heading (-1: none).
CHUNK_COLUMNS: Final = ("document", "start", "end", "heading_start", "heading_end")


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """What a build knows of a source file, to tell whether it has changed since."""

    sha256: str
    size: int
    mtime_ns: int
    correction: str
    """Fingerprint of the sidecar's correction; "" when it has none."""


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """One line of ``documents.jsonl``: a document without its text, and where the text stands."""

    source: SourceRecord
    document: Document
    """With an empty text."""
    text: tuple[int, int]
    """Byte offsets into ``texts.utf8``."""
    chunks: tuple[int, int]
    """Its chunks are these rows of ``chunks.npy``."""


@dataclass(frozen=True, slots=True)
class Generation:
    """Everything that is written down: documents in corpus order, and arrays by chunk."""

    documents: Sequence[tuple[SourceRecord, Document, bytes, int]]
    """Source, document, its text in UTF-8 (that of the document itself is not read), number of chunks."""
    chunks: npt.NDArray[np.int64]
    """(chunks, 5): see CHUNK_COLUMNS."""
    vectors: FloatArray
    """(chunks, dimension), float32, unit length."""
    postings: Postings


def write_generation(
    index: Path, generation: Generation, corpus: CorpusFolder, recipe: Recipe
) -> Manifest:
    """Write a generation aside, make it current, drop the ones before the last.

    Whatever goes wrong before the swap leaves the old generation in place. Call under the build lock.
    """
    name, before = next_generation(index), _current(index)
    folder = index / name
    folder.mkdir()
    try:
        files = _write_files(folder, generation)
        manifest = Manifest(
            generation=name,
            created=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            corpus=corpus,
            recipe=recipe,
            documents=len(generation.documents),
            chunks=len(generation.chunks),
            terms=len(generation.postings.terms),
            files=files,
        )
        record = write_file(folder / MANIFEST, (manifest.to_bytes(),))
        sync_folder(folder)
        sync_folder(index)
        make_current(index, name, record.sha256)
    except BaseException:
        if _current(index) != name:
            shutil.rmtree(folder, ignore_errors=True)
        raise
    _drop_others(index, {name, before})
    return manifest


def _write_files(folder: Path, generation: Generation) -> dict[str, FileRecord]:
    lines: list[bytes] = []
    texts: list[bytes] = []
    text_at = chunk_at = 0
    for source, document, text, chunks in generation.documents:
        text_span = (text_at, text_at + len(text))
        chunk_span = (chunk_at, chunk_at + chunks)
        lines.append(_document_line(StoredDocument(source, document, text_span, chunk_span)))
        texts.append(text)
        text_at, chunk_at = text_span[1], chunk_span[1]
    postings = generation.postings
    return {
        DOCUMENTS: write_file(folder / DOCUMENTS, lines),
        TEXTS: write_file(folder / TEXTS, texts),
        CHUNKS: write_array(folder / CHUNKS, generation.chunks),
        VECTORS: write_array(folder / VECTORS, generation.vectors),
        TERMS: write_file(folder / TERMS, (f"{term}\n".encode() for term in postings.terms)),
        POSTING_OFFSETS: write_array(folder / POSTING_OFFSETS, postings.offsets),
        POSTING_CHUNKS: write_array(folder / POSTING_CHUNKS, postings.chunks),
        POSTING_COUNTS: write_array(folder / POSTING_COUNTS, postings.counts),
        LENGTHS: write_array(folder / LENGTHS, postings.lengths),
        SEQUENCE: write_array(folder / SEQUENCE, postings.sequence),
    }


def _document_line(stored: StoredDocument) -> bytes:
    d, source = stored.document, stored.source
    row: dict[str, Any] = {
        "doc_id": d.doc_id,
        "sha256": source.sha256,
        "size": source.size,
        "mtime_ns": source.mtime_ns,
        "correction": source.correction,
        "title": d.title,
        "publisher": d.publisher,
        "published": d.published,
        "published_text": d.published_text,
        "url": d.url,
        "evidence": dict(d.evidence),
        "blocks": [[b.start, b.end, b.kind] for b in d.blocks],
        "locator": list(d.locator),
        "text": stored.text,
        "chunks": stored.chunks,
    }
    return json.dumps(row, ensure_ascii=False).encode() + b"\n"


def parse_document_line(line: bytes) -> StoredDocument:
    """The inverse of what a build writes. Raises ValueError, KeyError or TypeError on anything else."""
    row = json.loads(line)
    return StoredDocument(
        source=SourceRecord(row["sha256"], row["size"], row["mtime_ns"], row["correction"]),
        document=Document(
            doc_id=row["doc_id"],
            path="",
            text="",
            title=row["title"],
            publisher=row["publisher"],
            published=row["published"],
            url=row["url"],
            blocks=tuple(Block(start, end, kind) for start, end, kind in row["blocks"]),
            locator=tuple(row["locator"]),
            published_text=row["published_text"],
            evidence=row["evidence"],
        ),
        text=(row["text"][0], row["text"][1]),
        chunks=(row["chunks"][0], row["chunks"][1]),
    )


def _current(index: Path) -> str | None:
    """Name of the current generation, None where there is none or no telling."""
    try:
        return read_current(index)[0]
    except (IndexNotFound, IndexCorrupt):
        return None


def _drop_others(index: Path, kept: set[str | None]) -> None:
    """Remove all generations but the current one and the one before it.

    The one before stays because a reader may have read ``CURRENT`` just before the swap and be about
    to open it. Readers that are already open keep their files, whatever happens to the names.
    """
    for name in generations(index):
        if name not in kept:
            shutil.rmtree(index / name, ignore_errors=True)
