"""file → Document → Chunk: reading articles, marking what is furniture, cutting passages."""

from rag.corpus.chunk import CHUNKER_ID, chunk
from rag.corpus.language import mostly_foreign
from rag.corpus.load import decode, load
from rag.corpus.sidecar import Correction, read_sidecar
from rag.corpus.sources import MAX_FILE_BYTES, Scan, SourceFile, read_source, scan

__all__ = [
    "CHUNKER_ID",
    "MAX_FILE_BYTES",
    "Correction",
    "Scan",
    "SourceFile",
    "chunk",
    "decode",
    "load",
    "mostly_foreign",
    "read_sidecar",
    "read_source",
    "scan",
]
