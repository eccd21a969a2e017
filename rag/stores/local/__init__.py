"""Kept on disk, found again: generations, BM25, FAISS, the embedding cache."""

from rag.stores.local.cache import EmbeddingCache
from rag.stores.local.check import damages
from rag.stores.local.documents import SourceRecord
from rag.stores.local.generation import Generation, intact_passages, write_generation
from rag.stores.local.lease import drop_unread, held
from rag.stores.local.lexical import LexicalIndex
from rag.stores.local.local import LocalStore, open_store, verify
from rag.stores.local.lock import build_lock
from rag.stores.local.manifest import (
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
from rag.stores.local.postings import Postings, build_postings

__all__ = [
    "CURRENT",
    "Bm25Parameters",
    "CacheRecord",
    "CorpusFolder",
    "EmbeddingCache",
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
