"""The files of one generation: written in full, then never changed.

``index/README.md`` specifies each file's content.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from rag.errors import IndexCorrupt, IndexNotFound
from rag.records import Block, Chunk, Document
from rag.stores.local import dense
from rag.stores.local.disk import (
    FileRecord,
    create_file,
    hash_file,
    make_folder,
    map_array,
    sync_folder,
    write_array,
    write_file,
)
from rag.stores.local.documents import (
    Documents,
    Lines,
    SourceRecord,
    StoredDocument,
    block_rows,
    document_line,
)
from rag.stores.local.manifest import (
    MANIFEST,
    CacheRecord,
    CorpusFolder,
    Manifest,
    Recipe,
    drop_generation,
    lease_file,
    make_current,
    mend,
    next_generation,
    read_current,
)
from rag.stores.local.postings import Postings

if TYPE_CHECKING:
    import numpy.typing as npt

    from rag.records.base import FloatArray

DOCUMENTS: Final = "documents.jsonl"
TEXTS: Final = "texts.utf8"
BLOCKS: Final = "blocks.npy"
CHUNKS: Final = "chunks.npy"
VECTORS: Final = "vectors.npy"
SIGNS: Final = "signs.npy"
TERMS: Final = "terms.txt"
POSTING_OFFSETS: Final = "posting-offsets.npy"
POSTING_CHUNKS: Final = "posting-chunks.npy"
POSTING_COUNTS: Final = "posting-counts.npy"
LENGTHS: Final = "lengths.npy"
SEQUENCE: Final = "sequence.npy"

# Columns of chunks.npy: number of the document, offsets of the passage, offsets of its heading (-1: none).
CHUNK_COLUMNS: Final = ("document", "start", "end", "heading_start", "heading_end")


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
    index: Path,
    generation: Generation,
    corpus: CorpusFolder,
    recipe: Recipe,
    embeddings: CacheRecord,
) -> Manifest:
    """Write a generation aside and make it current.

    Whatever goes wrong before the swap leaves the old generation in place. Call under the build lock.
    """
    name, first = next_generation(index), _current(index) is None
    folder = index / name
    try:
        make_folder(folder)
        files = _write_files(folder, generation)
        signs, measured = dense.quantize(generation.vectors)
        if signs is not None:
            files[SIGNS] = write_array(folder / SIGNS, signs)
        manifest = Manifest(
            generation=name,
            created=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            corpus=corpus,
            recipe=recipe,
            documents=len(generation.documents),
            chunks=len(generation.chunks),
            terms=len(generation.postings.terms),
            first_pass=measured,
            files=files,
            embeddings=embeddings,
        )
        record = write_file(folder / MANIFEST, (manifest.to_bytes(),))
        create_file(lease_file(index, name))
        sync_folder(folder)
        sync_folder(index)
        if first:  # a build that was killed may have made the folder
            sync_folder(index.parent)
        make_current(index, name, record.sha256)
    except BaseException:
        if _current(index) != name:
            with suppress(OSError):
                drop_generation(index, name)
        raise
    return manifest


def _write_files(folder: Path, generation: Generation) -> dict[str, FileRecord]:
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
        DOCUMENTS: write_file(folder / DOCUMENTS, lines),
        TEXTS: write_file(folder / TEXTS, texts),
        BLOCKS: write_array(folder / BLOCKS, block_rows(blocks)),
        CHUNKS: write_array(folder / CHUNKS, generation.chunks),
        VECTORS: write_array(folder / VECTORS, generation.vectors),
        TERMS: write_file(folder / TERMS, (f"{term}\n".encode() for term in postings.terms)),
        POSTING_OFFSETS: write_array(folder / POSTING_OFFSETS, postings.offsets),
        POSTING_CHUNKS: write_array(folder / POSTING_CHUNKS, postings.chunks),
        POSTING_COUNTS: write_array(folder / POSTING_COUNTS, postings.counts),
        LENGTHS: write_array(folder / LENGTHS, postings.lengths),
        SEQUENCE: write_array(folder / SEQUENCE, postings.sequence),
    }


def intact_passages(
    index: Path, manifest: Manifest
) -> Iterator[tuple[Document, Chunk, FloatArray]]:
    """Every passage of a generation with its document and vector, though other files may be damaged.

    Raises IndexCorrupt if any file that these come from is not as it was written.
    """
    folder = index / manifest.generation
    for name in (DOCUMENTS, TEXTS, CHUNKS, VECTORS):
        try:
            whole = hash_file(folder / name) == manifest.files[name]
        except (OSError, KeyError):
            whole = False
        if not whole:
            raise IndexCorrupt(f"{folder / name}: altered since it was written", fix=mend(index))
    texts = (folder / TEXTS).read_bytes()
    rows = map_array(folder / CHUNKS, np.int64, (-1, len(CHUNK_COLUMNS)))
    vectors = map_array(folder / VECTORS, np.float32, (-1, manifest.recipe.embedder.dimension))
    for stored in Documents(Lines((folder / DOCUMENTS).read_bytes()), ""):
        document = replace(stored.document, text=texts[slice(*stored.text)].decode())
        for number in range(*stored.chunks):
            yield document, chunk_of(document.doc_id, *rows[number, 1:].tolist()), vectors[number]


def chunk_of(doc_id: str, start: int, end: int, heading_start: int, heading_end: int) -> Chunk:
    """A row of ``chunks.npy`` as a record."""
    heading = None if heading_start < 0 else (heading_start, heading_end)
    return Chunk(f"{doc_id}#{start}-{end}", doc_id, start, end, heading)


def _current(index: Path) -> str | None:
    """Name of the current generation, None where there is none or no telling."""
    try:
        return read_current(index)[0]
    except (IndexNotFound, IndexCorrupt):
        return None
