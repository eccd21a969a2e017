"""Writes the files of one generation. Once written, they never change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rag.errors import IndexCorrupt, IndexNotFound
from rag.records import Block, Document, Recipe, SkippedSource, SourceRecord
from rag.stores.local import dense, layout
from rag.stores.local.disk import (
    FileRecord,
    create_file,
    make_folder,
    map_array,
    sync_folder,
    write_array,
    write_file,
    write_rows,
)
from rag.stores.local.documents import StoredDocument, block_rows, document_line, skipped_line
from rag.stores.local.manifest import (
    MANIFEST,
    CacheRecord,
    CorpusFolder,
    Manifest,
    drop_generation,
    lease_file,
    make_current,
    next_generation,
    read_current,
)
from rag.stores.local.postings import Postings

if TYPE_CHECKING:
    import numpy.typing as npt

    from rag.records.base import FloatArray


@dataclass(frozen=True, slots=True)
class Generation:
    """The contents of a generation: documents in corpus order, and arrays by chunk."""

    documents: Sequence[tuple[SourceRecord, Document, bytes, int]]
    """Source, document, its text in UTF-8 (``Document.text`` is ignored), number of chunks."""
    chunks: npt.NDArray[np.int64]
    """(chunks, 5): see layout.CHUNK_COLUMNS."""
    vectors: Sequence[FloatArray]
    """Of all chunks in order, in consecutive pieces: float32 (any, dimension), unit length."""
    postings: Postings
    skipped: Sequence[SkippedSource] = ()


def write_generation(
    index: Path,
    generation: Generation,
    corpus: tuple[CorpusFolder, ...],
    recipe: Recipe,
    embeddings: CacheRecord,
) -> Manifest:
    """Write a new generation and make it current. Call under the build lock.

    If anything fails before the swap, the old generation stays current.
    """
    name, first = next_generation(index), _current(index) is None
    folder = index / name
    try:
        make_folder(folder)
        files = _write_files(folder, generation, recipe.embedder.dimension)
        shape = (len(generation.chunks), recipe.embedder.dimension)
        codes, first_pass = dense.quantize(map_array(folder / layout.VECTORS, np.float32, shape))
        if codes is not None:
            files[layout.SIGNS] = write_array(folder / layout.SIGNS, codes)
        manifest = Manifest(
            generation=name,
            created=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            corpus=corpus,
            recipe=recipe,
            documents=len(generation.documents),
            chunks=len(generation.chunks),
            terms=len(generation.postings.terms),
            languages=tuple(
                sorted({document.language for _, document, *_ in generation.documents})
            ),
            first_pass=first_pass,
            files=files,
            embeddings=embeddings,
        )
        record = write_file(folder / MANIFEST, (manifest.to_bytes(),))
        create_file(lease_file(index, name))
        sync_folder(folder)
        sync_folder(index)
        if first:  # also if a killed build made the folder
            sync_folder(index.parent)
        make_current(index, name, record.sha256)
    except BaseException:
        if _current(index) != name:
            with suppress(OSError):
                drop_generation(index, name)
        raise
    return manifest


def _write_files(folder: Path, generation: Generation, dimension: int) -> dict[str, FileRecord]:
    lines: list[bytes] = []
    texts: list[bytes] = []
    blocks: list[Block] = []
    text_at = chunk_at = 0
    for source, document, text, chunks in generation.documents:
        text_span = (text_at, text_at + len(text))
        chunk_span = (chunk_at, chunk_at + chunks)
        block_span = (len(blocks), len(blocks) + len(document.blocks))
        stored = StoredDocument(source, document, text_span, block_span, chunk_span)
        lines.append(document_line(stored))
        texts.append(text)
        blocks.extend(document.blocks)
        text_at, chunk_at = text_span[1], chunk_span[1]
    postings = generation.postings
    return {
        layout.DOCUMENTS: write_file(folder / layout.DOCUMENTS, lines),
        layout.SKIPPED: write_file(folder / layout.SKIPPED, map(skipped_line, generation.skipped)),
        layout.TEXTS: write_file(folder / layout.TEXTS, texts),
        layout.BLOCKS: write_array(folder / layout.BLOCKS, block_rows(blocks)),
        layout.CHUNKS: write_array(folder / layout.CHUNKS, generation.chunks),
        layout.VECTORS: write_rows(
            folder / layout.VECTORS,
            generation.vectors,
            np.float32,
            (len(generation.chunks), dimension),
        ),
        layout.TERMS: write_file(
            folder / layout.TERMS, (f"{term}\n".encode() for term in postings.terms)
        ),
        layout.POSTING_OFFSETS: write_array(folder / layout.POSTING_OFFSETS, postings.offsets),
        layout.POSTING_CHUNKS: write_array(folder / layout.POSTING_CHUNKS, postings.chunks),
        layout.POSTING_COUNTS: write_array(folder / layout.POSTING_COUNTS, postings.counts),
        layout.LENGTHS: write_array(folder / layout.LENGTHS, postings.lengths),
        layout.SEQUENCE: write_array(folder / layout.SEQUENCE, postings.sequence),
    }


def _current(index: Path) -> str | None:
    """The name of the current generation, or None if there is none or ``CURRENT`` is damaged."""
    try:
        return read_current(index)[0]
    except (IndexNotFound, IndexCorrupt):
        return None
