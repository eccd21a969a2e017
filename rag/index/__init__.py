"""Kept on disk, found again: generations, BM25, FAISS, the embedding cache."""

from rag.index.analyzer import EnglishAnalyzer
from rag.index.cache import EmbeddingCache
from rag.index.check import damages
from rag.index.documents import SourceRecord
from rag.index.generation import Generation, intact_passages, write_generation
from rag.index.lease import drop_unread, held
from rag.index.lexical import LexicalIndex
from rag.index.local import LocalStore, open_store, verify
from rag.index.lock import build_lock
from rag.index.manifest import (
    CURRENT,
    Bm25Parameters,
    CacheRecord,
    CorpusFolder,
    Manifest,
    Recipe,
    generations,
    mend,
    newest_manifest,
    read_manifest,
    rebuild,
)
from rag.index.postings import Postings, build_postings

__all__ = [
    "CURRENT",
    "Bm25Parameters",
    "CacheRecord",
    "CorpusFolder",
    "EmbeddingCache",
    "EnglishAnalyzer",
    "Generation",
    "LexicalIndex",
    "LocalStore",
    "Manifest",
    "Postings",
    "Recipe",
    "SourceRecord",
    "build_lock",
    "build_postings",
    "damages",
    "drop_unread",
    "generations",
    "held",
    "intact_passages",
    "mend",
    "newest_manifest",
    "open_store",
    "read_manifest",
    "rebuild",
    "verify",
    "write_generation",
]
