"""The file names of a generation, and the columns of ``chunks.npy``.

``index/README.md`` specifies the content of each file.
"""

from __future__ import annotations

from typing import Final

from rag.records import Chunk, chunk_id_of

DOCUMENTS: Final = "documents.jsonl"
SKIPPED: Final = "skipped.jsonl"
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

ALWAYS: Final = frozenset(
    (
        DOCUMENTS,
        SKIPPED,
        TEXTS,
        BLOCKS,
        CHUNKS,
        VECTORS,
        TERMS,
        POSTING_OFFSETS,
        POSTING_CHUNKS,
        POSTING_COUNTS,
        LENGTHS,
        SEQUENCE,
    )
)
"""The files of every generation; only some have ``SIGNS``."""

# A row of chunks.npy: document number, offsets of the passage, offsets of its heading (-1 for none).
CHUNK_COLUMNS: Final = ("document", "start", "end", "heading_start", "heading_end")


def chunk_of(doc_id: str, start: int, end: int, heading_start: int, heading_end: int) -> Chunk:
    """The chunk of a row of ``chunks.npy``, without its first column."""
    heading = None if heading_start < 0 else (heading_start, heading_end)
    return Chunk(chunk_id_of(doc_id, start, end), doc_id, start, end, heading)
