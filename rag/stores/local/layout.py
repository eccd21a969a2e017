"""The names of the files of a generation, and what a row of ``chunks.npy`` means.

``index/README.md`` specifies each file's content.
"""

from __future__ import annotations

from typing import Final

from rag.records import Chunk, chunk_id_of

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


def chunk_of(doc_id: str, start: int, end: int, heading_start: int, heading_end: int) -> Chunk:
    """A row of ``chunks.npy`` as a record, but for the number of its document."""
    heading = None if heading_start < 0 else (heading_start, heading_end)
    return Chunk(chunk_id_of(doc_id, start, end), doc_id, start, end, heading)
